"""An archive from somebody else may hold links that lead out of it: nothing there is written or deleted."""

import os
import shutil

import pytest
from click.testing import CliRunner
from conftest import tree
from oracle import commands

from papercap.archive import Archive
from papercap.cli import cli

PAPER = "PAPER"  # in the table: the folder of the paper that the commands change
LINKS = {  # what is a link → what it leads to
    "archive/.pending": "outside",
    "archive/.aside": "outside",
    "archive/.trash": "outside",
    "archive/.trash/papers": "outside",
    "archive/.trash/files": "outside",
    f"archive/.trash/papers/{PAPER}": "outside",
    "archive/.lock": "outside/thesis.txt",
    f"archive/.old-{PAPER}": "outside",
    f"archive/.pending/{PAPER}": "outside/none.txt",
    f"archive/{PAPER}": "outside/paper",
    f"archive/{PAPER}/thumbs": "outside",
    f"archive/{PAPER}/record.json": "outside/paper/record.json",
    f"archive/{PAPER}/.record.json.new": "outside/thesis.txt",
    f"archive/{PAPER}/figure-1.png": "outside/paper/figure-1.png",
    "archive/papercap.json": "outside/papercap.json",
    ".README.md.new": "outside/thesis.txt",
    "index.db": "outside/index.db",
    "index.db-journal": "outside/thesis.txt",
}
QUICK = ["tag", "readme", "reindex", "remove", "restore", "empty the trash"]  # those that read no document
SLOW = ["crop", "fix", "add"]
NAMED = ("thumbs", "record.json", "figure-1.png", ".record.json.new")  # what `check` names inside a paper


def papercap(root, *arguments):
    """The command in this process, as there are many of them."""
    ran = CliRunner().invoke(cli, ["--root", str(root), *arguments])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran
    return ran


@pytest.fixture
def trapped(base, tmp_path):
    """Make a copy of the archive with this link in it; the root and what is outside."""

    def make(link, target):
        root, outside = tmp_path / "root", tmp_path / "outside"
        shutil.copytree(base, root)
        with Archive(root) as archive:
            paper = next(row.id for row in archive.papers())
        shutil.copytree(root / "archive" / paper, outside / "paper")
        shutil.copy(root / "archive" / "papercap.json", outside)
        shutil.copy(root / "index.db", outside)
        for name in ("thesis.txt", f"{paper}.owner", f"{paper}/notes.txt"):
            (outside / name).parent.mkdir(exist_ok=True)
            (outside / name).write_text("years of work")
        place = root / link.replace(PAPER, paper)
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(tmp_path / target)
        return root, outside

    return make


@pytest.mark.parametrize(("link", "target"), LINKS.items(), ids=LINKS)
def test_a_link_that_leads_out_of_the_archive_is_not_followed_to_write(
    link, target, trapped, base, faults_all
):
    root, outside = trapped(link, target)
    before = tree(outside)
    command = commands(base)
    names = [*QUICK, *SLOW] if faults_all else QUICK
    writing = [command[name] for name in names]
    for arguments in (["search", "loss"], ["check"], *writing, ["check", "--repair"]):
        ran = papercap(root, *arguments)
        assert ran.exit_code in {0, 2, 4, 7} or "symbolic links" in ran.stderr, (arguments, ran.output)
        assert tree(outside) == before, arguments


@pytest.mark.parametrize("name", NAMED)
def test_check_names_a_link_inside_a_paper(name, trapped):
    link = f"archive/{PAPER}/{name}"
    root, _outside = trapped(link, LINKS[link])
    ran = papercap(root, "check", "--json")
    assert ran.exit_code == 7
    assert f"/{name}" in ran.stdout
    assert "a link" in ran.stdout


def test_an_archive_that_stands_elsewhere_is_used_through_a_link(base, tmp_path):
    shutil.copytree(base, tmp_path / "elsewhere")
    root = tmp_path / "root"
    root.mkdir()
    os.symlink(tmp_path / "elsewhere" / "archive", root / "archive")
    assert papercap(root, *commands(base)["tag"]).exit_code == 0
    assert papercap(root, "check").exit_code == 0
