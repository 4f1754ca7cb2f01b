"""Papers that are typeset for the test, with the exact truth, are captured as they were typeset."""

import json
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import pymupdf
import pytest

import papercap
from papercap.geometry import Box, iou

pytest.importorskip("typst")

MAKE = Path(__file__).parents[1] / "bench" / "made" / "make.py"
BRACKETED = 133  # Korean, "[그림 1]" and "[표 1]"
SEEDS = (BRACKETED, 127, 135, 118, 105, 123)  # one and two columns; ko, en, es, ru, id; 123 is a hard one
RULED, FRAMED, MANY = 236, 100, 138  # rules between body and caption; a frame; floats side by side
SAME_BOX, SAME_TEXT = 0.8, 0.9
FLOOR = 0.75  # of recall and precision


class Made(NamedTuple):
    truth: list[dict]
    found: list[dict]


def make(folder, seed):
    command = [sys.executable, MAKE, folder, "--seed", str(seed), "--count", "1"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "pdfs" / "made-0001.pdf"


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory):
    return {seed: make(tmp_path_factory.mktemp("made"), seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def by_seed(pdfs):
    return {seed: read(pdf) for seed, pdf in pdfs.items()}


@pytest.fixture(scope="module")
def papers(by_seed):
    return list(by_seed.values())


def read(pdf):
    found = papercap.extract(pdf).figures
    return Made(truth_of(pdf), [as_truth(figure) for figure in found])


def truth_of(pdf):
    return json.loads((pdf.parents[1] / "truth" / f"{pdf.stem}.json").read_text("utf-8"))["items"]


def as_truth(figure):
    caption = figure.caption.value if figure.caption else ""
    return {
        "kind": figure.kind,
        "label": figure.label,
        "page": figure.page,
        "bbox": figure.box,
        "caption": caption,
    }


def letters(text):
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def same_caption(one, other):
    one, other = letters(one or ""), letters(other or "")
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= SAME_TEXT


def agree(ours, item):
    return (
        (ours["page"], ours["kind"]) == (item["page"], item["kind"])
        and iou(Box(*ours["bbox"]), Box(*item["bbox"])) >= SAME_BOX
        and same_caption(ours["caption"], item["caption"])
    )


def test_most_figures_are_found_where_they_were_typeset_with_their_captions(papers):
    truth = sum(len(paper.truth) for paper in papers)
    found = sum(len(paper.found) for paper in papers)
    right = sum(any(agree(ours, item) for ours in paper.found) for paper in papers for item in paper.truth)
    assert right / truth >= FLOOR, (right, truth, found)
    assert right / found >= FLOOR, (right, truth, found)


def test_sentences_that_begin_with_a_label_are_not_taken_for_captions(papers):
    for paper in papers:
        captions = [item["caption"] for item in paper.truth if item["caption"]]
        spurious = [
            ours["caption"]
            for ours in paper.found
            if ours["caption"]
            and not any(letters(text)[:14] == letters(ours["caption"])[:14] for text in captions)
        ]
        assert not spurious


def test_no_label_is_told_of_twice_on_a_page(papers):
    for paper in papers:
        places = [(ours["label"], ours["page"]) for ours in paper.found]
        assert len(places) == len(set(places))


def test_captions_in_korean_brackets_are_found(by_seed):
    made = by_seed[BRACKETED]
    bracketed = {(item["label"], item["page"]) for item in made.truth if item["caption"].startswith("[")}
    assert bracketed
    assert bracketed <= {(ours["label"], ours["page"]) for ours in made.found}


def shapes_of(pdf, item):
    with pymupdf.open(pdf) as document:
        return [Box(*shape["rect"]) for shape in document[item["page"] - 1].get_drawings()]


def test_rules_between_bodies_and_captions_belong_to_neither(tmp_path):
    pdf = make(tmp_path, RULED)
    ruled = [item for item in truth_of(pdf) if item["kind"] == "figure"]
    assert ruled
    for item in ruled:
        body, caption = Box(*item["bbox"]), Box(*item["caption_bbox"])
        rules = [
            shape
            for shape in shapes_of(pdf, item)
            if body.y1 < shape.y0
            and shape.y1 < caption.y0
            and shape.x0 <= body.x0 + 1
            and body.x1 - 1 <= shape.x1
        ]
        assert len(rules) == 1


def test_a_frame_around_body_and_caption_is_the_bodys(tmp_path):
    pdf = make(tmp_path, FRAMED)
    framed = [item for item in truth_of(pdf) if item["kind"] == "figure"]
    assert framed
    for item in framed:
        body, caption = Box(*item["bbox"]), Box(*item["caption_bbox"])
        assert body.y1 < caption.y0 or caption.y1 < body.y0
        around = [
            shape
            for shape in shapes_of(pdf, item)
            if shape.x0 < caption.x0
            and caption.x1 < shape.x1
            and shape.y0 < caption.y0
            and caption.y1 < shape.y1
        ]
        assert any(abs(shape.x0 - body.x0) < 1 and abs(shape.x1 - body.x1) < 1 for shape in around)
        assert any(min(abs(shape.y0 - body.y0), abs(shape.y1 - body.y1)) < 1 for shape in around)


@pytest.mark.parametrize("seed", [RULED, FRAMED, MANY])
def test_no_body_stands_on_a_caption_or_on_another_body(tmp_path, seed):
    items = truth_of(make(tmp_path, seed))
    boxes = [
        (item["page"], Box(*item[part])) for item in items for part in ("bbox", "caption_bbox") if item[part]
    ]
    for at, (page, box) in enumerate(boxes):
        for other_page, other in boxes[:at]:
            assert page != other_page or iou(box, other) == 0


def test_the_same_seed_makes_the_same_paper(pdfs, tmp_path):
    again = make(tmp_path, SEEDS[1])
    assert again.read_bytes() == pdfs[SEEDS[1]].read_bytes()
    assert truth_of(again) == truth_of(pdfs[SEEDS[1]])
