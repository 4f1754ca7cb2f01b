"""Figures taken out of an archive: every format, and a folder that is replaced whole or not at all."""

import csv
import errno
import io
import json
import os
import re
import shutil
import sys
from pathlib import Path

import msgspec
import pytest
from bibtexparser.entrypoint import parse_string
from conftest import tree
from factories import make_figure, make_paper
from hypothesis import given
from hypothesis import strategies as st

from papercap.archive import Archive
from papercap.cli import counting
from papercap.errors import PapercapError, Usage
from papercap.export import Wanted, export
from papercap.exporters import folder as pictures
from papercap.exporters.bibtex import bibliography
from papercap.exporters.chosen import Chosen, PaperFacts
from papercap.exporters.folder import picture_stems
from papercap.exporters.named import exporter
from papercap.exporters.place import MARK
from papercap.records import Sourced
from papercap.text import visible

LLAMA, KOREAN = "touvron-2023-llama-3f9c2a", "김-2024-모델-aabbcc"
FIRST, SECOND = "doe-2020-vision-111111", "doe-2020-vision-222222"
ODD = r'50% of {C#} & "a_b" in $x^2$ ~ \alpha <tag|'
FORMULA = '=HYPERLINK("http://example.org","Click")'


@pytest.fixture
def filled(papercap):
    """Give the command an archive of four papers; the files of figures hold their own names."""
    with Archive.create(papercap.root) as archive:
        put(archive, make_paper(
            LLAMA, make_figure("figure-1", FORMULA), make_figure("figure-3", "Figure 3: Loss", label="Figure 3", page=2),
            title="LLaMA: Open Models", authors=("Hugo Touvron", "Ann Other"), arxiv="2302.13971v1", tags=["open"],
        ), licence="https://creativecommons.org/licenses/by/4.0/", credit="Meta AI")  # fmt: skip
        put(archive, make_paper(
            KOREAN, make_figure("figure-1", "그림 1: 언어 모델의 크기", label="그림 1"), make_figure("table-1", "표 1", kind="table"),
            title=ODD, authors=("김 아다", "Research and Development", "King, Jr., Martin"), doi="10.1000/a_b",
        ))  # fmt: skip
        for number, paper in enumerate((FIRST, SECOND)):
            put(archive, make_paper(
                paper, make_figure("figure-1", f"Figure 1: Eye {number}", entries=["llama"]), title=f"Seeing {number}",
            ))  # fmt: skip
    return papercap


def put(archive, record, *, licence=None, credit=None):
    source = msgspec.structs.replace(record.source, file=None, licence=licence, credit=credit, url=f"https://example.org/{record.id}.pdf")  # fmt: skip
    record = msgspec.structs.replace(record, source=source, abstract=Sourced("About it.", "document"))
    with archive.writing() as index, archive.store.aside() as draft:
        for figure in record.figures:
            for name in filter(None, msgspec.structs.astuple(figure.files)):
                (draft / name).parent.mkdir(exist_ok=True)
                (draft / name).write_text(f"{record.id}/{name}")
        archive._place(index, draft, record)


def facts(paper="doe-2020-vision-111111", **more):
    values = dict.fromkeys(PaperFacts.__struct_fields__) | {"id": paper, "kind": "pdf", "pages": 1}
    return PaperFacts(
        **values | {"authors": (), "tags": (), "entries": (), "added": "2024-06-07T00:00:00Z"} | more
    )


def plain(text):
    """A field as TeX shows it; the other way round than the exporter, by hand."""
    words = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^", "less": "<", "greater": ">", "bar": "|"}  # fmt: skip
    return re.sub(
        r"\\text([a-z]+)\{\}|\\([$&%#_])", lambda found: words[found[1]] if found[1] else found[2], text
    )


def entries_of(text):
    library = parse_string(text)
    assert not library.failed_blocks
    return {entry.key: {field.key: field.value for field in entry.fields} for entry in library.entries}


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def one_line(done):
    (line,) = done.err.strip().splitlines()
    assert line.startswith("papercap: ")
    return line


# -- JSON, CSV


def test_json_holds_figures_as_search_does_and_their_papers(filled):
    whole = filled("export", "--to", "json").json
    assert whole["figures"] == filled("search", "--json").json
    assert len(whole["figures"]) == 6
    assert {figure["paper"] for figure in whole["figures"]} == {paper["id"] for paper in whole["papers"]}
    (llama,) = (paper for paper in whole["papers"] if paper["id"] == LLAMA)
    assert llama["title"] == "LLaMA: Open Models"
    assert llama["authors"] == ["Hugo Touvron", "Ann Other"]
    assert (llama["year"], llama["arxiv"], llama["abstract"]) == (2023, "2302.13971v1", "About it.")
    assert (llama["licence"], llama["credit"]) == ("https://creativecommons.org/licenses/by/4.0/", "Meta AI")
    assert llama["url"] == f"https://example.org/{LLAMA}.pdf"


def test_json_goes_to_a_file_and_the_same_to_standard_output(filled):
    done = filled("export", "모델", "--to", "json", "--out", "found.json", "--json")
    assert done.json == {"out": "found.json", "papers": 1, "figures": 1, "left_out": [], "moved": None}
    text = (filled.root / "found.json").read_text(encoding="utf-8")
    assert "언어 모델의 크기" in text
    assert filled("export", "모델", "--to", "json", "--out", "-").out == text
    assert filled("export", "모델", "--to", "json", "--json").code == 2


def test_csv_has_the_columns_of_search_and_then_the_papers(filled):
    text = filled("export", "--to", "csv").out
    head = filled("search", "--csv").out.splitlines()[0]
    assert text.splitlines()[0] == f"{head},authors,doi,arxiv,url,licence,credit"
    rows = {row["id"]: row for row in rows_of(text)}
    assert len(rows) == 6
    assert json.loads(rows[f"{LLAMA}/figure-1"]["authors"]) == ["Hugo Touvron", "Ann Other"]
    assert json.loads(rows[f"{LLAMA}/figure-1"]["tags"]) == ["open"]
    assert rows[f"{LLAMA}/figure-3"]["credit"] == "Meta AI"
    assert rows[f"{KOREAN}/figure-1"]["caption"] == "그림 1: 언어 모델의 크기"
    assert rows[f"{KOREAN}/figure-1"]["doi"] == "10.1000/a_b"


def test_no_cell_of_csv_or_of_a_folders_index_is_a_formula(filled):
    with Archive(filled.root) as archive:
        archive.edit(LLAMA, title="@SUM(A1)", authors=("+1+cmd",))
    filled("export", "--to", "folder", "--out", "pics")
    tables = (filled("export", "--to", "csv").out, (filled.root / "pics" / "index.csv").read_text())
    for text in tables:
        cells = [cell for row in rows_of(text) for cell in row.values()]
        assert f"'{FORMULA}" in cells
        assert "'@SUM(A1)" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


# -- filters


@pytest.mark.parametrize(
    "asked",
    [
        ["loss"],
        ["--tag", "open"],
        ["--kind", "table"],
        ["--paper", "touvron", "--limit", "1"],
        ["--entry", "llama"],
        ["eye", "--paper", FIRST],
    ],
)
def test_what_search_finds_is_exported(asked, filled):
    found = [figure["id"] for figure in filled("search", *asked, "--json").json]
    assert 0 < len(found) < 6
    assert [figure["id"] for figure in filled("export", *asked, "--to", "json").json["figures"]] == found


@pytest.mark.parametrize("to", ["json", "folder"])
def test_nothing_found_is_exit_4_and_nothing_is_written(to, filled):
    for asked in (["zebra"], ["--unsure"]):
        done = filled("export", *asked, "--to", to, "--out", "out")
        assert done.code == 4
        assert "nothing found" in one_line(done)
    assert not (filled.root / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--to", "xml"],
        ["--to", "folder"],
        ["--to", "folder", "--out", "-"],
        ["--to", "json", "--form", "pdf"],
        ["--to", "csv", "--replace", "--out", "x.csv"],
        ["--to", "json", "--out", "archive"],
        ["--to", "json", "--out", f"archive/{LLAMA}/record.json"],
        ["--to", "folder", "--out", "archive/pics"],
        ["--to", "folder", "--out", ".", "--replace"],
        ["--to", "folder", "--out", "..", "--replace"],
        ["--to", "folder", "--out", "README.md", "--replace"],
    ],
)
def test_what_makes_no_sense_is_exit_2_and_changes_nothing(options, filled):
    (filled.root / "README.md").write_text("mine")
    before = tree(filled.root)
    done = filled("export", *options)
    assert done.code == 2
    one_line(done)
    assert tree(filled.root) == before


@pytest.mark.parametrize("to", ["json", "folder"])
def test_a_place_whose_folder_is_missing_is_not_found(to, filled):
    done = filled("export", "--to", to, "--out", "no/such/out")
    assert done.code == 4
    assert "no such folder" in one_line(done)


def test_a_device_is_written_to_and_not_replaced(filled, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert filled("export", "loss", "--to", "bibtex", "--out", tmp_path / "pipe").code == 0
    assert os.read(reader, 10) == b"@misc{touv"
    assert (tmp_path / "pipe").is_fifo()


# -- BibTeX


def test_bibtex_has_one_entry_a_paper_under_its_id(filled):
    entries = entries_of(filled("export", "--to", "bibtex").out)
    assert set(entries) == {LLAMA, "2024-aabbcc", FIRST, SECOND}
    assert entries[LLAMA] == {
        "title": "{LLaMA: Open Models}",
        "author": "Hugo Touvron and Ann Other",
        "year": "2023",
        "eprint": "2302.13971v1",
        "archiveprefix": "arXiv",
        "keywords": "open",
    }
    korean = entries["2024-aabbcc"]
    assert plain(korean["title"]) == f"{{{ODD}}}"
    assert korean["author"] == "{김 아다} and {Research and Development} and King, Jr., Martin"
    assert korean["doi"] == "10.1000/a_b"
    assert entries[FIRST]["url"] == f"https://example.org/{FIRST}.pdf"


def test_what_was_exported_is_what_from_bib_reads(filled):
    filled("export", "--to", "bibtex", "--out", "papers.bib")
    told = filled("extract", "--from-bib", "papers.bib", "--json", "--offline").err
    for source in ("2302.13971v1", "10.1000/a_b", f"https://example.org/{FIRST}.pdf"):
        assert source in told
    assert "names no file" not in told


@given(title=st.text(), author=st.text(), tag=st.text(), url=st.text())
def test_any_text_gives_an_entry_that_a_parser_reads_with_its_braces_balanced(title, author, tag, url):
    text = bibliography([facts("a-1", title=title, authors=(author,), tags=(tag,), url=url), facts("b-2")])
    entries = entries_of(text)
    assert list(entries) == ["a-1", "b-2"]
    assert entries["b-2"] == {}
    depth = 0
    for sign in text:  # as BibTeX counts them: a backslash before a brace makes no difference
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert plain(entries["a-1"].get("title", "{}")) == f"{{{visible(title)}}}"


def test_keys_are_plain_unique_and_the_same_in_whatever_order_the_papers_come():
    papers = [facts(name) for name in ("김-2024", "이-2024", "müller-2020-x-abcdef", "a,b}c", "모델")]
    keys = list(entries_of(bibliography(papers)))
    assert sorted(keys) == ["2024", "2024-2", "a-b-c", "muller-2020-x-abcdef", "paper"]
    assert list(entries_of(bibliography(papers[::-1]))) == keys[::-1]


@pytest.mark.parametrize(
    ("author", "field"),
    [
        ("Ada Example", "Ada Example"),
        ("Example, Ada", "Example, Ada"),
        ("Acme, Inc., Labs, West", "{Acme, Inc., Labs, West}"),
        ("OpenAI,", "{OpenAI,}"),
        ("Barnes and Noble", "{Barnes and Noble}"),
        ("홍길동", "{홍길동}"),
    ],
)
def test_a_name_that_bibtex_would_take_apart_is_held_together(author, field):
    (entry,) = entries_of(bibliography([facts(authors=(author, "Bo Sample"))])).values()
    assert entry["author"] == f"{field} and Bo Sample"


# -- a folder


def test_a_folder_holds_pictures_under_names_that_say_what_they_show(filled):
    done = filled("export", "--to", "folder", "--out", "pics")
    assert (done.code, done.out) == (0, "pics: 6 figures of 4 papers\n")
    held = tree(filled.root / "pics")
    assert set(held) == {
        "touvron-2023-llama-figure-1.png",
        "touvron-2023-llama-figure-3.png",
        "김-2024-모델-figure-1.png",
        "김-2024-모델-table-1.png",
        "doe-2020-vision-111111-figure-1.png",
        "doe-2020-vision-222222-figure-1.png",
        "index.csv",
        "papers.bib",
        MARK,
    }
    rows = {row["file"]: row for row in rows_of(held["index.csv"].decode())}
    for name, row in rows.items():
        paper, figure = row["figure"].split("/")
        assert row["paper"] == paper
        assert held[name].decode() == f"{paper}/{figure}.png"
    row = rows["touvron-2023-llama-figure-3.png"]
    assert (row["label"], row["caption"], row["page"]) == ("Figure 3", "Figure 3: Loss", "2")
    assert (row["licence"], row["credit"]) == ("https://creativecommons.org/licenses/by/4.0/", "Meta AI")
    assert row["source"] == f"https://example.org/{LLAMA}.pdf"
    assert row["citation"].startswith("Figure 3, p. 2, in: Hugo Touvron, Ann Other. LLaMA: Open Models. 2023")
    assert rows["김-2024-모델-figure-1.png"]["caption"] == "그림 1: 언어 모델의 크기"
    assert held["papers.bib"].decode() == filled("export", "--to", "bibtex").out


def test_the_pictures_are_the_archives_own_and_no_links_to_them(filled):
    filled("export", "loss", "--to", "folder", "--out", "pics")
    picture = filled.root / "pics" / "touvron-2023-llama-figure-3.png"
    picture.write_bytes(b"drawn over")
    assert filled("check").code == 0


@pytest.mark.parametrize(("form", "name"), [("pdf", "figure-1.pdf"), ("webp", "thumbs/figure-1.webp")])
def test_pictures_come_as_vectors_or_thumbnails(form, name, filled):
    filled("export", "--paper", FIRST, "--to", "folder", "--form", form, "--out", "pics")
    assert (filled.root / "pics" / f"doe-2020-vision-figure-1.{form}").read_text() == f"{FIRST}/{name}"


def test_a_folder_of_an_earlier_export_is_replaced_whole(filled):
    filled("export", "--to", "folder", "--out", "pics")
    (filled.root / "pics" / ".DS_Store").write_bytes(b"of a file manager")
    (filled.root / "pics" / "papers.bib").unlink()
    assert filled("export", "--kind", "table", "--to", "folder", "--out", "pics").code == 0
    assert set(tree(filled.root / "pics")) == {"김-2024-모델-table-1.png", "index.csv", "papers.bib", MARK}
    assert [path.name for path in filled.root.iterdir() if "pics" in path.name] == ["pics"]


def test_an_empty_folder_and_a_link_to_one_are_filled(filled):
    (filled.root / "real").mkdir()
    (filled.root / "pics").symlink_to("real")
    assert filled("export", "loss", "--to", "folder", "--out", "pics").code == 0
    assert (filled.root / "pics").is_symlink()
    assert (filled.root / "real" / "touvron-2023-llama-figure-3.png").exists()


@pytest.mark.parametrize("what", ["added", "changed", "no mark", "broken mark"])
def test_a_folder_with_work_of_others_is_refused_and_with_replace_moved_aside(what, filled):
    pics = filled.root / "pics"
    filled("export", "loss", "--to", "folder", "--out", "pics")
    match what:
        case "added":
            (pics / "sub").mkdir()
            (pics / "sub" / "notes.txt").write_text("mine")
        case "changed":
            (pics / "touvron-2023-llama-figure-3.png").write_bytes(b"drawn over")
        case "no mark":
            (pics / MARK).unlink()
        case "broken mark":
            (pics / MARK).write_text("{}")
    before = tree(pics)
    done = filled("export", "--to", "folder", "--out", "pics")
    assert done.code == 2
    assert "--replace" in one_line(done)
    assert tree(pics) == before
    for copy in ("pics.old", "pics.old-2"):
        done = filled("export", "--kind", "table", "--to", "folder", "--out", "pics", "--replace", "--json")
        assert done.json["moved"] == str(filled.root / copy)
        assert tree(filled.root / copy) == before
        assert "김-2024-모델-table-1.png" in tree(pics)
        shutil.rmtree(pics)
        shutil.copytree(filled.root / copy, pics)


def test_an_export_that_fails_half_way_leaves_what_was_there(filled, monkeypatch):
    out = filled.root / "pics"
    filled("export", "--to", "folder", "--out", out)
    before, copy, copies = tree(filled.root), shutil.copyfile, []

    def full(source, target):
        copies.append(copy(source, target))
        if len(copies) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(pictures.shutil, "copyfile", full)
    with Archive(filled.root) as archive, pytest.raises(PapercapError, match="No space left"):
        export(archive, archive.search(), Wanted("folder", out))
    assert len(copies) == 3
    assert tree(filled.root) == before


def test_what_a_killed_export_left_is_tidied_up_by_the_next(filled):
    filled("export", "--to", "folder", "--out", "pics")
    pics = filled.root / "pics"
    pics.rename(filled.root / ".pics.old")  # killed between two renames
    dead, alive = filled.root / ".pics.0a0a0a0a.new", filled.root / ".pics.1b1b1b1b.new"
    for draft in (dead, alive):
        draft.mkdir()
    os.utime(dead, (0, 0))
    assert filled("export", "--kind", "table", "--to", "folder", "--out", "pics").code == 0
    assert "김-2024-모델-table-1.png" in tree(pics)
    assert sorted(path.name for path in filled.root.glob(".pics*")) == [alive.name]


def test_a_missing_picture_is_named_and_the_rest_is_exported(filled):
    (filled.root / "archive" / LLAMA / "figure-1.png").unlink()
    done = filled("export", "--to", "folder", "--out", "pics")
    assert done.code == 3
    assert f"{LLAMA}/figure-1: archive/{LLAMA}/figure-1.png is no file there" in one_line(done)
    held = tree(filled.root / "pics")
    assert "touvron-2023-llama-figure-3.png" in held
    assert "touvron-2023-llama-figure-1.png" not in held
    (row,) = (row for row in rows_of(held["index.csv"].decode()) if row["figure"] == f"{LLAMA}/figure-1")
    assert row["file"] == ""


def test_a_record_that_cannot_be_read_is_named_and_its_figures_are_exported(filled):
    (filled.root / "archive" / LLAMA / "record.json").write_text("no record")
    done = filled("export", "--to", "json")
    assert done.code == 3
    assert LLAMA in one_line(done)
    (llama,) = (paper for paper in done.json["papers"] if paper["id"] == LLAMA)
    assert (llama["title"], llama["abstract"]) == ("LLaMA: Open Models", None)
    assert len(done.json["figures"]) == 6


def test_no_picture_is_taken_from_outside_the_archive(filled, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_text("secret")
    picture = filled.root / "archive" / LLAMA / "figure-1.png"
    picture.unlink()
    picture.symlink_to(secret)
    with Archive(filled.root) as archive:
        rows = [
            msgspec.structs.replace(row, image=f"archive/../../{secret.name}") if row.paper == FIRST
            else msgspec.structs.replace(row, image=f"archive/{secret}") if row.paper == SECOND else row
            for row in archive.search()
        ]  # fmt: skip
        done = export(archive, rows, Wanted("folder", filled.root / "pics"))
    assert len(done.left_out) == 3
    held = tree(filled.root / "pics")
    assert len([name for name in held if name.endswith(".png")]) == 3
    assert b"secret" not in held.values()


HOSTILE = ["con", "aux.png", "-rf ~", "a:b*?<>|", "A-2020-x", "a-2020-x", "\u202egpj", "모" * 80, "e\u0301-2020", "\u00e9-2020", "…"]  # fmt: skip


def test_names_are_safe_and_unique_whatever_a_record_is_called(filled):
    with Archive(filled.root) as archive:
        row = archive.search("loss")[0]
    figures = tuple(
        msgspec.structs.replace(row, paper=paper, id=f"{paper}/{figure}")
        for paper in HOSTILE
        for figure in ("figure-1", "nul", "figure-1.", "그림" * 60, "%", "FIGURE-1")
    )
    chosen = Chosen(folder=Path("archive"), figures=figures, papers=tuple(map(facts, HOSTILE)))
    names = picture_stems(chosen)
    assert len({name.casefold() for name in names.values()}) == len(figures)
    for name in names.values():
        assert re.fullmatch(r"[^\W_]+(-[^\W_]+)+", name), name
        assert len(f"{name}.webp".encode()) <= 143
    turned = picture_stems(msgspec.structs.replace(chosen, figures=figures[::-1]))
    assert turned == names


# -- the door for others

PLUGIN = """
class Titles:
    form = "titles, a line each"
    into = "file"
    def data(self, chosen):
        return "".join(f"{paper.title}\\n" for paper in chosen.papers).encode()

class Broken(Titles):
    def data(self, chosen):
        return chosen.nonesuch

TITLES, BROKEN = Titles(), Broken()
"""


@pytest.fixture
def plugged(filled, tmp_path):
    """Run the command with a package beside it that brings exporters."""
    home = tmp_path / "plugin"
    info = home / "titles-1.0.dist-info"
    info.mkdir(parents=True)
    (home / "titles.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: titles\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[papercap.exporters]\ntitles = titles:TITLES\nbroken = titles:BROKEN\ngone = nowhere:X\n"
    )
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(home)])
    return lambda *words: filled(*words, env={"PYTHONPATH": path})


def test_a_package_brings_a_format_of_its_own(plugged):
    assert plugged("export", "loss", "--to", "titles").out == "LLaMA: Open Models\n"
    assert plugged("export", "loss", "--to", "json").code == 0
    assert "bibtex, broken, csv, folder, gone, json, titles" in one_line(plugged("export", "--to", "xml"))


@pytest.mark.parametrize(("to", "said"), [("broken", "nonesuch"), ("gone", "mend or uninstall it")])
def test_a_format_that_fails_is_told_of_in_one_line(to, said, plugged):
    done = plugged("export", "--to", to, "--out", "out.txt")
    assert done.code == 1
    assert said in one_line(done)


def test_each_built_in_format_has_its_row_in_the_docs():
    page = (Path(__file__).parents[1] / "docs" / "export.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.M))
    assert rows == {name: exporter(name).form for name in ("json", "csv", "bibtex", "folder")}


# -- beside it


def test_the_settings_of_an_archive_cannot_have_a_folder_replaced(filled):
    (filled.root / "papercap.toml").write_text("[export]\nreplace = true\n")
    assert filled("list").code == 2
    (filled.root / "papercap.toml").write_text('[export]\nto = "bibtex"\n')
    assert filled("export", "loss").out.startswith("@misc{")


@pytest.mark.parametrize(("patience", "drawn"), [(0.0, True), (60.0, False)])
def test_progress_is_drawn_on_a_terminal_once_it_takes_a_while(patience, drawn, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(counting, "PATIENCE", patience)
    with counting.counting("figures") as step:
        for done in range(1, 6):
            step(done, 5)
    assert ("figures" in terminal.getvalue()) is drawn
    assert ("100%" in terminal.getvalue()) is drawn


def test_a_folder_changed_while_it_was_filled_is_refused(filled, monkeypatch):
    out, copy = filled.root / "pics", shutil.copyfile

    def beside(source, target):
        out.mkdir(exist_ok=True)
        (out / "notes.txt").write_text("mine")
        copy(source, target)

    monkeypatch.setattr(pictures.shutil, "copyfile", beside)
    with Archive(filled.root) as archive, pytest.raises(Usage, match=r"notes\.txt"):
        export(archive, archive.search(), Wanted("folder", out))
    assert tree(out) == {"notes.txt": b"mine"}
