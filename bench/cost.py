"""What `papercap add` costs, beside a plain loop that only crops boxes which are known already.

    python bench/cost.py [--bench FOLDER] [--rounds 3]

The plain loop parses each page with a figure once (`get_text("dict")`), renders each box of the truth at
200 dpi, and writes PNG, one-page PDF and WebP thumbnail with PyMuPDF's and Pillow's defaults. `add` finds the
figures itself. Both run as processes of their own, one after the other; CPU is of all their processes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
BENCH = HERE.parent.parent / "shared" / "bench"
THUMBNAIL = 480  # pixels, as papercap's


class Cost(NamedTuple):
    """CPU seconds of a process and all its children, and the largest of them in MB."""

    cpu: float
    memory: float


def plain(bench: Path, out: Path) -> None:
    """The loop to compare with; run in a process of its own."""
    sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]
    sys.modules["onnxruntime"] = None  # type: ignore[assignment]
    import pymupdf
    from PIL import Image

    count = 0
    for file in sorted((bench / "truth").glob("*.json")):
        truth = json.loads(file.read_text())
        boxes: dict[int, list[list[float]]] = {}
        for item in truth["items"]:
            boxes.setdefault(item["page"], []).append(item["bbox"])
        with pymupdf.open(bench / "pdfs" / truth["pdf"]) as doc:
            for number, on_page in boxes.items():
                page = doc[number - 1]
                page.get_text("dict")
                for box in on_page:
                    count += 1
                    pixmap = page.get_pixmap(dpi=200, clip=box)
                    pixmap.save(out / f"{count}.png")
                    with pymupdf.open() as cut:
                        crop = cut.new_page(width=box[2] - box[0], height=box[3] - box[1])
                        crop.show_pdf_page(crop.rect, doc, number - 1, clip=box)
                        cut.save(out / f"{count}.pdf")
                    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
                    image.thumbnail((THUMBNAIL, THUMBNAIL))
                    image.save(out / f"{count}.webp")
    print(f"plain loop: {count} boxes")


def measured(*command: object) -> Cost:
    """Run a command and account for it and all its descendants, as the system does."""
    words = [str(word) for word in command]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _pid, _status, used = os.wait4(process.pid, 0)
        process.returncode = 0  # it has been waited for
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> None:
    """Run both in turn and print each round, then the median of the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=BENCH / "dev")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain:
        plain(options.bench, options.plain)
        return
    ratios = []
    for number in range(1, options.rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            root, out = Path(folder, "root"), Path(folder, "plain")
            root.mkdir()
            out.mkdir()
            loop = measured(sys.executable, __file__, "--bench", options.bench, "--plain", out)
            add = measured(
                sys.executable, "-m", "papercap", "--root", root, "add", options.bench / "pdfs", "--json"
            )
            figures = sum(1 for _ in (root / "archive").glob("*/*.png"))
        ratios.append(add.cpu / loop.cpu)
        print(
            f"round {number}: plain {loop.cpu:.1f} s, {loop.memory:.0f} MB;"
            f" add {add.cpu:.1f} s, {add.memory:.0f} MB, {figures} figures; ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.2f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
