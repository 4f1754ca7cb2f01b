"""The wording of captions: "Figure 3:", "[표 2]", "Рис. 4" and the text that follows, made clean."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from papercap.records import Kind

KINDS: tuple[Kind, ...] = ("figure", "table", "algorithm")  # by their place a feature of the models

# The words that captions begin with, as regular expressions without case. Which of the lines that
# begin so are captions ("Figure 3 shows …" is none) is for the model to say.
WORDS: dict[Kind, tuple[str, ...]] = {
    "figure": (
        r"fig(?:ure|ura|uras|s)?",  # English, Spanish, Portuguese, Italian, French
        r"abb(?:ildung(?:en)?)?|bild|schaubild",  # German, Swedish
        r"figuur|kuva|gráfico|grafico|grafik",  # Dutch, Finnish, Spanish, Turkish
        r"gambar|hình|hinh",  # Indonesian, Vietnamese
        r"рис(?:унок)?|мал(?:юнок)?|график",  # Russian, Ukrainian
        r"rys(?:unek)?|obrázek|obr|ábra|slika|şekil|sekil",  # Polish, Czech, Hungarian, Croatian, Turkish
        r"εικόνα|σχήμα",  # Greek
        r"그\s?림|사진|도표",  # Korean
        r"図|圖|图|写真",  # Japanese, Chinese
        r"نمودار|شکل|شكل",  # Persian, Arabic
        r"chart|plate|photo|exhibit|illustration|graph",
    ),
    "table": (
        r"tab(?:le|la|ela|elle|elka|leau|ell|el|bella|ella|ulka|lo)?",  # Latin scripts
        r"таб(?:л(?:ица|иця)?)?",  # Russian, Ukrainian
        r"bảng|bang|çizelge|cuadro|quadro|táblázat|taulukko|πίνακας",
        r"표|表|جدول",  # Korean, Japanese and Chinese, Persian and Arabic
    ),
    "algorithm": (
        r"alg(?:orithms?|oritmo|orithmus|orithme|orytm|oritma)?|алгоритм",
        r"scheme|listing|code|program|protocol|листинг",
        r"알고리즘|코드",
        r"算法|アルゴリズム|コード|リスト|ソースコード|プログラム",
    ),
}
_OPENING = r"[\s\[<〈＜【(（《「▲△▼▽■●◆※□▷▶|*«\-–—]*"  # brackets and marks before the word
_ATTRIBUTE = (
    r"(?:(?:supplementary|supplemental|suppl\.?|extended\s+data|appendix|web|online|lanjutan|continued"
    r"|additional|supporting)\s+)?"
)
_DIGITS = (
    r"(?:[A-Z]{0,2}[.\-–—]?|S?[A-Z]\s)\d{1,3}"  # 3, A.2, S-4, A 1; no product: Quadro FX 580
    r"(?:\s?[.\-–—:]\s?\d{1,3})*[a-zA-Z]?"  # 3.1, 3b
)
_ROMAN = r"[IV][IVXn]*[l1][IVXnl1]*(?![^\W_])|[IVXLC]{1,6}"  # In1: how scans spell III
_LETTER = r"[A-Z]\b|l(?![^\W_])"  # l: how scans spell a 1
_EASTERN = r"[٠-٩۰-۹]{1,3}(?:[.\-–][٠-٩۰-۹]{1,3})*|[一二三四五六七八九十]{1,3}"
_ANY_WORD = "|".join(f"(?P<{kind}>{'|'.join(words)})" for kind, words in WORDS.items())
_NUMBERED = re.compile(
    rf"{_OPENING}{_ATTRIBUTE}(?:{_ANY_WORD})\s?\.?\s{{0,4}}"
    rf"(?P<number>(?-i:{_DIGITS}|{_ROMAN}|{_LETTER}|{_EASTERN}))(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNNUMBERED = re.compile(
    rf"{_OPENING}(?P<word>(?:Figure|FIGURE|Table|TABLE)(?=\s*[:.])|(?:FIGURE|TABLE)(?=\s+[A-Z][a-z]))(?P<rest>.*)",
    re.DOTALL,
)
_WORD_ALONE = re.compile(rf"{_OPENING}{_ATTRIBUTE}(?:{_ANY_WORD})\s?\.?\s*", re.IGNORECASE)


class Wording(NamedTuple):
    """How a line that may start a caption is worded."""

    kind: Kind
    word: str  # as printed: "Fig", "표"
    number: str  # as printed; "" for a lone "Figure:"
    label: str  # "Fig. 3", without brackets and closing stops
    start: int  # characters before the word
    rest: str  # what follows the number, with its stop


def read_wording(text: str) -> Wording | None:
    """How the text begins as a caption does, or None. Full-width forms are read as plain ones."""
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    match = _NUMBERED.match(text)
    if match is None:
        return _unnumbered(text)
    kind = next(kind for kind in WORDS if match[kind])
    number, rest = match["number"], match["rest"]
    if number.isalpha() and rest[:1].isascii() and rest[:1].isalpha():
        return None  # the capital of a word: "Table Comparison"
    start = match.start(kind)
    label = " ".join(text[start : match.end("number")].split())
    return Wording(kind, match[kind], number, label, start, rest)


def is_word_alone(text: str) -> bool:
    """Whether the text is a caption's word and nothing else, its number standing apart."""
    return _WORD_ALONE.fullmatch(text) is not None


def _unnumbered(text: str) -> Wording | None:
    match = _UNNUMBERED.match(text)
    if match is None:
        return None
    kind: Kind = "figure" if match["word"][0] == "F" else "table"
    return Wording(kind, match["word"], "", match["word"], match.start("word"), match["rest"])


# -- clean text ---------------------------------------------------------------------------

_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_UNPRINTABLE = re.compile(  # often: control, soft hyphen, zero width, direction, private use, replacement
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
    "\ue000-\uf8ff\ufff9-\uffff\U000f0000-\U0010ffff\ud800-\udfff]"
)
_HYPHEN_AT_END = re.compile(r"[^\W\d_][-‐]$")
_NO_BLANKS = r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"  # Chinese and Japanese
_ENDS_UNSPACED = re.compile(f"[{_NO_BLANKS}]$")
_STARTS_UNSPACED = re.compile(f"[{_NO_BLANKS}]")


def clean(text: str) -> str:
    """The text with ligatures spelt out, unprintable characters dropped and single blanks."""
    if not text.isascii():
        text = text.translate(_LIGATURES)
    text = " ".join(_UNPRINTABLE.sub("", text).split())
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def join_lines(lines: list[str]) -> str:
    """The lines as one clean text: words put together at hyphens, no blank where the script has none."""
    whole = ""
    for line in map(clean, lines):
        if not whole or not line:
            whole += line
        elif _HYPHEN_AT_END.search(whole) and line[0].islower():
            whole = whole[:-1] + line
        elif _ENDS_UNSPACED.search(whole) and _STARTS_UNSPACED.match(line):
            whole += line
        else:
            whole += " " + line
    return whole
