"""arXiv's HTML as second witness of a paper: its captions and pictures, and what only one of the two has."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw
from test_ids import API, ENTRY, FEED, OAI, OAI_PATH

import papercap.fetch
from papercap import pipeline
from papercap.archive import Archive
from papercap.pipeline.batch import Watcher

pytestmark = pytest.mark.usefixtures("no_waiting")
HTML = """<!doctype html><html><head><title>Counting Goats</title><base href="/html/1706.03762v7/"></head><body>
<figure id="S1.F1" class="ltx_figure"><img src="x1.png" class="ltx_graphics" width="598" height="300" alt="Refer to caption">
<figcaption class="ltx_caption"><span class="ltx_tag">Figure 1: </span>Loss of the model <math><semantics><mi>θ</mi>
<annotation encoding="application/x-tex">\\theta</annotation></semantics></math> over 10 steps.</figcaption></figure>
<figure id="S1.T1" class="ltx_table"><figcaption class="ltx_caption"><span class="ltx_tag">Table 1: </span>Scores of the
tuned models ≥ 7B.</figcaption><table class="ltx_tabular"><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table></figure>
<figure id="S2.F2" class="ltx_figure"><img src="x2.png" width="598"><figcaption>Figure 2: Zebras by quartz, jumped
vex.</figcaption></figure>
<figure id="S3.F5" class="ltx_figure"><img src="x5.png" width="598"><figcaption>Figure 5: Hooves.</figcaption></figure>
</body></html>"""


def png(seed):
    image = Image.new("RGB", (598, 300), "white")
    rng = random.Random(seed)
    ImageDraw.Draw(image).line([(x, rng.randrange(300)) for x in range(0, 598, 20)], fill="#b2452f", width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def add(secure, make_client, paper, tmp_path, monkeypatch):
    monkeypatch.setattr("papercap.fetch.clock.ARXIV_SECONDS", 0.01)
    monkeypatch.setattr(papercap.fetch, "open_client", lambda *_, **__: make_client())
    secure.page(API, FEED.format(entry=ENTRY).encode())
    secure.page(OAI_PATH, OAI.encode())
    secure.page("/pdf/1706.03762v7", paper.read_bytes())
    with Archive.create(tmp_path / "root") as archive:

        def run(typed="arXiv:1706.03762", **how):
            request = pipeline.Request(**how)
            (report,) = pipeline.add(lambda: archive, [typed], request, 1, Watcher())
            return report, archive.record(report.paper)

        run.archive = archive
        yield run


def captions(record):
    return {figure.label: figure.caption.value for figure in record.figures}


def test_captions_and_pictures_come_from_the_html_and_what_one_alone_has_is_told(secure, add):
    secure.page("/html/1706.03762v7", HTML.encode())
    for name in ("x1", "x2", "x5"):
        secure.page(f"/html/1706.03762v7/{name}.png", png(name))
    report, record = add(with_html=True)
    assert captions(record) == {
        "Figure 1": "Figure 1: Loss of the model θ over 10 steps.",
        "Table 1": "Table 1: Scores of the tuned models ≥ 7B.",
        "Figure 2": "Figure 2: Loss of the model over 20 steps.",
        "Table 2": "Table 2: Scores of the tuned models.",
    }
    assert {figure.label: figure.original for figure in record.figures if figure.original} == {
        "Figure 1": "x1.png"
    }
    assert [(missed.label, missed.page, missed.why) for missed in report.missed] == [
        ("Figure 5", 0, "is in arXiv's HTML and was not found in the PDF")
    ]
    assert sorted(record.warnings) == [
        "Figure 2 has another caption in arXiv's HTML: Figure 2: Zebras by quartz, jumped vex.",
        "Table 2 is not in arXiv's HTML",
    ]
    folder = add.archive.store.path(record.id)
    assert (folder / "witness" / "01.png").read_bytes() == png("x1")
    assert "witness/01.png" in record.files
    secure.pages.clear()
    _report, again = add(str(folder / "source.pdf"), again=True)
    assert captions(again) == captions(record)
    assert {name for name in record.files if "witness" in name} <= set(again.files)


def test_a_paper_without_html_is_captured_all_the_same(secure, add, paper):
    report, record = add(with_html=True)
    assert report.status == "captured"
    assert "without HTML (" in report.note
    assert captions(record)["Figure 1"] == "Figure 1: Loss of the model over 10 steps."
    secure.page("/html/1706.03762v7", HTML.encode())
    report, record = add(str(paper), with_html=True, again=True)  # its arXiv id is known by now
    assert captions(record)["Figure 1"].endswith("θ over 10 steps.")


def test_a_file_of_which_no_arxiv_id_is_known_is_told(add, paper):
    report, _record = add(str(paper), with_html=True)
    assert "name the paper by its arXiv id" in report.note
