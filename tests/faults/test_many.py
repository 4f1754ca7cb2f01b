"""Many commands at once lose nothing, see nothing half-made and never fail for one another."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from oracle import commands, is_sound, state
from papers import make_paper

ROUNDS = (2, 12)  # with --faults-all
PAPERS = 4


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    return [make_paper(folder / f"{at}.pdf", title=f"Paper {at}", seed=20 + at) for at in range(PAPERS)]


def test_commands_at_once_lose_nothing_and_never_fail_for_one_another(
    base, papers, tmp_path, faults_all, tell
):
    for number in range(ROUNDS[faults_all]):
        run_together(number, base, papers, tmp_path / f"root-{number}")
    tell(f"{ROUNDS[faults_all]} rounds of commands at once, none failed and nothing was lost")


def run_together(number, base, papers, root):
    shutil.copytree(base, root)
    own = commands(base)
    one, figure = own["tag"][1:3]
    together = [
        *(["add", str(paper)] for paper in papers),
        ["add", str(papers[number % PAPERS])],  # the same twice
        ["tag", one, "first"],
        ["tag", figure, "second"],
        ["tag", one, "third"],
        own["link"],
        own["readme"],
        ["reindex"],
        ["search", "loss", "--json"],
        ["list", "--json"],
        ["check", "--json"],
    ]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "papercap", "--root", root, *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
        )
        for command in together
    ]  # fmt: skip
    for command, process in zip(together, running, strict=True):
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, (command, out, err)
        assert "Traceback" not in err, (command, err)
        if "--json" in command:
            json.loads(out)
    is_sound(root)
    records, _removed, readme = state(root)
    assert len(records) == 2 + PAPERS
    assert {"old", "first", "third"} <= set(records[one]["tags"])
    tagged = [item["id"] for item in records[one]["figures"] if "second" in item["tags"]]
    assert tagged == [figure.rpartition("/")[2]]
    assert records[own["link"][1]]["links"]
    assert readme.count(b"<!-- papercap:figures") in (1, 2)  # of before or after the link
