"""Broken PDFs without end: `python tests/faults/fuzz.py OUT --seconds N --seed S`.

Mutates small papers of the tests' own and gives them to a worker. A result is right, and so is an error in
one line; anything else, a crash of the child among it, is kept in OUT and ends with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from papers import make_paper, pymupdf

from papercap.errors import PapercapError
from papercap.records import Job
from papercap.workers import Worker

MAX_SECONDS = 60  # of one input; more than a page's limit, as a page that hangs is passed over
CRASHES = ("signal", "no answer", "makes no sense", "Error", "Exception")  # in what is told of an input
EXPECTED = ("needs more than",)  # of memory
NUMBERS = (b"0", b"-1", b"1", b"65536", b"2147483647", b"-2147483648", b"4294967296", b"1e38", b"nan")
NAMES = re.compile(rb"/[A-Za-z]{2,}")
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


class Tally(NamedTuple):
    """What came of the inputs, how long the slowest took, and what was told of those that were wrong."""

    ends: Counter[str]
    slowest: float
    wrong: list[str]


def seeds(folder: Path) -> list[bytes]:
    """Papers as PDFs of several makes: plain, packed into object streams, with a picture, locked."""
    plain = make_paper(folder / "seed-plain.pdf", figures=2)
    make_paper(folder / "seed-locked.pdf", figures=1, password="x")
    with pymupdf.open(plain) as doc:
        doc.save(folder / "seed-packed.pdf", garbage=3, deflate=True, use_objstms=1)
        doc.save(folder / "seed-open.pdf", expand=255, ascii=True)
        pixels = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 40))
        pixels.clear_with(120)
        doc[0].insert_image(pymupdf.Rect(60, 150, 200, 250), pixmap=pixels)
        doc[1].add_highlight_annot(pymupdf.Rect(60, 300, 200, 320))
        doc.save(folder / "seed-picture.pdf")
    return [path.read_bytes() for path in sorted(folder.glob("seed-*.pdf"))]


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The document with one to eight wounds."""
    wounds = (_flipped, _cut, _spliced, _doubled, _renumbered, _renumbered, _renamed)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        data = chance.choice(wounds)(data, others, chance) or data
    return data


def _flipped(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 4, 32, 256))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    end = len(data) if chance.random() < 0.3 else min(len(data), start + chance.choice((1, 16, 512, 4096)))
    return data[:start] + data[end:]


def _spliced(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    start, at = chance.randrange(len(other)), chance.randrange(len(data))
    return data[:at] + other[start : start + chance.choice((8, 128, 4096))] + data[at:]


def _doubled(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((4, 64, 1024)))
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _renumbered(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    """Another number in a dictionary, a reference, a drawing or the table of places."""
    found = list(NUMBER.finditer(data, chance.randrange(len(data)))) or list(NUMBER.finditer(data))
    if not found:
        return data
    match = chance.choice(found[:400])
    new = chance.choice((*NUMBERS, str(chance.randrange(100)).encode()))
    return data[: match.start()] + new + data[match.end() :]


def _renamed(data: bytes, _others: list[bytes], chance: random.Random) -> bytes:
    names = list(NAMES.finditer(data))
    if len(names) < 2:
        return data
    one, other = chance.choice(names), chance.choice(names)
    return data[: one.start()] + other[0] + data[one.end() :]


def fuzz(out: Path, seconds: float, seed: int) -> Tally:
    """Read mutated papers for so long; those that end wrongly stay in the folder."""
    out.mkdir(parents=True, exist_ok=True)
    chance, originals = random.Random(seed), seeds(out)
    pictures = out / "pictures"
    pictures.mkdir(exist_ok=True)
    path = out / "input.pdf"
    ends: Counter[str] = Counter()
    slowest, wrong, end = 0.0, [], time.monotonic() + seconds
    with Worker() as worker:
        while time.monotonic() < end:
            data = mutated(chance.choice(originals), originals, chance)
            path.write_bytes(data)
            start = time.monotonic()
            what, told = _read(worker, path, pictures)
            slowest = max(slowest, took := time.monotonic() - start)
            ends[what] += 1
            if what == "wrong" or took > MAX_SECONDS:
                kept = out / f"wrong-{seed}-{sum(ends.values())}.pdf"
                kept.write_bytes(data)
                wrong.append(f"{kept.name} after {took:.0f} s: {told}")
    return Tally(ends, slowest, wrong)


def _read(worker: Worker, path: Path, pictures: Path) -> tuple[str, str]:
    job = Job(name=path.name, path=os.fsencode(path.absolute()), out=os.fsencode(pictures.absolute()))
    try:
        outcome = worker.run(job, lambda _progress: None)
    except PapercapError as error:
        told = str(error)
        what = "refused"
    except Exception as error:  # what the loop is there to find
        return "wrong", f"{type(error).__name__}: {error}"
    else:
        missed = outcome.extraction.missed
        told = " ".join(lost.why for lost in missed)
        what = "in part" if missed else "read"
    crashed = any(sign in told for sign in CRASHES) and not any(sign in told for sign in EXPECTED)
    return ("wrong" if crashed or not told.isprintable() else what), told


def main() -> int:
    """Fuzz, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    tally = fuzz(given.out, given.seconds, given.seed)
    total = sum(tally.ends.values())
    print(f"{total} inputs, {total / given.seconds:.1f} a second, slowest {tally.slowest:.1f} s")
    print(", ".join(f"{count} {what}" for what, count in tally.ends.most_common()))
    for line in tally.wrong:
        print(line)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
