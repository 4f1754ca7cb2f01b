"""arXiv ids in every form → PDF, metadata and licence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

from papercap.errors import Network, NotFound, Refused
from papercap.fetch.sniff import HTML, PDF
from papercap.records import Facts
from papercap.sources import Document

if TYPE_CHECKING:
    from papercap.fetch.cache import Answer
    from papercap.fetch.client import Client

DAY = 86_400.0  # seconds for which arXiv asks to keep metadata
HOSTS = re.compile(
    r"(?:(?:www|export|browse)\.)?arxiv\.org|(?:www\.)?ar5iv\.(?:labs\.arxiv\.)?org|alphaxiv\.org", re.I
)
_ARCHIVES = """acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas
cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th
patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con"""  # of ids before 2007: math.GT/0309136
_OLD = rf"(?:{'|'.join(_ARCHIVES.split())})(?:\.[a-z-]{{2,}})?/\d{{7}}"
_ID = re.compile(rf"(\d{{4}}\.\d{{4,5}}|{_OLD})(v\d+)?", re.I)
_PAGE = re.compile(r"/(?:abs|pdf|html|format|ps|e-print|src)/(.+?)(?:\.pdf)?/?$")
_PREFIX = re.compile(r"(?:arxiv:\s*|(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.)", re.I)
_ATOM = {"a": "http://www.w3.org/2005/Atom", "arxiv": "http://arxiv.org/schemas/atom"}
_OAI = {"x": "http://arxiv.org/OAI/arXiv/"}


class ArxivFetcher:
    """`1706.03762`, `arXiv:1706.03762v5`, its pages and its DOI."""

    form = "an arXiv id, address or DOI"
    example = "arXiv:1706.03762v7"
    rank = 0

    def read(self, text: str) -> str | None:
        """`1706.03762v7` or `astro-ph/0411386`, with the version if one was named."""
        text = text.strip()
        if text.lower().startswith(("http://", "https://")) and not _PREFIX.match(text):
            parts = urlsplit(text)
            page = _PAGE.match(unquote(parts.path))
            if page is None or not HOSTS.fullmatch(parts.hostname or ""):
                return None
            text = page[1]
        found = _ID.fullmatch(_PREFIX.sub("", text, count=1))
        if found is None:
            return None
        work = re.sub(r"\.[a-z-]+/", "/", found[1].lower())  # math.GT/… and math/… are one
        return work + (found[2] or "").lower()

    def fetch(self, client: Client, name: str) -> Document:
        """The PDF, with what arXiv's export API says of the paper, and its licence."""
        notes: tuple[str, ...] = ()
        try:
            facts = _facts(client, name)
            licence = _licence(client, name)
        except Network as error:
            facts, licence, notes = Facts(arxiv=name), None, (f"without arXiv's metadata ({error})",)
        answer = client.get(f"https://arxiv.org/pdf/{facts.arxiv or name}")
        if answer.kind != PDF:
            raise Refused(
                f"arXiv:{name}: arXiv has no PDF of it now; try again later, or add its source by hand"
            )
        file = f"{(facts.arxiv or name).replace('/', '-')}.pdf"
        return Document(
            Path(answer.path),
            file,
            url=answer.url,
            facts=facts,
            licence=licence,
            notes=(*answer.warnings, *notes),
        )


def fetch_html(client: Client, name: str) -> Document:
    """A paper as a web page, which arXiv has of most since 2023; Refused or NotFound if it has none."""
    answer = client.get(f"https://arxiv.org/html/{name}")
    if answer.kind != HTML:
        raise Refused(f"arXiv:{name}: arXiv has no HTML of it")
    return Document(Path(answer.path), f"{name.replace('/', '-')}.html", kind=HTML, url=answer.url)


def _facts(client: Client, name: str) -> Facts:
    """What the export API says; NotFound if it knows no such paper."""
    feed = _xml(client.get(f"https://export.arxiv.org/api/query?id_list={quote(name)}", fresh_for=DAY))
    entry = feed.find("a:entry", _ATOM)
    said = _text(entry, "a:id") if entry is not None else None
    if entry is None or said is None:
        return Facts(arxiv=name)  # an empty feed can be false: the PDF will tell
    found = _PAGE.search(urlsplit(said).path)
    if found is None:  # its form of an error
        raise NotFound(
            f"arXiv:{name}: arXiv knows no such paper ({_text(entry, 'a:summary') or 'no reason given'})"
        )
    published = _text(entry, "a:published") or ""
    authors = (_text(author, "a:name") for author in entry.iterfind("a:author", _ATOM))
    return Facts(
        title=_text(entry, "a:title"),
        authors=tuple(filter(None, authors)),
        year=int(published[:4]) if published[:4].isdigit() else None,
        doi=_text(entry, "arxiv:doi"),
        arxiv=found[1],
        abstract=_text(entry, "a:summary"),
    )


def _licence(client: Client, name: str) -> str | None:
    """The address of its licence, which only arXiv's OAI door tells."""
    work = re.sub(r"v\d+$", "", name)
    url = "https://oaipmh.arxiv.org/oai?verb=GetRecord&metadataPrefix=arXiv&identifier=oai:arXiv.org:"
    licence = _xml(client.get(url + quote(work), fresh_for=DAY)).find(".//x:license", _OAI)
    return (licence.text or "").strip() or None if licence is not None else None


def _xml(answer: Answer) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(Path(answer.path).read_bytes())  # noqa: S314 - expat stops bombs since 2.4.1
    except ElementTree.ParseError as error:
        raise Network(f"{answer.url}: answers with something that is not XML ({error})") from None


def _text(element: ElementTree.Element, path: str) -> str | None:
    """One line of text below an element."""
    found = element.find(path, _ATOM)
    return " ".join((found.text or "").split()) or None if found is not None else None


FETCHER = ArxivFetcher()
