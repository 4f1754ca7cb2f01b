#!/usr/bin/env python3
"""Set everything up on a fresh machine and run it: `python3 run.py demo`, `python3 run.py test`.

Needs Python 3.11 or newer and a package registry; installs into `.venv` beside this file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SAMPLE = HERE / "examples" / "open-language-models-2023.pdf"
SHOWN = {  # entry of the demo's catalogue → figures of the sample
    "LLaMA": ("figure-1", "figure-2"),
    "KoAlpaca": ("figure-7", "table-7"),
    "Dolly 2.0": ("table-6",),
    "RedPajama": ("figure-3",),
}


def install(extra: str = "") -> None:
    """Install papercap and what it needs into `.venv`, unless just that is there."""
    stamp = VENV / f".installed{extra.replace('[', '-').replace(']', '')}"
    project = HERE / "pyproject.toml"
    if stamp.exists() and stamp.stat().st_mtime > project.stat().st_mtime:
        return
    if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
        venv.create(VENV, with_pip=True)
    call(
        BIN / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-e",
        f"{HERE}{extra}",
    )
    stamp.touch()


def demo() -> None:
    """Capture the sample paper into `demo/` and show what came of it."""
    install()
    root = HERE / "demo"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    shutil.copy(HERE / "examples" / "catalogue.md", root / "README.md")
    papercap = (BIN / "papercap", "--root", root)
    call(*papercap, "add", SAMPLE, "--tag", "survey")
    (paper,) = (path.parent.name for path in (root / "archive").glob("*/record.json"))
    for entry, figures in SHOWN.items():
        call(*papercap, "link", *(f"{paper}/{figure}" for figure in figures), entry)
    call(*papercap, "readme")
    call(*papercap, "search", "학습")
    print(f"\nfigures:  {root / 'archive'}\nindex:    {root / 'index.db'}\ngallery:  {root / 'README.md'}")


def test(arguments: list[str]) -> None:
    """Run the test suite; more arguments go to pytest."""
    install("[dev]")
    call(BIN / "python", "-m", "pytest", *(arguments or ["-n", str(os.cpu_count() or 1)]))


def call(*command: object) -> None:
    """Show a command, run it in the project's folder, and stop where it fails."""
    words = [str(word) for word in command]
    print("$", " ".join([Path(words[0]).name, *words[1:]]), flush=True)
    done = subprocess.run(words, cwd=HERE, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit("papercap needs Python 3.11 or newer")
    match sys.argv[1:]:
        case ["demo"]:
            demo()
        case ["test", *rest]:
            test(rest)
        case _:
            sys.exit("usage: python3 run.py demo | test [PYTEST ARGUMENTS]")
