"""A process that reads a document reaches nothing else: tried with the real thing, wall by wall."""

import errno
import json
import os
import socket
import struct
import sys
from pathlib import Path

import pytest
from conftest import tree
from papers import make_paper

from papercap import cage, workers
from papercap.errors import PapercapError, Refused
from papercap.records import Drawing, Job

HERE = cage.walls()
OPEN, FILES_ONLY, CALLS_ONLY = (
    cage.Walls(0, seccomp=False),
    cage.Walls(HERE.landlock, seccomp=False),
    cage.Walls(0, HERE.seccomp),
)
FREE = "done"
# Each is tried in a child in the place of reading the document; `at` has paths, ports and process ids.
FILES = {
    "read a key": "open(at['home'] + '/.ssh/id')",
    "read /etc/passwd": "open('/etc/passwd')",
    "list /": "os.listdir('/')",
    "list the document's folder": "os.listdir(os.path.dirname(at['document']))",
    "read another document": "open(at['other'], 'rb')",
    "read its own environment": "open('/proc/self/environ')",
    "read its host's memory": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "read what lies in the draft folder's parent": "open(at['out'] + '/../secret')",
    "write outside": "open(at['home'] + '/new', 'w')",
    "write to the document": "open(at['document'], 'ab')",
    "cut the document": "os.truncate(at['document'], 0)",
    "delete the document": "os.unlink(at['document'])",
    "make a folder outside": "os.mkdir(at['home'] + '/folder')",
    "link a key into the draft": "os.link(at['home'] + '/.ssh/id', at['out'] + '/id')",
    "point out of the draft": "os.symlink('/etc', at['out'] + '/etc')",
    "move the draft away": "os.rename(at['out'], at['home'] + '/moved')",
    "run a program": "os.execv('/bin/true', ['true'])",
}
NETWORK = {
    "connect by TCP": "socket.create_connection(('127.0.0.1', at['tcp']), 2)",
    "listen by TCP": "socket.create_server(('127.0.0.1', 0))",
    "send by UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', at['udp']))",
    "connect to a socket file": "socket.socket(socket.AF_UNIX).connect(at['unix'])",
    "connect to a named socket": "socket.socket(socket.AF_UNIX).connect(at['abstract'])",
    "talk to the kernel": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "make a pair of sockets": "socket.socketpair()",
}
PROCESSES = {
    "run a program by a shell": "assert os.system('true') == 0",
    "start a process": "os.fork() or os._exit(0)",
    "start a thread": "threading.Thread(target=int).start()",
    "signal its host": "os.kill(os.getppid(), 0)",
    "signal papercap": "os.kill(at['papercap'], 0)",
    "signal everybody": "os.kill(-1, 0)",
    "signal its group": "os.killpg(0, 0)",
    "trace its host": "call(101, 16, os.getppid(), 0, 0)",
    "read its host's memory by a call": "call(310, os.getppid(), 0, 0, 0, 0, 0)",
    "hold its host": "os.pidfd_open(os.getppid())",
    "limit its host": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "raise its own limits": "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    "have files signal another": "fcntl.fcntl(at['fd'], fcntl.F_SETOWN, os.getppid())",
    "outlive its host": "call(157, 1, 0, 0, 0, 0)",
    "change a file's mode": "os.chmod(at['document'], 0o777)",
    "change a file's owner": "os.chown(at['document'], -1, -1)",
    "change a file's times": "os.utime(at['document'])",
    "change its user": "os.setuid(os.getuid())",
    "see another root": "os.chroot('/')",
}
KERNEL = {  # numbers of x86_64; with these arguments each of them answers something else than "not permitted"
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "io_uring_setup": 425,
    "open_by_handle_at": 304, "mount": 165, "unshare": 272, "memfd_create": 319, "clone3": 435,
    "execveat": 322, "kexec_load": 246, "init_module": 175, "ioctl": 16, "shmget": 29, "a new one": 1000,
    "one of the other word length": 0x40000000 + 41,
}  # fmt: skip
PROCESSES |= {f"call {name}": f"call({number}, 0, 0, 0, 0, 0)" for name, number in KERNEL.items()}
ALLOWED = {
    "read the document": "open(at['document'], 'rb').read()",
    "write to the draft": "open(at['out'] + '/file', 'w').write('x')",
    "make a folder in the draft": "os.mkdir(at['out'] + '/folder')",
    "load a module": "importlib.import_module('wave')",
    "signal itself": "os.kill(os.getpid(), 0)",
}
TRIED = FILES | NETWORK | PROCESSES | ALLOWED

CHILD = """
import ctypes, errno, fcntl, importlib, json, os, resource, socket, threading
import papercap.cage as cage, papercap.jobs as jobs, papercap.workers as workers
from papercap.errors import Refused

libc = ctypes.CDLL(None, use_errno=True)

def call(*numbers):
    if libc.syscall(*map(ctypes.c_long, numbers)) < 0 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS):
        raise PermissionError("no")

def tried(code, at):
    try:
        exec(code)
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        return type(error).__name__
    return "done"

def attack(job, tell):
    at["fd"] = os.open(job.path, os.O_RDONLY)
    raise Refused(json.dumps({name: tried(code, at) for name, code in tries.items()}))

"""


def host(monkeypatch, body):
    monkeypatch.setattr(workers, "HOST", ("-c", f"{CHILD}{body}\nworkers._serve()"))


def job(path, out):
    return Job(name=path.name, path=os.fsencode(path), out=os.fsencode(out))


@pytest.fixture
def place(tmp_path):
    """A home with a key, two documents, servers that listen, a draft folder."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id").write_text("a key")
    out = tmp_path / "drafts" / "mine"
    out.mkdir(parents=True)
    (out.parent / "secret").write_text("of another draft")
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    names = {"unix": str(tmp_path / "s"), "abstract": f"\0papercap-test-{os.getpid()}"}
    servers = [tcp, udp]
    for name in names.values():
        server = socket.socket(socket.AF_UNIX)
        server.bind(name)
        server.listen(8)
        servers.append(server)
    yield {
        "home": str(home), "document": str(make_paper(tmp_path / "a.pdf", figures=1)),
        "other": str(make_paper(tmp_path / "b.pdf", figures=1)), "out": str(out),
        "tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "papercap": os.getpid(), **names,
    }  # fmt: skip
    for server in servers:
        server.close()


def outcomes(tries, walls, place, monkeypatch):
    """What became of each try in a child behind these walls."""
    before = tree(Path(place["home"])), Path(place["document"]).read_bytes()
    host(
        monkeypatch,
        f"at, tries = {place!r}, {tries!r}\ncage.walls = lambda: cage.{walls!r}\njobs.capture = attack",
    )
    with workers.Worker() as worker, pytest.raises(Refused) as refusal:
        worker.run(job(Path(place["document"]), place["out"]), lambda _progress: None)
    assert (tree(Path(place["home"])), Path(place["document"]).read_bytes()) == before
    return json.loads(str(refusal.value))


needs_landlock = pytest.mark.skipif(not HERE.landlock, reason="this system has no Landlock")
needs_seccomp = pytest.mark.skipif(
    not HERE.seccomp or os.uname().machine != "x86_64", reason="no seccomp here, or other numbers of calls"
)


@needs_landlock
@needs_seccomp
def test_a_child_reaches_its_document_and_its_draft_and_nothing_else(place, monkeypatch):
    got = outcomes(TRIED, HERE, place, monkeypatch)
    assert {name for name, outcome in got.items() if outcome == FREE} == set(ALLOWED)


@needs_landlock
def test_landlock_alone_keeps_files_and_tcp(place, monkeypatch):
    net = ["connect by TCP"] if HERE.landlock >= 4 else []
    scoped = ["connect to a named socket"] if HERE.landlock >= 6 else []
    tries = FILES | {name: NETWORK[name] for name in (*net, *scoped)} | ALLOWED
    got = outcomes(tries, FILES_ONLY, place, monkeypatch)
    assert {name for name, outcome in got.items() if outcome == FREE} == set(ALLOWED)


@needs_seccomp
def test_seccomp_alone_keeps_network_programs_and_other_processes(place, monkeypatch):
    tries = NETWORK | PROCESSES | {"run a program": FILES["run a program"]} | ALLOWED
    got = outcomes(tries, CALLS_ONLY, place, monkeypatch)
    assert {name for name, outcome in got.items() if outcome == FREE} == set(ALLOWED)


def test_without_walls_the_tries_would_succeed(place, monkeypatch):
    """Or else the tests above would prove nothing."""
    harmless = [
        "read a key", "list /", "read another document", "connect by TCP", "send by UDP", "signal its host",
        "connect to a socket file", "start a thread", "run a program by a shell", "make a pair of sockets",
    ]  # fmt: skip
    got = outcomes({name: TRIED[name] for name in harmless}, OPEN, place, monkeypatch)
    assert set(got.values()) == {FREE}


@pytest.mark.parametrize("walls", [OPEN, FILES_ONLY, CALLS_ONLY])
def test_a_paper_gives_the_same_bytes_behind_walls_as_without(walls, tmp_path, paper, monkeypatch):
    results = []
    for number, these in enumerate((HERE, walls)):
        out = tmp_path / str(number)
        out.mkdir()
        host(monkeypatch, f"cage.walls = lambda: cage.{these!r}")
        with workers.Worker() as worker:
            results.append((worker.run(job(paper, out), lambda _progress: None), tree(out)))
    assert len(results[0][1]) == 12
    assert results[0] == results[1]


@pytest.mark.parametrize("form", ["png", "jpg", "webp", "pdf", "svg"])
def test_a_box_can_be_drawn_in_any_form_into_a_folder_that_stays_closed(form, tmp_path, paper):
    out = tmp_path / f"x.{form}"
    with workers.Worker() as worker:
        worker.draw(
            Drawing(
                name="x", path=os.fsencode(paper), page=1, box=(60, 80, 200, 200), dpi=72, form=form, out=os.fsencode(out)
            )
        )  # fmt: skip
    assert out.stat().st_size > 200


@needs_landlock
@pytest.mark.parametrize("number", ["CREATE_RULESET", "ADD_RULE", "RESTRICT_SELF"])
def test_a_wall_that_is_there_and_cannot_be_put_up_is_an_error(number, tmp_path, paper, monkeypatch):
    host(
        monkeypatch,
        "real = cage._call; cage.walls()\n"
        f"cage._call = lambda number, *rest: -1 if number == cage.LANDLOCK_{number} else real(number, *rest)",
    )
    with workers.Worker() as worker, pytest.raises(PapercapError, match="could not be shut in") as error:
        worker.run(job(paper, tmp_path), lambda _progress: None)
    assert error.value.exit_code == 1
    assert not list(tmp_path.iterdir())


def test_version_says_what_holds(papercap):
    first, second = papercap("--version").out.splitlines()
    assert first.startswith("papercap ")
    assert str(HERE) in second


# -- the program that the kernel runs, run here


def run_filter(code, number, machine, *arguments):
    """What the kernel would answer: a small machine of one register and jumps forward."""
    data = struct.pack("<IIQ6Q", number, machine, 0, *arguments, *[0] * (6 - len(arguments)))
    steps = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    at = register = 0
    while True:
        kind, yes, no, value = steps[at]
        at += 1
        if kind == cage.BPF_LOAD:
            (register,) = struct.unpack_from("<I", data, value)
        elif kind == cage.BPF_RETURN:
            return value
        else:
            holds = register == value if kind == cage.BPF_JUMP_IF_EQUAL else register > value
            at += yes if holds else no


@pytest.mark.parametrize("name", cage.MACHINES)
def test_the_filter_of_each_machine_says_what_the_table_says(name):
    machine = cage.MACHINES[name]
    code = cage.filter_code(machine, 42)
    allowed = {numbers[machine.column] for numbers in cage.CALLS.values()} - {None}
    special = {numbers[machine.column]: call for call, numbers in cage.SIGNALS.items()}
    fcntl = cage.FCNTL[machine.column]
    assert not allowed & ({*special, fcntl})
    for number in range(cage.LAST_KNOWN + 1):
        answer = run_filter(code, number, machine.audit)
        refused = cage.RET_ERRNO | errno.EPERM
        assert answer == (cage.RET_ALLOW if number in allowed or number == fcntl else refused), number
    for number in special:
        assert run_filter(code, number, machine.audit, 42) == cage.RET_ALLOW
        for other in (0, 1, 41, 2**32 - 1, 2**32 - 42):
            assert run_filter(code, number, machine.audit, other) == cage.RET_ERRNO | errno.EPERM
    assert run_filter(code, fcntl, machine.audit, 3, 8) == cage.RET_ERRNO | errno.EPERM
    assert run_filter(code, cage.LAST_KNOWN + 1, machine.audit) == cage.RET_ERRNO | errno.ENOSYS
    assert run_filter(code, 0x40000000, machine.audit) == cage.RET_ERRNO | errno.ENOSYS
    assert run_filter(code, 0, 0x40000003) == cage.RET_KILL_PROCESS


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's header")
@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_the_kernels(name, header):
    if not Path(header).exists():
        pytest.skip("no kernel headers here")
    numbers = {}
    for line in Path(header).read_text().splitlines():
        match line.split():
            case ["#define", word, number] if word.startswith("__NR") and number.isdigit():
                numbers[word.removeprefix("__NR3264_").removeprefix("__NR_")] = int(number)
    if name == "aarch64":
        numbers["newfstatat"] = numbers["fstatat"]
    column = cage.MACHINES[name].column
    for call, known in (cage.CALLS | cage.SIGNALS | {"fcntl": cage.FCNTL}).items():
        assert known[column] == numbers.get(call), call
