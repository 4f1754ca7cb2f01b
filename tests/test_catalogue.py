"""Entries of a catalogue: what counts as one, what it says, and which bytes are its own."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import SHARED, needs_shared

from papercap.catalogue import find_entry, read_entries
from papercap.errors import NotFound, Refused
from papercap.gallery import update
from papercap.records import Entry

CATALOGUE = """
# 모음집
Models and data, by hand

## 🎁[Open]

<details>
<summary>상용❌[Llama](https://llama.org/a_(b))</summary>
<div markdown="1">

  ```
- notes at column 0
<details>
<summary>[Not one](https://no.org)</summary>
  ```
</div>
</div>
</details>
<details>
<summary> 상용🔺 [Stable: a colon](https://stable.org) - 3B, 7B </summary>

![image](https://img.org/x.png)
## a heading in notes
- [not one](https://no.org)
</details>


<details>
<summary>상용✅\ufe0f[돌리 2.0](https://dolly.org): </summary>
</details>
<details><summary>[Twin](https://twin.org): first</summary></details>
<details><summary>[Twin](https://twin.org): first</summary></details>

<br>

## 🎬 [Related] works ##

<details open>
<summary>[학습 과정]</summary>

> a quote with <details>
</details>
<details>
<summary>[Twin .cpp](Twin .cpp) in C++ </summary>
</details>
<details>
<summary>Plain words: no link</summary>
</details>

Data
----

- [Talks](https://wrong.org](https://talks.org)
- [More talks](https://more.org) – in two
  lines
  - [nested](https://nested.org)
\x20
"""


def entries(text: str) -> list[Entry]:
    return read_entries(text.encode())


def one(text: str) -> Entry:
    """The only entry of a README that also has one to make it a catalogue."""
    found = entries(
        f"## Models\n\n{text}\n\n<details><summary>[Other](https://other.org)</summary></details>\n"
    )
    assert [entry.name for entry in found[1:]] == ["Other"]
    return found[0]


def names(text: str) -> list[str]:
    return [entry.name for entry in entries(text)]


def summary(text: str) -> Entry:
    return one(f"<details>\n<summary>{text}</summary>\n</details>")


# -- a catalogue with all that people do --------------------------------------------------


def test_names_sections_addresses_and_badges_of_a_catalogue():
    assert [(e.section, e.name, e.url, e.commercial, e.description) for e in entries(CATALOGUE)] == [
        ("Open", "Llama", "https://llama.org/a_(b)", "no", ""),
        ("Open", "Stable: a colon", "https://stable.org", "partly", "3B, 7B"),
        ("Open", "돌리 2.0", "https://dolly.org", "yes", ""),
        ("Open", "Twin", "https://twin.org", None, "first"),
        ("Open", "Twin", "https://twin.org", None, "first"),
        ("Related works", "학습 과정", None, None, ""),
        ("Related works", "Twin .cpp", None, None, "in C++"),
        ("Related works", "Plain words", None, None, "no link"),
        ("Data", "Talks", "https://talks.org", None, ""),
        ("Data", "More talks", "https://more.org", None, "in two lines"),
    ]


def test_ids_are_slugs_and_a_second_one_of_a_name_is_counted():
    assert [entry.id for entry in entries(CATALOGUE)] == [
        "llama", "stable-a-colon", "돌리-2-0", "twin", "twin-2", "학습-과정", "twin-cpp", "plain-words", "talks", "more-talks",
    ]  # fmt: skip


def test_lines_and_bytes_of_an_entry_are_its_own():
    lines = CATALOGUE.splitlines(keepends=True)
    for entry in entries(CATALOGUE):
        own = "".join(lines[entry.line - 1 : entry.end_line])
        assert CATALOGUE.encode()[entry.start : entry.end].decode() == own
        assert own.startswith("<details") if entry.form == "details" else own.startswith("- [")


def test_what_is_wrong_with_a_link_is_a_warning():
    warnings = {entry.name: entry.warnings for entry in entries(CATALOGUE) if entry.warnings}
    assert warnings == {
        "Twin .cpp": ("'Twin .cpp' is no http(s) address",),
        "Talks": ("two addresses run together; the last is taken",),
    }


@pytest.mark.parametrize("eol", ["\r\n", "\r"])
def test_other_line_ends_change_nothing_but_the_bytes(eol):
    other = entries(CATALOGUE.replace("\n", eol))
    plain = [(e.id, e.name, e.url, e.line, e.end_line, e.description) for e in entries(CATALOGUE)]
    assert [(e.id, e.name, e.url, e.line, e.end_line, e.description) for e in other] == plain


def test_byte_order_mark_belongs_to_no_entry():
    (entry,) = entries("\ufeff<details><summary>[A](https://a.org)</summary></details>")
    assert (entry.start, entry.line, entry.end_line) == (3, 1, 1)


def test_readme_that_is_not_utf8_is_refused_with_the_byte():
    with pytest.raises(Refused, match=r"^list\.md: not UTF-8 at byte 4; save it as UTF-8$"):
        read_entries(b"ab c\xff\xfe", "list.md")


def test_empty_readme_has_no_entries():
    assert entries("") == entries("\n") == entries("\ufeff") == []


# -- heads --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "url", "description"),
    [
        ("<a href='https://a.org/?a=1&amp;b=2'><b>A</b></a> - words", "A", "https://a.org/?a=1&b=2", "words"),
        ("**[A](https://a.org)**: words", "A", "https://a.org", "words"),
        ("[**A**](https://a.org)", "A", "https://a.org", ""),
        ("[`a-b`](https://a.org) | words", "a-b", "https://a.org", "words"),
        ("🦙 [🦙 A 🦙](https://a.org)", "A", "https://a.org", ""),
        ("[A](<https://a.org> \"title\")", "A", "https://a.org", ""),
        ("![logo](x.png) [A](https://a.org)", "A", "https://a.org", ""),
        ("[A [v2]](https://a.org) — words", "A [v2]", "https://a.org", "words"),
        ("[C\\#](https://a.org)", "C#", "https://a.org", ""),
        ("[A &amp; B](https://a.org)", "A & B", "https://a.org", ""),
        ("[A](https://a.org", "A", "https://a.org", ""),
        ("[A](https://a.org) ([paper](https://b.org)): words", "A", "https://a.org", "([paper](https://b.org)): words"),
        ("\n  [A](https://a.org):\n  two lines\n", "A", "https://a.org", "two lines"),
        ("[A](models/a.md)", "A", None, ""),
        ("[🦙](https://a.org)", "🦙", "https://a.org", ""),
    ],
)  # fmt: skip
def test_name_is_found_in_what_people_write(text, name, url, description):
    entry = summary(text)
    assert (entry.name, entry.url, entry.description) == (name, url, description)


@pytest.mark.parametrize(
    ("text", "commercial"),
    [
        ("상용❌[A](https://a.org)", "no"),
        ("상용 🔺 [A](https://a.org)", "partly"),
        ("**상용✅**[A](https://a.org)", "yes"),
        ("Commercial use: ✔\ufe0f [A](https://a.org)", "yes"),
        ("commercial ❌ [A](https://a.org)", "no"),
        ("❌ [A](https://a.org)", None),
        ("noncommercial [A](https://a.org) ❌", None),
    ],
)
def test_badge_stands_before_the_link(text, commercial):
    assert summary(text).commercial == commercial


# -- what counts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "```\n<details><summary>[A](https://a.org)</summary></details>\n```\n",
        "  ~~~~ html\n```\n~~~\n<details><summary>[A](https://a.org)</summary></details>\n  ~~~~\n",
        "1. step\n\n    ```\n    <details><summary>[A](https://a.org)</summary></details>\n    ```\n",
        "text\n\n    <details><summary>[A](https://a.org)</summary></details>\n",
        "`<details><summary>[A](https://a.org)</summary></details>`\n",
        "<!--\n\n<details><summary>[A](https://a.org)</summary></details>\n-->\n",
        "> <details><summary>[A](https://a.org)</summary></details>\n",
        "\\<details><summary>[A](https://a.org)</summary>\n",
        "<details-menu><summary>[A](https://a.org)</summary></details-menu>\n",
        "<details>\n<summary>Click to expand</summary>\n\n[A](https://a.org)\n</details>\n",
        "<details>\n[A](https://a.org)\n</details>\n",
        "</details>\n",
    ],
)
def test_code_comments_quotes_and_plain_folds_are_no_entries(text):
    assert names(f"## Head\n\n{text}") == []


def test_nested_details_belong_to_the_outer_entry():
    inner = "<DETAILS><summary>[In](https://in.org)</summary></Details>"
    assert names(f"<details>\n<summary>[Out](https://out.org)</summary>\n{inner}\n</details>\n{inner}\n") == [
        "Out",
        "In",
    ]


def test_details_indented_in_a_list_are_no_code():
    assert names("- Models\n\n    <details><summary>[A](https://a.org)</summary></details>\n") == ["A"]


def test_fence_without_a_blank_line_before_it_is_still_a_fence():
    text = "<details>\n<summary>[A](https://a.org)</summary>\n```\n</details>\n\n<details>\n```\n</details>\n"
    assert [(e.name, e.end_line) for e in entries(text)] == [("A", 8)]


def test_details_that_are_never_closed_end_before_the_next_one():
    text = "## H\n<details>\n<summary>[A](https://a.org)</summary>\n\n<details>\n<summary>[B](https://b.org)</summary>\n</details>\n"
    first, second = entries(text)
    assert (first.name, first.line, first.end_line) == ("A", 2, 3)
    assert first.warnings == ("<details> is never closed; add </details>",)
    assert (second.name, second.line, second.warnings) == ("B", 5, ())


FOLD = "<details><summary>[Fold](https://fold.org)</summary></details>\n"


@pytest.mark.parametrize(
    "items",
    [
        "- [Contents](#contents)\n- [Data](#data)\n",
        "- [docs](docs/x.md)\n- [A](https://a.org)\n",
        "- see [A](https://a.org)\n",
        "- [![badge](https://b.org/b.svg)](https://a.org)\n",
        "- `pip install`\n- [A](https://a.org)\n",
        "- words\n  - [A](https://a.org)\n",
        "```\n- [A](https://a.org)\n```\n",
        "> - [A](https://a.org)\n",
    ],
)
def test_lists_of_other_things_are_no_entries(items):
    assert names(f"# Title\n\n## Models\n{FOLD}\n## List\n\n{items}") == ["Fold"]


def test_list_items_count_only_under_a_heading():
    assert names(f"# Title\n\n- [A](https://a.org)\n\n## Models\n{FOLD}") == ["Fold"]


def test_list_items_of_any_form_are_entries():
    items = "* 상용❌ [A](https://a.org)\n1. **[B](https://b.org)** - words\n- [x] [C](https://c.org)\n"
    found = entries(f"## Models\n{FOLD}\n## List\n\n{items}")
    assert [(e.name, e.form, e.commercial) for e in found[1:]] == [
        ("A", "list", "no"),
        ("B", "list", None),
        ("C", "list", None),
    ]


def test_item_holds_its_nested_items_code_and_lazy_lines():
    item = "- [A](https://a.org)\nlazy\n  - nested\n\n      code\n"
    _, entry = entries(f"{FOLD}\n## List\n\n{item}\n\nafter\n")
    assert (entry.line, entry.end_line, entry.description) == (5, 9, "lazy")


@pytest.mark.parametrize(
    ("below", "end_line"),
    [
        ("  ```\ncode\n\n- code\n  ```\n", 10),
        ("```\ncode\n```\n", 5),
        ("<br>\n", 5),
        ("---\n", 5),
        ("\ntext\n", 5),
    ],
)
def test_item_has_a_fence_that_it_begins_whole_and_nothing_of_what_follows(below, end_line):
    _, entry = entries(f"{FOLD}\n## List\n\n- [A](https://a.org)\n{below}")
    assert entry.end_line == end_line


def test_ordinary_readme_with_a_few_links_has_no_entries():
    links = "".join(f"- [L{n}](https://l.org/{n}): words\n" for n in range(9))
    assert names(f"# Tool\n\n## Install\n\n- first\n\n## Links\n\n{links}") == []


def test_readme_that_is_a_list_of_described_links_is_a_catalogue():
    links = [f"- [L{n}](https://l.org/{n}): words\n" for n in range(12)]
    text = f"# Awesome\n\n- [One](#one)\n\n## One\n\n{''.join(links[:6])}\n### Two\n\n{''.join(links[6:])}"
    assert names(text) == [f"L{n}" for n in range(12)]
    assert {entry.section for entry in entries(text)} == {"One", "Two"}


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("# Title\n", None),
        ("# Title\n\n# Second\n", "Second"),
        ("# Title\n\n## **Bold** `code` ##\n", "Bold code"),
        ("Title\n=====\n\nSub\n---\n", "Sub"),
        ("<h1>T</h1>\n<h2 align='center'>🎁 Sub</h2>\n", "Sub"),
        ("## [Sub](https://s.org)\n", "Sub"),
        ("## Sub\n```\n## no heading\n```\n", "Sub"),
        ("#no heading\n", None),
    ],
)
def test_section_is_the_nearest_heading_that_is_not_the_title(heading, section):
    assert entries(f"{heading}\n{FOLD}")[0].section == section


# -- ids ----------------------------------------------------------------------------------


def fold_named(*several: str) -> str:
    return "".join(f"<details><summary>[{name}](https://x.org)</summary></details>\n" for name in several)


def test_count_of_a_name_never_takes_the_slug_of_another():
    assert [e.id for e in entries(fold_named("Koala", "Koala", "Koala 2", "koala", "Koala 2"))] == [
        "koala", "koala-3", "koala-2", "koala-4", "koala-2-2",
    ]  # fmt: skip


def test_name_without_letters_still_gets_an_id():
    assert [e.id for e in entries(fold_named("🦙", "?"))] == ["entry", "entry-2"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["A", "a", "A 2", "A-2", "a 2 2", "A 3", "?"]), max_size=8))
def test_ids_are_unique_and_the_first_of_a_name_has_its_slug(several):
    ids = [e.id for e in entries(fold_named(*several))]
    assert len(set(ids)) == len(ids) == len(several)


# -- find_entry ---------------------------------------------------------------------------

FOUND = entries(fold_named("Koala", "Koala", "KoAlpaca", "GPT4ALL", "GPT 질의", "Café"))


@pytest.mark.parametrize(
    ("text", "ident"),
    [
        ("koala", "koala"),
        ("Koala", "koala"),
        ("koala-2", "koala-2"),
        ("KOALPACA", "koalpaca"),
        ("koalp", "koalpaca"),
        ("GPT 질의", "gpt-질의"),
        ("gpt 질", "gpt-질의"),
        ("gpt4", "gpt4all"),
        ("cafe\u0301", "café"),
        (" koala ", "koala"),
    ],
)
def test_entry_is_found_by_id_name_or_prefix(text, ident):
    assert find_entry(FOUND, text).id == ident


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ko", "'ko' fits several entries: koala, koala-2, koalpaca; give one of these ids"),
        ("kaola", "'kaola': no such entry; did you mean koala, koala-2?"),
        ("zzzzzz", "'zzzzzz': no such entry; there are koala, koala-2, koalpaca, gpt4all, gpt-질의, café"),
        ("a\nb", "'a\\nb': no such entry; there are koala, koala-2, koalpaca, gpt4all, gpt-질의, café"),
        ("", "'': no such entry; there are koala, koala-2, koalpaca, gpt4all, gpt-질의, café"),
    ],
)
def test_what_fits_none_or_several_is_told_the_ids_to_choose_from(text, says):
    with pytest.raises(NotFound) as caught:
        find_entry(FOUND, text)
    assert str(caught.value) == says


def test_catalogue_without_entries_says_so():
    with pytest.raises(NotFound, match="the catalogue has none"):
        find_entry([], "koala")


# -- speed, and the real one --------------------------------------------------------------


def test_a_thousand_entries_are_read_and_written_at_once():
    data = ("## Models\n\n" + fold_named(*(f"Model {n}" for n in range(1000)))).encode()
    began = time.process_time()
    assert len(read_entries(update(data, {}, []).data)) == 1000
    assert time.process_time() - began < 1


@needs_shared
def test_real_catalogue_is_read_as_a_person_reads_it():
    data = (SHARED / "catalogue/README.md").read_bytes()
    truth = json.loads((SHARED / "catalogue/entries.json").read_text("utf-8"))["entries"]
    found = read_entries(data)
    assert [
        (e.section, e.name, e.commercial, e.line, e.end_line, e.start, e.end, e.description) for e in found
    ] == [
        (
            t["section_name"],
            t["name"],
            t["badge"],
            t["first_line"],
            t["last_line"],
            t["byte_first"],
            t["byte_end"],
            t["description"],
        )
        for t in truth
    ]
    assert [e.url for e in found] == [
        t["url"] if (t["url"] or "").startswith("http") else None for t in truth
    ]


@needs_shared
def test_no_ordinary_readme_of_the_inputs_is_taken_for_a_catalogue():
    readmes = (SHARED / "catalogue/inputs").rglob("README.md")
    assert {path.name: len(read_entries(path.read_bytes())) for path in readmes} == {"README.md": 0}
