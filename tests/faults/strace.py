"""Break a real papercap command at a system call that writes, by strace: kill it there, or let the call fail."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

CALLS = (
    "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,"
    "ftruncate,mkdir,mkdirat,link,linkat,rmdir,chmod,fchmod"
)
READY = "ready"
DRIVER = f"""
import sys
import papercap.cli, papercap.archive, papercap.pipeline.batch, papercap.pipeline.hand, papercap.readme
import papercap.index.file, papercap.check, sqlite_utils
print({READY!r}, flush=True)
sys.stdin.readline()
sys.argv[0] = "papercap"
papercap.cli.main()
"""  # what is loaded before strace comes makes no calls to be counted
ATTACH_SECONDS = 10
RUN_SECONDS = 120
_LINE = re.compile(r"^(?P<task>\d+)\s+(?P<call>\w+)\((?P<rest>.*)$")


class Ran(NamedTuple):
    code: int  # below 0: the signal that ended it
    err: str


class Place(NamedTuple):
    """A call that writes below the root, or opens to read there: the n-th of its name that its thread makes, as strace counts."""

    call: str
    ordinal: int
    what: str


def is_there() -> bool:
    """Whether strace can be had and may look at a process."""
    if shutil.which("strace") is None:
        return False
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        tracer = _attach(process.pid, ["-e", "trace=none"])
        may = tracer is not None
        process.communicate(b"\n")
        if tracer:
            tracer.wait()
    return may


def places(root: Path, command: list[str], log: Path, *, reads: bool = False) -> list[Place]:
    """Every place at which the command writes, or opens to read; it is run to its end for that."""
    ran = run(root, command, ["-y", "-o", str(log), "-e", f"trace={CALLS}"])
    assert ran.code == 0, ran
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, int], Place | None] = {}
    for line in log.read_text(errors="replace").splitlines():
        match = _LINE.match(line)
        if match is None:  # a call that is resumed, a signal, an end
            continue
        call, rest = match["call"], match["rest"]
        seen[match["task"], call] += 1
        ordinal = seen[match["task"], call]
        if (call, ordinal) in found:
            continue  # another thread's call of this number came first and is the one that kills
        counts = str(root) in rest and (reads or "O_RDONLY" not in rest)
        found[call, ordinal] = Place(call, ordinal, rest[:160]) if counts else None
    return [place for place in found.values() if place]


def kill_at(root: Path, command: list[str], place: Place) -> bool:
    """Run the command and kill it there; False if it came to its end."""
    return _inject(root, command, place, "signal=KILL").code == -9


def fail_at(root: Path, command: list[str], place: Place, error: str) -> Ran:
    """Run the command, let this one call fail with an error such as EIO."""
    return _inject(root, command, place, f"error={error}")


def _inject(root: Path, command: list[str], place: Place, what: str) -> Ran:
    fault = f"inject={place.call}:{what}:when={place.ordinal}"
    return run(root, command, ["-o", "/dev/null", "-e", f"trace={place.call}", "-e", fault])


def run(root: Path, command: list[str], options: list[str]) -> Ran:
    """Run a papercap command under strace. Its workers are not watched."""
    arguments = [sys.executable, "-c", DRIVER, "--root", str(root), *command]
    process = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == READY
        tracer = _attach(process.pid, options)
        assert tracer is not None, "strace may not look at the process"
        _out, err = process.communicate("\n", timeout=RUN_SECONDS)
        tracer.wait(timeout=RUN_SECONDS)
    finally:
        process.kill()
        process.wait()
    return Ran(process.returncode, err)


def _attach(process: int, options: list[str]) -> subprocess.Popen[bytes] | None:
    """strace on a process, its threads, and no program that it starts; None if it may not."""
    command = ["strace", "-f", "-b", "execve", "-qq", *options, "-p", str(process)]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    end = time.monotonic() + ATTACH_SECONDS
    while time.monotonic() < end and tracer.poll() is None:
        status = Path(f"/proc/{process}/status").read_text()
        if re.search(r"^TracerPid:\s*[1-9]", status, re.MULTILINE):
            return tracer
        time.sleep(0.005)
    tracer.kill()
    tracer.wait()
    return None
