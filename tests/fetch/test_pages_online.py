"""Pages from a server: their pictures are fetched as they are, each by the rules for any address."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw

import papercap.fetch
from papercap import pipeline
from papercap.archive import Archive
from papercap.pipeline.batch import Watcher
from papercap.sources.resolve import resolve

pytestmark = pytest.mark.usefixtures("no_waiting")
TEXT = "<p>" + "We measured the loss on four held-out sets. " * 3 + "</p>"


def png(seed, size=(500, 300)):
    image = Image.new("RGB", size, "white")
    rng = random.Random(seed)
    points = [(x, rng.randrange(size[1])) for x in range(0, size[0], 20)]
    ImageDraw.Draw(image).line(points, fill="#b2452f", width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def add(make_client, tmp_path, monkeypatch):
    monkeypatch.setattr("papercap.fetch.clock.SECONDS", 0.0)
    monkeypatch.setattr(papercap.fetch, "open_client", lambda *_, **__: make_client())

    def run(*typed):
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        with Archive.create(root) as archive:
            reports = pipeline.add(lambda: archive, typed, pipeline.Request(), 1, Watcher())
            return [(report, archive.record(report.paper) if report.paper else None) for report in reports]

    return run


def originals(report):
    return [row.original for row in report.figures]


def test_addresses_of_every_form_lead_to_the_pictures(server, secure, add):
    page = f"""<!doctype html><title>Loss</title><base href="/posts/2023/">
    <meta name="author" content="Ada Merrow"><a rel="license" href="https://example.org/by">CC BY</a>{TEXT}
    <img src="a.png"><img src="../b b.png?w=1&h=2"><img src="/c.png"><img src="//example.org/d.png">
    <img src="https://example.org/e.png"><img src="x.gif" data-src="f%20f.png"><img src="blob:https://x/1">"""
    secure.page("/posts/loss", page.encode(), Content_Type="text/html")
    paths = [
        "/posts/2023/a.png",
        "/posts/b%20b.png?w=1&h=2",
        "/c.png",
        "/d.png",
        "/e.png",
        "/posts/2023/f%20f.png",
    ]
    for number, path in enumerate(paths):
        secure.page(path, png(number), Content_Type="text/plain")
    ((report, record),) = add("https://example.org/posts/loss")
    assert originals(report) == [
        "a.png", "../b b.png?w=1&h=2", "/c.png", "//example.org/d.png", "https://example.org/e.png", "f%20f.png",
    ]  # fmt: skip
    assert ["blob" in missed.why for missed in report.missed] == [True]
    assert (record.kind, record.source.url) == ("page", "https://example.org/posts/loss")
    assert (record.source.licence, record.authors.value) == ("https://example.org/by", ("Ada Merrow",))


def test_row_42_each_picture_is_asked_for_by_the_rules_for_any_address(secure, server, make_client, add):
    page = f"""<!doctype html>{TEXT}<img src="http://127.0.0.1/a.png"><img src="http://10.0.0.1/b.png">
    <img src="file:///etc/passwd"><img src="/page.png"><img src="/gone.png"><img src="/good.png">"""
    secure.page("/", page.encode())
    secure.page("/page.png", b"<html>log in")
    secure.page("/good.png", png(1))
    ((report, _),) = add("https://example.org/")
    assert originals(report) == ["/good.png"]
    assert len(report.missed) == 5
    assert sorted(
        reason for missed in report.missed for reason in ("file", "text/html", "404") if reason in missed.why
    )


def test_row_42_of_thousands_of_pictures_some_hundred_are_fetched(secure, add, monkeypatch):
    monkeypatch.setattr("papercap.pipeline.pages.MAX_FETCHED", 7)
    secure.page("/", (TEXT + "".join(f"<img src=/{n}.png>" for n in range(5000))).encode())
    for number in range(10):
        secure.page(f"/{number}.png", png(number))
    ((report, _),) = add("https://example.org/")
    assert len(report.figures) == 7
    assert sum(asked.path.endswith(".png") for asked in secure.asked) == 7


def test_a_page_that_was_fetched_before_is_unchanged(secure, add):
    secure.page("/", f"<html>{TEXT}<img src=/a.png><!-- 1 -->".encode())
    secure.page("/a.png", png(1))
    add("https://example.org/")
    secure.page(
        "/", f"<html>{TEXT}<img src=/a.png><!-- 2, an hour later --><script>var t=7</script>".encode()
    )
    ((report, _),) = add("https://example.org/")
    assert report.status == "unchanged"


README = f"""<p align="center"><img src="assets/logo.png" width="400"></p>

# Goats

[![ci](https://github.com/me/goats/actions/workflows/ci.yml/badge.svg)](https://github.com/me/goats)

{TEXT}

![Training loss](figs/loss.png)
![Held-out loss](https://github.com/me/goats/blob/main/figs/held-out.png?raw=true)
"""


@pytest.mark.parametrize(
    "typed",
    [
        "https://github.com/me/goats", "github.com/me/goats/", "https://github.com/me/goats.git",
        "https://github.com/me/goats#readme", "https://github.com/me/goats/blob/HEAD/README.md",
        "https://raw.githubusercontent.com/me/goats/HEAD/README.md",
    ],
)  # fmt: skip
def test_row_45_a_repository_means_its_readme(secure, add, typed):
    secure.page("/me/goats/HEAD/README.md", README.encode())
    secure.page("/me/goats/HEAD/figs/loss.png", png(1))
    secure.page("/me/goats/main/figs/held-out.png", png(2))
    ((report, record),) = add(typed)
    assert [row.caption for row in report.figures] == ["Training loss", "Held-out loss"]
    assert record.source.url == "https://raw.githubusercontent.com/me/goats/HEAD/README.md"
    assert report.paper.startswith("goats-")


def test_row_45_folders_other_names_files_and_hugging_face(secure, add):
    secure.page("/me/goats/v1/docs/readme.md", f"{TEXT}\n\n![Loss](a.png)".encode())
    secure.page("/me/goats/v1/docs/a.png", png(1))
    secure.page("/me/goats/resolve/main/README.md", f"{TEXT}\n\n![Loss](b.png)".encode())
    secure.page("/me/goats/resolve/main/b.png", png(2))
    secure.page("/me/goats/main/plot.png", png(3))
    found = add(
        "https://github.com/me/goats/tree/v1/docs", "https://huggingface.co/me/goats",
        "https://github.com/me/goats/blob/main/plot.png", "https://github.com/me/none",
    )  # fmt: skip
    assert [originals(report) for report, _ in found[:3]] == [["a.png"], ["b.png"], [None]]
    assert "no README" in found[3][0].error
    assert found[3][0].code == 4


@pytest.mark.parametrize(
    "typed",
    ["https://github.com/me", "https://github.com/topics/llm", "https://huggingface.co/papers/2302.13971",
     "https://github.com/user-attachments/assets/1", "https://github.com/me/goats/issues/3"],
)  # fmt: skip
def test_what_is_no_repository_is_any_page(typed):
    assert type(resolve(typed).fetcher).__name__ == "WebFetcher"
