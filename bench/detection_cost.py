"""What finding figures costs, beside reading the same pages' text and boxes of marks plainly.

    python bench/detection_cost.py [--bench FOLDER] [--rounds 3]

Of each paper in turn: plainly, `get_text("dict", flags=TEXTFLAGS_TEXT)` and `get_bboxlog()` of each page;
then the finder with its own reading of text and ink, and no crops. Both in one process, CPU of that process.
What the slowest paper takes for all of its pages is more than any of them takes.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]
sys.modules["onnxruntime"] = None  # type: ignore[assignment]
import pymupdf  # noqa: E402 - what it must not load is said before

from papercap.detect import INK_DPI, find_figures  # noqa: E402
from papercap.detect.trees import load_all  # noqa: E402
from papercap.pdf import Pdf  # noqa: E402

HERE = Path(__file__).resolve().parent
BENCH = HERE.parent.parent / "shared" / "bench"


def read_plainly(path: Path) -> None:
    """The least that any finder reads."""
    with pymupdf.open(path) as doc:
        for page in doc:
            page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT)
            page.get_bboxlog()


def find(path: Path) -> None:
    """All figures of a paper."""
    with Pdf(path) as pdf:
        pages = [pdf.page(number) for number in range(1, pdf.page_count + 1)]
        find_figures(pages, lambda number: pdf.ink(number, INK_DPI))


def seconds(work: Callable[[Path], None], path: Path) -> float:
    """CPU that it takes."""
    began = time.process_time()
    work(path)
    return time.process_time() - began


def main() -> None:
    """Each round over all papers, then the median of the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=BENCH / "dev")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    papers = sorted((options.bench / "pdfs").glob("*.pdf"))
    load_all()
    ratios, longest = [], (0.0, "")
    for number in range(1, options.rounds + 1):
        plain = found = 0.0
        for path in papers:
            plain += seconds(read_plainly, path)
            own = seconds(find, path)
            found += own
            longest = max(longest, (own, path.name))
        ratios.append(found / plain)
        print(
            f"round {number}: plain {plain:.2f} s, finder {found:.2f} s, ratio {ratios[-1]:.2f}", flush=True
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"median ratio {statistics.median(ratios):.2f}; peak memory {memory:.0f} MB")
    print(f"slowest paper: {longest[1]}, {longest[0]:.2f} s for all its pages")


if __name__ == "__main__":
    main()
