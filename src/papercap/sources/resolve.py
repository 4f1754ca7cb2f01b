"""An id or address → the fetcher that knows its form."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from papercap.plugins import FETCHERS, load
from papercap.sources import Remote

if TYPE_CHECKING:
    from papercap.sources import Fetcher


def resolve(text: str) -> Remote | None:
    """Who fetches what was typed, and its one name; None if nobody knows its form."""
    for fetcher in fetchers():
        try:
            name = fetcher.read(text.strip())
        except ValueError:  # no address, though it begins like one; who fetches it says so
            continue
        if name is not None:
            return Remote(fetcher, name)
    return None


@cache
def fetchers() -> tuple[Fetcher, ...]:
    """All fetchers, built in and from plugins, in the order in which they are asked."""
    return tuple(sorted(load(FETCHERS), key=lambda fetcher: fetcher.rank))
