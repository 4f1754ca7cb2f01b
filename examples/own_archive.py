"""Make the repository's own archive anew: capture the sample, link its figures to the README's entries.

    python examples/own_archive.py

To be run when the sample, the finder or the galleries have changed; what comes of it is committed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = "examples/open-language-models-2023.pdf"  # from the root: the record keeps what was typed
LINKS = {  # entry of the README → the sample's figures that illustrate it
    "awesome-totally-open-chatgpt": ("table-1",),
    "LLaMA": ("figure-1", "figure-2", "table-4", "figure-5"),
    "StableLM": ("figure-1", "table-2"),
    "Alpaca": ("figure-2", "table-2", "algorithm-1"),
    "CodeAlpaca": ("figure-2", "table-2", "figure-4", "algorithm-1"),
    "GPT4ALL": ("table-2", "figure-4"),
    "Vicuna": ("table-2", "table-4"),
    "KoAlpaca": ("figure-7", "table-7", "table-2"),
    "Dolly 2.0": ("figure-1", "figure-4", "table-6"),
    "Cerebras-GPT": ("figure-1", "table-4"),
    "Koala": ("table-3", "table-4"),
    "SantaCoder": ("figure-1", "table-4"),
    "Simple LLaMA Finetuner": ("table-5",),
    "RedPajama": ("figure-3",),
    "LLaMA Academy": ("table-5",),
    "xTuring": ("table-5",),
    "TurboPilot": ("table-5",),
    "DeepSpeed Chat": ("table-5",),
    "ColossalChat": ("figure-6", "table-5"),
    "ShareGPT52K": ("table-2",),
    "llama-int8": ("figure-5", "table-5"),
}


def main() -> None:
    """Throw the archive away and capture it again."""
    shutil.rmtree(ROOT / "archive", ignore_errors=True)
    (ROOT / "index.db").unlink(missing_ok=True)
    papercap("init")
    papercap("add", SAMPLE, "--tag", "survey", "--tag", "2023")
    (paper,) = (path.parent.name for path in (ROOT / "archive").glob("*/record.json"))
    papercap("edit", paper, "--authors", "The papercap authors", "--licence", "AGPL-3.0-or-later")
    for entry, figures in LINKS.items():
        papercap("link", *(f"{paper}/{figure}" for figure in figures), entry)
    papercap("readme")
    papercap("check")


def papercap(*arguments: str) -> None:
    """Run a command on the repository; stop where it fails."""
    subprocess.run([sys.executable, "-m", "papercap", *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
