"""Typeset papercap's sample paper, and write down where each of its figures stands.

Run as: python examples/make_sample.py [FOLDER]. The paper and its truth file are written beside this script,
or into FOLDER; the same input and the same versions of typst and Pillow give the same bytes.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import typst
from sample.picture import llama_at_dusk
from sample.truth import truth

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "sample" / "llama-at-dusk.jpg"
NAME = "open-language-models-2023"
WRITTEN = datetime(2026, 1, 15, 12, tzinfo=UTC)  # in the PDF in place of the time of the run


def draw_picture() -> None:
    """Draw the paper's one picture unless it is there; it is kept because JPEG encoders differ."""
    if not PICTURE.exists():
        PICTURE.write_bytes(llama_at_dusk())


def main() -> None:
    """Write the PDF and its truth."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    draw_picture()
    paper = HERE / "sample" / "paper.typ"
    compiler = typst.Compiler(paper, font_paths=[HERE / "fonts"], ignore_system_fonts=True)
    pdf = compiler.compile(format="pdf", timestamp=WRITTEN)
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave pages where one PDF was asked for")
    (folder / f"{NAME}.pdf").write_bytes(pdf)
    found = json.dumps(truth(compiler, f"{NAME}.pdf", pdf), ensure_ascii=False, indent=1)
    (folder / f"{NAME}.truth.json").write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
