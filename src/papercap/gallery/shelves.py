"""Figures → HTML, by templates that a user may replace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from papercap.errors import Usage
from papercap.gallery.cards import About, Card, Cards
from papercap.gallery.order import Sort, in_order, without_doubles
from papercap.gallery.phrases import Language, phrases
from papercap.licences import may_be_shown
from papercap.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import jinja2

    from papercap.records import FigureRow, PaperRow

COLUMNS = 2  # cards beside each other: on a phone, too, each is wide enough for words beneath it
BEFORE_FOLD = 6  # figures that show at once; the others stand behind "more"
_MARKER = re.compile(r"<!--\s*/?\s*papercap", re.IGNORECASE)


class Look(Struct, frozen=True, kw_only=True):
    """How galleries are to look."""

    language: Language | None = None  # None: the README's own
    sort: Sort = "newest"
    fold: int = BEFORE_FOLD
    public: bool = False  # leave out what its licence does not allow to be shown
    templates: Path | None = None  # a folder whose files go before those of the same name here


class Group(Struct, frozen=True):
    """Figures of one paper that stand together: rows of COLUMNS cards, or of one that is wide or alone."""

    paper: About
    rows: list[list[Card]]


class Shelf(Struct, frozen=True):
    """Figures that show at once, and `count` more that are folded away."""

    first: list[Group]
    more: list[Group]
    count: int


class Shelves:
    """Draws the galleries of one README or page, in one language."""

    def __init__(self, papers: Mapping[str, PaperRow], look: Look, base: str, language: Language) -> None:
        self.papers, self.look, self._words = papers, look, phrases(language)
        self._cards = Cards(papers, base, language)
        self._templates = _open_templates(look.templates)
        self._templates.globals |= {"words": self._words, "columns": COLUMNS}
        self._ground = [__version__, base, language, *_texts_of(look.templates)]

    def shown(self, figures: Sequence[FigureRow], *, whole: bool = False) -> list[FigureRow]:
        """Those that may be shown, in order; but for a gallery of the `whole` archive, each picture once."""
        if self.look.public:
            figures = [row for row in figures if may_be_shown(self._licence(row.paper))]
        ordered = in_order(figures, self.papers, self.look.sort)
        return ordered if whole else without_doubles(ordered)

    def gallery(
        self, figures: Sequence[FigureRow], *, whole: bool = False, most: int | None = None, link: str = ""
    ) -> list[str]:
        """The lines of a gallery; with `link`, `most` figures alone, and where the page is that has all.

        One of the `whole` archive has a fold for each paper, so that all papers are seen.
        """
        parts: list[Sequence[FigureRow]] = [figures if most is None else figures[:most]]
        if whole and most is None:
            parts = list(by_paper(figures))
        text = self._drawn(
            "gallery.html.j2",
            shelves=[self._shelf(part) for part in parts if part],
            link=link,
            total=len(figures),
        )
        if _MARKER.search(text):
            raise Usage("gallery.html.j2: writes a marker of papercap's; take it out of the template")
        return [line for line in text.split("\n") if line.strip()]

    def page(self, figures: Sequence[FigureRow], *, title: str, back: str, before: str, after: str) -> str:
        """A page of its own, all its figures unfolded."""
        text = self._drawn(
            "page.md.j2", groups=self._groups(figures), title=title, back=back, before=before, after=after
        )
        return re.sub(r"\n{3,}", "\n\n", text)

    def _drawn(self, template: str, **values: object) -> str:
        """Usage, naming it, for a template that is broken or asks for what there is not."""
        import jinja2

        try:
            return self._templates.get_template(template).render(**values)
        except (jinja2.TemplateError, AttributeError, TypeError, ValueError, OverflowError) as error:
            raise Usage(f"{self.look.templates}/{template}: {error or type(error).__name__}") from None

    def made_of(self, figures: Sequence[FigureRow]) -> bytes:
        """All that a page of these figures is made from, to tell whether it would be another."""
        papers = [self.papers.get(name) for name in dict.fromkeys(row.paper for row in figures)]
        return msgspec.json.encode((self._ground, figures, papers))

    def title_of_all(self, count: int) -> str:
        """What the gallery of everything is called."""
        return self._words.all_on.format(count)

    def _shelf(self, figures: Sequence[FigureRow]) -> Shelf:
        first, more = figures[: self.look.fold], figures[self.look.fold :]
        return Shelf(self._groups(first), self._groups(more), len(more))

    def _groups(self, figures: Sequence[FigureRow]) -> list[Group]:
        return [Group(self._cards.about(rows[0]), self._in_rows(rows)) for rows in by_paper(figures)]

    def _in_rows(self, figures: Sequence[FigureRow]) -> list[list[Card]]:
        """In their order, but that the next figure which is not wide fills a row that has room."""
        rows: list[list[Card]] = []
        for card in map(self._cards.card, figures):
            room = (
                None
                if card.wide
                else next((row for row in rows if len(row) < COLUMNS and not row[0].wide), None)
            )
            if room is None:
                rows.append([card])
            else:
                room.append(card)
        return rows

    def _licence(self, paper: str) -> str | None:
        return self.papers[paper].licence if paper in self.papers else None


def _texts_of(folder: Path | None) -> list[str]:
    """The templates of a user, to see when they change."""
    files = sorted(folder.glob("*.j2")) if folder else []
    return [path.read_text(encoding="utf-8", errors="replace") for path in files]


def by_paper(figures: Sequence[FigureRow]) -> list[list[FigureRow]]:
    """The figures of each paper together; papers in the order in which they first come."""
    groups: dict[str, list[FigureRow]] = {}
    for row in figures:
        groups.setdefault(row.paper, []).append(row)
    return list(groups.values())


def _open_templates(folder: Path | None) -> jinja2.Environment:
    """Sandboxed where templates are not ours: an archive, and so they, may be somebody else's.

    Usage for a link among them: it would show what it leads to.
    """
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    if folder and (links := [path.name for path in folder.rglob("*") if path.is_symlink()]):
        raise Usage(f"{folder}/{links[0]}: is a link, and templates are files alone; put the file there")
    ours: jinja2.BaseLoader = jinja2.PackageLoader("papercap.gallery")
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder), ours]) if folder else ours
    kind = ImmutableSandboxedEnvironment if folder else jinja2.Environment
    return kind(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
