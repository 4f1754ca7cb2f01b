"""Documents are read in processes of their own, with limits: one that dies takes nothing with it.

A host process, warmed once, forks a child for each document. The child shuts itself in before it
touches the document (`cage`): from then on it reads that document alone and writes only where its answer
belongs. Child and parent speak JSON lines, so that a child which a hostile document has taken over can
hand the parent no code; the host passes them on, marked, so that no child can speak for the next one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from papercap.cage import prepare, shut_in
from papercap.documents.page import WebPage
from papercap.errors import Exit, PapercapError, Refused
from papercap.records import (
    Browse,
    Crop,
    Cropped,
    Drawing,
    Drawn,
    Files,
    Inquiry,
    Job,
    Outcome,
    Overview,
    Stages,
    Step,
    files_of,
    is_plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from papercap.jobs import Tell

MEMORY = 2 << 30  # bytes of address space a document; real papers peak at 0.5 GB
PAGE_SECONDS = 30  # without a sign of life
MIN_SHARE = 0.5  # of a processor for that long, below which a silent child is not to blame for it
DOCUMENT_SECONDS = 300
PR_SET_PDEATHSIG = 1  # of prctl(2)
UTIME = 10  # where in /proc/PID/stat, after the state, the ticks in user mode stand; next the system's
HOST = ("-m", "papercap.workers")  # what the host process runs
MAX_BAD_PAGES = 5  # that are passed over before the document is given up
OURS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EMFILE}  # no document's fault
MAX_SAID = 64 << 20  # bytes that a child may say; a book of 500 pages comes to 2 MB
MAX_HANDLES = 1024  # a host has some ten open
FROM_CHILD = b" "  # begins each line that is a child's and not the host's; JSON does not mind a blank


class Progress(Struct, frozen=True, tag="progress"):
    """The child is at a page."""

    step: Step
    page: int
    pages: int


class Failure(Struct, frozen=True, tag="failure"):
    """The child could not do it."""

    message: str
    code: int


class Ended(Struct, frozen=True, tag="ended"):
    """The child is gone; `status` is 0 or says how it died."""

    status: int


Order = Job | Drawing | Crop | Overview | Inquiry | Browse
Answer = Outcome | Drawn | Cropped | Stages | WebPage
Message = Progress | Failure | Ended | Answer
A = TypeVar("A", Outcome, Drawn, Cropped, Stages, WebPage)
_MESSAGES: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_ORDERS: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)


class Worker:
    """A host process and its current child. Use as a context manager; not for two threads at once."""

    def __init__(self) -> None:
        self._host: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._stopped = False

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self, job: Job, progress: Callable[[Progress], None]) -> Outcome:
        """Capture a document; a page on which the child dies or hangs is passed over and named.

        Raises Refused or another PapercapError if nothing can be had from it.
        """
        outcome = self._past_bad_pages(job, Outcome, progress)
        for figure in outcome.figures:
            if not is_plain(figure.id) or figure.files not in (Files(), files_of(figure.id)):
                raise Refused(f"{job.name}: its worker's answer names files that cannot be its own")
        return outcome

    def overview(self, job: Overview, progress: Callable[[Progress], None]) -> Drawn:
        """Draw the pages of a document into one file; a bad page is left blank."""
        return self._past_bad_pages(job, Drawn, progress)

    def inquire(self, job: Inquiry, progress: Callable[[Progress], None]) -> Stages:
        """Draw the stages of the finder into a folder; a bad page is named."""
        return self._past_bad_pages(job, Stages, progress)

    def browse(self, job: Browse) -> WebPage:
        """Read a page of HTML or Markdown; Refused if that cannot be."""
        return self._once(job, WebPage)

    def crop(self, job: Crop) -> Cropped:
        """Make the files of a box; Usage if it is not on the page, Refused if it cannot be drawn."""
        return self._once(job, Cropped)

    def draw(self, drawing: Drawing) -> None:
        """Draw a box into a file; Refused or another PapercapError if that cannot be."""
        self._once(drawing, Drawn)

    def stop(self) -> None:
        """Kill the host and its child, whatever they are at; what runs ends with an error."""
        self._stopped = True
        self._kill()

    def _once(self, order: Drawing | Crop | Browse, answer: type[A]) -> A:
        result = self._attempt(order, lambda _progress: None, time.monotonic() + DOCUMENT_SECONDS)
        if isinstance(result, _Death):
            raise Refused(f"{order.name}: {result.why}")
        assert isinstance(result, answer)
        return result

    def _past_bad_pages(
        self, job: Job | Overview | Inquiry, answer: type[A], progress: Callable[[Progress], None]
    ) -> A:
        skip = dict(job.skip)
        deadline = time.monotonic() + DOCUMENT_SECONDS
        while True:
            result = self._attempt(msgspec.structs.replace(job, skip=skip), progress, deadline)
            if isinstance(result, answer):
                return result
            assert isinstance(result, _Death)
            late = time.monotonic() > deadline
            if result.page is None or result.page in skip or late or len(skip) >= MAX_BAD_PAGES:
                raise Refused(f"{job.name}: {result.why}")
            skip[result.page] = result.why

    def _attempt(self, job: Order, progress: Callable[[Progress], None], deadline: float) -> Answer | _Death:
        self._send(job)
        page: int | None = None
        worked = self._work()
        while True:
            wait = min(PAGE_SECONDS, deadline - time.monotonic())
            try:
                if wait <= 0:  # also for a child that never stops talking
                    raise queue.Empty
                message = self._lines.get(timeout=wait)
                worked = self._work()
            except queue.Empty:
                if wait == PAGE_SECONDS and _is_starved(worked, self._work()):
                    continue
                self._kill()
                limit = PAGE_SECONDS if wait == PAGE_SECONDS else DOCUMENT_SECONDS
                return _Death(page, f"gave up after {limit} s")
            said = _read_message(message)
            if isinstance(said, Progress):
                page = said.page
                progress(said)
            elif isinstance(said, Failure):
                self._drain()
                raise Refused(said.message) if said.code == Exit.REFUSED else _with_code(said)
            elif isinstance(said, Ended):
                return _Death(page, _cause(said.status))
            else:
                self._drain()
                return said

    def _drain(self) -> None:
        """Wait for the child's end, so that nothing it says is taken for the next one's answer."""
        try:
            while not isinstance(_read_message(self._lines.get(timeout=PAGE_SECONDS)), Ended):
                continue
        except queue.Empty:
            self._kill()

    def _send(self, job: Order) -> None:
        if self._stopped:
            raise PapercapError(f"{job.name}: interrupted")
        if self._host is None or self._host.poll() is not None:
            self._start()
        assert self._host is not None
        assert self._host.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # a dead host is told of by its end
            self._host.stdin.write(msgspec.json.encode(job) + b"\n")
            self._host.stdin.flush()

    def _start(self) -> None:
        # One thread a process: the work is spread over documents, and each child is limited in memory.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._host = subprocess.Popen(  # noqa: S603  our own Python, our own module
            [sys.executable, "-P", *HOST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # the terminal's Ctrl-C is for the parent, which stops the host
        )
        self._lines = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self._host, self._lines), daemon=True).start()

    def _work(self) -> _Work:
        assert self._host is not None
        return _work_of(self._host.pid)

    def _kill(self) -> None:
        if self._host is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._host.pid, 9)
        self._host.wait()
        self._host = None


class _Death(Struct, frozen=True):
    page: int | None
    why: str


class _Work(NamedTuple):
    """What a host's child (or the host, before it) has had of the processor, and whether it wants more."""

    seconds: float
    waits: bool


def _work_of(host: int) -> _Work:
    """Ask Linux, which knows at once; where it does not tell, nobody waits."""
    try:
        children = Path(f"/proc/{host}/task/{host}/children").read_text().split()
        who = children[0] if children else host  # which is still starting
        state, *fields = Path(f"/proc/{who}/stat").read_text().rpartition(") ")[2].split()
        ticks = int(fields[UTIME]) + int(fields[UTIME + 1])
    except (OSError, ValueError):  # it is gone, or another system
        return _Work(0, waits=False)
    return _Work(ticks / os.sysconf("SC_CLK_TCK"), waits=state == "R")


def _is_starved(before: _Work, now: _Work) -> bool:
    """Silent because a busy machine gives it no time, and not because it hangs or sleeps."""
    return now.waits and now.seconds - before.seconds < PAGE_SECONDS * MIN_SHARE


def _pump(host: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    assert host.stdout is not None
    for line in host.stdout:
        lines.put(line)
    lines.put(msgspec.json.encode(Ended(-9)))


def _read_message(line: bytes) -> Message:
    try:
        said = _MESSAGES.decode(line)
    except msgspec.MsgspecError as error:
        return Failure(f"its worker's answer makes no sense ({error})", Exit.REFUSED)
    if isinstance(said, Ended) and line.startswith(FROM_CHILD):
        return Failure("its worker said that it was dead", Exit.REFUSED)
    return said


def _with_code(failure: Failure) -> PapercapError:
    error = PapercapError(failure.message)
    error.exit_code = Exit(failure.code)
    return error


def _cause(status: int) -> str:
    if status == -9:
        return "its worker was killed (out of memory?)"
    return f"its worker died (signal {-status})" if status < 0 else "its worker gave no answer"


# -- in the host process ------------------------------------------------------------------


def _serve() -> None:
    """Fork a child for each job line on standard input; say on standard output how each ended."""
    from papercap.jobs import warm

    _die_with_parent()
    warm()  # once, shared by all children
    prepare()
    out = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # what MuPDF prints must not stand between the messages
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        for line in sys.stdin.buffer:
            ours, theirs = os.pipe()
            child = os.fork()
            if child == 0:
                _work(line, theirs)
            os.close(theirs)
            with open(ours, "rb") as answers:
                _pass_on(answers, out, child)
            _pid, status = os.waitpid(child, 0)
            _say(out, Ended(os.waitstatus_to_exitcode(status)))
    os._exit(0)  # nothing is left to be written, and nobody to tell


def _pass_on(answers: BinaryIO, out: BinaryIO, child: int) -> None:
    """Hand on what a child says, marked as a child's; one that says too much is ended."""
    left = MAX_SAID
    while line := answers.readline(left):
        left -= len(line)
        if not line.endswith(b"\n"):  # cut short by its death, or by us
            os.kill(child, 9)
            return
        out.write(FROM_CHILD + line)
        out.flush()


def _die_with_parent() -> None:
    """A host or child that outlived a killed papercap would work on for nobody. Linux alone knows how."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 9)


def _work(line: bytes, answers: int) -> NoReturn:
    """Do a job and end; all that was open is closed but the way to answer."""
    out = os.fdopen(answers, "wb")
    order = _ORDERS.decode(line)
    _die_with_parent()
    _limit()
    _close_all_but(answers)
    with contextlib.suppress(BrokenPipeError):
        _say(out, _attempt(order, lambda step, page, pages: _say(out, Progress(step, page, pages))))
    os._exit(0)


def _beside(path: bytes) -> list[bytes]:
    """What belongs to a document and is not in it: the pictures of a page."""
    stem, suffix = os.path.splitext(path)
    return [stem] if suffix == b".json" else []


def _attempt(order: Order, tell: Tell) -> Message:
    try:
        do = _room(order)
        shut_in([order.path, *_beside(order.path)], _to_write(order))
        return do(order, tell)
    except PapercapError as error:
        return Failure(str(error), error.exit_code)
    except MemoryError:
        return Failure(f"{order.name}: needs more than {MEMORY >> 30} GB of memory", Exit.REFUSED)
    except OSError as error:
        what = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
        code = Exit.FAILED if error.errno in OURS else Exit.REFUSED
        return Failure(f"{order.name}: {what}", code)
    except Exception as error:  # a document may do anything; it must not take the others with it
        what = (f"{type(error).__name__}: {error}".splitlines() or [""])[0]
        return Failure(f"{order.name}: could not be read ({what})", Exit.REFUSED)


def _room(order: Order) -> Callable[[Any, Tell], Answer]:
    """Each kind of job has its own room, loaded when it is wanted."""
    if isinstance(order, Job):
        from papercap.jobs import capture

        return capture
    if isinstance(order, Browse):
        from papercap.jobs.browsing import browse

        return lambda job, _tell: browse(job)
    if isinstance(order, Drawing):
        from papercap.jobs import draw

        return lambda drawing, _tell: draw(drawing)
    if isinstance(order, Crop):
        from papercap.jobs.hand import crop

        return lambda job, _tell: crop(job)
    if isinstance(order, Overview):
        from papercap.jobs.sheet import draw_sheet

        return draw_sheet
    from papercap.jobs.stages import draw_stages

    return draw_stages


def _to_write(order: Order) -> list[bytes]:
    """The folder or file that the order is to fill; a file is made, for only what is there can be allowed."""
    if isinstance(order, Drawing | Overview):
        with open(order.out, "wb"):
            pass
    return [order.out] if order.out is not None else []


def _close_all_but(kept: int) -> None:
    """The orders of others, the terminal and what else the host holds are not for a child."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, MAX_HANDLES)


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (DOCUMENT_SECONDS, DOCUMENT_SECONDS))
    with contextlib.suppress(ValueError, OSError):  # not every system limits address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _say(out: BinaryIO, message: Message) -> None:
    out.write(msgspec.json.encode(message) + b"\n")
    out.flush()


if __name__ == "__main__":
    _serve()
