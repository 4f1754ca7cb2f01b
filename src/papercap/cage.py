"""A process gives up what reading a document does not need: other files, the network, other processes.

Two walls, both of the Linux kernel and neither for root alone. Landlock lets the process read and write
only below the paths it names; seccomp lets it make only the system calls of the list below, which has
none that opens a socket, starts a program or touches another process. Where the kernel, a container or
the machine has neither, a process is left as it was; where they are there and fail, that is an error.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from papercap.errors import PapercapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# -- linux/landlock.h; the numbers of its calls are the same on every machine

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1
FS_EXECUTE, FS_WRITE_FILE, FS_READ_FILE, FS_READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FS_MAKE_DIR, FS_MAKE_REG = 1 << 7, 1 << 8
FS_REFER, FS_TRUNCATE, FS_IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FS_FIRST = (1 << 13) - 1  # all that the first version knows: from FS_EXECUTE to making symbolic links
FS_SINCE = {1: FS_FIRST, 2: FS_REFER, 3: FS_TRUNCATE, 5: FS_IOCTL_DEV}  # version → rights that it brought
FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV  # the rest is of folders
NET_SINCE = {4: 1 << 0 | 1 << 1}  # bind and connect of TCP
SCOPE_SINCE = {6: 1 << 0 | 1 << 1}  # abstract unix sockets and signals outside

READING = FS_READ_FILE | FS_READ_DIR
WRITING = FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_DIR | FS_MAKE_REG

# -- linux/prctl.h, linux/seccomp.h, linux/filter.h, linux/audit.h

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_GET_ACTION_AVAIL = 2
RET_KILL_PROCESS, RET_ERRNO, RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
BPF_LOAD, BPF_JUMP_IF_EQUAL, BPF_JUMP_IF_GREATER, BPF_RETURN = 0x20, 0x15, 0x25, 0x06
DATA_NUMBER, DATA_MACHINE, DATA_ARGUMENTS = 0, 4, 16  # offsets in seccomp_data; an argument has 8 bytes


class Machine(NamedTuple):
    """What a kernel calls a machine and its call `seccomp`, and the column of its numbers in `CALLS`."""

    audit: int
    seccomp: int
    column: int


MACHINES = {"x86_64": Machine(0xC000003E, 317, 0), "aarch64": Machine(0xC00000B7, 277, 1)}
LAST_KNOWN = 462  # a call that is newer is "not there", so that the C library does it the old way
# Name → number on x86_64, on aarch64; what Python, numpy, Pillow and MuPDF need to read, draw and write.
CALLS: dict[str, tuple[int | None, int | None]] = {
    # files that are open, or that Landlock lets be opened
    "read": (0, 63), "readv": (19, 65), "pread64": (17, 67), "lseek": (8, 62), "write": (1, 64),
    "writev": (20, 66), "pwrite64": (18, 68), "open": (2, None), "openat": (257, 56), "close": (3, 57),
    "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "fsync": (74, 82), "fdatasync": (75, 83),
    "ftruncate": (77, 46), "fadvise64": (221, 223), "mkdir": (83, None), "mkdirat": (258, 34),
    "umask": (95, 166), "getdents64": (217, 61),
    # what a file is
    "stat": (4, None), "lstat": (6, None), "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291),
    "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17),
    # memory
    "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226),
    "madvise": (28, 233), "brk": (12, 214), "mincore": (27, 232), "membarrier": (324, 283),
    # this process and its one thread
    "futex": (202, 98), "set_robust_list": (273, 99), "get_robust_list": (274, 100), "rseq": (334, 293),
    "set_tid_address": (218, 96), "arch_prctl": (158, None), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "getcpu": (309, 168), "restart_syscall": (219, 128),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "sigaltstack": (131, 132), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getrusage": (98, 165), "times": (100, 153),
    "sysinfo": (99, 179), "uname": (63, 160), "getrandom": (318, 278), "exit": (60, 93),
    "exit_group": (231, 94),
    # time
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "poll": (7, None),
    "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
}  # fmt: skip
SIGNALS: dict[str, tuple[int, int]] = {"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131)}
FCNTL = (72, 25)
FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # copy the handle, its flags; none that says whom to signal


class Walls(NamedTuple):
    """What this system can keep a process from."""

    landlock: int  # version; 0 without
    seccomp: bool

    def __str__(self) -> str:
        if not (self.landlock or self.seccomp):
            return "no walls on this system"
        files = f"no other files (Landlock {self.landlock})" if self.landlock else "all files"
        calls = "no network, programs or other processes (seccomp)" if self.seccomp else "all system calls"
        return f"{files}, {calls}"


@cache
def walls() -> Walls:
    """Ask the kernel; whatever it answers but yes is a no."""
    if sys.platform != "linux":
        return Walls(0, seccomp=False)
    landlock = _call(LANDLOCK_CREATE_RULESET, None, 0, CREATE_RULESET_VERSION)
    machine = _machine()
    action = ctypes.c_uint32(RET_ERRNO)
    seccomp = machine is not None and not _call(
        machine.seccomp, SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action)
    )
    return Walls(max(0, landlock), seccomp)


def prepare() -> None:
    """Look up beforehand all that `shut_in` needs; a parent of many does it once."""
    walls()
    _packages()


def shut_in(read: Iterable[bytes], write: Iterable[bytes]) -> None:
    """Leave this process the files below `read` and `write`, and Python's packages; for good.

    A path that is not there stays out of reach. PapercapError if a wall that is there cannot be put up.
    """
    held = walls()
    if not (held.landlock or held.seccomp):
        return
    if _prctl(PR_SET_NO_NEW_PRIVS, 1):
        _failed("no_new_privs")
    if held.landlock:
        _restrict_files(held.landlock, {READING: (*read, *_packages()), WRITING: tuple(write)})
    if held.seccomp:
        _restrict_calls()


def _restrict_files(version: int, allowed: Mapping[int, Sequence[bytes]]) -> None:
    handled = _known(FS_SINCE, version)
    attributes = struct.pack("=QQQ", handled, _known(NET_SINCE, version), _known(SCOPE_SINCE, version))
    rules = _call(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        _failed("landlock_create_ruleset")
    for rights, paths in allowed.items():
        for path in paths:
            with contextlib.suppress(OSError), _handle(path) as (handle, is_folder):
                given = rights & handled & (-1 if is_folder else FS_OF_FILES)
                rule = struct.pack("=Qi", given, handle)
                if _call(LANDLOCK_ADD_RULE, rules, RULE_PATH_BENEATH, rule, 0):
                    _failed("landlock_add_rule")
    if _call(LANDLOCK_RESTRICT_SELF, rules, 0):
        _failed("landlock_restrict_self")
    os.close(rules)


@contextlib.contextmanager
def _handle(path: bytes) -> Iterator[tuple[int, bool]]:
    """A handle that names the path and opens nothing, and whether it is a folder."""
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        yield handle, os.path.isdir(path)
    finally:
        os.close(handle)


@cache
def _packages() -> list[bytes]:
    """Where Python and what is installed stand: some of it is loaded only when a document wants it."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_path(name) for name in names} | {str(Path(__file__).parent)}
    return [os.fsencode(folder) for folder in sorted(folders)]


def _restrict_calls() -> None:
    machine = _machine()
    assert machine is not None
    code = filter_code(machine, os.getpid())
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HP", len(code) // 8, ctypes.addressof(held)))
    if _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program)):
        _failed("seccomp")


def filter_code(machine: Machine, pid: int) -> bytes:
    """The program that the kernel runs for each system call of the process `pid`."""
    refuse = RET_ERRNO | errno.EPERM
    code = [
        _step(BPF_LOAD, DATA_MACHINE),
        _step(BPF_JUMP_IF_EQUAL, machine.audit, yes=1),
        _step(BPF_RETURN, RET_KILL_PROCESS),  # numbers of another machine mean other calls
        _step(BPF_LOAD, DATA_NUMBER),
        _step(BPF_JUMP_IF_GREATER, LAST_KNOWN, no=1),
        _step(BPF_RETURN, RET_ERRNO | errno.ENOSYS),
    ]
    for numbers in CALLS.values():
        number = numbers[machine.column]
        if number is not None:
            code += [_step(BPF_JUMP_IF_EQUAL, number, no=1), _step(BPF_RETURN, RET_ALLOW)]
    only: list[tuple[int, int, tuple[int, ...]]] = [
        (numbers[machine.column], 0, (pid,))  # abort() signals itself
        for numbers in SIGNALS.values()
    ]
    only.append((FCNTL[machine.column], 1, FCNTL_COMMANDS))
    for number, argument, values in only:
        code += [
            _step(BPF_JUMP_IF_EQUAL, number, no=2 * len(values) + 2),
            _step(BPF_LOAD, DATA_ARGUMENTS + 8 * argument),  # its lower half, as both machines are used
        ]
        for value in values:
            code += [_step(BPF_JUMP_IF_EQUAL, value, no=1), _step(BPF_RETURN, RET_ALLOW)]
        code.append(_step(BPF_RETURN, refuse))
    code.append(_step(BPF_RETURN, refuse))
    return b"".join(code)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no` are how many to pass over after a jump's answer."""
    return struct.pack("=HBBI", code, yes, no, value)


def _known(since: Mapping[int, int], version: int) -> int:
    return sum(bits for first, bits in since.items() if first <= version)


def _machine() -> Machine | None:
    whole = ctypes.sizeof(ctypes.c_void_p) == 8  # a 32-bit Python makes a 64-bit machine's other calls
    return MACHINES.get(os.uname().machine) if whole and sys.byteorder == "little" else None


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    """A system call without a function in the C library: its answer, -1 if it failed."""
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    syscall = _libc().syscall
    syscall.restype = ctypes.c_long
    return int(syscall(ctypes.c_long(number), *wide))


def _prctl(*arguments: int) -> int:
    """0, or -1 if it failed; what is not given is 0, as some options demand."""
    return int(_libc().prctl(*map(ctypes.c_ulong, (*arguments, 0, 0, 0, 0)[:5])))


def _failed(what: str) -> NoReturn:
    why = os.strerror(ctypes.get_errno())
    raise PapercapError(f"the process that reads documents could not be shut in ({what}: {why})")
