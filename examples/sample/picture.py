"""Render the one photo-like picture of the sample paper: a llama at dusk, kept in fewer and fewer bits.

The scene is drawn from formulas and a fixed seed, so that nobody's photograph is needed and every run gives
the same pixels. Its left third is shown in 8 bits a colour, its middle in 4, its right in 2: what rounding
to few levels does to smooth values, which is what quantisation does to the weights of a model.
"""

from io import BytesIO
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Field: TypeAlias = NDArray[np.float64]  # values of 0 to 1; rows × columns, or rows × columns × RGB

WIDTH, HEIGHT = 1020, 540  # pixels; about 300 dpi in a column of the paper
SEED = 2023
BITS = (8, 4, 2)  # a colour, from the left third to the right
QUALITY = 80  # JPEG; below 100 kB and no artefacts that could pass for the rounding

SKY = np.array([[0.13, 0.16, 0.36], [0.45, 0.33, 0.52], [0.93, 0.55, 0.40], [1.00, 0.83, 0.56]])
RIDGES = (  # (height of the crest as part of the picture, roughness, colour), far to near
    (0.56, 0.055, (0.62, 0.45, 0.52)),
    (0.64, 0.050, (0.44, 0.34, 0.46)),
    (0.71, 0.040, (0.29, 0.25, 0.38)),
    (0.80, 0.022, (0.17, 0.17, 0.27)),
)
MEADOW = (0.105, 0.115, 0.13)
# fmt: off
LLAMA = (  # outline on a grid of 100 × 120 units, feet at the bottom, looking left
    (17, 31), (18, 27), (24, 23), (28, 20), (27, 12), (28, 4), (31, 9), (33, 17), (36, 17),
    (38, 5), (41, 9), (41, 18), (42, 25), (43, 34), (45, 44), (49, 52), (59, 55), (72, 53),
    (82, 54), (88, 58), (92, 62), (96, 70), (95, 77), (92, 75), (90, 80), (88, 88), (85, 93),
    (86, 104), (85, 117), (80, 117), (81, 104), (78, 93), (75, 91), (75, 104), (73, 117), (68, 117),
    (70, 103), (68, 91), (60, 93), (52, 90), (52, 103), (51, 117), (46, 117), (47, 103), (45, 91),
    (42, 90), (42, 104), (40, 117), (35, 117), (37, 103), (36, 89), (33, 79), (31, 67), (31, 55),
    (30, 45), (28, 38), (22, 37), (18, 35),
)
# fmt: on
HERD = ((60, 204, 2.45), (420, 226, 2.2), (770, 238, 2.1))  # left, top, size: a llama in each third


def blend(stops: Field, at: Field) -> Field:
    """Colours between evenly spaced stops, smoothly, for positions 0 to 1."""
    position = np.clip(at, 0, 1) * (len(stops) - 1)
    lower = np.minimum(position.astype(int), len(stops) - 2)
    part = (position - lower)[..., None]
    mixed: Field = stops[lower] * (1 - part) + stops[lower + 1] * part
    return mixed


def noise(rng: np.random.Generator, length: int, waves: int) -> Field:
    """A rough line: random values at ever more points, each octave weighing half of the one before."""
    x, line, weight = np.arange(length), np.zeros(length), 1.0
    for octave in range(7):
        knots = waves * 2**octave + 1
        line += weight * np.interp(x, np.linspace(0, length, knots), rng.uniform(-1, 1, knots))
        weight /= 2
    return line


def sky(rng: np.random.Generator) -> Field:
    """Dusk: a gradient, the glow of a sun that has just set, and a few thin clouds."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / HEIGHT
    picture = blend(SKY, y / 0.62)
    glow = np.exp(-(((x - 1.15) / 0.50) ** 2 + ((y - 0.58) / 0.16) ** 2))[..., None]
    picture = picture * (1 - 0.55 * glow) + np.array([1.0, 0.93, 0.72]) * 0.55 * glow
    bands = np.stack([noise(rng, WIDTH, 3) for _ in range(24)])
    cloud = np.asarray(Image.fromarray(bands).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    veil = np.clip(cloud - 0.35, 0, 1)[..., None] * np.exp(-(((y - 0.30) / 0.16) ** 2))[..., None]
    lit: Field = picture * (1 - 0.55 * veil) + np.array([1.0, 0.72, 0.60]) * 0.55 * veil
    return lit


def add_ridges(picture: Field, rng: np.random.Generator) -> None:
    """Paint mountain ridges over the sky, each paler towards its foot as haze makes it."""
    y = np.arange(HEIGHT)[:, None] / HEIGHT
    for crest, roughness, colour in RIDGES:
        edge = crest + roughness * noise(rng, WIDTH, 4)
        inside = np.clip((y - edge) * HEIGHT, 0, 1)[..., None]  # one pixel of soft edge
        haze = np.clip((y - edge) / 0.22, 0, 1)[..., None] * 0.35
        shade = np.array(colour) * (1 - haze) + np.array([0.86, 0.60, 0.52]) * haze
        picture[:] = picture * (1 - inside) + shade * inside


def add_meadow(picture: Field, rng: np.random.Generator) -> None:
    """Paint the near ground: dark, with blades of grass standing over its edge."""
    large = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(large)
    edge = (0.915 + 0.006 * noise(rng, WIDTH, 3)) * HEIGHT
    draw.polygon([(0, HEIGHT), *enumerate(edge), (WIDTH, HEIGHT)], fill=255)
    for x in range(0, WIDTH, 2):
        draw.line([(x, edge[x] + 4), (x + rng.normal(0, 5), edge[x] - rng.uniform(0, 15))], fill=255, width=1)
    mask = np.asarray(large.filter(ImageFilter.GaussianBlur(0.5)))[..., None] / 255
    picture[:] = picture * (1 - mask) + np.array(MEADOW) * mask


def soft_noise(rng: np.random.Generator, radius: float) -> Field:
    """Blurred noise with mean 0 and deviation 1."""
    grain = Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8))
    blurred = np.asarray(grain.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float64)
    even: Field = (blurred - blurred.mean()) / blurred.std()
    return even


def wool(rng: np.random.Generator) -> Field:
    """Curly light and dark of 0 to 1, such as a fleece shows in low light."""
    fine, coarse = (soft_noise(rng, radius) for radius in (1.2, 4.0))
    curls: Field = np.clip(0.5 + 0.28 * fine + 0.20 * coarse, 0, 1)
    return curls


def add_llama(picture: Field, fleece: Field, left: float, top: float, size: float) -> None:
    """Paint one llama against the light: dark wool, bright along its edge; `size` is pixels a grid unit."""
    scale = 4  # drawn large and reduced, for a smooth edge
    large = Image.new("L", (WIDTH * scale, HEIGHT * scale), 0)
    outline = [((left + x * size) * scale, (top + y * size) * scale) for x, y in LLAMA]
    ImageDraw.Draw(large).polygon(outline, fill=255)
    blurred = large.filter(ImageFilter.GaussianBlur(0.9 * size * scale))
    rounded = blurred.point(lambda grey: 255 if grey > 122 else 0)
    small = rounded.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    mask = np.asarray(small)[..., None] / 255
    depth = np.asarray(small.filter(ImageFilter.GaussianBlur(1.3 * size)))[..., None] / 255
    rim = np.clip(1.45 - 1.75 * depth, 0, 1) * (0.35 + 0.65 * fleece[..., None])
    dark = np.array([0.11, 0.09, 0.13]) + np.array([0.11, 0.07, 0.07]) * fleece[..., None]
    body = dark * (1 - rim) + np.array([1.0, 0.74, 0.52]) * rim
    picture[:] = picture * (1 - mask) + body * mask


def quantised(picture: Field, bits: int) -> Field:
    """Each colour rounded to the nearest of 2**bits levels."""
    steps = 2**bits - 1
    rounded: Field = np.round(picture * steps) / steps
    return rounded


def llama_at_dusk() -> bytes:
    """The whole picture as a JPEG file."""
    rng = np.random.default_rng(SEED)
    picture = sky(rng)
    add_ridges(picture, rng)
    fleece = wool(rng)
    for left, top, size in HERD:
        add_llama(picture, fleece, left, top, size)
    add_meadow(picture, rng)
    picture = np.clip(picture + rng.normal(0, 0.006, picture.shape), 0, 1)  # film grain
    thirds = np.array_split(picture, len(BITS), axis=1)
    picture = np.concatenate([quantised(*third) for third in zip(thirds, BITS, strict=True)], axis=1)
    file = BytesIO()
    pixels = Image.fromarray(np.round(picture * 255).astype(np.uint8))
    pixels.save(file, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return file.getvalue()
