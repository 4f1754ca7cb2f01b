"""What can be read of a damaged document is kept, and what is lost is named."""

import json
import re
import zlib

import pytest
from papers import make_paper, pymupdf

NO_PAGES = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj
trailer <</Root 1 0 R/Size 3>>
%%EOF
"""


@pytest.fixture
def damaged(tmp_path):
    """Make a paper of four pages of which the third holds what `wound` leaves of its packed content."""

    def make(wound):
        path = make_paper(tmp_path / "damaged.pdf", figures=4)
        with pymupdf.open(path) as doc:
            doc[2].clean_contents()
            (content,) = doc[2].get_contents()
            packed = wound(zlib.compress(doc.xref_stream(content)))
            doc.update_stream(content, packed, compress=False)
            doc.xref_set_key(content, "Filter", "/FlateDecode")
            doc.saveIncr()
        return path

    return make


def added(papercap, path):
    """Exit code, pages with figures, and the record."""
    done = papercap("add", path)
    (folder,) = [path.parent for path in (papercap.root / "archive").glob("*/record.json")]
    record = json.loads((folder / "record.json").read_text())
    return done, {figure["page"] for figure in record["figures"]}, record


def test_a_document_without_pages_is_refused(papercap, tmp_path):
    (tmp_path / "none.pdf").write_bytes(NO_PAGES)
    done = papercap("add", tmp_path / "none.pdf")
    assert done.code == 5
    assert "has no pages" in done.err


def test_a_page_that_cannot_be_unpacked_is_named_and_the_others_are_kept(papercap, damaged):
    done, pages, record = added(papercap, damaged(lambda packed: b"no zlib" * 40))
    assert done.code == 3
    assert pages == {1, 2, 4}
    (lost,) = record["missed"]
    assert (lost["page"], lost["label"]) == (3, None)
    assert "page 3 is empty, for it is damaged" in done.out
    assert any("zlib" in warning for warning in record["warnings"])


@pytest.mark.parametrize(
    "wound",
    [
        lambda packed: packed[: len(packed) * 2 // 3],
        lambda packed: packed[: len(packed) * 2 // 3] + b"\xff" * 99,
        lambda packed: packed[: len(packed) // 2] + packed[: len(packed) // 2],
    ],
)
def test_a_page_that_breaks_off_is_named(wound, papercap, damaged):
    done, pages, record = added(papercap, damaged(wound))
    assert done.code == 3
    assert pages >= {1, 2, 4}
    assert any("page 3 was read only in part" in (lost["why"]) for lost in record["missed"])
    assert record["warnings"]


def test_a_page_that_is_blank_is_no_damage(papercap, tmp_path):
    path = make_paper(tmp_path / "blank.pdf", figures=1)
    with pymupdf.open(path) as doc:
        doc.new_page()
        doc.saveIncr()
    path.write_bytes(re.sub(rb"startxref\n\d+", b"startxref\n1", path.read_bytes()))  # the file is mended
    done, pages, record = added(papercap, path)
    assert (done.code, pages, record["missed"]) == (0, {1}, [])
    assert record["warnings"]


def test_pages_that_a_repair_does_not_find_again_are_named(papercap, tmp_path):
    path = make_paper(tmp_path / "lost.pdf", figures=3)
    data = path.read_bytes()
    (last,) = re.findall(rb"/Kids ?\[.* (\d+) 0 R\]", data)
    broken = data.replace(b"\n%s 0 obj" % last, b"\n%s 0 xxx" % last)
    assert broken != data
    path.write_bytes(broken)
    done, pages, record = added(papercap, path)
    assert done.code == 3
    assert pages == {1, 2}
    assert [lost["page"] for lost in record["missed"]] == [3]
