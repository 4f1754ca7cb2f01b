"""Make small research papers that never were, with the exact truth about their figures.

Run as: python bench/made/make.py OUT [--count 20] [--seed 1]. Writes OUT/pdfs/made-0001.pdf … and, beside it,
OUT/truth/made-0001.json; the same seed and the same versions of typst, numpy and Pillow give the same papers.
"""

import argparse
import hashlib
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import typst
from look import Look, draw_look
from paper import PaperWriter
from truth import items

HERE = Path(__file__).resolve().parent
FONTS = HERE.parents[1] / "examples" / "fonts"
WRITTEN = datetime(2026, 1, 15, 12, tzinfo=UTC)  # in the PDF in place of the time of the run


def make_paper(name: str, seed: int, out: Path) -> int:
    """Write the paper of this seed and its truth; how many items it has."""
    rng = Random(seed)
    look = draw_look(rng)
    with TemporaryDirectory() as place:
        folder = Path(place)
        for part in (HERE / "typ").glob("*.typ"):
            shutil.copy(part, folder)
        main = folder / "paper.typ"
        main.write_text(PaperWriter(rng, look, folder).source(), encoding="utf-8")
        compiler = typst.Compiler(main, root=folder, font_paths=[FONTS], ignore_system_fonts=True)
        pdf = compiler.compile(format="pdf", timestamp=WRITTEN, pdf_tags=rng.random() < 0.5)
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave pages where one PDF was asked for")
        found = items(compiler)
    (out / "pdfs" / f"{name}.pdf").write_bytes(pdf)
    whole = {
        "pdf": f"{name}.pdf",
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "source": f"bench/made/make.py, seed {seed}",
        "layout": describe(look),
        "annotated_pages": "all",
        "items": found,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    (out / "truth" / f"{name}.json").write_text(text, encoding="utf-8")
    return len(found)


def describe(look: Look) -> str:
    columns = ("one column", "two columns", "three columns")[look.columns - 1]
    captions = f"{look.figures.shape} captions {look.figures.place} their figures"
    around = [f"rules {' and '.join(look.figures.rules)}"] if look.figures.rules else []
    around += ["frames with their captions"] if look.figures.frame else []
    tables = f"tables with rules: {look.table_rules}"
    return ", ".join([columns, look.paper, look.language.code, captions, *around, tables])


def main() -> None:
    """Make as many papers as were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first paper's; each next paper's is one more"
    )
    options = parser.parse_args()
    for folder in ("pdfs", "truth"):
        (options.out / folder).mkdir(parents=True, exist_ok=True)
    for at in range(options.count):
        name = f"made-{at + 1:04}"
        found = make_paper(name, options.seed + at, options.out)
        print(f"{name}: {found} figures and tables", file=sys.stderr)


if __name__ == "__main__":
    main()
