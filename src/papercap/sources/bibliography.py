"""A library in BibTeX → what its entries name."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from papercap.errors import Refused
from papercap.sources.arxiv import FETCHER as ARXIV

if TYPE_CHECKING:
    from pathlib import Path

_PREPRINT = re.compile(r"arxiv[\s:]+(\S+)", re.IGNORECASE)
_BRACES = re.compile(r"[{}]|\\(?=[_&%#$])")


def read_bib(data: bytes, name: str, folder: Path) -> list[tuple[str, str | None]]:
    """Each entry's key, and its file, arXiv id, DOI or address, the first of them that it has.

    Files are looked for beside the library. Refused, naming it, for what is no BibTeX.
    """
    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what is no entry is passed over
    library = parse_string(data.decode("utf-8-sig", "replace"))
    if not library.entries:
        raise Refused(f"{name}: no entry of BibTeX in it")
    entries = []
    for entry in library.entries:
        fields = {field.key.lower(): _BRACES.sub("", str(field.value)).strip() for field in entry.fields}
        entries.append((entry.key, _source(fields, folder)))
    return entries


def _source(fields: dict[str, str], folder: Path) -> str | None:
    for part in re.split(r"[:;]", fields.get("file", "")):  # as Zotero and JabRef write it: name:path:type
        path = folder / part.strip()
        if part.strip().lower().endswith(".pdf") and path.is_file():
            return str(path)
    archive = fields.get("archiveprefix", fields.get("eprinttype", "arxiv")).lower()
    preprints = _PREPRINT.findall(fields.get("journal", ""))
    for text in (fields.get("eprint", "") if archive == "arxiv" else "", *preprints):
        if arxiv := ARXIV.read(text):
            return f"arXiv:{arxiv}"
    if doi := fields.get("doi"):
        return doi if doi.lower().startswith(("http", "doi:")) else f"doi:{doi}"
    links = (fields.get(name, "") for name in ("pdf", "url", "howpublished"))
    return next((link for link in links if "://" in link), None)
