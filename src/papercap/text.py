"""Clean the text that a PDF gives: one spelling a letter, no unreadable signs, lines joined to sentences."""

from __future__ import annotations

import re
import unicodedata

LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00ad": None}
)
# TeX's old fonts set an accent as a sign of its own before its letter: "M¨uhlenberg", "J˛edrzej".
ACCENTS = {
    "¨": "\u0308", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¯": "\u0304", "˘": "\u0306",
    "˙": "\u0307", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip
DOTLESS = {"ı": "i", "ȷ": "j"}
UNREADABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})  # control, format, unassigned, private, surrogate
JOINER = "\u200c"  # keeps Persian letters apart inside a word: a format sign that is spelling
# Compounds that keep their hyphen where a line ends in it; other words lose it.
HYPHENATED = frozenset(
    "self well non cross high low long short large small real two three four state multi pre post".split()
)

_ACCENTED = re.compile(f"([{''.join(ACCENTS)}])([^\\W\\d_])")
_LINE_END_HYPHEN = re.compile(r"([^\W_][\w-]*)[-‐]$")
_UNSPACED = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")  # Han, kana, full width


def clean(text: str) -> str:
    """The text in NFC, with ligatures opened, accents on their letters and single blanks."""
    text = _ACCENTED.sub(_on_letter, text.translate(LIGATURES))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(" " if sign.isspace() else sign for sign in text if _readable(sign))
    return " ".join(text.split())


def join_lines(lines: list[str]) -> str:
    """Lines as one text: words put together that a line's end broke, Han and kana without a blank.

    Hangul gets its blank: Korean writes them, and whether a line broke inside a word cannot be seen.
    """
    text = ""
    for line in filter(None, map(clean, lines)):
        text = _joined(text, line) if text else line
    return text


def visible(text: object, *, blanks: bool = False) -> str:
    """On one line, without what a terminal would obey; blanks are kept as they are on request."""
    joined = str(text).expandtabs() if blanks else " ".join(str(text).split())
    return "".join(c if c.isprintable() or c == JOINER else "\N{REPLACEMENT CHARACTER}" for c in joined)


def _joined(text: str, line: str) -> str:
    broken = _LINE_END_HYPHEN.search(text)
    if broken and not line[0].isspace():
        return (text[:-1] if _is_broken_word(broken[1], line) else text) + line
    if _UNSPACED.match(text[-1]) and _UNSPACED.match(line[0]):
        return text + line
    return f"{text} {line}"


def _is_broken_word(start: str, line: str) -> bool:
    """Whether the hyphen after `start` is only there because the line ended."""
    if "-" in start or len(start) < 2 or start.lower() in HYPHENATED or not start.isalpha():
        return False
    word = re.match(r"[^\W\d_]*", line)[0]  # type: ignore[index]
    return word[:1].islower() or (len(word) > 1 and word.isupper() and start.isupper())


def _on_letter(match: re.Match[str]) -> str:
    """The accent put on its letter if there is such a letter; "Einstein´s" is an apostrophe."""
    accent, letter = match.groups()
    whole = unicodedata.normalize("NFC", DOTLESS.get(letter, letter) + ACCENTS[accent])
    ends_word = not match.string[match.end() : match.end() + 1].isalpha()
    if len(whole) > 1 or (accent == "´" and letter == "s" and ends_word):
        return match[0]
    return whole


def _readable(sign: str) -> bool:
    if sign.isspace() or sign == JOINER:
        return True
    return sign != "\ufffd" and unicodedata.category(sign) not in UNREADABLE
