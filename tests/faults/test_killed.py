"""A command killed at any system call that writes leaves a sound archive, and its README old or new.

A few places a command are walked, with `--faults-all` every one.
"""

from __future__ import annotations

import shutil

import pytest
from oracle import NAMES, ONCE, commands, is_sound, papercap, some, state
from strace import is_there, kill_at, places

QUICK = 4  # places a command
pytestmark = pytest.mark.skipif(not is_there(), reason="needs strace, and the right to use it")


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_any_write_the_archive_is_sound_and_the_command_can_be_run_again(
    name, base, tmp_path, faults_all, tell
):
    command = commands(base)[name]
    before = state(base)
    done = tmp_path / "done"
    shutil.copytree(base, done)
    walk = places(done, command, tmp_path / "log")
    after = state(done)
    is_sound(done)
    chosen = some(walk, QUICK, faults_all)
    killed = 0
    for place in chosen:
        trial = tmp_path / "trial"
        shutil.copytree(base, trial)
        killed += kill_at(trial, command, place)
        is_sound(trial, place)
        assert state(trial) in (before, after), place
        code = papercap(trial, *command).returncode
        assert code == 0 or (state(trial) == after and name in ONCE), place
        assert state(trial) == after or name == "crop", place  # which adds one more each time
        is_sound(trial, place)
        shutil.rmtree(trial)
    assert killed >= 0.9 * len(chosen)  # a busy machine may order threads in another way
    tell(f"{name}: killed at {killed} of {len(walk)} places that write, survived all")
