"""Faults that were found once: each test is named for what must not happen again."""

import json
import shutil
import subprocess
import sys
import time
import unicodedata

import pytest
from conftest import fill, is_alive, tree, workers_of
from papers import make_paper

from papercap import Archive, PapercapError, extract, update_gallery
from papercap.archive import instep
from papercap.errors import NotFound, Refused, Usage

README = "# Models\n\n## Open\n\n<details>\n<summary>[Koala](https://example.org/k)</summary>\n</details>\n"


@pytest.fixture
def filled(papercap, paper, tmp_path):
    return fill(papercap, paper, tmp_path, README)


def names(papercap):
    return sorted(row["id"] for row in papercap("list", "--json").json)


def folder(papercap, name):
    return papercap.root / "archive" / name


# -- an index that cannot be made from all records


def test_a_damaged_record_leaves_the_other_papers_where_they_are(filled, paper):
    small, sheep = sorted(names(filled), key=lambda name: "sample" in name)
    (folder(filled, sheep) / "record.json").write_text("{")
    (filled.root / "index.db").unlink()
    for _ in range(2):
        done = filled("list", "--json")
        assert [row["id"] for row in done.json] == [small]
        assert "left out" in done.err
    assert filled("reindex").code == 7
    assert filled("check").code == 7
    assert filled("add", paper, "--json").json[0]["status"] == "unchanged"
    assert filled("remove", sheep).code == 0
    assert "in the trash" in filled("check").out
    assert filled("trash", "--empty", "--yes").code == 0
    assert filled("check").code == 0


def test_a_rebuild_that_dies_leaves_the_old_index(filled, monkeypatch):
    before = (filled.root / "index.db").read_bytes()

    def dying(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(instep.Index, "rebuild", dying)
    with Archive(filled.root) as archive, pytest.raises(KeyboardInterrupt):
        archive.reindex()
    assert (filled.root / "index.db").read_bytes() == before


@pytest.mark.parametrize("way", ["copied", "renamed", "gone"])
def test_folders_moved_by_hand_are_told_of_and_harm_nothing_else(way, filled):
    small, sheep = sorted(names(filled), key=lambda name: "sample" in name)
    if way == "copied":
        shutil.copytree(folder(filled, small), folder(filled, "copy"))
    elif way == "renamed":
        folder(filled, small).rename(folder(filled, "renamed"))
    else:
        shutil.rmtree(folder(filled, small))
    left = names(filled)
    assert sheep in left
    assert (small in left) == (way == "copied")
    assert filled("check").code == (0 if way == "gone" else 7)
    assert filled("reindex").code == (0 if way == "gone" else 7)


def test_a_paper_whose_folder_is_gone_can_be_added_again(filled, paper):
    small = next(name for name in names(filled) if "small" in name)
    shutil.rmtree(folder(filled, small))
    assert filled("add", paper, "--json").json[0]["status"] == "captured"


def test_check_finds_rows_that_say_something_else_than_the_record(filled):
    import sqlite3

    with sqlite3.connect(filled.root / "index.db") as db:
        db.execute("UPDATE figures SET caption = 'lies' WHERE label = 'Figure 1'")
    assert filled("check").code == 7
    filled("reindex")
    assert filled("check").code == 0


# -- files that are not what they were


def test_again_does_not_make_a_damaged_source_the_truth(filled, paper):
    small = next(name for name in names(filled) if "small" in name)
    source = folder(filled, small) / "source.pdf"
    source.write_bytes(source.read_bytes() + b"rot")
    assert filled("check").code == 7
    assert filled("add", paper, "--again").code == 0
    assert source.read_bytes() == paper.read_bytes()
    assert filled("check").code == 0


def test_again_brings_back_a_source_that_is_gone(filled, paper):
    small = next(name for name in names(filled) if "small" in name)
    (folder(filled, small) / "source.pdf").unlink()
    assert filled("add", paper, "--again").code == 0
    assert filled("check").code == 0


@pytest.mark.parametrize("name", ["../../../notes.txt", "/etc/hostname", "a/../../b", "..\\up", ""])
def test_a_record_names_no_file_outside_its_folder(name, filled, paper):
    small = next(name for name in names(filled) if "small" in name)
    (filled.root / "notes.txt").write_text("mine")
    path = folder(filled, small) / "record.json"
    record = json.loads(path.read_text())
    record["source"]["file"] = name
    path.write_text(json.dumps(record))
    assert filled("add", paper, "--again").code != 0
    assert filled("show", small).code == 7
    assert (filled.root / "notes.txt").read_text() == "mine"


def test_adding_the_archives_own_folder_adds_none_of_its_crops(filled):
    assert filled("add", ".").code == 4
    assert len(names(filled)) == 2


def test_a_readme_that_is_a_link_stays_one_and_keeps_its_rights(filled, tmp_path):
    small = next(name for name in names(filled) if "small" in name)
    real = tmp_path / "real.md"
    (filled.root / "README.md").rename(real)
    real.chmod(0o600)
    (filled.root / "README.md").symlink_to(real)
    filled("link", f"{small}/figure-1", "koala")
    assert filled("readme").code == 0
    assert (filled.root / "README.md").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert "papercap:figures koala" in real.read_text()


def test_what_was_captured_is_told_even_if_the_readme_cannot_be_written(papercap, paper):
    done = papercap("add", paper, "--readme", "--json")
    assert done.code == 4
    assert done.json[0]["status"] == "captured"
    assert "README" in done.err


def test_two_pdfs_of_one_name_do_not_overwrite_each_others_figures(papercap, tmp_path):
    for at, name in enumerate(("a/paper.pdf", "b/paper.pdf", "b/paper-2.pdf", "b/PAPER-2.PDF")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        make_paper(tmp_path / name, seed=at, figures=1)
    done = papercap("extract", tmp_path / "a/paper.pdf", tmp_path / "b", "--out", "out", "--crops", "--json")
    assert done.code == 0
    results = list((papercap.root / "out").glob("*.json"))
    assert len(results) == 4
    for result in results:
        for item in json.loads(result.read_text())["items"]:
            assert (papercap.root / "out" / item["files"]["image"]).exists()
    assert len({path.name.casefold() for path in results}) == 4


# -- what is typed


def test_an_empty_id_is_no_prefix_of_everything(filled):
    for command in (["remove", ""], ["tag", "", "x"], ["show", ""], ["edit", "", "--year", 2000]):
        assert filled(*command).code == 2, command
    assert len(names(filled)) == 2


def test_without_a_terminal_remove_wants_a_whole_id_or_yes(filled):
    small = next(name for name in names(filled) if "small" in name)
    assert filled("remove", small[:9]).code == 2
    assert filled("remove", small[:9], "--yes").code == 0


def test_ids_may_be_typed_in_any_case_with_both_parts_cut_and_as_a_shell_completes_them(filled):
    small = next(name for name in names(filled) if "small" in name)
    for typed in (
        small.upper(),
        f"archive/{small}/",
        small[:16],
        f"{small[:16]}/figure-2",
        f"{small}/FIGURE-2",
    ):
        assert filled("show", typed).code == 0, typed


def test_a_tag_is_the_same_however_its_letters_are_composed(filled):
    small = next(name for name in names(filled) if "small" in name)
    filled("tag", small, unicodedata.normalize("NFD", "어텐션"))
    filled("tag", small, "어텐션")
    assert [row["tag"] for row in filled("tags", "--json").json] == ["어텐션"]


def test_an_entry_without_figures_is_found_with_none(filled):
    done = filled("search", "--entry", "koala", "--json")
    assert (done.code, done.json) == (0, [])
    assert filled("search", "--entry", "nonesuch").code == 4


def test_an_entry_that_has_left_the_readme_can_still_be_searched_and_unlinked(filled):
    small = next(name for name in names(filled) if "small" in name)
    filled("link", f"{small}/figure-1", "koala")
    (filled.root / "README.md").write_text(README.replace("[Koala]", "[Koala-2]"))
    assert len(filled("search", "--entry", "koala", "--json").json) == 1
    assert "koala" in filled("readme", "--check").err
    assert filled("unlink", f"{small}/figure-1", "koala").code == 0


def test_what_a_figure_has_of_itself_and_of_its_paper_goes_at_once(filled):
    small = next(name for name in names(filled) if "small" in name)
    filled("link", small, "koala")
    filled("link", f"{small}/figure-1", "koala")
    assert filled("unlink", f"{small}/figure-1", "koala").code == 0
    assert filled("show", f"{small}/figure-1", "--json").json["entries"] == []
    assert "entries" not in filled("show", f"{small}/figure-1").out
    filled("tag", small, "whole")
    assert "whole paper has it" in filled("untag", f"{small}/figure-1", "whole").err


@pytest.mark.parametrize("pages", ["0", "5-2", "1-2-3", "", "a", "-"])
def test_pages_that_no_document_has_are_a_usage_error(pages, papercap, paper):
    done = papercap("add", paper, "--pages", pages)
    assert done.code == 2
    assert not (papercap.root / "archive").exists()


@pytest.mark.parametrize("option", [("--title", " "), ("--authors", ";"), ("--doi", "not a doi")])
def test_an_edit_that_says_nothing_is_refused(option, filled):
    assert filled("edit", names(filled)[0], *option).code == 2


@pytest.mark.parametrize("path", ["a" * 300, "~nosuchuser/x.pdf", "x\ny.pdf"])
def test_a_path_that_cannot_be_is_one_line(path, papercap):
    done = papercap("add", path)
    assert done.code == 4
    assert len(done.err.strip().splitlines()) == 1


def test_settings_that_are_no_file_and_lone_words_for_lists(filled):
    (filled.root / "papercap.toml").write_text('[search]\nkind = "table"\n')
    assert {row["kind"] for row in filled("search", "--json").json} == {"table"}
    (filled.root / "papercap.toml").write_text('[remove]\npapers = ["x"]\n')
    assert filled("list").code == 2
    (filled.root / "papercap.toml").unlink()
    (filled.root / "papercap.toml").mkdir()
    assert filled("list").code == 2


def test_an_archive_in_git_leaves_its_lock_out_and_its_bytes_alone(papercap):
    papercap("init")
    folder = papercap.root / "archive"
    assert "* -text" in (folder / ".gitattributes").read_text()
    assert ".lock" in (folder / ".gitignore").read_text()
    assert papercap("check").code == 0


# -- versions


def arxiv_version(tmp_path, version, title="Small Models for Large Tasks"):
    from papers import pymupdf

    path = make_paper(tmp_path / f"v{version}.pdf", seed=version, title=title)
    with pymupdf.open(path) as doc:
        doc[0].insert_text((100, 50), f"arXiv:2302.13971v{version} [cs.CL] 27 Feb 2023", fontsize=9)
        doc.saveIncr()
    return path


def test_the_newest_version_is_the_one_of_the_highest_number_not_the_last_added(papercap, tmp_path):
    for version in (2, 1, 3):
        assert papercap("add", arxiv_version(tmp_path, version)).code == 0
    rows = {row["arxiv"][-1]: row for row in papercap("list", "--json").json}
    assert rows["1"]["version_of"] is None
    assert rows["2"]["version_of"] == rows["1"]["id"]
    assert rows["3"]["version_of"] == rows["2"]["id"]
    assert {row["paper"] for row in papercap("search", "--json").json} == {rows["3"]["id"]}


def test_a_newer_version_is_told_of(papercap, tmp_path):
    papercap("add", arxiv_version(tmp_path, 1))
    assert "a newer version of" in papercap("add", arxiv_version(tmp_path, 2)).out


# -- processes and programs


def test_a_closed_terminal_ends_papercap_and_its_workers(tmp_path):
    papers = tmp_path / "in"
    papers.mkdir()
    for seed in range(6):
        make_paper(papers / f"{seed}.pdf", seed=seed, figures=6)
    process = subprocess.Popen(
        [sys.executable, "-m", "papercap", "--root", tmp_path / "root", "add", papers, "--jobs", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    children = workers_of(process)
    process.kill()
    _out, err = process.communicate(timeout=20)
    time.sleep(0.5)
    assert "Traceback" not in err
    assert children
    assert not [child for child in children if is_alive(child)]


def test_the_api_raises_the_errors_that_it_says(tmp_path, paper):
    with pytest.raises(NotFound):
        extract(tmp_path / "nosuch.pdf")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF nothing")
    with pytest.raises(Refused):
        extract(tmp_path / "bad.pdf")
    with pytest.raises(Usage):
        extract(tmp_path)
    with pytest.raises(PapercapError):
        Archive(str(tmp_path / "none"))
    assert extract(str(paper), out=str(tmp_path / "crops")).figures
    assert (tmp_path / "crops" / "small models" / "figure-1.png").exists()


def test_a_gallery_in_another_folder_points_back_to_the_root(filled):
    page = filled.root / "docs" / "figures.md"
    page.parent.mkdir()
    page.write_text("<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n")
    with Archive(filled.root) as archive:
        assert update_gallery(page, archive)
        assert not update_gallery(page, archive)
    assert 'src="../archive/' in page.read_text()


def test_nothing_that_only_looks_changes_a_byte(filled):
    before = tree(filled.root)
    for command in (["list"], ["search", "loss"], ["tags"], ["entries"], ["check"], ["readme", "--check"]):
        filled(*command)
    assert tree(filled.root) == before
