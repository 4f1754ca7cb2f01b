"""A command that is killed at any system call that writes leaves a sound archive, and its README old or new.

A few places a command are walked; `PAPERCAP_FAULTS=all` walks every one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from killwalk import is_there, kill_at, places
from papers import make_paper

from papercap.archive import Archive
from papercap.check import check_archive

ALL = os.environ.get("PAPERCAP_FAULTS") == "all"
QUICK = 4  # places a command
README = """# Models

<details>
<summary>[LLaMA](https://example.org/llama): weights</summary>
</details>

<details>
<summary>[Koala](https://example.org/koala)</summary>
</details>
"""
pytestmark = pytest.mark.skipif(not is_there(), reason="needs strace, and the right to use it")


def papercap(root, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "papercap", "--root", root, *arguments],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A root with two papers, tags, a link, and a README that is out of step; and a paper to add."""
    folder = tmp_path_factory.mktemp("walk")
    root = folder / "root"
    root.mkdir()
    (root / "README.md").write_text(README)
    make_paper(folder / "new.pdf", title="Paper Airplanes", author="Cy Sample", seed=9)
    one = make_paper(folder / "one.pdf")
    two = make_paper(folder / "two.pdf", title="Counting Sheep by Night", author="Bo Sample", seed=7)
    assert papercap(root, "add", one, "--tag", "old", "--entry", "LLaMA") == 0
    assert papercap(root, "add", two) == 0
    return root


@pytest.fixture(scope="module")
def ids(base):
    with Archive(base) as archive:
        return [row.id for row in archive.papers()]


def commands(base, ids):
    one, two = ids
    with Archive(base) as archive:
        figure = archive.figures(one)[0].id
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
        "readme": ["readme"],
        "reindex": ["reindex"],
    }


def state(root):
    """All that a person would miss: each record but for times, and the README."""
    records = {}
    for path in sorted((root / "archive").glob("[!.]*/record.json")):
        record = json.loads(path.read_bytes())
        del record["added"]
        records[path.parent.name] = record
    return records, (root / "README.md").read_bytes()


def is_sound(root):
    """After any command, which finishes what a dead one left."""
    with Archive(root) as archive:
        archive.papers()
        with archive.store.lock(wait=0):  # nobody holds it
            pass
        assert check_archive(archive, lambda: None) == []
    left = {path.name for path in (root / "archive").iterdir() if path.name.startswith(".")}
    assert left <= {".lock", ".gitignore", ".gitattributes", ".pending", ".aside"}, left
    for name in (".pending", ".aside"):
        assert not list((root / "archive" / name).glob("*"))
    have = {path.name for path in root.iterdir()}
    assert have - {".README.md.new"} == {"README.md", "archive", "index.db"}  # the next writing takes that


NAMES = ["add", "add again", "tag", "untag", "link", "edit", "crop", "fix", "remove", "readme", "reindex"]


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_any_write_the_archive_is_sound_and_the_command_can_be_run_again(
    name, base, ids, tmp_path, capsys
):
    command = commands(base, ids)[name]
    before = state(base)
    done = tmp_path / "done"
    shutil.copytree(base, done)
    walk = places(done, command, tmp_path / "log")
    after = state(done)
    is_sound(done)
    assert len(walk) > QUICK
    chosen = walk if ALL else walk[:: len(walk) // QUICK][:QUICK]
    killed = 0
    for place in chosen:
        trial = tmp_path / "trial"
        shutil.copytree(base, trial)
        killed += kill_at(trial, command, place)
        is_sound(trial)
        assert state(trial) in (before, after), place
        code = papercap(trial, *command)
        assert code == 0 or (state(trial) == after and name in {"remove", "untag"}), place
        assert state(trial) == after, place
        is_sound(trial)
        shutil.rmtree(trial)
    assert killed >= 0.9 * len(chosen)  # a busy machine may order threads in another way
    with capsys.disabled():
        print(f"\n{name}: killed at {killed} of {len(walk)} places that write")
