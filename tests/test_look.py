"""Pictures to judge by: contact sheets, and what each stage of the finder said."""

import os
import re

import pytest
from conftest import tree
from papers import make_paper, pymupdf
from PIL import Image

from papercap import workers
from papercap.geometry import Box
from papercap.images import Mark, Tile, contact_sheet, marked_page
from papercap.pdf import letters
from papercap.records import Inquiry

BLUE, RED = (21, 101, 192), (198, 40, 40)
STAGES = ("1-lines", "2-captions", "3-regions", "4-chosen")


@pytest.fixture
def filled(papercap, tmp_path):
    path = make_paper(tmp_path / "lonely.pdf", lonely_caption=True)
    papercap("add", path)
    papercap.pdf = path
    papercap.paper = papercap("list", "--json").json[0]["id"]
    return papercap


def colors(path):
    image = Image.open(path).convert("RGB")
    return {color for _count, color in image.getcolors(image.width * image.height)}


# -- sheet


def test_a_sheet_shows_figures_by_kind_and_missed_captions(filled):
    before = tree(filled.root)
    done = filled("sheet", filled.paper)
    assert (done.code, done.out) == (0, f"{filled.paper}-sheet.png\n")
    path = filled.root / f"{filled.paper}-sheet.png"
    assert {BLUE, (46, 125, 50), RED} <= colors(path)
    assert set(tree(filled.root)) - set(before) == {path.name}


def test_a_sheet_as_pdf_and_of_some_pages(filled):
    done = filled("sheet", filled.paper, "--out", "s.pdf", "--pages", "2-3", "--json")
    assert done.json == {"paper": filled.paper, "file": "s.pdf", "pages": 3, "figures": 4, "missed": 1}
    assert pymupdf.open(filled.root / "s.pdf").page_count == 1
    whole = filled("sheet", filled.paper, "--out", "all.png")
    part = filled("sheet", filled.paper, "--out", "part.png", "--pages", "1")
    assert whole.code == part.code == 0
    assert Image.open(filled.root / "all.png").width > Image.open(filled.root / "part.png").width


def test_a_sheet_that_cannot_be_says_so_and_writes_nothing(filled):
    before = tree(filled.root)
    assert filled("sheet", "nobody").code == 4
    assert filled("sheet", filled.paper, "--out", "s.gif").code == 2
    assert filled("sheet", filled.paper, "--out", "nowhere/s.png").code == 4
    assert filled("sheet", filled.paper, "--pages", "7").code == 2
    (filled.root / "archive" / filled.paper / "source.pdf").write_bytes(b"%PDF nothing")
    assert filled("sheet", filled.paper).code == 5
    (filled.root / "archive" / filled.paper / "source.pdf").unlink()
    assert "--source" in filled("sheet", filled.paper).err
    assert filled("sheet", filled.paper, "--source", filled.pdf, "--out", "s.png").code == 0
    assert set(tree(filled.root)) - set(before) == {"s.png"}


def test_a_page_that_kills_its_child_is_left_blank_on_the_sheet(filled, tmp_path, monkeypatch):
    from papercap.archive import Archive
    from papercap.pipeline.batch import Watcher
    from papercap.pipeline.look import draw_sheet

    lines = (
        "import os, papercap.pdf as pdf, papercap.workers as workers",
        "real = pdf.Pdf.page",
        "pdf.Pdf.page = lambda self, number: os.abort() if number == 2 else real(self, number)",
        "workers._serve()",
    )
    monkeypatch.setattr(workers, "HOST", ("-c", "\n".join(lines)))
    with Archive(filled.root) as archive:
        draw_sheet(archive, filled.paper, tmp_path / "s.png", Watcher(), pages="1-2")
    assert RED in colors(tmp_path / "s.png")  # it says so


# -- debug


def test_every_stage_of_every_page_with_captions_is_drawn(papercap, tmp_path):
    path = make_paper(tmp_path / "lonely.pdf", lonely_caption=True)
    done = papercap("debug", path, "--out", "why")
    assert (done.code, done.err) == (0, "")
    assert "3 pages" in done.out
    folder = papercap.root / "why"
    wanted = {f"page-{page:02}-{stage}.png" for page in (1, 2, 3) for stage in STAGES}
    assert {file.name for file in folder.iterdir()} == wanted | {"index.html"}
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'src="([^"]+)"', page)) == wanted
    assert "http" not in page
    assert "Figure 9" in page
    assert RED in colors(folder / "page-03-4-chosen.png")
    assert BLUE in colors(folder / "page-01-4-chosen.png")
    assert not (papercap.root / "archive").exists()


def test_debug_of_some_pages_and_as_json(papercap, paper):
    done = papercap("debug", paper, "--out", "why", "--pages", "2", "--json")
    assert done.json["index"] == "why/index.html"
    assert done.json["pages"] == {"2": [f"page-02-{stage}.png" for stage in STAGES]}


def test_a_name_is_no_markup_on_the_page(papercap, tmp_path):
    path = make_paper(tmp_path / "<b>&.pdf", figures=1)
    papercap("debug", path, "--out", "why")
    page = (papercap.root / "why" / "index.html").read_text(encoding="utf-8")
    assert "<b>&" not in page
    assert "&lt;b&gt;&amp;" in page


def test_a_document_without_captions_has_a_page_that_says_so(papercap, tmp_path):
    doc = pymupdf.open()
    doc.new_page().insert_text((72, 72), "Nothing to see.")
    doc.save(tmp_path / "plain.pdf")
    assert papercap("debug", tmp_path / "plain.pdf", "--out", "why").code == 0
    assert "No line" in (papercap.root / "why" / "index.html").read_text(encoding="utf-8")


def test_debug_refuses_what_add_refuses(papercap, paper, tmp_path):
    (tmp_path / "page.pdf").write_text("<html>")
    make_paper(tmp_path / "locked.pdf", password="sesame")
    for name, code in (("none.pdf", 4), ("page.pdf", 5), ("locked.pdf", 5), (".", 2)):
        done = papercap("debug", tmp_path / name, "--out", "why")
        assert done.code == code, name
        assert len(done.err.strip().splitlines()) == 1
    assert papercap("debug", paper, "--out", "why", "--pages", "9").code == 2


def test_a_page_that_is_lost_is_named_and_the_others_are_drawn(tmp_path, monkeypatch):
    path = make_paper(tmp_path / "long.pdf", figures=3)
    lines = (
        "import os, papercap.pdf as pdf, papercap.workers as workers",
        "real = pdf.Pdf.page",
        "pdf.Pdf.page = lambda self, number: os.abort() if number == 2 else real(self, number)",
        "workers._serve()",
    )
    monkeypatch.setattr(workers, "HOST", ("-c", "\n".join(lines)))
    job = Inquiry(name="long", path=os.fsencode(path), out=os.fsencode(tmp_path))
    with workers.Worker() as worker:
        stages = worker.inquire(job, lambda _progress: None)
    assert list(stages.pictures) == [1, 3]
    assert [lost.page for lost in stages.missed] == [2]


# -- drawing


def tile(marks, width=200, height=300):
    return Tile(width, height, b"\xff" * (3 * width * height), 72, "page 1", tuple(marks))


def drawn(marks):
    import io

    return Image.open(io.BytesIO(marked_page(tile(marks), letters()))).convert("RGB")


def test_a_mark_is_a_line_a_ground_and_words():
    image = drawn([Mark(Box(50, 100, 150, 200), BLUE, "그림 1", line=2, ground=0.5)])
    assert image.getpixel((50, 150)) == BLUE
    assert image.getpixel((100, 150)) == (138, 178, 223)
    assert image.getpixel((52, 92)) == BLUE  # the words' own ground, on the top edge
    assert image.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    "box", [Box(-50, -50, 20, 20), Box(190, 290, 900, 900), Box(5, 5, 5.1, 5.1), Box(-1e4, 3, 1e4, 4)]
)
def test_marks_at_and_over_the_edge_are_drawn_as_far_as_they_reach(box):
    assert drawn([Mark(box, BLUE, "a long name for a small box", ground=0.2)]).size == (200, 300)
    assert drawn([Mark(box, BLUE, dashed=True)]).size == (200, 300)


def test_words_of_any_signs_can_be_drawn():
    image = drawn([Mark(Box(50, 100, 150, 200), BLUE, "two\nlines\x00\ud800")])
    assert image.getpixel((52, 92)) == BLUE
    assert contact_sheet([tile([])], ["a\nb", "x" * 999], [], "png", letters()).startswith(b"\x89PNG")


def test_a_mark_beside_the_page_is_left_out():
    image = drawn([Mark(Box(500, 500, 600, 600), BLUE, "gone")])
    assert image.getcolors() == [(200 * 300, (255, 255, 255))]


def test_words_of_several_boxes_do_not_hide_each_other():
    one = drawn([Mark(Box(50, 100, 150, 200), BLUE, "words")])
    many = drawn([Mark(Box(50, 100, 150, 200), BLUE, "words")] * 4)

    def blue(image):
        return sum(count for count, color in image.getcolors(99999) if color == BLUE)

    assert blue(many) > 2 * blue(one) - 800  # the outline is the same, the words stand in four places
    assert many.tobytes() != one.tobytes()


def test_a_pdf_sheet_has_a_page_for_each_dozen():
    data = contact_sheet([tile([])] * 13, ["A title"], [("figure", BLUE)], "pdf", letters())
    assert pymupdf.open("pdf", data).page_count == 2
