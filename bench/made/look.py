"""How a made-up paper looks: independent choices, each drawn at random once a paper."""

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from languages import ENGLISH, KOREAN, LANGUAGES, Language

Place = Literal["above", "below", "beside"]
Shape = Literal[
    "plain", "bold label", "small caps label", "italic", "bold", "label on its own line", "italic title"
]

PAGES = {
    "a4": (595.28, 841.89),
    "us-letter": (612.0, 792.0),
    "iso-b5": (498.9, 708.66),
    "a5": (419.53, 595.28),
}

Rule = Literal["above", "between", "below"]
SEPARATORS: tuple[tuple[Rule, ...], ...] = (
    ("between",),
    ("above", "below"),
    ("above", "between"),
    ("below",),
    ("above",),
    ("above", "between", "below"),
)


@dataclass(frozen=True)
class Beside:
    """Where a caption stands that has a column of its own."""

    side: Literal["left", "right"]
    share: float  # of the width that body and caption have together
    level: Literal["top", "horizon", "bottom"]
    toward: bool  # the body is set against the caption and not in the middle of its room


@dataclass(frozen=True)
class Frame:
    """What is around body and caption together; one of both is not empty."""

    line: str
    tint: str


FRAMES = (
    Frame("0.5pt + black", ""),
    Frame("0.5pt + luma(55%)", ""),
    Frame("0.8pt + luma(40%)", ""),
    Frame("0.4pt + black", "luma(95%)"),
    Frame("", "luma(93%)"),
    Frame("", 'rgb("#e8eff7")'),
    Frame("", 'rgb("#f7f1e3")'),
)


@dataclass(frozen=True)
class CaptionLook:
    """How the captions of one kind are worded and set."""

    word: str
    stop: str  # after the number: ":" or "." or " |"
    brackets: str  # "", "[]" or "<>"
    roman: bool
    shape: Shape
    place: Place
    align: Literal["left", "center"]
    scale: float  # of the text size
    width: float  # share of the column
    beside: Beside  # for those that stand beside
    frame: Frame | None = None
    rules: tuple[Rule, ...] = ()  # across the column, about body and caption; they belong to neither


@dataclass(frozen=True)
class TableLook:
    """What only some papers do with their tables."""

    paint: tuple[tuple[str, str], ...] = ()  # "head", its "letters" and "stripe"
    cells: bool = False  # some cells are coloured
    two_lines: bool = False
    wide_rules: bool = False  # than their text


@dataclass(frozen=True)
class Look:
    """All that is the same from the first page of a paper to its last."""

    language: Language
    paper: str
    columns: int
    size: float  # points
    font: str
    margin: float  # points, at the sides
    figures: CaptionLook
    tables: CaptionLook
    table_rules: Literal["booktabs", "grid", "none", "horizontal"]
    colour: str  # of lines and bars
    running_head: bool
    page_numbers: bool
    line_numbers: bool
    watermark: str
    lettering: Literal["same font", "mono"]  # inside figures
    justify: bool
    numbered_headings: bool
    wide_beside: bool  # captions of floats over all columns stand beside, whatever the others do
    figure_notes: float  # share of figures
    table_look: TableLook
    formal: bool  # its figures are mostly programs and proofs

    @property
    def text_width(self) -> float:
        return PAGES[self.paper][0] - 2 * self.margin

    @property
    def gutter(self) -> float:
        return 18.0 if self.columns < 3 else 14.0

    @property
    def column_width(self) -> float:
        return (self.text_width - (self.columns - 1) * self.gutter) / self.columns

    @property
    def text_height(self) -> float:
        return PAGES[self.paper][1] - 130


def draw_look(rng: Random) -> Look:
    """One look; every third paper is in English and every sixth in Korean, the rest share what is left."""
    return _furnish(rng, _draw_plain(rng))


def _furnish(rng: Random, look: Look) -> Look:
    """The look with what only some papers have around their floats."""
    beside = Beside(
        side=rng.choice(("left", "right", "right")),
        share=max(rng.uniform(0.22, 0.4), min(0.4, 95 / look.column_width)),
        level=rng.choice(("top", "top", "bottom", "horizon")),
        toward=rng.random() < 0.4,
    )
    figures, tables = replace(look.figures, beside=beside), replace(look.tables, beside=beside)
    formal = rng.random() < 0.1
    if rng.random() < (0.3 if formal else 0.08):  # who prints programs likes rules about them
        rules = rng.choices(SEPARATORS, weights=(5, 3, 2, 1, 1, 1))[0]
        figures = replace(figures, rules=rules)
        tables = replace(tables, rules=rules) if rng.random() < 0.3 else tables
    elif rng.random() < 0.05:
        frame = rng.choice(FRAMES)
        figures = replace(figures, frame=frame)
        tables = replace(tables, frame=frame) if rng.random() < 0.5 else tables
    if rng.random() < (0.06 if look.columns == 1 else 0.03):
        figures = replace(figures, place="beside")
    wide_beside = look.columns > 1 and rng.random() < 0.15
    if (wide_beside or figures.place == "beside") and rng.random() < 0.2:
        tables = replace(tables, place="beside")
    titled = look.language is not KOREAN and rng.random() < 0.06
    if titled:  # label in bold, under it a title in italics, notes under the body
        figures, tables = _titled(figures), _titled(tables)
    return replace(
        look,
        figures=figures,
        tables=tables,
        wide_beside=wide_beside,
        figure_notes=0.7 if titled else 0.03,
        table_look=_draw_tables(rng, look.colour),
        formal=formal,
    )


def _titled(look: CaptionLook) -> CaptionLook:
    return replace(look, shape="italic title", place="above", align="left", stop="", width=1.0, rules=())


def _draw_tables(rng: Random, colour: str) -> TableLook:
    """Plain, or with colours, cells of two lines or rules wider than the text."""
    ink = f'rgb("{rng.choice((colour, "#555555"))}")'
    paint: list[tuple[str, str]] = []
    if rng.random() < 0.15:
        dark = rng.random() < 0.4
        paint.append(("head", ink if dark else f"{ink}.lighten(70%)"))
        paint += [("letters", "white")] if dark else []
    if rng.random() < 0.15:
        paint.append(("stripe", f"{ink}.lighten(85%)"))
    return TableLook(
        paint=tuple(paint),
        cells=rng.random() < 0.08,
        two_lines=rng.random() < 0.08,
        wide_rules=rng.random() < 0.1,
    )


def _draw_plain(rng: Random) -> Look:
    language = rng.choices(LANGUAGES, weights=[6, 3] + [1] * (len(LANGUAGES) - 2))[0]
    paper = rng.choices(list(PAGES), weights=[5, 4, 1, 1])[0]
    wide = PAGES[paper][0] > 550
    columns = rng.choices((1, 2, 3), weights=(4, 5, 1))[0] if wide else 1
    fonts = ["Libertinus Serif", "New Computer Modern"] + (["DejaVu Sans Mono"] if columns == 1 else [])
    font = (
        "Libertinus Serif" if language is KOREAN else rng.choices(fonts, weights=[5, 5, 1][: len(fonts)])[0]
    )
    places: tuple[Place, ...] = ("below", "above", "beside")
    place = rng.choices(places, weights=(8, 1, 1 if columns == 1 else 0))[0]
    return Look(
        language=language,
        paper=paper,
        columns=columns,
        size=rng.choice((8.5, 9.0, 9.5)) if columns > 1 else rng.choice((10.0, 10.5, 11.0, 12.0)),
        font=font,
        margin=rng.choice((45.0, 54.0)) if columns > 1 or not wide else rng.choice((62.0, 72.0, 96.0)),
        figures=_draw_captions(rng, language, language.figure, place, wide=columns == 1),
        tables=_draw_captions(
            rng, language, language.table, rng.choice(("above", "above", "above", "below"))
        ),
        table_rules=rng.choice(("booktabs", "booktabs", "grid", "horizontal", "none")),
        colour=rng.choice(("#1f77b4", "#2f5d8a", "#b2452f", "#3a7d44", "#222222", "#7a4fa3")),
        running_head=rng.random() < 0.6,
        page_numbers=rng.random() < 0.8,
        line_numbers=columns == 1 and rng.random() < 0.2,
        watermark=rng.choice(("DRAFT", "PREPRINT")) if rng.random() < 0.12 else "",
        lettering="mono" if language is not KOREAN and rng.random() < 0.2 else "same font",
        justify=rng.random() < 0.85,
        numbered_headings=rng.random() < 0.6,
        wide_beside=False,
        figure_notes=0.03,
        table_look=TableLook(),
        formal=False,
    )


def _draw_captions(
    rng: Random, language: Language, words: tuple[str, ...], place: Place, *, wide: bool = False
) -> CaptionLook:
    word = rng.choice(words)
    brackets = ""
    if language is KOREAN:
        brackets = rng.choice(("", "", "[]", "<>"))
    roman = language is ENGLISH and word == "TABLE" and rng.random() < 0.7
    shape: Shape = rng.choices(
        ("plain", "bold label", "small caps label", "italic", "bold", "label on its own line"),
        weights=(5, 6, 1, 1, 1, 1 + 3 * roman),
    )[0]
    if language is KOREAN and shape in ("small caps label", "italic"):
        shape = "plain"  # the font has neither
    own_line = shape == "label on its own line"
    stops = ("",) if brackets or own_line else (":", ":", ".", ".", " |", " –", ". –")
    return CaptionLook(
        word=word,
        stop=rng.choice(stops),
        brackets=brackets,
        roman=roman,
        shape=shape,
        place=place,
        align=rng.choice(("left", "center")) if not own_line else "center",
        scale=rng.choice((1.0, 0.95, 0.9, 0.85)),
        width=rng.choice((1.0, 1.0, 0.85)) if wide else 1.0,
        beside=Beside("right", 0.34, "top", toward=False),
    )
