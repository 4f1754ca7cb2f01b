"""Rasters into files: crop, thumbnail, hash to tell pictures apart, pages with marks, stills of pictures.
Pillow's home."""

from __future__ import annotations

import io
import math
import struct
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFile, ImageFont, ImageOps

from papercap.errors import PapercapError, Refused
from papercap.geometry import MARGIN, WIDE, Box, intersection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

THUMBNAIL_SIDE = 480  # pixels, the longer side without its margin: half of a README's width
WIDE_SIDE = 960  # of a wide figure, which gets all of the width
PNG_LEVEL = 3  # of zlib; 6 takes 1.8 times as long for 1 % less
WEBP_QUALITY = 80
PICTURE_QUALITY = 92  # of a JPEG or WebP that is asked for: lines stay clean
WEBP_METHOD = 2  # 4, the default, takes half as long again for 10 % less
HASH_SIDE = 16  # 16 × 16 comparisons make 256 bits; 64 bits confuse different figures
TRIM_BELOW = 245  # grey value; a hash must not depend on the white margin


Color: TypeAlias = tuple[int, int, int]
WHITE: Color = (255, 255, 255)
DARK: Color = (40, 40, 40)
DESK: Color = (233, 234, 236)  # what the pages of a contact sheet lie on
CHIP_POINTS = 8.5  # size of the words at a box, in points of its page
MIN_CHIP = 11  # pixels; smaller words cannot be read
GUTTER = 28  # pixels between the pages of a contact sheet
ONE_ROW = 4  # pages; so few stand side by side
SHEET_PAGES = 12  # pages of a document on one page of a PDF contact sheet
POINTS_PER_INCH = 72
HALVED = (
    100_000_000  # pixels from which a picture is captured at half its size; the largest plots have a third
)
MAX_PIXELS = 178_000_000  # from which on Pillow too takes a picture for a bomb
MOST_PAGES = 200  # of a TIFF
LOOKED_AT = 24  # frames of an animation, from its first MOST_FRAMES
MOST_FRAMES = 400  # each is drawn over the one before: a thousand take half a minute
PLAIN_SIDE, PLAIN_COLORS = 128, 16  # pixels, and colours that are told apart
ORIENTATION = 0x0112  # EXIF
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
)  # what Pillow raises for damaged files
Image.MAX_IMAGE_PIXELS = None  # `still` has the limit, and says it


class Mark(NamedTuple):
    """A box to draw over a page, in points, with words at its edge."""

    box: Box
    color: Color
    text: str = ""
    line: float = 1.5  # points wide; 0 for none
    ground: float = 0.0  # how much of the colour lies on the box, 0 to 1
    dashed: bool = False


class Tile(NamedTuple):
    """A rendered page with what is to be drawn over it."""

    width: int
    height: int
    samples: bytes
    dpi: int
    name: str
    marks: tuple[Mark, ...]


class Still(NamedTuple):
    """A picture that stands still, as a file that a PDF can hold."""

    data: bytes  # JPEG or PNG
    width: int  # pixels
    height: int
    plain: float  # the share of its commonest colour, 0 to 1
    lost: str  # what is not as in the file, after "page 1"; "" if all is


class Pictures(NamedTuple):
    """The files' bytes that one crop gives."""

    png: bytes
    webp: bytes
    hash: str


def warm() -> None:
    """Have Pillow load its formats, which it does at the first file of each."""
    Image.init()


def encode(width: int, height: int, samples: bytes, dpi: int) -> Pictures:
    """PNG, thumbnail with a white margin, and hash of 8-bit RGB rows without padding."""
    image: Image.Image = Image.frombuffer("RGB", (width, height), samples, "raw", "RGB", 0, 1)
    side = WIDE_SIDE if image.width >= WIDE * image.height else THUMBNAIL_SIDE
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)
    if _is_grey(small) and _is_grey(image):
        image = image.getchannel(0)  # a third of the bytes to pack, and not a pixel lost
    framed = ImageOps.expand(small, max(1, round(max(size) * MARGIN)), "white")
    return Pictures(_png(image, dpi), _webp(framed), difference_hash(small))


def stills(path: Path, name: str) -> list[Still]:
    """A picture file of any format on white, upright; of an animation the frame that shows most.

    One still, or of a TIFF one a page. Of a damaged file what can be read. Refused, naming it, for a file
    that is no picture, too large, or of which nothing can be read.
    """
    try:
        return _stills(path, name, "")
    except _UNREADABLE as error:
        with suppress(*_UNREADABLE):
            ImageFile.LOAD_TRUNCATED_IMAGES = True
            try:
                damaged = _stills(path, name, "was read only in part (the file is damaged or cut short)")
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False
            if any(still.plain < 1 for still in damaged):
                return damaged
        raise Refused(f"{name}: cannot be read as a picture ({str(error).splitlines()[0][:80]})") from None


def copied(file: Path) -> list[str] | None:
    """Files that were copied to the clipboard, or its picture written to `file`; None if it holds neither.

    PapercapError where the clipboard cannot be read: on Linux that takes wl-paste or xclip.
    """
    from PIL import ImageGrab  # looks for programs when it is loaded

    try:
        held = ImageGrab.grabclipboard()
    except (OSError, NotImplementedError, ValueError) as error:
        why = f"cannot be read ({error}); on Linux, install wl-clipboard or xclip"
        raise PapercapError(f"--clipboard: {why}") from None
    if isinstance(held, Image.Image):
        held.save(file)
        return [str(file)]
    return [str(path) for path in held] if held else None


def _stills(path: Path, name: str, lost: str) -> list[Still]:
    with Image.open(path) as image:
        pixels = image.width * image.height
        if pixels > MAX_PIXELS:
            size = f"{image.width} × {image.height} pixels"
            raise Refused(f"{name}: {size} are more than the {MAX_PIXELS // 10**6} megapixels allowed")
        if not lost and pixels <= HALVED and _is_plain(image):
            image.load()  # whether it is whole
            return [Still(path.read_bytes(), *image.size, _plainness(image), "")]
        if image.format != "TIFF":
            return [_as_still(_telling_frame(image), lost)]
        found = []
        for number in range(min(getattr(image, "n_frames", 1), MOST_PAGES)):
            image.seek(number)
            found.append(_as_still(image.copy(), lost))
        return found


def _is_plain(image: Image.Image) -> bool:
    """Can a PDF hold the file as it is, with the same look?"""
    upright = image.getexif().get(ORIENTATION, 1) == 1
    if image.format == "JPEG":
        return image.mode in ("RGB", "L") and upright
    colors = {"transparency", "icc_profile", "gamma", "chromaticity"} & image.info.keys()
    still = getattr(image, "n_frames", 1) == 1
    return image.format == "PNG" and image.mode in ("RGB", "L", "P", "1") and upright and still and not colors


def _as_still(image: Image.Image, lost: str) -> Still:
    if image.width * image.height > HALVED:
        image, lost = _halved(image), lost or "was captured at half its size, for it is very large"
    shown = _on_white(ImageOps.exif_transpose(image))
    return Still(_png(shown, POINTS_PER_INCH), *shown.size, _plainness(shown), lost)


def _halved(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "RGB", "RGBA"):
        return image.reduce(2)
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.NEAREST)


def _telling_frame(image: Image.Image) -> Image.Image:
    """The frame with the most to see in it: the first one of an animation is often blank."""
    frames = min(getattr(image, "n_frames", 1), MOST_FRAMES)
    if frames == 1:
        return image.copy()
    best, most = image.copy(), -1.0
    for number in sorted({round(at * (frames - 1) / (LOOKED_AT - 1)) for at in range(LOOKED_AT)}):
        try:
            image.seek(number)
            frame = image.copy()
        except (OSError, EOFError, ValueError):
            break  # cut short: the frames before are whole
        seen = float(frame.convert("L").resize((64, 64)).entropy())
        if seen > most:
            best, most = frame, seen
    return best


def _on_white(image: Image.Image) -> Image.Image:
    """RGB without transparency."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*WHITE, 255))
        return Image.alpha_composite(ground, image).convert("RGB")
    if image.mode.startswith("I;16") or image.mode in (
        "I",
        "F",
    ):  # many greys: from the darkest to the lightest
        values = np.asarray(image, np.float64)
        known = values[np.isfinite(values)]
        low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
        grey = np.nan_to_num((values - low) * (255 / ((high - low) or 1)), nan=0, posinf=255, neginf=0)
        return Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")


def picture(width: int, height: int, samples: bytes, dpi: int, form: Literal["png", "jpg", "webp"]) -> bytes:
    """One file of 8-bit RGB rows without padding."""
    image: Image.Image = Image.frombuffer("RGB", (width, height), samples, "raw", "RGB", 0, 1)
    if form == "png":
        return _png(image.getchannel(0) if _is_grey(image) else image, dpi)
    out = io.BytesIO()
    image.save(out, "JPEG" if form == "jpg" else "WEBP", quality=PICTURE_QUALITY, dpi=(dpi, dpi))
    return out.getvalue()


def marked_page(tile: Tile, letters: bytes) -> bytes:
    """A PNG of the page with its marks; `letters` is a font that has the words' letters."""
    return _png(_marked(tile, letters), tile.dpi)


def contact_sheet(
    tiles: Sequence[Tile],
    heading: Sequence[str],
    legend: Sequence[tuple[str, Color]],
    form: Literal["png", "pdf"],
    letters: bytes,
) -> bytes:
    """All pages side by side under a heading; a PDF has a page for each dozen."""
    share = len(tiles) if form == "png" else SHEET_PAGES
    groups = [tiles[at : at + share] for at in range(0, len(tiles), share)]
    columns = _columns(min(len(tiles), share))
    sheets = [_laid_out(group, columns, heading, legend, letters) for group in groups]
    if form == "png":
        return _png(sheets[0], tiles[0].dpi)
    out = io.BytesIO()
    sheets[0].save(
        out,
        "PDF",
        save_all=True,
        append_images=sheets[1:],
        resolution=2 * tiles[0].dpi,
        quality=PICTURE_QUALITY,
    )
    return out.getvalue()


def _columns(count: int) -> int:
    """One row of a few pages; of more, as many as make a sheet a little wider than high."""
    return count if count <= ONE_ROW else math.ceil(math.sqrt(count * 1.6))


def _laid_out(
    tiles: Sequence[Tile],
    columns: int,
    heading: Sequence[str],
    legend: Sequence[tuple[str, Color]],
    letters: bytes,
) -> Image.Image:
    wide, high = max(tile.width for tile in tiles), max(tile.height for tile in tiles)
    size = max(MIN_CHIP, wide // 28)
    line = round(size * 1.5)
    top = GUTTER + line * (len(heading) + 1) + GUTTER // 2
    rows = math.ceil(len(tiles) / columns)
    width = max(GUTTER + columns * (wide + GUTTER), 2 * wide)
    sheet = Image.new("RGB", (width, top + rows * (high + line + GUTTER)), DESK)
    draw = ImageDraw.Draw(sheet)
    for at, words in enumerate(heading):
        font = _font(letters, size + (4 if at == 0 else 0))
        draw.text(
            (GUTTER, GUTTER + at * line), _fitted(_one_line(words), font, width - 2 * GUTTER), DARK, font
        )
    left, y, font = float(GUTTER), GUTTER + len(heading) * line, _font(letters, size)
    for words, color in legend:
        draw.rectangle((left, y + size // 4, left + size, y + size // 4 + size), color)
        draw.text((left + size * 1.4, y), words, DARK, font)
        left += size * 3 + font.getlength(words)
    for at, tile in enumerate(tiles):
        x = GUTTER + at % columns * (wide + GUTTER)
        y = top + at // columns * (high + line + GUTTER)
        draw.rectangle((x + 2, y + 2, x + tile.width + 3, y + tile.height + 3), (200, 201, 204))
        sheet.paste(_marked(tile, letters), (x, y))
        draw.text((x, y + tile.height + 6), _fitted(_one_line(tile.name), font, wide), DARK, font)
    return sheet


def _marked(tile: Tile, letters: bytes) -> Image.Image:
    """Grounds first, then lines, then words, so that none hides what matters more."""
    image: Image.Image = Image.frombuffer(
        "RGB", (tile.width, tile.height), tile.samples, "raw", "RGB", 0, 1
    ).copy()
    scale = tile.dpi / POINTS_PER_INCH
    whole = Box(0, 0, tile.width - 1, tile.height - 1)
    placed = [
        (mark, inside)
        for mark in tile.marks
        if (inside := intersection(Box(*(value * scale for value in mark.box)), whole))
    ]
    for mark, box in placed:
        if mark.ground:
            part = image.crop(_whole(box))
            image.paste(Image.blend(part, Image.new("RGB", part.size, mark.color), mark.ground), _whole(box))
    draw = ImageDraw.Draw(image)
    for mark, box in placed:
        if mark.line:
            _outline(draw, box, mark, max(1, round(mark.line * scale)))
    font = _font(letters, max(MIN_CHIP, round(CHIP_POINTS * scale)))
    wordless = [box for mark, box in placed if not mark.text]  # captions, which are to be read
    taken: list[Box] = []
    for mark, box in placed:
        if words := _one_line(mark.text):
            chip = _chip(draw, font, words, box, whole, (taken, wordless))
            draw.rectangle(chip, mark.color)
            draw.text((chip.x0 + 3, (chip.y0 + chip.y1) / 2), words, WHITE, font, anchor="lm")
            taken.append(chip)
    return image


def _chip(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont,
    text: str,
    box: Box,
    whole: Box,
    avoided: tuple[Sequence[Box], Sequence[Box]],
) -> Box:
    """Where words stand: on the box's top edge, else along its edges where they hide least."""
    wide, high = font.getlength(text) + 6, font.size * 1.25
    right = max(box.x0, box.x1 - wide)
    above, below = box.y0 - high - 1, box.y1 + 1
    corners = [(box.x0, above), (right, above), (box.x0, below), (right, below)]
    down = [(x, box.y0 + step * high) for step in range(12) for x in (box.x0, right)]
    chips = []
    for x, y in corners + down:
        x0 = min(max(x, 0.0), max(0.0, whole.x1 - wide))
        y0 = min(max(y, 0.0), max(0.0, whole.y1 - high))
        chips.append(Box(x0, y0, x0 + wide, y0 + high))
    chips_only, captions = avoided
    for boxes in ((*chips_only, *captions), chips_only):
        for chip in chips:
            if not any(intersection(chip, other) for other in boxes):
                return chip
    return chips[0]


def _outline(draw: ImageDraw.ImageDraw, box: Box, mark: Mark, width: int) -> None:
    if not mark.dashed:
        draw.rectangle(_whole(box), outline=mark.color, width=width)
        return
    step = 5 * width
    for y in (box.y0, box.y1):
        for left in range(int(box.x0), int(box.x1), 2 * step):
            draw.line((left, y, min(left + step, box.x1), y), mark.color, width)
    for x in (box.x0, box.x1):
        for top in range(int(box.y0), int(box.y1), 2 * step):
            draw.line((x, top, x, min(top + step, box.y1)), mark.color, width)


def _whole(box: Box) -> tuple[int, int, int, int]:
    """The pixels that the box touches; one at least."""
    x0, y0 = int(box.x0), int(box.y0)
    return x0, y0, max(x0 + 1, math.ceil(box.x1)), max(y0 + 1, math.ceil(box.y1))


def _one_line(words: str) -> str:
    """An archive may come from somebody else, with any signs in its labels."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def _fitted(words: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    if font.getlength(words) <= room:
        return words
    while words and font.getlength(words + "…") > room:
        words = words[:-1]
    return words + "…"


@lru_cache(maxsize=8)
def _font(letters: bytes, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(letters), size)


def difference_hash(image: Image.Image) -> str:
    """256 bits as hex: is each pixel of the trimmed, shrunken picture darker than its right neighbour?"""
    grey = image.convert("L")
    dark = grey.point([255 if value < TRIM_BELOW else 0 for value in range(256)])
    grey = grey.crop(dark.getbbox() or (0, 0, *grey.size))
    pixels = grey.resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(HASH_SIDE):
        start = row * (HASH_SIDE + 1)
        for left, right in zip(
            pixels[start : start + HASH_SIDE], pixels[start + 1 : start + HASH_SIDE + 1], strict=True
        ):
            bits = bits << 1 | (left < right)
    return f"{bits:0{HASH_SIDE * HASH_SIDE // 4}x}"


def _is_grey(image: Image.Image) -> bool:
    red, green, blue = image.split()
    return (
        ImageChops.difference(red, green).getbbox() is None
        and ImageChops.difference(green, blue).getbbox() is None
    )


def _png(image: Image.Image, dpi: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=PNG_LEVEL, dpi=(dpi, dpi))
    return out.getvalue()


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD)
    return out.getvalue()


def _plainness(image: Image.Image) -> float:
    """The share of a picture's commonest colour, 0 to 1: plots have a ground, photos have none."""
    side = (PLAIN_SIDE, PLAIN_SIDE)
    # Of pixels as they are: mixed, fine lines would colour the ground.
    small = _on_white(image.resize(side, Image.Resampling.NEAREST)).quantize(PLAIN_COLORS).convert("RGB")
    counts = small.getcolors(PLAIN_COLORS + 1) or [(0, None)]
    return max(count for count, _ in counts) / PLAIN_SIDE**2
