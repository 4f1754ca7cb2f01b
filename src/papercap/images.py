"""Rasters into files: PNG crop, WebP thumbnail, and the hash that tells pictures apart. Pillow's home."""

from __future__ import annotations

import io
from typing import Literal, NamedTuple

from PIL import Image, ImageChops

THUMBNAIL_SIDE = 480  # pixels, the longer side: a third of a README's width on a dense screen
PNG_LEVEL = 3  # of zlib; 6 takes 1.8 times as long for 1 % less
WEBP_QUALITY = 80
PICTURE_QUALITY = 92  # of a JPEG or WebP that is asked for: lines stay clean
WEBP_METHOD = 2  # 4, the default, takes half as long again for 10 % less
HASH_SIDE = 16  # 16 × 16 comparisons make 256 bits; 64 bits confuse different figures
TRIM_BELOW = 245  # grey value; a hash must not depend on the white margin


class Pictures(NamedTuple):
    """The files' bytes that one crop gives."""

    png: bytes
    webp: bytes
    hash: str


def encode(width: int, height: int, samples: bytes, dpi: int) -> Pictures:
    """PNG, thumbnail and hash of 8-bit RGB rows without padding."""
    image: Image.Image = Image.frombuffer("RGB", (width, height), samples, "raw", "RGB", 0, 1)
    scale = min(1.0, THUMBNAIL_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)
    if _is_grey(small) and _is_grey(image):
        image = image.getchannel(0)  # a third of the bytes to pack, and not a pixel lost
    return Pictures(_png(image, dpi), _webp(small), difference_hash(small))


def picture(width: int, height: int, samples: bytes, dpi: int, form: Literal["png", "jpg", "webp"]) -> bytes:
    """One file of 8-bit RGB rows without padding."""
    image: Image.Image = Image.frombuffer("RGB", (width, height), samples, "raw", "RGB", 0, 1)
    if form == "png":
        return _png(image.getchannel(0) if _is_grey(image) else image, dpi)
    out = io.BytesIO()
    image.save(out, "JPEG" if form == "jpg" else "WEBP", quality=PICTURE_QUALITY, dpi=(dpi, dpi))
    return out.getvalue()


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
