"""How well links are proposed: each document of a manifest, with the address that a user would have typed.

    python bench/links.py CATALOGUE_FOLDER [--show]

The folder holds a README with entries, and inputs/ with MANIFEST.jsonl: `entry`, `file`, `kind`,
`original_url`. Each PDF, page and Markdown file is read as `papercap add FILE --url ORIGINAL_URL` would,
under a name that says nothing. Precision and recall are over documents: an entry is right if the manifest
has the document beneath it; of entries alike in name and address either is.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from papercap import pipeline
from papercap.archive import Archive, Extras
from papercap.catalogue import read_entries
from papercap.catalogue.match import doubles
from papercap.linking import SURE, WORTH_ASKING, Linker
from papercap.linking.naming import squeezed
from papercap.pipeline.batch import Watcher
from papercap.records import Entry


def main() -> None:
    """Read all documents and print what was proposed of each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="each document with all that is proposed")
    options = parser.parse_args()
    entries = read_entries((options.folder / "README.md").read_bytes())
    linker, twice = Linker(entries), doubles(entries)
    rows = [json.loads(line) for line in (options.folder / "inputs/MANIFEST.jsonl").read_text().splitlines()]
    rows = [
        row | {"entry": known_as(row["entry"], entries)}
        for row in rows
        if row["kind"] in ("readme", "html", "pdf")
    ]
    found: dict[str, dict[str, tuple[float, str]]] = {}
    with tempfile.TemporaryDirectory() as place, Archive.create(Path(place) / "root") as archive:
        for number, row in enumerate(rows):
            file = options.folder / "inputs" / row["file"]
            plain = Path(place) / f"tree{number}"
            shutil.copytree(file.parent, plain)
            source = str((plain / file.name).rename(plain / f"document{file.suffix}"))
            given = {source: pipeline.Given(url=row["original_url"])}
            request = pipeline.Request(extras=Extras(), given=given, offline=True)
            (report,) = pipeline.add(lambda: archive, [source], request, 1, Watcher())
            if report.paper is None:
                print(f"not read: {row['file']}: {report.error}")
                continue
            proposed = linker.propose(archive.record(report.paper))
            best: dict[str, tuple[float, str]] = {}
            for one in proposed:
                entry = twice.get(one.link.entry, one.link.entry)
                if one.score > best.get(entry, (0.0, ""))[0]:
                    best[entry] = (one.score, f"{one.figure or 'whole'}: {one.link.why}")
            found[row["file"]] = best
    _score(rows, found, options.show)


def _score(rows: list[dict[str, str]], found: dict[str, dict[str, tuple[float, str]]], show: bool) -> None:
    wanted = {row["file"]: row["entry"] for row in rows}
    for name, least, whole in (
        ("made by itself", SURE, True),
        ("proposed of whole documents", WORTH_ASKING, True),
        ("proposed of documents or of single figures", WORTH_ASKING, False),
    ):
        pairs = {
            (file, entry)
            for file, best in found.items()
            for entry, (score, why) in best.items()
            if score >= least and (why.startswith("whole") or not whole)
        }
        right = {(file, entry) for file, entry in pairs if wanted[file] == entry}
        precision = len(right) / len(pairs) if pairs else 1.0
        print(
            f"{name}: {len(pairs)} links, {len(right)} right: precision {precision:.3f}, "
            f"recall {len(right) / len(found):.3f} of {len(found)} documents"
        )
    for file, best in found.items() if show else ():
        hit = wanted[file] in best
        print(f"{'  ' if hit else '! '}{file} (wanted {wanted[file]})")
        for entry, (score, why) in sorted(best.items(), key=lambda pair: -pair[1][0]):
            print(f"       {score:.2f} {entry}: {why[:150]}")


def known_as(name: str, entries: list[Entry]) -> str:
    """The id that papercap gives to an entry of the manifest, whose ids are shortened names."""
    if any(entry.id == name for entry in entries):
        return name
    plain = squeezed(name)
    return next(e.id for e in entries if plain in squeezed(e.id) or plain in squeezed(e.url or ""))


if __name__ == "__main__":
    main()
