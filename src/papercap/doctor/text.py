"""What is wrong with a README's text: links and pictures that lead nowhere, stray tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from papercap.doctor.cases import Case, Finding
from papercap.documents.showing import BADGE_HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_FILE = re.compile(
    r"[a-z][a-z0-9+.-]*:|//|[#?]|$|.*\{\{", re.I
)  # another scheme, a part of this page, a template
_OUTSIDE = re.compile(r"(?:https?:)?//", re.I)
_TAG = re.compile(rb"<(?P<slash>/?)(?P<name>details|div)(?=[\s/>])[^<>]*>", re.I)


def missing_files(case: Case, root: Path) -> Iterator[Finding]:
    """Relative links and pictures that lead to no file."""
    for pointer in case.pointers:
        if _NO_FILE.match(pointer.target) or _is_told(case, pointer.span.start, pointer.target):
            continue
        path = unquote(re.split("[#?]", pointer.target, maxsplit=1)[0])
        if not _is_there(case.path, root, path):
            what = f"this {pointer.kind} leads to {path}, and there is no such file"
            mend = "put the file there, or write where it is"
            yield case.at_byte(pointer.span.start, "missing-file", "warning", what, mend)


def _is_told(case: Case, offset: int, target: str) -> bool:
    """Does a warning of the entry's own link speak of this one?"""
    entry = case.entry_at(offset)
    return entry is not None and any(f"'{target}'" in warning for warning in entry.warnings)


def _is_there(readme: Path, root: Path, path: str) -> bool:
    """A path that begins with a slash counts from the root, as on GitHub."""
    try:
        return (root / path.lstrip("/") if path.startswith("/") else readme.parent / path).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def remote_pictures(case: Case) -> Iterator[Finding]:
    """Pictures inside entries that another server shows, and may cease to; badges are no figures."""
    for pointer in case.pointers:
        entry = case.entry_at(pointer.span.start)
        if pointer.kind == "picture" and entry and _OUTSIDE.match(pointer.target):
            if BADGE_HOSTS.search(_host(pointer.target)):
                continue
            what = f"this picture is shown from outside: {pointer.target}"
            mend = f"'papercap adopt {entry.id}' keeps it"
            yield case.at_byte(pointer.span.start, "remote-image", "hint", what, mend)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def stray_tags(case: Case) -> Iterator[Finding]:
    """`</div>` and `</details>` that close nothing, or not what was opened last."""
    opened: list[bytes] = []
    folds = 0
    for tag in case.readme.find(_TAG):
        name = tag["name"].lower()
        if not tag["slash"]:
            opened.append(name)
            folds += name == b"details"
        elif name == b"details" and folds:
            folds -= 1
            while opened.pop() != name:
                pass  # a <div> that is left open ends with its fold
        elif opened and opened[-1] == name:
            opened.pop()
        else:
            what = f"this </{name.decode()}> closes nothing"
            yield case.at_byte(
                tag.start(), "stray-tag", "hint", what, "delete it, or add what it is to close"
            )
