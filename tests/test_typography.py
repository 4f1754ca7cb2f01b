"""What type says: parts of a document in other fonts, programs, notes, captions that run around."""

import numpy as np
import pytest
from test_detect import make_line, make_page

from papercap.detect import bind_legends, read_all_ink
from papercap.detect.captions import describe_starts, find_starts
from papercap.detect.extent import Reach, core_of, find_reaches
from papercap.detect.layout import is_monospaced, read_layout
from papercap.detect.lines import describe_lines
from papercap.detect.notes import BEGINS, GOES_ON, find_notes, is_note
from papercap.detect.regions import gather_atoms, propose_regions
from papercap.geometry import Box, union

SENTENCE = "Nothing in this line is longer than it has to be to count as running text"


def full_page(number, font, size, lines=24):
    return make_page(
        *[
            make_line(SENTENCE, (72, 60 + 14 * at, 500, 70 + 14 * at), font=font, size=size)
            for at in range(lines)
        ],
        number=number,
    )


# -- parts of a document ------------------------------------------------------------------


def test_an_article_before_a_long_supplement_keeps_a_style_of_its_own():
    pages = [full_page(n, "Minion-Regular", 9.0) for n in (1, 2, 3)]
    pages += [full_page(n, "Times-Roman", 11.0) for n in range(4, 12)]
    layout = read_layout(pages)
    assert layout.style.size == 11
    assert {layout.style_of(sheet).size for sheet in layout.sheets[:3]} == {9}
    assert {layout.style_of(sheet).size for sheet in layout.sheets[3:]} == {11}


def test_references_in_small_type_are_no_other_part():
    pages = [full_page(n, "Minion-Regular", 10.0) for n in range(1, 8)]
    pages += [full_page(n, "Minion-Regular", 7.5) for n in (8, 9, 10)]
    assert not read_layout(pages).others


def test_pages_full_of_programs_are_no_other_part():
    pages = [full_page(n, "Times-Roman", 10.0) for n in range(1, 8)]
    pages += [full_page(n, "LMMono10-Regular", 8.0) for n in (8, 9, 10)]
    assert not read_layout(pages).others


def test_programs_do_not_make_their_font_one_of_the_running_text():
    prose = [full_page(n, "Times-Roman", 10.0) for n in (1, 2, 3)]
    programs = full_page(4, "LMMono10-Regular", 10.0)
    assert read_layout([*prose, programs]).style.fonts == {"Times-Roman"}


def test_a_typewritten_paper_has_its_one_font():
    assert read_layout([full_page(n, "Courier", 12.0) for n in (1, 2)]).style.fonts == {"Courier"}


@pytest.mark.parametrize("font", ["CMTT10", "LMMono10-Regular", "Courier-Bold", "Consolas", "SFTT1000"])
def test_fonts_of_programs_are_known_by_name(font):
    assert is_monospaced(font)


@pytest.mark.parametrize("font", ["Times-Roman", "CMR10", "Helvetica", "MinionPro-Regular"])
def test_fonts_of_prose_are_not(font):
    assert not is_monospaced(font)


# -- notes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Note. Bars show errors",
        "Notes: n = 12",
        "출처: 통계청",
        "주) 단위",
        "注:数据",
        "Источник: авторы",
        "* p < 0.05",
    ],
)
def test_notes_are_known_by_their_wording(text):
    assert is_note(text)


@pytest.mark.parametrize(
    "text", ["", "Noted by all", "주요 결과는 다음과 같다", "The source of it", "Keyboards"]
)
def test_other_lines_are_no_notes(text):
    assert not is_note(text)


def test_a_note_goes_on_line_by_line_until_the_next_paragraph():
    page = make_page(
        make_line("12.5   13.7", (72, 300, 290, 310)),
        make_line("Note. Individual points are shown", (72, 330, 290, 340), size=8.0),
        make_line("for each condition of it", (72, 342, 240, 352), size=8.0),
        make_line(SENTENCE, (72, 380, 290, 390)),
    )
    (sheet,) = read_layout([page]).sheets
    assert find_notes(sheet).tolist() == [0, BEGINS, GOES_ON, 0]


def test_the_line_model_is_told_of_notes_and_programs():
    page = make_page(
        make_line("Figure 1: a plot", (72, 300, 290, 310)),
        make_line("Note. Points are shown", (72, 330, 290, 340)),
        make_line("print(x)", (72, 380, 290, 390), font="CMTT10"),
    )
    layout = read_layout([page])
    (sheet,) = layout.sheets

    starts = find_starts(layout)
    ink = read_all_ink(layout, starts, lambda _: np.zeros((792, 612), bool))[1]
    table = describe_lines(sheet, ink, layout.style, starts[1])
    assert table["note"].tolist() == [0, BEGINS, 0]
    assert table["monospaced"].tolist() == [0, 0, 1]


# -- captions -----------------------------------------------------------------------------

NARROW = [(40, 100 + 10 * at, 118, 108 + 10 * at) for at in range(8)]
WIDE = [(40, 180, 380, 188), (40, 190, 300, 198)]


def around():
    words = [
        "Fig. 3. Step by",
        *["step and so on"] * 7,
        "it runs on below its figure, line by line",
        "to its end",
    ]
    page = make_page(*[make_line(word, box) for word, box in zip(words, NARROW + WIDE, strict=True)])
    return read_layout([page])


def test_a_caption_that_runs_around_its_figure_has_a_core_beside_it():
    (sheet,) = around().sheets
    assert core_of(sheet, range(10)) == union(Box(*box) for box in NARROW)


def test_a_caption_under_its_figure_is_all_core():
    page = make_page(
        *[make_line("Fig. 3. A caption", (40, 100 + 10 * n, 300, 108 + 10 * n)) for n in range(6)]
    )
    (sheet,) = read_layout([page]).sheets
    assert core_of(sheet, range(6)) == Box(40, 100, 300, 158)


def test_the_figure_in_the_bend_of_its_caption_is_among_the_regions():
    layout = around()
    (sheet,) = layout.sheets
    body = Box(140, 100, 380, 170)
    mask = np.zeros((792, 612), bool)
    mask[100:170, 140:380] = True

    starts = find_starts(layout)
    ink = read_all_ink(layout, starts, lambda _: mask)[1]
    lines = tuple(range(10))
    box = union(line.box for line in sheet.lines)
    reach = Reach(starts[1][0], 1.0, lines, box, core_of(sheet, lines), "")
    atoms = gather_atoms(sheet, ink, layout.style, np.zeros(10), [reach])
    regions = propose_regions(reach, sheet, layout.style, atoms, np.array([body], float))
    assert any(np.allclose(region, body, atol=2) for region in regions)


def starts_of(*texts):
    page = make_page(
        *[make_line(text, (72, 100 + 40 * n, 400, 110 + 40 * n)) for n, text in enumerate(texts)]
    )
    layout = read_layout([page])
    starts = find_starts(layout)

    ink = read_all_ink(layout, starts, lambda _: np.zeros((792, 612), bool))[1]
    lines = {1: describe_lines(layout.sheets[0], ink, layout.style, starts[1])}
    return describe_starts(layout, starts, lines, {1: np.zeros(len(texts))})


def test_a_bracket_that_closes_what_was_never_opened_speaks_for_a_mention():
    table = starts_of("(그림 3) 구조", "Fig. 4) A caption", "Figure 5: plain")
    assert table["unopened"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("text", ["Fig. 3). Experiments were", "Figs. 4-9) show", "Table 2), and"])
def test_a_sentence_that_goes_on_behind_such_a_bracket_begins_no_caption(text):
    page = make_page(make_line(text, (72, 100, 400, 110)))
    assert find_starts(read_layout([page])) == {}


def test_a_word_for_several_figures_is_told():
    assert starts_of("Figs. 4-9 show", "Fig. 4 shows").get("several").tolist() == [1, 0]


def reach_of(layout, number, text):
    (start,) = find_starts(layout)[number]
    box = layout.sheets[number - 1].lines[start.line].box
    return Reach(start, 1.0, (start.line,), box, box, text)


def test_a_lone_label_takes_the_legend_of_its_own_kind_of_thing_alone():
    layout = read_layout(
        [
            make_page(make_line("Photo 1", (72, 100, 120, 110)), number=1),
            make_page(make_line("Figure 1. A legend of many words", (72, 100, 400, 110)), number=2),
            make_page(make_line("Fig. 1", (72, 100, 120, 110)), number=3),
        ]
    )
    photo, legend, label = (
        reach_of(layout, n, text) for n, text in ((1, "Photo 1"), (2, "Figure 1."), (3, "Fig. 1"))
    )
    assert bind_legends(layout, [photo, legend]) == [photo, legend]
    (bound,) = bind_legends(layout, [legend, label])
    assert bound.start == label.start
    assert bound.legend is not None


def test_lone_labels_side_by_side_take_the_titles_under_them_alone():
    words = [("Figure 9.", 327), ("Figure 10.", 404), ("Figure 11.", 482)]
    titles = [("indep", 327), ("corr", 404), ("anti", 482)]
    page = make_page(
        *[make_line(text, (x, 178, x + 40, 188)) for text, x in words],
        *[make_line(text, (x, 190, x + 25, 200)) for text, x in titles],
    )
    layout = read_layout([page])
    starts = find_starts(layout)[1]
    ink = read_all_ink(layout, {1: starts}, lambda _: np.zeros((792, 612), bool))
    reaches = find_reaches(
        layout,
        starts,
        [1.0] * 3,
        {1: np.zeros(6)},
        ink,
        lambda table, _: np.ones(len(table["size_to_body"]), bool),
    )
    assert [reach.text for reach in reaches] == ["Figure 9. indep", "Figure 10. corr", "Figure 11. anti"]


def test_a_body_is_proposed_without_the_rule_that_parts_it_from_its_caption():
    page = make_page(make_line("Figure 1. A proof", (120, 200, 260, 210)))
    layout = read_layout([page])
    (sheet,) = layout.sheets
    mask = np.zeros((792, 612), bool)
    mask[190, 60:320] = True
    mask[100:120, 100:150] = mask[150:170, 200:250] = True
    starts = find_starts(layout)
    ink = read_all_ink(layout, starts, lambda _: mask)[1]
    box = sheet.lines[0].box
    reach = Reach(starts[1][0], 1.0, (0,), box, box, "")
    atoms = gather_atoms(sheet, ink, layout.style, np.zeros(1), [reach])
    regions = propose_regions(reach, sheet, layout.style, atoms, np.zeros((0, 4)))
    assert any(np.allclose(region, (100, 100, 250, 170)) for region in regions)
