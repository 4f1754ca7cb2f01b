"""Ask about proposed links: on a terminal key by key, elsewhere by JSON."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, NamedTuple

import click
import msgspec

from papercap.cli.output import print_json, visible
from papercap.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.archive import Archive
    from papercap.cli.here import Here
    from papercap.linking import Linker, Proposal

KEYS = "y yes, n no, s later, q quit"


class _Answer(msgspec.Struct):
    """One decision of a file of them."""

    id: str
    entry: str
    answer: str


class _Shown(NamedTuple):
    """What a person sees of a figure or paper before deciding."""

    title: str | None
    caption: str | None
    image: str | None


def review_links(
    here: Here, ids: Sequence[str], accept: float | None, answers: IO[bytes] | None, as_json: bool
) -> None:
    """Propose links of these papers and figures, or of all, and make or remember what is decided."""
    with here.archive() as archive:
        linker = here.linker()
        if linker is None:
            raise NotFound("no entries to link to; 'papercap entries' shows what it reads in the README")
        proposals = _proposals(archive, linker, ids)
        if accept is not None:
            made = [one for one in proposals if one.score >= accept]
            for one in made:
                archive.accept(one)
            _report(archive, made, [], as_json)
        elif answers:
            _report(archive, *_by_answers(archive, proposals, answers), as_json=as_json)
        elif as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            print_json([_plain(archive, one) for one in proposals])
        else:
            _ask(archive, proposals)


def _proposals(archive: Archive, linker: Linker, ids: Sequence[str]) -> list[Proposal]:
    """The likeliest first; of one paper together, as they are decided together."""
    wanted = [archive.find(text) for text in ids]
    papers = (
        dict.fromkeys(paper for paper, _figure in wanted) if ids else [row.id for row in archive.papers()]
    )
    whole = {paper for paper, figure in wanted if figure is None}
    single = {f"{paper}/{figure}" for paper, figure in wanted if figure is not None}
    return [
        one
        for paper in papers
        for one in linker.propose(archive.record(paper))
        if not ids or one.paper in whole or one.id in single
    ]


def _shown(archive: Archive, proposal: Proposal) -> _Shown:
    if proposal.figure is None:
        record = archive.record(proposal.paper)
        return _Shown(record.title.value if record.title else None, None, None)
    row = next(row for row in archive.figures(proposal.paper) if row.id == proposal.id)
    return _Shown(row.title, row.caption, row.image)


def _plain(archive: Archive, one: Proposal) -> dict[str, object]:
    shown = _shown(archive, one)._asdict()
    return {"id": one.id, "entry": one.link.entry, "score": one.score, "why": one.link.why, **shown}


def _by_answers(
    archive: Archive, proposals: Sequence[Proposal], answers: IO[bytes]
) -> tuple[list[Proposal], list[Proposal]]:
    """Decide as a file says; NotFound for an answer to what was not proposed, before any is carried out."""
    try:
        given = msgspec.json.decode(answers.read(), type=list[_Answer])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(f"--answers: {error}; wanted: [{{id, entry, answer: y or n}}, …]") from None
    known = {(one.id, one.link.entry): one for one in proposals}
    made: list[Proposal] = []
    rejected: list[Proposal] = []
    for answer in given:
        proposal = known.get((answer.id, answer.entry))
        if proposal is None:
            raise NotFound(f"--answers: {answer.id} is not proposed for {answer.entry}")
        if answer.answer not in ("y", "n"):
            raise Refused(f"--answers: {answer.answer!r} for {answer.id} is neither y nor n")
        (made if answer.answer == "y" else rejected).append(proposal)
    for proposal in made:
        archive.accept(proposal)
    for proposal in rejected:
        archive.reject(proposal)
    return made, rejected


def _ask(archive: Archive, proposals: Sequence[Proposal]) -> None:
    """One key each; what was decided before q is kept."""
    if not proposals:
        click.echo("no links to look at")
        return
    made, rejected = [], []
    for number, one in enumerate(proposals, 1):
        shown = _shown(archive, one)
        what, entry = (click.style(text, bold=True) for text in (one.id, one.link.entry))
        click.echo(
            f"\n[{number}/{len(proposals)}] {what} → {entry}, {one.score:.2f}: {visible(one.link.why)}"
        )
        for line in (shown.caption or shown.title, shown.image and archive.root / shown.image):
            if line:
                click.echo(f"  {visible(line)}")
        key = _key()
        if key == "q":
            break
        if key == "y":
            archive.accept(one)
            made.append(one)
        elif key == "n":
            archive.reject(one)
            rejected.append(one)
    _report(archive, made, rejected, as_json=False)


def _key() -> str:
    while True:
        click.echo(f"  {KEYS}: ", nl=False)
        key = click.getchar().lower()
        click.echo(visible(key))
        if key in "ynsq":
            return key
        if key in "\x03\x04":
            raise click.Abort


def _report(archive: Archive, made: Sequence[Proposal], rejected: Sequence[Proposal], as_json: bool) -> None:
    if as_json:
        print_json(
            {"linked": [_plain(archive, p) for p in made], "rejected": [_plain(archive, p) for p in rejected]}
        )
    else:
        click.echo(f"{len(made)} linked, {len(rejected)} rejected")
