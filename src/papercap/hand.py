"""What a person says of a figure → the record to keep: cropped by hand, mended, given back to the finder."""

from __future__ import annotations

import unicodedata

import msgspec
from msgspec import Struct

from papercap.errors import NotFound, Usage
from papercap.geometry import Box, rounded
from papercap.merge import in_order
from papercap.names import hand_figure_id, same_label
from papercap.records import Cropped, Figure, Kind, Missed, Paper, Sourced, files_of

METHOD = "hand"
MAX_LABEL = 60  # characters; it becomes a file's name


class Said(Struct, frozen=True, kw_only=True):
    """What a person said; None where nothing was said."""

    page: int | None = None
    box: Box | None = None
    label: str | None = None
    caption: str | None = None
    kind: Kind | None = None

    def __post_init__(self) -> None:
        if self.page is not None and self.page < 1:
            raise Usage(f"--page {self.page}: pages count from 1")
        if self.box is not None and not (self.box.x0 < self.box.x1 and self.box.y0 < self.box.y1):
            raise Usage(f"--box {_plain(self.box)}: inside out; give left, top, right, bottom in points")


def clean_words(text: str, option: str, longest: int | None = None) -> str:
    """Words as they are kept: composed letters, single blanks; Usage for none, too many or odd ones."""
    clean = unicodedata.normalize("NFC", " ".join(text.split()))
    if not clean or not clean.isprintable():
        raise Usage(f"{option}: say something printable, or leave the option out")
    if longest is not None and len(clean) > longest:
        raise Usage(f"{option}: more than {longest} characters")
    return clean


def cropped_record(old: Paper, crop: Cropped, page: int, said: Said) -> tuple[Paper, Figure]:
    """The record with one more figure, and that figure; the caption that it took is missed no more."""
    label, kind = said.label or crop.label, said.kind or crop.kind or "figure"
    taken = {figure.id for figure in old.figures} | set(old.retired)
    name = hand_figure_id(label, kind, page, taken)
    figure = Figure(
        id=name,
        kind=kind,
        label=label,
        page=page,
        box=crop.box,
        caption=_caption(said, crop.bound),
        caption_box=crop.caption_box,
        by="hand",
        method=METHOD,
        confidence=None,
        files=files_of(name),
        text=crop.text,
        hash=crop.hash,
    )
    missed = tuple(item for item in old.missed if item != crop.bound)
    return msgspec.structs.replace(old, figures=in_order([*old.figures, figure]), missed=missed), figure


def mended_record(old: Paper, name: str, crop: Cropped | None, said: Said) -> tuple[Paper, Figure]:
    """The record with one figure mended, and that figure; `crop` if its box or page is another now."""
    was = figure_of(old, name)
    figure = msgspec.structs.replace(
        was,
        kind=said.kind or was.kind,
        label=said.label or was.label,
        continues=was.continues if said.label in (None, was.label) else None,
        by="auto" if was.by == "auto" and said == Said(caption=said.caption) else "hand",
    )
    if crop:
        page = said.page or was.page
        figure = msgspec.structs.replace(
            figure,
            page=page,
            box=crop.box,
            caption_box=was.caption_box if page == was.page else None,
            method=METHOD,
            confidence=None,
            files=files_of(name),
            text=crop.text,
            hash=crop.hash,
        )
    bound = _bodiless(old, figure) if said.label else None
    caption = _caption(said, bound)
    if caption:
        own_box = None if bound else figure.caption_box
        figure = msgspec.structs.replace(figure, caption=caption, caption_box=own_box)
    missed = tuple(item for item in old.missed if item != bound)
    return _with_figure(msgspec.structs.replace(old, missed=missed), figure), figure


def given_back(old: Paper, name: str) -> Paper:
    """The record with a figure whose box, label, kind and caption are the finder's to say again.

    They stay as they are until the paper is extracted anew; tags and links are not touched.
    """
    was = figure_of(old, name)
    caption = Sourced(was.caption.value, "document") if was.caption else None
    return _with_figure(old, msgspec.structs.replace(was, by="auto", caption=caption))


def figure_of(paper: Paper, name: str) -> Figure:
    """A record's figure; NotFound if another process has taken it out."""
    for figure in paper.figures:
        if figure.id == name:
            return figure
    raise NotFound(f"{paper.id}/{name}: no such figure any more")


def has_moved(figure: Figure, said: Said) -> bool:
    """Does what was said change what is to be seen?"""
    box = rounded(said.box) if said.box else figure.box
    return box != figure.box or said.page not in (None, figure.page)


def _caption(said: Said, bound: Missed | None) -> Sourced[str] | None:
    if said.caption:
        return Sourced(said.caption, "hand")
    return Sourced(bound.caption, "document") if bound and bound.caption else None


def _bodiless(paper: Paper, figure: Figure) -> Missed | None:
    """The caption without a body on the figure's page that its label names."""
    fits = (m for m in paper.missed if m.page == figure.page and same_label(m.label, figure.label))
    return next(fits, None)


def _with_figure(paper: Paper, figure: Figure) -> Paper:
    others = (item for item in paper.figures if item.id != figure.id)
    return msgspec.structs.replace(paper, figures=in_order([*others, figure]))


def _plain(box: Box) -> str:
    return ",".join(f"{value:g}" for value in box)
