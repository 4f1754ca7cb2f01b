"""Tables that go on over a page break are followed; what only looks like it is not."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pymupdf
import pytest
from factories import make_figure

from papercap import Archive, api
from papercap.detect import FurtherInk, find_figures
from papercap.detect.continued import follow_breaks, join_captioned
from papercap.detect.ink import INK_DPI
from papercap.detect.layout import Layout, Sheet, read_layout
from papercap.geometry import Box, iou
from papercap.jobs import capture
from papercap.merge import without_loose_ends
from papercap.names import figure_ids, ids_before
from papercap.pdf import Pdf
from papercap.records import Caption, Found, Job, Line, Page, Spot

LEFT, RIGHT, TOP, FOOT = 72.0, 540.0, 90.0, 700.0  # of the text on a page, points
ROW = 20.0  # height of a table's row
COLUMNS = (72.0, 200.0, 330.0, 540.0)  # where the rules of a grid stand
PROSE = "the model was trained on a corpus of public text and then tuned with instructions of people"


class Drawn:
    """A page of lines and rules."""

    def __init__(self, number: int, size: float = 10.0) -> None:
        self.number, self.size = number, size
        self.lines: list[Line] = []
        self.mask = np.zeros((792, 612), bool)

    def write(self, text: str, x0: float, y0: float, x1: float, size: float | None = None) -> None:
        size = size or self.size
        box = Box(x0, y0, x1, y0 + size)
        look = {
            "size": size,
            "font": "Times",
            "bold": False,
            "italic": False,
            "color": 0,
            "direction": (1.0, 0.0),
            "block": 0,
        }
        lead = {"lead": text, "lead_size": size, "lead_font": "Times", "lead_bold": False, "lead_color": 0}
        self.lines.append(Line(text=text, box=box, **look, **lead))  # type: ignore[arg-type]
        self.mask[int(y0) : int(y0 + size), int(x0) : int(x1) : 3] = True  # no run as long as a rule

    def prose(self, top: float, bottom: float = FOOT, left: float = LEFT, right: float = RIGHT) -> Drawn:
        for y in np.arange(top, bottom - 9, 14.0):
            self.write(f"{PROSE} {y}", left, y, right)
        return self

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.mask[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1] = True

    def cells(self, top: float, bottom: float, columns: tuple[float, ...]) -> Box:
        for y in np.arange(top, bottom - ROW + 1, ROW):
            for at, left in enumerate(columns[:-1]):
                self.write(f"cell {at}", left + 8, y + 5, left + 48)
        return Box(columns[0], top, columns[-1] + 1, bottom + 1)

    def grid(self, top: float, bottom: float, columns: tuple[float, ...] = COLUMNS) -> Drawn:
        for x in columns:
            self.rule(x, top, x, bottom)
        for y in np.arange(top, bottom + 1, ROW):
            self.rule(columns[0], y, columns[-1], y)
        self.box = self.cells(top, bottom, columns)
        return self

    def three_rules(
        self, top: float, bottom: float, head: bool, columns: tuple[float, ...] = COLUMNS
    ) -> Drawn:
        for y in (top, top + ROW, bottom) if head else (bottom,):
            self.rule(columns[0], y, columns[-1], y)
        self.box = self.cells(top, bottom, columns)
        return self

    @property
    def page(self) -> Page:
        return Page(self.number, 612, 792, tuple(self.lines))


def table(page: int, box: Box, label: str = "Table 1", above: bool = True, text: str | None = None) -> Found:
    caption = Box(LEFT, box.y0 - 18, 300, box.y0 - 8) if above else Box(LEFT, box.y1 + 8, 300, box.y1 + 18)
    said = Caption(
        kind="table", label=label, page=page, box=caption, text=text or f"{label}: x", probability=0.9
    )
    return Found(caption=said, page=page, box=box, confidence=0.9, method="test")


def follow(
    drawn: list[Drawn], *found: Found, lone: dict[int, list[Box]] | None = None
) -> tuple[tuple[Found, ...], list[int]]:
    """What is found with its parts, and the pages whose ink was asked for."""
    layout: Layout = read_layout([one.page for one in drawn])
    further = FurtherInk(layout, lambda number: drawn[number - 1].mask)
    asked: list[int] = []

    def ink_of(sheet: Sheet):
        asked.append(sheet.number)
        return further(sheet)

    return follow_breaks(layout, found, lone or {}, ink_of), asked


def parts_of(drawn: list[Drawn], *found: Found, **more) -> list[Found]:
    return [one for one in follow(drawn, *found, **more)[0] if one.caption.box is None]


def first_page(**look) -> Drawn:
    return Drawn(1).prose(TOP, 480).grid(520, 700, **look)


def test_a_grid_that_goes_on_at_the_top_of_the_next_page_is_a_part():
    first, second = first_page(), Drawn(2).grid(90, 190).prose(220)
    (head, part), _ = follow([first, second], table(1, first.box))
    assert iou(part.box, second.box) > 0.97
    assert (part.page, part.caption.label, part.caption.text, part.caption.box) == (2, "Table 1", "", None)
    assert part.continues == Spot(1, head.box)
    assert part.confidence == head.confidence
    assert "cell 2" in part.text
    assert "model" not in part.text


def test_rows_without_rules_between_them_go_on_as_far_as_the_last_rule():
    first = Drawn(1).prose(TOP, 480).three_rules(520, 700, head=True)
    second = Drawn(2).three_rules(90, 190, head=False).prose(220)
    (part,) = parts_of([first, second], table(1, first.box))
    assert part.box.y0 == pytest.approx(95, abs=2)
    assert part.box.y1 == pytest.approx(191, abs=2)


def test_a_page_that_is_all_table_goes_on_to_the_page_after():
    drawn = [first_page(), Drawn(2).grid(90, 690), Drawn(3).grid(90, 690), Drawn(4).grid(90, 150).prose(200)]
    parts = parts_of(drawn, table(1, drawn[0].box))
    assert [part.page for part in parts] == [2, 3, 4]
    assert [part.continues.page for part in parts if part.continues] == [1, 2, 3]


def test_foot_notes_and_the_page_number_may_stand_between():
    first = Drawn(1).prose(TOP, 480).grid(520, 640)
    for y in (670, 680, 690):
        first.write("1) a note that says where something in the text is from", LEFT, y, 400, size=8)
    first.write("12", 300, 740, 312)
    second = Drawn(2).grid(90, 190).prose(220)
    assert parts_of([first, second], table(1, first.box))


def test_a_table_goes_on_from_the_right_column_to_the_left_one_of_the_next_page():
    left, right = (72.0, 150.0, 290.0), (320.0, 398.0, 538.0)
    first = Drawn(1).prose(TOP, right=290).prose(TOP, 480, left=320, right=540).grid(520, 700, right)
    second = Drawn(2).grid(90, 190, left).prose(220, right=290).prose(TOP, left=320, right=540)
    (part,) = parts_of([first, second], table(1, first.box))
    assert iou(part.box, second.box) > 0.97


def test_a_table_goes_on_in_the_next_column_of_its_page():
    left, right = (72.0, 150.0, 290.0), (320.0, 398.0, 538.0)
    page = Drawn(1).prose(TOP, 480, right=290).grid(520, 700, left)
    body = page.box
    page.grid(90, 190, right).prose(220, left=320, right=540)
    (part,) = parts_of([page], table(1, body))
    assert iou(part.box, page.box) > 0.97


def test_a_caption_below_the_last_part_names_the_first():
    first, second = first_page(), Drawn(2).grid(90, 190).prose(240)
    (part, last), _ = follow([first, second], table(2, second.box, above=False))
    assert iou(part.box, first.box) > 0.97
    assert part.continues is None
    assert last.continues == Spot(1, part.box)


# -- what is no part


def test_a_table_with_a_caption_of_its_own_is_none():
    first, second = first_page(), Drawn(2).grid(120, 190).prose(220)
    found = (table(1, first.box), table(2, second.box, label="Table 2"))
    assert parts_of([first, second], *found) == []


def test_a_table_below_what_may_be_its_caption_is_none():
    first, second = first_page(), Drawn(2)
    second.write("Table 2: a caption that got no body", LEFT, 92, 300)
    second.grid(110, 190).prose(220)
    assert parts_of([first, second], table(1, first.box), lone={2: [Box(LEFT, 92, 300, 102)]}) == []


def test_a_line_above_the_first_rule_makes_it_another_table_even_if_it_is_not_worded_as_a_caption():
    first, second = first_page(), Drawn(2)
    second.write("Scores of other models", LEFT, 92, 300)
    second.grid(110, 690)
    assert parts_of([first, second], table(1, first.box)) == []


def test_a_table_below_a_figure_is_no_part_of_it():
    first, second = Drawn(1).prose(TOP, 480), Drawn(2).grid(120, 190).prose(220)
    first.rule(LEFT, 500, RIGHT, 501)
    first.rule(LEFT, 500, LEFT + 1, 680)
    figure = table(1, Box(LEFT, 500, 541, 681), "Figure 1", above=False)
    figure = msgspec.structs.replace(figure, caption=msgspec.structs.replace(figure.caption, kind="figure"))
    assert parts_of([first, second], figure, table(2, second.box, "Table 1")) == []


def test_a_page_that_begins_with_text_is_not_even_drawn():
    first, second = first_page(), Drawn(2).prose(TOP)
    found, asked = follow([first, second], table(1, first.box))
    assert len(found) == 1
    assert asked == []


def test_a_table_after_a_paragraph_is_none():
    first, second = first_page(), Drawn(2).prose(TOP, 200).grid(220, 300).prose(320)
    assert parts_of([first, second], table(1, first.box)) == []


def test_a_table_that_ends_above_text_does_not_go_on():
    first = Drawn(1).prose(TOP, 380).grid(400, 600).prose(620)
    assert parts_of([first, Drawn(2).grid(90, 190).prose(220)], table(1, first.box)) == []


def test_a_table_with_its_caption_below_does_not_go_on():
    first = Drawn(1).prose(TOP, 480).grid(500, 680)
    second = Drawn(2).grid(90, 190).prose(220)
    assert parts_of([first, second], table(1, first.box, above=False)) == []


@pytest.mark.parametrize(
    "columns",
    [(72.0, 200.0, 330.0, 500.0), (72.0, 120.0, 280.0, 540.0), (72.0, 540.0)],
    ids=["narrower", "other columns", "no columns"],
)
def test_another_grid_is_none(columns):
    first, second = first_page(), Drawn(2).grid(90, 190, columns).prose(220)
    assert parts_of([first, second], table(1, first.box)) == []


def test_a_frame_around_text_is_none():
    first = Drawn(1).prose(TOP, 480).three_rules(520, 700, head=True)
    second = Drawn(2)
    second.rule(LEFT, 85, RIGHT, 85)
    second.prose(90, 300)
    second.rule(LEFT, 310, RIGHT, 310)
    assert parts_of([first, second], table(1, first.box)) == []


def test_the_last_page_and_a_page_that_was_not_read_end_a_table():
    first = first_page()
    assert parts_of([first], table(1, first.box)) == []


# -- parts with a caption of their own


@pytest.mark.parametrize(
    "text",
    ["Table 1 (continued)", "Table 1. Cont.", "Table 1 – Continued from previous page", "Lanjutan Tabel 1",
     "표 1. 실험 결과 (계속)", "表 1 続き", "Tabelle 1 (Fortsetzung)", "Таблица 1 (продолжение)", "Tableau 1 (suite)",
     "Tabla 1 (continuación)", "Table 1: the same"],
)  # fmt: skip
def test_a_caption_that_says_so_continues_the_part_before(text):
    box = Box(72, 100, 500, 200)
    first = table(1, box, text="Table 1: the same")
    other, second = table(1, Box(72, 300, 500, 400), "Table 2"), table(2, box, text=text)
    assert [one.continues for one in join_captioned([first, other, second])] == [None, None, Spot(1, box)]


@pytest.mark.parametrize(
    ("label", "text", "page"),
    [
        ("Table 2", "Table 2 (continued)", 2),
        ("Table 1", "Table 1: another one, of the next chapter", 2),
        ("Table 1", "Table 1 (continued)", 9),
        (
            "Table 1",
            "Table 1: what comes of models by tuning and of continued pretraining on texts of law",
            2,
        ),
    ],
)
def test_other_captions_continue_nothing(label, text, page):
    box = Box(72, 100, 500, 200)
    first, second = table(1, box), table(page, box, label, text=text)
    assert [one.continues for one in join_captioned([first, second])] == [None, None]


# -- ids and records


def test_parts_take_no_id_of_another_table():
    box = Box(72, 100, 500, 200)
    part = msgspec.structs.replace(table(2, box), continues=Spot(1, box))
    found = [table(1, box), part, table(3, box, "Table 1.2")]
    ids = figure_ids(found, [], [])
    assert ids == ["table-1", "table-1-3", "table-1-2"]
    assert ids_before(found, ids, []) == {"table-1-3": "table-1"}


def test_a_part_continues_what_a_person_drew_in_place_of_the_one_before():
    by_hand = msgspec.structs.replace(make_figure("table-7", kind="table"), by="hand")
    part = msgspec.structs.replace(table(2, Box(72, 90, 500, 200)), continues=Spot(1, by_hand.box))
    assert ids_before([part], ["table-1"], [by_hand]) == {"table-1": "table-7"}
    assert ids_before([part], ["table-1"], []) == {}


def test_no_figure_continues_one_that_is_gone():
    part = msgspec.structs.replace(make_figure("table-1-2"), continues="table-1")
    assert without_loose_ends([part])[0].continues is None
    assert without_loose_ends([make_figure("table-1"), part])[1].continues == "table-1"


# -- a whole paper


def write_grid(page: pymupdf.Page, top: float, rows: int, first: int) -> pymupdf.Rect:
    xs = (72, 220, 380, 540)
    for row in range(rows + 1):
        page.draw_line((xs[0], top + 20 * row), (xs[-1], top + 20 * row), width=0.7)
    for x in xs:
        page.draw_line((x, top), (x, top + 20 * rows), width=0.7)
    for row in range(rows):
        words = (
            ("Model", "Size", "Score")
            if first + row == 0
            else (f"LM-{first + row}", f"{7 * row}B", f"5{row}.1")
        )
        for x, word in zip(xs, words, strict=False):
            page.insert_text((x + 8, top + 20 * row + 14), word, fontname="tiro", fontsize=9)
    return pymupdf.Rect(xs[0], top, xs[-1], top + 20 * rows)


def write_lines(page: pymupdf.Page, top: float, bottom: float) -> None:
    for at in range(int((bottom - top) / 13)):
        page.insert_text((72, top + 10 + 13 * at), PROSE, fontname="tiro", fontsize=11)


@pytest.fixture(scope="module")
def paper(tmp_path_factory) -> Path:
    """Three pages; the table under the text of the first fills the second and ends on the third."""
    path = tmp_path_factory.mktemp("continued") / "long-table.pdf"
    doc = pymupdf.open()
    for number in range(1, 6):
        page = doc.new_page(width=612, height=792)
        page.insert_text((300, 760), str(number), fontname="tiro", fontsize=10)
        if number == 1:
            write_lines(page, 72, 440)
            page.insert_text((72, 472), "Table 1: Scores of the tuned models.", fontname="tiro", fontsize=10)
            write_grid(page, 482, 11, 0)
        elif number == 2:
            write_grid(page, 72, 31, 11)
        elif number == 3:
            box = write_grid(page, 72, 6, 42)
            write_lines(page, box.y1 + 20, 715)
        else:
            write_lines(page, 72, 715)
    doc.save(path, no_new_id=True)
    doc.close()
    return path


def test_a_long_table_is_captured_in_three_joined_parts(paper, tmp_path):
    with Archive.create(tmp_path / "library") as archive:
        report = api.capture(paper, archive)
        assert [row.id.rpartition("/")[2] for row in report.figures] == ["table-1", "table-1-2", "table-1-3"]
        assert [row.page for row in report.figures] == [1, 2, 3]
        first, second, third = report.figures
        assert [row.continues for row in report.figures] == [None, first.id, second.id]
        assert [row.caption for row in report.figures] == ["Table 1: Scores of the tuned models.", None, None]
        assert iou(third.box, Box(72, 72, 540, 192)) > 0.95
        folder = tmp_path / "library" / "archive" / report.paper
        record = json.loads((folder / "record.json").read_text("utf-8"))
        again = api.capture(paper, archive, again=True)
        assert [row.id for row in again.figures] == [first.id, second.id, third.id]
    figures = {figure["id"]: figure for figure in record["figures"]}
    assert figures["table-1-3"]["continues"] == "table-1-2"
    assert figures["table-1-3"]["caption"] is None
    assert figures["table-1-3"]["caption_box"] is None
    assert (folder / "table-1-3.png").exists()


def test_pages_of_text_alone_are_not_drawn_for_it(paper):
    asked = []

    def ink(number):
        asked.append(number)
        return pdf.ink(number, INK_DPI)

    with Pdf(paper) as pdf:
        pages = [pdf.page(number) for number in range(1, pdf.page_count + 1)]
        found, _ = find_figures([page for page in pages if page.number in (1, 4, 5)], ink)
        assert [one.page for one in found] == [1]


def test_of_some_pages_only_their_parts_are_found(paper, tmp_path):
    job = Job(name=paper.name, path=str(paper).encode(), out=str(tmp_path).encode(), pages="1-2")
    figures = capture(job, lambda *_: None).figures
    assert [(figure.id, figure.continues) for figure in figures] == [
        ("table-1", None),
        ("table-1-2", "table-1"),
    ]
