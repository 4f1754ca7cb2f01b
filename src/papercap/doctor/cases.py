"""What is looked at, a catalogue with all that was read of it, and what is found."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from papercap.catalogue import entries_of, read_readme
from papercap.catalogue.match import doubles
from papercap.catalogue.pointers import Pointer, pointers_of

if TYPE_CHECKING:
    from pathlib import Path

    from papercap.records import Entry

Severity = Literal[
    "error", "warning", "hint"
]  # figures are lost or the README cannot be written; wrong; to know


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a catalogue, and what to do about it."""

    file: str  # from the root: a catalogue, or papercap.toml
    line: int | None  # counted from 1; None where it is no line's
    entry: str | None  # an id
    code: str  # a word that stays the same
    severity: Severity
    what: str
    mend: str


class Case:
    """One catalogue: its text and its entries."""

    def __init__(self, data: bytes, path: Path, name: str) -> None:
        """Read it; Refused if it is not UTF-8."""
        self.path, self.name = path, name
        self.readme = read_readme(data, name)
        self.entries = entries_of(self.readme)
        self.twice = doubles(self.entries)  # by id, the first entry that is the same
        self._starts = [entry.start for entry in self.entries]

    @cached_property
    def pointers(self) -> list[Pointer]:
        """Where its text leads."""
        return pointers_of(self.readme)

    def entry_at(self, offset: int) -> Entry | None:
        """The entry that holds this byte."""
        index = bisect_right(self._starts, offset) - 1
        return self.entries[index] if index >= 0 and offset < self.entries[index].end else None

    def of_entry(self, entry: Entry, code: str, severity: Severity, what: str, mend: str) -> Finding:
        """What is found at the head of an entry."""
        return self.at_line(entry.line, code, severity, what, mend, entry=entry.id)

    def at_byte(self, offset: int, code: str, severity: Severity, what: str, mend: str) -> Finding:
        """What is found at a place in the text."""
        entry = self.entry_at(offset)
        line = self.readme.line_at(offset)
        return self.at_line(line, code, severity, what, mend, entry=entry.id if entry else None)

    def at_line(
        self,
        line: int | None,
        code: str,
        severity: Severity,
        what: str,
        mend: str,
        *,
        entry: str | None = None,
    ) -> Finding:
        """What is found in a line, or in the whole."""
        return Finding(
            file=self.name, line=line, entry=entry, code=code, severity=severity, what=what, mend=mend
        )
