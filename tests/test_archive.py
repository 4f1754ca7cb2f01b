"""The archive's promises, broken on purpose: killed at every write, many at once, hand work."""

import hashlib
import os
import shutil
import subprocess
import sys
import time

import pytest
from conftest import is_alive, tree, workers_of
from factories import make_figure
from papers import make_paper

from papercap.archive import INDEX, Archive, Extras
from papercap.check import check_archive
from papercap.errors import Damaged, NotFound, PapercapError, Usage
from papercap.geometry import Box
from papercap.hand import Said, cropped_record, mended_record
from papercap.records import (
    Caption,
    Cropped,
    Entry,
    Extraction,
    Facts,
    Found,
    Missed,
    Options,
    Outcome,
    Source,
)

MADE_BY = "papercap test"
KOALA = Entry(
    id="koala",
    section=None,
    name="Koala",
    url=None,
    commercial=None,
    line=1,
    end_line=2,
    start=0,
    end=9,
    form="details",
)


CUT = Cropped(
    box=Box(1, 2, 30, 40), text="words", hash="0", kind=None, label=None, bound=None, caption_box=None
)


def outcome(figures=("figure-1", "figure-2"), title="Small Models", **facts):
    items = tuple(make_figure(name, f"{name}: drawn", y=200.0 * i) for i, name in enumerate(figures))
    found = tuple(
        Found(
            caption=Caption(kind="figure", label=i.label, page=1, box=i.box, text="", probability=1.0),
            page=1, box=i.box, confidence=0.9, method="test",
        )
        for i in items
    )  # fmt: skip
    said = Facts(title=title, authors=("Ada Example",), year=2023, **facts)
    extraction = Extraction(pages=1, facts=said, found=found, missed=())
    return Outcome(extraction=extraction, figures=items)


def fill(draft, names=("figure-1", "figure-2"), content=b"picture", document=b"%PDF a"):
    (draft / "thumbs").mkdir()
    for name in names:
        for file in (f"{name}.png", f"{name}.pdf", f"thumbs/{name}.webp"):
            (draft / file).write_bytes(content + file.encode())
    (draft / "source.pdf").write_bytes(document)


def source(seed="a"):
    digest = hashlib.sha256(b"%PDF " + seed.encode()).hexdigest()
    return Source(typed=f"{seed}.pdf", sha256=digest, bytes=6, type="application/pdf", file="source.pdf")


def keep(archive, seed="a", extras=Extras(), **more):
    with archive.store.aside() as draft:
        fill(draft, document=b"%PDF " + seed.encode())
        return archive.keep(draft, source(seed), outcome(**more), Options(), extras, MADE_BY)


def renew(archive, paper, names=("figure-1", "figure-2"), content=b"new picture"):
    with archive.store.aside() as draft:
        fill(draft, names, content)
        return archive.renew(draft, paper, outcome(names), Options(dpi=100), Extras(), MADE_BY)


@pytest.fixture
def root(tmp_path):
    """An archive with one tagged paper."""
    with Archive.create(tmp_path / "root") as archive:
        keep(archive, extras=Extras(tags=("old",)))
    return tmp_path / "root"


def sound(root):
    with Archive(root) as archive:
        archive.papers()  # any command finishes what a dead one left
        with archive.store.lock():
            pass
        assert check_archive(archive, lambda: None) == []
        assert not list((root / "archive").glob(".aside/*"))
        assert not list((root / "archive").glob(".old-*"))
        return [(row.id, row.figures, row.tags) for row in archive.papers()]


# -- killed at any write


def killed_at(count, action):
    """Run `action` in a child that dies at its n-th write-side call; False once it gets to the end."""
    child = os.fork()
    if child == 0:
        left = count

        def dying(real):
            def call(*arguments, **more):
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return real(*arguments, **more)

            return call

        for name in ("rename", "replace", "fsync", "mkdir", "unlink", "link", "rmdir"):
            setattr(os, name, dying(getattr(os, name)))
        try:
            action()
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


def add_another(root):
    with Archive(root) as archive:
        keep(archive, "b", title="Counting Sheep")


def tag_it(root):
    with Archive(root) as archive:
        archive.tag([archive.papers()[0].id], "new")


def renew_it(root):
    with Archive(root) as archive:
        renew(archive, archive.papers()[0].id, ("figure-1",))


def remove_it(root):
    with Archive(root) as archive:
        archive.remove(archive.papers()[0].id)


def crop_it(root):
    """A figure by hand beside the ones that were found."""
    with Archive(root) as archive, archive.store.aside() as draft:
        fill_crop(draft)
        paper = archive.papers()[0].id
        archive.put_crop(draft, paper, lambda old: cropped_record(old, CUT, 1, Said(label="Figure 7")))


def mend_it(root):
    """Another box for a figure that was found."""
    with Archive(root) as archive, archive.store.aside() as draft:
        fill_crop(draft)
        paper = archive.papers()[0].id
        archive.put_crop(draft, paper, lambda old: mended_record(old, "figure-1", CUT, Said(box=CUT.box)))


def fill_crop(draft):
    (draft / "thumbs").mkdir()
    for file in ("crop.png", "crop.pdf", "thumbs/crop.webp"):
        (draft / file).write_bytes(b"by hand " + file.encode())


def reindex(root):
    with Archive(root) as archive:
        archive.reindex()


def restore_it(root):
    with Archive(root) as archive:
        archive.restore(archive.trash()[0].id)


def empty_it(root):
    with Archive(root) as archive:
        archive.empty_trash()


def sound_with_trash(root):
    """What is there and what is in the trash: a paper is in one of the two."""
    here = sound(root)
    with Archive(root) as archive:
        return here, [(row.id, row.figures, row.tags) for row in archive.trash()]


@pytest.mark.parametrize("action", [add_another, tag_it, renew_it, crop_it, mend_it, remove_it, reindex])
def test_killed_at_any_write_the_archive_is_sound_and_the_change_is_there_or_not(action, root, tmp_path):
    walk_through(action, root, tmp_path)


@pytest.mark.parametrize("action", [restore_it, empty_it])
def test_killed_at_any_write_a_removed_paper_is_there_or_in_the_trash_or_deleted(action, root, tmp_path):
    remove_it(root)
    walk_through(action, root, tmp_path)


def walk_through(action, root, tmp_path):
    """Kill an action at each of its writes; the archive is as before it or as after it."""
    before = sound_with_trash(root)
    done = tmp_path / "done"
    shutil.copytree(root, done)
    action(done)
    after = sound_with_trash(done)
    assert before != after or action in {reindex, mend_it}
    seen = []
    for count in range(200):
        trial = tmp_path / f"trial-{count}"
        shutil.copytree(root, trial)
        if not killed_at(count, lambda trial=trial: action(trial)):
            break
        state = sound_with_trash(trial)
        assert state in (before, after), f"at call {count}"
        seen.append(state)
        shutil.rmtree(trial)
    else:
        pytest.fail("the walk did not come to an end")
    assert before in seen


def test_a_command_killed_while_adding_leaves_nothing_that_stays(tmp_path, paper):
    root = tmp_path / "root"
    process = subprocess.Popen(
        [sys.executable, "-m", "papercap", "--root", root, "add", paper],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(0.5)
    os.killpg(process.pid, 9)
    process.wait()
    Archive.create(root).close()
    sound(root)


def test_an_interrupt_ends_the_command_and_its_workers(tmp_path):
    papers = tmp_path / "in"
    papers.mkdir()
    for seed in range(6):
        make_paper(papers / f"{seed}.pdf", seed=seed, figures=6)
    root = tmp_path / "root"
    process = subprocess.Popen(
        [sys.executable, "-m", "papercap", "--root", root, "add", papers, "--jobs", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    children = workers_of(process)
    process.send_signal(2)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not [child for child in children if is_alive(child)]
    sound(root)


# -- many at once


def test_papers_that_are_added_at_once_are_all_there(tmp_path, paper):
    root = tmp_path / "root"
    others = [make_paper(tmp_path / f"{seed}.pdf", seed=seed, title=f"Paper {seed}") for seed in range(2, 5)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "papercap", "--root", root, "add", path, "--jobs", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for path in [paper, paper, *others]
    ]  # fmt: skip
    for process in processes:
        _out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert len(sound(root)) == 4


def test_a_writer_waits_for_another_and_a_reader_for_none(root):
    with Archive(root) as first, first.store.lock(), Archive(root) as second:
        assert len(second.papers()) == 1
        with pytest.raises(PapercapError, match="another papercap"), second.store.lock(wait=0.1):
            pass


# -- hand work


def test_a_figure_with_hand_work_stays_even_if_it_is_found_no_more(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.tag([f"{paper}/figure-2"], "mine")
        record = renew(archive, paper, ("figure-1",))
        assert [figure.id for figure in record.figures] == ["figure-1", "figure-2"]
        assert (root / "archive" / paper / "figure-2.png").read_bytes() == b"picturefigure-2.png"
        assert (root / "archive" / paper / "figure-1.png").read_bytes() == b"new picturefigure-1.png"
    sound(root)


def test_a_figure_without_hand_work_that_is_found_no_more_is_retired(root):
    with Archive(root) as archive:
        record = renew(archive, archive.papers()[0].id, ("figure-1",))
        assert [figure.id for figure in record.figures] == ["figure-1"]
        assert record.retired == ("figure-2",)
    sound(root)


def test_what_a_person_said_of_a_paper_survives_another_extraction(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.edit(paper, title="By Hand", year=1999)
        archive.link([paper], KOALA)
        record = renew(archive, paper)
        assert (record.title.value, record.year.value) == ("By Hand", 1999)
        assert [link.entry for link in record.links] == ["koala"]
        assert record.tags == ("old",)
        assert record.source == source()


def test_a_link_that_was_taken_from_one_figure_stays_taken(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.link([paper], KOALA)
        assert archive.unlink([f"{paper}/figure-2"], "koala") == 1
        renew(archive, paper)
        assert [row.id for row in archive.search(entries=["koala"])] == [f"{paper}/figure-1"]
        assert archive.link([f"{paper}/figure-2"], KOALA) == 1
        assert len(archive.search(entries=["koala"])) == 2


def test_a_mended_figure_does_not_make_a_changed_file_the_truth(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
    (root / "archive" / paper / "figure-2.png").write_bytes(b"changed")
    with pytest.raises(Damaged, match=r"figure-2\.png"):
        mend_it(root)
    assert (root / "archive" / paper / "figure-1.png").read_bytes() == b"picturefigure-1.png"


def test_a_mended_figure_can_have_lost_its_files(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
    (root / "archive" / paper / "figure-1.png").unlink()
    mend_it(root)
    sound(root)


# -- removed and restored


def test_a_folder_that_lost_its_record_is_not_replaced_by_its_paper_added_again(root):
    with Archive(root) as archive:
        (row,) = archive.papers()
        folder = archive.store.path(row.id)
        (folder / "record.json").unlink()
        before = tree(folder)
        archive.reindex()
        again = keep(archive)
        assert again.id.startswith(row.id)
        assert again.id != row.id
    assert tree(folder) == before


def test_a_restored_paper_is_byte_for_byte_what_was_removed(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.tag([f"{paper}/figure-2"], "mine")
        archive.link([paper], KOALA)
        archive.edit(paper, title="By Hand")
        before, rows, figures = tree(root / "archive" / paper), archive.papers(), archive.figures()
        archive.remove(paper)
        assert archive.papers() == []
        (row,) = archive.trash()
        assert (row.id, row.title, row.figures, row.tags) == (paper, "By Hand", 2, ("old",))
        assert archive.restore(paper[:6]) == paper
        assert tree(root / "archive" / paper) == before
        assert (archive.papers(), archive.figures()) == (rows, figures)
        assert archive.trash() == []
        assert [hit.id for hit in archive.search(tags=["mine"])] == [f"{paper}/figure-2"]
    sound(root)


def test_a_paper_removed_twice_is_in_the_trash_twice_and_the_newest_comes_back(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.remove(paper)
        assert keep(archive, extras=Extras(tags=("new",))).id == paper
        with pytest.raises(Usage, match="is there again"):
            archive.restore(paper)
        archive.remove(paper)
        first, second = archive.trash()
        assert (first.tags, second.tags) == (("old",), ("new",))
        assert first.removed < second.removed
        archive.restore(paper)
        assert archive.papers()[0].tags == ("new",)
        archive.remove(paper)
        archive.restore(paper, removed=first.removed)
        assert archive.papers()[0].tags == ("old",)
        archive.remove(paper)
        with pytest.raises(NotFound, match="not removed at 1999"):
            archive.restore(paper, removed="1999")


def test_a_paper_whose_document_is_there_under_another_id_is_not_restored(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.remove(paper)
        again = keep(archive, title="Counting Sheep").id
        assert again != paper
        with pytest.raises(Usage, match=f"its document is there again as {again}"):
            archive.restore(paper)


def test_a_paper_that_could_not_be_read_can_be_removed_and_restored(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        (root / "archive" / paper / "record.json").write_bytes(b"{")
        archive.remove(paper)
        assert [problem.file.rsplit("/", 1)[1] for problem in check_archive(archive, lambda: None)] == [
            "record.json"
        ]
        assert archive.trash()[0].figures == 0
        archive.restore(paper)
        assert archive.unreadable
        assert (root / "archive" / paper / "record.json").read_bytes() == b"{"


def test_what_rots_in_the_trash_is_named(root):
    remove_it(root)
    (image,) = (root / "archive" / ".trash").rglob("figure-1.png")
    image.write_bytes(b"rotten")
    with Archive(root) as archive:
        (problem,) = check_archive(archive, lambda: None)
    assert problem.file == image.relative_to(root).as_posix()
    assert problem.what.startswith("in the trash: changed")


def test_only_what_has_been_in_the_trash_for_long_is_deleted(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        archive.remove(paper)
        (place,) = (root / "archive" / ".trash" / "papers" / paper).iterdir()
        place.rename(place.with_name("20200101T000000Z"))
        keep(archive)
        archive.remove(paper)
        assert len(archive.trash()) == 2
        assert [row.removed for row in archive.empty_trash(older_than=30)] == ["2020-01-01T00:00:00Z"]
        assert len(archive.trash()) == 1
        assert len(archive.empty_trash()) == 1
        assert not list((root / "archive" / ".trash").rglob("*.png"))


def test_git_is_told_of_the_trash_in_an_archive_from_before_there_was_one(root):
    ignored = root / "archive" / ".gitignore"
    ignored.write_text(".lock\n.aside/\n.pending/\nmine")
    remove_it(root)
    assert ignored.read_text() == ".lock\n.aside/\n.pending/\nmine\n.trash/\n"


# -- odds


def test_the_same_document_from_two_processes_makes_one_paper(root):
    with Archive(root) as archive:
        again = keep(archive, extras=Extras(tags=("late",)))
        assert again.tags == ("late", "old")
        assert len(archive.papers()) == 1
    sound(root)


def test_missed_captions_are_counted(tmp_path):
    with Archive.create(tmp_path) as archive:
        result = outcome()
        missed = (Missed(label="Figure 9", page=2, caption="Figure 9: gone", why="has no body"),)
        import msgspec

        extraction = msgspec.structs.replace(result.extraction, missed=missed)
        with archive.store.aside() as draft:
            fill(draft)
            result = msgspec.structs.replace(result, extraction=extraction)
            archive.keep(draft, source(), result, Options(), Extras(), MADE_BY)
        assert archive.papers()[0].missed == 1


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "line\nbreak\x00"])
def test_a_tag_that_cannot_be_typed_again_is_refused(tag, root):
    with Archive(root) as archive, pytest.raises(Usage):
        archive.tag([archive.papers()[0].id], tag)


def test_ids_are_found_by_any_prefix_that_fits_one(root):
    with Archive(root) as archive:
        paper = archive.papers()[0].id
        assert archive.find(paper[:4]) == (paper, None)
        assert archive.find(f"{paper}/figure-2") == (paper, "figure-2")
        with pytest.raises(NotFound, match="fits 2 figures"):
            archive.find_figure(f"{paper}/fig")


def test_a_new_file_has_the_rights_of_any_file(root):
    umask = os.umask(0)
    os.umask(umask)
    for path in (root / "archive").rglob("*.json"):
        assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_nothing_is_left_beside_the_index(root):
    assert {path.name for path in root.iterdir()} == {"archive", INDEX}


def test_an_archive_can_be_copied(root, tmp_path):
    shutil.copytree(root, tmp_path / "copy")
    assert sound(tmp_path / "copy") == sound(root)
    assert tree(tmp_path / "copy" / "archive") == tree(root / "archive")


def test_boxes_are_kept_to_the_hundredth(root):
    with Archive(root) as archive:
        record = archive.record(archive.papers()[0].id)
        assert record.figures[0].box == Box(72.0, 0.0, 540.0, 200.0)
