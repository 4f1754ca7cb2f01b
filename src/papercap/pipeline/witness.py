"""What was found in a PDF, compared with the paper's HTML: from its earlier capture, else from arXiv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papercap.documents.page import decode_bundle
from papercap.documents.witness import with_witness
from papercap.errors import PapercapError, Refused
from papercap.files import link_files
from papercap.pipeline.pages import bundle_page
from papercap.sources.arxiv import fetch_html

if TYPE_CHECKING:
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.documents.page import Bundle
    from papercap.pipeline.batch import Crew
    from papercap.records import Outcome, Paper
    from papercap.sources import Document

WITNESS = "witness"  # the name of its bundle, and of the folder of its pictures
FILE = f"{WITNESS}.json"


def witnessed(outcome: Outcome, document: Document, crew: Crew, draft: Path) -> tuple[Outcome, str | None]:
    """It in the words of the paper's HTML, whose bundle goes into the draft, or why there is none."""
    try:
        if document.facts.arxiv is None:
            raise Refused("only arXiv has it: name the paper by its arXiv id")
        page = fetch_html(crew.client(), document.facts.arxiv)
        bundle_page(page, crew.worker().browse, crew.client, draft, WITNESS)
    except PapercapError as error:
        return outcome, f"without HTML ({error})"
    return with_witness(outcome, _bundle(draft).pictures), None


def witnessed_before(outcome: Outcome, old: Paper, archive: Archive, draft: Path) -> Outcome:
    """The outcome in the words of the HTML with which an archived paper was compared, if it was."""
    names = [name for name in old.files if name == FILE or name.startswith(f"{WITNESS}/")]
    if FILE not in names:
        return outcome
    link_files(archive.store.path(old.id), draft, names)
    return with_witness(outcome, _bundle(draft).pictures)


def _bundle(draft: Path) -> Bundle:
    return decode_bundle((draft / FILE).read_bytes(), FILE)
