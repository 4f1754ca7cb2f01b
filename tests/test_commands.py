"""Every command but `add`, as a user runs it, on one archive with two papers."""

import json
import sqlite3

import pytest
from conftest import fill, tree
from papers import pymupdf
from PIL import Image

README = """# 모델

## 공개

<details>
<summary>상용❌[LLaMA](https://example.org/llama): 연구용</summary>
</details>

<details>
<summary>[Koala](https://example.org/koala)</summary>
</details>

<!-- papercap:gallery -->
<!-- /papercap:gallery -->
"""


@pytest.fixture
def filled(papercap, paper, tmp_path):
    return fill(papercap, paper, tmp_path, README)


def ids(papercap):
    return sorted(row["id"] for row in papercap("list", "--json").json)


def test_papers_are_listed_for_people_and_programs(filled):
    table = filled("list").out
    assert "Counting Sheep by Night" in table
    assert [row["figures"] for row in filled("list", "--json").json] == [4, 4]
    lines = filled("list", "--nl").out.splitlines()
    assert len([json.loads(line) for line in lines]) == 2
    assert filled("list", "--csv").out.startswith("id,")
    assert len(filled("list", "--tsv").out.splitlines()) == 3


def test_search_finds_by_words_and_filters(filled):
    sheep, small = ids(filled)[1], ids(filled)[0]
    sheep, small = (sheep, small) if "sample" in sheep else (small, sheep)
    found = filled("search", "loss", "steps", "--json").json
    assert {row["label"] for row in found} == {"Figure 1", "Figure 2"}
    assert "‹Loss›" in found[0]["snippet"]
    assert {row["paper"] for row in filled("search", "sheep", "--json").json} == {sheep}
    assert len(filled("search", "--kind", "table", "--paper", small, "--json").json) == 2
    assert "nothing found" in filled("search", "zebra").err


@pytest.mark.parametrize("words", ['"', "AND", "*", "a OR (", "🦙", "NEAR(", "-x", "^", "'; DROP TABLE"])
def test_search_never_fails_on_odd_words(words, filled):
    done = filled("search", "--json", "--", words)
    assert done.code == 0
    assert isinstance(done.json, list)


def test_an_unknown_filter_is_not_found(filled):
    for option in ("--tag", "--entry", "--paper"):
        done = filled("search", option, "nonesuch")
        assert done.code == 4, option
        assert len(done.err.strip().splitlines()) == 1


def test_show_takes_papers_and_figures_by_any_prefix_that_fits_one(filled):
    small = next(name for name in ids(filled) if "small" in name)
    assert "Ada Example" in filled("show", small[:10]).out
    assert "Loss of the model over 20 steps" in filled("show", f"{small}/figure-2").out
    assert filled("show", small, "--json").json["id"] == small
    assert filled("show", f"{small}/figure-2", "--json").json["page"] == 2
    ambiguous = filled("show", f"{small}/figure")
    assert ambiguous.code == 4
    assert "figure-1" in ambiguous.err
    assert filled("show", "nobody").code == 4


def test_tags_of_a_paper_hold_for_its_figures(filled):
    small = next(name for name in ids(filled) if "small" in name)
    assert filled("tag", small, "scaling law").code == 0
    assert filled("tag", f"{small}/figure-1", f"{small}/table-1", "favourite", "--json").json["changed"] == 2
    counts = {row["tag"]: row["figures"] for row in filled("tags", "--json").json}
    assert counts == {"favourite": 2, "scaling law": 4}
    found = filled("search", "--tag", "favourite", "--tag", "scaling law", "--json").json
    assert [row["id"].split("/")[1] for row in found] == ["figure-1", "table-1"]
    assert filled("search", "favourite", "--json").json
    assert filled("untag", f"{small}/figure-1", "favourite").code == 0
    assert filled("untag", f"{small}/figure-1", "favourite").code == 4
    assert len(filled("search", "--tag", "favourite", "--json").json) == 1


def test_an_empty_tag_is_a_usage_error_and_an_unknown_id_changes_nothing(filled):
    small = next(name for name in ids(filled) if "small" in name)
    assert filled("tag", small, "  ").code == 2
    before = tree(filled.root / "archive")
    assert filled("tag", small, "nobody/figure-1", "x").code == 4
    assert tree(filled.root / "archive") == before


def test_a_figure_is_linked_to_an_entry_and_found_by_it(filled):
    small = next(name for name in ids(filled) if "small" in name)
    assert filled("link", f"{small}/figure-1", "LLaMA").code == 0
    (row,) = filled("search", "--entry", "llama", "--json").json
    assert row["entries"] == ["llama"]
    assert filled("search", "llama", "--json").json[0]["id"] == row["id"]
    unknown = filled("link", f"{small}/figure-1", "Alpaca")
    assert unknown.code == 4
    assert "koala" in unknown.err
    assert filled("unlink", f"{small}/figure-1", "llama").code == 0
    assert filled("unlink", f"{small}/figure-1", "llama").code == 4


def test_one_figure_can_be_taken_from_its_papers_entry(filled):
    small = next(name for name in ids(filled) if "small" in name)
    filled("link", small, "koala")
    filled("unlink", f"{small}/table-2", "koala")
    found = filled("search", "--entry", "koala", "--json").json
    assert [row["id"].split("/")[1] for row in found] == ["figure-1", "table-1", "figure-2"]


def test_the_readme_shows_linked_figures_and_nothing_else_changes(filled):
    small = next(name for name in ids(filled) if "small" in name)
    filled("link", f"{small}/figure-1", "koala")
    assert filled("readme", "--check").code == 6
    assert "+<!-- papercap:figures koala" in filled("readme", "--diff").out
    assert (filled.root / "README.md").read_text() == README
    assert filled("readme").code == 0
    text = (filled.root / "README.md").read_text()
    assert f"archive/{small}/thumbs/figure-1.webp" in text
    assert "archive/" in text.split("papercap:gallery")[1]
    assert filled("readme", "--check").code == 0
    before = (filled.root / "README.md").stat().st_mtime_ns
    assert filled("readme").code == 0
    assert (filled.root / "README.md").stat().st_mtime_ns == before


def test_a_hand_edited_block_is_refused_with_its_line(filled):
    small = next(name for name in ids(filled) if "small" in name)
    filled("link", f"{small}/figure-1", "koala")
    filled("readme")
    path = filled.root / "README.md"
    lines = path.read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "figure-1.webp" in line)
    lines[at] = lines[at].replace("figure-1.webp", "mine.webp")
    path.write_text("".join(lines))
    done = filled("readme")
    assert done.code == 6
    assert "README.md:" in done.err
    assert path.read_text() == "".join(lines)


def test_entries_are_listed_with_what_the_catalogue_says(filled):
    rows = filled("entries", "--json").json
    assert [(row["id"], row["section"], row["commercial"]) for row in rows] == [
        ("llama", "공개", "no"),
        ("koala", "공개", None),
    ]
    assert rows[0]["url"] == "https://example.org/llama"
    assert (rows[0]["line"], rows[0]["end_line"]) == (5, 7)
    assert filled("entries", "--readme", "nowhere.md").code == 4


def test_what_papercap_read_can_be_mended(filled):
    small = next(name for name in ids(filled) if "small" in name)
    done = filled(
        "edit", small, "--title", "작은 모델", "--authors", "Kim Ada; Lee Bo", "--year", 2024, "--doi", "10.1000/182"
    )  # fmt: skip
    assert done.code == 0
    row = next(row for row in filled("list", "--json").json if row["id"] == small)
    assert (row["title"], row["authors"], row["year"]) == ("작은 모델", ["Kim Ada", "Lee Bo"], 2024)
    assert filled("search", "모델", "--json").json[0]["paper"] == small
    assert filled("edit", small).code == 2


def test_get_draws_a_figure_at_any_resolution_with_its_citation(filled):
    small = next(name for name in ids(filled) if "small" in name)
    done = filled("get", f"{small}/figure-1", "--out", "big.png", "--dpi", 600)
    assert done.code == 0
    assert done.out.startswith("Figure 1, p. 1, in: Ada Example. Small Models for Large Tasks")
    box = filled("show", f"{small}/figure-1", "--json").json["box"]
    with Image.open(filled.root / "big.png") as image:
        assert image.width == pytest.approx((box[2] - box[0]) * 600 / 72, abs=2)
    for name in ("f.pdf", "f.svg", "f.jpg", "f.webp"):
        assert filled("get", f"{small}/figure-1", "--out", name).code == 0
    with pymupdf.open(filled.root / "f.pdf") as cut:
        assert cut[0].rect.width == pytest.approx(box[2] - box[0], abs=0.1)
    assert filled("get", f"{small}/figure-1", "--out", "f.tiff").code == 2
    assert filled("get", f"{small}/figure-1", "--out", "no/such/folder/f.png").code == 4


def test_a_removed_paper_is_gone_from_files_and_index(filled):
    small = next(name for name in ids(filled) if "small" in name)
    assert filled("remove", small[:8]).code == 2
    assert filled("remove", small).code == 0
    assert len(ids(filled)) == 1
    assert not (filled.root / "archive" / small).exists()
    assert filled("check").code == 0
    assert filled("remove", small).code == 4


def test_a_removed_paper_is_restored_with_its_tags(filled, paper):
    small = next(name for name in ids(filled) if "small" in name)
    filled("tag", small, "mine")
    filled("link", f"{small}/figure-1", "koala")
    before, rows = tree(filled.root / "archive" / small), filled("list", "--json").json
    assert f"papercap restore {small}" in filled("remove", small).out
    (row,) = filled("restore", "--json").json
    assert (row["id"], row["figures"], row["tags"]) == (small, 4, ["mine"])
    assert row["title"].startswith("Small Models")
    assert "Small Models" in filled("restore").out
    again = filled("add", paper)
    assert f"with tags mine is in the trash: 'papercap remove {small}'" in again.out
    refused = filled("restore", small)
    assert refused.code == 2
    assert len(refused.err.strip().splitlines()) == 1
    filled("remove", small)
    assert len(filled("trash", "--json").json) == 2
    assert filled("restore", small, "--removed", row["removed"], "--json").json == {"restored": [small]}
    assert tree(filled.root / "archive" / small) == before
    assert filled("list", "--json").json == rows
    assert filled("restore", "nobody").code == 4
    assert filled("check").code == 0


def test_the_trash_is_deleted_only_when_that_is_meant(filled):
    small, _other = ids(filled)
    filled("remove", small)
    assert filled("trash", "--empty").code == 2
    assert filled("trash", "--older-than", 1, "--json").json == []
    assert len(filled("trash", "--empty", "--older-than", 0, "--yes", "--json").json) == 1
    assert "the trash is empty" in filled("restore").err
    assert filled("check").code == 0


def rows_of(path):
    with sqlite3.connect(path) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")
        ]
        # How FTS5 lays its words out depends on the order of writing; which words stand where does not.
        db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'figures_fts', 'instance')")
        tables = [table for table in tables if table not in {"figures_fts_data", "figures_fts_idx"}]
        return {t: sorted(map(repr, db.execute(f"SELECT * FROM {t}"))) for t in [*tables, "temp.words"]}


def test_the_index_is_made_anew_from_the_records_the_same(filled):
    small = next(name for name in ids(filled) if "small" in name)
    filled("tag", small, "scaling")
    filled("tag", f"{small}/table-2", "mine")
    filled("link", f"{small}/figure-1", "koala")
    filled("unlink", f"{small}/figure-1", "koala")
    filled("link", f"{small}/figure-2", "llama")
    filled("edit", small, "--title", "By Hand")
    before = rows_of(filled.root / "index.db")
    assert filled("reindex", "--json").json == {"papers": 2, "figures": 8, "left_out": []}
    assert rows_of(filled.root / "index.db") == before
    (filled.root / "index.db").unlink()
    assert len(filled("search", "--tag", "mine", "--json").json) == 1
    assert rows_of(filled.root / "index.db") == before


@pytest.mark.parametrize("damage", [b"", b"not a database at all", None])
def test_an_index_that_is_no_index_is_made_anew(damage, filled):
    path = filled.root / "index.db"
    path.write_bytes(path.read_bytes()[:5000] if damage is None else damage)
    assert len(filled("search", "loss", "--json").json) == 4


def test_check_finds_what_is_changed_missing_and_stray(filled):
    small = next(name for name in ids(filled) if "small" in name)
    folder = filled.root / "archive" / small
    assert filled("check", "--json").json == []
    data = bytearray((folder / "figure-1.png").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "figure-1.png").write_bytes(data)
    (folder / "thumbs" / "table-1.webp").unlink()
    (folder / "note.txt").write_text("stray")
    (filled.root / "archive" / "lost").mkdir()
    done = filled("check", "--json")
    assert done.code == 7
    problems = {(problem["file"].rsplit("/", 1)[-1], problem["what"].split(":")[0]) for problem in done.json}
    assert problems == {
        ("figure-1.png", "changed"),
        ("table-1.webp", "missing"),
        ("note.txt", "stray"),
        ("lost", "no record.json in this folder"),
    }


def test_check_finds_a_record_that_was_edited_behind_the_index(filled):
    small = next(name for name in ids(filled) if "small" in name)
    path = filled.root / "archive" / small / "record.json"
    path.write_text(path.read_text().replace('"pages": 2', '"pages": 3'))
    done = filled("check", "--json")
    assert done.code == 7
    assert "reindex" in done.json[0]["what"]
    assert filled("reindex").code == 0
    assert filled("check").code == 0


def test_a_record_of_a_newer_papercap_is_refused(filled):
    small = next(name for name in ids(filled) if "small" in name)
    path = filled.root / "archive" / small / "record.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))
    done = filled("show", small)
    assert done.code == 7
    assert "upgrade" in done.err


def test_extract_writes_one_json_a_paper_in_the_benchs_form(papercap, paper, tmp_path):
    done = papercap("extract", paper, "--out", "found", "--crops")
    assert done.code == 0
    found = json.loads((papercap.root / "found" / "small models.json").read_text())
    assert found["pdf"] == "small models.pdf"
    assert [item["label"] for item in found["items"]] == ["Figure 1", "Table 1", "Figure 2", "Table 2"]
    item = found["items"][0]
    assert {"kind", "label", "page", "bbox", "caption", "caption_bbox", "confidence"} <= set(item)
    assert (papercap.root / "found" / "small models" / "figure-1.png").exists()
    assert not (papercap.root / "archive").exists()
    printed = papercap("extract", paper, "--json").json
    assert [i["bbox"] for i in printed[0]["items"]] == [i["bbox"] for i in found["items"]]


def test_extract_goes_on_past_what_it_cannot_read(papercap, paper, tmp_path):
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.5 nothing")
    done = papercap("extract", tmp_path / "bad.pdf", paper, "--out", "found", "--json")
    assert done.code == 3
    assert "error" in done.json[0]
    assert (papercap.root / "found" / "bad.json").exists()
    assert papercap("extract", paper).code == 2


def test_init_makes_an_archive_once(papercap):
    assert "new archive" in papercap("init").out
    assert "already" in papercap("init").out
    assert papercap("list", "--json").json == []


def test_without_an_archive_commands_say_how_to_make_one(papercap):
    for command in (["list"], ["search", "x"], ["tags"], ["check"], ["reindex"], ["readme"], ["show", "x"]):
        done = papercap(*command)
        assert done.code == 4, command
        assert "papercap init" in done.err


def test_an_archive_is_found_from_a_folder_below_and_by_name(filled, tmp_path):
    below = filled.root / "a" / "b"
    below.mkdir(parents=True)
    assert len(filled("list", "--json", cwd=below).json) == 2
    assert len(filled("--root", filled.root, "list", "--json", cwd=tmp_path).json) == 2
    assert len(filled("list", "--json", cwd=tmp_path, env={"PAPERCAP_ROOT": str(filled.root)}).json) == 2


def test_settings_are_defaults_that_options_override(filled):
    (filled.root / "papercap.toml").write_text("[search]\nlimit = 3\n")
    assert len(filled("search", "--json").json) == 3
    assert len(filled("search", "--limit", 2, "--json").json) == 2
    assert len(filled("search", "--json", env={"PAPERCAP_SEARCH_LIMIT": "5"}).json) == 5
    (filled.root / "papercap.toml").write_text("[search]\nlimmit = 3\n")
    done = filled("search")
    assert done.code == 2
    assert "limmit" in done.err


def test_a_flag_can_be_set_in_the_settings_and_a_form_of_printing_cannot(papercap):
    assert papercap("init").code == 0
    (papercap.root / "papercap.toml").write_text("[add]\nreadme = true\n")
    assert papercap("list").code == 0
    (papercap.root / "papercap.toml").write_text("[list]\njson = true\n")
    assert papercap("list").code == 2


@pytest.mark.parametrize(
    "setting", ['[sheet]\nout = "../notes.png"', "[trash]\nempty = true", "[remove]\nyes = true"]
)
def test_the_settings_of_an_archive_name_no_file_to_write_and_answer_no_question(setting, papercap):
    assert papercap("init").code == 0
    (papercap.root / "papercap.toml").write_text(setting)
    done = papercap("list")
    assert done.code == 2
    assert "not for an archive to say" in done.err
    own = papercap.root.parent / "config" / "papercap" / "papercap.toml"
    own.parent.mkdir(parents=True)
    (papercap.root / "papercap.toml").rename(own)
    assert papercap("list").code == 0


def test_an_archive_can_be_moved(filled, tmp_path):
    filled.root.rename(tmp_path / "moved")
    (tmp_path / "moved").rename(tmp_path / "root")
    assert filled("check").code == 0


def test_a_read_only_archive_can_be_searched(filled, paper):
    import os
    import subprocess
    import sys

    if os.getuid() != 0:
        pytest.skip("needs root to become somebody without rights")
    subprocess.run(["chmod", "-R", "a-w,a+rX", str(filled.root)], check=True)
    code = (
        f"import os; os.chdir({str(filled.root)!r}); os.setuid(65534)\nfrom papercap.archive import Archive\n"
        "from pathlib import Path\nprint(len(Archive(Path('.')).search('loss')))\n"
        "import sys; from papercap.pipeline import *\n"
    )
    for parent in filled.root.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    subprocess.run(["chmod", "-R", "u+w", str(filled.root)], check=True)
    if "ModuleNotFoundError" in done.stderr or "Permission" in done.stderr:
        pytest.skip("nobody cannot run this Python")
    assert done.stdout.strip() == "4", done.stderr
