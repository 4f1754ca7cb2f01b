"""Bit rot: one bit, or all of a file, of each kind of file in an archive; `check` names it, `--repair` mends it.

A few seeded places of each kind are tried; with `--faults-all` several hundred, and the counts are told at the end.
"""

import random
import re
import shutil
from collections import Counter
from typing import NamedTuple

import pytest
from conftest import tree
from test_commands import rows_of

import papercap
from papercap.archive import INDEX, Archive
from papercap.check import check_archive
from papercap.errors import PapercapError
from papercap.pipeline.repair import mend_mark, repair_archive

KINDS = {
    "image": "figure-1.png",
    "vector": "figure-2.pdf",
    "thumbnail": "thumbs/table-1.webp",
    "source": "source.pdf",
    "record": "record.json",
    "mark": "../papercap.json",
    "index": f"../../{INDEX}",
}
FLIPS = dict.fromkeys(KINDS, (3, 60)) | {"index": (12, 600), "record": (4, 120), "mark": (12, 112)}
ENDS = {  # beside "as before"
    "index": "harmless",  # nothing stands there
    "record": "sound, as the record reads now",  # another letter in a title: a person could have written it
    "mark": "left: newer",  # the digit of a higher format
}
SEED = 20240607


class Made(NamedTuple):
    """A sound archive of one paper, and all that it holds."""

    root: object
    document: object
    files: dict
    rows: dict


@pytest.fixture(scope="module")
def made(tmp_path_factory, paper):
    root = tmp_path_factory.mktemp("rot") / "root"
    with Archive.create(root) as archive:
        name = papercap.capture(paper, archive, tags=["old"]).paper
        archive.tag([f"{name}/figure-1"], "mine")
        assert check_archive(archive) == []
    return Made(root, paper, files_in(root), rows_of(root / INDEX))


def files_in(root):
    kept = tree(root / "archive")
    return {name: data for name, data in kept.items() if not name.startswith(".trash/")}


def target(root, kind):
    (folder,) = [path for path in (root / "archive").iterdir() if path.is_dir() and path.name[0] != "."]
    return (folder / KINDS[kind]).resolve()


def named(root, file):
    """Does `check` name the file, as a problem or in the line with which it ends?"""
    try:
        with Archive(root) as archive:
            return any(file in f"{problem.file}: {problem.what}" for problem in check_archive(archive))
    except PapercapError as error:
        return file in str(error)


def repaired(root, *documents):
    """Repair, and repair again; the problems that are left."""
    try:
        mend_mark(root)
        with Archive(root) as archive:
            first = repair_archive(archive, documents)
        with Archive(root) as archive:
            again = check_archive(archive)
    except PapercapError as error:
        return [str(error)]
    assert {problem.file for problem in again} <= {problem.file for problem in first if not problem.mended}
    return again


def flips(kind, size, faults_all):
    """Seeded places to flip a bit at; all there are in a small file."""
    count = FLIPS[kind][faults_all]
    return random.Random(f"{SEED} {kind}").sample(range(size * 8), min(count, size * 8))


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_named_and_mended(kind, made, tmp_path, faults_all, tell):
    counts = Counter()
    for number, at in enumerate(flips(kind, target(made.root, kind).stat().st_size, faults_all)):
        root = tmp_path / str(number)
        shutil.copytree(made.root, root)
        path = target(root, kind)
        data = bytearray(path.read_bytes())
        data[at // 8] ^= 1 << at % 8
        path.write_bytes(data)
        counts[result(kind, root, path, made)] += 1
        shutil.rmtree(root)
    assert set(counts) <= {"as before", ENDS.get(kind)}
    tell(f"{kind}: {counts.total() - counts['harmless']} of {counts.total()} flips found: {dict(counts)}")


def result(kind, root, path, made):
    """What became of a damaged archive."""
    found = named(root, path.name)
    if not found:
        assert kind == "index", path
        assert folded(rows_of(path)) == folded(made.rows)
        return "harmless"
    if kind == "source":
        assert repaired(root), "a document cannot come from nothing"
    left = repaired(root, made.document)
    if left:
        return "left: newer" if "newer papercap" in str(left) else f"left: {left}"
    assert not named(root, path.name)
    if files_in(root) != made.files:
        return "sound, as the record reads now"
    assert rows_of(root / INDEX) == made.rows
    return "as before"


def folded(rows):
    """As SQL compares: a column may be called `texT`, and 403.0 be kept as 403."""
    return re.sub(r"(\d)\.0\b", r"\1", repr(rows)).casefold()


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zero(path):
    path.write_bytes(bytes(path.stat().st_size))


def delete(path):
    path.unlink()


def rename(path):
    path.rename(path.with_name(f"{path.name}.old"))


@pytest.mark.parametrize("damage", [truncate, zero, delete, rename])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_zeroed_gone_or_renamed_is_named_and_mended(kind, damage, made, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(made.root, root)
    path = target(root, kind)
    damage(path)
    # Without its mark no archive is found, and a paper's folder stands for its record; an index may go.
    found = named(root, path.name) or named(root, path.parent.name) or named(root, str(root))
    assert found or (kind == "index" and damage in {delete, rename})
    left = repaired(root, made.document)
    if kind == "record" and damage is not rename:
        assert left  # it is said what is still known
        return
    assert left == []
    assert files_in(root) == made.files
    assert rows_of(root / INDEX) == made.rows
