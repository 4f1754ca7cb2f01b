"""Measure `papercap readme` on a catalogue of many entries and figures.

    python bench/readme_speed.py [--figures 20000] [--entries 1000] [--rounds 5]

Made-up papers (as in search_speed.py), each linked as a whole to one entry of a made-up README, stand as
records in a folder with their index. `papercap readme` runs as a process of its own: once to write all, then
with nothing to do, then after one link was taken away. Prints the seconds of each and what was written.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from search_speed import make_papers

from papercap.archive import Archive
from papercap.records import Link, Paper, encode_record


def main() -> None:
    """Make the archive, then time the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--figures", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "README.md").write_text(_readme(options.entries), encoding="utf-8")
        papers = _make_archive(root, options)
        first = _run(root)
        written = len(list((root / "gallery").glob("*.md"))) if (root / "gallery").is_dir() else 0
        size = (root / "README.md").stat().st_size
        before = _stamps(root)
        idle = [_run(root) for _ in range(options.rounds)]
        assert _stamps(root) == before, "files were touched though nothing had changed"
        changed = []
        for paper in papers[: options.rounds]:
            with Archive(root) as archive:
                archive.unlink([paper.id], paper.links[0].entry)
            changed.append(_run(root))
        touched = sum(stamp != before.get(path) for path, stamp in _stamps(root).items())
    print(f"{options.entries} entries, {options.figures} figures of {len(papers)} papers")
    print(f"first: {first:.2f} s (README of {size / 1024:.0f} KiB, {written} pages)")
    print(f"nothing to do: {statistics.median(idle):.2f} s (worst {max(idle):.2f})")
    print(f"one link gone: {statistics.median(changed):.2f} s (worst {max(changed):.2f})")
    print(f"files touched for {options.rounds} links: {touched}")


def _readme(entries: int) -> str:
    parts = [
        f"<details>\n<summary>[Model {n}](https://models.org/{n}): number {n} of many</summary>\n\n"
        "Notes on it.\n</details>\n"
        for n in range(entries)
    ]
    return "# Models\n\n## All\n\n" + "\n".join(parts)


def _make_archive(root: Path, options: argparse.Namespace) -> list[Paper]:
    with Archive.create(root) as archive:
        papers: list[Paper] = []
        for number, (paper, _sha256) in enumerate(make_papers(options.figures)):
            n = number % options.entries
            link = Link(entry=f"model-{n}", name=f"Model {n}", url=f"https://models.org/{n}", section="All")
            figures = tuple(msgspec.structs.replace(figure, links=()) for figure in paper.figures)
            papers.append(msgspec.structs.replace(paper, links=(link,), figures=figures))
            place = root / "archive" / paper.id
            place.mkdir()
            (place / "record.json").write_bytes(encode_record(papers[-1]))
        archive.reindex()
    return papers


def _run(root: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "papercap", "readme"], cwd=root, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - begun


def _stamps(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (root / "README.md", *(root / "gallery").glob("*"))}


if __name__ == "__main__":
    main()
