"""`check --repair`: what proves itself is mended, the rest is named with what helps, nothing is deleted."""

import errno
import json
import os
import shutil

import pytest
from conftest import tree
from papers import make_paper
from test_archive import killed_at

import papercap
from papercap.archive import INDEX, Archive
from papercap.check import check_archive
from papercap.errors import NotFound, PapercapError, Refused
from papercap.pipeline.repair import repair_archive
from papercap.store import file_fact


@pytest.fixture(scope="module")
def made(tmp_path_factory, paper):
    """An archive of one tagged paper, made once."""
    root = tmp_path_factory.mktemp("made") / "root"
    with Archive.create(root) as archive:
        name = papercap.capture(paper, archive, tags=["old"]).paper
        archive.tag([f"{name}/figure-1"], "mine")
    return root


@pytest.fixture
def root(made, tmp_path):
    shutil.copytree(made, tmp_path / "root")
    return tmp_path / "root"


def folder_of(root):
    (folder,) = [path.parent for path in (root / "archive").glob("*/record.json")]
    return folder


def papers_in(root):
    """All files but those of the trash."""
    return {name: data for name, data in tree(root / "archive").items() if not name.startswith(".trash/")}


def trash_in(root):
    return (
        sorted(tree(root / "archive" / ".trash" / "files").values())
        if (root / "archive/.trash").exists()
        else []
    )


def check(root):
    with Archive(root) as archive:
        return check_archive(archive)


def repair(root, *sources):
    with Archive(root) as archive:
        return repair_archive(archive, sources)


def flip(path, at, bit=0):
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)
    return bytes(data)


# -- crops


@pytest.mark.parametrize("file", ["figure-1.png", "figure-1.pdf", "thumbs/figure-1.webp"])
@pytest.mark.parametrize("way", ["flipped", "gone", "renamed"])
def test_a_crop_is_made_anew_as_it_was(file, way, root):
    path, before = folder_of(root) / file, papers_in(root)
    if way == "flipped":
        rotten = flip(path, 100)
    elif way == "gone":
        path.unlink()
    else:
        path.rename(path.with_name("other"))
    problems = repair(root)
    assert problems
    assert all(problem.mended for problem in problems)
    assert papers_in(root) == before
    assert trash_in(root) == ([rotten] if way == "flipped" else [])
    assert check(root) == []
    assert repair(root) == []


def test_a_crop_that_comes_out_otherwise_is_told_of_and_recorded(root):
    path = folder_of(root) / "record.json"
    record = json.loads(path.read_text())
    record["files"]["figure-1.png"]["sha256"] = "0" * 64  # as if another MuPDF had drawn it
    path.write_text(json.dumps(record))
    problems = repair(root)
    done = {problem.file.rsplit("/", 1)[1]: problem.done for problem in problems if problem.file != INDEX}
    assert done == {
        "figure-1.png": "made anew from the document, with other bytes than before: the record has their hash"
    }
    assert check(root) == []


def test_without_its_document_a_crop_waits_for_it(tmp_path, paper):
    root = tmp_path / "root"
    with Archive.create(root) as archive:
        papercap.capture(paper, archive, keep_source=False)
    before = papers_in(root)
    (folder_of(root) / "figure-1.png").unlink()
    (problem,) = repair(root)
    assert not problem.mended
    assert "--no-source" in problem.done
    assert "--source FILE" in problem.done
    (problem,) = repair(root, paper)
    assert problem.mended
    assert papers_in(root) == before


# -- the document


@pytest.mark.parametrize("way", ["flipped", "gone"])
def test_a_document_is_put_back_from_one_that_is_given(way, root, paper, tmp_path):
    path, before = folder_of(root) / "source.pdf", papers_in(root)
    if way == "flipped":
        flip(path, 1000)
    else:
        path.unlink()
    (folder_of(root) / "figure-2.pdf").unlink()
    problems = {problem.file.rsplit("/", 1)[1]: problem for problem in repair(root)}
    assert set(problems) == {"source.pdf", "figure-2.pdf"}
    assert not any(problem.mended for problem in problems.values())
    assert "--source FILE" in problems["source.pdf"].done
    other = make_paper(tmp_path / "other.pdf", seed=9)
    with pytest.raises(Refused, match="not the document"):
        repair(root, other)
    with pytest.raises(NotFound):
        repair(root, tmp_path / "none.pdf")
    assert all(problem.mended for problem in repair(root, paper))
    assert papers_in(root) == before
    assert check(root) == []


# -- the record


def test_a_record_with_a_flipped_bit_is_the_one_that_was_indexed(root):
    path, before = folder_of(root) / "record.json", papers_in(root)
    rotten = flip(path, 0)
    (problem,) = [problem for problem in repair(root) if problem.file != INDEX]
    assert (problem.mended, problem.done) == (True, "turned one bit back: it is what was indexed")
    assert papers_in(root) == before
    assert trash_in(root) == [rotten]
    assert check(root) == []


def test_a_flipped_bit_in_the_hash_of_a_file_does_not_become_the_truth(root):
    path, before = folder_of(root) / "record.json", papers_in(root)
    flip(path, path.read_bytes().index(b'"sha256": "') + 11, bit=1)  # the next hex digit or sign
    problems = repair(root)
    assert problems
    assert all(problem.mended for problem in problems)
    assert papers_in(root) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1, "id": 3}', b"\0" * 900])
def test_a_record_that_cannot_be_read_is_left_with_what_is_known(content, root):
    path = folder_of(root) / "record.json"
    path.write_bytes(content)
    before = papers_in(root)
    (problem, *_rows) = repair(root)
    assert not problem.mended
    assert "still knows 'Small Models" in problem.done
    assert "with 4 figures" in problem.done
    assert "--tag 'old'" in problem.done
    assert papers_in(root) == before
    assert repair(root)[0] == problem


def test_a_record_that_was_edited_and_fits_its_files_is_the_truth(root):
    path = folder_of(root) / "record.json"
    path.write_text(path.read_text().replace('"pages": 2', '"pages": 3'))
    (problem,) = repair(root)
    assert (problem.file, problem.mended) == (INDEX, True)
    assert '"pages": 3' in path.read_text()
    assert check(root) == []


def test_a_record_with_another_name_gets_its_own_back(root):
    path, before = folder_of(root) / "record.json", papers_in(root)
    path.rename(path.with_name("record.json.bak"))
    assert all(problem.mended for problem in repair(root))
    assert papers_in(root) == before
    assert check(root) == []


def test_a_record_of_a_newer_papercap_is_named_and_left_alone(root):
    path = folder_of(root) / "record.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    before = papers_in(root)
    assert "upgrade" in check(root)[0].what
    (problem, *rest) = repair(root)
    assert "upgrade" in problem.what
    assert not any(item.mended for item in (problem, *rest))
    assert papers_in(root) == before


def test_a_format_that_never_was_is_no_format(root):
    path, before = folder_of(root) / "record.json", papers_in(root)
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    assert "never was" in check(root)[0].what
    assert repair(root)[0].mended
    assert papers_in(root) == before


def test_a_format_that_is_newer_by_one_flipped_bit_is_turned_back(root):
    path, before = folder_of(root) / "record.json", papers_in(root)
    flip(path, path.read_bytes().index(b'"format": 1') + 10, bit=1)
    assert "upgrade" in check(root)[0].what
    assert repair(root)[0].mended
    assert papers_in(root) == before


def test_a_record_that_is_no_utf8_is_damaged_and_no_traceback(root):
    path, before = folder_of(root) / "record.json", papers_in(root)
    flip(path, path.read_bytes().index(b"Small Models"), bit=7)
    assert "not a record" in check(root)[0].what or "utf-8" in check(root)[0].what
    assert repair(root)[0].mended
    assert papers_in(root) == before


# -- folders and strays


def test_a_renamed_folder_gets_its_name_back_with_all_that_is_wrong_in_it(root):
    folder, before = folder_of(root), papers_in(root)
    (folder / "figure-1.png").unlink()
    folder.rename(folder.with_name("renamed"))
    assert all(problem.mended for problem in repair(root))
    assert papers_in(root) == before
    with Archive(root) as archive:
        assert [row.tags for row in archive.papers()] == [("old",)]


def test_a_copied_folder_is_left_where_it_is(root):
    shutil.copytree(folder_of(root), root / "archive" / "copy")
    before = papers_in(root)
    (problem,) = repair(root)
    assert not problem.mended
    assert "'papercap remove copy'" in problem.done
    assert papers_in(root) == before
    with Archive(root) as archive:
        archive.remove("copy")
    assert check(root) == []


def test_strays_go_to_the_trash(root):
    before = papers_in(root)
    (folder_of(root) / "note.txt").write_text("note")
    (folder_of(root) / "deep" / "down").mkdir(parents=True)
    (folder_of(root) / "deep" / "down" / "note.txt").write_text("deep note")
    (root / "archive" / "stray.txt").write_text("stray")
    (root / "archive" / "empty").mkdir()
    problems = repair(root)
    assert len(problems) == 4
    assert all(problem.mended and problem.done.startswith("moved to archive/.trash/") for problem in problems)
    assert papers_in(root) == before
    assert trash_in(root) == [b"deep note", b"note", b"stray"]
    assert check(root) == []


def test_what_a_dead_writer_left_is_recovered(root):
    folder, before = folder_of(root), papers_in(root)
    (root / "archive" / ".pending").mkdir(exist_ok=True)
    (root / "archive" / ".pending" / folder.name).touch()
    folder.rename(folder.with_name(f".old-{folder.name}"))
    repair(root)
    assert papers_in(root) == before
    assert check(root) == []


# -- the index and the mark


def test_an_index_that_had_to_be_made_anew_is_named(root):
    (root / INDEX).write_bytes(b"not a database")
    (problem,) = check(root)
    assert (problem.file, problem.mended, problem.done) == (INDEX, True, "made anew")
    assert check(root) == []


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"format": 0}', b'{"format": 1'])
def test_the_mark_of_an_archive_is_written_anew(content, made, papercap):
    shutil.copytree(made, papercap.root, dirs_exist_ok=True)
    mark = papercap.root / "archive" / "papercap.json"
    before = papers_in(papercap.root)
    mark.unlink() if content is None else mark.write_bytes(content)
    assert papercap("--root", ".", "check").code in {4, 7}
    done = papercap("--root", ".", "check", "--repair", "--json")
    assert done.code == 0
    assert done.json[0]["file"] == "archive/papercap.json"
    assert papers_in(papercap.root) == before
    assert papercap("check", "--json").json == []


def test_the_archive_of_a_newer_papercap_is_left_alone(made, papercap):
    shutil.copytree(made, papercap.root, dirs_exist_ok=True)
    mark = papercap.root / "archive" / "papercap.json"
    mark.write_bytes(b'{"format": 2}')
    before = tree(papercap.root)
    done = papercap("check", "--repair")
    assert done.code == 7
    assert "papercap.json" in done.err
    assert "upgrade" in done.err
    assert tree(papercap.root) == before


def test_a_folder_without_papers_does_not_become_an_archive(papercap):
    (papercap.root / "archive").mkdir()
    assert papercap("--root", ".", "check", "--repair").code == 4
    assert not list((papercap.root / "archive").iterdir())


# -- as a user runs it


def test_a_repair_says_what_it_did_and_what_is_left(made, papercap):
    shutil.copytree(made, papercap.root, dirs_exist_ok=True)
    assert papercap("check", "--repair").out.startswith("sound")
    folder = folder_of(papercap.root)
    (folder / "figure-1.png").unlink()
    assert papercap("check").code == 7
    done = papercap("check", "--repair", "--json")
    assert done.code == 0
    assert [(row["mended"], row["done"]) for row in done.json] == [(True, "made anew from the document")]
    (folder / "figure-1.png").unlink()
    (folder / "source.pdf").unlink()
    done = papercap("check", "--repair")
    assert done.code == 7
    assert "--source FILE" in done.out
    assert papercap("check", "--source", "x.pdf").code == 2


# -- killed


def test_killed_at_any_write_a_repair_can_be_begun_again(root, tmp_path, faults_all):
    before = papers_in(root)
    folder = folder_of(root)
    flip(folder / "record.json", 5)
    (folder / "table-1.png").rename(folder / "other.png")
    flip(folder / "figure-1.pdf", 50)
    (folder / "note.txt").write_text("note")
    (root / "archive" / "stray.txt").write_text("stray")
    for count in range(0, 400, 1 if faults_all else 7):
        trial = tmp_path / f"trial-{count}"
        shutil.copytree(root, trial)
        if not killed_at(count, lambda trial=trial: repair(trial)):
            break
        repair(trial)
        assert check(trial) == [], f"at call {count}"
        assert papers_in(trial) == before, f"at call {count}"
        shutil.rmtree(trial)
    else:
        pytest.fail("the walk did not come to an end")


# -- disks that do not let one look


def unseen(monkeypatch, name):
    """Let the system refuse to list folders of this name."""
    scandir = os.scandir

    def refuse(path="."):
        if os.path.basename(str(path)) == name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


def test_a_folder_that_cannot_be_looked_into_is_not_filed_as_an_empty_one(root, paper, monkeypatch):
    before = papers_in(root)
    with Archive(root) as archive:
        unseen(monkeypatch, "thumbs")
        with pytest.raises(PapercapError, match="no right"):
            papercap.capture(paper, archive, again=True)
        monkeypatch.undo()
        assert check_archive(archive) == []
    assert papers_in(root) == before


def test_a_folder_that_cannot_be_looked_into_is_named(root, monkeypatch):
    unseen(monkeypatch, "thumbs")
    assert [problem.what for problem in check(root)] == ["cannot be looked into: Permission denied"]


def test_a_file_that_the_disk_cannot_read_is_named_and_made_anew(root, monkeypatch):
    def rotten(path):
        if path.name == "figure-1.png":
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return file_fact(path)

    monkeypatch.setattr("papercap.check.file_fact", rotten)
    (problem,) = check(root)
    assert problem.file.endswith("/figure-1.png")
    assert problem.what == "cannot be read: Input/output error"
    repair(root)
    assert trash_in(root) == [(folder_of(root) / "figure-1.png").read_bytes()]  # as it came out the same
