"""What many tests stand on: a paper made once, and papercap as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from papers import make_paper

import papercap as api

pytest_plugins = ["internet"]

if TYPE_CHECKING:
    from collections.abc import Callable

TWO_ENTRIES = """# Models

<details>
<summary>[LLaMA](https://example.org/llama): weights</summary>
</details>

<details>
<summary>[Koala](https://example.org/koala)</summary>
</details>
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-all", action="store_true", help="Try every fault, not some of each kind.")


@pytest.fixture(scope="session")
def faults_all(request: pytest.FixtureRequest) -> bool:
    """Is every place to be tried, for minutes?"""
    return bool(request.config.getoption("--faults-all"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "slow" in item.keywords and not config.getoption("--faults-all"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with --faults-all"))


@pytest.fixture
def tell(record_property) -> Callable[[str], None]:
    """Say what a test measured at the end of the run, also of one that ran in another process."""
    return lambda text: record_property("told", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the fault tests told; of the documents that were read the dearest alone."""
    said: dict[str, list[Any]] = {"told": [], "read": []}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    said.get(name, []).append(value)
    lines = said["told"]
    if read := [tuple(each) for each in said["read"]]:
        seconds, slowest = max((took, name) for name, took, _memory in read)
        memory, largest = max((memory, name) for name, _took, memory in read)
        lines += [f"{len(read)} hostile inputs met; slowest {slowest}, {seconds:.1f} s"]
        lines += [f"largest {largest}, {memory} MB in one process"]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def paper(tmp_path_factory) -> Path:
    """Two pages, on each a figure and a table."""
    return make_paper(tmp_path_factory.mktemp("papers") / "small models.pdf")


@pytest.fixture
def papercap(tmp_path, monkeypatch):
    """Run the real command in an empty folder: `papercap("add", path)`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PAPERCAP_")}
    environment |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "PYTHONUTF8": "0"}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    root = tmp_path / "root"
    root.mkdir()
    monkeypatch.chdir(root)

    def run(*arguments: object, cwd: Path = root, **more: Any) -> Ran:
        if "input" not in more:
            more["stdin"] = subprocess.DEVNULL
        done = subprocess.run(
            [sys.executable, "-m", "papercap", *map(str, arguments)],
            cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120,
            env=environment | more.pop("env", {}), check=False, **more,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    run.root = root
    return run


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> Path:
    """To be broken: two papers, one in the trash, tags, a link, a README out of step; a paper to add."""
    folder = tmp_path_factory.mktemp("walk")
    root = folder / "root"
    root.mkdir()
    (root / "README.md").write_text(TWO_ENTRIES)
    make_paper(folder / "new.pdf", title="Paper Airplanes", author="Cy Sample", seed=9)
    one = make_paper(folder / "one.pdf")
    two = make_paper(folder / "two.pdf", title="Counting Sheep by Night", author="Bo Sample", seed=7)
    old = make_paper(folder / "old.pdf", title="Wooden Boats", author="Di Sample", seed=11)
    with api.Archive.create(root) as archive:
        api.capture(one, archive, tags=["old"], entries=["LLaMA"])
        api.capture(two, archive)
        archive.remove(api.capture(old, archive).paper)
    return root


def fill(papercap, paper: Path, folder: Path, readme: str):
    """Give the command an archive of two papers, "Small Models …" and "Counting Sheep …", and a README."""
    (papercap.root / "README.md").write_text(readme)
    other = make_paper(folder / "other.pdf", title="Counting Sheep by Night", author="Bo Sample", seed=7)
    assert papercap("add", paper, other).code == 0
    return papercap


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def children_of(parent: int) -> list[int]:
    """The living children of a process; skips where the system does not tell."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs Linux's /proc")
    stats = [path.parent.name for path in Path("/proc").glob("[0-9]*/stat")]
    return [int(pid) for pid in stats if _parent_of(int(pid)) == parent]


def workers_of(process: subprocess.Popen[Any]) -> list[int]:
    """The children of a command, once it has any."""
    deadline = time.monotonic() + 20
    while not (children := children_of(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return children


def is_alive(pid: int) -> bool:
    """Not gone, and not merely waiting for its parent to ask how it ended."""
    return _stat(pid)[:1] not in ([], ["Z"])


def _parent_of(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
