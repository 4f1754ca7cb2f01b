"""The commands that are broken, and what must hold after any break."""

from __future__ import annotations

import json
import subprocess
import sys

from papercap.archive import Archive
from papercap.check import check_archive

NAMES = [
    "add", "add again", "tag", "untag", "link", "edit", "crop", "fix", "remove", "restore", "empty the trash",
    "pin", "relink", "readme", "reindex",
]  # fmt: skip
ONCE = {"untag", "remove", "restore", "relink"}  # which find nothing to do when they are run again


def papercap(root, *arguments, **more):
    done = subprocess.run(
        [sys.executable, "-m", "papercap", "--root", root, *arguments],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=120, **more,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


def commands(base):
    """Every command that writes, by name."""
    with Archive(base) as archive:
        one, two = [row.id for row in archive.papers()]
        figure = archive.figures(one)[0].id
        gone = archive.trash()[0].id
    return {
        "add": ["add", str(base.parent / "new.pdf"), "--tag", "fresh"],
        "add again": ["add", str(base.parent / "two.pdf"), "--again", "--dpi", "100"],
        "tag": ["tag", one, figure, "new"],
        "untag": ["untag", one, "old"],
        "link": ["link", two, "Koala"],
        "edit": ["edit", two, "--title", "Counting Goats"],
        "crop": ["crop", one, "--page", "1", "--box", "100,300,250,400", "--label", "Figure 9"],
        "fix": ["fix", figure, "--box", "100,300,250,400"],
        "remove": ["remove", one],
        "restore": ["restore", gone],
        "empty the trash": ["trash", "--empty", "--yes"],
        "pin": ["pin", figure],
        "relink": ["relink", "llama", "Koala"],
        "readme": ["readme"],
        "reindex": ["reindex"],
    }


def state(root):
    """All that a person would miss: each record but for times, those in the trash, and the README."""
    folder = root / "archive"
    removed = {
        path.parent.parent.name: _record(path) for path in folder.glob(".trash/papers/*/*/record.json")
    }
    return (
        {path.parent.name: _record(path) for path in folder.glob("[!.]*/record.json")},
        removed,
        (root / "README.md").read_bytes(),
    )


def _record(path):
    record = json.loads(path.read_bytes())
    del record["added"]
    return record


def is_sound(root, after=None):
    """After any command, which finishes what a dead one left; `after` says what was done to it."""
    with Archive(root) as archive:
        archive.papers()
        with archive.store.lock(wait=0):  # nobody holds it
            pass
        found = check_archive(archive)
        assert not found, (after, found)
    left = {path.name for path in (root / "archive").iterdir() if path.name.startswith(".")}
    assert left <= {".lock", ".gitignore", ".gitattributes", ".pending", ".aside", ".trash"}, (after, left)
    for name in (".pending", ".aside"):
        rest = sorted(path.name for path in (root / "archive" / name).glob("*"))
        assert not rest, (after, name, rest)
    have = {path.name for path in root.iterdir()}
    have -= {".README.md.new"}  # the next writing takes that
    assert have == {"README.md", "archive", "index.db"}, (after, have)


def some(walk, count, faults_all):
    """All places, or a few spread over the walk."""
    assert len(walk) >= count
    return walk if faults_all else walk[:: len(walk) // count][:count]
