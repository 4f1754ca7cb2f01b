"""Bodies of floats at random, as calls of typ/bodies.typ."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from formal import formal
from look import Look
from notes import draw_notes, marked
from pictures import draw_picture
from typst_code import Code, Value, call, points
from wording import DATA, METHODS, fill

_STAGES = ("Input", "Encoder", "Merge", "Sampler", "Filter", "Decoder", "Output", "Store")
_CODE = (
    "def step(state, batch):",
    "    loss = model(batch)",
    "    # one update of all weights",
    "    for name, value in state.items():",
    "        state[name] = value - rate * loss",
    "    if loss < best:",
    "        best = loss",
    "    return state, best",
    "",
    "state = load('run-07')",
    "print(len(state))",
)
NARROW = 130.0  # points; no plot has its letters in so little room


@dataclass
class Maker:
    """Draws bodies for one paper; pictures are written into `folder`."""

    rng: Random
    look: Look
    folder: Path
    pictures: int = field(default=0)

    @property
    def style(self) -> Code:
        return Code("style")

    def figure(self, width: float) -> Code:
        """Any body of a figure that is `width` points wide at most, at times with notes."""
        body = self._figure(width)
        return self.noted(body, width) if self.rng.random() < self.look.figure_notes else body

    def _figure(self, width: float) -> Code:
        if width < NARROW:
            return self.rng.choice((self.picture, self.picture, self.upright))(width)
        if self.rng.random() < (0.7 if self.look.formal else 0.04):
            return formal(self.rng, width)
        drawn = self.rng.choices(
            (
                self.plot,
                self.diagram,
                self.picture,
                self.panels,
                self.framed,
                self.heat_map,
                self.code,
                self.spread,
            ),
            weights=(8, 3, 4, 4, 2, 1, 0.6, 4),
        )[0]
        return drawn(width)

    def plot(self, width: float, height: float | None = None) -> Code:
        """Lines, bars or points between axes."""
        rng = self.rng
        width = min(width, rng.uniform(200, 380)) if height is None else width
        height = height or width * rng.uniform(0.45, 0.75)
        high = rng.choice((1, 10, 50, 100))
        ticks = [f"{high * i / 4:g}" for i in range(5)]
        axes = rng.sample(self.look.language.axes, 2)
        count = rng.randint(3, 6)
        named: dict[str, Value] = {"framed": rng.random() < 0.4, "lines": rng.random() < 0.4}
        shape = rng.choice(("lines", "bars", "points"))
        step = rng.choice((1, 2, 5, 10))
        numbers = [str(step * (i + 1)) for i in range(count)]
        place: list[Value] = [self.style, points(width), points(height), *axes]
        if shape == "lines":
            names = rng.sample(METHODS, rng.randint(1, 4))
            data: Value = [self._climb(count) for _ in names]
            return call("line-plot", *place, numbers, ticks, names, data, **named)
        if shape == "bars":
            names = rng.sample(METHODS, count) if width > 60 * count else numbers
            data = [[rng.uniform(0.15, 1) for _ in range(count)] for _ in range(rng.randint(1, 3))]
            return call("bar-chart", *place, names, ticks, data, **named)
        data = [
            [(rng.random(), min(1, abs(rng.gauss(0.5, 0.2)))) for _ in range(30)]
            for _ in range(rng.randint(1, 2))
        ]
        return call("scatter", *place, numbers, ticks, data, **named)

    def _climb(self, count: int) -> list[float]:
        start, end = self.rng.uniform(0.05, 0.4), self.rng.uniform(0.5, 0.8)
        return [start + (end - start) * (i / count) ** 0.6 + self.rng.uniform(0, 0.05) for i in range(count)]

    def upright(self, width: float) -> Code:
        """Boxes and arrows from top to bottom."""
        return self.diagram(width, upright=True)

    def diagram(self, width: float, *, upright: bool = False) -> Code:
        """Boxes and arrows."""
        upright = upright or self.rng.random() < 0.3
        count = min(4 if upright else 6, max(3, int(width / 62)))
        names = list(self.rng.sample(_STAGES, count))
        round_ = points(self.rng.choice((0, 3, 8)))
        tint = self.rng.random() < 0.7
        room = min(width, 230) if upright else min(width, 420)
        return call("diagram", self.style, points(room), names, upright=upright, round=round_, tint=tint)

    def picture(self, width: float, height: float | None = None) -> Code:
        """A raster image."""
        self.pictures += 1
        width = min(width, self.rng.uniform(140, 360)) if height is None else width
        height = height or width * self.rng.uniform(0.5, 0.8)
        name = f"picture-{self.pictures}.png"
        (self.folder / name).write_bytes(draw_picture(self.rng, width, height))
        return call("picture", name, points(width))

    def panels(self, width: float) -> Code:
        """Two to six panels with sub-captions "(a) …"."""
        rng = self.rng
        across = 2 if width < 330 else rng.choice((2, 3))
        count = rng.choice((across, across, 2 * across))
        each = (width - 12 * (across - 1)) / across
        height = each * rng.uniform(0.6, 0.85)
        draw = rng.choice((self.plot, self.picture)) if each > 95 else self.picture
        bodies = [draw(each, height) for _ in range(count)]
        names = rng.sample(DATA, count) if rng.random() < 0.8 else [""] * count
        return call("panels", self.style, across, bodies, names, list("abcdef"[:count]))

    def framed(self, width: float) -> Code:
        """A plot, a picture or a transcript in a frame or on a tint."""
        rng = self.rng
        inside = rng.choice((self.plot, self.picture, self.transcript))(width - 18)
        tint = call("luma", Code(f"{rng.choice((86, 90, 93))}%")) if rng.random() < 0.6 else None
        stroke = Code("0.6pt + black") if tint is None or rng.random() < 0.5 else None
        return call("framed", inside, tint=tint, radius=points(rng.choice((0, 0, 5))), stroke=stroke)

    def transcript(self, width: float) -> Code:
        rng, language = self.rng, self.look.language
        turns = [(who, fill(rng, language, rng.choice(language.sentences))) for who in ("Q", "A", "Q", "A")]
        return call("transcript", self.style, points(width), turns[: rng.choice((2, 4))])

    def heat_map(self, width: float) -> Code:
        names = [name[:6] for name in self.rng.sample(METHODS, 4 if width < 300 else 6)]
        data: Value = [[self.rng.random() for _ in names] for _ in names]
        return call("heat-map", self.style, points(min(width, 320)), names, data)

    def code(self, width: float) -> Code:
        """A listing, bare or in a frame or on a tint."""
        rng = self.rng
        lines: list[Value] = list(_CODE[: rng.randint(5, len(_CODE))])
        if rng.random() < 0.4:
            return call("code", self.style, points(width), lines)
        tint = call("luma", Code("94%")) if rng.random() < 0.5 else None
        return call("framed", call("code", self.style, points(width - 18), lines), tint=tint)

    def spread(self, width: float) -> Code:
        """Two or three parts of different sizes and kinds with much white between them."""
        rng = self.rng
        stacked = rng.random() < 0.3
        count = 3 if width > 400 and not stacked and rng.random() < 0.4 else 2
        gap = rng.uniform(15, 40) if stacked else rng.uniform(25, min(90, 0.4 * width / count))
        room = width if stacked else width - gap * (count - 1)
        alike = rng.random() < 0.3
        shares = [1.0 if alike else rng.uniform(0.6, 1) for _ in range(count)]
        wide = [min(room, 260) * share if stacked else room * share / sum(shares) for share in shares]
        height = rng.uniform(60, 130) if alike else None
        bodies = [self._part(each, height) for each in wide]
        named: dict[str, Value] = {"gap": points(gap), "stacked": stacked, "joined": rng.random() < 0.2}
        if rng.random() < 0.5:
            titles = rng.sample(DATA, count)
            named["names"] = [f"({sign}) {title}" for sign, title in zip("abc", titles, strict=False)]
        if rng.random() < 0.4:
            heading = rng.choice(self.look.language.columns)
            named["strip"] = heading if rng.random() < 0.4 else rng.sample(METHODS, 2 if width < 300 else 4)
            named["strip-gap"] = points(rng.uniform(8, 20))
            named["under"] = rng.random() < 0.4
        level = Code("bottom" if "names" in named else rng.choice(("top", "horizon", "bottom")))
        return call("spread", self.style, bodies, level=level, **named)

    def _part(self, width: float, height: float | None) -> Code:
        height = height or min(150, width * self.rng.uniform(0.5, 0.95))
        if width < NARROW:
            return self.picture(width, height) if self.rng.random() < 0.7 else self.upright(width)
        if self.rng.random() < 0.25:
            return self.diagram(width)
        return self.rng.choice((self.plot, self.plot, self.picture))(width, height)

    def noted(self, body: Code, width: float) -> Code:
        """The body with notes under it, as wide as they may be."""
        notes, _ = draw_notes(self.rng, self.look.language)
        return call("noted", body, notes, width=points(width), **self._note_look())

    def _note_look(self) -> dict[str, Value]:
        size = self.rng.choice((0.8, 0.88))
        return {"gap": points(self.rng.choice((3, 5, 5, 7, 10))), "size": Code(f"{size}em")}

    def rows(self, columns: int, count: int, *, wordy: bool = False) -> list[list[str]]:
        """Rows of a table: a name, then numbers, or words of several lines in the last column."""
        rng = self.rng
        comma = self.look.language.code not in ("en", "ko")
        rows = []
        for _ in range(count):
            numbers = [f"{rng.uniform(0, 99):.{rng.choice((1, 2))}f}" for _ in range(columns - 1)]
            cells = [number.replace(".", ",") if comma else number for number in numbers]
            if wordy:
                cells[-1] = fill(rng, self.look.language, rng.choice(self.look.language.titles))
            rows.append([f"{rng.choice(METHODS)}{rng.choice(('', ' +', ' (base)'))}", *cells])
        return rows

    def head(self, width: float) -> list[str]:
        """The titles of a table's columns, as many as have room."""
        titles = list(self.look.language.columns)
        most = max(3, min(len(titles), int(width / 62)))
        return [titles[0], *self.rng.sample(titles[1:], self.rng.randint(2, max(2, most - 1)))]

    def table(self, width: float, *, full: bool) -> Code:
        rng, language, look = self.rng, self.look.language, self.look.table_look
        head: list[Value] = list(self.head(width))
        wordy = rng.random() < 0.2 and width > 300  # words need room
        if wordy:
            head[-1] = language.note
        plain = self.rows(len(head), rng.randint(3, 10), wordy=wordy)
        rows: list[list[Value]] = [list(row) for row in plain]
        named: dict[str, Value] = {"full": full or wordy, "paint": self._paint()}
        if rng.random() < 0.4:
            notes, marks = draw_notes(rng, language)
            named |= {"notes": notes, **self._note_look()}
            if marks:
                self._change(rows, 0.2, wordy=wordy, how=lambda cell: marked(rng, cell, marks))
        elif look.two_lines:  # a second number in brackets under the first
            self._change(rows, 1, wordy=wordy, how=lambda cell: Code(f"[{cell} \\ ({rng.random():.2f})]"))
        if look.two_lines:
            head[1:-1] = [Code(f"[{title} \\ ({rng.choice(DATA)})]") for title in head[1:-1]]
        if look.cells:
            colour = call("color.lighten", Code(f'rgb("{self.look.colour}")'), Code("72%"))
            self._change(
                rows, 0.15, wordy=wordy, how=lambda cell: call("table.cell", _shown(cell), fill=colour)
            )
        if look.wide_rules:
            named |= {"full": False, "wide": points(width)}
        named["level"] = Code(rng.choice(("top", "horizon")))
        return call("data-table", self.style, self.look.table_rules, head, rows, **named)

    def _change(
        self, rows: list[list[Value]], share: float, *, wordy: bool, how: Callable[[str], Code]
    ) -> None:
        """Change this share of the cells that hold numbers."""
        for row in rows:
            for at in range(1, len(row) - wordy):
                if self.rng.random() < share:
                    row[at] = how(str(row[at]).removeprefix("[").removesuffix("]"))

    def _paint(self) -> dict[str, Value]:
        """Colours of the head and of every second row, in the words of typ/bodies.typ."""
        return {name: Code(said) for name, said in self.look.table_look.paint}


def _shown(cell: str) -> Code:
    return Code(f"[{cell}]")
