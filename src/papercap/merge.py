"""What a document gave, and what the archive had of it → the record to keep. Hand work wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from papercap.records import RECORD_FORMAT, Figure, Paper, Sourced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papercap.records import By, Facts, Link, Missed, Options, Outcome, Source

_FACTS = ("title", "authors", "year", "doi", "arxiv", "abstract")


def new_record(
    outcome: Outcome, source: Source, options: Options, *, paper: str, added: str, made_by: str
) -> Paper:
    """The record of a paper seen for the first time."""
    extraction = outcome.extraction
    return Paper(
        format=RECORD_FORMAT,
        id=paper,
        kind=_kind(source.type),
        added=added,
        made_by=made_by,
        source=source,
        options=options,
        pages=extraction.pages,
        figures=without_loose_ends(outcome.figures),
        missed=extraction.missed,
        warnings=extraction.warnings,
        **_sourced(extraction.facts, "document"),
    )


def _kind(media_type: str) -> Literal["pdf", "page", "image"]:
    if media_type.startswith("image/"):
        return "image"
    return "page" if media_type.endswith("page+json") else "pdf"


def renewed_record(old: Paper, outcome: Outcome, options: Options, made_by: str) -> Paper:
    """The record after `add --again`: what a person set stays, what papercap found is found anew."""
    fresh = new_record(outcome, old.source, options, paper=old.id, added=old.added, made_by=made_by)
    by_id = {figure.id: figure for figure in old.figures}
    figures = [_keep_hand_work(by_id.pop(new.id, None), new) for new in fresh.figures]
    stay = in_order([*figures, *(figure for figure in by_id.values() if has_hand_work(figure))])
    gone = [figure.id for figure in by_id.values() if not has_hand_work(figure)]
    hand = {
        name: value
        for name in _FACTS
        if (value := getattr(old, name)) is not None
        and (value.by != "document" or getattr(fresh, name) is None)
    }
    return msgspec.structs.replace(
        fresh,
        missed=tuple(missed for missed in fresh.missed if not _has_body_by_hand(missed, stay)),
        figures=without_loose_ends(stay),
        retired=(*old.retired, *gone),
        version_of=old.version_of,
        tags=old.tags,
        links=old.links,
        rejected=old.rejected,
        notes=old.notes,
        **hand,
    )


def without_loose_ends(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures, none of which continues one that is not among them."""
    figures = tuple(figures)
    names = {figure.id for figure in figures}
    return tuple(
        figure
        if figure.continues is None or figure.continues in names
        else msgspec.structs.replace(figure, continues=None)
        for figure in figures
    )


def has_hand_work(figure: Figure) -> bool:
    """Would something that a person did be lost with this figure?"""
    by_hand = figure.caption is not None and figure.caption.by == "hand"
    return bool(
        figure.by == "hand" or by_hand or figure.tags or figure.links or figure.rejected or figure.pinned
    )


def in_order(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """As they stand in the paper."""
    return tuple(sorted(figures, key=lambda figure: (figure.page, figure.box.y0, figure.id)))


def with_tags(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Both, sorted, each once."""
    return tuple(sorted({*old, *new}))


def with_links(old: tuple[Link, ...], new: tuple[Link, ...]) -> tuple[Link, ...]:
    """Both; an entry that is linked already keeps its link, unless a person makes an automatic one theirs."""
    by_hand = {(link.catalogue, link.entry) for link in new if link.by == "hand"}
    kept = [link for link in old if link.by == "hand" or (link.catalogue, link.entry) not in by_hand]
    have = {(link.catalogue, link.entry) for link in kept}
    return (*kept, *(link for link in new if (link.catalogue, link.entry) not in have))


def _has_body_by_hand(missed: Missed, figures: Iterable[Figure]) -> bool:
    """Has a person drawn the body that the finder did not find?"""
    return missed.label is not None and any(
        figure.by == "hand"
        and figure.label == missed.label
        and (figure.page == missed.page or (figure.caption and figure.caption.value == missed.caption))
        for figure in figures
    )


def _keep_hand_work(old: Figure | None, new: Figure) -> Figure:
    if old is None:
        return new
    if old.by == "hand":
        return old
    caption = old.caption if old.caption and old.caption.by == "hand" else new.caption
    return msgspec.structs.replace(
        new, caption=caption, tags=old.tags, links=old.links, rejected=old.rejected, pinned=old.pinned
    )


def joined(facts: Facts, service: Facts) -> Facts:
    """What a document says of itself, and over it what a service says."""
    said = {name: value for name in _FACTS if (value := getattr(service, name)) not in (None, ())}
    return msgspec.structs.replace(facts, **said)


def with_service(paper: Paper, facts: Facts) -> Paper:
    """The record with what a service says of the paper, but for what a person said."""
    said = _sourced(facts, "service")
    return msgspec.structs.replace(
        paper, **{name: value for name, value in said.items() if not _by_hand(paper, name)}
    )


def _by_hand(paper: Paper, name: str) -> bool:
    value = getattr(paper, name)
    return value is not None and value.by == "hand"


def _sourced(facts: Facts, by: By) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in _FACTS}
    return {name: Sourced(value, by) for name, value in values.items() if value not in (None, ())}
