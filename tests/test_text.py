"""Cleaning text and joining lines."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercap.text import clean, join_lines


def test_ligatures_are_opened():
    assert clean("eﬃcient ﬁne-tuning of ﬂoats") == "efficient fine-tuning of floats"


def test_blanks_and_line_ends_become_single_blanks():
    assert clean("  a\u00a0\tb\n\u3000c ") == "a b c"


def test_soft_hyphens_controls_and_private_signs_are_dropped():
    assert clean("syn\u00adapses\x00 \ue001and\ud800 \ufffdmore\u200b") == "synapses and more"


def test_the_joiner_of_persian_words_is_kept():
    assert clean("می\u200cشود") == "می\u200cشود"


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("Am M¨uhlenberg", "Am Mühlenberg"),
        ("J˛edrzej", "Jędrzej"),
        ("A¨ıche", "Aïche"),
        ("Okumu¸s", "Okumuş"),
        ("˙Istanbul", "İstanbul"),
    ],
)
def test_an_accent_before_its_letter_is_set_on_it(printed: str, meant: str):
    assert clean(printed) == meant


def test_an_acute_that_is_an_apostrophe_is_left():
    assert clean("Einstein´s") == "Einstein´s"


def test_a_word_broken_at_the_line_end_is_put_together():
    assert join_lines(["an effec-", "tive method"]) == "an effective method"


def test_capitals_broken_at_the_line_end_are_put_together():
    assert join_lines(["ADAPTATION OF LARGE LAN-", "GUAGE MODELS"]) == "ADAPTATION OF LARGE LANGUAGE MODELS"


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["state-of-the-", "art models"], "state-of-the-art models"),
        (["salvinorin A-", "derived"], "salvinorin A-derived"),
        (["with GPT-", "3 and"], "with GPT-3 and"),
        (["a self-", "made rule"], "a self-made rule"),
        (["the Gregory-", "Loredo test"], "the Gregory-Loredo test"),
    ],
)
def test_a_hyphen_of_the_word_stays(lines: list[str], whole: str):
    assert join_lines(lines) == whole


def test_chinese_and_japanese_lines_are_joined_without_a_blank():
    assert join_lines(["多言語サービス基盤の", "ための"]) == "多言語サービス基盤のための"


def test_korean_lines_are_joined_with_a_blank():
    assert join_lines(["랜덤 워크", "시뮬레이션"]) == "랜덤 워크 시뮬레이션"


def test_empty_lines_leave_no_trace():
    assert join_lines(["", "a", " ", "b"]) == "a b"
    assert join_lines([]) == ""


@given(st.text())
def test_clean_text_is_composed_readable_and_single_spaced(text: str):
    once = clean(text)
    assert once == " ".join(once.split())
    assert not {"Cc", "Co", "Cs"} & {unicodedata.category(sign) for sign in once}
    assert unicodedata.is_normalized("NFC", once)
