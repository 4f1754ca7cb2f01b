"""The HTML of a table or listing of a page, down to what can be drawn: its words, rows and columns."""

from __future__ import annotations

from html import escape

from msgspec import Struct

MAX_LETTERS = 500_000  # of one table; longer ones are data, not figures
MAX_DEPTH = 200  # tags in one another; more are none that a person wrote
LEAST_ROWS, LEAST_COLUMNS = 2, 2  # fewer are no table
# What is kept, and as what; all other tags are dropped and their words kept.
_SAME = "table thead tbody tfoot tr td th p br pre code b strong i em u s sub sup ul ol li div"
_KEPT = {name: name for name in _SAME.split()} | {"h1": "b", "h2": "b", "h3": "b", "h4": "b", "math": "i"}
_SILENT = frozenset("script style template noscript svg annotation annotation-xml caption figcaption".split())
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_SPANS = ("colspan", "rowspan")
_SCRIPTS = {"msub": (None, "sub"), "msup": (None, "sup"), "msubsup": (None, "sub", "sup")}  # by child
MAX_SPAN = 100
# Tags that end where one of these begins, for their ends may be left out.
_ENDED = {
    "td": ("td", "th"), "th": ("td", "th"), "tr": ("tr",), "li": ("li",), "p": ("p",),
    "tbody": ("thead", "tbody"), "tfoot": ("tbody",),
}  # fmt: skip


class _Tag(Struct):
    name: str
    ends: str  # what is written where it ends
    silent: bool = False
    children: int = 0


class Markup:
    """Records tags and words as they are read, from one that opens to where that ends."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[_Tag] = []
        self._letters = 0
        self._too_deep = False
        self._rows = self._cells = self._widest = 0

    def start(self, tag: str, said: dict[str, str]) -> None:
        """A tag opens."""
        if self._too_deep or len(self._open) == MAX_DEPTH:
            self._too_deep = True
            return
        self._end_those_left_open(tag)
        parent = self._open[-1] if self._open else None
        silent = tag in _SILENT or (parent is not None and parent.silent)
        begins = ends = ""
        if parent is not None and parent.name in _SCRIPTS:
            places = _SCRIPTS[parent.name]
            name = places[parent.children] if parent.children < len(places) else None
            begins, ends = (f"<{name}>", f"</{name}>") if name else ("", "")
        if parent is not None:
            parent.children += 1
        if (name := _KEPT.get(tag)) is not None:
            begins, ends = f"{begins}<{name}{_spans(said)}>", f"</{name}>{ends}" * (tag not in _VOID)
        if not silent:
            self._count(tag)
            self._write(begins)
        if tag not in _VOID:
            self._open.append(_Tag(tag, "" if silent else ends, silent))

    def end(self, tag: str) -> None:
        """A tag ends, and with it those in it that were left open."""
        if not any(one.name == tag for one in self._open):
            return
        while self._open:
            one = self._open.pop()
            self._write(one.ends)
            if one.name == tag:
                break

    def _end_those_left_open(self, tag: str) -> None:
        for one in reversed(self._open):
            if one.name in _ENDED.get(tag, ()):
                self.end(one.name)
                return
            if one.name == "table":
                return

    def words(self, text: str) -> None:
        """Words between tags."""
        if not (self._open and self._open[-1].silent):
            self._write(escape(text, quote=False))

    def _count(self, tag: str) -> None:
        if tag == "tr":
            self._rows, self._cells = self._rows + 1, 0
        elif tag in ("td", "th"):
            self._cells += 1
            self._widest = max(self._widest, self._cells)

    def _write(self, text: str) -> None:
        self._letters += len(text)
        if self._letters <= MAX_LETTERS:
            self._parts.append(text)

    def table(self) -> str:
        """All of it, if it is a table; else ""."""
        return self.block() if self._rows >= LEAST_ROWS and self._widest >= LEAST_COLUMNS else ""

    def block(self) -> str:
        """All of it; "" if it is too long or too deep."""
        return "" if self._too_deep or self._letters > MAX_LETTERS else "".join(self._parts)


def _spans(said: dict[str, str]) -> str:
    """How many columns and rows a cell takes."""
    numbers = {name: said.get(name, "").strip() for name in _SPANS}
    return "".join(
        f' {name}="{min(int(number), MAX_SPAN)}"'
        for name, number in numbers.items()
        if number.isascii() and number.isdigit() and number != "1"
    )
