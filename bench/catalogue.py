"""A real catalogue, end to end: its README and the documents behind its entries, by `papercap sync`.

    python bench/catalogue.py CATALOGUE_FOLDER WORK_FOLDER [--docs]

Makes WORK_FOLDER with a copy of the README and a papercap.toml that names, for each entry, the documents of
inputs/MANIFEST.jsonl with the addresses that they are from; runs `papercap sync`; says of how many entries
something came and checks that the README holds it, and every other byte as it was. With --docs the table of
the run goes into docs/catalogue-run.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from links import known_as

from papercap.catalogue import read_entries
from papercap.gallery import strip

DOCS = Path(__file__).resolve().parents[1] / "docs" / "catalogue-run.md"


def main() -> None:
    """Run it and print what came of it."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("folder", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--docs", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True)
    readme = options.work / "README.md"
    shutil.copyfile(options.folder / "README.md", readme)
    before = readme.read_bytes()
    settings, inputs = _settings(options.folder, options.work)
    (options.work / "papercap.toml").write_text(settings, encoding="utf-8")
    begun = time.perf_counter()
    report = options.work / "report.md"
    command = [
        sys.executable,
        "-m",
        "papercap",
        "sync",
        "--offline",
        "--outside",
        "--json",
        "--report",
        "report.md",
    ]
    done = subprocess.run(command, cwd=options.work, stdout=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - begun
    entries = read_entries(before)
    synced = json.loads(done.stdout)
    shown = _shown(readme.read_bytes(), [entry.id for entry in entries])
    assert strip(readme.read_bytes()) == before, "a byte outside the markers changed"
    with_figures = [one for one in synced if one["figures"]]
    facts = (
        f"{len(entries)} entries read, {len(inputs)} with inputs, {len(with_figures)} with figures, "
        f"{sum(bool(shown[one['entry']]) for one in with_figures)} of them shown inside their block "
        f"({sum(shown.values())} figures)"
    )
    print(f"exit {done.returncode}, {seconds:.0f} s; {facts}")
    for one in synced:
        if one["entry"] in inputs and not one["figures"]:
            print(f"  none: {one['entry']}: {one['why']}")
    print(report.read_text(encoding="utf-8"))
    if options.docs:
        DOCS.write_text(_page(facts, report.read_text(encoding="utf-8")), encoding="utf-8")


def _settings(folder: Path, work: Path) -> tuple[str, set[str]]:
    """The [sources] of the manifest's documents; of two at one address each has its commit's."""
    entries = read_entries((folder / "README.md").read_bytes())
    rows = [json.loads(line) for line in (folder / "inputs/MANIFEST.jsonl").read_text().splitlines()]
    by_entry: dict[str, list[str]] = {}
    used: set[str] = set()
    for row in rows:
        if row["kind"] not in ("readme", "html", "pdf"):
            continue
        url = row["original_url"]
        if url in used and "@" in row["source"]:
            commit = row["source"].split("@")[1].split(":")[0]
            url = f"{url}/tree/{commit}"
        used.add(url)
        path = os.path.relpath(folder / "inputs" / row["file"], work)
        given = f"{{ path = {json.dumps(path)}, url = {json.dumps(url)} }}"
        by_entry.setdefault(known_as(row["entry"], entries), []).append(given)
    lines = [
        f"{json.dumps(entry, ensure_ascii=False)} = [{', '.join(given)}]" for entry, given in by_entry.items()
    ]
    return "[sources]\n" + "\n".join(lines) + "\n", set(by_entry)


def _shown(readme: bytes, ids: list[str]) -> dict[str, int]:
    """The pictures in each entry's block."""
    text = readme.decode()
    found = {}
    for name in ids:
        _before, _mark, rest = text.partition(f"<!-- papercap:figures {name} ")
        found[name] = rest.partition("<!-- /papercap:figures -->")[0].count("<img ")
    return found


def _page(facts: str, table: str) -> str:
    return (
        "# A real catalogue, end to end\n\n"
        "What `papercap sync` made of a README of 25 entries that somebody wrote by hand, with papers,\n"
        "READMEs and posts for its entries as they stood in public repositories. No server was asked: what\n"
        "has no input there fails, and says so. Written by `python bench/catalogue.py`.\n\n"
        f"{facts}.\n\n{table}"
    )


if __name__ == "__main__":
    main()
