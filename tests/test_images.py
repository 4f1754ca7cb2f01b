import io
import random

import pytest
from PIL import Image, ImageDraw

from papercap.geometry import MARGIN
from papercap.images import THUMBNAIL_SIDE, WIDE_SIDE, difference_hash, encode, picture


def drawn(seed: int, size=(400, 300), margin=20) -> Image.Image:
    chooser = random.Random(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = chooser.randint(margin, size[0] - 60), chooser.randint(margin, size[1] - 60)
        colour = tuple(chooser.randint(0, 200) for _ in range(3))
        draw.rectangle((x, y, x + chooser.randint(5, 40), y + chooser.randint(5, 40)), fill=colour)
    return image


def encoded(image: Image.Image):
    return encode(*image.size, image.tobytes(), 200)


def test_not_a_pixel_is_lost_in_a_png():
    image = drawn(1)
    back = Image.open(io.BytesIO(encoded(image).png))
    assert back.convert("RGB").tobytes() == image.tobytes()
    assert back.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_a_grey_figure_is_packed_as_grey_and_stays_the_same():
    image = drawn(2).convert("L").convert("RGB")
    back = Image.open(io.BytesIO(encoded(image).png))
    assert back.mode == "L"
    assert back.convert("RGB").tobytes() == image.tobytes()


def test_one_coloured_pixel_keeps_a_figure_from_being_grey():
    image = Image.new("RGB", (3000, 2000), "white")
    image.putpixel((1501, 7), (255, 254, 255))
    assert Image.open(io.BytesIO(encoded(image).png)).mode == "RGB"


def test_a_thumbnail_is_webp_and_fits():
    thumbnail = Image.open(io.BytesIO(encoded(drawn(3, (1200, 600))).webp))
    margin = round(THUMBNAIL_SIDE * MARGIN)
    width, height = THUMBNAIL_SIDE + 2 * margin, THUMBNAIL_SIDE // 2 + 2 * margin
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (width, height))
    assert min(thumbnail.convert("L").crop((0, 0, width, margin)).getextrema()) > 250  # on a dark page, too
    wide = Image.open(io.BytesIO(encoded(drawn(3, (1200, 300))).webp))
    assert wide.width == WIDE_SIDE + 2 * round(WIDE_SIDE * MARGIN)


def test_a_picture_of_one_pixel_can_be_kept():
    assert Image.open(io.BytesIO(encode(1, 1, b"\0\0\0", 200).webp)).size == (3, 3)


def bits_between(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def test_the_hash_knows_a_figure_at_another_size_and_margin():
    image = drawn(4)
    wide = Image.new("RGB", (500, 400), "white")
    wide.paste(image, (50, 50))
    larger = image.resize((800, 600), Image.Resampling.LANCZOS)
    assert bits_between(difference_hash(image), difference_hash(wide)) <= 23
    assert bits_between(difference_hash(image), difference_hash(larger)) <= 23


def test_the_hash_tells_different_figures_apart():
    hashes = [difference_hash(drawn(seed)) for seed in range(10, 20)]
    assert min(bits_between(a, b) for i, a in enumerate(hashes) for b in hashes[:i]) >= 36


@pytest.mark.parametrize(("form", "name"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_a_picture_can_be_had_in_the_usual_forms(form, name):
    image = drawn(5)
    assert Image.open(io.BytesIO(picture(*image.size, image.tobytes(), 300, form))).format == name
