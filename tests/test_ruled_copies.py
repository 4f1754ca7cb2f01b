"""Rules and frames are drawn around floats where there is white, and the truth says what they changed."""

import numpy as np
import ruled

BODY, CAPTION = [50.0, 40.0, 150.0, 100.0], [60.0, 110.0, 140.0, 118.0]


def page():
    """A black body of 100 by 60 points over a caption, on white."""
    mask = np.zeros((300, 200), bool)
    mask[40:100, 50:150] = True
    mask[110:118, 60:140] = True
    return mask, {"kind": "figure", "label": "Figure 1", "bbox": BODY, "caption_bbox": CAPTION}


def rule(style, mask, item):
    return ruled.Ruling(style, False).rule(mask, (), [item])


def test_a_rule_between_stands_in_the_white_and_belongs_to_nothing():
    mask, item = page()
    drawn, items = rule("between", mask, item)
    new = drawn & ~mask
    rows = np.flatnonzero(new.any(axis=1))
    assert rows.tolist() == [104] or rows.tolist() == [105]
    assert new[rows[0]].sum() == 100  # as wide as the float
    assert items == [item]


def test_a_thick_or_double_rule_takes_only_white():
    mask, item = page()
    for rows, count in (((-1, 0, 1), 3), ((-2, 1, 2), 3)):
        drawn, _ = ruled.Ruling("between", False, rows).rule(mask, (), [item])
        new = (drawn & ~mask).any(axis=1)
        assert new.sum() == count
        assert not new[:100].any()
        assert not new[110:].any()


def test_rules_around_stand_above_and_below_the_float():
    mask, item = page()
    drawn, items = rule("around", mask, item)
    rows = np.flatnonzero((drawn & ~mask).any(axis=1))
    assert len(rows) == 2
    assert rows[0] < 40
    assert rows[1] > 118
    assert items == [item]


def test_a_frame_is_of_the_body_down_to_the_caption():
    mask, item = page()
    drawn, (changed,) = rule("frame", mask, item)
    assert (drawn & ~mask).any()
    x0, y0, x1, y1 = changed["bbox"]
    assert drawn[int(y0), int(x0) : int(x1)].all()
    assert drawn[int(y0) : int(y1), int(x0)].all()
    assert x0 < 50 < 150 < x1
    assert y0 < 40
    assert 100 < y1 < 110


def test_where_there_is_no_white_nothing_is_drawn():
    mask, item = page()
    mask[:, :] = True
    for style in ("between", "outside", "around", "frame"):
        drawn, items = rule(style, mask, item)
        assert (drawn == mask).all()
        assert items == [item]


def test_a_rule_over_a_table_would_pass_for_its_own():
    mask, item = page()
    above = item | {"kind": "table", "caption_bbox": [60.0, 20.0, 140.0, 28.0]}
    drawn, _ = rule("between", mask, above)
    assert (drawn == mask).all()
