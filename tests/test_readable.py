from papercap.documents.readable import find_unreadable
from papercap.geometry import Box
from papercap.records import Line, Page


def page(number, text):
    line = Line(text, Box(0, 0, 9, 9), 9.0, "f", False, False, 0, (1.0, 0.0), 0, text, 9.0, "f", False, 0)
    return Page(number, 600, 800, (line,) if text else ())


def told(pages, ink=0.2):
    return [(missed.page, missed.why) for missed in find_unreadable(pages, lambda _number: ink)]


def test_pages_of_ink_without_text_are_told_of_together():
    ((number, why),) = told([page(1, "Words"), page(2, ""), page(3, ""), page(4, "Words")])
    assert number == 2
    assert why.startswith("pages 2 to 3 have no text layer")


def test_pages_apart_are_told_of_apart():
    assert [number for number, _why in told([page(1, ""), page(2, "Words"), page(3, "")])] == [1, 3]


def test_a_blank_page_is_nothing_to_tell():
    assert told([page(1, "")], ink=0.001) == []


def test_text_whose_signs_mean_nothing_is_told_of():
    ((_number, why),) = told([page(1, "\ue001\ue002\ufffd a \x03\x04")])
    assert "which letters" in why


def test_a_few_odd_signs_in_a_text_are_usual():
    assert told([page(1, "Where \ue001 holds for all \ufffd in the set of words")]) == []


def test_whether_a_page_is_blank_is_asked_only_for_pages_without_text():
    asked = []
    find_unreadable([page(1, "Words"), page(2, "")], lambda number: asked.append(number) or 1.0)
    assert asked == [2]
