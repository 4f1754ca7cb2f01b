"""Ids in every form, and what the services behind them answer, as they document it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from webserver import answer

import papercap.fetch
from papercap import pipeline
from papercap.archive import Archive, Extras
from papercap.errors import Network, NotFound, Refused
from papercap.pipeline.batch import Watcher
from papercap.sources import arxiv, doi
from papercap.sources.resolve import fetchers, resolve

pytestmark = pytest.mark.usefixtures("no_waiting")
PDF = b"%PDF-1.7\n%%EOF\n"

ARXIV = [
    ("1706.03762", "1706.03762"),
    ("1706.03762v5", "1706.03762v5"),
    ("arXiv:1706.03762", "1706.03762"),
    ("ARXIV: 1706.03762V5", "1706.03762v5"),
    ("https://arxiv.org/abs/1706.03762", "1706.03762"),
    ("http://www.arxiv.org/abs/1706.03762v5?context=cs.CL", "1706.03762v5"),
    ("https://arxiv.org/pdf/1706.03762", "1706.03762"),
    ("https://arxiv.org/pdf/1706.03762v5.pdf", "1706.03762v5"),
    ("https://arxiv.org/pdf/1706.03762.pdf#page=3", "1706.03762"),
    ("https://arxiv.org/html/1706.03762v7", "1706.03762v7"),
    ("https://export.arxiv.org/abs/1706.03762", "1706.03762"),
    ("https://ar5iv.labs.arxiv.org/html/1706.03762", "1706.03762"),
    ("https://ar5iv.org/abs/1706.03762", "1706.03762"),
    ("10.48550/arXiv.1706.03762", "1706.03762"),
    ("doi:10.48550/arxiv.1706.03762", "1706.03762"),
    ("https://doi.org/10.48550/arXiv.1706.03762", "1706.03762"),
    ("astro-ph/0411386", "astro-ph/0411386"),
    ("astro-ph/0411386v2", "astro-ph/0411386v2"),
    ("math.GT/0309136", "math/0309136"),
    ("https://arxiv.org/abs/astro-ph/0411386v2", "astro-ph/0411386v2"),
    ("https://arxiv.org/pdf/hep-th/9711200.pdf", "hep-th/9711200"),
]
DOI = [
    ("10.1038/nature14539", "10.1038/nature14539"),
    ("doi:10.1038/Nature14539", "10.1038/nature14539"),
    ("DOI: 10.1038/nature14539.", "10.1038/nature14539"),
    ("https://doi.org/10.1038/nature14539", "10.1038/nature14539"),
    ("http://dx.doi.org/10.1038/nature14539,", "10.1038/nature14539"),
    ("https://doi.org/10.1002%2F%28sici%291099", "10.1002/(sici)1099"),
    ("10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O",
     "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"),
    ("10.1016/S0140-6736(20)30183-5)", "10.1016/s0140-6736(20)30183-5"),
    ("10.1000.10/123;", "10.1000.10/123"),
]  # fmt: skip
OTHERS = [
    ("https://openreview.net/forum?id=rJXMpikCZ", "OpenReviewFetcher", "rJXMpikCZ"),
    ("https://openreview.net/pdf?id=rJXMpikCZ&name=x", "OpenReviewFetcher", "rJXMpikCZ"),
    ("https://aclanthology.org/2020.acl-main.1/", "AclFetcher", "2020.acl-main.1"),
    ("https://aclanthology.org/P18-1001.pdf", "AclFetcher", "P18-1001"),
    ("https://www.aclweb.org/anthology/P18-1001", "AclFetcher", "P18-1001"),
    ("doi:10.18653/v1/2020.acl-main.1", "AclFetcher", "2020.acl-main.1"),
    ("https://openreview.net/group?id=ICLR.cc", "WebFetcher", "https://openreview.net/group?id=ICLR.cc"),
    ("https://aclanthology.org/venues/acl/", "WebFetcher", "https://aclanthology.org/venues/acl/"),
]
NEITHER = [
    "figure.pdf",
    "10.1038",
    "1706.3762.pdf",
    "2302.139711",
    "papers/0411386",
    "llama",
    "v5",
    "",
    "10.1/x",
]


@pytest.mark.parametrize(("typed", "name"), ARXIV)
def test_row_43_every_form_of_an_arxiv_id_has_one_name(typed, name):
    found = resolve(typed)
    assert (found.fetcher, found.name) == (arxiv.FETCHER, name)


@pytest.mark.parametrize(("typed", "name"), DOI)
def test_row_44_every_form_of_a_doi_has_one_name(typed, name):
    found = resolve(typed)
    assert (found.fetcher, found.name) == (doi.FETCHER, name)


@pytest.mark.parametrize(("typed", "fetcher", "name"), OTHERS)
def test_papers_of_the_proceedings_are_known_by_their_addresses(typed, fetcher, name):
    found = resolve(typed)
    assert (type(found.fetcher).__name__, found.name) == (fetcher, name)


@pytest.mark.parametrize(
    ("typed", "path"), [(OTHERS[0][0], "/pdf?id=rJXMpikCZ"), (OTHERS[3][0], "/P18-1001.pdf")]
)
def test_papers_of_the_proceedings_are_fetched_as_pdf(secure, client, typed, path):
    secure.page(path, PDF)
    found = resolve(typed)
    assert found.fetch(client).path.read_bytes() == PDF
    secure.page(path, b"<html>log in")
    with pytest.raises(Refused, match="web page"):
        found.fetch(client)


@pytest.mark.parametrize("typed", NEITHER)
def test_what_is_no_id_is_none(typed):
    assert resolve(typed) is None


@pytest.mark.parametrize("fetcher", fetchers(), ids=lambda fetcher: type(fetcher).__name__)
def test_each_fetcher_reads_its_own_example_and_is_in_the_docs(fetcher):
    assert resolve(fetcher.example).fetcher is fetcher
    docs = (Path(__file__).parents[2] / "docs" / "fetching.md").read_text()
    assert f"| {fetcher.form} | `{fetcher.example}` |" in docs


# -- arXiv

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title>{entry}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/1706.03762v7</id><updated>2023-08-02T00:41:18Z</updated>
<published>2017-06-12T17:57:34Z</published><title>Counting
  Goats</title><summary>  We count goats. </summary><author><name>Ada Merrow</name></author>
<author><name>Jo Tindall</name></author>
<arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.1000/goats</arxiv:doi></entry>"""
ERROR = """<entry><id>http://arxiv.org/api/errors#incorrect_id_format_for_1</id><title>Error</title>
<summary>incorrect id format for 1</summary></entry>"""
OAI = """<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><metadata>
<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>1706.03762</id>
<license>http://creativecommons.org/licenses/by/4.0/</license></arXiv></metadata></record></GetRecord></OAI-PMH>"""
API, OAI_PATH = (
    "/api/query?id_list=1706.03762",
    ("/oai?verb=GetRecord&metadataPrefix=arXiv&identifier=oai:arXiv.org:1706.03762"),
)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("papercap.fetch.clock.ARXIV_SECONDS", 0.01)


@pytest.mark.usefixtures("quick")
def test_an_arxiv_paper_comes_with_its_version_metadata_and_licence(secure, client):
    secure.page(API, FEED.format(entry=ENTRY).encode())
    secure.page(OAI_PATH, OAI.encode())
    secure.page("/pdf/1706.03762v7", PDF)
    got = arxiv.FETCHER.fetch(client, "1706.03762")
    assert (got.facts.title, got.facts.authors) == ("Counting Goats", ("Ada Merrow", "Jo Tindall"))
    assert (got.facts.year, got.facts.doi, got.facts.arxiv) == (2017, "10.1000/goats", "1706.03762v7")
    assert got.facts.abstract == "We count goats."
    assert got.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert (got.name, got.notes) == ("1706.03762v7.pdf", ())
    assert [asked.headers["host"] for asked in secure.asked] == [
        "export.arxiv.org",
        "oaipmh.arxiv.org",
        "arxiv.org",
    ]


@pytest.mark.usefixtures("quick")
def test_a_paper_is_had_though_its_metadata_is_not(secure, client):
    secure.page("/pdf/1706.03762", PDF)
    for path in (API, OAI_PATH):
        secure.page(path, b"", 503)
    got = arxiv.FETCHER.fetch(client, "1706.03762")
    assert got.facts.arxiv == "1706.03762"
    assert "without arXiv's metadata" in got.notes[0]
    secure.page(API, b"<feed")
    assert "not XML" in arxiv.FETCHER.fetch(client, "1706.03762").notes[0]
    secure.page(API, FEED.format(entry="").encode())  # an empty feed can be false
    secure.page(OAI_PATH, OAI.encode())
    assert arxiv.FETCHER.fetch(client, "1706.03762").facts.arxiv == "1706.03762"


@pytest.mark.usefixtures("quick")
def test_an_arxiv_id_that_there_is_not_is_not_found(secure, client):
    secure.page(API, FEED.format(entry=ERROR).encode())
    with pytest.raises(NotFound, match="incorrect id format"):
        arxiv.FETCHER.fetch(client, "1706.03762")
    secure.page("/api/query?id_list=1706.00000", FEED.format(entry="").encode())
    secure.page(OAI_PATH.replace("03762", "00000"), OAI.encode())
    with pytest.raises(NotFound, match="not there"):
        arxiv.FETCHER.fetch(client, "1706.00000")
    secure.page("/pdf/1706.00000", b"<html>being generated")
    with pytest.raises(Refused, match="no PDF of it now"):
        arxiv.FETCHER.fetch(client, "1706.00000")


def test_a_bomb_of_entities_does_not_unfold(secure, client, quick):
    bomb = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    secure.page(API, f"{bomb}]><feed>&j;</feed>".encode())
    secure.page(OAI_PATH, OAI.encode())
    secure.page("/pdf/1706.03762", PDF)
    assert "not XML" in arxiv.FETCHER.fetch(client, "1706.03762").notes[0]


def test_what_a_service_says_is_kept_over_the_documents_own_words_and_under_a_persons(
    secure, make_client, paper, tmp_path, monkeypatch, quick
):
    secure.page(API, FEED.format(entry=ENTRY).encode())
    secure.page(OAI_PATH, OAI.encode())
    secure.page("/pdf/1706.03762v7", paper.read_bytes())
    monkeypatch.setattr(papercap.fetch, "open_client", lambda *_, **__: make_client())
    root = tmp_path / "root"
    with Archive.create(root) as archive:
        (report,) = pipeline.add(lambda: archive, ["arXiv:1706.03762"], pipeline.Request(), 1, Watcher())
        assert report.paper.startswith("merrow-2017-counting-")
        record = archive.record(report.paper)
        assert (record.title.value, record.title.by) == ("Counting Goats", "service")
        assert record.source.licence == "http://creativecommons.org/licenses/by/4.0/"
        assert record.source.url == "https://arxiv.org/pdf/1706.03762v7"
        own = pipeline.Request(extras=Extras(title="Goats, Counted"))
        pipeline.add(lambda: archive, ["1706.03762"], own, 1, Watcher())
        pipeline.add(lambda: archive, ["1706.03762"], pipeline.Request(again=True), 1, Watcher())
        pipeline.add(lambda: archive, [str(paper)], pipeline.Request(again=True), 1, Watcher())
        again = archive.record(report.paper)
        assert (again.title.value, again.title.by) == ("Goats, Counted", "hand")
        assert (again.arxiv.value, again.arxiv.by) == ("1706.03762v7", "service")
        assert len(archive.papers()) == 1


# -- DOIs

CSL = {
    "type": "article-journal", "title": "Counting <i>Goats</i>", "DOI": "10.1000/Goats",
    "author": [{"given": "Ada", "family": "Merrow"}, {"literal": "The Goat Group"}, {"family": "Sato"}],
    "issued": {"date-parts": [[2015, 5, 28]]}, "abstract": "<jats:p>We count.</jats:p>",
    "license": [{"URL": "https://www.example.org/licence", "start": {"date-parts": [[2015]]}}],
}  # fmt: skip
UNPAYWALL = "/v2/10.1000/goats?email=me%40example.org"
SCHOLAR = "/graph/v1/paper/DOI:10.1000/goats?fields=openAccessPdf"


def registry(landing):
    def page(conn, asked):
        csl = "citationstyles" in asked.headers["accept"]
        answer(conn, json.dumps(CSL).encode() if csl else landing)

    return page


def test_a_doi_comes_with_the_publishers_metadata_and_a_pdf_that_unpaywall_knows(secure, make_client):
    client = make_client()
    client.contact = "me@example.org"
    secure.pages["/10.1000/goats"] = registry(b"<html>")
    location = {"best_oa_location": {"url_for_pdf": "https://example.org/oa.pdf"}}
    secure.page(UNPAYWALL, json.dumps(location).encode())
    secure.page("/oa.pdf", PDF)
    got = doi.FETCHER.fetch(client, "10.1000/goats")
    assert (got.facts.title, got.facts.year) == ("Counting Goats", 2015)
    assert got.facts.authors == ("Ada Merrow", "The Goat Group", "Sato")
    assert (got.facts.abstract, got.licence) == ("We count.", "https://www.example.org/licence")
    assert (got.url, got.name) == ("https://example.org/oa.pdf", "10.1000-goats.pdf")


def test_without_a_contact_semantic_scholar_is_asked_and_then_the_publisher(secure, client):
    landing = b'<html><meta name="citation_pdf_url" content="https://example.org/own.pdf">'
    secure.pages["/10.1000/goats"] = registry(landing)
    secure.page(SCHOLAR, json.dumps({"openAccessPdf": {"url": "https://example.org/gone.pdf"}}).encode())
    secure.page("/own.pdf", PDF)
    got = doi.FETCHER.fetch(client, "10.1000/goats")
    assert got.url == "https://example.org/own.pdf"
    assert not any(asked.path.startswith("/v2/") for asked in secure.asked)
    assert any(asked.path == "/gone.pdf" for asked in secure.asked)


def test_a_doi_without_a_free_pdf_says_where_it_was_looked_for(secure, client):
    secure.pages["/10.1000/goats"] = registry(b"<html>log in")
    secure.page(SCHOLAR, json.dumps({"openAccessPdf": None}).encode())
    with pytest.raises(Refused, match=r"Semantic Scholar: knows no PDF; the publisher: .*names no PDF"):
        doi.FETCHER.fetch(client, "10.1000/goats")


def test_a_doi_that_there_is_not_is_not_found(client):
    with pytest.raises(NotFound, match="no such DOI"):
        doi.FETCHER.fetch(client, "10.1000/none")


@pytest.mark.parametrize("said", [b"[]", b"nonsense", b'{"title": 5, "author": "x", "issued": [], "license": {}}',
                                  b'{"title": ["A"], "issued": {"date-parts": [[null]]}, "author": [{"family": 3}]}'])  # fmt: skip
def test_odd_metadata_costs_no_document(secure, client, said):
    def page(conn, asked):
        answer(conn, said if "citationstyles" in asked.headers["accept"] else PDF)

    secure.pages["/10.1000/goats"] = page
    got = doi.FETCHER.fetch(client, "10.1000/goats")
    assert Path(got.path).read_bytes() == PDF
    assert got.facts.doi == "10.1000/goats"


def test_offline_an_id_that_was_never_fetched_is_a_matter_of_the_network(make_client):
    with pytest.raises(Network, match="leave out --offline"):
        arxiv.FETCHER.fetch(make_client(offline=True), "1706.03762")
