"""Documents that are damaged, locked or made to harm, through the real command.

What makes them stands beside this checkout and not in it. A few of them are read each time; all of them,
which takes minutes, with `pytest --faults-all tests/faults`.
"""

import json
import os
import random
import runpy
import subprocess
import sys
import time

import pytest
from shared import SHARED

from papercap.workers import DOCUMENT_SECONDS

MAKER = SHARED / "hostile" / "make_bad.py"
SEED = 1
MAX_MEMORY = 600 << 20  # bytes that any process of the command may take; the worst needs half of it
CODES = {  # what may come of it, by what the list expects
    "ok": {0, 3},
    "partial": {0, 3},
    "any": {0, 3, 5},
    "reject": {4, 5},
}
QUICK = (
    "good.pdf cut-16.pdf cut-half.pdf crlf.pdf as-utf8.pdf html.pdf empty.pdf random-with-header.pdf fifo.pdf"
    " only-a-catalog.pdf caption-control.pdf caption-bidi.pdf caption-surrogate.pdf title-bad.pdf page-nan.pdf"
    " count-lies.pdf q-deep.pdf groups-deep.pdf pagetree-loop.pdf active-launch.pdf names/newline names/escape"
    " img/cut.png img/bad-crc.png img/header-2g.png img/grey-16.png"
).split()
LOST = {  # documents of which pages cannot be read, and which
    "cut-half.pdf": {2, 3},
    "crlf.pdf": {2, 3},
    "as-utf8.pdf": {1, 2, 3},
    "q-deep.pdf": {1},
    "groups-deep.pdf": {1},
    "bomb-flate-deep.pdf": {1},
    "path-1m-segments.pdf": {1},
    "forms-laughs.pdf": {1},
}

pytestmark = pytest.mark.skipif(
    not MAKER.exists(), reason="what makes hostile documents is not beside this checkout"
)


def cases():
    made = runpy.run_path(str(MAKER))["CASES"] if MAKER.exists() else []
    for name, expect, _why, make in made:
        marks = () if name in QUICK else pytest.mark.slow
        yield pytest.param(name, expect, make, id=name, marks=marks)


def made(folder, name, make):
    """The document as a file; some give it a name of their own."""
    path = folder / name
    path.parent.mkdir(parents=True)
    data = make(random.Random(f"{SEED}:{name}"))
    if callable(data):
        data(path)
    else:
        path.write_bytes(data)
    return next(path.parent.iterdir())


@pytest.mark.parametrize(("name", "expect", "make"), list(cases()))
def test_a_hostile_document_is_read_or_refused_in_one_line(name, expect, make, tmp_path, record_property):
    path = made(tmp_path / "in", name, make)
    root = tmp_path / "root"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PAPERCAP_")}
    with open(tmp_path / "out", "w+b") as out, open(tmp_path / "err", "w+b") as err:
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "papercap", "--root", root, "add", "--", path],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=tmp_path, env=environment,
        )  # fmt: skip
        _pid, status, used = os.wait4(process.pid, 0)  # with what its children used
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - start
        said = [(file.seek(0), file.read().decode())[1] for file in (out, err)]
    assert process.returncode in CODES[expect], said
    assert took < DOCUMENT_SECONDS
    assert used.ru_maxrss << 10 < MAX_MEMORY
    assert all(sign.isprintable() or sign == "\n" for sign in "".join(said))
    lines = [line for line in said[1].splitlines() if not line.startswith("new archive in ")]
    papers = list((root / "archive").glob("*/record.json"))
    if process.returncode in {0, 3}:
        assert not lines
        (paper,) = papers
        lost = {missed["page"] for missed in json.loads(paper.read_text())["missed"]}
        assert LOST.get(name, set()) <= lost
    else:
        assert not papers
        assert len(lines) == 1
        assert lines[0].startswith("papercap: ")
    record_property("read", (name, took, used.ru_maxrss >> 10))
