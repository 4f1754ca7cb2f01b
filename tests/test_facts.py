"""Title, authors, year, DOI, arXiv id and abstract: read where they stand, or not at all."""

from __future__ import annotations

import json
import re
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path

import pymupdf
import pytest

from papercap.documents.facts import read_facts
from papercap.geometry import Box
from papercap.pdf import Pdf
from papercap.records import Facts, Line, Page

SHARED = Path(__file__).parents[2] / "shared"
needs_shared = pytest.mark.skipif(
    not (SHARED / "bench").is_dir(), reason="the bench is not beside the repository"
)

TEXT = "the models that we train on this data are better than what was known before"


def make_line(
    text: str,
    y: float,
    size: float = 10,
    *,
    x: float = 72,
    bold: bool = False,
    lead: str | None = None,
    direction: tuple[float, float] = (1, 0),
) -> Line:
    """A level line at `y`; `lead` is its text up to the first change of size."""
    width = sum(1 if ord(sign) > 0x1100 else 0.5 for sign in text)
    box = Box(x, y, x + width * size, y + size)
    lead = text if lead is None else lead
    return Line(text, box, size, "F", bold, False, 0, direction, 0, lead, size, "F", bold, 0)


def make_page(*lines: Line, number: int = 1) -> Page:
    """The lines and, under them, enough text to show what the body's size is."""
    body = [make_line(TEXT, 500 + 12 * row) for row in range(20)]
    return Page(number, 612, 792, (*lines, *body))


def facts_of(*lines: Line, metadata: dict[str, str] | None = None, xmp: str = "") -> Facts:
    return read_facts([make_page(*lines)], metadata or {}, xmp)


def with_title(*lines: Line) -> Facts:
    return facts_of(make_line("A Study of Figures in Papers", 80, 17, bold=True), *lines)


# -- nothing ------------------------------------------------------------------------------


def test_a_document_without_pages_has_no_facts():
    assert read_facts([], {}, "") == Facts()


def test_a_page_of_text_alone_has_no_facts():
    assert facts_of() == Facts()


# -- title --------------------------------------------------------------------------------


def test_the_largest_text_near_the_top_is_the_title():
    facts = facts_of(
        make_line("Eﬃcient Fine-Tuning of Lan-", 80, 17, bold=True),
        make_line("guage Models", 99, 17, bold=True),
        make_line("Ada Lovelace", 130, 12),
    )
    assert facts.title == "Efficient Fine-Tuning of Language Models"


@pytest.mark.parametrize(
    "banner",
    ["Research Article", "ARTICLES", "International Journal of Neuroscience", "卒業論文", "Survey Paper"],
)
def test_a_banner_larger_than_the_title_is_passed_over(banner: str):
    facts = facts_of(make_line(banner, 30, 24), make_line("How Mice Remember Their Way", 80, 17))
    assert facts.title == "How Mice Remember Their Way"


def test_a_journal_named_with_its_volume_elsewhere_is_no_title():
    facts = facts_of(
        make_line("Geophysical Research Letters", 30, 17),
        make_line("Is the circulation moving upward?", 90, 15),
        make_line("Geophys. Res. Lett., 43, 1772–1779", 470, 8),
    )
    assert facts.title == "Is the circulation moving upward?"


@pytest.mark.parametrize(
    "heading", ["1. Introduction", "II. 딥러닝 이론", "6.4 Modele klasyfikacji", "Introduzione", "서 론"]
)
def test_a_section_heading_is_no_title(heading: str):
    assert facts_of(make_line(heading, 80, 16, bold=True)).title is None


def test_the_mark_of_a_footnote_is_not_part_of_the_title():
    raised = make_line("Figures in human primates1", 80, 17, lead="Figures in human primates")
    assert facts_of(raised).title == "Figures in human primates"
    assert facts_of(make_line("Propositions as Types ∗", 80, 17)).title == "Propositions as Types"


def test_line_numbers_of_a_manuscript_do_not_part_the_title():
    facts = facts_of(
        make_line("Hippocampal transcriptomic", 57, 22),
        make_line("1", 68, 5, x=40),
        make_line("responses to dissociation", 89, 22),
        make_line("2", 100, 5, x=40),
    )
    assert facts.title == "Hippocampal transcriptomic responses to dissociation"


def test_a_smaller_subtitle_after_a_colon_belongs_to_the_title():
    facts = facts_of(make_line("The Art of Explaining:", 80, 17), make_line("Techniques and Duties", 99, 14))
    assert facts.title == "The Art of Explaining: Techniques and Duties"


def test_of_a_title_in_two_languages_the_first_printed_is_taken():
    facts = facts_of(
        make_line("최대 클리크 발견에 관한 알고리즘", 80, 14),
        make_line("A Space Efficient Algorithm", 110, 16, bold=True),
    )
    assert facts.title == "최대 클리크 발견에 관한 알고리즘"


def test_pieces_of_a_title_row_are_read_in_their_order_on_the_page():
    facts = facts_of(
        make_line("재활치료를 위한", 117, 16, x=139),
        make_line("휠체어 시뮬레이션", 117, 16, x=293),
        make_line("VR", 117, 16, x=266),
    )
    assert facts.title == "재활치료를 위한 VR 휠체어 시뮬레이션"


@pytest.mark.parametrize(
    "junk",
    [
        "untitled",
        "Microsoft Word - thesis.docx",
        "main.dvi",
        "Paper template",
        "<B0EDB7C9C0DA>",
        "1068 1082..1085",
    ],
)
def test_a_title_that_a_program_left_in_the_file_is_not_believed(junk: str):
    assert facts_of(metadata={"title": junk}).title is None
    assert (
        facts_of(make_line("How Mice Remember", 80, 17), metadata={"title": junk}).title
        == "How Mice Remember"
    )


def test_the_files_title_gives_capitals_where_the_page_confirms_it():
    facts = facts_of(
        make_line("EFFICIENTLY SCALING INFERENCE", 80, 12, bold=True),
        metadata={"title": "Efficiently Scaling Inference"},
    )
    assert facts.title == "Efficiently Scaling Inference"


def test_a_files_title_that_was_cut_short_is_completed_from_the_page():
    facts = facts_of(
        make_line("Pengaruh Iklim Organisasi", 80, 14, bold=True),
        make_line("terhadap Stres Kerja", 96, 14, bold=True),
        metadata={"title": "Pengaruh Iklim Organisasi"},
    )
    assert facts.title == "Pengaruh Iklim Organisasi terhadap Stres Kerja"


def test_a_files_title_that_the_page_does_not_show_is_not_taken():
    facts = facts_of(
        make_line("How Mice Remember", 80, 17), metadata={"title": "Proceedings of Another Meeting"}
    )
    assert facts.title == "How Mice Remember"


def test_under_a_publishers_cover_the_title_is_what_both_pages_show():
    cover = make_page(
        make_line("Perspectives on Science", 30, 36),
        make_line("The online version of this article can be found at", 60, 9),
        make_line("The Rules of the Game", 200, 12, bold=True),
    )
    inside = make_page(make_line("The Rules of the Game", 80, 20), number=2)
    assert read_facts([cover, inside], {}, "").title == "The Rules of the Game"


def test_a_form_that_names_its_title_is_believed():
    facts = facts_of(
        make_line("UC Berkeley", 50, 16), make_line("Title", 111, 12), make_line("Normality of Data", 127, 11)
    )
    assert facts.title == "Normality of Data"


def test_a_title_that_the_text_repeats_is_no_journal():
    facts = facts_of(
        make_line("Shared Type Database", 70, 24, bold=True),
        make_line("Ada Lovelace", 110, 17, bold=True),
        make_line("This is Shared Type Database 2 as it was told", 470, 10),
    )
    assert facts.title == "Shared Type Database"


# -- authors ------------------------------------------------------------------------------


def test_a_list_of_names_loses_marks_and_affiliations():
    facts = with_title(
        make_line("Ada Lovelace1,2,∗, Charles Babbage†, and Luigi F. Menabrea1", 110, 11),
        make_line("1Department of Engines, University of London", 125, 9),
        make_line("ada@example.org", 140, 9),
    )
    assert facts.authors == ("Ada Lovelace", "Charles Babbage", "Luigi F. Menabrea")


def test_names_parted_by_marks_alone_are_told_apart():
    facts = with_title(
        make_line("Neil Houlsby 1 Andrei Giurgiu 1 * Quentin de Laroussilhe 1", 110, 10, bold=True)
    )
    assert facts.authors == ("Neil Houlsby", "Andrei Giurgiu", "Quentin de Laroussilhe")


def test_names_in_columns_are_those_that_look_like_the_first():
    facts = with_title(
        make_line("Ada Lovelace", 110, 10, x=100, bold=True),
        make_line("Analytical Works", 122, 10, x=100),
        make_line("Charles Babbage", 110, 10, x=300, bold=True),
        make_line("Difference Works", 122, 10, x=300),
    )
    assert facts.authors == ("Ada Lovelace", "Charles Babbage")


def test_affiliations_that_look_like_the_names_between_them_make_the_list_unsure():
    facts = with_title(
        make_line("Ada Lovelace", 110, 11),
        make_line("Bell Laboratories", 124, 11),
        make_line("Charles Babbage", 140, 11),
    )
    assert facts.authors == ()


def test_more_addresses_than_names_make_the_list_unsure():
    facts = with_title(
        make_line("Ada Lovelace", 110, 10, bold=True),
        make_line("ada@example.org", 122, 9),
        make_line("Charles Babbage", 140, 10),
        make_line("charles@example.org", 152, 9),
    )
    assert facts.authors == ()


def test_a_name_broken_at_the_line_end_is_put_together():
    facts = with_title(
        make_line("Fariha Khalid, Shahamat Tauhid, James M.", 110, 11),
        make_line("Stankiewicz & Rohit Bakshi", 124, 11),
    )
    assert facts.authors == ("Fariha Khalid", "Shahamat Tauhid", "James M. Stankiewicz", "Rohit Bakshi")


def test_letters_glued_to_names_go_where_affiliations_begin_with_them():
    facts = with_title(
        make_line("Patrick Lanea,c,*, Alice E. Bestb,c, Lu Zhangb", 110, 13),
        make_line("aSchool of Forests", 130, 8),
        make_line("bDivision of Water", 140, 8),
        make_line("cCentre for Rain", 150, 8),
    )
    assert facts.authors == ("Patrick Lane", "Alice E. Best", "Lu Zhang")


def test_a_letter_that_cannot_be_told_from_the_name_makes_the_list_unsure():
    assert with_title(make_line("Anthony Lingham, Trevor J. RookA,B", 110, 12)).authors == ()


def test_korean_names_are_taken_and_their_romanisation_is_not():
    facts = facts_of(
        make_line("저전력 서버 설계 및 구현", 90, 19),
        make_line("이다영1, 송민석2*", 130, 11),
        make_line("Dayoung Lee, Minseok Song", 150, 11),
    )
    assert facts.authors == ("이다영", "송민석")


def test_korean_words_are_no_names():
    assert facts_of(make_line("저전력 서버 설계 및 구현", 90, 19), make_line("결론", 130, 11)).authors == ()


def test_the_files_list_is_taken_where_the_page_has_its_names():
    xmp = "<dc:creator><rdf:Seq><rdf:li>Lovelace, Ada</rdf:li><rdf:li>Dr Charles Babbage PhD</rdf:li></rdf:Seq></dc:creator>"
    page = make_line("by A. Lovelace & C. Babbage", 110, 11)
    assert facts_of(page, xmp=xmp).authors == ("Ada Lovelace", "Charles Babbage")
    assert facts_of(xmp=xmp).authors == ()


def test_a_login_in_the_file_is_no_author():
    assert facts_of(metadata={"author": "user"}).authors == ()


def test_editors_in_the_margin_are_no_authors():
    facts = facts_of(
        make_line("A Study of Figures in Papers", 80, 20, x=200),
        make_line("Ada Lovelace, Charles Babbage", 110, 11, x=200),
        make_line("Sheraz Khan,", 120, 7, x=60),
    )
    assert facts.authors == ("Ada Lovelace", "Charles Babbage")


# -- year ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "year"),
    [
        ("Soft Computing (2024) 28:1865–1881", 2024),
        ("Aust. J. Chem. 2006, 59, 340–348", 2006),
        ("PHYSICAL REVIEW C 94, 024614 (2016)", 2016),
        ("PROCEEDINGS OF THE IEEE, VOL. 66, NO. 10, OCTOBER 1978", 1978),
        ("Received 1 October 2003; revised 22 December 2004; accepted 3 January 2005", 2005),
        ("Accepted: 16 November 2023 / Published online: 10 January 2024", 2024),
        ("© 2019 The Authors", 2019),
        ("Proceedings of NAACL 2006", 2006),
        ("KDD ’19 Workshop, Anchorage", 2019),
        ("한국차세대컴퓨팅학회 논문지 2019년 8월", 2019),
        ("令和2年2月", 2020),
        ("August 31, 2021", 2021),
    ],
)
def test_a_date_printed_at_the_head_is_the_year(printed: str, year: int):
    assert facts_of(make_line(printed, 40, 8), metadata={"creationDate": "D:20250101"}).year == year


@pytest.mark.parametrize(
    "printed",
    [
        "This content downloaded from 108.67.4.52 on Mon, 25 Sep 2023",
        "ISSN 1975-8359 [Print]",
        "data of the years 2008–2021",
        "MNRAS 000, 000–000 (2015)",
        "https://example.org/2017/03/06/",
        "supported by grant 2019 of the state",
    ],
)
def test_a_date_of_something_else_is_not_the_year(printed: str):
    assert facts_of(make_line(printed, 40, 8)).year is None


def test_a_date_in_the_text_is_not_the_year():
    assert (
        facts_of(make_line("as was shown in August 2012 by the group of the first author", 520, 10)).year
        is None
    )


def test_the_stamp_says_the_year_before_the_page_does():
    stamp = make_line("arXiv:2302.13971v1  [cs.CL]  27 Feb 2023", 260, 20, x=10, direction=(0, -1))
    assert facts_of(stamp, make_line("© 2021 The Authors", 40, 8)).year == 2023


def test_the_files_date_counts_only_where_nothing_else_does():
    assert facts_of(metadata={"creationDate": "D:20060414165500Z"}).year == 2006
    assert facts_of(metadata={"creationDate": "D:20060414", "subject": "Nature 14, 217 (2011)"}).year == 2011


# -- arXiv id and DOI ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "id"),
    [
        ("arXiv:2302.13971v1  [cs.CL]  27 Feb 2023", "2302.13971v1"),
        ("arXiv:astro-ph/0411386v2  15 Nov 2004", "astro-ph/0411386v2"),
        ("arXiv:math.GT/0309136 v1 8 Sep 2003", "math.GT/0309136"),
    ],
)
def test_the_stamp_in_the_margin_is_the_arxiv_id(stamp: str, id: str):  # noqa: A002
    assert facts_of(make_line(stamp, 260, 20, x=10, direction=(0, -1))).arxiv == id


def test_the_label_of_a_journal_gives_the_arxiv_id():
    assert facts_of(make_line("ArXiv ePrint: 0807.3577", 690, 10)).arxiv == "0807.3577"


@pytest.mark.parametrize("cited", ["as in arXiv:1605.06409v3, 2023.", "arXiv:1605.06409v3, 2023."])
def test_an_arxiv_id_that_is_cited_is_not_taken(cited: str):
    assert facts_of(make_line(cited, 690, 9)).arxiv is None


@pytest.mark.parametrize(
    ("lines", "doi"),
    [
        (["https://doi.org/10.1007/s00500-023-09486-x."], "10.1007/s00500-023-09486-x"),
        (["DOI: 10.1038/NGEO3013"], "10.1038/ngeo3013"),
        (["doi:10.1016/S2213-2600(14)70195-X)"], "10.1016/s2213-2600(14)70195-x"),
        (
            ["Comput Biol 22(7): e1014521. https://doi.", "org/10.1371/journal.pcbi.1014521"],
            "10.1371/journal.pcbi.1014521",
        ),
        (["2023, 30, 3079. https://doi.org/", "10.3390/curroncol30030233"], "10.3390/curroncol30030233"),
        (["doi:10.1136/bmjopen-2016-", "012335"], "10.1136/bmjopen-2016-012335"),
    ],
)
def test_a_doi_on_the_first_page_is_tidied_and_joined(lines: list[str], doi: str):
    assert facts_of(*(make_line(text, 300 + 12 * row, 7) for row, text in enumerate(lines))).doi == doi


def test_of_two_dois_on_the_page_none_is_taken_unless_one_is_at_the_edge():
    one, other = "doi:10.1000/one", "doi:10.1000/other"
    assert facts_of(make_line(one, 300, 7), make_line(other, 320, 7)).doi is None
    assert facts_of(make_line(one, 760, 7), make_line(other, 320, 7)).doi == "10.1000/one"


def test_the_files_doi_goes_before_the_pages():
    xmp = "<prism:doi>10.1038/nn.2727</prism:doi><dc:identifier>doi:10.1038/nn.2727</dc:identifier>"
    assert facts_of(make_line("doi:10.1000/data", 300, 7), xmp=xmp).doi == "10.1038/nn.2727"
    assert facts_of(xmp='<rdf:Description prism:doi="10.1038/nn.2727"/>').doi == "10.1038/nn.2727"


def test_what_stands_under_references_is_of_other_papers():
    page = make_page(
        make_line("References", 200, 12, bold=True), make_line("doi:10.1000/cited", 760, 7), number=2
    )
    assert read_facts([make_page(), page], {}, "").doi is None


def test_broken_xmp_is_read_without_delay():
    assert facts_of(xmp="<dc:title>" * 20_000 + "<rdf:li" * 10_000 + "<" * 50_000) == Facts()


# -- abstract -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["Abstract", "ABSTRACT", "a b s t r a c t", "요 약", "국문초록", "Résumé", "摘 要", "Özet"]
)
def test_the_abstract_stands_between_its_heading_and_the_introduction(heading: str):
    facts = facts_of(
        make_line(heading, 200, 12, bold=True),
        make_line("We show that all the figures which an effec-", 220),
        make_line("tive reader wants to see are found in the paper itself.", 232),
        make_line("1. Introduction", 260, 12, bold=True),
    )
    assert facts.abstract == (
        "We show that all the figures which an effective reader wants to see are found in the paper itself."
    )


def test_an_abstract_may_begin_on_the_line_of_its_heading():
    facts = facts_of(
        make_line(
            "Abstract—Stereo matching is the art of finding the same point of the world", 200, 9, bold=True
        ),
        make_line("in two pictures that were taken side by side at one time.", 210, 9, bold=True),
        make_line("Index Terms—stereo", 225, 9),
    )
    assert facts.abstract is not None
    assert facts.abstract.startswith("Stereo matching is")
    assert facts.abstract.endswith("at one time.")


def test_a_sentence_that_begins_with_summary_is_no_heading():
    assert facts_of(make_line("Summary of the methods that are used in this study", 200)).abstract is None


def test_an_abstract_is_cut_after_a_word():
    lines = [make_line("word " * 20, 100 + 10 * row) for row in range(40)]
    abstract = facts_of(make_line("Abstract", 85, 12), *lines).abstract
    assert abstract is not None
    assert len(abstract) <= 3002
    assert abstract.endswith("word …")


# -- whole documents ----------------------------------------------------------------------


def test_a_pdf_is_read_from_end_to_end(tmp_path: Path):
    document = pymupdf.open()
    page = document.new_page(width=612, height=792)
    page.insert_text((120, 100), "A Study of Figures in Papers", fontsize=18, fontname="hebo")
    page.insert_text((150, 130), "Ada Lovelace and Charles Babbage", fontsize=11)
    page.insert_text((280, 170), "Abstract", fontsize=12, fontname="hebo")
    for row in range(3):
        page.insert_text((100, 190 + 12 * row), TEXT + ("." if row == 2 else ""), fontsize=10)
    page.insert_text((72, 240), "1 Introduction", fontsize=12, fontname="hebo")
    for row in range(20):
        page.insert_text((72, 260 + 12 * row), TEXT, fontsize=10)
    page.insert_text((30, 500), "arXiv:2302.13971v1  [cs.CL]  27 Feb 2023", fontsize=16, rotate=90)
    page.insert_text((72, 770), "doi:10.1000/XYZ.1", fontsize=8)
    document.set_metadata({"title": "untitled", "author": "user"})
    path = tmp_path / "paper.pdf"
    document.save(path)
    with Pdf(path) as pdf:
        facts = read_facts([pdf.page(1)], pdf.metadata, pdf.xmp())
    assert facts == Facts(
        title="A Study of Figures in Papers",
        authors=("Ada Lovelace", "Charles Babbage"),
        year=2023,
        doi="10.1000/xyz.1",
        arxiv="2302.13971v1",
        abstract=f"{TEXT} {TEXT} {TEXT}.",
    )


@needs_shared
def test_titles_and_years_of_the_bench_are_right():
    titles: list[bool | None] = []
    years: list[bool | None] = []
    for folder in (SHARED / "bench" / "dev", SHARED / "bench" / "more"):
        for row in map(json.loads, (folder / "MANIFEST.jsonl").read_text().splitlines()):
            facts = _facts_of_file(folder / "pdfs" / row["pdf"])
            titles.append(None if facts.title is None else _same_title(facts.title, row["title"]))
            years.append(None if facts.year is None else facts.year == row["year"])
    assert titles.count(True) >= 0.87 * len(titles)
    # Some are right and only told otherwise: the list has a translation, or no subtitle.
    assert titles.count(False) <= 0.08 * len(titles)
    assert years.count(True) >= 0.88 * len(years)
    assert years.count(False) <= 0.09 * len(years)


def _facts_of_file(path: Path) -> Facts:
    with Pdf(path) as pdf:
        pages = [pdf.page(number) for number in range(1, min(2, pdf.page_count) + 1)]
        return read_facts(pages, pdf.metadata, pdf.xmp())


def _same_title(read: str, listed: str) -> bool:
    """Whether they agree on nine of ten letters; the list adds a translation or remark in brackets."""
    meant = [listed, re.sub(r"\s*\([^()]*\)$", "", listed)]
    return any(
        SequenceMatcher(None, _letters(read), _letters(m), autojunk=False).ratio() >= 0.9 for m in meant
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
