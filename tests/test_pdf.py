"""The one home of PyMuPDF, against real files."""

import numpy as np
import pytest
from papers import draw_plot, make_paper, pymupdf
from PIL import Image

from papercap.errors import Refused
from papercap.geometry import Box
from papercap.pdf import Pdf


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    return make_paper(tmp_path_factory.mktemp("pdf") / "paper.pdf")


def grey(width, height, samples):
    return np.asarray(Image.frombytes("RGB", (width, height), samples).convert("L"))


def test_lines_come_with_place_and_look(paper):
    with Pdf(paper) as pdf:
        page = pdf.page(1)
    title = page.lines[0]
    assert title.text == "Small Models for Large Tasks"
    assert title.bold
    assert (title.size, title.direction) == (18, (1, 0))
    assert (page.width, page.height) == (612, 792)
    assert 129 < title.box.x0 < 132


def test_ink_is_where_the_page_is_not_white(paper):
    with Pdf(paper) as pdf:
        mask = pdf.ink(1, 72)
    assert mask.shape == (792, 612)
    assert mask[60:85, 130:400].any()
    assert not mask[:50].any()


def test_a_render_has_the_size_of_its_box(paper):
    with Pdf(paper) as pdf:
        raster = pdf.render(1, Box(100, 100, 172, 136), 200)
    assert abs(raster.width - 200) <= 1
    assert abs(raster.height - 100) <= 1
    assert len(raster.samples) == raster.width * raster.height * 3


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn(paper):
    with Pdf(paper) as pdf, pytest.raises(Refused, match="megapixels"):
        pdf.render(1, Box(0, 0, 612, 792), 20_000)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("cropped", [False, True])
def test_a_vector_crop_shows_its_box_and_holds_nothing_else(rotation, cropped, tmp_path):
    doc = pymupdf.open()
    page = doc.new_page(width=612, height=792)
    draw_plot(page, 200, 300)
    page.insert_text((60, 100), "secret far away", fontsize=12)
    page.insert_text((240, 290), "inside", fontsize=8)
    if cropped:
        page.set_cropbox((30, 40, 600, 700))
    page.set_rotation(rotation)
    doc.save(tmp_path / "page.pdf")
    with Pdf(tmp_path / "page.pdf") as pdf:
        inside = next(line for line in pdf.page(1).lines if line.text == "inside")
        box = Box(inside.box.x0 - 40, inside.box.y0 - 10, inside.box.x0 + 120, inside.box.y0 + 60)
        crop, raster = pdf.clip(1, box), pdf.render(1, box, 150)
    with pymupdf.open("pdf", crop) as cut:
        assert len(cut) == 1
        assert cut[0].rect.width == pytest.approx(box.width, abs=0.1)
        words = "".join(cut[0].get_text(clip=pymupdf.INFINITE_RECT()).split())
        assert "inside" in words
        assert "secret" not in words
        assert b"secret" not in b"".join(cut.xref_stream(x) or b"" for x in range(1, cut.xref_length()))
        again = cut[0].get_pixmap(dpi=150, alpha=False)
    ours, theirs = grey(*raster), grey(again.width, again.height, again.samples)
    height, width = min(ours.shape[0], theirs.shape[0]), min(ours.shape[1], theirs.shape[1])
    soft = [np.asarray(Image.fromarray(a[:height, :width]).reduce(4)).astype(int) for a in (ours, theirs)]
    assert np.abs(soft[0] - soft[1]).mean() < 6


def test_a_crop_of_a_scan_keeps_no_pixel_from_outside(tmp_path):
    image = Image.new("RGB", (600, 800), "white")
    image.paste((200, 0, 0), (0, 0, 600, 200))
    image.paste((0, 0, 200), (100, 400, 300, 600))
    image.save(tmp_path / "scan.png")
    doc = pymupdf.open()
    doc.new_page(width=300, height=400).insert_image((0, 0, 300, 400), filename=tmp_path / "scan.png")
    doc.save(tmp_path / "scan.pdf")
    with Pdf(tmp_path / "scan.pdf") as pdf:
        crop = pdf.clip(1, Box(40, 190, 160, 310))
    with pymupdf.open("pdf", crop) as cut:
        colours = set()
        for info in cut[0].get_image_info(xrefs=True):
            kept = pymupdf.Pixmap(cut, info["xref"])
            colours |= set(
                Image.frombytes("RGB", (kept.width, kept.height), kept.samples).get_flattened_data()
            )
    assert (0, 0, 200) in colours
    assert (200, 0, 0) not in colours


def test_readers_highlights_are_left_out_and_stamps_stay(tmp_path):
    doc = pymupdf.open()
    page = doc.new_page(width=300, height=300)
    page.insert_text((50, 100), "a word", fontsize=20)
    page.add_highlight_annot((45, 80, 140, 110))
    page.add_freetext_annot((50, 150, 250, 200), "an annotation that carries content", fontsize=12)
    doc.save(tmp_path / "marked.pdf")
    with Pdf(tmp_path / "marked.pdf") as pdf:
        top, bottom = pdf.render(1, Box(0, 0, 300, 140), 72), pdf.render(1, Box(0, 140, 300, 300), 72)
        crop = pdf.clip(1, Box(0, 0, 300, 300))
    pixels = np.frombuffer(top.samples, np.uint8).reshape(-1, 3).astype(int)
    assert np.abs(pixels[:, 0] - pixels[:, 2]).max() < 10
    assert np.frombuffer(bottom.samples, np.uint8).min() < 100
    with pymupdf.open("pdf", crop) as cut:
        assert "carries content" in " ".join(cut[0].get_text().split())


def test_svg_is_drawn_of_the_box_alone(paper):
    with Pdf(paper) as pdf:
        svg = pdf.svg(1, Box(54, 130, 300, 290))
    assert svg.lstrip().startswith((b"<?xml", b"<svg"))
    assert b"secret" not in svg


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"<!doctype html><p>Hello", "PDF"), (b"%PDF-1.4\n", "PDF"), (b"\x89PNG\r\n", "PDF")],
)
def test_what_is_no_pdf_is_refused_in_one_line(content, says, tmp_path):
    (tmp_path / "bad.pdf").write_bytes(content)
    with pytest.raises(Refused, match=says) as caught:
        Pdf(tmp_path / "bad.pdf")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("bad.pdf: ")


def test_a_locked_paper_asks_for_its_password(tmp_path):
    path = make_paper(tmp_path / "locked.pdf", password="open sesame")
    with pytest.raises(Refused, match="--password"):
        Pdf(path)
    with pytest.raises(Refused, match="does not fit"):
        Pdf(path, password="wrong")
    with Pdf(path, password="open sesame") as pdf:
        assert pdf.page_count == 2


def test_a_paper_that_is_cut_short_is_read_or_refused_never_empty(tmp_path):
    whole = make_paper(tmp_path / "whole.pdf").read_bytes()
    for part in (0.2, 0.5, 0.9):
        (tmp_path / "cut.pdf").write_bytes(whole[: int(len(whole) * part)])
        try:
            with Pdf(tmp_path / "cut.pdf") as pdf:
                assert pdf.page_count > 0
        except Refused:
            continue


def test_a_vector_crop_is_the_same_bytes_each_time(paper):
    crops = []
    for _ in range(2):
        with Pdf(paper) as pdf:
            crops.append(pdf.clip(1, Box(54, 130, 300, 290)))
    assert crops[0] == crops[1]


def test_a_line_looks_like_most_of_it_not_like_its_longest_piece(tmp_path):
    with pymupdf.open() as doc:
        page = doc.new_page()
        x = 72.0
        for text, font in (
            ("are read ", "tiro"),
            ("DataStore ", "cour"),
            ("at first, ", "tiro"),
            ("then kept", "tiit"),
        ):
            page.insert_text((x, 100), text, fontname=font, fontsize=10)
            x += pymupdf.get_text_length(text, font, 10)
        doc.save(tmp_path / "mixed.pdf")
    with Pdf(tmp_path / "mixed.pdf") as pdf:
        (line,) = pdf.page(1).lines
    assert line.font == "Times-Roman"
