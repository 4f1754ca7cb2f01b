"""A disk that is full, has no inodes left, cannot be written or may not be: told in a line, nothing by half."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from oracle import commands, is_sound, papercap, state

STEPS = (4, 16)  # sizes of disk; with --faults-all
PAGES = 160  # of 4 kB, that any of the commands needs at most


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


@contextmanager
def mounted(folder, *options):
    """A small disk of its own; skips where that needs more rights."""
    folder.mkdir()
    if shutil.which("mount") is None or not mount("-t", "tmpfs", *options, "tmpfs", folder):
        pytest.skip("needs the right to mount")
    try:
        yield folder / "root"
    finally:
        subprocess.run(["umount", folder], check=True)


def leave(disk, pages):
    """Make the disk as small as what is on it and so many pages of 4 kB more."""
    status = os.statvfs(disk)
    used = status.f_blocks - status.f_bfree
    assert mount("-o", f"remount,size={(used + pages) * status.f_frsize}", disk)


@pytest.mark.parametrize("name", ["add", "add again", "tag", "crop", "remove", "readme", "reindex"])
def test_a_full_disk_is_told_of_and_nothing_is_half_done(name, base, tmp_path, faults_all):
    command = commands(base)[name]
    before, refused = state(base), 0
    done = tmp_path / "done"
    shutil.copytree(base, done)
    papercap(done, *command)
    after = state(done)
    steps = STEPS[faults_all]
    for step in range(steps):
        disk = tmp_path / f"disk-{step}"
        with mounted(disk, "-o", "size=64m") as root:
            shutil.copytree(base, root)
            leave(disk, step * (PAGES // steps))
            ran = papercap(root, *command)
            if ran.returncode:
                refused += 1
                assert ran.stderr.strip().splitlines()[-1].startswith("papercap: "), ran
                assert papercap(root, "search", "loss").returncode == 0
            mount("-o", "remount,size=64m", disk)
            is_sound(root)
            assert state(root) in (before, after)
            if ran.returncode and state(root) == before:  # not if the rows alone had no room
                assert papercap(root, *command).returncode == 0
            assert state(root) == after
    assert refused


def test_a_disk_without_inodes_is_told_of(base, tmp_path):
    count = sum(1 for _ in base.rglob("*")) + 6
    with mounted(tmp_path / "disk", "-o", f"size=64m,nr_inodes={count}") as root:
        shutil.copytree(base, root)
        ran = papercap(root, *commands(base)["add"])
        assert ran.returncode == 1
        assert "No space left" in ran.stderr
        mount("-o", "remount,nr_inodes=9999", tmp_path / "disk")
        is_sound(root)
        assert state(root) == state(base)
        assert papercap(root, *commands(base)["add"]).returncode == 0


def test_an_archive_on_a_disk_that_cannot_be_written_is_read(base, tmp_path):
    with mounted(tmp_path / "disk", "-o", "size=64m") as root:
        shutil.copytree(base, root)
        assert mount("-o", "remount,ro", tmp_path / "disk")
        for reading in (["list"], ["search", "loss"], ["tags"], ["check"], ["readme", "--diff"], ["entries"]):
            ran = papercap(root, *reading)
            assert ran.returncode in (0, 6), ran
        figure = commands(base)["fix"][1]
        assert papercap(root, "show", figure).returncode == 0
        assert papercap(root, "get", figure, "--out", tmp_path / "figure.png").returncode == 0
        for name, writing in commands(base).items():
            ran = papercap(root, *writing)
            assert ran.returncode == 1, name
            assert "ead-only" in ran.stderr, name
            assert len(ran.stderr.strip().splitlines()) == 1, name
        assert state(root) == state(base)


def test_an_archive_of_someone_else_is_read_and_not_written(base, tmp_path):
    """As another user, for the superuser may do anything."""
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs to become another user")
    root = tmp_path / "root"
    shutil.copytree(base, root)
    python = ["env", "HOME=/nonexistent", *nobody, sys.executable, "-m", "papercap"]
    if subprocess.run([*python, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("another user may not run this Python")
    for folder in (tmp_path, *tmp_path.parents, base.parent):
        if not folder.stat().st_mode & 0o005 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o005)
    found = subprocess.run([*python, "--root", root, "search", "loss"], capture_output=True, check=False)
    assert found.returncode == 0, found
    for name, writing in commands(base).items():
        ran = subprocess.run(
            [*python, "--root", root, *writing], capture_output=True, text=True, check=False, cwd="/"
        )
        assert ran.returncode == 1, (name, ran)
        assert len(ran.stderr.strip().splitlines()) == 1, (name, ran)
    assert state(root) == state(base)
