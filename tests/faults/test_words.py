"""What a document says is words wherever it ends: no signs that a terminal, a page or a spreadsheet obeys."""

import csv
import io
import json
import unicodedata
from html.parser import HTMLParser

import pytest
from papers import LEFT, make_paper, pymupdf

from papercap.archive import Archive
from papercap.cli.output import visible

SIGNS = {  # code of the font that draws them → what they stand for, in UTF-16 as hex
    "A": "001B", "B": "009B", "C": "0000", "D": "0007", "E": "202E", "F": "2066", "G": "E000",
    "H": "D800", "I": "FEFF", "J": "000D", "K": "0009", "L": "2028", "M": "007F", "N": "FFFE", "O": "0085",
}  # fmt: skip
WORDS = "=X(1) </details><script>alert(1)</script> `x` --> [31mred"
TITLE = "=1+cmd|' /C calc'!A0 \x1b]0;owned\x07 \u202eback <img src=x onerror=alert(1)>"
README = (
    "# Models\n\n<details>\n<summary>[Koala](https://k.org)</summary>\n\nnotes\n</details>\n\n"
    "<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n"
)


def hostile_paper(path):
    """A paper whose first caption and title hold signs that are no words."""
    make_paper(path, figures=1)
    with pymupdf.open(path) as doc:
        page = doc[0]
        end = page.search_for("10 steps.")[0]
        page.insert_text((end.x1 + 3, end.y1 - 2), "".join(SIGNS) + " end", fontname="cour", fontsize=7)
        page.insert_text((LEFT, end.y1 + 8), WORDS, fontname="tiro", fontsize=9)
        (font,) = [font[0] for font in page.get_fonts() if font[4] == "cour"]
        rows = "\n".join(f"<{ord(code):02X}> <{sign}>" for code, sign in SIGNS.items())
        letters = "\n".join(f"<{ord(c):02X}> <{ord(c):04X}>" for c in "end ")
        cmap = doc.get_new_xref()
        doc.update_object(cmap, "<<>>")
        doc.update_stream(
            cmap,
            (
                "begincmap\n1 begincodespacerange <00> <FF> endcodespacerange\n"
                f"{len(SIGNS) + 4} beginbfchar\n{rows}\n{letters}\nendbfchar endcmap"
            ).encode(),
            new=True,
        )
        doc.xref_set_key(font, "ToUnicode", f"{cmap} 0 R")
        doc.set_metadata({"title": TITLE, "author": "=Ada\x1b[2J"})
        doc.saveIncr()
    return path


@pytest.fixture
def filled(papercap, tmp_path):
    (papercap.root / "README.md").write_text(README)
    assert papercap("add", hostile_paper(tmp_path / "hostile.pdf"), "--readme").code in {0, 3}
    papercap.paper = papercap("list", "--json").json[0]["id"]
    assert papercap("link", f"{papercap.paper}/figure-1", "koala").code == 0
    # And as if the archive were somebody else's: a title and a tag that no capture would give.
    with Archive(papercap.root) as archive:
        record = archive.record(papercap.paper)
    path = papercap.root / "archive" / papercap.paper / "record.json"
    plain = json.loads(path.read_text())
    assert record.title is None or is_plain(record.title.value)
    plain["title"] = {"value": TITLE + "\x9b31m\x00", "by": "hand"}
    path.write_text(json.dumps(plain))
    assert papercap("reindex").code == 0
    return papercap


def is_plain(text):
    return all(
        unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs", "Cn"} or sign == "\n" for sign in text
    )


def test_what_is_captured_and_indexed_is_words(papercap, tmp_path):
    papercap("add", hostile_paper(tmp_path / "hostile.pdf"))
    (row,) = [row for row in papercap("search", "--json").json if row["label"] == "Figure 1"]
    assert "red" in row["caption"]
    assert "end =X(1) </details><script>" in row["caption"]
    assert is_plain(row["caption"])
    record = json.loads((papercap.root / "archive" / row["paper"] / "record.json").read_text())
    assert is_plain(json.dumps(record, ensure_ascii=False))


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("search",),
        ("search", "loss"),
        ("show", "PAPER"),
        ("show", "PAPER/figure-1"),
        ("sheet", "PAPER"),
    ],
)
def test_a_terminal_is_told_nothing_that_it_obeys(command, filled):
    done = filled(*(word.replace("PAPER", filled.paper) for word in command))
    assert done.code == 0
    assert is_plain(done.out.replace("\ufffd", ""))
    assert is_plain(done.err.replace("\ufffd", ""))


def change(filled, edit):
    path = filled.root / "archive" / filled.paper / "record.json"
    plain = json.loads(path.read_text())
    edit(plain)
    path.write_text(json.dumps(plain))


def is_told_safely(done):
    return is_plain((done.out + done.err).replace("\ufffd", ""))


def test_what_is_said_of_a_record_that_cannot_be_read_is_words(filled):
    change(filled, lambda plain: plain.update({"\x1b]0;owned\x07": 1}))
    for command in (("reindex",), ("list",), ("check",), ("tag", filled.paper, "x")):
        done = filled(*command)
        assert "owned" in done.out + done.err
        assert is_told_safely(done)


def test_an_id_that_a_terminal_obeys_is_none(filled):
    change(filled, lambda plain: plain["figures"][0].update(id="figure-1\x1b[2J"))
    done = filled("show", filled.paper)
    assert done.code == 7
    assert is_told_safely(done)


def test_a_citation_and_a_stray_link_are_words(filled):
    change(filled, lambda plain: plain["figures"][0]["links"].append({
        "entry": "gone\x1b[2J", "name": "Gone", "by": "hand", "catalogue": "README.md",
        "url": None, "score": None, "why": None,
    }))  # fmt: skip
    assert filled("reindex").code == 0
    done = filled("get", f"{filled.paper}/figure-1", "--out", "figure.pdf")
    assert done.code == 0
    assert "=1+cmd" in done.out
    assert is_told_safely(done)
    done = filled("readme", "--check")
    assert "gone" in done.err
    assert is_told_safely(done)


def test_extract_prints_json_in_signs_that_can_be_shown(papercap, tmp_path):
    paper = hostile_paper(tmp_path / "\u202egnp\x9b31m.pdf")
    done = papercap("extract", paper, "--json")
    assert is_plain(done.out)
    assert done.json[0]["pdf"] == paper.name


@pytest.mark.parametrize("form", ["--json", "--nl"])
def test_json_says_all_in_signs_that_can_be_shown(form, filled):
    done = filled("list", form)
    assert is_plain(done.out)
    (row,) = [json.loads(line) for line in done.out.splitlines()] if form == "--nl" else done.json
    assert row["title"] == TITLE + "\x9b31m\x00"


@pytest.mark.parametrize(("form", "comma"), [("--csv", ","), ("--tsv", "\t")])
def test_a_spreadsheet_runs_nothing(form, comma, filled):
    filled("tag", filled.paper, "@sum")
    for command in ("list", "search", "tags"):
        out = filled(command, form).out
        assert is_plain(out.replace("\t", "").replace("\ufffd", ""))
        rows = list(csv.reader(io.StringIO(out), delimiter=comma))
        assert all(len(row) == len(rows[0]) for row in rows)
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=1+cmd" in filled("list", form).out


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen = set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen |= {tag, *(name for name, _value in attributes if name.startswith("on"))}


def test_a_readme_shows_words_and_keeps_its_markers(filled):
    assert filled("readme").code == 0
    assert filled("readme", "--check").code == 0
    text = (filled.root / "README.md").read_text()
    assert is_plain(text)
    assert "notes\n" in text
    assert Tags(text).seen <= {
        "details",
        "summary",
        "div",
        "table",
        "tr",
        "td",
        "a",
        "img",
        "br",
        "b",
        "i",
        "p",
        "sub",
    }
    assert text.count("papercap:figures") == text.count("papercap:gallery") == 2
    assert "&lt;script&gt;" in text


def test_the_page_of_the_finders_stages_shows_words(papercap, tmp_path):
    assert papercap("debug", hostile_paper(tmp_path / "hostile.pdf"), "--out", "stages").code == 0
    text = (papercap.root / "stages" / "index.html").read_text()
    assert "script" not in Tags(text).seen
    assert is_plain(text)


@pytest.mark.parametrize("sign", ["\x1b", "\x9b", "\x00", "\u202e", "\u2066", "\ue000", "\ud800", "\x7f"])
def test_what_is_printed_holds_no_such_sign(sign):
    assert sign not in visible(f"a{sign}b")


def test_a_line_of_a_diff_keeps_its_blanks():
    assert visible("+    a\x1bb", blanks=True) == "+    a\ufffdb"


def test_letters_that_a_joiner_keeps_apart_stay_so():
    assert visible("می\u200cخواهم") == "می\u200cخواهم"
