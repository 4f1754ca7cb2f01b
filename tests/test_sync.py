"""`papercap sync`: sources of entries, what is new, what failed, and why an entry has no figures."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from papers import make_paper
from PIL import Image, ImageDraw

from papercap.archive import Archive
from papercap.catalogue import read_entries
from papercap.gallery import strip
from papercap.pipeline.sync import sources_of
from papercap.settings import Given

README = """# Models

## Open

<details>
<summary>[Small Models](https://small.org/models): of two pages</summary>

See https://one.org/paper.pdf, [their post](https://two.org/a_(b)) and ![shot](https://img.org/x.png).
Again https://small.org/models/.
</details>
<details>
<summary>[Badges](https://badges.org)</summary>
</details>
<details>
<summary>[Koala](https://koala.org)</summary>
</details>
<details>
<summary>[Koala](https://koala.org)</summary>
</details>
<details>
<summary>[Talks]</summary>
</details>
"""


@pytest.fixture
def curated(papercap):
    papercap.root.joinpath("README.md").write_text(README)
    return papercap


def badge_page(folder: Path) -> None:
    """A README whose one picture is a badge."""
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (90, 20), "green")
    ImageDraw.Draw(image).text((4, 4), "passing", "white")
    image.save(folder / "badge.png")
    (folder / "badges.md").write_text("# Badges\n\n![build badge](badge.png)\n\nNothing else.\n")


def settings(papercap, text: str) -> None:
    papercap.root.joinpath("papercap.toml").write_text(f"[sources]\n{text}\n")


def by_entry(done) -> dict[str, dict]:
    return {row["entry"]: row for row in done.json}


# -- which sources -------------------------------------------------------------------------


def test_sources_are_the_own_link_and_those_in_the_notes(tmp_path):
    found = sources_of(read_entries(README.encode()), {}, tmp_path)
    assert [(one.typed, one.why) for one in found["README.md#small-models"]] == [
        ("https://small.org/models", "the entry's own link"),
        ("https://one.org/paper.pdf", "linked in its notes"),
        ("https://two.org/a_(b)", "linked in its notes"),
    ]
    assert [one.typed for one in found["README.md#koala"]] == ["https://koala.org"]
    assert "README.md#koala-2" not in found  # the same once more
    assert found["README.md#talks"] == []


def test_sources_of_the_settings_go_before_and_paths_count_from_the_root(tmp_path, monkeypatch):
    root = tmp_path / "root"
    (root / "papers").mkdir(parents=True)
    for name in ("a.pdf", "b.pdf"):
        make_paper(root / "papers" / name)
    monkeypatch.chdir(tmp_path)
    given = {"Badges": [Given("papers"), Given("2302.13971"), Given("papers/a.pdf", "https://a.org/1")]}
    found = sources_of(read_entries(README.encode()), given, root)
    assert [(one.typed, one.path, one.url) for one in found["README.md#badges"]] == [
        ("papers/a.pdf", os.path.join("root", "papers", "a.pdf"), None),
        ("papers/b.pdf", os.path.join("root", "papers", "b.pdf"), None),
        ("2302.13971", "", None),
        ("papers/a.pdf", os.path.join("root", "papers", "a.pdf"), "https://a.org/1"),
    ]


# -- runs ----------------------------------------------------------------------------------


def test_all_entries_come_by_one_command_and_one_that_fails_leaves_the_others_done(curated):
    root = curated.root
    make_paper(root / "small.pdf")
    badge_page(root / "pages")
    settings(
        curated,
        'small-models = [{ path = "small.pdf", url = "https://arxiv.org/abs/2301.00001v2" }]\n'
        'badges = "pages/badges.md"\n'
        'koala = "https://koala.invalid/"',
    )
    before = (root / "README.md").read_bytes()
    done = curated("sync", "--offline", "--json", "--report", "report.md")
    assert done.code == 3
    found = by_entry(done)
    assert found["small-models"]["figures"] == 4
    assert found["small-models"]["why"] is None
    assert found["badges"]["why"] == "its one picture is no figure; badges, icons and logos are none"
    assert found["koala"]["why"].startswith("https://koala.invalid/")
    assert found["koala-2"]["why"] == "is koala once more"
    assert found["talks"]["why"] == "no address, and no link in its notes"
    (small,) = (row for row in curated("list", "--json").json if row["figures"])
    assert (small["typed"], small["arxiv"], small["entries"]) == ("small.pdf", "2301.00001", ["small-models"])
    (link,) = curated("show", small["id"], "--json").json["links"]
    assert (link["by"], link["why"]) == ("auto", "a source of it in papercap.toml")
    after = (root / "README.md").read_bytes()
    assert after.count(b"<img ") == 4
    assert strip(after) == before
    table = (root / "report.md").read_text()
    assert "| Small Models | 1 | 4 | 1 captured |" in table
    assert curated("check").code == 0


def test_what_was_added_before_is_left_alone_and_a_link_that_was_taken_away_stays_away(curated):
    make_paper(curated.root / "small.pdf")
    settings(curated, 'small-models = "small.pdf"\nbadges = "small.pdf"')
    first = curated("sync", "small-models", "badges", "--json")
    assert first.code == 0
    assert {row["entry"]: row["figures"] for row in first.json} == {"small-models": 4, "badges": 4}
    (row,) = curated("list", "--json").json
    assert row["entries"] == ["badges", "small-models"]
    before = {path: path.read_bytes() for path in curated.root.rglob("*") if path.is_file()}
    again = curated("sync", "small-models", "badges")
    assert again.code == 0
    assert {path: path.read_bytes() for path in curated.root.rglob("*") if path.is_file()} == before
    curated("unlink", row["id"], "badges")
    curated("sync", "badges")
    assert curated("list", "--json").json[0]["entries"] == ["small-models"]


def test_dry_run_and_failures_leave_nothing(curated):
    make_paper(curated.root / "small.pdf")
    settings(curated, 'small-models = "small.pdf"')
    there = sorted(curated.root.iterdir())
    done = curated("sync", "--dry-run")
    assert done.code == 0
    assert "new small.pdf" in done.out
    assert sorted(curated.root.iterdir()) == there
    assert curated("sync", "koala", "--offline").code == 8
    assert sorted(curated.root.iterdir()) == there


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('nobody = "a.pdf"', 4, "no such entry"),
        ('small-models = "gone.pdf"', 4, "gone.pdf: no such file"),
        ('small-models = "../outside.pdf"', 2, "lies outside"),
        ("small-models = 3", 2, "an address, a path or"),
        ('small-models = { url = "https://a.org" }', 2, "an address, a path or"),
        ('small-models = { path = "a.pdf", more = "b" }', 2, "an address, a path or"),
    ],
)
def test_sources_that_cannot_be_are_told_in_one_line(curated, text, code, says):
    make_paper(curated.root.parent / "outside.pdf")
    settings(curated, text)
    done = curated("sync")
    assert done.code == code
    assert says in done.err
    assert done.err.count("\n") == 1


def test_pages_that_show_one_picture_are_shown_once(curated):
    for name in ("old", "new"):
        folder = curated.root / name
        folder.mkdir()
        image = Image.new("RGB", (600, 400), "white")
        draw = ImageDraw.Draw(image)
        for step in range(12):
            draw.rectangle((20 + 45 * step, 380 - 30 * step, 50 + 45 * step, 380), fill=(200, 20 * step, 60))
        image.save(folder / "plot.png")
        (folder / "README.md").write_text(f"# The {name} page\n\nFigure 1 shows it.\n\n![Growth](plot.png)\n")
    settings(curated, 'badges = ["old/README.md", "new/README.md"]')
    assert curated("sync", "badges").code == 0
    assert [row["figures"] for row in curated("list", "--json").json] == [1, 1]
    assert (curated.root / "README.md").read_text().count("<img ") == 1


def test_drafts_of_many_threads_do_not_trip_over_each_other(tmp_path):
    with Archive.create(tmp_path / "root") as archive:
        errors: list[BaseException] = []

        def draft() -> None:
            try:
                for _ in range(60):
                    with archive.store.aside() as place:
                        (place / "file").write_text("x")
            except BaseException as error:  # to be told by the test
                errors.append(error)

        threads = [threading.Thread(target=draft) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
