"""Raster images for figures: landscapes of noise, blobs and stripes."""

from io import BytesIO
from random import Random

import numpy as np
from PIL import Image

PIXELS = 2  # a point


def draw_picture(rng: Random, width: float, height: float) -> bytes:
    """A PNG of that many points, dark up to its edges so that its ink is its frame."""
    noise = np.random.default_rng(rng.randrange(2**32))
    columns, rows = int(width * PIXELS), int(height * PIXELS)
    y, x = np.mgrid[0 : 1 : complex(rows), 0 : 1 : complex(columns)]
    shades = np.zeros((rows, columns, 3))
    for channel in range(3):
        a, b, turn = noise.uniform(1, 9), noise.uniform(1, 9), noise.uniform(0, 6)
        shades[..., channel] = 110 + 50 * np.sin(a * x + turn) * np.cos(b * y)
    for _ in range(noise.integers(3, 9)):
        cx, cy, radius = noise.random(), noise.random(), noise.uniform(0.04, 0.2)
        shades[(x - cx) ** 2 + (y - cy) ** 2 < radius**2] = noise.uniform(20, 220, 3)
    if rng.random() < 0.4:
        shades = np.repeat(shades.mean(axis=2, keepdims=True), 3, axis=2)
    shades += (
        noise.normal(0, 6, (rows // 4 + 1, columns // 4 + 1, 1)).repeat(4, 0).repeat(4, 1)[:rows, :columns]
    )
    out = BytesIO()
    Image.fromarray(shades.clip(5, 235).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
