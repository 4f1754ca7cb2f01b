"""What galleries say in their own words, in the language of the README."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Language = Literal["en", "ko"]
HANGUL = ("\uac00", "\ud7a3")  # first and last syllable
ENOUGH_HANGUL = 0.1  # of the letters of a README that is Korean: it names models in Latin letters


class Phrases(Struct, frozen=True):
    """In one language; `{}` is a number or a text."""

    page: str
    more: str
    all_on: str  # the gallery stands on a page of its own
    continued: str
    figure_on_page: str
    kinds: dict[str, str]
    alone: str  # an image without a caption, in its alt text
    others: str  # of more authors than one
    back: str
    before: str
    after: str


_PHRASES: dict[Language, Phrases] = {
    "en": Phrases(
        page="p. {}",
        more="{} more",
        all_on="All {} figures",
        continued="{} (continued)",
        figure_on_page="{} on page {}",
        kinds={"figure": "Figure", "table": "Table", "algorithm": "Algorithm"},
        alone="{} of {}",
        others="{} et al.",
        back="Back to {}",
        before="Before",
        after="Next",
    ),
    "ko": Phrases(
        page="{}쪽",
        more="{}개 더 보기",
        all_on="그림 {}개 모두 보기",
        continued="{} (이어짐)",
        figure_on_page="{1}쪽 {0}",
        kinds={"figure": "그림", "table": "표", "algorithm": "알고리즘"},
        alone="{1}의 {0}",
        others="{} 외",
        back="{}(으)로 돌아가기",
        before="이전",
        after="다음",
    ),
}
LANGUAGES = tuple(_PHRASES)


def phrases(language: Language) -> Phrases:
    """In that language."""
    return _PHRASES[language]


def language_of(text: str) -> Language:
    """The language that a README is written in, by its letters."""
    hangul = sum(HANGUL[0] <= sign <= HANGUL[1] for sign in text)
    letters = sum(sign.isalpha() for sign in text)
    return "ko" if hangul and hangul >= ENOUGH_HANGUL * letters else "en"
