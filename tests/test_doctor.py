"""`papercap doctor`: a catalogue without findings, and each finding in one that was broken for it."""

from __future__ import annotations

import json
import shutil

import pytest
from conftest import tree
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import make_paper, pymupdf
from shared import SHARED, needs_shared

import papercap as api
from papercap.catalogue import read_readme
from papercap.catalogue.pointers import pointers_of
from papercap.doctor import examine
from papercap.doctor.cases import Case
from papercap.doctor.online import addresses_of
from papercap.fetch.network import NoSuchHost
from papercap.gallery import SIZE_LIMIT
from papercap.gallery.shelves import Look
from papercap.readme import update_readme

CLEAN = """# Models

## Open

<details>
<summary>[LLaMA](https://example.org/llama): weights</summary>

Four sizes; see [notes](notes/a%20few.md#sizes), ![a plot](plot.png) and <a href="notes/">more</a>.
Of [another page](https://example.org/else), mailto:[us](mailto:a@example.org), [here](#models).

```
[code](leads-nowhere.md) ![x](https://example.org/x.png) </div>
```
</details>

<details>
<summary>[Koala](https://example.org/koala)</summary>
<div markdown="1">

For research.
</div>
</details>
"""


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """An archive of two papers, each linked to its entry, and a README in step."""
    folder = tmp_path_factory.mktemp("sound")
    root = folder / "root"
    (root / "notes").mkdir(parents=True)
    (root / "notes/a few.md").write_text("Few.")
    (root / "plot.png").write_bytes(b"a picture")
    (root / "README.md").write_text(CLEAN)
    one = make_paper(folder / "one.pdf")
    two = make_paper(folder / "two.pdf", title="Counting Sheep by Night", author="Bo Sample", seed=7)
    with api.Archive.create(root) as archive:
        api.capture(one, archive, entries=["LLaMA"])
        api.capture(two, archive, entries=["Koala"])
        update_readme(archive, root / "README.md")
    return root


class Patient:
    """The sound archive, to be broken; `doctor()` gives what is found, by code."""

    def __init__(self, papercap):
        self.run, self.root = papercap, papercap.root

    @property
    def readme(self):
        return (self.root / "README.md").read_text()

    def replace(self, old, new):
        assert old in self.readme
        self.write(self.readme.replace(old, new, 1))

    def write(self, text):
        (self.root / "README.md").write_text(text)

    def settings(self, text):
        (self.root / "papercap.toml").write_text(text)

    def add_entry(self, text):
        """Before all others, so that blocks stay where they are."""
        self.replace("## Open\n", f"## Open\n\n{text}\n")

    def line(self, text):
        """Of its first letter, counted from 1."""
        return self.readme[: self.readme.index(text)].count("\n") + 1

    def paper(self, start):
        (found,) = [row["id"] for row in self.run("list", "--json").json if start in row["id"]]
        return found

    def doctor(self, *options):
        done = self.run("doctor", "--json", *options)
        damaged = any(row["severity"] != "hint" for row in done.json)
        assert done.code == (7 if damaged else 0), done
        found = {}
        for row in done.json:
            found.setdefault(row["code"], []).append(row)
        return found

    def only(self, code, *options):
        """The one finding that there is."""
        found = self.doctor(*options)
        assert list(found) == [code]
        (row,) = found[code]
        return row


@pytest.fixture
def patient(papercap, sound):
    shutil.copytree(sound, papercap.root, dirs_exist_ok=True)
    return Patient(papercap)


def fold(name, url=None, notes="Notes."):
    return f"<details>\n<summary>[{name}]({url or 'https://example.org/' + name.lower()})</summary>\n\n{notes}\n</details>\n"


# -- as a whole


def test_a_catalogue_in_order_has_no_findings_and_nothing_is_changed(patient):
    before = tree(patient.root)
    done = patient.run("doctor")
    assert (done.code, done.out) == (0, "nothing found: entries, links, figures and blocks are in order\n")
    assert patient.run("doctor", "--json").json == []
    assert tree(patient.root) == before


def test_each_finding_is_a_line_sorted_by_line_with_counts_last(patient):
    patient.add_entry(fold("Alpaca") + fold("Alpaca") + "</div>\n")
    done = patient.run("doctor")
    assert done.code == 7
    first, second, third, counts = done.out.splitlines()
    assert first.startswith("README.md:5 alpaca: no figures: nothing is linked to it; 'papercap sync alpaca'")
    assert second.startswith("README.md:10 alpaca-2: Alpaca stands in line 5 already (alpaca)")
    assert second.endswith("delete one of the two (warning: double)")
    assert third.startswith("README.md:15: this </div> closes nothing")
    assert counts == "0 errors, 1 warning, 2 hints"


def test_hints_alone_are_no_damage(patient):
    patient.replace("Four sizes", "</div>Four sizes")
    done = patient.run("doctor")
    assert (done.code, done.out.splitlines()[-1]) == (0, "0 errors, 0 warnings, 1 hint")


def test_a_readme_that_is_not_there_is_not_found(patient):
    done = patient.run("doctor", "other.md")
    assert (done.code, done.err.count("\n")) == (4, 1)


def test_a_readme_that_is_named_is_looked_at_alone(patient):
    (patient.root / "other.md").write_text("# Other\n\n## Models\n\n" + fold("Goat", "goat.md"))
    patient.add_entry(fold("Alpaca"))
    patient.settings('catalogues = ["README.md", "other.md", "third.md"]')
    found = patient.doctor("other.md")
    assert {row["file"] for rows in found.values() for row in rows} == {"other.md"}
    assert set(patient.doctor()) == {"no-address", "no-figures", "missing-catalogue"}


# -- entries


def test_two_entries_of_one_name_or_one_address_are_worth_a_hint(patient):
    marsupial = fold("Marsupial", "https://example.org/koala/")
    patient.write(patient.readme + fold("LLaMA", "https://example.org/llama-2") + marsupial)
    found = patient.doctor()
    assert set(found) == {"same-name", "same-address", "no-figures"}
    (named,), (placed,) = found["same-name"], found["same-address"]
    assert (named["entry"], named["line"]) == (
        "llama-2",
        patient.line("<summary>[LLaMA](https://example.org/llama-2)") - 1,
    )
    assert "the name of llama in line 5" in named["what"]
    assert (placed["entry"], placed["severity"]) == ("marsupial", "hint")
    assert "the address of koala in line" in placed["what"]


@pytest.mark.parametrize(
    ("link", "code", "severity", "said"),
    [
        ("(https://a.org/x](https://a.org/y)", "two-addresses", "warning", "https://a.org/y"),
        ("(https://a.org/x", "no-bracket", "warning", "no closing bracket"),
        ("(Alpaca .cpp)", "no-address", "warning", "'Alpaca .cpp' is no http(s) address"),
        ("(alpaca.md)", "no-address", "warning", "'alpaca.md' is no http(s) address"),
        ("", "no-address", "hint", "it has no address"),
    ],
)
def test_what_is_wrong_with_an_entrys_link(patient, link, code, severity, said):
    patient.add_entry(f"<details><summary>[Alpaca]{link} tuned</summary>\n\nNotes.\n</details>")
    found = patient.doctor()
    (row,) = found.pop(code)
    assert (row["line"], row["entry"], row["severity"]) == (5, "alpaca", severity)
    assert said in row["what"]
    assert set(found) == {"no-figures"}


def test_a_fold_that_is_never_closed_is_an_error_once_it_has_figures(patient):
    patient.add_entry("<details>\n<summary>[Goat](https://example.org/goat)</summary>\n\nNotes.\n")
    found = patient.doctor()
    assert found["never-closed"][0]["severity"] == "warning"
    assert "refused" not in found
    assert patient.run("link", patient.paper("counting"), "goat").code == 0
    row = patient.only("never-closed")
    assert (row["severity"], row["entry"], row["line"]) == ("error", "goat", 5)
    assert patient.run("readme").code == 6  # as the finding says


@pytest.mark.parametrize("summary", ["", "<summary></summary>", "<p>[Goat](https://a.org)</p>"])
def test_a_summary_that_could_not_be_read_is_named(patient, summary):
    patient.add_entry(f"<details>{summary}\n\nNotes.\n</details>")
    row = patient.only("unread-summary")
    assert (row["line"], row["entry"], row["severity"]) == (5, None, "warning")
    assert ("holds no name" in row["what"]) == ("<summary>" in summary)


@pytest.mark.parametrize("summary", ["<summary>More words</summary>", "<summary></summary>", ""])
def test_a_fold_elsewhere_is_nobodys_entry(patient, summary):
    patient.write(patient.readme + f"\n## About\n\n<details>{summary}\n\nWords.\n</details>\n")
    assert patient.doctor() == {}


def test_an_item_without_a_link_in_a_list_of_entries_is_a_hint(patient):
    items = "- [A](https://a.org): one\n- [B](https://b.org): two\n- [C](c.org): three\n"
    patient.write(patient.readme + f"\n## Sets\n\n{items}")
    row = patient.doctor()["unread-item"][0]
    assert (row["line"], row["severity"]) == (patient.line("- [C]"), "hint")


def test_an_entry_that_says_nothing_is_a_hint(patient):
    patient.add_entry(fold("Goat", notes=""))
    patient.write(patient.readme + "\n## Sets\n\n- [A](https://a.org)\n- [B](https://b.org): said\n")
    assert [(row["entry"], row["severity"]) for row in patient.doctor()["empty"]] == [
        ("goat", "hint"),
        ("a", "hint"),
    ]


# -- figures


def test_an_entry_to_which_nothing_is_linked(patient):
    patient.add_entry(fold("Goat"))
    row = patient.only("no-figures")
    assert "nothing is linked" in row["what"]
    assert "papercap sync goat" in row["mend"]


def test_an_entry_whose_source_holds_no_figure(patient, tmp_path):
    patient.add_entry(fold("Goat"))
    bare = pymupdf.open()
    bare.new_page().insert_text((72, 72), "Words alone, and no figure anywhere on this page.")
    bare.save(tmp_path / "bare.pdf")
    assert patient.run("add", tmp_path / "bare.pdf", "--entry", "goat").code == 0
    row = patient.only("no-figures")
    (paper,) = {one["id"] for one in patient.run("list", "--json").json if not one["figures"]}
    assert f"{paper} is linked to it and holds none" in row["what"]


def test_an_entry_whose_sources_were_never_added(patient, tmp_path):
    patient.add_entry(fold("Goat"))
    make_paper(patient.root / "goat.pdf", title="On Goats", author="Ge Sample", seed=3)
    patient.settings('[sources]\ngoat = ["goat.pdf"]\nllama = ["https://example.org/never"]\n')
    row = patient.only("no-figures")  # LLaMA has figures: what else it could have is no finding
    assert "never added: goat.pdf" in row["what"]
    shutil.copy(patient.root / "goat.pdf", tmp_path / "elsewhere.pdf")
    assert patient.run("add", tmp_path / "elsewhere.pdf", "--no-links").code == 0  # the same, by its bytes
    assert "nothing is linked" in patient.only("no-figures")["what"]


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ("2302.13971", "https://arxiv.org/abs/2302.13971"),
        ("https://a.org/x/", "http://www.a.org/x"),
        ("papers", "papers/a.pdf"),
        ("papers/*.pdf", "papers/a.pdf"),
        ("papers/a[1].pdf", "./papers/a[1].pdf"),
    ],
)
def test_a_source_is_known_to_be_added_however_it_is_written(patient, given, added):
    from papercap.doctor.given import was_added
    from papercap.settings import Given

    with api.Archive(patient.root) as archive:
        paper = patient.paper("counting")
        assert not was_added(archive, Given(given))

        def edit(old):
            import msgspec

            return msgspec.structs.replace(old, source=msgspec.structs.replace(old.source, typed=added))

        archive.change(paper, edit)
        assert was_added(archive, Given(given))
        assert not was_added(
            archive, Given(given.replace("3", "4").replace("x", "y").replace("papers", "notes"))
        )


def test_an_entry_whose_figures_are_all_of_an_older_version(patient):
    import msgspec

    new = patient.paper("small")
    with api.Archive(patient.root) as archive:
        old = patient.paper("counting")
        archive.change(new, lambda record: msgspec.structs.replace(record, version_of=old))
    found = patient.doctor()
    (row,) = found.pop("no-figures")
    assert (row["entry"], row["severity"]) == ("koala", "warning")
    assert f"all of {old}, of which {new} is a newer version" in row["what"]
    assert set(found) == {"out-of-step"}


def test_an_entry_of_whose_figures_none_may_be_shown(patient):
    patient.settings("[readme]\npublic = true\n")
    assert patient.run("edit", patient.paper("counting"), "--licence", "CC BY 4.0").code == 0
    assert patient.run("readme").code == 0
    row = patient.only("not-public")
    assert (row["entry"], row["severity"]) == ("llama", "hint")


def test_links_to_an_entry_that_is_gone_are_an_error(patient):
    start = patient.readme.index("<details>\n<summary>[Koala]")
    patient.write(patient.readme[:start])
    row = patient.only("stray-link")
    assert (row["file"], row["line"], row["entry"], row["severity"]) == ("README.md", None, "koala", "error")
    assert "4 figures are linked to Koala" in row["what"]
    assert patient.run("relink", "koala", "LLaMA").code == 0  # as it says
    assert set(patient.doctor()) == {"out-of-step"}


def test_links_to_a_catalogue_that_is_none_any_more_are_an_error(patient):
    patient.settings('catalogues = ["README.md", "other.md"]')
    (patient.root / "other.md").write_text("# Other\n\n" + fold("Goat"))
    assert patient.run("link", patient.paper("counting"), "other.md#goat").code == 0
    assert patient.run("readme").code == 0
    assert patient.doctor() == {}
    patient.settings('catalogues = ["README.md"]')
    row = patient.only("stray-link")
    assert (row["file"], row["entry"], row["severity"]) == ("other.md", "goat", "error")


def test_links_that_follow_a_renamed_entry_are_told(patient):
    patient.replace("[Koala]", "[Koala 13B]")
    found = patient.doctor()
    (row,) = found.pop("moved")
    assert (row["entry"], row["severity"], row["line"]) == (
        "koala-13b",
        "hint",
        patient.line("<summary>[Koala 13B]") - 1,
    )
    assert "koala (Koala)" in row["what"]
    assert patient.run("readme").code == 0
    assert patient.doctor() == {}


# -- papercap.toml


def test_sources_of_no_entry_are_named_with_the_nearest_id(patient):
    patient.settings('[sources]\nllama = []\nkoalla = []\n"README.md#goat" = []\n')
    first, second = patient.doctor()["unknown-entry"]
    assert (first["file"], first["line"], first["severity"]) == ("papercap.toml", 3, "warning")
    assert ("koalla" in first["what"], first["mend"]) == (True, "did you mean koala?")
    assert (second["line"], "papercap entries" in second["mend"]) == (4, True)


def test_sources_that_are_files_and_not_there_are_named(patient):
    there = '"plot.png", "*.png", "notes", "https://a.org/x", "2302.13971", "10.1234/abc"'
    patient.settings(f'[sources]\nllama = [{there},\n  "gone.pdf"]\n')
    row = patient.only("missing-source")
    assert (row["file"], row["line"], row["entry"]) == ("papercap.toml", 3, "llama")
    assert "gone.pdf" in row["what"]


# -- text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[x](gone.md)", "gone.md"),
        ("![x](notes/gone%20too.png#part)", "notes/gone too.png"),
        ('<img src="gone.png" width="9">', "gone.png"),
        ("<a href=gone/>x</a>", "gone/"),
        ('[![x](plot.png)](gone.md "title")', "gone.md"),
        ("> quoted [x](<gone 2.md>)", "gone 2.md"),
        ("[x]: /gone.md", "/gone.md"),
        ("[x](a%00b)", "a\0b"),
        (f"[x]({'long' * 300})", "long" * 300),
        ('<picture><source srcset="gone.webp 1x, b.webp 2x"></picture>', "gone.webp"),
    ],
)
def test_links_and_pictures_that_lead_to_no_file(patient, text, path):
    patient.replace("Four sizes; ", f"Four\n\n{text}\n\nsizes; ")
    row = patient.only("missing-file")
    assert (row["line"], row["entry"], row["severity"]) == (patient.line(text), "llama", "warning")
    assert f"leads to {path}," in row["what"]


@pytest.mark.parametrize(
    "text",
    [
        "[x](plot.png?raw=true)", "[x](/plot.png)", "`[x](gone.md)`", "\\[x](gone.md)", "<!-- [x](gone.md) -->", "[x] (gone.md)", "[x\n\ny](gone.md)",
        "[x](#gone)", "[x](//example.org/gone.md)", "[^1]: gone.md", "[x](gone .md)", "[x](<notes/a few.md>)", "[x]({{ site }}/gone.md)",
    ],
)  # fmt: skip
def test_what_leads_to_a_file_or_is_no_link_is_no_finding(patient, text):
    patient.replace("Four sizes; ", f"Four\n\n{text}\n\nsizes; ")
    assert patient.doctor() == {}


@pytest.mark.parametrize(
    "text",
    [
        "![a](https://a.org/x.png)",
        "<img src='http://a.org/x.png'>",
        "![](//a.org/x.png)",
        '<video poster="https://a.org/x.png" src="https://a.org/x.mp4"></video>',
    ],
)
def test_a_picture_from_outside_is_a_hint_inside_an_entry(patient, text):
    patient.replace("# Models", f"# Models\n\n{text}")
    assert patient.doctor() == {}
    patient.replace("Four sizes", f"Four{text} sizes ![](https://img.shields.io/a.svg)")
    row = patient.only("remote-image")
    assert (row["line"], row["entry"], row["severity"]) == (patient.line("Four"), "llama", "hint")
    assert "a.org/x.png" in row["what"]


@pytest.mark.parametrize(
    ("text", "tag"),
    [("</div>", "</div>"), ("<div>\n</details>\n</div>\n<details><summary>x</summary>", "</div>")],
)
def test_tags_that_close_nothing_are_a_hint(patient, text, tag):
    patient.add_entry(f"<details><summary>[Goat](https://a.org)</summary>\n\nNotes.\n{text}\n</details>")
    found = patient.doctor()
    (row,) = found["stray-tag"]
    assert (row["severity"], row["line"]) == ("hint", patient.line("</div>"))
    assert tag in row["what"]


def test_an_end_of_a_fold_that_was_not_begun_is_a_hint(patient):
    patient.replace("# Models", "# Models\n\n</details>")
    row = patient.only("stray-tag")
    assert (row["line"], "</details>" in row["what"]) == (3, True)


# -- writing


def test_a_block_that_was_edited_by_hand_is_an_error_in_its_line(patient):
    patient.replace("archive/", "archives/")
    row = patient.only("refused")
    assert (row["line"], row["entry"], row["severity"]) == (
        patient.line("<!-- papercap:figures"),
        "llama",
        "error",
    )
    assert row["what"] == "this block was edited by hand"
    assert row["mend"].startswith("delete lines ")


def test_a_block_that_was_damaged_is_an_error(patient):
    patient.replace("<!-- /papercap:figures -->\n", "")
    row = patient.only("refused")
    assert (row["severity"], "inside the one of line" in row["what"]) == ("error", True)


def test_a_page_of_a_persons_in_the_way_is_an_error(patient, monkeypatch):
    import papercap.gallery as gallery

    (patient.root / "gallery").mkdir()
    (patient.root / "gallery/llama.md").write_text("Mine.")
    assert patient.doctor() == {}
    monkeypatch.setattr(gallery.update, "__kwdefaults__", gallery.update.__kwdefaults__ | {"limit": 3000})
    with api.Archive(patient.root) as archive:
        found = [one for one in examine(archive) if one.code == "refused"]
    assert [(one.severity, one.line, "stands where a gallery" in one.what) for one in found] == [
        ("error", None, True)
    ]


def test_a_readme_out_of_step_is_told(patient):
    assert patient.run("unlink", patient.paper("counting") + "/figure-1", "koala").code == 0
    row = patient.only("out-of-step")
    assert (row["severity"], row["line"]) == ("warning", None)
    assert patient.run("readme").code == 0
    assert patient.doctor() == {}


def test_a_readme_that_github_would_not_draw_is_told(patient):
    patient.write(patient.readme + "\n" + "word " * (SIZE_LIMIT // 5))
    assert "500" in patient.doctor()["too-long"][0]["what"]
    patient.write(patient.readme[:9000])
    assert "too-long" not in patient.doctor()


def test_a_readme_that_is_no_text_is_an_error(patient):
    (patient.root / "README.md").write_bytes(b"# Models \xff")
    found = patient.doctor()
    assert found["unreadable"][0]["severity"] == "error"
    assert "not UTF-8 at byte 9" in found["unreadable"][0]["what"]
    patient.settings('[sources]\nllama = ["plot.png"]')  # which it may have
    assert set(patient.doctor()) == {"unreadable"}


# -- online


def entry_of(*notes):
    return "# Models\n\n## Open\n\n" + fold("Goat", "http://goats.example/", "\n".join(notes))


def online(root, dial):
    with api.Archive(root) as archive:
        return [
            one
            for one in examine(archive, dial=dial)
            if one.code not in ("no-figures", "out-of-step", "stray-link")
        ]


def test_only_online_asks_and_each_address_once(patient, server):
    here = f"http://127.0.0.1:{server.port}"
    server.page("/there", b"Here.")
    server.page("/gone", b"", 410)
    server.page("/moved", b"", 301, Location="/there")
    server.page("/led", b"", 302, Location="/404")
    server.page("/shut", b"", 403)
    links = f"[a]({here}/there#1) [b]({here}/there#2) {here}/gone. <{here}/shut>\n[c]({here}/moved) [d]({here}/led)\n```\n{here}/404\n```\n"
    goat = fold("Goat", f"{here}/there", links)
    patient.write("# Models\n\n## Open\n\n" + goat)
    patient.run("doctor")
    assert server.asked == []
    found = patient.doctor("--online", "--allow-host", "127.0.0.1")
    assert [(row["line"], row["entry"], row["severity"]) for row in found["broken-link"]] == [
        (patient.line("/gone"), "goat", "warning"),
        (patient.line("/led"), "goat", "warning"),
        (patient.line("/404"), "goat", "warning"),
    ]
    assert not {"no-answer", "no-network", "not-asked"} & set(found)
    asked = [one.path for one in server.asked]
    assert sorted(asked) == ["/404", "/404", "/gone", "/led", "/moved", "/shut", "/there", "/there"]


def test_an_archive_does_not_say_that_servers_are_asked(patient):
    patient.settings("[doctor]\nonline = true\n")
    done = patient.run("doctor")
    assert (done.code, "not for an archive to say" in done.err) == (2, True)


def test_an_address_of_this_machine_is_not_asked_unless_allowed(patient, server):
    patient.write("# Models\n\n## Open\n\n" + fold("Goat", f"http://127.0.0.1:{server.port}/"))
    (row,) = patient.doctor("--online")["not-asked"]
    assert (row["severity"], row["line"], row["entry"]) == ("hint", patient.line("<summary>"), "goat")
    assert "--allow-host 127.0.0.1" in row["what"]
    assert server.asked == []


def test_a_host_that_is_gone_is_a_dead_link_if_others_answer(patient, server, make_client):
    server.page("/", b"Goats.")

    def look_up(host, _port):
        if host == "gone.example":
            raise NoSuchHost(f"{host}: its address cannot be looked up")
        return ["93.184.216.34"]

    patient.write(entry_of("http://gone.example/x"))
    (found,) = online(patient.root, lambda: make_client(look_up))
    assert (found.code, found.severity, found.line) == (
        "broken-link",
        "warning",
        patient.line("http://gone.example"),
    )


def test_trouble_of_our_own_is_no_dead_link(patient, make_client):
    def look_up(host, _port):
        raise NoSuchHost(f"{host}: its address cannot be looked up")

    patient.write(entry_of("http://gone.example/x"))
    (found,) = online(patient.root, lambda: make_client(look_up))
    assert (found.code, found.severity) == ("no-network", "hint")


@pytest.mark.usefixtures("no_waiting")
def test_a_server_that_fails_is_a_hint(patient, server, make_client):
    server.page("/", b"Goats.")
    server.page("/fails", b"", 503)
    server.raw("/babbles", b"no HTTP at all\r\n\r\n")
    patient.write(entry_of("http://goats.example/fails", "http://goats.example/babbles"))
    found = online(patient.root, make_client)
    assert [(one.code, one.severity) for one in found] == [("no-answer", "hint")] * 2
    assert "503" in found[0].what
    assert [one.path for one in server.asked].count("/fails") == 2


def test_addresses_are_read_as_people_write_them():
    text = entry_of(
        "See http://a.org/x_(y), (http://b.org/z). [c](http://c.org/(1)) ![d](http://d.org/p.png)",
        "`http://e.org/?a=1&amp;b=2` **http://f.org/**",
    )
    case = Case(text.encode(), None, "README.md")
    assert [place.address for place in addresses_of(case)] == [
        "http://goats.example/", "http://a.org/x_(y)", "http://b.org/z", "http://c.org/(1)",
        "http://d.org/p.png", "http://e.org/?a=1&b=2", "http://f.org/",
    ]  # fmt: skip


# -- any text, and the real one

PIECES = st.sampled_from(
    "<details>|</details>|<summary>|</summary>|[A](https://a.org)|[A](b)|[A](https://a](c)|](|[|![|<img src=x>|<div>|</div>|# H\n|\n|\n\n"
    '|- |> |```\n|`|<!-- papercap:figures a -->\n|<!-- /papercap:figures -->\n|<!--|-->|\\|"|(|)|한|\0|\r'.split(
        "|"
    )
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    root = tmp_path_factory.mktemp("bare")
    with api.Archive.create(root) as archive:
        yield archive


@settings(max_examples=150, deadline=None)
@given(text=st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=25).map("".join))
def test_any_text_has_findings_and_never_crashes(bare, text):
    path = bare.root / "README.md"
    path.write_bytes(text.encode("utf-8", "ignore"))
    lines = path.read_bytes().count(b"\n") + path.read_bytes().count(b"\r") + 1
    for one in examine(bare, look=Look(public=True)):
        assert one.line is None or 1 <= one.line <= lines
        assert one.what
        assert one.mend
    readme = read_readme(path.read_bytes(), "README.md")
    spans = [pointer.span for pointer in pointers_of(readme)]
    assert all(0 <= span.start < span.end <= len(readme.data) for span in spans)


@needs_shared
def test_the_real_catalogue(papercap):
    shutil.copy(SHARED / "catalogue/README.md", papercap.root)
    papercap("init")
    done = papercap("doctor", "--json")
    found = [(row["code"], row["line"], row["severity"]) for row in json.loads(done.out)]
    assert done.code == 7
    assert [one for one in found if one[0] not in ("no-figures", "empty")] == [
        ("stray-tag", 90, "hint"),
        ("stray-tag", 105, "hint"),
        ("double", 188, "warning"),
        ("remote-image", 270, "hint"),
        ("no-address", 338, "hint"),
        ("two-addresses", 363, "warning"),
        ("no-address", 381, "warning"),
    ]
    assert [one for one in found if one[0] == "empty"] == [
        ("empty", line, "hint") for line in (363, 378, 381)
    ]
    assert len([one for one in found if one[0] == "no-figures"]) == 24  # all but the second Koala
