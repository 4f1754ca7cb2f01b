"""Ten seconds of the fuzz loop; `fuzz.py` runs for as long as it is told."""

import time

from fuzz import fuzz, seeds

from papercap.records import Job
from papercap.workers import Worker

SECONDS = 10


def test_broken_papers_give_a_result_or_one_line(tmp_path, tell):
    tally = fuzz(tmp_path, SECONDS, seed=int(time.time()) // 86400)  # others each day, the same on one
    assert tally.wrong == []
    assert tally.ends.total() > SECONDS
    tell(f"{tally.ends.total()} mutated documents, {dict(tally.ends)}, slowest {tally.slowest:.1f} s")


def test_the_papers_are_whole_before_they_are_broken(tmp_path):
    assert len(seeds(tmp_path)) == 5
    with Worker() as worker:
        for path in tmp_path.glob("seed-*.pdf"):
            password = "x" if "locked" in path.name else None
            job = Job(name=path.name, path=str(path).encode(), out=None, password=password)
            outcome = worker.run(job, lambda _progress: None)
            assert outcome.figures
            assert not outcome.extraction.missed
