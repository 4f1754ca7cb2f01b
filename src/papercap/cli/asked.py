"""The words and filters that say which figures are meant: of `search` and `export`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from papercap.archive import Archive
    from papercap.cli.here import Here
    from papercap.records import FigureRow, Kind


class Asked(NamedTuple):
    """Words and filters as they were typed."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    entries: tuple[str, ...]
    kinds: tuple[Kind, ...]
    papers: tuple[str, ...]
    unsure: bool
    limit: int | None

    def figures(self, here: Here, archive: Archive, most: int | None) -> list[FigureRow]:
        """Those that are meant, the best first, at most so many; NotFound for an unknown filter."""
        linked = [found for entry in self.entries for found in here.linked_entries(archive, entry)]
        if self.entries and not linked:  # an entry without figures is no mistake
            return []
        return archive.search(
            " ".join(self.words),
            tags=self.tags,
            entries=linked,
            kinds=self.kinds,
            papers=self.papers,
            unsure=self.unsure,
            limit=most,
        )


def search_options(default_limit: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command words and filters as its `asked`; `default_limit` is told in the help."""
    options = (
        click.argument("words", nargs=-1),
        click.option(
            "--tag", "tags", multiple=True, help="Only figures with this tag; of several, with all."
        ),
        click.option(
            "--entry", "entries", multiple=True, help="Only figures of this entry; of several, of any."
        ),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice(["figure", "table", "algorithm"]),
            help="Only these.",
        ),
        click.option(
            "--paper", "papers", multiple=True, help="Only figures of this paper; of several, of any."
        ),
        click.option("--unsure", is_flag=True, help="Only figures that the finder was not sure of."),
        click.option("--limit", type=click.IntRange(1), help=f"At most so many.  [default: {default_limit}]"),
    )

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def told(*here: Any, **options: Any) -> Any:
            asked = Asked(*(options.pop(name) for name in Asked._fields))
            return command(*here, asked=asked, **options)

        for option in reversed(options):
            told = option(told)
        return told

    return give
