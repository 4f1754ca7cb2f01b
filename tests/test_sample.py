"""The repository is its own first archive, and its sample paper is captured as it was typeset."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from papercap.geometry import Box, iou

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "open-language-models-2023.pdf"


def papercap(*arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", "papercap", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_repositorys_own_archive_is_sound():
    done = papercap("check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_repositorys_own_readme_is_in_step():
    done = papercap("readme", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_figure_of_the_sample_is_found_where_it_was_typeset():
    truth = json.loads(SAMPLE.with_suffix(".truth.json").read_text())["items"]
    done = papercap("extract", SAMPLE, "--json")
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert sorted(item["label"] for item in found["items"]) == sorted(item["label"] for item in truth)
    overlaps = {}
    for item in truth:
        (ours,) = [other for other in found["items"] if other["label"] == item["label"]]
        assert (ours["page"], ours["kind"]) == (item["page"], item["kind"])
        assert "".join(ours["caption"].split()) == "".join(item["caption"].split())
        overlaps[item["label"]] = iou(Box(*ours["bbox"]), Box(*item["bbox"]))
    # Table 1 stands over a foot note at the foot of its column, which the finder takes in.
    assert overlaps.pop("Table 1") > 0.6
    assert min(overlaps.values()) > 0.9, overlaps


def test_the_sample_is_typeset_the_same_again(tmp_path):
    pytest.importorskip("typst")
    subprocess.run([sys.executable, ROOT / "examples" / "make_sample.py", tmp_path], check=True)
    assert (tmp_path / SAMPLE.name).read_bytes() == SAMPLE.read_bytes()


def test_the_sample_has_a_figure_in_korean():
    done = papercap("search", "한국어", "--json")
    assert any(row["label"] == "그림 7" for row in json.loads(done.stdout))
