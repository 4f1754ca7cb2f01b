"""A document that kills, hangs or fills its process harms itself alone."""

import os
import subprocess
import sys
import threading
import time

import pytest
from papers import make_paper

from papercap import capture, workers
from papercap.archive import Archive
from papercap.errors import Refused
from papercap.records import Job


def job(path, out=None):
    return Job(name=path.name, path=os.fsencode(path), out=os.fsencode(out) if out else None)


def host_where(monkeypatch, body):
    """Run hosts in which reading page 3 does what `body` says: a stand-in for a document that does it."""
    lines = [
        "import ctypes, os, time",
        "import papercap.pdf as pdf, papercap.workers as workers",
        "real = pdf.Pdf.page",
        "def page(self, number):",
        f"    if number == 3: {body}",
        "    return real(self, number)",
        "pdf.Pdf.page = page",
        "workers._serve()",
    ]
    monkeypatch.setattr(workers, "HOST", ("-c", "\n".join(lines)))


def test_a_worker_reads_one_paper_after_another(tmp_path, paper):
    with workers.Worker() as worker:
        for _ in range(2):
            outcome = worker.run(job(paper), lambda _progress: None)
            assert [figure.id for figure in outcome.figures] == ["figure-1", "table-1", "figure-2", "table-2"]


def test_progress_names_pages_and_steps(paper):
    seen = []
    with workers.Worker() as worker:
        worker.run(job(paper), seen.append)
    assert {(p.step, p.page) for p in seen if p.step == "reading"} == {("reading", 1), ("reading", 2)}
    assert all(p.pages == 2 for p in seen)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("ctypes.string_at(0)", "signal 11"),
        ("os._exit(3)", "no answer"),
        ("time.sleep(60)", "gave up after 2 s"),
    ],
)
def test_a_page_that_kills_or_hangs_its_child_is_passed_over_and_named(body, says, tmp_path, monkeypatch):
    path = make_paper(tmp_path / "long.pdf", figures=4)
    host_where(monkeypatch, body)
    monkeypatch.setattr(workers, "PAGE_SECONDS", 2)
    with workers.Worker() as worker:
        outcome = worker.run(job(path), lambda _progress: None)
    (lost,) = [missed for missed in outcome.extraction.missed if missed.page == 3]
    assert says in lost.why
    assert {figure.page for figure in outcome.figures} == {1, 2, 4}


def test_a_child_that_a_busy_machine_starves_is_waited_for_and_one_that_hangs_is_not(paper, monkeypatch):
    host_where(monkeypatch, "pass")
    monkeypatch.setattr(workers, "PAGE_SECONDS", 0.05)  # too short for a start
    monkeypatch.setattr(workers, "_work_of", lambda _host: workers._Work(0, waits=True))
    with workers.Worker() as worker:
        assert worker.run(job(paper), lambda _progress: None).figures
    had = iter(range(10_000))
    monkeypatch.setattr(workers, "_work_of", lambda _host: workers._Work(next(had), waits=True))
    with workers.Worker() as worker, pytest.raises(Refused, match="gave up"):
        worker.run(job(paper), lambda _progress: None)


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs Linux's /proc")
@pytest.mark.parametrize(("body", "waits"), [("while True: pass", True), ("time.sleep(60)", False)])
def test_the_system_tells_what_a_child_has_had_of_the_processor(body, waits):
    script = f"import os, time\nif os.fork() == 0:\n    {body}\nos.wait()"
    with subprocess.Popen([sys.executable, "-c", script], start_new_session=True) as host:
        try:
            time.sleep(2)
            seen = [workers._work_of(host.pid) for _ in range(3)]
        finally:
            os.killpg(host.pid, 9)
    assert seen[-1].waits == waits
    assert seen[-1].seconds > 0 or not waits


def test_after_a_document_that_cannot_be_had_the_next_is_read(tmp_path, paper, monkeypatch):
    path = make_paper(tmp_path / "long.pdf", figures=3)
    host_where(monkeypatch, "os.abort()")
    monkeypatch.setattr(workers, "MAX_BAD_PAGES", 0)
    with workers.Worker() as worker:
        with pytest.raises(Refused, match="signal 6"):
            worker.run(job(path), lambda _progress: None)
        assert worker.run(job(paper), lambda _progress: None).figures


def test_a_document_that_fills_memory_is_refused(tmp_path, paper, monkeypatch):
    script = (
        "import papercap.workers as w, papercap.jobs as c\n"
        "def greedy(job, report):\n    return bytearray(4 << 30)\n"
        "c.capture = greedy\n"
        "w._serve()\n"
    )
    monkeypatch.setattr(workers, "HOST", ("-c", script))
    with workers.Worker() as worker, pytest.raises(Refused, match="more than 2 GB"):
        worker.run(job(paper), lambda _progress: None)


def test_a_worker_that_is_stopped_leaves_no_process(paper):
    worker = workers.Worker()
    worker.run(job(paper), lambda _progress: None)
    host = worker._host
    worker.stop()
    assert host.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(host.pid, 0)


def test_workers_run_side_by_side(paper):
    done = []

    def read():
        with workers.Worker() as worker:
            done.append(len(worker.run(job(paper), lambda _progress: None).figures))

    threads = [threading.Thread(target=read) for _ in range(2)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [4, 4]
    assert time.monotonic() - start < 60


# -- a child that a document has taken over


def host_that(monkeypatch, *lines, first=""):
    """Run hosts whose children do this in the place of capturing; `real` is the true capture."""
    body = "\n".join(f"    {line}" for line in lines)
    script = (
        "import msgspec, os, papercap.jobs as c, papercap.workers as w\n"
        f"real = c.capture\ndef taken_over(job, report):\n{body}\n"
        f"c.capture = taken_over\n{first}\nw._serve()\n"
    )
    monkeypatch.setattr(workers, "HOST", ("-c", script))


def test_a_child_cannot_say_that_it_ended_and_answer_for_the_next(paper, monkeypatch):
    host_that(
        monkeypatch,
        "(out,) = (cell.cell_contents for cell in report.__closure__)",
        "w._say(out, w.Ended(0))",
        "return real(job, report)",
    )
    with workers.Worker() as worker:
        for _ in range(2):
            with pytest.raises(Refused, match="said that it was dead"):
                worker.run(job(paper), lambda _progress: None)


@pytest.mark.parametrize("line", ["while True: report('reading', 1, 1)", "report('reading' * 99999, 1, 1)"])
def test_a_child_that_talks_without_end_is_ended(line, paper, monkeypatch):
    host_that(monkeypatch, line, first="w.MAX_SAID = 100_000")
    monkeypatch.setattr(workers, "MAX_BAD_PAGES", 0)
    with workers.Worker() as worker, pytest.raises(Refused, match="killed"):
        worker.run(job(paper), lambda _progress: None)


@pytest.mark.parametrize(
    "forged",
    [
        "files=msgspec.structs.replace(figure.files, image='../../../secret.png')",
        "id='../figure-1'",
        "id='figure-1/x', files=c.files_of('figure-1/x')",
        "files=c.files_of('figure-2')",
    ],
)
def test_a_child_cannot_name_files_that_are_not_its_figures(forged, tmp_path, paper, monkeypatch):
    host_that(
        monkeypatch,
        "done = real(job, report)",
        "figure = done.figures[0]",
        f"return msgspec.structs.replace(done, figures=(msgspec.structs.replace(figure, {forged}),))",
    )
    with workers.Worker() as worker, pytest.raises(Refused, match="cannot be its own"):
        worker.run(job(paper, tmp_path), lambda _progress: None)


def test_a_child_sees_no_order_and_no_terminal_of_its_host(paper, monkeypatch):
    host_that(
        monkeypatch,
        "raise c.Refused(' '.join(os.readlink(f'/proc/self/fd/{n}') for n in (0, 1, 2)))",
        first="w.shut_in = lambda *_: None",
    )
    with workers.Worker() as worker, pytest.raises(Refused) as told:
        worker.run(job(paper), lambda _progress: None)
    assert str(told.value) == "/dev/null /dev/null /dev/null"


def test_a_document_that_was_changed_while_it_was_read_is_not_kept(tmp_path, paper, monkeypatch):
    host_that(
        monkeypatch,
        "done = real(job, report)",
        "open(job.path, 'ab').write(b'more')",  # its copy stands in the draft folder
        "return done",
    )
    with Archive.create(tmp_path) as archive:
        with pytest.raises(Refused, match="changed while it was read"):
            capture(paper, archive)
        assert archive.store.ids() == []
