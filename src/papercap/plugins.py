"""Plugins: what a package offers papercap under an entry-point group; the built-ins use the same door."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from papercap.errors import PapercapError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

FETCHERS = "papercap.fetchers"
EXPORTERS = "papercap.exporters"


def load(group: str) -> list[Any]:
    """All plugins of a group by name; PapercapError, naming it, for one that cannot be loaded."""
    return [_loaded(entry) for entry in _sorted(group)]


def load_one(group: str, name: str) -> Any:
    """The plugin of that name; None if there is none. A group's broken plugins are in nobody else's way."""
    return next((_loaded(entry) for entry in _sorted(group) if entry.name == name), None)


def names(group: str) -> list[str]:
    """Of all plugins of a group, sorted; nothing is loaded."""
    return sorted({entry.name for entry in _sorted(group)})


def _sorted(group: str) -> list[EntryPoint]:
    return sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value))


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:  # a plugin may do anything
        where = f"{entry.value} of {entry.dist.name}" if entry.dist else entry.value
        raise PapercapError(f"plugin {entry.name} ({where}): {error}; mend or uninstall it") from None
