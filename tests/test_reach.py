"""How far captions reach: lone labels, second languages, second columns, legends on pages of their own."""

import numpy as np
import pytest

from papercap.detect.captions import Start, find_starts
from papercap.detect.extent import Reach, find_reaches
from papercap.detect.ink import Ink
from papercap.detect.layout import Layout, read_layout
from papercap.detect.legends import bind_legends
from papercap.geometry import Box
from papercap.records import Line, Page


def line(text: str, x0: float, y0: float, x1: float, font: str = "Times", size: float = 10) -> Line:
    return Line(
        text=text,
        box=Box(x0, y0, x1, y0 + size),
        size=size,
        font=font,
        bold=False,
        italic=False,
        color=0,
        direction=(1.0, 0.0),
        block=0,
        lead=text,
        lead_size=size,
        lead_font=font,
        lead_bold=False,
        lead_color=0,
    )


def layout_of(*pages: list[Line]) -> Layout:
    return read_layout([Page(at, 612, 792, tuple(lines)) for at, lines in enumerate(pages, start=1)])


def reaches_of(layout: Layout, answer: bool) -> list[Reach]:
    """All starts, each followed as if the model said the same of every line but those far off in the row."""
    starts = [start for page in find_starts(layout).values() for start in page]
    inside = {sheet.number: np.zeros(len(sheet.lines)) for sheet in layout.sheets}
    ink = {
        sheet.number: Ink(np.zeros((396, 306), np.uint8), np.zeros((0, 4)), sheet.box)
        for sheet in layout.sheets
    }

    def decide(table: dict[str, np.ndarray], _steps: list[tuple[Start, int]]) -> np.ndarray:
        near = (table["same_row"] == 0) | (table["row_gap"] < 10)
        return (answer & near) | (table["second_language"] > 0)

    return find_reaches(layout, starts, [1.0] * len(starts), inside, ink, decide)


def test_a_caption_takes_its_second_language_though_that_starts_further_left() -> None:
    layout = layout_of(
        [line("图1", 256, 700, 272), line("比特币生态圈", 280, 700, 357), line("Fig. 1", 235, 714, 257)]
    )
    first = next(reach for reach in reaches_of(layout, answer=True) if reach.text.startswith("图1"))
    assert first.text == "图1 比特币生态圈 Fig. 1"


LEFT_HALF = (40.0, 290.0)
RIGHT_HALF = (302.0, 552.0)


def two_columns(last: str, font: str = "Times") -> Layout:
    left = [
        line("Fig. 3 | Criteria to choose between games and classical experiments", LEFT_HALF[0], 288, 289),
        line("in a study of psychology, as the survey of all the work on them has", LEFT_HALF[0], 300, 290),
        line(last, LEFT_HALF[0], 312, 289),
    ]
    right = [line("asks what the question is", RIGHT_HALF[0], y, 550, font=font) for y in (288, 300, 312)]
    return layout_of(left + right)


def test_a_caption_goes_on_in_a_second_column_level_with_its_first() -> None:
    (reach,) = reaches_of(two_columns("shown so far, a decision of two steps first"), answer=True)
    assert reach.text.endswith("asks what the question is")
    assert reach.box.x1 == 550


@pytest.mark.parametrize(
    ("last", "font"),
    [
        ("shown so far, a decision of two steps is made.", "Times"),  # the sentence ends
        ("shown so far, a decision of two steps first", "Helvetica"),  # another font
    ],
)
def test_text_beside_a_caption_is_not_taken(last: str, font: str) -> None:
    (reach,) = reaches_of(two_columns(last, font), answer=True)
    assert reach.box.x1 <= LEFT_HALF[1]


def manuscript() -> Layout:
    legends = [
        line("Figure 1: Chemical structures of the parent compound (left), and of its", 72, 100, 540),
        line("selective analogue (right).", 72, 124, 200),
        line("Figure 2: Dose and effect in males and in females, compared to the vehicle", 72, 196, 540),
        line("(upper and lower panels). See text for details.", 72, 220, 400),
    ]
    return layout_of(legends, [line("Fig. 1", 80, 80, 110)], [line("Fig. 2", 80, 80, 110)])


def test_lone_labels_take_the_legends_from_their_own_page() -> None:
    layout = manuscript()
    bound = bind_legends(layout, reaches_of(layout, answer=False))
    assert [reach.start.page for reach in bound] == [2, 3]
    assert all(reach.legend is not None for reach in bound)
    texts = [reach.legend.text for reach in bound if reach.legend]
    assert texts[0].endswith("and of its selective analogue (right).")
    assert texts[1].endswith("See text for details.")


def test_a_label_with_a_title_of_its_own_keeps_it() -> None:
    layout = layout_of(
        [line("Figure 1: The structures of the parent compound and of its analogue", 72, 100, 540)],
        [line("Figure 1: The structures once more, now in the appendix, all in one", 72, 100, 540)],
    )
    reaches = reaches_of(layout, answer=False)
    assert bind_legends(layout, reaches) == reaches
