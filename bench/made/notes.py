"""Notes under tables and figures, and their marks in the cells of tables."""

from random import Random

from languages import ENGLISH, Language
from typst_code import Code, literal
from wording import DATA, fill

STARS = ("\\*", "\\*\\*", "\\*\\*\\*")
_LEVELS = (("0.05", "0.01", "0.001"), ("0.1", "0.05", "0.01"))


def draw_notes(rng: Random, language: Language) -> tuple[list[Code], str]:
    """One to six lines of notes, and what marks they explain: "stars", "letters" or ""."""
    marks = rng.choices(("", "stars", "letters"), weights=(5, 3, 3))[0]
    lines = []
    if not marks or rng.random() < 0.5:
        lines.append(_remark(rng, language))
    if marks == "stars":
        lines.append(_levels(rng))
    if marks == "letters":
        lines += _lettered(rng, language)
    if language is ENGLISH and rng.random() < 0.25:
        lines.append(Code(f"[Source: {rng.choice(DATA)} ({rng.randint(1990, 2025)}).]"))
    return lines, marks


def _remark(rng: Random, language: Language) -> Code:
    """ "Note. …", its word in italics, in bold or plain."""
    form = rng.choice(("emph", "emph", "strong", ""))
    word = literal(language.note + rng.choice((".", ":")))
    said = " ".join(
        fill(rng, language, sentence) for sentence in rng.sample(language.sentences, rng.choice((1, 1, 2, 3)))
    )
    return Code(f"[#{form}({word}) #{literal(said)}]")


def _levels(rng: Random) -> Code:
    levels = rng.choice(_LEVELS)
    said = ", ".join(f"{star} _p_ < {level}" for star, level in zip(STARS, levels, strict=True))
    return Code(f"[{said}]")


def _lettered(rng: Random, language: Language) -> list[Code]:
    """ "ᵃ … ᵇ …", a line each or run together."""
    said = rng.sample(language.sentences, rng.randint(1, 3))
    parts = [
        f"#super[{mark}] #{literal(fill(rng, language, one))}" for mark, one in zip("abc", said, strict=False)
    ]
    return [Code(f"[{' '.join(parts)}]")] if rng.random() < 0.5 else [Code(f"[{part}]") for part in parts]


def marked(rng: Random, cell: str, marks: str) -> Code:
    """The cell with a mark that a note explains."""
    mark = rng.choice(STARS if marks == "stars" else ("#super[a]", "#super[b]"))
    return Code(f"[{cell}{mark}]")
