"""What is wrong with entries as they stand: doubles, addresses, what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papercap.addresses import place_of
from papercap.catalogue import NEVER_CLOSED, passed_over
from papercap.doctor.cases import Case, Finding

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from papercap.readme import Linked
    from papercap.records import Entry

_RUN_TOGETHER, _OPEN, _NO_ADDRESS = (
    "run together",
    "no closing bracket",
    "is no http(s) address",
)  # of the reader


def doubled(case: Case) -> Iterator[Finding]:
    """Entries that stand twice, with the same name and address."""
    lines = {entry.id: entry.line for entry in case.entries}
    for entry in case.entries:
        if first := case.twice.get(entry.id):
            what = f"{entry.name} stands in line {lines[first]} already ({first}), with the same address"
            yield case.of_entry(entry, "double", "warning", what, "delete one of the two")


def alike(case: Case) -> Iterator[Finding]:
    """Two entries of one name and other addresses, or of one address and other names."""
    names: dict[Hashable, Entry] = {}
    places: dict[Hashable, Entry] = {}
    for entry in case.entries:
        if entry.id in case.twice:
            continue
        place = place_of(entry.url)
        same_place = places.setdefault(place, entry) if place else entry
        same_name = names.setdefault(entry.name.casefold(), entry)
        if same_place is not entry:
            what = f"it has the address of {same_place.id} in line {same_place.line}"
            yield case.of_entry(
                entry, "same-address", "hint", what, "give each its own, if they are two things"
            )
        if same_name is not entry:
            what = f"it has the name of {same_name.id} in line {same_name.line}, and another address"
            yield case.of_entry(
                entry, "same-name", "hint", what, "tell their names apart, if they are two things"
            )


def ill_addressed(case: Case) -> Iterator[Finding]:
    """What the reader warns of in an entry's link."""
    for entry in case.entries:
        for warning in entry.warnings:
            what = f"{warning}: {entry.url}" if entry.url else warning
            if _RUN_TOGETHER in warning:
                yield case.of_entry(entry, "two-addresses", "warning", what, "leave one address in the link")
            elif _OPEN in warning:
                yield case.of_entry(entry, "no-bracket", "warning", what, "add the ')'")


def unaddressed(case: Case) -> Iterator[Finding]:
    """Entries without an address, by which figures would be known to be theirs."""
    for entry in case.entries:
        if entry.url is None:
            said = next((warning for warning in entry.warnings if _NO_ADDRESS in warning), "")
            what = f"it has no address: {said}" if said else "it has no address"
            mend = f"write one, as in [{entry.name}](https://…)"
            yield case.of_entry(entry, "no-address", "warning" if said else "hint", what, mend)


def unclosed(case: Case, linked: Linked) -> Iterator[Finding]:
    """Folds without an end; no figures can be written into them."""
    for entry in case.entries:
        if any(NEVER_CLOSED in warning for warning in entry.warnings):
            lost = linked.shown.get(entry.id)
            what = f"its {NEVER_CLOSED}" + "; its figures cannot be written" * bool(lost)
            mend = "add </details> where it ends"
            yield case.of_entry(entry, "never-closed", "error" if lost else "warning", what, mend)


def unread(case: Case) -> Iterator[Finding]:
    """What stands among entries and is none."""
    for one in passed_over(case.readme):
        if one.form == "details":
            what = f"this is no entry: {one.why}"
            mend = "write <summary>[name](https://…)</summary> right after <details>"
            yield case.at_line(one.line, "unread-summary", "warning", what, mend)
        else:
            what = f"this item of a list of entries is none: {one.why}"
            yield case.at_line(one.line, "unread-item", "hint", what, "write [name](https://…) first")


def empty(case: Case, linked: Linked) -> Iterator[Finding]:
    """Entries that say nothing beside their link."""
    for entry in case.entries:
        says = entry.notes or (entry.form == "list" and entry.description)
        if not says and not linked.shown.get(entry.id) and entry.id not in case.twice:
            what = "its fold is empty" if entry.form == "details" else "it says nothing beside its link"
            yield case.of_entry(entry, "empty", "hint", what, "write what it is")
