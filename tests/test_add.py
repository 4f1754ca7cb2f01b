"""`papercap add`, as a user runs it, on real PDFs."""

import json
import re
import shutil

import pytest
from conftest import tree
from papers import make_paper, pymupdf

README = """# Models

## Open

<details>
<summary>[LLaMA](https://example.org/llama): weights on request</summary>
</details>

<details>
<summary>[Koala](https://example.org/koala)</summary>
</details>
"""


@pytest.fixture
def filled(papercap, paper):
    """An archive with one paper."""
    (papercap.root / "README.md").write_text(README)
    assert papercap("add", paper).code == 0
    return papercap


def only_paper(papercap):
    (row,) = papercap("list", "--json").json
    return row["id"]


def test_a_paper_becomes_a_folder_that_a_person_can_read(papercap, paper):
    done = papercap("add", paper, "--json")
    assert done.code == 0
    (report,) = done.json
    assert report["status"] == "captured"
    assert report["paper"].startswith("example-2023-small-")
    folder = papercap.root / "archive" / report["paper"]
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    expected = {"record.json", "source.pdf"}
    for name in ("figure-1", "table-1", "figure-2", "table-2"):
        expected |= {f"{name}.png", f"{name}.pdf", f"thumbs/{name}.webp"}
    assert names == expected
    assert (folder / "source.pdf").read_bytes() == paper.read_bytes()
    assert (papercap.root / "index.db").exists()
    assert not list((papercap.root / "archive").glob(".aside/*"))


def test_each_figure_has_the_fields_that_programs_rely_on(papercap, paper):
    (report,) = papercap("add", paper, "--json").json
    figure = report["figures"][0]
    needed = "id paper kind label page box caption tags entries image vector thumbnail original confidence"
    assert set(needed.split()) <= set(figure)
    assert figure["id"] == f"{report['paper']}/figure-1"
    assert figure["caption"] == "Figure 1: Loss of the model over 10 steps."
    assert (papercap.root / figure["image"]).exists()
    assert (papercap.root / figure["vector"]).exists()
    assert (papercap.root / figure["thumbnail"]).exists()
    x0, y0, x1, y1 = figure["box"]
    assert (x0, y0) == pytest.approx((84, 146), abs=8)
    assert (x1, y1) == pytest.approx((284, 276), abs=8)


def test_a_record_says_where_everything_is_from(filled):
    record = json.loads((filled.root / "archive" / only_paper(filled) / "record.json").read_text())
    assert record["title"] == {"by": "document", "value": "Small Models for Large Tasks"}
    assert record["authors"]["value"] == ["Ada Example"]
    assert record["source"]["file"] == "source.pdf"
    assert set(record["files"]) >= {"source.pdf", "figure-1.png", "thumbs/figure-1.webp"}
    assert list(record) == sorted(record)


def test_the_same_document_again_changes_no_byte_and_says_so(filled, paper, tmp_path):
    before = tree(filled.root)
    shutil.copy(paper, tmp_path / "another name.pdf")
    done = filled("add", tmp_path / "another name.pdf", "--json")
    assert (done.code, done.json[0]["status"]) == (0, "unchanged")
    assert tree(filled.root) == before


def test_new_tags_and_entries_are_added_to_a_paper_that_is_there(filled, paper):
    done = filled("add", paper, "--tag", "scaling", "--entry", "llama", "--json")
    assert done.json[0]["status"] == "unchanged"
    assert all(f["tags"] == ["scaling"] and f["entries"] == ["llama"] for f in done.json[0]["figures"])


def test_again_extracts_anew_and_keeps_hand_work_and_ids(filled, paper):
    name = only_paper(filled)
    filled("tag", f"{name}/figure-2", "mine")
    filled("edit", name, "--title", "A Title by Hand")
    before = {f["id"]: f["box"] for f in filled("search", "--json").json}
    done = filled("add", paper, "--again", "--dpi", "100", "--json")
    assert done.json[0]["status"] == "captured"
    after = filled("search", "--json").json
    assert {f["id"]: f["box"] for f in after} == before
    assert [f["id"] for f in after if f["tags"] == ["mine"]] == [f"{name}/figure-2"]
    assert filled("list", "--json").json[0]["title"] == "A Title by Hand"
    assert filled("check").code == 0


def test_dpi_sets_the_size_of_the_crop_and_nothing_else(papercap, paper):
    papercap("add", paper, "--dpi", "72")
    (figure,) = papercap("search", "--json", "--limit", "1").json
    pixmap = pymupdf.Pixmap(str(papercap.root / figure["image"]))
    width = figure["box"][2] - figure["box"][0]
    assert pixmap.width == pytest.approx(width, abs=1.5)


def test_pages_keeps_to_them(papercap, paper):
    (report,) = papercap("add", paper, "--pages", "2", "--json").json
    assert {figure["page"] for figure in report["figures"]} == {2}
    assert papercap("list", "--json").json[0]["title"] == "Small Models for Large Tasks"


def test_without_its_source_a_paper_keeps_its_figures(papercap, paper):
    papercap("add", paper, "--no-source")
    folder = papercap.root / "archive" / only_paper(papercap)
    assert not (folder / "source.pdf").exists()
    assert papercap("check").code == 0
    assert papercap("get", f"{folder.name}/figure-1", "--out", "f.png").code == 0
    assert (papercap.root / "f.png").exists()


def test_a_caption_without_a_body_is_told_of(papercap, tmp_path):
    path = make_paper(tmp_path / "lonely.pdf", lonely_caption=True)
    done = papercap("add", path)
    assert done.code == 3
    assert re.search(r"4 of 5: Figure 9 on page 3 has no body", done.out)
    assert papercap("list", "--json").json[0]["missed"] == 1


def test_a_folder_and_a_pattern_name_their_pdfs(papercap, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    make_paper(tmp_path / "in" / "a.pdf", seed=1)
    make_paper(tmp_path / "in" / "deep" / "b.PDF", seed=2, title="Another Paper on Tables")
    (tmp_path / "in" / "notes.txt").write_text("no paper")
    assert len(papercap("add", tmp_path / "in", "--json").json) == 2
    assert [r["status"] for r in papercap("add", f"{tmp_path}/in/*.pdf", "--json").json] == ["unchanged"]


def test_in_a_batch_the_other_papers_go_on(papercap, paper, tmp_path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 but no more")
    done = papercap("add", tmp_path / "missing.pdf", paper, tmp_path / "broken.pdf", "--json")
    assert done.code == 3
    assert [report["status"] for report in done.json] == ["failed", "captured", "failed"]
    assert "no such file" in done.json[0]["error"]
    assert len(papercap("list", "--json").json) == 1


def test_dry_run_tells_and_writes_nothing(papercap, paper):
    done = papercap("add", paper, "--dry-run")
    assert done.code == 0
    assert "2 figures, 2 tables" in done.out
    assert list(papercap.root.iterdir()) == []


def test_two_versions_of_a_paper_know_each_other_and_search_shows_the_newest(papercap, tmp_path):
    for version in (1, 2):
        path = make_paper(tmp_path / f"v{version}.pdf", seed=version)
        with pymupdf.open(path) as doc:
            doc[0].insert_text((100, 50), f"arXiv:2302.1397{1}v{version} [cs.CL] 27 Feb 2023", fontsize=9)
            doc.saveIncr()
        assert papercap("add", path).code == 0
    first, second = sorted(papercap("list", "--json").json, key=lambda row: row["arxiv"])
    assert second["version_of"] == first["id"]
    assert {figure["paper"] for figure in papercap("search", "--json").json} == {second["id"]}


BAD = {
    "empty.pdf": (b"", "is empty"),
    "page.pdf": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "image.pdf": (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "cannot be read as a picture"),
    "table.pdf": (b"a,b\n1,2\n", "no PDF"),
    "stub.pdf": (b"%PDF-1.4\n%%EOF\n", "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_one_line_and_exit_5_and_leaves_nothing(name, papercap, tmp_path):
    content, says = BAD[name]
    (tmp_path / name).write_bytes(content)
    papercap("init")
    before = tree(papercap.root)
    done = papercap("add", tmp_path / name)
    assert done.code == 5
    assert len(done.err.strip().splitlines()) == 1
    assert name in done.err
    assert says in done.err
    assert tree(papercap.root) == before


def test_a_locked_paper_needs_its_password(papercap, tmp_path):
    path = make_paper(tmp_path / "locked.pdf", password="sesame")
    done = papercap("add", path)
    assert (done.code, "--password" in done.err) == (5, True)
    assert papercap("add", path, "--password", "sesame").code == 0


def test_what_is_not_there_is_exit_4_and_makes_no_archive(papercap, tmp_path):
    (tmp_path / "empty folder").mkdir()
    for arguments in (["nowhere.pdf"], [tmp_path / "empty folder"], ["*.nothing"]):
        assert papercap("add", *arguments).code == 4
    assert list(papercap.root.iterdir()) == []


def test_an_unknown_entry_is_exit_4_before_anything_is_read(papercap, paper):
    (papercap.root / "README.md").write_text(README)
    done = papercap("add", paper, "--entry", "koalla")
    assert done.code == 4
    assert "koala" in done.err
    assert not (papercap.root / "archive").exists()


def test_a_catalogue_that_is_not_utf8_is_refused(papercap, paper):
    (papercap.root / "README.md").write_bytes("# 모델".encode("cp949"))
    assert papercap("add", paper, "--entry", "koala").code == 5


def test_an_archive_that_cannot_be_written_is_one_line(papercap, paper):
    (papercap.root / "archive").write_text("a file where the folder should be")
    done = papercap("add", paper)
    assert done.code in {1, 4}
    assert len(done.err.strip().splitlines()) == 1


def test_a_paper_of_pictures_alone_is_no_silent_zero(papercap, tmp_path):
    doc = pymupdf.open()
    for _ in range(2):
        doc.new_page().draw_rect((100, 100, 300, 300), fill=(0.5, 0.5, 0.5))
    doc.save(tmp_path / "scan.pdf")
    done = papercap("add", tmp_path / "scan.pdf")
    assert done.code == 3
    assert "text layer" in done.out


def test_file_names_that_are_not_utf8_are_read(papercap, paper, tmp_path):
    odd = bytes(tmp_path) + b"/odd \xff name.pdf"
    with open(odd, "wb") as file:
        file.write(paper.read_bytes())
    done = papercap("add", tmp_path, "--json")
    assert done.code == 0
    assert done.json[0]["status"] == "captured"


def test_pages_that_make_no_sense_are_a_usage_error(papercap, paper):
    done = papercap("add", paper, "--pages", "two")
    assert done.code == 2
    assert "2-5" in done.err
    assert papercap("add", paper, "--pages", "99").code == 2
    assert papercap("add", paper, paper, "--title", "One for two").code == 2


def test_add_can_bring_the_readme_in_step_itself(papercap, paper):
    (papercap.root / "README.md").write_text(README)
    assert papercap("add", paper, "--entry", "koala", "--readme").code == 0
    assert "<!-- papercap:figures koala " in (papercap.root / "README.md").read_text()
    assert papercap("readme", "--check").code == 0


def test_a_page_that_cannot_be_read_is_named_and_the_rest_is_kept(papercap, tmp_path):
    path = make_paper(tmp_path / "deep.pdf")
    with pymupdf.open(path) as doc:
        page = doc.new_page()
        doc.update_stream(
            page.get_contents()[0] if page.get_contents() else _contents(doc, page), b"q " * 50_000
        )
        doc.saveIncr()
    done = papercap("add", path)
    assert done.code == 3
    assert "page 3 was not read" in done.out
    assert papercap("list", "--json").json[0]["figures"] == 4


def _contents(doc, page):
    xref = doc.get_new_xref()
    doc.update_object(xref, "<<>>")
    doc.xref_set_key(page.xref, "Contents", f"{xref} 0 R")
    return xref


def test_sources_come_from_lists_and_standard_input_too(papercap, paper, tmp_path):
    other = tmp_path / "zweite Arbeit.pdf"
    make_paper(other, seed=7)
    (papercap.root / "list.txt").write_text(
        f"\ufeff# papers to read\n\n  {paper}  \n{other}\n{paper}\n", "utf-8"
    )
    done = papercap("add", "--from-file", "list.txt", "--json", "--dry-run")
    assert [report["source"] for report in done.json] == [str(paper), str(other)]
    piped = papercap("extract", "-", "--json", input=f"{other}\n")
    assert [items["pdf"] for items in piped.json] == [other.name]
    assert papercap("add", "--from-file", "none.txt").code == 4
    assert papercap("add").code == 2
    (papercap.root / "junk").write_bytes(b"\xff\xfe\x00")
    assert papercap("add", "--from-file", "junk").code == 5


BIB = r"""@comment{made by hand}
@article{here, title={Kept {Beside}}, file={Full Text:files/small models.pdf:application/pdf}, doi={10.1000/x}}
@misc{arxiv1, eprint = {1706.03762}, archivePrefix = {arXiv}, url={https://example.org}}
@article{arxiv2, journal = {arXiv preprint arXiv:2302.13971v1}, year = 2023}
@inproceedings{doi, doi = "10.1000/under\_score"}
@online{web, url = {https://example.org/a_b}}
@book{paper, title = {On paper}}
@article{broken, title = {never closed
"""


def test_sources_come_from_a_library_in_bibtex(papercap, paper):
    (papercap.root / "files").mkdir()
    shutil.copy(paper, papercap.root / "files")
    (papercap.root / "library.bib").write_text(BIB)
    done = papercap("extract", "--from-bib", "library.bib", "--json", "--offline")
    assert "library.bib: paper names no file, arXiv id, DOI or address" in done.err
    assert [items["pdf"] for items in done.json][:1] == ["small models.pdf"]
    told = "\n".join(done.err.splitlines())
    for source in ("1706.03762", "2302.13971v1", "10.1000/under_score", "https://example.org/a_b"):
        assert source in told
    (papercap.root / "junk.bib").write_text("no entries")
    assert papercap("add", "--from-bib", "junk.bib").code == 5
