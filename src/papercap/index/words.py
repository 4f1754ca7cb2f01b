"""Search words: what is indexed beside a text as it stands, and what typed words ask of the index.

SQLite's `unicode61` tokenizer splits at everything that is no letter or digit, and folds case and
accents. It cannot see into Korean, Japanese and Chinese (a Korean word comes with its particles, and
blanks are optional), nor that `Cerebras-GPT` and `CerebrasGPT` are one name, nor through a ligature.
FTS5's `trigram` finds no word of two syllables. So each text is indexed twice: as it stands, and as
the `variants` made here, with runs of such scripts cut into overlapping pairs of signs:
"언어 모델" becomes `언어 어모 모델 델`. A typed word becomes a phrase of the same pairs.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_TYPED = 2000  # characters of a search that are read; more is a paste by mistake
MAX_TERMS = 32  # words of a search; FTS5 refuses expressions 256 deep, and the 33rd narrows nothing
MAX_PAIRS = 64  # pairs of signs in one phrase; a run this long occurs once or not at all
MAX_JOINED = 40  # characters of `Cerebras-GPT` written as one word; what is longer is an address
MAX_PIECES = 5  # of a name such as `gpt-4-all`; a hash in hexadecimal has more
MIN_PREFIX = 2  # letters from which a word also stands for longer words; `a` would stand for all

# Scripts written without blanks, or with optional ones: Hangul with its jamo, kana, Han.
CJK = (
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"  # Hangul
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana and its signs
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
)
LETTER = rf"[^\W_{CJK}]"  # a letter or digit of any other script
BREAK = "ꀕ"  # a sign nobody types: stands between the parts of `variants`, so that no phrase spans two

_RUN = re.compile(rf"[{CJK}](?:\s*[{CJK}])*")
_RUN_OR_WORD = re.compile(rf"(?P<run>[{CJK}]+)|[^{CJK}]+")
_WORD = re.compile(rf"{LETTER}+")
_ANY_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(rf"{LETTER}++(?:[-‐‑‒–._/+]{LETTER}++)+")
_ASCII_WORD = re.compile(r"[a-zA-Z0-9]+")  # most texts are ASCII, and these are several times faster
_ASCII_COMPOUND = re.compile(r"[a-zA-Z0-9]++(?:[-._/+][a-zA-Z0-9]++)+")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_ACCENT = re.compile("[\u0300-\u036f]")  # those that no composed letter has taken up
_SURROGATE = re.compile("[\ud800-\udfff]")  # cannot be stored, nor be in what is stored
_QUOTES = str.maketrans("“”„‟", '""""')


class Phrase(NamedTuple):
    """Tokens that stand side by side; with `prefix` the last may go on."""

    tokens: tuple[str, ...]
    prefix: bool


class Term(NamedTuple):
    """One thing that must match: any of its ways to be written, and a pattern for `snippets`."""

    phrases: tuple[Phrase, ...]
    pattern: str  # on text folded by `fold_signs`


# -- what is indexed ----------------------------------------------------------------------


def fold(text: str) -> str:
    """One way to write each sign: ligatures, full-width letters, decomposed Hangul, odd accents."""
    return _ACCENT.sub("", unicodedata.normalize("NFKC", _SURROGATE.sub(" ", text)))


def write_variants(texts: Iterable[str]) -> str:
    """What the tokenizer cannot see in `texts`, to be indexed beside them."""
    parts = (part for text in texts for part in _variants(text))
    return f" {BREAK} ".join(dict.fromkeys(parts))


def _variants(text: str) -> Iterator[str]:
    if text.isascii():
        yield from _spellings(_ASCII_WORD.findall(text), _ASCII_COMPOUND.findall(text))
        return
    folded = fold(text)
    words = _WORD.findall(folded)
    yield from (" ".join(cut_pairs(run)) for run in _RUN.findall(folded))
    seen = [word for word in _ANY_WORD.findall(text) if not _RUN.fullmatch(word)]
    if words and words != seen:  # the tokenizer reads `ﬁne`, `ＬＬａＭＡ` and `LLaMA를` wrong
        yield " ".join(words)
    yield from _spellings(words, _COMPOUND.findall(folded))


def _spellings(words: Iterable[str], compounds: Iterable[str]) -> Iterator[str]:
    """Names as they are not written here, but may be searched."""
    for compound in compounds:
        yield from _joined(_WORD.findall(compound))
    for word in words:
        if not (word.isalpha() or word.isdecimal()):
            yield from _split(word)


def cut_pairs(run: str) -> list[str]:
    """Overlapping pairs of signs, blanks between them left out, and the last sign alone.

    The single sign at the end lets a search for one sign be a search for how a pair begins, and keeps
    a phrase from running on into the next run.
    """
    signs = "".join(run.split())
    return [*map("".join, pairwise(signs)), signs[-1]]


def _joined(words: list[str]) -> Iterator[str]:
    """`Cerebras-GPT` as `CerebrasGPT`; numbers such as 0.95 stay apart."""
    joined = "".join(words)
    if 1 < len(words) <= MAX_PIECES and len(joined) <= MAX_JOINED and not joined.isdecimal():
        yield joined


def _split(word: str) -> Iterator[str]:
    """`GPT4All` as `GPT 4 All`."""
    pieces = _PIECE.findall(word)
    if 1 < len(pieces) <= MAX_PIECES:
        yield " ".join(pieces)


# -- what is asked ------------------------------------------------------------------------


def read_words(typed: str) -> tuple[Term, ...]:
    """The terms of a search, each of which must match; none where nothing holds a letter or digit.

    Words in double quotes are one phrase, exactly so. Everything else that has a meaning in FTS5
    (`AND`, `*`, `NEAR(`, `:` …) has none here, so no input is a mistake.
    """
    quoted = fold(typed[:MAX_TYPED].translate(_QUOTES)).split('"')
    if len(quoted) % 2 == 0:  # a quote that is not closed is none
        quoted[-2:] = [" ".join(quoted[-2:])]
    terms: list[Term] = []
    for number, text in enumerate(quoted):
        terms.extend(_phrase_terms(text) if number % 2 else _word_terms(text))
    return tuple(dict.fromkeys(terms))[:MAX_TERMS]


def _word_terms(text: str) -> Iterator[Term]:
    for word in text.split():
        for part in _RUN_OR_WORD.finditer(word):
            pieces = tuple(_WORD.findall(part[0]))
            if part["run"]:
                yield _run_term(part["run"])
            elif pieces:
                yield _name_term(pieces)


def _run_term(run: str) -> Term:
    signs = "".join(run.split())[: MAX_PAIRS + 1]
    pairs = cut_pairs(signs)[:-1]
    phrase = Phrase(tuple(pairs), prefix=False) if pairs else Phrase((signs,), prefix=True)
    return Term((phrase,), r"\s*".join(map(fold_signs, signs)))


def _name_term(pieces: tuple[str, ...]) -> Term:
    """A word, or a name of several pieces, in each way that it may be written."""
    split = tuple(part for piece in pieces for part in _PIECE.findall(piece))
    ways = [pieces]
    if len(split) <= MAX_PIECES:
        ways += [(joined,) for joined in _joined(list(pieces))]
        ways += [split]
    phrases = dict.fromkeys(Phrase(way, _may_go_on(way[-1])) for way in ways if way)
    end = f"{LETTER}*" if _may_go_on(pieces[-1]) else f"(?!{LETTER})"
    return Term(tuple(phrases), rf"(?<!{LETTER}){_loosely(split or pieces)}{end}")


def _may_go_on(token: str) -> bool:
    """`alpac` stands for Alpaca too, but 3 does not stand for 30."""
    return len(token) >= MIN_PREFIX and not token.isdecimal()


def _loosely(pieces: Iterable[str]) -> str:
    """A pattern for pieces however they are parted: `cerebras-gpt`, `CerebrasGPT`, `Cerebras GPT`."""
    return r"[\W_]*".join(r"[^\w\s]?".join(map(re.escape, fold_signs(piece))) for piece in pieces)


def _phrase_terms(text: str) -> Iterator[Term]:
    stripped = text.strip()
    tokens = tuple(_ANY_WORD.findall(stripped))
    if _RUN.fullmatch(stripped):
        yield _run_term(stripped)
    elif tokens:
        open_end = bool(_RUN.fullmatch(tokens[-1][-1]))  # a Korean word may carry a particle
        words = (re.escape(fold_signs(token)) for token in tokens)
        end = "" if open_end else f"(?!{LETTER})"
        yield Term((Phrase(tokens, open_end),), rf"(?<!{LETTER})" + r"[\W_]+".join(words) + end)


def match_expression(terms: Iterable[Term]) -> str:
    """The terms in FTS5's language; every token is quoted, so that none is an operator."""
    return " AND ".join(f"({' OR '.join(map(_quote, term.phrases))})" for term in terms)


def _quote(phrase: Phrase) -> str:
    """The phrase; one that may go on is asked for twice, so that `opt` ranks OPT before "optimizer"."""
    exact = f'"{" ".join(phrase.tokens)}"'
    return f"{exact} OR {exact}*" if phrase.prefix else exact


# -- signs compared one by one ------------------------------------------------------------


def fold_signs(text: str) -> str:
    """As the tokenizer compares: lower case, no accents, each sign by itself."""
    return "".join(map(fold_sign, text))


def fold_sign(sign: str) -> str:
    """One sign in lower case, without accents; may be none or several."""
    if sign.isascii():
        return sign.lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", sign) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFKC", plain).lower()
