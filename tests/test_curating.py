"""Curating a catalogue by commands: links, reviews, pins, renamed entries, READMEs in two languages."""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest
from papers import make_paper

README = """# Models

## Open

<details>
<summary>[Small Models](https://small.org/models): of two pages</summary>

Their notes.
</details>
<details>
<summary>[Koala](https://koala.org): tuned</summary>
</details>
"""
KOREAN = """# 모델 모음

## 열린 모델

<details>
<summary>[작은 모델](https://small.org/models): 두 쪽짜리</summary>

연구용으로 쓸 수 있는 작은 언어 모델
</details>
"""
TITLE = "Small Models: Training a Chatbot on Instructions"


@pytest.fixture
def curated(papercap, tmp_path):
    """An archive beside a README; nothing is captured yet."""
    papercap.root.joinpath("README.md").write_text(README)
    make_paper(tmp_path / "small.pdf", title=TITLE)
    return papercap


def readme(papercap, name: str = "README.md") -> str:
    return (papercap.root / name).read_text()


def add(papercap, tmp_path, *options: str):
    done = papercap("add", tmp_path / "small.pdf", *options)
    assert done.code == 0, done.err
    (paper,) = papercap("list", "--json").json
    return paper["id"], done


# -- links ---------------------------------------------------------------------------------


def test_add_links_what_is_plain_and_says_why(curated, tmp_path):
    paper, done = add(curated, tmp_path)
    assert "linked to small-models: its title" in done.out
    (link,) = curated("show", paper, "--json").json["links"]
    assert (link["entry"], link["by"], link["section"], link["catalogue"]) == (
        "small-models", "auto", "Open", "README.md",
    )  # fmt: skip
    assert link["score"] >= 0.9
    assert curated("add", tmp_path / "small.pdf").out.startswith(f"{paper}: unchanged")


def test_add_links_nothing_that_it_was_told_not_to(curated, tmp_path):
    paper, done = add(curated, tmp_path, "--no-links")
    assert "linked" not in done.out
    assert curated("show", paper, "--json").json["links"] == []


def test_file_is_linked_by_the_address_that_it_is_from(curated, tmp_path):
    make_paper(tmp_path / "other.pdf", title="Another Title")
    done = curated("add", tmp_path / "other.pdf", "--url", "https://small.org/models/")
    assert "linked to small-models: it is the entry's own link" in done.out
    (paper,) = curated("list", "--json").json
    assert paper["url"] == "https://small.org/models/"
    assert curated("add", "https://a.org", "--url", "https://b.org").code == 2
    assert curated("add", tmp_path / "other.pdf", "--url", "nowhere").code == 5


def test_link_that_was_taken_away_is_not_made_again(curated, tmp_path):
    paper, _done = add(curated, tmp_path)
    assert curated("unlink", paper, "small-models").code == 0
    assert "linked" not in curated("add", tmp_path / "small.pdf").out
    assert "linked" not in curated("add", tmp_path / "small.pdf", "--again").out
    assert curated("link", "--review", "--json").json == []
    assert curated("link", paper, "small-models").code == 0
    (link,) = curated("show", paper, "--json").json["links"]
    assert link["by"] == "hand"


def test_proposals_are_decided_by_a_file_and_remembered(curated, tmp_path):
    paper, _done = add(curated, tmp_path, "--no-links", "--title", f"{TITLE} like Koala")
    proposals = curated("link", "--review").json  # no terminal: JSON
    assert [(one["id"], one["entry"]) for one in proposals] == [(paper, "small-models")]
    curated("edit", paper, "--title", "About Koala, a Chatbot")
    curated("fix", f"{paper}/figure-1", "--caption", "Figure 1: Koala and its tokens.")
    proposals = curated("link", "--review").json
    assert [one["id"] for one in proposals] == [f"{paper}/figure-1"]
    assert proposals[0]["caption"] == "Figure 1: Koala and its tokens."
    wrong = json.dumps([{"id": paper, "entry": "koala", "answer": "y"}])
    assert curated("link", "--review", "--answers", "-", input=wrong).code == 4
    assert curated("link", "--review", "--answers", "-", input="[{}]").code == 5
    answers = json.dumps([{"id": f"{paper}/figure-1", "entry": "koala", "answer": "n"}])
    done = curated("link", "--review", "--answers", "-", input=answers)
    assert done.out == "0 linked, 1 rejected\n"
    assert curated("link", "--review").json == []
    assert curated("reindex").code == 0
    assert curated("link", "--review").json == []


def test_proposals_above_a_score_are_made_at_once(curated, tmp_path):
    paper, _done = add(curated, tmp_path, "--no-links")
    assert curated("link", "--review", "--accept", "0.95").out == "0 linked, 0 rejected\n"
    assert curated("link", "--review", "--accept", "0.5").out == "1 linked, 0 rejected\n"
    assert curated("list", "--json").json[0]["entries"] == ["small-models"]
    assert curated("link", "--accept", "0.5").code == 2
    assert curated("link", paper).code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_proposals_are_asked_about_key_by_key_on_a_terminal(curated, tmp_path):
    paper, _done = add(curated, tmp_path, "--no-links")
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.chdir(curated.root)
        os.execv(sys.executable, [sys.executable, "-m", "papercap", "link", "--review"])
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.3)[0]:
            if b"quit: " in shown:
                os.write(terminal, b"y")  # what was typed before the key was waited for is thrown away
            continue
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # Linux says so that the other end is closed
            break
    _pid, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"small-models" in shown
    assert b"1 linked, 0 rejected" in shown
    (link,) = curated("show", paper, "--json").json["links"]
    assert link["by"] == "hand"


# -- entries that change -------------------------------------------------------------------


def test_links_follow_an_entry_that_is_renamed(curated, tmp_path):
    add(curated, tmp_path, "--readme")
    before = readme(curated)
    assert "<!-- papercap:figures small-models " in before
    curated.root.joinpath("README.md").write_text(before.replace("[Small Models]", "[Tiny Models]"))
    assert curated("readme", "--check").code == 6
    done = curated("readme")
    assert done.code == 0
    assert "small-models (Small Models) is now tiny-models (Tiny Models); its links follow" in done.err
    assert "<!-- papercap:figures tiny-models " in readme(curated)
    assert curated("list", "--json").json[0]["entries"] == ["tiny-models"]
    assert curated("readme", "--check").code == 0
    assert curated("check").code == 0


def test_entry_that_is_gone_is_told_and_its_links_can_be_given_to_another(curated, tmp_path):
    paper, _done = add(curated, tmp_path)
    text = readme(curated)
    start, end = text.index("<details>\n<summary>[Small"), text.index("<details>\n<summary>[Koala")
    curated.root.joinpath("README.md").write_text(text[:start] + text[end:])
    done = curated("readme")
    assert done.code == 0
    assert "no entry like small-models (Small Models) any more, to which 4 figures are linked" in done.err
    assert curated("relink", "nothing", "koala").code == 4
    assert curated("relink", "small-models", "koala").out == "1 linked to koala instead of small-models\n"
    assert curated("readme").err == ""
    assert readme(curated).count("<img") == 4
    assert curated("list", "--json").json[0]["entries"] == ["koala"]
    assert paper


def test_reordered_entries_take_their_blocks_along(curated, tmp_path):
    add(curated, tmp_path, "--readme")
    text = readme(curated)
    start, end = text.index("<details>\n<summary>[Small"), text.index("<details>\n<summary>[Koala")
    turned = text[:start] + text[end:] + text[start:end]
    curated.root.joinpath("README.md").write_text(turned)
    assert curated("readme", "--check").code == 0


# -- galleries -----------------------------------------------------------------------------


def test_pinned_figures_lead(curated, tmp_path):
    paper, _done = add(curated, tmp_path, "--readme")
    assert curated("pin", f"{paper}/table-2").out == "1 pinned\n"
    assert curated("pin", paper).code == 2
    curated("readme")
    assert "table-2.png" in readme(curated).split('<a href="archive')[2]
    assert curated("add", tmp_path / "small.pdf", "--again").code == 0
    assert curated("readme", "--check").code == 0
    assert curated("unpin", f"{paper}/table-2").code == 0
    assert curated("readme", "--check").code == 6


def test_licence_and_credit_are_set_by_hand_and_decide_what_is_public(curated, tmp_path):
    paper, _done = add(curated, tmp_path, "--readme")
    assert curated("readme", "--public").code == 0
    assert "<img" not in readme(curated)
    curated("edit", paper, "--licence", "CC-BY-4.0", "--credit", "Kim's lab")
    assert curated("readme", "--public").code == 0
    assert "Kim&#39;s lab · 2023 · CC BY 4.0" in readme(curated)
    curated("edit", paper, "--licence", "")
    assert curated("show", paper, "--json").json["source"]["licence"] is None


def test_readmes_in_two_languages_are_kept_in_step_together(curated, tmp_path):
    curated.root.joinpath("README.ko.md").write_text(KOREAN)
    curated.root.joinpath("papercap.toml").write_text('catalogues = ["README.md", "README.ko.md"]\n')
    add(curated, tmp_path, "--readme")
    assert "<b>Figure 1</b>, p. 1" in readme(curated)
    assert "<b>Figure 1</b>, 1쪽" in readme(curated, "README.ko.md")
    assert curated("readme", "--check").code == 0
    assert curated("readme", "--lang", "ko", "--check").code == 6
    listed = curated("entries", "--json").json
    assert {(row["catalogue"], row["id"]) for row in listed} >= {("README.ko.md", "작은-모델")}
    assert curated("readme", "README.ko.md", "--check", "--json").json[0]["entries"] == {"작은-모델": 4}


def test_long_readme_gets_pages_which_go_when_they_are_not_needed(curated, tmp_path):
    path, page = curated.root / "README.md", curated.root / "gallery" / "small-models.md"
    add(curated, tmp_path, "--readme")
    room = 500 * 1024 - path.stat().st_size + 100  # a little less than what the figures take
    path.write_text(README.replace("Their notes.\n", "Their notes.\n" * (room // len("Their notes.\n") + 1)))
    assert curated("readme").out == "README.md: written, with 1 page beside it\n"
    assert path.stat().st_size <= 500 * 1024
    assert readme(curated).count("<img") == 2
    assert page.read_text().count("<img") == 4
    assert 'href="gallery/small-models.md"' in readme(curated)
    assert curated("readme", "--check").code == 0
    written = page.read_text()
    page.write_text(written.replace("</h1>", "!</h1>"))
    assert "edited by hand" in curated("readme").err
    page.write_text("# mine\n")
    assert "stands where a gallery" in curated("readme").err
    page.unlink()
    assert curated("readme", "--check").code == 6
    assert curated("readme").code == 0
    assert page.read_text() == written
    mine = page.parent / "notes.md"
    mine.write_text("# mine\n")
    path.write_text(README)
    assert curated("readme").out == "README.md: written\n"
    assert readme(curated).count("<img") == 4
    assert not page.exists()
    assert mine.exists()


def test_look_is_set_once_in_the_archives_settings(curated, tmp_path):
    folder = curated.root / "looks"
    folder.mkdir()
    (folder / "gallery.html.j2").write_text("<p>{{ total }} of my own</p>")
    curated.root.joinpath("papercap.toml").write_text('[readme]\ntemplates = "looks"\n')
    add(curated, tmp_path, "--readme")
    assert "<p>4 of my own</p>" in readme(curated)
    assert curated("readme", "--templates", "nowhere").code == 4
    curated.root.joinpath("papercap.toml").write_text('catalogues = ["../README.md"]\n')
    assert curated("readme").code == 2


def test_watching_writes_after_each_change_and_lives_through_a_damaged_readme(curated, tmp_path):
    import subprocess

    paper, _done = add(curated, tmp_path)
    path = curated.root / "README.md"
    log = tmp_path / "log"
    with log.open("wb") as out:
        watching = subprocess.Popen(
            [sys.executable, "-m", "papercap", "readme", "--watch"], cwd=curated.root, stdout=out, stderr=out
        )
    try:
        _wait_for(lambda: "<img" in path.read_text(), log)
        damaged = path.read_text().replace("<!-- /papercap:figures -->", "")
        path.write_text(damaged)
        _wait_for(lambda: "never closed" in log.read_text(), log)
        path.write_text(README)
        _wait_for(lambda: "<img" in path.read_text(), log)
        assert curated("unlink", paper, "small-models").code == 0
        _wait_for(lambda: path.read_text() == README, log)
    finally:
        watching.terminate()
        assert watching.wait(20) in (143, -15)


def _wait_for(done, log: Path) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
