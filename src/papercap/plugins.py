"""Plugins: what a package offers papercap under an entry-point group; the built-ins use the same door."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from papercap.errors import PapercapError

FETCHERS = "papercap.fetchers"


def load(group: str) -> list[Any]:
    """All plugins of a group by name; PapercapError, naming it, for one that cannot be loaded."""
    found = []
    for entry in sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
        try:
            found.append(entry.load())
        except Exception as error:  # a plugin may do anything
            where = f"{entry.value} of {entry.dist.name}" if entry.dist else entry.value
            raise PapercapError(f"plugin {entry.name} ({where}): {error}; mend or uninstall it") from None
    return found
