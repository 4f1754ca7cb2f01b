"""Files and papers of any name are archived under plain ones, and told of in one safe line."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from papers import make_paper

from papercap.archive import Archive
from papercap.check import check_archive

ODD = [
    "two words.pdf", "-dash.pdf", " .pdf", "...pdf", "new\nline.pdf", "tab\tand\x1b[31mred.pdf", "quo'te\".pdf",
    "back\\slash.pdf", "100%.pdf", "a;b&c|d.pdf", "<script>.pdf", "*?[x].pdf", "CON.pdf", "논문 1.pdf", "e\u0301.pdf",
    "\u202egnp.pdf", "🦙.pdf", f"{'long' * 62}.pdf",
]  # fmt: skip
posix = pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")


def sound(root):
    with Archive(root) as archive:
        assert check_archive(archive) == []
        return [row.id for row in archive.papers()]


def is_plain(name):
    return name.isprintable() and not set(name) & set("/\\:*?\"<>|\n '&;%") and len(name.encode()) <= 255


@posix
@pytest.mark.parametrize("name", ODD)
def test_a_file_of_any_name_is_added(name, papercap, paper, tmp_path):
    odd = tmp_path / name
    shutil.copy(paper, odd)
    ran = papercap("add", "--", odd)
    assert ran.code == 0, ran
    assert len(ran.out.splitlines()) < 30
    assert ran.out.replace("\n", "").isprintable()
    (paper_id,) = sound(papercap.root)
    assert is_plain(paper_id)
    assert papercap("show", paper_id, "--json").code == 0


@posix
def test_a_name_that_is_no_text_is_added(papercap, paper, tmp_path):
    odd = os.fsencode(tmp_path) + b"/caf\xe9\xff.pdf"
    shutil.copy(paper, odd)
    ran = papercap("add", os.fsdecode(odd))
    assert ran.code == 0, ran
    (paper_id,) = sound(papercap.root)
    assert papercap("show", paper_id, "--json").code == 0


@posix
def test_names_that_differ_in_composition_or_case_alone_are_two_papers(papercap, tmp_path):
    names = ["caf\u00e9.pdf", "cafe\u0301.pdf", "Caf\u00c9.pdf"]
    for seed, name in enumerate(names):
        (tmp_path / str(seed)).mkdir()
        make_paper(tmp_path / str(seed) / name, title="", author="", seed=40 + seed)
        assert papercap("add", tmp_path / str(seed) / name).code == 0
    ids = sound(papercap.root)
    assert len({paper.casefold() for paper in ids}) == 3  # also where case is folded


def test_a_title_of_any_length_makes_a_name_that_fits(papercap, tmp_path):
    long = make_paper(tmp_path / "long.pdf", title="Incomprehensibilities " * 20, seed=50)
    assert papercap("add", long, "--title", "가나다라마" * 60).code == 0
    (paper_id,) = sound(papercap.root)
    assert is_plain(paper_id)
    assert papercap("search", "가나다라마").code == 0


@pytest.mark.parametrize("title", ["../../etc/passwd", "a\nb\x00c", "<b>&amp;", "=1+1", "", "."])
def test_a_title_never_becomes_a_path(title, papercap, tmp_path, paper):
    ran = papercap("add", paper, "--title", title.replace("\x00", ""))
    assert ran.code in (0, 2), ran
    if ran.code == 0:
        (paper_id,) = sound(papercap.root)
        assert is_plain(paper_id)
        assert sorted(path.name for path in papercap.root.iterdir()) == ["archive", "index.db"]


def test_two_papers_of_one_name_are_two_papers(papercap, tmp_path):
    for seed in (60, 61):
        (tmp_path / str(seed)).mkdir()
        make_paper(tmp_path / str(seed) / "same.pdf", seed=seed)
    ran = papercap("add", tmp_path / "60" / "same.pdf", tmp_path / "61" / "same.pdf")
    assert ran.code == 0
    assert len(sound(papercap.root)) == 2
