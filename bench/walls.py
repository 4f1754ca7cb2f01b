"""What it costs to read documents in processes that are shut in.

    python bench/walls.py [--bench FOLDER] [--papers 37] [--rounds 3]

Reads the same papers, finding only, with a worker whose children are shut in and with one whose children are
not, in turns; CPU is of all their processes, the least of the rounds. Then forks children that do nothing,
with and without the walls, and starts a host, for what each costs by itself.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from pathlib import Path

from papercap import workers
from papercap.cage import prepare, shut_in, walls
from papercap.records import Job

HERE = Path(__file__).resolve().parent
BENCH = HERE.parent.parent / "shared" / "bench" / "dev" / "pdfs"
FORKS = 200
OPEN = ("-c", "import papercap.workers as w; w.shut_in = lambda *paths: None; w._serve()")


def cpu() -> float:
    """Seconds that the children of this process have taken which are over, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read(papers: list[Path], host: tuple[str, str]) -> float:
    """CPU seconds of reading all papers with one host."""
    workers.HOST = host
    before = cpu()
    with workers.Worker() as worker:
        for paper in papers:
            worker.run(Job(name=paper.name, path=os.fsencode(paper), out=None), lambda _progress: None)
    return cpu() - before


def start() -> float:
    """CPU seconds until a host has loaded what it needs and has no order."""
    before = cpu()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", "from papercap.jobs import warm; warm()"],
        os.environ,
    )
    os.waitpid(pid, 0)
    return cpu() - before


def fork(paper: Path, *, shut: bool) -> float:
    """Milliseconds of CPU that a child takes which does nothing but shut itself in, or nothing at all."""
    before = cpu()
    for _ in range(FORKS):
        child = os.fork()
        if child == 0:
            if shut:
                shut_in([os.fsencode(paper)], [os.fsencode(paper.parent)])
            os._exit(0)
        os.waitpid(child, 0)
    return (cpu() - before) * 1000 / FORKS


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, default=BENCH)
    parser.add_argument("--papers", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    papers = sorted(given.bench.glob("*.pdf"))[: given.papers]
    shut, bare = workers.HOST, OPEN
    costs: dict[tuple[str, str], list[float]] = {shut: [], bare: []}
    began = time.monotonic()
    for number in range(given.rounds):
        for host in (shut, bare) if number % 2 == 0 else (bare, shut):
            costs[host].append(read(papers, host))
    print(f"walls: {walls()}")
    print(f"{len(papers)} papers, {given.rounds} rounds, {time.monotonic() - began:.0f} s")
    print(f"shut in {min(costs[shut]):.2f} s of CPU, open {min(costs[bare]):.2f} s")
    print(f"start of a host {statistics.median(start() for _ in range(3)):.2f} s of CPU")
    prepare()
    alone = [fork(papers[0], shut=shut) for shut in (True, False)]
    print(f"a child shut in {alone[0]:.2f} ms of CPU, open {alone[1]:.2f} ms")


if __name__ == "__main__":
    main()
