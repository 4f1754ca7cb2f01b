"""Licences as papers and pages name them: what they are called, and whether a figure may be shown."""

from __future__ import annotations

import re

_CREATIVE = re.compile(
    r"creativecommons\.org/licenses/(?P<kind>by(?:-(?:nc|nd|sa))*)/(?P<version>\d\.\d)"
    r"|\bCC[ -](?P<named>BY(?:-(?:NC|ND|SA))*)(?:[ -](?P<number>\d\.\d))?\b",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"creativecommons\.org/publicdomain/|\bCC[ -]?0\b|\bpublic domain\b", re.IGNORECASE)
_ARXIV = re.compile(r"arxiv\.org/licenses/", re.IGNORECASE)
# Of software, and so of the pictures in its repository; by SPDX id or as it is usually written
_FREE = re.compile(
    r"^(?:the )?(?:MIT|ISC|0BSD|BSD(?:-[23]-Clause)?|Apache(?:[- ]License)?(?:,? Version)?[- ]?2\.0|"
    r"Unlicense|[AL]?GPL(?:-|v| v)?[23](?:\.[01])?(?:-only|-or-later|\+)?|"
    r"MPL-2\.0|Zlib|OFL-1\.1|CDLA-Permissive-2\.0)"
    r"(?: licen[cs]e)?$",
    re.IGNORECASE,
)


def licence_name(licence: str) -> str:
    """As a reader knows it: `CC BY 4.0` of its address; what is not known, as it is."""
    if found := _CREATIVE.search(licence):
        kind, version = found["kind"] or found["named"], found["version"] or found["number"] or ""
        return f"CC {kind.upper()} {version}".strip()
    if _PUBLIC.search(licence):
        return "CC0" if "zero" in licence or "0" in licence else "public domain"
    if _ARXIV.search(licence):
        return "arXiv licence"
    return licence


def may_be_shown(licence: str | None) -> bool:
    """Does it allow anybody to show a cropped figure, not for money? What is not known does not.

    Creative Commons without "no derivatives", as a crop may be one; the public domain; free software
    licences, of what is from a repository.
    """
    if not licence:
        return False
    if found := _CREATIVE.search(licence):
        return "nd" not in (found["kind"] or found["named"]).lower().split("-")
    return bool(_PUBLIC.search(licence) or _FREE.match(licence.strip()))
