"""Figures by hand: cropped, mended, kept over another extraction, given back."""

import json
import math
import os

import pytest
from conftest import tree
from factories import make_figure
from factories import make_paper as make_record
from papers import LEFT, make_paper, pymupdf, write_prose
from PIL import Image

from papercap.errors import Usage
from papercap.geometry import Box, distance, iou
from papercap.hand import Said, clean_words, cropped_record, given_back, mended_record
from papercap.jobs.hand import crop
from papercap.jobs.place import place_of
from papercap.names import figure_ids, hand_figure_id, same_label, without_doubles
from papercap.pdf import Pdf
from papercap.records import Caption, Crop, Cropped, Found, Missed, msgspec

PLOT = "84,146,284,280"  # of the first page of the tests' paper, a little large


@pytest.fixture
def filled(papercap, tmp_path):
    """An archive with one paper; its third page has a caption whose body the finder does not find."""
    path = make_paper(tmp_path / "lonely.pdf", lonely_caption=True)
    assert papercap("add", path).code == 3
    papercap.pdf = path
    return papercap


def record(papercap):
    (path,) = (papercap.root / "archive").glob("*/record.json")
    return json.loads(path.read_text())


def figures(papercap):
    return {figure["id"]: figure for figure in record(papercap)["figures"]}


def sound(papercap):
    done = papercap("check")
    assert done.code == 0, done.out
    return True


# -- crop


def test_a_cropped_figure_has_the_files_of_one_that_was_found(filled):
    paper = record(filled)["id"]
    done = filled("crop", paper, "--page", "2", "--box", "60,70,300,180", "--label", "Fig. 7", "--json")
    assert done.code == 0, done.err
    row = done.json
    assert (row["id"], row["label"], row["page"]) == (f"{paper}/figure-7", "Fig. 7", 2)
    assert row["box"] == [60, 70, 300, 180]
    assert row["confidence"] is None
    figure = figures(filled)["figure-7"]
    assert (figure["by"], figure["kind"], figure["caption"]) == ("hand", "figure", None)
    assert set(figure["hash"]) <= set("0123456789abcdef")
    assert "0.4" in figure["text"]
    folder = filled.root / "archive" / paper
    assert Image.open(folder / "figure-7.png").size == (668, 306)  # 200 dpi
    assert max(Image.open(folder / "thumbs" / "figure-7.webp").size) == 512
    assert tuple(pymupdf.open(folder / "figure-7.pdf")[0].rect)[2:] == pytest.approx((240, 110), abs=0.1)
    assert not list(folder.glob("**/crop.*"))
    assert sound(filled)


def test_a_crop_takes_the_caption_that_had_no_body(filled):
    paper = record(filled)["id"]
    assert [missed["label"] for missed in record(filled)["missed"]] == ["Figure 9"]
    done = filled("crop", paper, "--page", "3", "--box", "54,200,300,400")
    assert (done.code, done.err) == (0, "")
    assert f"{paper}/figure-9: cropped" in done.out
    assert "A picture that is not there" in done.out
    figure = figures(filled)["figure-9"]
    assert figure["caption"] == {"by": "document", "value": "Figure 9: A picture that is not there."}
    assert (figure["label"], figure["kind"]) == ("Figure 9", "figure")
    assert figure["caption_box"][1] == pytest.approx(415, abs=4)
    assert record(filled)["missed"] == []
    assert filled("search", "picture", "there", "--json").json[0]["id"] == f"{paper}/figure-9"
    assert sound(filled)


def test_a_crop_without_a_caption_near_has_none_and_is_named_for_its_page(filled):
    paper = record(filled)["id"]
    for count in (1, 2):
        done = filled("crop", paper, "--page", "2", "--box", "60,70,300,180", "--kind", "algorithm")
        assert f"{paper}/algorithm-p2-{count}: cropped\n  without a caption\n" == done.out
    assert record(filled)["missed"] != []
    assert sound(filled)


def test_a_caption_said_by_hand_gives_label_and_kind_too(filled):
    paper = record(filled)["id"]
    said = "Table 7:  Scores  by hand."
    row = filled("crop", paper, "--page", "3", "--box", "60,70,300,180", "--caption", said, "--json").json
    assert (row["id"], row["kind"], row["label"]) == (f"{paper}/table-7", "table", "Table 7")
    assert figures(filled)["table-7"]["caption"] == {"by": "hand", "value": "Table 7: Scores by hand."}
    assert [missed["label"] for missed in record(filled)["missed"]] == ["Figure 9"]


def test_a_second_figure_of_a_label_gets_an_id_of_its_own(filled):
    paper = record(filled)["id"]
    row = filled("crop", paper, "--page", "2", "--box", "60,70,300,180", "--label", "Figure 1", "--json").json
    assert row["id"] == f"{paper}/figure-1-2"


def test_a_crop_over_a_figure_that_is_there_says_so(filled):
    paper = record(filled)["id"]
    done = filled("crop", paper, "--page", "1", "--box", PLOT, "--label", "Figure 1")
    assert done.code == 0
    assert f"overlaps {paper}/figure-1;" in done.err


@pytest.mark.parametrize(
    ("page", "box", "says"),
    [
        ("9", "10,10,50,50", "has 3 pages"),
        ("0", "10,10,50,50", "count from 1"),
        ("1", "50,10,10,50", "inside out"),
        ("1", "10,10,900,50", "612 × 792"),
        ("1", "-20,10,100,50", "not on page 1"),
        ("1", "10,10,50", "x0,y0,x1,y1"),
        ("1", "10,10,50,nan", "x0,y0,x1,y1"),
        ("1", "a,b,c,d", "x0,y0,x1,y1"),
    ],
)
def test_a_box_that_makes_no_sense_is_a_usage_error_and_changes_nothing(page, box, says, filled):
    before = tree(filled.root)
    done = filled("crop", record(filled)["id"], "--page", page, f"--box={box}")
    assert done.code == 2
    assert says in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert tree(filled.root) == before


def test_a_box_that_reaches_over_the_page_by_a_hair_is_cut(filled):
    done = filled("crop", record(filled)["id"], "--page", "1", "--box=-0.6,10,612.4,50", "--json")
    assert done.json["box"] == [0, 10, 612, 50]


def test_unknown_papers_and_figures_are_not_found(filled):
    assert filled("crop", "nobody", "--page", "1", "--box", PLOT).code == 4
    assert filled("fix", "nobody/figure-1", "--box", PLOT).code == 4
    assert filled("fix", f"{record(filled)['id']}/figure-77", "--kind", "table").code == 4
    assert filled("crop", record(filled)["id"], "--page", "1", "--box", PLOT, "--label", " ").code == 2
    assert filled("crop", record(filled)["id"], "--page", "1", "--box", PLOT, "--label", "F" * 61).code == 2


def test_without_its_document_a_paper_wants_it_given(papercap, paper, tmp_path):
    papercap("add", paper, "--no-source")
    name = record(papercap)["id"]
    for command in (("crop", name, "--page", "1"), ("fix", f"{name}/figure-1")):
        done = papercap(*command, "--box", PLOT)
        assert done.code == 4
        assert "--source FILE" in done.err
    other = make_paper(tmp_path / "other.pdf", seed=5)
    assert papercap("crop", name, "--page", "1", "--box", PLOT, "--source", other).code == 5
    assert papercap("crop", name, "--page", "1", "--box", PLOT, "--source", tmp_path / "none").code == 4
    assert papercap("crop", name, "--page", "1", "--box", PLOT, "--source", paper).code == 0
    assert papercap("fix", f"{name}/figure-1", "--caption", "By hand.").code == 0
    assert not list((papercap.root / "archive").rglob("source.pdf"))
    assert sound(papercap)


def test_a_locked_paper_is_cropped_with_its_password(papercap, tmp_path):
    path = make_paper(tmp_path / "locked.pdf", password="sesame")
    assert papercap("add", path, "--password", "sesame").code == 0
    name = record(papercap)["id"]
    assert papercap("crop", name, "--page", "1", "--box", PLOT).code == 5
    assert papercap("crop", name, "--page", "1", "--box", PLOT, "--password", "sesame").code == 0


# -- fix


def test_a_box_by_hand_makes_the_files_anew_and_keeps_the_id(filled):
    paper = record(filled)["id"]
    folder = filled.root / "archive" / paper
    filled("tag", f"{paper}/figure-1", "mine")
    before, files = figures(filled)["figure-1"], tree(folder)
    done = filled("fix", f"{paper}/figure-1", "--box", PLOT, "--json")
    assert (done.code, done.json["id"], done.json["box"]) == (0, f"{paper}/figure-1", [84, 146, 284, 280])
    after = figures(filled)["figure-1"]
    assert (after["by"], after["confidence"], after["tags"]) == ("hand", None, ["mine"])
    assert after["caption"] == before["caption"]
    assert after["caption_box"] == before["caption_box"]
    changed = {name for name, data in tree(folder).items() if files.get(name) != data}
    assert changed == {"record.json", "figure-1.png", "figure-1.pdf", "thumbs/figure-1.webp"}
    assert sound(filled)


def test_words_by_hand_leave_the_files_as_they_are(filled):
    paper = record(filled)["id"]
    before = tree(filled.root / "archive")
    done = filled(
        "fix",
        f"{paper}/figure-1",
        "--caption",
        "Figure 1: As it reads.",
        "--label",
        "Fig. 1",
        "--kind",
        "table",
    )
    assert done.code == 0
    figure = figures(filled)["figure-1"]
    assert figure["caption"] == {"by": "hand", "value": "Figure 1: As it reads."}
    assert (figure["by"], figure["label"], figure["kind"]) == ("hand", "Fig. 1", "table")
    after = tree(filled.root / "archive")
    assert {name for name in after if after[name] != before.get(name)} == {f"{paper}/record.json"}
    assert filled("search", "reads", "--json").json[0]["kind"] == "table"
    assert sound(filled)


def test_a_caption_by_hand_leaves_the_box_to_the_finder(filled):
    paper = record(filled)["id"]
    filled("fix", f"{paper}/figure-1", "--caption", "As it reads.")
    assert figures(filled)["figure-1"]["by"] == "auto"


def test_a_fix_that_says_nothing_or_too_much_is_a_usage_error(filled):
    name = f"{record(filled)['id']}/figure-1"
    for options in ((), ("--auto", "--kind", "table"), ("--caption", ""), ("--kind", "poem")):
        assert filled("fix", name, *options).code == 2


def test_a_label_by_hand_takes_the_caption_that_had_no_body(filled):
    paper = record(filled)["id"]
    filled("crop", paper, "--page", "3", "--box", "54,200,300,400", "--label", "Box A")
    assert filled("fix", f"{paper}/box-a", "--label", "Fig. 9").code == 0
    assert figures(filled)["box-a"]["caption"]["value"] == "Figure 9: A picture that is not there."
    assert record(filled)["missed"] == []


# -- again


def test_hand_work_survives_another_extraction(filled):
    paper = record(filled)["id"]
    filled("crop", paper, "--page", "3", "--box", "54,200,300,400")
    filled("fix", f"{paper}/figure-1", "--box", PLOT)
    filled("fix", f"{paper}/table-1", "--caption", "Table 1: By hand.")
    filled("fix", f"{paper}/table-2", "--kind", "figure")
    before = record(filled)["figures"]
    done = filled("add", filled.pdf, "--again")
    assert done.code == 0, done.out  # nothing is missed any more
    assert record(filled)["figures"] == before
    assert sound(filled)


def test_another_extraction_at_another_resolution_leaves_hand_made_pictures(filled):
    paper = record(filled)["id"]
    filled("fix", f"{paper}/figure-1", "--box", PLOT)
    before = tree(filled.root / "archive" / paper)
    filled("add", filled.pdf, "--again", "--dpi", "60")
    after = tree(filled.root / "archive" / paper)
    assert after["figure-1.png"] == before["figure-1.png"]
    assert after["figure-2.png"] != before["figure-2.png"]
    assert sound(filled)


def test_a_figure_on_a_page_by_hand_is_not_found_anew_on_its_old_one(filled):
    paper = record(filled)["id"]
    assert filled("fix", f"{paper}/figure-1", "--page", "2").code == 0
    ids = set(figures(filled))
    filled("add", filled.pdf, "--again")
    assert set(figures(filled)) == ids
    assert figures(filled)["figure-1"]["page"] == 2


def test_what_is_given_back_is_found_anew_under_its_old_id(filled):
    paper = record(filled)["id"]
    before = record(filled)["figures"]
    filled("fix", f"{paper}/figure-1", "--box", PLOT, "--kind", "table", "--caption", "By hand.")
    mine = figures(filled)["figure-1"]
    done = filled("fix", f"{paper}/figure-1", "--auto")
    assert "add --again" in done.out
    assert figures(filled)["figure-1"]["box"] == mine["box"]  # until then
    assert sound(filled)
    filled("add", filled.pdf, "--again")
    assert record(filled)["figures"] == before
    assert sound(filled)


def test_a_crop_that_is_given_back_goes_and_its_caption_is_missed_again(filled):
    paper = record(filled)["id"]
    filled("crop", paper, "--page", "3", "--box", "54,200,300,400")
    filled("fix", f"{paper}/figure-9", "--auto")
    assert filled("add", filled.pdf, "--again").code == 3
    assert "figure-9" not in figures(filled)
    assert [missed["label"] for missed in record(filled)["missed"]] == ["Figure 9"]
    assert sound(filled)


# -- which caption is bound


@pytest.fixture(scope="module")
def captions(tmp_path_factory):
    """A page with two captions, one of two lines with a word cut at the line's end, and a mention."""
    doc = pymupdf.open()
    page = doc.new_page(width=612, height=792)
    write_prose(page, LEFT, 72, 300, 1)
    page.insert_text((LEFT, 324), "Figure 1: One that is not there, of a long cap-", fontsize=9)
    page.insert_text((LEFT, 335), "tion that goes on.", fontsize=9)
    write_prose(page, LEFT, 350, 600, 2)
    page.insert_text((LEFT, 624), "Table 2: Another one.", fontsize=9)
    page.insert_text((LEFT, 650), "Table 2 is a table.", fontsize=9)
    path = tmp_path_factory.mktemp("captions") / "captions.pdf"
    doc.save(path)
    return path


FIRST = Missed(
    label="Figure 1",
    page=1,
    caption="Figure 1: One that is not there, of a long caption that goes on.",
    why="",
)
SECOND = Missed(label="Table 2", page=1, caption="Table 2: Another one.", why="")
UNSEEN = Missed(label="Figure 3", page=1, caption="Figure 3: Nowhere.", why="")
ELSEWHERE = Missed(label="Figure 4", page=2, caption="Figure 4: On another page.", why="")
UNREAD = Missed(label=None, page=1, caption=None, why="was not read: broken")


@pytest.mark.parametrize(
    ("said", "y", "bound"),
    [
        ({}, 200, FIRST),
        ({}, 340, FIRST),
        ({}, 560, SECOND),
        ({"kind": "table"}, 200, SECOND),
        ({"label": "Fig. 3"}, 200, UNSEEN),
        ({"label": "Figure 8"}, 200, None),
        ({"caption": "Table 2: Other words."}, 200, SECOND),
        ({"caption": "Words of mine."}, 200, None),
    ],
)
def test_the_nearest_caption_that_fits_what_was_said_is_bound(said, y, bound, captions, tmp_path):
    job = Crop(
        name="x", path=os.fsencode(captions), out=os.fsencode(tmp_path), page=1, box=Box(54, y, 280, y + 40),
        missed=(UNREAD, ELSEWHERE, UNSEEN, SECOND, FIRST), **said,
    )  # fmt: skip
    assert crop(job).bound == bound


def test_a_caption_is_placed_by_its_words(captions):
    with Pdf(captions) as pdf:
        page = pdf.page(1)
    assert place_of(FIRST.caption, page)[1::2] == pytest.approx((315, 338), abs=3)
    assert place_of(SECOND.caption, page)[1::2] == pytest.approx((615, 627), abs=3)
    assert place_of("Figure 3: Nowhere.", page) is None
    assert place_of("", page) is None


# -- the rules, without a document


def found(box, label="Figure 1", kind="figure", page=1, text=""):
    caption = Caption(kind=kind, label=label, page=page, box=box, text=text, probability=1.0)
    return Found(caption=caption, page=page, box=box, confidence=0.9, method="test")


def by_hand(**values):
    return msgspec.structs.replace(make_figure(), by="hand", **values)


MADE = Box(72, 100, 540, 300)  # the factories' box


@pytest.mark.parametrize(
    ("item", "stays"),
    [
        (found(MADE, "Figure 8"), True),  # the hand-made one's successor
        (found(Box(72, 600, 540, 700), "Figure 8"), True),
        (found(MADE, "Figure 8", "table"), True),
        (found(MADE, "Fig. 1", "table"), False),
        (found(MADE, page=2), True),
        (found(MADE, page=2, text="Figure 1: A figure."), False),
        (found(MADE, page=9, text="Figure 1: A figure."), True),
    ],
)
def test_a_figure_that_a_person_made_is_not_added_twice(item, stays):
    assert without_doubles([item], [by_hand()]) == ((item,) if stays else ())


def test_of_two_halves_of_a_hand_made_figure_one_takes_its_id_and_the_other_goes():
    left, right = found(Box(72, 100, 306, 300), "Figure 5"), found(Box(306, 100, 540, 300), "Figure 6")
    kept = without_doubles([left, right], [by_hand()])
    assert len(kept) == 1
    assert figure_ids(kept, [by_hand()], ()) == ["figure-1"]


def test_a_figure_that_was_found_beside_a_hand_made_one_stays():
    old = make_figure("figure-2", label="Figure 2")
    item = found(MADE, "Figure 2")
    half = by_hand(box=Box(72, 100, 400, 300), label="Figure 2 (a)")
    assert without_doubles([item], [old, half]) == (item,)
    assert figure_ids([item], [old, half], ()) == ["figure-2"]


def test_labels_name_the_same_figure_however_they_are_cut():
    assert same_label("Fig. 3", "FIGURE 3")
    assert same_label("그림 3", "그림 3")
    assert not same_label("그림 3", "표 3")
    assert not same_label(None, None)
    assert not same_label("Figure 3", "Table 3")


def test_ids_by_hand_follow_the_rule_of_all_ids():
    assert hand_figure_id("Fig. 3", "figure", 1, set()) == "figure-3"
    assert hand_figure_id("그림 3", "figure", 1, {"figure-3"}) == "figure-3-2"
    assert hand_figure_id(None, "table", 4, {"table-p4-1"}) == "table-p4-2"
    assert hand_figure_id("../../x", "figure", 4, set()) == "figure-p4-1"


def crop_of(bound=None, label=None, kind=None):
    return Cropped(
        box=Box(1, 2, 30, 40), text="", hash="0", kind=kind, label=label, bound=bound, caption_box=None
    )


def test_a_record_keeps_what_two_people_did_at_once():
    missed = Missed(label="Figure 9", page=3, caption="Figure 9: gone", why="has no body")
    old = msgspec.structs.replace(make_record("p", make_figure()), missed=(missed,), retired=("figure-9",))
    cut = crop_of(missed, "Figure 9", "figure")
    one, first = cropped_record(old, cut, 3, Said())
    two, second = cropped_record(one, cut, 3, Said())
    assert (first.id, second.id) == ("figure-9-2", "figure-9-3")  # a retired id is never given again
    assert two.missed == ()
    assert [figure.id for figure in two.figures] == ["figure-1", "figure-9-2", "figure-9-3"]


def test_mending_and_giving_back_touch_nothing_else():
    old = make_record("p", make_figure(tags=("mine",)))
    new, figure = mended_record(old, "figure-1", None, Said(kind="table", caption="Words."))
    assert (figure.by, figure.kind, figure.caption.by) == ("hand", "table", "hand")
    back = given_back(new, "figure-1").figures[0]
    assert (back.by, back.caption.by, back.tags) == ("auto", "document", ("mine",))
    assert (back.box, back.files) == (old.figures[0].box, old.figures[0].files)


def test_words_are_cleaned_as_they_are_kept():
    assert clean_words("  a \n b ", "--label") == "a b"
    assert clean_words("그림", "--label") == "그림"
    for text in ("", " ", "a\x00b"):
        with pytest.raises(Usage):
            clean_words(text, "--label")


def test_the_distance_of_boxes_is_the_white_between_them():
    box = Box(0, 0, 10, 10)
    assert distance(box, Box(5, 5, 20, 20)) == 0
    assert distance(box, Box(20, 0, 30, 10)) == 10
    assert distance(box, Box(13, 14, 20, 20)) == math.hypot(3, 4)
    assert iou(box, box) == 1
