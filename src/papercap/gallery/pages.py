"""Pages beside a README that would be too long: the galleries of entries, and of everything.

The first line of a page says that papercap wrote it, with a hash of the others, by which a hand edit is
seen, and one of all that it was made from, so that it is not drawn again for nothing; what has no such line
is not papercap's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from papercap.gallery.blocks import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from papercap.gallery.shelves import Shelves
    from papercap.records import FigureRow

PER_PAGE = 300  # figures, some 250 kB: GitHub draws 500
_MARK = re.compile(rb"<!-- papercap:page (?P<digest>[0-9a-f]{12}) (?P<made_of>[0-9a-f]{12}) -->\r?\n")


class Chapter(Struct, frozen=True):
    """Figures that get a page, or several; `path` is of the first, from the README's folder."""

    path: str
    title: str
    figures: Sequence[FigureRow]

    @property
    def address(self) -> str:
        return quote(self.path)


def write_pages(
    chapters: Iterable[Chapter], shelves: Shelves, there: Callable[[str], bytes | None], *, back: str
) -> dict[str, bytes]:
    """The pages by their paths; `back` leads from them to the README, `there` gives a page as it is now."""
    pages = {}
    for chapter in chapters:
        parts = [chapter.figures[at : at + PER_PAGE] for at in range(0, len(chapter.figures), PER_PAGE)]
        paths = [_path(chapter.path, number) for number in range(1, len(parts) + 1)]
        files = [quote(path.rsplit("/", 1)[-1]) for path in paths]
        for index, (path, figures) in enumerate(zip(paths, parts, strict=True)):
            words = {
                "title": chapter.title or shelves.title_of_all(len(chapter.figures)),
                "back": quote(back),
                "before": files[index - 1] if index else "",
                "after": files[index + 1] if index + 1 < len(files) else "",
            }
            made_of = digest(shelves.made_of(figures) + repr(words).encode())
            old = there(path)
            if old and is_ours(old) and _made_of(old) == made_of:
                pages[path] = old
                continue
            content = shelves.page(figures, **words).encode()
            pages[path] = f"<!-- papercap:page {digest(content)} {made_of} -->\n".encode() + content
    return pages


def _made_of(page: bytes) -> str:
    mark = _MARK.match(page)
    return mark["made_of"].decode() if mark else ""


def is_ours(page: bytes) -> bool | None:
    """Did papercap write this page as it is? None if it was edited since."""
    mark = _MARK.match(page)
    if mark is None:
        return False
    return True if mark["digest"].decode() == digest(page[mark.end() :]) else None


def _path(path: str, number: int) -> str:
    return path if number == 1 else f"{path.removesuffix('.md')}-{number}.md"
