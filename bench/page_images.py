"""Which pictures of real pages are captured, beside what a person would capture.

    python bench/page_images.py [--catalogue FOLDER]

FOLDER holds `PAGE_IMAGES.jsonl`, a row a picture with a person's yes, maybe or no, and the pages themselves
in `inputs/`. Each is captured as `papercap extract --offline` does it. Pictures whose files are not there are
judged by the reference alone, and counted apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from papercap.documents.page import Picture, read_html, read_markdown
from papercap.documents.showing import refused_by_reference
from papercap.pipeline import Request, extract
from papercap.pipeline.batch import Watcher

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "catalogue"


def main() -> None:
    """Capture every page and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogue", type=Path, default=DEFAULT)
    options = parser.parse_args()
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (options.catalogue / "PAGE_IMAGES.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows[row["page"]].append(row)
    counts: Counter[tuple[str, str, bool]] = Counter()
    slowest = (0.0, "")
    for page, own in rows.items():
        path = options.catalogue / "inputs" / page
        began = time.monotonic()
        (result,) = extract([str(path)], None, Request(offline=True), 1, Watcher())
        slowest = max(slowest, (time.monotonic() - began, page))
        originals = {figure.original for figure in result.figures}
        text = path.read_text(errors="replace")
        pictures = (read_html if path.suffix == ".html" else read_markdown)(text).pictures
        for row in own:
            here = bool(row["file"])
            taken = row["src"] in originals if here else _may_be(row, pictures)
            counts[row["capture"], "with its file" if here else "by its reference", taken] += 1
            if taken != (row["capture"] == "yes") and row["capture"] != "maybe":
                said = "kept" if taken else "lost"
                print(f"{said}: {row['label']}, {page} line {row['line']}: {row['src'][:80]}")
    for (wanted, how, taken), count in sorted(counts.items()):
        print(f"{wanted:5} {how:16} {'captured' if taken else 'left out'}: {count}")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"slowest page {slowest[1]}: {slowest[0]:.1f} s; largest process {memory} MB")


def _may_be(row: dict[str, Any], pictures: tuple[Picture, ...]) -> bool:
    """Is this picture not refused by its reference? A page may show one twice; a card is no picture of it."""
    card = row["how"] == "meta"
    return any(
        picture.original == row["src"]
        and (picture.how == "card") == card
        and not refused_by_reference(picture, urljoin("https://example.org/", row["resolved"] or row["src"]))
        for picture in pictures
    )


if __name__ == "__main__":
    main()
