"""A command whose disk fails says so in one line, changes nothing by half, and works once the disk does.

A few places a command are walked, with `--faults-all` every one.
"""

from __future__ import annotations

import shutil

import pytest
from oracle import NAMES, ONCE, commands, is_sound, papercap, some, state
from strace import fail_at, is_there, places

QUICK = 1  # places a command and error
ERRORS = {
    "ENOSPC": ("write", "pwrite64", "fsync", "fdatasync", "mkdir", "openat", "ftruncate"),
    "EIO": ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "openat"),
    "EACCES": ("rename", "openat", "mkdir", "unlink"),
    "EROFS": ("openat", "mkdir", "rename", "unlink"),
}  # the calls that can fail so
READ_ERRORS = {"EIO", "EACCES"}  # which meet those who only open to read, too
needs_strace = pytest.mark.skipif(not is_there(), reason="needs strace, and the right to use it")


@needs_strace
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", NAMES)
def test_a_failing_call_is_told_of_and_nothing_is_half_done(name, error, base, tmp_path, faults_all, tell):
    command = commands(base)[name]
    before = state(base)
    done = tmp_path / "done"
    shutil.copytree(base, done)
    every = places(done, command, tmp_path / "log", reads=error in READ_ERRORS)
    walk = [place for place in every if place.call in ERRORS[error]]
    after = state(done)
    chosen = some(walk, QUICK, faults_all)
    for place in chosen:
        trial = tmp_path / "trial"
        shutil.copytree(base, trial)
        ran = fail_at(trial, command, place, error)
        assert "Traceback" not in ran.err, (place, ran)
        is_sound(trial, (place, ran))
        assert state(trial) in (before, after), place
        if ran.code == 0:  # it could do without that call
            assert state(trial) == after, place
        else:
            assert ran.code > 0, (place, ran)
            assert ran.err.strip().splitlines()[-1].startswith("papercap: "), (place, ran)
        again = papercap(trial, *command).returncode
        assert again == 0 or (state(trial) == after and name in ONCE), place
        assert state(trial) == after or name == "crop", place
        is_sound(trial, place)
        shutil.rmtree(trial)
    tell(f"{name}: {error} at {len(chosen)} of {len(walk)} places, survived all")
