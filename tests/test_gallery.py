"""Blocks in a README: every byte outside the markers stays, and what would lose words is refused."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from shared import SHARED, needs_shared

from papercap.catalogue import read_entries
from papercap.errors import ReadmeRefused, Refused, Usage
from papercap.gallery import Galleries, strip
from papercap.gallery import update as update_all
from papercap.gallery.cards import MAX_CAPTION, MAX_HEIGHT, MAX_WIDTH, shortened, shown_size
from papercap.gallery.pages import PER_PAGE, is_ours
from papercap.gallery.shelves import BEFORE_FOLD, COLUMNS, Look
from papercap.geometry import Box
from papercap.records import FigureRow, PaperRow

LLAMA = "<details>\n<summary>[LLaMA](https://llama.org): weights</summary>\n\nnotes\n</details>\n"
KOALA = "<details>\n<summary>[Koala](https://koala.org)</summary>\n</details>\n"
README = f"# Models\n\n{LLAMA}\n{KOALA}{KOALA}\n## Data\n\n- [Talks](https://talks.org) - words\n"
HOSTILE = [
    "</details><script>alert(1)</script>",
    "--> <!-- /papercap:figures --> <!-- papercap:figures x -->",
    "*a* _b_ [c](d) `e` | f \\| ```\n~~~\n\n# g",
    "נוסחה \u202e abc \x00\x1b[31m \ud800 \u2028 end",
    "🦙👩‍🔬 emoji \" ' & &lt; &#60;",
    "{{ 7 * 7 }} {% raw %}",
]


def figure(number: int = 1, paper: str = "touvron-2023", **fields: object) -> FigureRow:
    row: dict[str, object] = {
        "id": f"{paper}/figure-{number}", "paper": paper, "kind": "figure", "label": f"Figure {number}",
        "page": number, "box": Box(0, 0, 300, 150), "caption": f"Figure {number}: Loss over tokens.",
        "tags": (), "entries": (), "image": f"archive/{paper}/figure-{number}.png", "vector": None,
        "thumbnail": f"archive/{paper}/thumbs/figure-{number}.webp", "original": None, "continues": None, "confidence": 0.9,
        "title": "Open Models", "year": 2023,
    }  # fmt: skip
    return FigureRow(**(row | fields))  # type: ignore[arg-type]


def update(*arguments: object, **options: object) -> bytes:
    """The README alone."""
    galleries: Galleries = update_all(*arguments, **options)  # type: ignore[arg-type]
    return galleries.data


def figures(count: int, paper: str = "touvron-2023") -> list[FigureRow]:
    return [figure(number, paper) for number in range(1, count + 1)]


def paper(name: str, **fields: object) -> PaperRow:
    row: dict[str, object] = {
        "id": name, "kind": "pdf", "title": "Open Models", "authors": ("Kim", "Müller"), "year": 2023, "doi": None,
        "arxiv": None, "pages": 9, "figures": 3, "missed": 0, "tags": (), "entries": (), "added": "", "sha256": "",
        "source": f"archive/{name}/source.pdf", "version_of": None, "url": None, "typed": "paper.pdf",
        "licence": None, "credit": None,
    }  # fmt: skip
    return PaperRow(**(row | fields))  # type: ignore[arg-type]


def ids(data: bytes) -> list[str]:
    return [entry.id for entry in read_entries(data)]


def written(text: str, rows: dict[str, list[FigureRow]], everything: list[FigureRow] | None = None) -> str:
    """The updated README, after the laws that hold for every one."""
    data = text.encode()
    new = update(data, rows, everything or [])
    assert strip(new) == strip(data)
    assert update(new, rows, everything or []) == new
    assert ids(new) == ids(data)
    return new.decode()


class Tags(HTMLParser):
    """The tags of some HTML with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


# -- where blocks go ----------------------------------------------------------------------


def test_block_stands_right_before_the_closing_tag_of_its_own_entry():
    text = written(README, {"koala-2": [figure()]})
    assert re.search(r"<!-- papercap:figures koala-2 [0-9a-f]{12} -->\n<div>", text)
    assert text.endswith(text[text.index("<!-- /papercap:figures -->\n</details>\n\n## Data") :])
    assert strip(text.encode()) == README.encode()


def test_block_after_a_list_item_is_indented_beneath_it():
    text = written(README, {"talks": [figure()]})
    block = text[text.index("  <!-- papercap:figures talks") :]
    assert all(line.startswith("  ") for line in block.splitlines())
    assert block.endswith("  <!-- /papercap:figures -->\n")


def test_no_figures_change_no_byte():
    assert update(README.encode(), {}, [figure()]) == README.encode()
    assert update(b"", {}, []) == b""


def test_entry_that_loses_its_figures_loses_its_block():
    full = update(README.encode(), {"llama": [figure()], "talks": [figure()]}, [])
    assert update(full, {"talks": [figure()]}, []) == update(README.encode(), {"talks": [figure()]}, [])
    assert update(full, {}, []) == README.encode()


def test_block_that_a_person_moved_within_its_entry_stays_where_it_is():
    full = update(README.encode(), {"llama": [figure()]}, []).decode()
    block = re.search(r"<!-- papercap:figures.*?<!-- /papercap:figures -->\n", full, re.S)
    assert block
    moved = full.replace(block[0], "").replace("\nnotes\n", f"\n{block[0]}notes\n")
    again = written(moved, {"llama": figures(2)})
    assert again.index("Figure 2") < again.index("notes")


def test_nested_details_keep_the_block_in_the_outer_entry():
    text = "<details><summary>[A](https://a.org)</summary>\n<details><summary>[B](https://b.org)</summary>\n</details>\n</details>\n"
    assert written(text, {"a": [figure()]}).endswith("<!-- /papercap:figures -->\n</details>\n")


@pytest.mark.parametrize(
    "text",
    [
        "<details><summary>[A](https://a.org)</summary>text</details>\n",
        "<details><summary>[A](https://a.org)</summary></details><details><summary>[B](https://b.org)</summary></details>",
        "- <details><summary>[A](https://a.org)</summary></details>\n- <details><summary>[B](https://b.org)</summary>\n  </details>\n",
        "<details>\n<summary>[A](https://a.org)</summary>\ntext ` more</details> behind\n",
    ],
)
def test_closing_tag_behind_other_text_gets_a_block_that_brings_its_own_line_break(text):
    new = written(text, {"a": [figure()], "b": [figure()]})
    assert "joined -->" in new
    assert "<!-- /papercap:figures --></details>" in new


def test_list_item_on_a_last_line_without_line_end_can_be_followed_by_another_later():
    text = README.removesuffix("\n")
    new = written(text, {"talks": [figure()]})
    assert not new.endswith("\n")
    assert (
        strip((new + "\n- [More](https://more.org)\n").encode()).decode()
        == text + "\n- [More](https://more.org)\n"
    )


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_block_has_the_line_ends_of_the_file(eol):
    text = written(README.replace("\n", eol), {"llama": [figure()]})
    assert len(re.findall(r"\r\n|\n|\r", text)) == text.count(eol)


def test_line_ends_that_git_converts_are_no_edit_by_hand():
    full = update(README.encode(), {"llama": [figure()], "talks": [figure()]}, [])
    converted = full.replace(b"\n", b"\r\n")
    assert update(converted, {"llama": [figure()], "talks": [figure()]}, []) == converted


def test_pair_that_a_person_placed_is_filled_and_emptied_but_stays():
    pair = "<!-- papercap:figures koala -->\n<!-- /papercap:figures -->\n"
    text = KOALA.replace("</details>", pair + "\n**bold**\n</details>")
    full = written(text, {"koala": [figure()]})
    assert "placed -->" in full
    assert "\n\n<!-- /papercap:figures -->\n\n**bold**" in full
    assert update(full.encode(), {}, []) == text.encode()
    assert update(text.encode(), {}, []) == text.encode()


def test_pair_without_an_id_belongs_to_the_entry_it_stands_in():
    text = KOALA.replace("</details>", "<!-- papercap:figures -->\n\n<!-- /papercap:figures -->\n</details>")
    assert update(text.encode(), {}, []) == text.encode()
    full = update(text.encode(), {"koala": [figure()]}, [])
    assert b"<!-- papercap:figures koala " in full
    assert update(full, {"koala": [figure()]}, []) == full


def test_gallery_is_written_where_the_readme_asks_for_one_and_nowhere_else():
    text = README + "\n## All\n<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n*next*\n"
    full = written(text, {}, [*figures(2), figure(1, "chiang-2023", title="A <Second> Paper"), figure(3)])
    assert full.count("A &lt;Second&gt; Paper</b> · 2023") == 1
    assert full.count("<b>Open Models</b> · 2023") == 1
    assert "\n\n<!-- /papercap:gallery -->\n*next*" in full
    assert update(full.encode(), {}, []) == text.encode()


def test_markers_in_code_are_text():
    code = "```\n<!-- papercap:figures x -->\n```\n\n`<!-- papercap:figure y -->` and\n\n    <!-- papercap:gallery -->\n"
    text = f"{README}\n# How\n\n{code}\n~~~~md\n<!-- /papercap:figures -->\n~~~\n<!-- papercap:figures z -->\n~~~~\n"
    assert written(text, {"llama": [figure()]}).endswith(text[text.index("\n# How") :])


def test_base_leads_from_the_readmes_folder_to_the_root():
    assert 'src="../archive/' in update(README.encode(), {"llama": [figure()]}, [], base="../").decode()


def test_figures_of_an_unknown_entry_are_passed_over():
    assert update(README.encode(), {"nobody": [figure()]}, []) == README.encode()


# -- what is refused ----------------------------------------------------------------------

OPEN, CLOSE = "<!-- papercap:figures koala -->", "<!-- /papercap:figures -->"


@pytest.mark.parametrize(
    ("inside", "line", "says"),
    [
        (f"{OPEN}\n{CLOSE}\n{OPEN}\n{CLOSE}\n", 5, "has a block in line 3 already"),
        (f"{OPEN}\n{OPEN}\n{CLOSE}\n{CLOSE}\n", 4, "inside the one of line 3"),
        (f"{OPEN}\n", 3, "never closed"),
        (f"{CLOSE}\n", 3, "closes nothing"),
        (f"{OPEN}\n<!-- /papercap:gallery -->\n", 4, "closes 'gallery', but line 3 opens 'figures'"),
        (f"{OPEN}\nmine\n{CLOSE}\n", 3, "edited by hand; delete lines 3 to 5"),
        (f"text {OPEN}\n{CLOSE}\n", 3, "a line of its own"),
        (f"{OPEN}\n{CLOSE} text\n", 4, "a line of its own"),
        ("<!-- papercap:figure koala -->\n", 3, "mistyped"),
        ("<!-- papercap: figures koala -->\n", 3, "mistyped"),
        ("<!--papercap:figures koala-->\n", 3, "mistyped"),
        ("<!-- Papercap:Figures koala -->\n", 3, "mistyped"),
        ("<!-- papercap:figures koala 123 -->\n", 3, "mistyped"),
        ("<!-- papercap figures -->\n", 3, "mistyped"),
        ("<!- papercap:figures koala -->\n", 3, "mistyped"),
        ("<!-- / papercap:figures -->\n", 3, "mistyped"),
    ],
)
def test_damaged_block_is_refused_with_file_and_line(inside, line, says):
    text = KOALA.replace("</details>", inside + "</details>") + "\n## Data\n\n- [Talks](https://talks.org)\n"
    with pytest.raises(ReadmeRefused, match=re.escape(says)) as caught:
        update(text.encode(), {"koala": [figure()]}, [], name="docs/README.md")
    assert str(caught.value).startswith(f"docs/README.md:{line}: ")
    assert "\n" not in str(caught.value)


def test_block_outside_every_entry_is_refused():
    with pytest.raises(ReadmeRefused, match=r"README.md:1: .*stands in no entry"):
        update(f"{OPEN}\n{CLOSE}\n\n{KOALA}".encode(), {}, [])


def test_block_edited_by_hand_is_refused_and_written_anew_once_it_is_deleted():
    full = update(README.encode(), {"llama": [figure()]}, []).decode()
    with pytest.raises(ReadmeRefused, match=r"README.md:7: .*edited by hand; delete lines 7 to 16"):
        update(full.replace("Loss over", "My loss over").encode(), {"llama": [figure()]}, [])
    emptied = re.sub(r"(papercap:figures llama \w+ -->\n).*?(<!-- /papercap)", r"\1\2", full, flags=re.S)
    assert update(emptied.encode(), {"llama": [figure()]}, []).decode() == full


def test_block_belongs_to_the_entry_that_it_stands_in_whatever_id_it_bears():
    full = update(KOALA.encode(), {"koala": [figure()]}, [])
    assert ids(full + full) == ["koala", "koala-2"]
    copied = update(full + full, {"koala": [figure()]}, [])  # the copy has no figures of its own
    assert copied == full + KOALA.encode()
    renamed = full.replace(b"[Koala]", b"[Quokka]")
    again = update(renamed, {"quokka": [figure()]}, [])
    assert b"<!-- papercap:figures quokka " in again
    assert strip(again) == strip(renamed)


def test_entry_that_is_never_closed_gets_no_block():
    text = KOALA.replace("</details>\n", "") + "\n" + LLAMA
    assert "papercap" in written(text, {"llama": [figure()]})
    with pytest.raises(ReadmeRefused, match=r"README.md:1: .*'koala': its <details> is never closed"):
        update(text.encode(), {"koala": [figure()]}, [])


def test_place_inside_an_open_fence_is_refused():
    text = README + "  ```\n  never closed\n"
    with pytest.raises(ReadmeRefused, match="fence or comment left open"):
        update(text.encode(), {"talks": [figure()]}, [])


def test_comment_that_only_names_papercap_is_no_marker():
    text = "<!-- papercap writes the galleries -->\n" + README
    assert written(text, {"llama": [figure()]}).startswith("<!-- papercap writes the galleries -->\n# Models")


def test_readme_that_is_not_utf8_is_refused():
    with pytest.raises(Refused, match="not UTF-8 at byte 3"):
        update(b"abc\xff", {}, [])


# -- how figures look ---------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE)
def test_no_caption_or_title_can_break_out(words):
    rows = [figure(caption=words, title=words, label=words, image="archive/{0}/</a>.png")]
    text = README + "\n<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n"
    full = written(text, {"llama": rows, "talks": rows}, rows)
    added = Tags(full).tags
    plain = Tags(written(text, {"llama": [figure()], "talks": [figure()]}, [figure()])).tags
    assert added == plain
    assert not re.search(r"[\x00-\x08\x1b\u202e]", full)


def test_caption_is_shown_after_its_label_and_only_once():
    rows = [
        figure(caption="Figure 1: Loss."),
        figure(2, label="그림 2", caption="[그림 2] 손실"),
        figure(3, caption="Figure 31 is not it"),
    ]
    words = Tags(update(README.encode(), {"llama": rows}, []).decode()).words
    assert "Figure 1, p. 1 · Loss." in words
    assert "그림 2, p. 2 · 손실" in words
    assert "Figure 3, p. 3 · Figure 31 is not it" in words


def test_figure_without_label_caption_or_picture_is_still_named():
    rows = [figure(4, label=None, caption=None, kind="table", image=None, thumbnail=None, title=None)]
    text = update(README.encode(), {"llama": rows}, []).decode()
    assert "<p><b>touvron-2023</b> · 2023</p>" in text
    assert "<sub><b>Table on page 4</b></sub>" in text
    assert "<img" not in text


def test_addresses_are_percent_encoded():
    path = "archive/한국 (2)/figure 1#?.png"
    text = update(README.encode(), {"llama": [figure(image=path, thumbnail=path)]}, []).decode()
    links = [a["href"] for a in Tags(text).attributes if "href" in a]
    assert links[0] == "archive/%ED%95%9C%EA%B5%AD%20%282%29/figure%201%23%3F.png"
    assert unquote(links[0]) == path


def test_more_than_a_few_figures_are_folded():
    text = update(README.encode(), {"llama": figures(BEFORE_FOLD)}, []).decode()
    assert "more</summary>" not in text
    text = update(README.encode(), {"llama": figures(BEFORE_FOLD + 3)}, []).decode()
    assert "<summary>3 more</summary>" in text
    assert text.index("Figure 6<") < text.index("3 more") < text.index("Figure 7<")


def test_block_holds_no_blank_line_that_would_end_its_html():
    text = update(README.encode(), {"talks": figures(9)}, []).decode()
    assert "\n\n" not in text[text.index("<!-- papercap") :].rstrip()


@pytest.mark.parametrize(
    ("box", "size"),
    [
        (Box(0, 0, 480, 240), (390, 207)),  # 32 of 512 by 272 are margin
        (Box(0, 0, 100, 900), (47, 280)),
        (Box(10, 10, 40, 20), (64, 24)),
        (Box(0, 0, 900, 300), (747, 280)),
        (Box(0, 0, 5000, 1), (800, 50)),
        (Box(5, 5, 5, 9), (MAX_WIDTH, MAX_HEIGHT)),
        (Box(0, 0, float("nan"), 1), (MAX_WIDTH, MAX_HEIGHT)),
    ],
)
def test_size_keeps_the_ratio_of_the_box_within_the_cap(box, size):
    assert shown_size(box) == size


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("short", "short"),
        ("word " * 60, "word " * 35 + "word…"),
        ("가" * 300, "가" * 179 + "…"),
        ("x" * 178 + "👩‍🔬" + "x" * 20, "x" * 178 + "…"),
        ("A first sentence, whole. " * 12, "A first sentence, whole. " * 6 + "A first sentence, whole. …"),
    ],
)
def test_long_caption_is_cut_at_a_word(text, cut):
    assert shortened(text.strip()) == cut
    assert len(shortened(text)) <= MAX_CAPTION


def test_figures_of_a_paper_stand_under_its_name_credit_and_licence():
    papers = {"p": paper("p", licence="https://creativecommons.org/licenses/by-sa/4.0/", arxiv="2302.13971")}
    text = update(README.encode(), {"llama": [figure(paper="p")]}, [], papers=papers).decode()
    assert (
        '<p><b><a href="https://arxiv.org/abs/2302.13971">Open Models</a></b> · Kim, Müller · 2023 · '
        '<a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a></p>'
    ) in text
    assert 'alt="Figure 1: Loss over tokens."' in text


def test_paper_without_an_address_is_linked_to_its_document():
    text = update(README.encode(), {"llama": [figure(paper="p")]}, [], papers={"p": paper("p")}).decode()
    assert '<a href="archive/p/source.pdf">Open Models</a>' in text
    page = {"p": paper("p", kind="page", source="archive/p/source.json", typed="https://a.org/x?y=1&z")}
    text = update(README.encode(), {"llama": [figure(paper="p")]}, [], papers=page).decode()
    assert '<a href="https://a.org/x?y=1&amp;z">Open Models</a>' in text


def test_wide_figure_has_a_row_of_its_own_and_the_next_narrow_one_fills_the_row_before():
    rows = [figure(1), figure(2, box=Box(0, 0, 900, 200)), figure(3), figure(4)]
    text = update(README.encode(), {"llama": rows}, []).decode()
    table = text[text.index("<table>") : text.index("</table>")]
    shown = [re.findall(r"<b>Figure (\d)</b>", row) for row in table.split("<tr>")[1:]]
    assert shown == [["1", "3"], ["2"], ["4"]]
    assert table.count('colspan="2"') == 2


def test_words_are_in_the_language_of_the_readme_or_the_one_asked_for():
    rows = {"llama": figures(BEFORE_FOLD + 2)}
    korean = README.replace("notes", "연구용으로 신청하면 가중치를 받을 수 있는 모델")
    assert "2개 더 보기" in update(korean.encode(), rows, []).decode()
    assert "<b>Figure 1</b>, 1쪽" in update(korean.encode(), rows, []).decode()
    assert "2 more" in update(korean.encode(), rows, [], look=Look(language="en")).decode()
    assert "2 more" in update(README.encode(), rows, []).decode()


def test_public_galleries_hold_only_what_may_be_shown():
    papers = {
        "free": paper("free", licence="CC-BY-4.0"),
        "bound": paper("bound"),
        "nd": paper("nd", licence="CC BY-ND 4.0"),
    }
    rows = [figure(1, "free"), figure(2, "bound"), figure(3, "nd"), figure(4, "unknown")]
    text = README + "<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n"
    shown = update(
        text.encode(), {"llama": rows, "koala": rows[1:]}, rows, papers=papers, look=Look(public=True)
    )
    assert re.findall(r"<b>Figure (\d)</b>", shown.decode()) == ["1", "1"]
    assert b"papercap:figures koala" not in shown


def test_pinned_figures_lead_and_else_the_one_that_tells_most():
    overview = figure(3, caption="Figure 3: Overview of the architecture of our model.")
    rows = [figure(1), figure(2, kind="table"), overview, figure(4)]

    def order(rows: list[FigureRow], **look: object) -> list[str]:
        text = update(README.encode(), {"llama": rows}, [], look=Look(**look)).decode()  # type: ignore[arg-type]
        return re.findall(r"<b>Figure (\d)</b>", text)

    assert order(rows) == ["3", "1", "2", "4"]
    assert order([*rows[:3], figure(4, pinned=True)]) == ["4", "1", "2", "3"]
    old, new = figure(5, "a", year=2001, title="B"), figure(6, "b", year=2024, title="A")
    plain = [figure(7, "c", year=None, title="C", caption="Overview of it all"), old, new]
    assert order(plain) == ["7", "6", "5"]  # the paper of what leads, then the newest
    assert order(plain, sort="oldest") == ["7", "5", "6"]
    assert order([old, new], sort="title") == ["6", "5"]


def test_templates_of_a_user_go_first_and_cannot_reach_out(tmp_path):
    (tmp_path / "gallery.html.j2").write_text(
        "{% for s in shelves %}{% for g in s.first %}<p>{{ g.paper.title }}!</p>\n\n{% endfor %}{% endfor %}"
    )
    text = update(
        README.encode(), {"llama": [figure(title="A <b>")]}, [], look=Look(templates=tmp_path)
    ).decode()
    assert "<p>A &lt;b&gt;!</p>" in text
    (tmp_path / "gallery.html.j2").write_text("<!-- papercap:figures llama -->")
    with pytest.raises(Usage, match="writes a marker"):
        update(README.encode(), {"llama": [figure()]}, [], look=Look(templates=tmp_path))
    (tmp_path / "secret").symlink_to(tmp_path / "gallery.html.j2")
    with pytest.raises(Usage, match="secret: is a link"):
        update(README.encode(), {"llama": [figure()]}, [], look=Look(templates=tmp_path))
    (tmp_path / "secret").unlink()
    for broken in ("{{ ''.__class__.__mro__ }}", "{% if %}", "{{ nothing.at.all }}", "{% include 'no.j2' %}"):
        (tmp_path / "gallery.html.j2").write_text(broken)
        with pytest.raises(Usage, match=r"gallery\.html\.j2"):
            update(README.encode(), {"llama": [figure()]}, [], look=Look(templates=tmp_path))


# -- pages of READMEs that would be too long ------------------------------------------------


def test_readme_that_would_be_too_long_keeps_a_row_and_has_the_rest_on_a_page():
    text = README + "<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n"
    rows = figures(30)
    whole = update_all(text.encode(), {"llama": rows, "koala": rows[:2]}, rows)
    assert not whole.pages
    short = update_all(text.encode(), {"llama": rows, "koala": rows[:2]}, rows, limit=9_000)
    assert set(short.pages) == {"gallery/llama.md", "gallery/all-figures.md"}
    readme, page = short.data.decode(), short.pages["gallery/llama.md"].decode()
    assert len(short.data) <= 9_000
    assert readme.count("<img") == 3 * COLUMNS
    assert '<a href="gallery/llama.md">All 30 figures</a>' in readme
    assert page.count("<img") == 30
    assert 'src="../archive/touvron-2023/thumbs/figure-1.webp"' in page
    assert '<a href="../README.md">Back to README</a>' in page
    assert is_ours(page.encode())
    assert is_ours(page.replace("Loss", "My loss").encode()) is None
    assert is_ours(b"# mine") is False
    assert strip(short.data) == strip(text.encode())
    shorter = update_all(text.encode(), {"llama": rows, "koala": rows[:2]}, rows, limit=1_500)
    assert b"<img" not in shorter.data
    assert set(shorter.pages) == {"gallery/llama.md", "gallery/koala.md", "gallery/all-figures.md"}


def test_page_of_too_many_figures_goes_on_on_a_next_one():
    rows = figures(PER_PAGE + 1)
    pages = update_all(
        README.encode(), {"llama": rows}, [], limit=1_000, base="..", folder="gallery/list"
    ).pages
    assert [page.count(b"<img") for page in pages.values()] == [PER_PAGE, 1]
    first, second = (page.decode() for page in pages.values())
    assert list(pages) == ["gallery/list/llama.md", "gallery/list/llama-2.md"]
    assert '<a href="llama-2.md">Next</a>' in first
    assert '<a href="llama.md">Before</a>' in second
    assert 'src="../../../archive/' in second


def test_page_of_the_same_figures_is_not_drawn_again_but_one_of_others_is(monkeypatch):
    rows = figures(30)
    pages = update_all(README.encode(), {"llama": rows}, [], limit=2_000).pages
    assert set(pages) == {"gallery/llama.md"}

    def again(rows: list[FigureRow], **options: object) -> dict[str, bytes]:
        return update_all(README.encode(), {"llama": rows}, [], limit=2_000, there=pages.get, **options).pages  # type: ignore[arg-type]

    assert again([*rows[:-1], figure(30, caption="Another")]) != pages
    assert again(rows, look=Look(language="ko")) != pages
    assert again(rows, papers={"touvron-2023": paper("touvron-2023", licence="MIT")}) != pages
    monkeypatch.setattr("papercap.gallery.shelves.Shelves.page", None)  # would fail if it was drawn
    assert again(rows) == pages


# -- properties ---------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["Koala", "LLaMA", "koala", "Koala 2", "모델 하나", "🦙 Alpaca", "`code`", "**bold**", "?"]
)
WORDS = st.text(st.sampled_from("ab가🦙 \t`*_[]()<>|:-#~\\&\"'"), max_size=12)
SAFE = st.sampled_from(
    ["words", "가나 다", "a | b", "x `code` y", "", "  ", "\ttab", "> quote", "<br>", "</div>", "🦙"]
)
FENCE = st.sampled_from(["```", "~~~", "````", "  ```"])
MARKERS = st.sampled_from(
    [OPEN, CLOSE, "<!-- papercap:figure", "</details>", "<details>", "- [x](https://x.org)", "code"]
)


@st.composite
def fences(draw):
    fence = draw(FENCE)
    return ["", fence, *draw(st.lists(MARKERS, max_size=3)), fence, ""]


@st.composite
def folds(draw, depth=1):
    body = draw(st.lists(st.one_of(SAFE.map(lambda line: [line]), fences()), max_size=3))
    if depth and draw(st.booleans()):
        body.append(draw(folds(depth=0)))
    lines = [
        "<details>",
        f"<summary>{draw(st.sampled_from(['', '상용❌', ' ']))}[{draw(NAMES)}](https://x.org)</summary>",
    ]
    lines += [line for piece in body for line in piece]
    joined = draw(st.booleans()) and not lines[-1].startswith((">", "\t"))  # code and quotes close nothing
    return (
        [*lines[:-1], lines[-1] + "</details>"]
        if joined
        else [*lines, draw(st.sampled_from(["", "  "])) + "</details>"]
    )


@st.composite
def items(draw):
    lines = [
        f"{draw(st.sampled_from(['- ', '* ', '1. ', '-   ']))}[{draw(NAMES)}](https://y.org) {draw(SAFE)}"
    ]
    return lines + draw(st.sampled_from([[], ["  - nested"], ["", "  more"], ["lazy"]]))


PIECES = st.one_of(
    folds(),
    items(),
    fences(),
    SAFE.map(lambda line: [line]),
    st.sampled_from(
        [["## Head", ""], ["", "<!-- a comment", "", "<details> -->", ""], ["", "    <details>", ""]]
    ),
)


@st.composite
def readmes(draw, pieces=PIECES):
    lines = [line for piece in draw(st.lists(pieces, max_size=7)) for line in ["", *piece]]
    if draw(st.booleans()):
        lines += ["", "<!-- papercap:gallery -->", "<!-- /papercap:gallery -->"]
    eol = draw(st.sampled_from(["\n", "\r\n", "\r", None]))
    ends = [eol or draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in lines]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def or_refused(*arguments: object, **options: object) -> Galleries:
    """What `update` gives; an example that it refuses, writing nothing, is passed over, and must be rare.

    One known: a fold that is indented by four blanks behind a list item's lazy line, and never closed.
    """
    try:
        return update_all(*arguments, **options)  # type: ignore[arg-type]
    except ReadmeRefused:
        reject()


def without_blocks(data: bytes) -> bytes:
    """What is left of a README without the lines of papercap's blocks, by no code of papercap's."""
    opening, closing = rb"<!-- papercap:figures \S+ [0-9a-f]{12}", rb"<!-- /papercap:figures -->"
    end, blanks = rb"(?:\r\n|\n|\r)", rb"[^\S\r\n]*"
    data = re.sub(end + blanks + opening + rb" joined -->.*?" + closing, b"", data, flags=re.S)
    data = re.sub(blanks + opening + rb" -->.*?" + closing + end, b"", data, flags=re.S)
    gallery = rb"(<!-- papercap:gallery) [0-9a-f]{12}( -->" + end + rb").*?(<!-- /papercap:gallery -->)"
    return re.sub(gallery, rb"\1\2\3", data, flags=re.S)


@quick
@given(readmes(), st.integers(1, 8))
def test_every_byte_outside_the_markers_stays(data, count):
    rows = {entry.id: figures(count) for entry in read_entries(data)}
    new = or_refused(data, rows, figures(count)).data
    assert strip(new) == data
    assert without_blocks(new) == data
    assert ids(new) == ids(data)
    assert update(new, rows, figures(count)) == new
    assert update(new, {}, []) == data


@quick
@given(readmes(), st.integers(1, 8), st.sampled_from([0, 2_000, 8_000]))
def test_every_byte_stays_where_galleries_go_to_pages(data, count, limit):
    rows = {entry.id: figures(count) for entry in read_entries(data)}
    new = or_refused(data, rows, figures(count), limit=limit)
    assert strip(new.data) == without_blocks(new.data) == data
    again = update_all(new.data, rows, figures(count), limit=limit, there=new.pages.get)
    assert (again.data, again.pages) == (new.data, new.pages)


@quick
@given(readmes(), st.data())
def test_any_change_of_figures_leads_to_the_same_readme_as_writing_it_at_once(data, draw):
    entries = ids(data)
    first, second = ({name: figures(draw.draw(st.integers(0, 3))) for name in entries} for _ in range(2))
    once = or_refused(data, second, []).data
    assert update(or_refused(data, first, []).data, second, []) == once


@quick
@given(readmes(st.one_of(PIECES, st.lists(WORDS, max_size=3), MARKERS.map(lambda line: [line]))))
def test_any_text_at_all_is_written_by_these_laws_or_refused(data):
    rows = {entry.id: figures(1) for entry in read_entries(data)}
    try:
        new = update(data, rows, figures(1))
    except ReadmeRefused:
        return
    assert strip(new) == strip(data)
    assert update(new, rows, figures(1)) == new
    assert ids(new) == ids(data)


@quick
@given(readmes())
def test_entries_slice_to_their_own_text_and_never_overlap(data):
    entries = read_entries(data)
    for entry in entries:
        text = data[entry.start : entry.end].strip()
        assert text.startswith(b"<details") if entry.form == "details" else text[:1] in b"-*1"
        lines = re.split(rb"\r\n|\n|\r", data.removeprefix(b"\xef\xbb\xbf"))
        assert text.split(b"\r")[0].split(b"\n")[0] in lines[entry.line - 1]
        assert text.split(b"\r")[-1].split(b"\n")[-1] in lines[entry.end_line - 1]
    assert all(before.end <= after.start for before, after in pairwise(entries))
    assert len(set(ids(data))) == len(entries)


# -- the real one -------------------------------------------------------------------------


@needs_shared
def test_real_catalogue_takes_a_block_in_every_entry_and_gives_it_back():
    data = (SHARED / "catalogue/README.md").read_bytes()
    rows = {entry.id: figures(8) for entry in read_entries(data)}
    new = update(data, rows, [])
    assert new.count(b"<!-- /papercap:figures -->") == len(rows) == 25
    assert strip(new) == data
    assert ids(new) == ids(data)
