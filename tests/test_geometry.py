import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercap.geometry import Box, intersection, iou, rounded, union

numbers = st.floats(-1e4, 1e4)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), numbers, numbers, st.floats(0.1, 1e4), st.floats(0.1, 1e4)
)


@given(boxes, boxes)
def test_the_union_holds_both_and_the_overlap_is_in_both(a, b):
    both = union([a, b])
    assert both.x0 <= min(a.x0, b.x0)
    assert both.y1 >= max(a.y1, b.y1)
    shared = intersection(a, b)
    assert shared is None or (shared.area <= a.area and shared.area <= b.area)


@given(boxes, boxes)
def test_iou_is_symmetric_and_between_0_and_1(a, b):
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0 <= iou(a, b) <= 1 + 1e-9


def test_iou_of_halves_is_a_third():
    assert iou(Box(0, 0, 2, 1), Box(1, 0, 3, 1)) == pytest.approx(1 / 3)


def test_boxes_that_touch_do_not_overlap():
    assert intersection(Box(0, 0, 1, 1), Box(1, 0, 2, 1)) is None


def test_the_union_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="no box"):
        union([])


def test_a_box_inside_out_has_no_area():
    assert Box(2, 2, 1, 1).area == 0


def test_a_box_is_rounded_to_hundredths():
    assert rounded(Box(1.0049, 1, 2, 2)) == Box(1.0, 1, 2, 2)
