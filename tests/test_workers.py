"""A document that kills, hangs or fills its process harms itself alone."""

import os
import threading
import time

import pytest
from papers import make_paper

from papercap import workers
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
        "import papercap.workers as w, papercap.capture as c\n"
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
