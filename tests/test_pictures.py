"""A picture is a paper of one figure: its pixels as they are, upright, still, on white."""

from __future__ import annotations

import io
import os
import random
import struct
import sys
import zlib

import pytest
from PIL import Image, ImageChops, ImageDraw

SIZE = (320, 200)
SVG = """<?xml version="1.0"?><!-- a chart --><svg xmlns="http://www.w3.org/2000/svg" width="300" height="120"
viewBox="0 0 300 120"><rect x="10" y="20" width="80" height="90" fill="#2f5d8a"/><text x="110" y="60"
font-size="14">Held-out loss</text><image href="file:///etc/passwd" width="9" height="9"/></svg>"""


def drawn(color="#b2452f", size=SIZE):
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    rng = random.Random(3)
    for _ in range(40):
        x, y = rng.randrange(size[0] - 40), rng.randrange(size[1] - 40)
        pen.ellipse((x, y, x + 40, y + 40), outline=color, width=3)
    pen.rectangle((0, 0, 30, 12), fill="#123456")  # tells which way is up
    return image


@pytest.fixture
def save(papercap):
    def write(name, image, **options):
        path = papercap.root / name
        image.save(path, **options)
        return path

    return write


def crop(papercap, report):
    (row,) = report["figures"]
    return Image.open(papercap.root / row["image"]).convert("RGB"), row


def add(papercap, path, *more):
    done = papercap("add", path, "--json", *more)
    assert done.code == 0, done.err
    (report,) = done.json
    return report


def same(one, other):
    return one.size == other.size and ImageChops.difference(one, other.convert("RGB")).getbbox() is None


def near(one, other, most=24):
    """But for what one JPEG decoder makes of the colours between pixels, and another one does not."""
    difference = ImageChops.difference(one, other.convert("RGB")).convert("L")
    histogram = difference.histogram()
    return one.size == other.size and sum(histogram[most:]) < 0.01 * sum(histogram)


@pytest.mark.parametrize("form", ["png", "gif", "webp", "jpg"])
def test_the_crop_of_a_picture_has_its_pixels(papercap, save, form):
    options = {"lossless": True} if form == "webp" else {"quality": 95} if form == "jpg" else {}
    path = save(f"loss.{form}", drawn(), **options)
    report = add(papercap, path)
    image, row = crop(papercap, report)
    with Image.open(path) as original:
        assert (near if form == "jpg" else same)(image, original.convert("RGB"))
    assert (row["id"], row["kind"], row["page"]) == (f"{report['paper']}/figure-p1-1", "figure", 1)
    assert report["paper"].startswith("loss-")
    folder = papercap.root / "archive" / report["paper"]
    assert (folder / f"source.{form}").read_bytes() == path.read_bytes()
    assert (folder / "figure-p1-1.pdf").read_bytes().startswith(b"%PDF")
    assert papercap("show", report["paper"], "--json").json["kind"] == "image"


def test_a_photo_that_was_taken_sideways_stands_upright(papercap, save):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save("tall.jpg", drawn().rotate(90, expand=True), quality=95, exif=exif)
    image, _ = crop(papercap, add(papercap, path))
    assert near(image, drawn())


def test_what_is_transparent_is_white_and_other_colour_spaces_are_shown(papercap, save):
    see_through = drawn().convert("RGBA")
    see_through.putalpha(Image.linear_gradient("L").resize(SIZE))
    image, _ = crop(papercap, add(papercap, save("clear.png", see_through)))
    assert same(image, Image.alpha_composite(Image.new("RGBA", SIZE, "white"), see_through))
    for mode, name in (
        ("CMYK", "print.jpg"),
        ("P", "few.png"),
        ("L", "grey.png"),
        ("1", "ink.png"),
        ("I;16", "deep.png"),
    ):
        picture = (
            drawn().convert("L").convert("I").convert("I;16") if mode == "I;16" else drawn().convert(mode)
        )
        image, _ = crop(papercap, add(papercap, save(name, picture)))
        assert image.size == SIZE
        assert len(image.convert("L").getcolors()) > 1


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_an_animation_shows_the_frame_with_most_to_see_and_is_kept_whole(papercap, save, form):
    blank = Image.new("RGB", SIZE, "white")
    frames = [blank, blank.copy(), drawn(), Image.new("RGB", SIZE, "black")]
    frames[1].putpixel((5, 5), (0, 0, 0))
    options = {"lossless": True} if form == "webp" else {}
    path = save(f"moving.{form}", frames[0], save_all=True, append_images=frames[1:], duration=50, **options)
    report = add(papercap, path)
    image, _ = crop(papercap, report)
    assert near(image, drawn())
    assert (papercap.root / "archive" / report["paper"] / f"source.{form}").read_bytes() == path.read_bytes()


def test_an_svg_stays_vector_and_its_words_are_found(papercap):
    path = papercap.root / "chart.svg"
    path.write_text(SVG)
    report = add(papercap, path)
    image, row = crop(papercap, report)
    assert image.width / image.height == pytest.approx(2.5, abs=0.05)
    out = papercap.root / "copy.svg"
    assert papercap("get", row["id"], "--out", out).code == 0
    assert "<path" in out.read_text()
    assert [hit["id"] for hit in papercap("search", "held-out loss", "--json").json] == [row["id"]]
    everything = b"".join(
        file.read_bytes() for file in (papercap.root / "archive").rglob("*") if file.is_file()
    )
    assert b"root:x:0" not in everything


def test_a_picture_is_what_its_bytes_are_and_added_once(papercap, save):
    path = save("really.png", drawn(), format="JPEG")
    report = add(papercap, path)
    assert (papercap.root / "archive" / report["paper"] / "source.jpg").exists()
    assert add(papercap, path)["status"] == "unchanged"
    assert add(papercap, path, "--again", "--tag", "x")["paper"] == report["paper"]
    assert len(papercap("list", "--json").json) == 1


def test_a_picture_can_be_cropped_fixed_drawn_and_mended(papercap, save):
    report = add(papercap, save("loss.png", drawn()))
    paper, figure = report["paper"], report["figures"][0]["id"]
    box = report["figures"][0]["box"]
    assert papercap("crop", paper, "--page", "1", "--box", "2,2,60,40", "--label", "Figure 2").code == 0
    assert papercap("fix", figure, "--caption", "Figure 1. Held-out loss", "--label", "Figure 1").code == 0
    assert papercap("sheet", paper, "--out", "sheet.png").code == 0
    assert max(box) == pytest.approx(SIZE[0] * 72 / 200, abs=0.1)
    image = papercap.root / report["figures"][0]["image"]
    whole = image.read_bytes()
    image.unlink()
    assert papercap("check").code == 7
    assert papercap("check", "--repair").code == 0
    assert image.read_bytes() == whole
    assert len(papercap("search", "loss", "--json").json) == 1


def test_a_picture_without_its_source_is_kept_as_figures_alone(papercap, save):
    report = add(papercap, save("loss.png", drawn()), "--no-source")
    folder = papercap.root / "archive" / report["paper"]
    assert not list(folder.glob("source.*"))
    assert papercap("check").code == 0


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_of_a_picture_that_is_cut_short_what_can_be_read_is_kept_and_the_rest_told(papercap, form):
    buffer = io.BytesIO()
    drawn().save(buffer, form)
    path = papercap.root / f"cut.{form.lower()}"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) * 2 // 3])
    done = papercap("add", path, "--json")
    assert done.code == 3, done
    (report,) = done.json
    assert [missed["why"].split(" (")[0] for missed in report["missed"]] == ["page 1 was read only in part"]
    with Image.open(papercap.root / report["figures"][0]["image"]) as crop:
        top = (0, 0, SIZE[0], 40)
        apart = ImageChops.difference(crop.convert("RGB").crop(top), drawn().crop(top))
        assert max(high for _low, high in apart.getextrema()) < (1 if form == "PNG" else 90)


def test_each_page_of_a_tiff_is_a_figure(papercap):
    path = papercap.root / "plots.tif"
    pages = [drawn(), drawn("#1f77b4").convert("L"), Image.linear_gradient("L").convert("F")]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    done = papercap("add", path, "--json")
    assert done.code == 0, done
    rows = done.json[0]["figures"]
    assert [row["page"] for row in rows] == [1, 2, 3]
    for row, page in zip(rows[:2], pages, strict=False):
        with Image.open(papercap.root / row["image"]) as crop:
            assert crop.convert("RGB").tobytes() == page.convert("RGB").tobytes()
    with Image.open(papercap.root / rows[2]["image"]) as crop:
        assert crop.convert("L").getextrema() == (0, 255)


def test_a_very_large_picture_is_captured_at_half_its_size(papercap):
    path = papercap.root / "map.png"
    Image.new("1", (12_000, 9_000), 1).save(path)
    done = papercap("add", path, "--json")
    assert done.code == 3, done
    assert "half its size" in done.json[0]["missed"][0]["why"]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def test_broken_pictures_and_bombs_are_one_line(papercap, save):
    buffer = io.BytesIO()
    drawn().save(buffer, "PNG")
    files = {
        "cut.png": (buffer.getvalue()[:60], "cannot be read as a picture"),
        "bomb.png": (bomb(60_000), "megapixels"),
        "junk.jpg": (b"\xff\xd8\xff" + bytes(500), "cannot be read as a picture"),
        "none.svg": (b"<svg", "SVG"),
        "words.txt": (b"no picture", "no PDF, page or picture"),
    }
    for name, (data, said) in files.items():
        path = papercap.root / name
        path.write_bytes(data)
        done = papercap("add", path)
        assert done.code == 5, (name, done)
        assert said in done.err, (name, done.err)
        assert done.err.splitlines()[-1].startswith(f"papercap: {name}: ")
        assert len([line for line in done.err.splitlines() if not line.startswith("new archive")]) == 1
    assert papercap("list", "--json").json == []


def test_extract_and_dry_run_write_nothing_of_a_picture(papercap, save):
    path = save("loss.png", drawn())
    (items,) = papercap("extract", path, "--json").json
    assert len(items["items"]) == 1
    assert papercap("add", path, "--dry-run").code == 0
    assert not (papercap.root / "archive").exists()


def clipboard(papercap, program, *arguments):
    """Run with a stand-in for xclip that prints what was copied."""
    folder = papercap.root / "programs"
    folder.mkdir(exist_ok=True)
    (folder / "xclip").write_text(f"#!/bin/sh\n{program}\n")
    (folder / "xclip").chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return papercap("add", "--clipboard", *arguments, "--json", env={"PATH": path, "WAYLAND_DISPLAY": ""})


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no program in between")
def test_a_picture_that_was_copied_is_a_paper(papercap):
    plot = papercap.root / "copied.png"
    ImageDraw.Draw(image := Image.new("RGB", (300, 200), "white")).line((9, 9, 280, 150), "blue", 5)
    image.save(plot)
    done = clipboard(papercap, f"cat '{plot}'", "--title", "A copied plot")
    assert done.code == 0, done.err
    assert [row["title"] for row in done.json[0]["figures"]] == ["A copied plot"]
    nothing = clipboard(papercap, "echo 'Error: target image/png not available' >&2; exit 1")
    assert nothing.code == 4
    assert "no picture and no files were copied" in nothing.err
