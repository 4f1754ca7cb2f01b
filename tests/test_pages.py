"""Pages of HTML and Markdown: which pictures are figures, with what captions, as files in an archive."""

from __future__ import annotations

import base64
import io
import json
import random

import pytest
from PIL import Image, ImageDraw

from papercap.documents.page import read_html, read_markdown
from papercap.documents.showing import caption_of, refused_by_pixels, refused_by_reference
from papercap.pdf import Pdf

TEXT = "We measured the loss on four held-out sets, and it falls with the size of the model."


def only(html):
    (picture,) = read_html(html).pictures
    return picture


def refused(html, address="https://example.org/a/b.png"):
    return refused_by_reference(only(html), address)


# -- reading


def test_a_picture_knows_what_stands_around_it():
    page = read_html(
        f"<title>Goats</title><meta name=author content='A. Merrow'><h2>Results</h2><p>{TEXT}</p>"
        "<a href='/big.png'><img src=loss.png alt='the  loss' width=640></a><p>Figure 2. Loss</p>"
    )
    (picture,) = page.pictures
    assert (page.title, page.author) == ("Goats", "A. Merrow")
    assert (picture.original, picture.alt, picture.link) == ("loss.png", "the loss", "/big.png")
    assert (picture.heading, picture.before, picture.after) == ("Results", TEXT, "Figure 2. Loss")
    assert picture.size.width == 640


@pytest.mark.parametrize(
    ("html", "original"),
    [
        ("<img srcset='a.png 320w, b.png 1280w, c.png 640w' src=d.png>", "b.png"),
        ("<img srcset='a.png 1x, b.png 2x' src=d.png>", "b.png"),
        ("<img src='data:image/gif;base64,R0' data-src=real.png>", "real.png"),
        ("<img src=blank.gif data-original='a b(1).png'>", "a b(1).png"),
        ("<picture><source srcset='a.webp 800w, b.webp 1600w'><img src=c.png></picture>", "b.webp"),
        (
            "<picture><source media='(prefers-color-scheme: dark)' srcset=d.png><img src=l.png></picture>",
            "l.png",
        ),
        ("<noscript><img src=twice.png></noscript><img src=once.png>", "once.png"),
        ("<!-- <img src=old.png> --><img src=new.png>", "new.png"),
        (
            "<script>'<img src=no.png>'</script><pre><code>&lt;img src=no.png></code></pre><img src=yes.png>",
            "yes.png",
        ),
        ("<IMG SRC='A.PNG' / ><p>", "A.PNG"),
    ],
)
def test_the_form_of_a_picture_that_is_widest_is_taken(html, original):
    assert only(html).original == original


def test_markdown_is_read_as_github_reads_it():
    page = read_markdown(
        "---\ntitle: 'Counting Goats'\n---\n# Goats\n![loss (1)](./figs/loss(1).png \"t\")\n\n"
        "[//]: # (![no](no.png))\n\n<!-- ![no](no.png) -->\n```\n![no](no.png)\n```\n\n"
        "    ![no](no.png)\n\n<p align=center><img src=assets/b%20c.png width=80%></p>\n\n| a |\n|---|\n| ![q](q.png) |\n"
    )
    assert [picture.original for picture in page.pictures] == [
        "./figs/loss(1).png",
        "assets/b%20c.png",
        "q.png",
    ]
    assert page.title == "Counting Goats"
    assert page.pictures[1].size.share == 0.8


def test_a_table_with_a_caption_is_kept_down_to_words_rows_and_columns():
    page = read_html(
        f"<p>{TEXT}<table class=x onclick=y><caption>Table 2. Ages</caption>"
        "<tr><th colspan=2 style='color:red'>Farm<script>no</script><tr><td>A &lt; B<td>x<math><msup><mi>a</mi><mn>2</mn></msup>"
        "<annotation>a^2</annotation></math><tr><td><a href=z>C</a><td></table><p>After"
    )
    (table,) = page.pictures
    assert (table.how, table.figcaption, table.before, table.after) == (
        "table",
        "Table 2. Ages",
        TEXT,
        "After",
    )
    assert table.inline == (
        '<table><tr><th colspan="2">Farm</th></tr><tr><td>A &lt; B</td><td>x<i>a<sup>2</sup></i></td></tr>'
        "<tr><td>C</td><td></td></tr></table>"
    )
    assert (caption_of(table).label, caption_of(table).kind) == ("Table 2", "table")


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td><img src=a.png><td>x<tr><td>y<td>z</table>",  # it places a picture
        "<table><caption>Menu</caption><tr><td>a<td>b</table>",
        "<table><caption>Menu</caption><tr><td>a<tr><td>b</table>",
        "<table><caption>Deep</caption>" + "<tr><td><b>" * 300 + "</table>",
    ],
)
def test_what_is_laid_out_as_a_table_and_is_none_is_no_figure(html):
    assert not [one for one in read_html(html).pictures if one.how == "table"]


def test_a_table_without_a_caption_is_left_out():
    table = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    assert refused(table) == "a table without a caption"
    assert refused(f"{table}<p>Table 3: Letters</p>") == ""


def test_parts_of_a_figure_have_its_caption_and_a_listing_is_its_words():
    page = read_html(
        "<figure><figure><img src=a.png><figcaption>(a) one</figcaption></figure><figure><img src=b.png></figure>"
        "<figcaption>Figure 4: Both</figcaption></figure>"
        "<figure><figcaption>Algorithm 1 Count</figcaption><div><b>for</b> each goat</div></figure>"
        "<figure><figcaption>Words alone</figcaption></figure>"
    )
    one, two, listing = page.pictures
    assert (one.figcaption, one.alt, two.figcaption) == ("Figure 4: Both", "(a) one", "Figure 4: Both")
    assert (listing.how, listing.inline) == ("listing", "<div><b>for</b> each goat</div>")
    assert caption_of(listing).kind == "algorithm"


@pytest.mark.parametrize(
    ("html", "width", "share"),
    [
        ("<img src=a width=300>", 300, None),
        ("<img src=a width='300px/'>", 300, None),
        ("<img src=a width=50%>", None, 0.5),
        ("<img src=a style='height: 1em; width: auto'>", None, None),
        ("<img src=a style='width: 55em'>", 880, None),
        ("<img src=a style='WIDTH:50%;max-width:300px'>", 300, 0.5),
        ("<img src=a width=1.2.3>", None, None),
    ],
)
def test_sizes_are_read_in_every_unit(html, width, share):
    size = only(html).size
    assert (size.width, size.share) == (width, share)


def test_thousands_of_pictures_and_open_tags_are_no_trouble():
    assert len(read_html("<img src=a.png>" * 9000).pictures) == 2000
    assert read_html("<div><a href=x><figure>" * 20_000 + "<svg><svg>").pictures == ()


# -- which are figures


@pytest.mark.parametrize(
    ("html", "address", "why"),
    [
        ("<img src=a>", "https://img.shields.io/pypi/v/x", "a badge"),
        ("<img src=a>", "https://ci.example.org/me/badge.svg", "a badge"),
        ("<img src=a>", "https://example.org/assets/logo.png", "a logo"),
        ("<img src=a>", "https://example.org/icons/mac.png", "an icon"),
        ("<img src=a>", "https://example.org/img/myAvatar_2.jpg", "a portrait"),
        ("<img src=a>", "https://example.org/plot.png#gh-dark-mode-only", "the dark twin of another"),
        ("<img src=a width=50>", "https://example.org/plot.png", "shown too small"),
        ("<img src=a style='height:1em'>", "https://example.org/plot.png", "shown too small"),
        ("<img src=a width=20%>", "https://example.org/plot.png", "shown too small"),
        ("<img src=a style='display: none'>", "https://example.org/plot.png", "hidden"),
        (
            "<a href='https://youtu.be/x'><img src=a></a>",
            "https://example.org/still.png",
            "a video's first picture",
        ),
        ("<video src=a.mp4>", "https://example.org/a.mp4", "a video"),
        ("<iframe src=a.html></iframe>", "https://example.org/a.html", "another page shown inside"),
        (
            "<meta property='og:image' content=a>",
            "https://example.org/a.png",
            "the picture for links to the page",
        ),
        ("<svg width=16><path d='M0 0'/></svg>", "", "an icon drawn in the page"),
        (
            "<svg viewbox='0 0 16 16'><path d='M0 0'/></svg><p>Figure 1. All</p>",
            "",
            "an icon drawn in the page",
        ),
        ("<svg aria-hidden=true width=900></svg>", "", "hidden"),
    ],
)
def test_what_is_no_figure_is_left_out_for_a_reason(html, address, why):
    assert refused(html, address) == why


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ("<img src=a>", "https://example.org/logology/loss.png"),
        ("<img src=a alt='logo of the method'>", "https://example.org/results.png"),
        ("<img src=a width=250>", "https://example.org/plot.png"),
        ("<a href=big.png><img src=a></a>", "https://example.org/plot.png"),
        ("<img src=a alt=Banner>", "https://user-images.example.org/1/2.png"),
        ("<figure><svg width=260></svg><figcaption>Figure 1. All</figcaption></figure>", ""),
    ],
)
def test_a_figure_is_kept(html, address):
    assert refused(html, address) == ""


def test_a_row_of_linked_pictures_is_badges_and_a_row_of_plots_is_not():
    badges = read_html("<p>" + "<a href=x><img src=a.png></a> " * 3 + "</p>").pictures
    plots = read_html("<p>" + "<img src=a.png width=30%> " * 3 + "</p>").pictures
    assert all(refused_by_reference(one, "https://example.org/1.png") for one in badges)
    assert not any(refused_by_reference(one, "https://example.org/1.png") for one in plots)


def test_a_picture_at_the_head_of_a_page_is_a_figure_if_it_looks_like_one():
    photo = only(
        f"<h1>Goats, and how to count them in any weather that there may be</h1><img src=goat.jpg><p>{TEXT}</p>"
    )
    named = only(f"<h1>Goats</h1><img src=architecture.png><p>{TEXT}</p>")
    later = read_html(f"<h1>Goats</h1><p>{TEXT}</p><img src=goat.jpg>").pictures[0]
    assert refused_by_pixels(photo, "", 1200, 800, 0.1, vector=False) == "the picture at the head of the page"
    assert refused_by_pixels(photo, "", 1200, 800, 0.9, vector=False) == ""
    assert refused_by_pixels(named, "", 1200, 800, 0.1, vector=False) == ""
    assert refused_by_pixels(later, "", 1200, 800, 0.1, vector=False) == ""


@pytest.mark.parametrize(
    ("size", "why"), [((60, 60), "too small"), ((1800, 120), "too long"), ((150, 150), "too small")]
)
def test_pixels_tell_what_a_page_does_not(size, why):
    assert refused_by_pixels(only("<img src=a>"), "", *size, 1.0, vector=False) == why


def test_a_caption_below_one_picture_is_not_the_next_ones():
    one, two = read_html("<img src=a><p>Figure 1. Loss</p><img src=b alt='How it is done'>").pictures
    assert (caption_of(one).label, caption_of(two).caption) == ("Figure 1", "How it is done")


@pytest.mark.parametrize(
    ("html", "caption", "label"),
    [
        (
            "<figure><img src=a alt=x><figcaption>Figure 3: Loss.</figcaption></figure>",
            "Figure 3: Loss.",
            "Figure 3",
        ),
        ("<img src=a><p>Fig. 2 – Loss</p>", "Fig. 2 – Loss", "Fig. 2"),
        ("<p>그림 4. 손실</p><img src=a>", "그림 4. 손실", "그림 4"),
        ("<img src=a><p>شکل ۲. نتایج</p>", "شکل ۲. نتایج", "شکل ۲"),
        (f"<h3>Setup</h3><img src=a><p>Figure 2 shows the loss. {TEXT} {TEXT}</p>", "Setup", ""),
        ("<img src=a><p>[표 1] 결과</p>", "[표 1] 결과", "표 1"),
        ("<h3>Setup</h3><img src=a alt='How the model is trained'>", "How the model is trained", ""),
        ("<h3>Setup</h3><img src=a alt=image.png>", "Setup", ""),
        ("<h3>Setup</h3><img src=a alt=image><p>Figures are nice.</p>", "Setup", ""),
        ("<img src=a>", "", ""),
    ],
)
def test_the_caption_is_what_says_most(html, caption, label):
    said = caption_of(only(html))
    assert (said.caption, said.label) == (caption, label)


# -- into the archive


def plot(seed=1, size=(640, 400)):
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    rng = random.Random(seed)
    pen.line([(x, rng.randrange(size[1])) for x in range(20, size[0], 40)], fill="#1f77b4", width=4)
    return image


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def site(papercap):
    root = papercap.root / "site"
    (root / "posts").mkdir(parents=True)
    (root / "images").mkdir()
    (root / ".git").mkdir()
    for number in (1, 2, 3):
        (root / "images" / f"loss {number}.png").write_bytes(png(plot(number)))
    (root / "images" / "twin.png").write_bytes(png(plot(1)))
    (root / "images" / "tiny.png").write_bytes(png(plot(4, (40, 40))))
    (root / "images" / "logo.png").write_bytes(png(plot(5)))
    (root / "images" / "chart.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg' width='400' height='200'><text x='20' y='90'>Accuracy by size</text></svg>"
    )
    data = base64.b64encode(png(plot(6))).decode()
    (root / "posts" / "goats.md").write_text(
        f"# Counting goats\n\n{TEXT}\n\n![logo](/images/logo.png)\n\n![loss](<../images/loss 1.png>)\n\nFigure 1. The loss.\n\n"
        f"## More\n\n<img src='/images/loss%202.png'>\n\n![t](../images/twin.png) ![t](/images/tiny.png)\n\n"
        f"<figure><img src='data:image/png;base64,{data}'><figcaption>Figure 2. All of it.</figcaption></figure>\n\n"
        "![Accuracy by size](../images/chart.svg)\n\n![gone](../images/gone.png)\n\n![secret](../../../../etc/hostname.png)\n"
    )
    return root


def captured(papercap, *arguments, code=0):
    done = papercap("add", *arguments, "--json")
    assert done.code == code, done.err
    (report,) = done.json
    return report


def test_a_local_page_becomes_a_paper_of_its_figures(papercap, site):
    report = captured(papercap, site / "posts" / "goats.md", code=3)
    rows = report["figures"]
    paper = report["paper"]
    assert [(row["id"].removeprefix(f"{paper}/"), row["caption"]) for row in rows] == [
        ("figure-1", "Figure 1. The loss."),
        ("figure-p2-1", "More"),
        ("figure-2", "Figure 2. All of it."),
        ("figure-p5-1", "Accuracy by size"),
    ]
    assert [row["original"] for row in rows[:2]] == ["../images/loss 1.png", "/images/loss%202.png"]
    with Image.open(papercap.root / rows[0]["image"]) as crop:
        assert crop.convert("RGB").tobytes() == plot(1).tobytes()
    assert {missed["why"].split(" was not")[0] for missed in report["missed"]} == {
        "picture gone.png", "picture hostname.png",
    }  # fmt: skip
    record = json.loads((papercap.root / "archive" / paper / "record.json").read_text())
    assert (record["kind"], record["title"]["value"]) == ("page", "Counting goats")
    assert papercap("check").code == 0
    assert [hit["id"] for hit in papercap("search", "accuracy", "--json").json] == [f"{paper}/figure-p5-1"]


def test_the_same_page_again_changes_nothing_and_another_picture_makes_another_paper(papercap, site):
    page = site / "posts" / "goats.md"
    first = captured(papercap, page, code=3)
    assert captured(papercap, page)["status"] == "unchanged"
    page.write_text(page.read_text() + "\nA word more, and no picture.\n")
    assert captured(papercap, page)["status"] == "unchanged"
    (site / "images" / "loss 2.png").write_bytes(png(plot(9)))
    assert captured(papercap, page, code=3)["paper"] != first["paper"]


def test_tables_listings_and_videos_of_a_page(papercap):
    page = papercap.root / "ages.html"
    rows = "".join(f"<tr><td>Farm {number}</td><td>{number * 3}</td></tr>" for number in range(4))
    page.write_text(
        f"<!doctype html><title>Ages</title><p>{TEXT}</p><table><caption>Table 1. 염소의 나이</caption>{rows}</table>"
        "<figure><figcaption>Algorithm 1 Count</figcaption><pre>for goat in farm:\n    count += 1</pre></figure>"
        "<video><source src='https://example.org/walk.mp4'></video>"
    )
    report = captured(papercap, page)
    assert [(row["label"], row["kind"]) for row in report["figures"]] == [
        ("Table 1", "table"), ("Algorithm 1", "algorithm"),
    ]  # fmt: skip
    assert report["note"] == "1 video noted, not captured"
    assert (
        "noted: a video, not captured: https://example.org/walk.mp4" in papercap("show", report["paper"]).out
    )
    for row, words in zip(report["figures"], ("Farm 3", "count += 1"), strict=True):
        with Pdf(papercap.root / row["vector"]) as pdf:
            assert words in " ".join(line.text for line in pdf.page(1).lines)
    assert [hit["label"] for hit in papercap("search", "farm", "--json").json] == ["Table 1", "Algorithm 1"]
    assert papercap("check").code == 0


def test_what_can_be_done_to_a_pdf_can_be_done_to_a_page(papercap, site):
    report = captured(papercap, site / "posts" / "goats.md", code=3)
    paper, figure = report["paper"], report["figures"][1]["id"]
    assert papercap("crop", paper, "--page", "2", "--box", "10,10,90,60", "--label", "Figure 9").code == 0
    assert papercap("fix", figure, "--caption", "Figure 4. More loss").code == 0
    assert papercap("sheet", paper, "--out", "sheet.png").code == 0
    assert papercap("get", report["figures"][3]["id"], "--out", "chart.svg").code == 0
    image = papercap.root / report["figures"][0]["image"]
    whole = image.read_bytes()
    image.write_bytes(b"")
    assert papercap("check", "--repair").code == 0
    assert image.read_bytes() == whole
    again = captured(papercap, site / "posts" / "goats.md", "--again", code=3)
    assert again["paper"] == paper
    assert {row["id"] for row in report["figures"]} <= {row["id"] for row in again["figures"]}
    (site / "images" / "loss 3.png").unlink()
    lost = papercap.root / "archive" / paper / "source" / "01.png"
    lost.unlink()
    assert papercap("check").code == 7


def test_a_page_without_figures_is_a_success(papercap):
    page = papercap.root / "notes.html"
    page.write_text(
        f"<!doctype html><title>Notes</title><p>{TEXT}</p><img src='https://img.shields.io/x/y.svg'>"
    )
    report = captured(papercap, page)
    assert (report["status"], report["figures"]) == ("captured", [])
    other = papercap.root / "other.html"
    other.write_text(page.read_text().replace("<p>", "<p>Once more: "))
    assert captured(papercap, other)["paper"] != report["paper"]


def test_a_page_made_to_be_slow_ends_and_a_huge_one_is_refused(papercap, monkeypatch):
    page = papercap.root / "deep.md"
    page.write_text("[" * 20_000 + "![a](b" * 5000)
    assert papercap("add", page).code == 0
    page = papercap.root / "huge.html"
    page.write_bytes(b"<!doctype html>" + b"<p>word " * 3_000_000)
    done = papercap("add", page)
    assert done.code == 5
    assert "24 MB are more than the 20 MB allowed of a page" in done.err


def test_a_folder_without_papers_gives_its_pages(papercap, site):
    done = papercap("add", site, "--json")
    assert [report["source"].rsplit("/", 1)[-1] for report in done.json] == ["goats.md"]
    dry = papercap("add", site / "posts" / "goats.md", "--dry-run", "--json")
    assert dry.json[0]["status"] == "unchanged"


def test_a_page_in_an_older_encoding_is_read(papercap, site):
    page = site / "old.html"
    page.write_bytes(
        "<!doctype html><meta charset='euc-kr'><title>염소 세기</title><img src='images/loss 1.png'>".encode(
            "euc-kr"
        )
    )
    paper = captured(papercap, page)["paper"]
    assert papercap("show", paper, "--json").json["title"]["value"] == "염소 세기"


def test_extract_takes_a_page_and_leaves_nothing_behind(papercap, site, tmp_path):
    (items,) = papercap("extract", site / "posts" / "goats.md", "--json").json
    assert len(items["items"]) == 4
    assert not (papercap.root / "archive").exists()


def test_a_gallery_says_no_page_where_there_are_none(papercap, site):
    papercap("add", site / "posts" / "goats.md")
    (papercap.root / "README.md").write_text(
        "# Mine\n\n<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n"
    )
    assert papercap("readme").code == 0
    text = (papercap.root / "README.md").read_text()
    assert "<b>Figure 1</b> · The loss." in text
    assert "p. 1" not in text
    assert "on page" not in text
    assert "<i></i>" not in text


DRAWN = """<svg viewBox="0 0 400 200"><defs><linearGradient id="g"><stop offset="0" stop-color="#26a"/></linearGradient></defs>
<rect width="400" height="200" fill="url(#g)"/><svg x="9"><circle r="5"/></svg><text x="20" y="90">Drawn &amp; shown</text></svg>"""


def test_an_svg_that_is_drawn_in_the_page_is_kept_as_it_is_written():
    picture = only(f"<p>{DRAWN}</p>")
    assert picture.inline == DRAWN
    unclosed = only("<svg width=300><g><path d='M0 0'/></svg><p>after</p>")
    assert unclosed.inline.endswith("</g></svg>")
    assert unclosed.after == "after"


def test_an_svg_that_is_drawn_in_the_page_becomes_a_figure(papercap):
    page = papercap.root / "drawn.html"
    page.write_text(f"<!doctype html><p>{TEXT}</p><div>{DRAWN}</div><p>Figure 7. All of it.</p>")
    (row,) = captured(papercap, page)["figures"]
    assert row["caption"] == "Figure 7. All of it."
    with Image.open(papercap.root / row["image"]) as crop:
        assert len(crop.convert("RGB").getcolors(1 << 20)) > 1
    assert [hit["id"] for hit in papercap("search", "drawn shown", "--json").json] == [row["id"]]


def test_addresses_that_are_none_are_told_of_and_pictures_in_the_page_make_no_long_records(papercap, site):
    page = site / "odd.html"
    data = base64.b64encode(png(plot(3))).decode()
    page.write_text(
        f"<!doctype html><p>{TEXT}</p><img src='http://[::1'><p><a href='http://[x'><img src='images/loss 2.png'></a><p>"
        f"<img src='data:image/png;base64,{data}'><img src='data:image/png;base64,%%%'>"
    )
    report = captured(papercap, page, code=3)
    assert [row["original"] for row in report["figures"]] == ["images/loss 2.png", "data:"]
    assert len(report["missed"]) == 2
    assert data not in (papercap.root / "archive" / report["paper"] / "record.json").read_text()
