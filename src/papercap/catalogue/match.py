"""Know the entries again that links were made to: README and links may have been changed since.

What a link says of its entry is weighed: the address most, then the name, the id, and the section. An
address alone is enough (the entry was renamed), a name alone (it got another address), and an id alone.
Of two entries that are alike, the id decides which it was.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec

from papercap.addresses import place_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from papercap.records import Entry, Link, LinkKey

_ADDRESS, _BLOCK, _NAME, _ID, _SECTION = 16, 8, 8, 4, 1


class Register:
    """The entries of one catalogue, by all that a link may know of them."""

    def __init__(self, entries: Sequence[Entry], blocks: Mapping[str, str] | None = None) -> None:
        """`blocks`: in which entry, by its id, the block of figures stands that bears an id."""
        self._by_id = {entry.id: entry for entry in entries}
        self._blocks = blocks or {}
        self._alike: dict[Hashable, list[Entry]] = {}
        for entry in entries:
            for key in _keys(entry.name, entry.url):
                self._alike.setdefault(key, []).append(entry)

    def find_again(self, link: Link | LinkKey) -> Entry | None:
        """The entry of the link's own catalogue that it means today; None if that is gone."""
        same = self._by_id.get(link.entry)
        if same and (same.name, same.url) == (link.name, link.url):
            return same
        # A copied entry has the block of the one it was copied from, so that it counts only if that is gone.
        block = None if same else self._by_id.get(self._blocks.get(link.entry, ""))
        scores = {
            entry.id: _likeness(link, entry) + _ID * (entry is same) + _BLOCK * (entry is block)
            for entry in (*filter(None, (same, block)), *self._like(link))
        }
        return self._by_id[max(scores, key=lambda name: scores[name])] if scores else None

    def find_twin(self, link: Link | LinkKey) -> Entry | None:
        """The entry of another catalogue that is the same model: by address, or by name if one has none."""
        twins = [entry for entry in self._like(link) if _are_twins(link, entry)]
        scores = {entry.id: _likeness(link, entry) + _ID * (entry.id == link.entry) for entry in twins}
        return self._by_id[max(scores, key=lambda name: scores[name])] if scores else None

    def _like(self, link: Link | LinkKey) -> list[Entry]:
        return [entry for key in _keys(link.name, link.url) for entry in self._alike.get(key, ())]


def renewed(link: Link, entry: Entry) -> Link:
    """The link, saying of its entry what stands in the README now."""
    return msgspec.structs.replace(
        link, entry=entry.id, name=entry.name, url=entry.url, section=entry.section, catalogue=entry.catalogue
    )


def doubles(entries: Iterable[Entry]) -> dict[str, str]:
    """By id, the entries that stand in the catalogue once more, of one name and address: the first's id."""
    first: dict[tuple[Hashable, ...], str] = {}
    found = {}
    for entry in entries:
        key = _keys(entry.name, entry.url)
        if first.setdefault(key, entry.id) != entry.id:
            found[entry.id] = first[key]
    return found


def _keys(name: str, url: str | None) -> tuple[Hashable, ...]:
    place = place_of(url)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()
    return (folded, place) if place else (folded,)


def _likeness(link: Link | LinkKey, entry: Entry) -> int:
    here, there = _keys(link.name, link.url), _keys(entry.name, entry.url)
    return (
        _ADDRESS * (here[1:] == there[1:] != ())
        + _NAME * (here[0] == there[0])
        + _SECTION * (link.section is not None and link.section == entry.section)
    )


def _are_twins(link: Link | LinkKey, entry: Entry) -> bool:
    return _likeness(link, entry) >= _ADDRESS or not (link.url and entry.url)
