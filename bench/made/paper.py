"""The source of a made-up paper: sections of running text with floats between them."""

from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from typing import TypeAlias

from bodies import Maker
from look import CaptionLook, Look, Place
from typst_code import Code, Value, call, points
from wording import DATA, METHODS, fill, make_caption, paragraph

_HEAD = '#import "page.typ": *\n#import "bodies.typ": *\n#import "formal.typ": *\n'

Float: TypeAlias = tuple[dict[str, Value], Code]  # what is to be known of it, and its body
_NAMES = ("A. Merrow", "J. Tindall", "S. Okafor", "L. Brandt", "M. Ruiz", "P. Hanley", "T. Sato", "E. Novak")
_EQUATIONS = (
    "$ L(theta) = 1/n sum_(i=1)^n (y_i - f_theta (x_i))^2 + lambda norm(theta)^2 $",
    "$ p(y | x) = (exp(w_y dot x)) / (sum_k exp(w_k dot x)) $",
    "$ E = integral_0^1 f(t) dif t <= sqrt(n) $",
)


class PaperWriter:
    """Writes one paper; numbers its floats as it goes."""

    def __init__(self, rng: Random, look: Look, folder: Path) -> None:
        self._rng = rng
        self._look = look
        self._make = Maker(rng, look, folder)
        self._ids = count(1)
        self._figures = count(1)
        self._tables = count(1)
        self._listings = count(1)
        plan = ["figure"] * rng.randint(2, 6) + ["table"] * rng.randint(1, 3)
        if rng.random() < 0.25:
            plan.append("listing")
        if look.columns == 1 and rng.random() < 0.3:
            plan.append("long table")
        if look.columns == 1 and look.text_width > 380 and rng.random() < 0.5:
            plan.append("pair")
        if look.column_width > 210 and rng.random() < 0.2:
            plan.append("row")
        rng.shuffle(plan)
        self._plan = plan
        self._opened = False  # a float has been placed; the first never stands above the abstract
        self._labels = [make_caption(look.figures, i + 1, "").label for i in range(plan.count("figure"))]
        self._labels += [make_caption(look.tables, i + 1, "").label for i in range(plan.count("table"))]

    def source(self) -> str:
        """The whole paper as typst reads it."""
        look, language = self._look, self._look.language
        title = fill(self._rng, language, language.title)
        authors = ", ".join(self._rng.sample(_NAMES, self._rng.randint(1, 4)))
        scope = "parent" if look.columns > 1 else "column"
        abstract = paragraph(self._rng, language, [])
        parts = [
            _HEAD,
            f"#let style = {call('', **self._style())}",
            f"#show: paper.with({call('', **self._page(title))})",
        ]
        parts.append("#" + call("front", title, authors, language.abstract, abstract, scope))
        share = -(-len(self._plan) // len(language.headings))
        for at, heading in enumerate(language.headings):
            parts += self._section(heading, self._plan[at * share : (at + 1) * share])
        parts.append("#" + call("references", language.references, self._references()))
        return "\n\n".join(parts) + "\n"

    def _style(self) -> dict[str, Value]:
        look = self._look
        font = "DejaVu Sans Mono" if look.lettering == "mono" else look.font
        fonts: list[Value] = [font, "Gowun Batang"]
        return {
            "small": points(min(8.5, look.size * 0.8)),
            "table": points(look.size * 0.9),
            "font": fonts,
            "colours": [
                Code(f'rgb("{colour}")') for colour in (look.colour, "#d07a2a", "#5b8c5a", "#8a8a8e")
            ],
        }

    def _page(self, title: str) -> dict[str, Value]:
        look = self._look
        korean = look.language.code == "ko"
        fonts = (
            ["Gowun Batang", "Libertinus Serif"]
            if korean and self._rng.random() < 0.5
            else [look.font, "Gowun Batang"]
        )
        return {
            "paper": look.paper,
            "margin": points(look.margin),
            "columns": look.columns,
            "gutter": points(look.gutter),
            "size": points(look.size),
            "font": fonts,
            "lang": look.language.code,
            "head": title if look.running_head else "",
            "numbers": look.page_numbers,
            "lines": look.line_numbers,
            "watermark": look.watermark,
            "justify": look.justify,
            "headings": look.numbered_headings,
        }

    def _fill(self, templates: tuple[str, ...]) -> str:
        return fill(self._rng, self._look.language, self._rng.choice(templates))

    def _section(self, heading: str, floats: list[str]) -> list[str]:
        """A heading, paragraphs, now and then an equation or a list, and the floats among them."""
        rng = self._rng
        blocks = [self._paragraph() for _ in range(rng.randint(2, 4) + len(floats))]
        if rng.random() < 0.4:
            blocks.insert(1, rng.choice(_EQUATIONS))
        if rng.random() < 0.3:
            sign = rng.choice("-+")
            blocks.append(
                "\n".join(f'{sign} #"{self._fill(self._look.language.sentences)}"' for _ in range(3))
            )
        for at, kind in enumerate(floats):
            blocks.insert(min(len(blocks), 2 * at + 1), self._float(kind))
        return [f"= {heading}", *blocks]

    def _paragraph(self) -> str:
        text = call("", paragraph(self._rng, self._look.language, self._labels))
        note = ""
        if self._rng.random() < 0.08:
            note = f'#footnote(text(0.9em, "{self._fill(self._look.language.sentences)}"))'
        return f"#{text}{note}"

    # -- floats ---------------------------------------------------------------------------

    def _float(self, kind: str) -> str:
        if kind == "pair":
            width = (self._look.text_width - 20) / 2
            look = replace(self._look.figures, place="below", width=1.0)
            both = [call("captioned", *self._figure(width, look)) for _ in range(2)]
            return "#" + call("inflow", call("pair", *both))
        if kind == "row":
            return self._row()
        if kind == "long table":
            return "#" + self._long_table()
        wide = self._look.columns > 1 and self._rng.random() < 0.25
        width = self._look.text_width if wide else self._look.column_width
        make = {"figure": self._figure, "table": self._table, "listing": self._listing}[kind]
        kinds = self._look.figures if kind == "figure" else self._look.tables
        if kinds.place != "above" and wide and self._look.wide_beside:
            kinds = replace(kinds, place="beside")
        return self._placed(call("captioned", *make(width, kinds)), wide)

    def _row(self) -> str:
        """Two or three floats side by side with hardly any white between them."""
        rng, whole = self._rng, self._look
        wide = whole.columns > 1 and rng.random() < 0.5
        width = whole.text_width if wide else whole.column_width
        across = 3 if width > 420 and rng.random() < 0.4 else 2
        gutter = rng.uniform(6, 14)
        short = rng.random() < 0.7  # the captions are on one line, and look like one
        each = (width - gutter * (across - 1)) / across
        place: Place = rng.choice(("below", "below", "above"))
        tables = each > 150 and rng.random() < 0.33
        draw, kinds = (self._table, whole.tables) if tables else (self._figure, whole.figures)
        look = replace(kinds, place=place, width=1.0, rules=(), frame=None)
        floats = [draw(each, look, short=short) for _ in range(across)]
        level = Code(rng.choice(("top", "bottom", "horizon")))
        return self._placed(call("abutting", points(gutter), level, *floats), wide)

    def _placed(self, drawn: Code, wide: bool) -> str:
        if not wide and self._rng.random() < 0.35:
            return "#" + call("inflow", drawn)
        at = self._rng.choice(("top", "top", "bottom", "auto")) if self._opened else "bottom"
        self._opened = True
        return "#" + call("floated", Code(at), "parent" if wide else "column", drawn)

    def _figure(self, width: float, look: CaptionLook, *, short: bool = False) -> Float:
        captions = sorted(self._look.language.captions, key=len)
        said = self._fill(tuple(captions[: len(captions) // 2] if short else captions))
        if look.place == "beside" and self._rng.random() < 0.35:  # as tall as its body
            count = self._rng.randint(2, 5) if look.beside.share * width > 130 else 1
            more = self._rng.sample(self._look.language.sentences, count)
            said = " ".join(
                [said.removesuffix(".") + ".", *(fill(self._rng, self._look.language, one) for one in more)]
            )
        facts = self._facts("figure", look, next(self._figures), said)
        return facts, self._make.figure(_room(width, look))

    def _table(self, width: float, look: CaptionLook, *, short: bool = False) -> Float:
        titles = sorted(self._look.language.titles, key=len)[: 2 if short else None]
        facts = self._facts("table", look, next(self._tables), self._fill(tuple(titles)))
        full = self._rng.random() < 0.5
        return facts, self._make.table(_room(width, look), full=full)

    def _listing(self, width: float, look: CaptionLook) -> Float:
        look = replace(look, word=self._look.language.listing, roman=False)
        facts = self._facts("algorithm", look, next(self._listings), self._fill(self._look.language.captions))
        return facts, self._make.code(_room(width, look))

    def _long_table(self) -> Code:
        language = self._look.language
        look = replace(self._look.tables, place="above")
        facts = self._facts("table", look, next(self._tables), self._fill(language.titles))
        head = self._make.head(self._look.text_width * 0.8)
        again = None if self._rng.random() < 0.3 else f"({language.continued})"
        rows = self._make.rows(len(head), self._rng.randint(25, 45))
        return call("long-table", facts, len(head), head, rows, again=again)

    def _facts(self, kind: str, look: CaptionLook, number: int, body: str) -> dict[str, Value]:
        caption, side = make_caption(look, number, body), look.beside
        return {
            "id": next(self._ids),
            "kind": kind,
            "label": caption.label,
            "head": caption.head,
            "body": caption.body,
            "text": caption.text,
            "place": look.place,
            "align": "left" if look.place == "beside" else look.align,
            "shape": look.shape,
            "roman": look.roman,
            "size": points(self._look.size * look.scale),
            "width": Code(f"{look.width * 100:.0f}%"),
            "rules": look.rules,
            "frame": _frame(look),
            "beside": (Code(f"{side.share * 100:.0f}%"), side.side, Code(side.level), side.toward),
            "gap": points(self._rng.choice((5, 7, 9))),
            "justify": self._look.justify,
        }

    def _references(self) -> list[str]:
        rng = self._rng
        entries = []
        for number in range(1, rng.randint(8, 20)):
            names = ", ".join(rng.sample(_NAMES, rng.randint(1, 3)))
            subject = rng.choice(("scale", "noise", "cost"))
            title = f"{rng.choice(METHODS)} on {rng.choice(DATA)}: a study of {subject}"
            where = f"Proc. {rng.randint(3, 40)}, {rng.randint(1, 900)}, {rng.randint(1990, 2025)}"
            entries.append(f"[{number}] {names}. {title}. {where}.")
        return entries


def _room(width: float, look: CaptionLook) -> float:
    """What a body has of the width that it shares with its caption."""
    if look.place == "beside":
        return width * (1 - look.beside.share) - 14
    return width - 14 if look.frame else width


def _frame(look: CaptionLook) -> dict[str, Value] | None:
    """Around body and caption, in the words of typ/page.typ."""
    if look.frame is None:
        return None
    return {name: Code(said) for name, said in vars(look.frame).items() if said}
