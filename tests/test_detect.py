from pathlib import Path

import numpy as np
import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from papercap.detect import INK_DPI, find_figures, join_languages, trace_figures
from papercap.detect.captions import Start, find_starts
from papercap.detect.choose import choose_bodies
from papercap.detect.confidence import rate_choices
from papercap.detect.extent import Reach
from papercap.detect.ink import CELL, RULE, _straight_runs, connect, find_marks, shrink
from papercap.detect.layout import Sheet, read_layout
from papercap.detect.rank import Contest
from papercap.detect.table import columns
from papercap.detect.trees import Trees, load_all, read_models, write_models
from papercap.geometry import Box, iou
from papercap.pdf import Pdf
from papercap.records import Found, Line, Missed, Page
from papercap.wording import read_wording


def make_line(text: str, box: tuple[float, float, float, float], **look: object) -> Line:
    size = 10.0
    values = {
        "size": size,
        "font": "Times",
        "bold": False,
        "italic": False,
        "color": 0,
        "direction": (1.0, 0.0),
    }
    values |= {
        "block": 0,
        "lead": text,
        "lead_size": size,
        "lead_font": "Times",
        "lead_bold": False,
        "lead_color": 0,
    }
    return Line(text=text, box=Box(*box), **(values | look))  # type: ignore[arg-type]


def make_page(*lines: Line, number: int = 1, width: float = 612, height: float = 792) -> Page:
    return Page(number, width, height, lines)


def blank(_number: int) -> np.ndarray:
    return np.zeros((792, 612), bool)


# -- layout -------------------------------------------------------------------------------


def test_pieces_of_a_row_become_one_line() -> None:
    page = make_page(
        make_line("Table", (72, 100, 100, 110)),
        make_line("1", (118, 100, 123, 110)),
        make_line("apart", (300, 100, 340, 110)),
    )
    (sheet,) = read_layout([page]).sheets
    assert [line.text for line in sheet.lines] == ["Table 1", "apart"]


def test_captions_side_by_side_stay_two_lines() -> None:
    page = make_page(
        make_line("Fig. 1 Left", (72, 100, 140, 110)), make_line("Fig. 2 Right", (145, 100, 210, 110))
    )
    assert len(read_layout([page]).sheets[0].lines) == 2


def test_a_line_printed_twice_for_boldness_counts_once() -> None:
    page = make_page(*[make_line("Bold title", (72 + d, 100, 140 + d, 110)) for d in (0, 0.2)])
    assert len(read_layout([page]).sheets[0].lines) == 1


@pytest.mark.parametrize("direction", [(0.0, -1.0), (0.0, 1.0)])
def test_a_sideways_page_is_turned_upright_and_boxes_come_back(direction: tuple[float, float]) -> None:
    box = (100.0, 200.0, 112.0, 500.0)
    page = make_page(make_line("Table 1: a table set sideways on its page", box, direction=direction))
    (sheet,) = read_layout([page]).sheets
    assert (sheet.width, sheet.height) == (792, 612)
    turned = sheet.lines[0].box
    assert turned.width == pytest.approx(300)
    assert sheet.level.all()
    assert sheet.to_page(turned) == pytest.approx(box)
    assert sheet.from_page(box) == pytest.approx(turned)
    mask = np.zeros((792, 612), bool)
    mask[200:500, 100:112] = True
    assert np.array_equal(np.argwhere(sheet.turn_mask(mask)).min(axis=0), [turned.y0, turned.x0])


def test_lines_with_senseless_boxes_are_left_out() -> None:
    bad = [(float("nan"), 0, 1, 1), (1e9, 0, 2e9, 1), (-50, 0, -20, 10), (0, float("-inf"), 10, 10)]
    page = make_page(*[make_line("Figure 1: x", box) for box in bad])
    assert read_layout([page]).sheets[0].lines == ()


# -- ink ----------------------------------------------------------------------------------

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 24), st.integers(1, 24)), elements=st.booleans())


def brute_force_marks(drawing: np.ndarray) -> set[tuple[int, ...]]:
    """Flood fill over cells, also at corners; the bounds of each part shrunk to what they hold."""
    left = {(int(y) // CELL, int(x) // CELL) for y, x in np.argwhere(drawing)}
    boxes = set()
    while left:
        stack, part = [left.pop()], []
        while stack:
            y, x = stack.pop()
            part.append((y, x))
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            stack += near
        ys, xs = zip(*part, strict=True)
        bounds = np.array([[min(xs), min(ys), max(xs) + 1, max(ys) + 1]], float) * CELL
        boxes.add(tuple(map(int, shrink(bounds, drawing)[0])))
    return boxes


@settings(deadline=None)
@given(MASKS)
def test_marks_are_the_connected_parts(drawing: np.ndarray) -> None:
    assert {tuple(map(int, box)) for box in find_marks(drawing)} == brute_force_marks(drawing)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_connected_nodes_get_the_least_node_as_their_number(edges: list[tuple[int, int]]) -> None:
    expected = list(range(31))
    for _ in range(31):
        for a, b in edges:
            expected[a] = expected[b] = min(expected[a], expected[b])
    a, b = np.array(edges, np.intp).reshape(-1, 2).T
    assert connect(31, a, b).tolist() == expected


@given(
    arrays.arrays(
        bool, st.tuples(st.integers(1, 40), st.integers(1, 80)), elements=st.booleans(), fill=st.just(True)
    )
)
def test_straight_runs_are_those_of_a_rules_length(mask: np.ndarray) -> None:
    for axis in (0, 1):
        expected = np.zeros_like(mask)
        rows, kept = (mask.T, expected.T) if axis == 0 else (mask, expected)
        for row, out in zip(rows, kept, strict=True):
            for start in range(len(row) - RULE + 1):
                if row[start : start + RULE].all():
                    out[start : start + RULE] = True
        assert np.array_equal(_straight_runs(mask, axis), expected)


def test_a_box_is_shrunk_to_its_ink() -> None:
    mask = np.zeros((50, 60), bool)
    mask[10:20, 30:41] = True
    boxes = np.array([[0.0, 0, 60, 50], [0, 0, 5, 5]])
    assert shrink(boxes, mask).tolist() == [[30, 10, 41, 20], [0, 0, 5, 5]]


# -- trees --------------------------------------------------------------------------------


def small_tree() -> Trees:
    """x <= 1 ? 1 : (y <= 0 ? 2 : 4), and x <= 2 ? 0 : 8."""
    return Trees(
        names=("x", "y"),
        tree=np.array([0, 0, 1], np.uint16),
        feature=np.array([0, 1, 0], np.uint16),
        threshold=np.array([1, 0, 2], np.float32),
        keep=np.array([~0b1 & 0xFFFFFFFF, ~0b10 & 0xFFFFFFFF, ~0b1 & 0xFFFFFFFF], np.uint32),
        leaves=np.array([[1, 2, 4], [0, 8, 0]], np.float32),
    )


def test_trees_add_up_the_leaves_that_a_row_falls_into() -> None:
    table = columns(4, x=[1, 1.5, 1.5, 3], y=[5, 0, 1, 1])
    assert small_tree().raw(table).tolist() == [1, 2, 4, 12]


def test_trees_come_back_from_a_file(tmp_path: Path) -> None:
    with (tmp_path / "models.npz").open("wb") as file:
        write_models(file, {"one": small_tree()})
    with (tmp_path / "models.npz").open("rb") as file:
        back = read_models(file)["one"]
    table = columns(2, x=[0, 3], y=[0, 0])
    assert back.names == ("x", "y")
    assert back.raw(table).tolist() == small_tree().raw(table).tolist()


def test_trees_agree_with_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    bench = Path(__file__).resolve().parents[1] / "bench"
    if not (bench / "train.py").exists():
        pytest.skip("no bench/ beside the tests")
    monkeypatch.syspath_prepend(str(bench))
    from train import to_trees

    random = np.random.default_rng(3)
    rows = random.normal(size=(3000, 6)).round(2).astype(np.float32)
    answers = (rows[:, 0] * rows[:, 1] + rows[:, 2] > 0).astype(float)
    data = lightgbm.Dataset(rows[:2000], answers[:2000])
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 31, "verbose": -1, "num_threads": 1}, data, 40
    )
    trees = to_trees(booster, tuple("abcdef"))
    table = columns(len(rows), **{name: rows[:, at] for at, name in enumerate("abcdef")})
    assert np.abs(trees.probability(table) - booster.predict(rows)).max() < 1e-6


def test_the_shipped_models_are_small() -> None:
    assert set(load_all()) == {"lines", "starts", "lines_again", "extent", "regions", "rivals"}
    models = Path(__file__).resolve().parents[1] / "src/papercap/detect/models/detect.npz"
    assert models.stat().st_size < 1_500_000


# -- captions in two languages ------------------------------------------------------------


def join(*lines: Line) -> list[float]:
    """The probabilities of starts after the first was taken for a mention, the second for a caption."""
    layout = read_layout([make_page(*lines)])
    return join_languages(layout.sheets[0], find_starts(layout)[1], np.array([0.1, 0.9]))


def test_a_caption_in_two_languages_starts_with_the_first_of_them() -> None:
    upper = make_line("Fig.8 Performance by variance", (72, 100, 300, 110))
    lower = make_line("图8 不同方差下的性能", (90, 114, 280, 124))
    assert join(upper, lower) == [0.9, 0.9]


def test_a_mention_far_above_a_caption_or_of_another_figure_stays_one() -> None:
    lower = make_line("图8 不同方差下的性能", (90, 314, 280, 324))
    assert join(make_line("Fig.8 shows that", (72, 100, 300, 110)), lower) == [0.1, 0.9]
    assert join(make_line("Fig.7 shows that", (72, 300, 300, 310)), lower) == [0.1, 0.9]


# -- the joint choice ---------------------------------------------------------------------


def contest(page: int, *boxes: tuple[float, float, float, float]) -> Contest:
    said = read_wording("Figure 1: x")
    assert said is not None
    reach = Reach(Start(page, 0, said), 1.0, (0,), Box(0, 0, 1, 1), Box(0, 0, 1, 1), "Figure 1: x")
    return Contest(reach, np.array(boxes, float), {"side": np.zeros(len(boxes), np.float32)})


def test_two_captions_do_not_get_one_body() -> None:
    upper, lower = (0, 0, 100, 100), (0, 200, 100, 300)
    contests = [contest(1, upper, lower), contest(1, upper, lower)]
    scores = [np.array([0.9, 0.1]), np.array([0.8, 0.7])]
    assert choose_bodies(contests, scores) == [0, 1]


def test_a_caption_leaves_a_part_of_its_region_to_a_neighbour_that_has_nothing_else() -> None:
    table, picture, both = (0, 0, 100, 40), (0, 60, 100, 160), (0, 0, 100, 160)
    contests = [contest(1, both, table), contest(1, picture)]
    assert choose_bodies(contests, [np.array([0.9, 0.5]), np.array([0.3])]) == [1, 0]
    assert choose_bodies(contests, [np.array([0.9, 0.1]), np.array([0.1])]) == [0, None]


def test_a_caption_without_a_good_region_gets_none() -> None:
    assert choose_bodies([contest(1, (0, 0, 9, 9))], [np.array([0.01])]) == [None]


# -- end to end ---------------------------------------------------------------------------

LOREM = (
    "The quick brown fox jumps over the lazy dog while seven wizards examine the results of the experiment "
    "in great detail, and the committee notes that every measurement agrees with the theory to within a few "
    "parts in a thousand, which nobody had expected before the instrument was repaired last winter. "
)
PLOT = Box(80, 90, 280, 230)
TABLE = Box(330, 402, 540, 500)


def write_paper(path: Path) -> None:
    """Two pages of two columns, on the first a plot with its caption below and a table under its caption."""
    with pymupdf.open() as doc:
        for number in range(2):
            page = doc.new_page(width=612, height=792)
            top_left, top_right = (290, 72) if number == 0 else (72, 72)
            fill(page, (72, top_left, 295, 720))
            fill(page, (320, top_right, 545, 370 if number == 0 else 720))
            if number == 0:
                draw_plot(page)
                draw_table(page)
                fill(page, (320, 530, 545, 720))
        doc.save(path)


def fill(page: pymupdf.Page, box: tuple[float, float, float, float]) -> None:
    rect, text = pymupdf.Rect(box), LOREM * 12
    while page.insert_textbox(rect, text, fontsize=10, fontname="tiro", align=3) < 0:
        text = text[: int(len(text) * 0.93)]


def draw_plot(page: pymupdf.Page) -> None:
    page.draw_rect(pymupdf.Rect(110, 92, 278, 208), color=(0, 0, 0), width=0.8)
    points = [(110 + 4 * i, 200 - 90 * abs(np.sin(i / 6))) for i in range(42)]
    page.draw_polyline(points, color=(0, 0.2, 0.8), width=1.2)
    for tick in range(5):
        page.insert_text((112 + 38 * tick, 219), f"{tick}.0", fontsize=7)
        page.insert_text((92, 206 - 25 * tick), f"{20 * tick}", fontsize=7)
    page.insert_text((170, 229), "time (s)", fontsize=8)
    page.insert_text(
        (76, 248), "Figure 1: The speed of the fox over time, as it was", fontsize=9, fontname="tiro"
    )
    page.insert_text((76, 259), "measured in winter.", fontsize=9, fontname="tiro")


def draw_table(page: pymupdf.Page) -> None:
    page.insert_text((330, 393), "Table 1: Results of the three foxes.", fontsize=9, fontname="tiro")
    for y in (404, 420, 500):
        page.draw_line((330, y), (540, y), width=0.7)
    for row, cells in enumerate(
        [("Fox", "Speed", "Jumps"), *((f"fox {i}", f"{3.1 * i:.1f}", f"{i * 7}") for i in range(1, 6))]
    ):
        for column, cell in enumerate(cells):
            page.insert_text((336 + 75 * column, 415 + 15.5 * row), cell, fontsize=9, fontname="tiro")


def find_in(path: Path) -> tuple[tuple[Found, ...], tuple[Missed, ...]]:
    with Pdf(path) as pdf:
        pages = [pdf.page(number) for number in range(1, pdf.page_count + 1)]
        return find_figures(pages, lambda number: pdf.ink(number, INK_DPI))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Found, ...], tuple[Missed, ...]]:
    path = tmp_path_factory.mktemp("detect") / "paper.pdf"
    write_paper(path)
    return find_in(path)


def test_a_plot_above_its_caption_is_found(result: tuple[tuple[Found, ...], tuple[Missed, ...]]) -> None:
    (figure,) = [found for found in result[0] if found.caption.kind == "figure"]
    assert figure.caption.label == "Figure 1"
    assert figure.caption.text == "Figure 1: The speed of the fox over time, as it was measured in winter."
    assert (figure.page, figure.caption.page) == (1, 1)
    assert iou(figure.box, Box(92, 91, 279, 231)) > 0.85
    assert 0.2 <= figure.confidence <= 1
    assert "time (s)" in figure.text


def test_a_table_under_its_caption_is_found(result: tuple[tuple[Found, ...], tuple[Missed, ...]]) -> None:
    (table,) = [found for found in result[0] if found.caption.kind == "table"]
    assert table.caption.text == "Table 1: Results of the three foxes."
    assert iou(table.box, Box(330, 403, 541, 501)) > 0.85
    assert "fox 3" in table.text


def test_nothing_else_is_found(result: tuple[tuple[Found, ...], tuple[Missed, ...]]) -> None:
    assert len(result[0]) == 2
    assert result[1] == ()


def test_results_are_the_same_each_time(
    tmp_path: Path, result: tuple[tuple[Found, ...], tuple[Missed, ...]]
) -> None:
    write_paper(tmp_path / "again.pdf")
    assert find_in(tmp_path / "again.pdf") == result


# -- documents that are not as they should be ---------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        make_page(),
        make_page(make_line("Figure 1: alone on its page", (72, 100, 300, 110))),
        make_page(make_line("Figure 1: off the page", (700, 100, 900, 110))),
        make_page(make_line("Figure 1: no height", (72, 100, 300, 100))),
        make_page(make_line("Figure 1: nowhere", (float("nan"), 1, 2, 3))),
        make_page(make_line("Table 1", (72, 100, 72, 110), size=0.0, lead_size=0.0)),
        make_page(make_line("Figure 1: on no page", (1, 1, 2, 2)), width=float("nan"), height=0),
        make_page(*[make_line("Figure 1: the same", (72, 100, 300, 110)) for _ in range(3)]),
        make_page(make_line("그림 1\x00", (72, 100, 300, 110), direction=(0.7, 0.7))),
    ],
)
def test_strange_pages_raise_nothing(page: Page) -> None:
    find_figures([page], blank)


def test_no_pages_find_nothing() -> None:
    assert find_figures([], blank) == ((), ())


def test_ink_is_asked_for_only_where_a_caption_may_be_or_furniture_is_told() -> None:
    asked: list[int] = []

    def ink(number: int) -> np.ndarray:
        asked.append(number)
        return blank(number)

    pages = [make_page(make_line("Only text here", (72, 100, 300, 110)), number=n) for n in range(1, 40)]
    find_figures(pages, ink)
    assert asked == []
    pages[4] = make_page(make_line("Figure 1: here", (72, 100, 300, 110)), number=5)
    find_figures(pages, ink)
    assert 5 in asked
    assert len(asked) == len(set(asked)) <= 8


def test_a_page_of_thousands_of_lines_is_read_in_short_time() -> None:
    lines = [
        make_line("x1", (x, y, x + 6, y + 5), block=x) for x in range(50, 550, 8) for y in range(80, 700, 8)
    ]
    caption = make_line("Figure 1: a scatter plot of signs", (72, 720, 300, 730))
    found, missed = find_figures([make_page(*lines, caption)], blank)
    assert len(found) + len(missed) <= 1


def test_a_caption_without_a_body_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    page = make_page(make_line("Figure 1: nothing is drawn here", (72, 100, 300, 110)))
    monkeypatch.setattr("papercap.detect.MIN_CAPTION", 0.0)
    found, missed = find_figures([page], blank)
    assert found == ()
    assert missed == (
        Missed(label="Figure 1", page=1, caption="Figure 1: nothing is drawn here", why="has no body"),
    )


def test_starts_are_found_by_page() -> None:
    pages = [
        make_page(make_line("Figure 1: a", (72, 100, 300, 110)), number=1),
        make_page(make_line("no caption", (72, 100, 300, 110)), number=2),
    ]
    assert list(find_starts(read_layout(pages))) == [1]


def test_a_sheet_without_lines_has_empty_arrays() -> None:
    sheet = Sheet(1, 612, 792, 0, ())
    assert sheet.box.shape == (0, 4)
    assert sheet.leading == 0


def test_the_trace_is_of_the_very_figures_that_are_found(paper):
    with Pdf(paper) as pdf:
        pages = [pdf.page(number) for number in (1, 2)]
        trace = trace_figures(pages, lambda number: pdf.ink(number, INK_DPI))
        assert (trace.found, trace.missed) == find_figures(pages, lambda number: pdf.ink(number, INK_DPI))
    assert len(trace.contests) == len(trace.scores) == len(trace.chosen) == 4
    assert set(trace.starts) == set(trace.inside) == set(trace.sure) == {1, 2}


def test_a_rival_region_that_is_still_free_lowers_the_confidence() -> None:
    own = contest(1, (0, 0, 100, 100), (0, 200, 100, 300))
    taker = contest(1, (0, 200, 100, 300))
    scores = [np.array([0.6, 0.4]), np.array([0.9])]
    alone = rate_choices([own], scores[:1], [0])
    beside_taker = rate_choices([own, taker], scores, [0, 0])
    assert 0 < alone[0] < beside_taker[0] < 1


def test_a_caption_without_a_body_has_no_confidence() -> None:
    assert rate_choices([contest(1, (0, 0, 9, 9))], [np.array([0.01])], [None]) == [0.0]
