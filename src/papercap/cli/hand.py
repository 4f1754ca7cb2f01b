"""Figures by hand: `crop`, `fix`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from papercap.cli.output import json_option, print_json, visible
from papercap.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from papercap.cli.here import Here
    from papercap.geometry import Box
    from papercap.hand import Said
    from papercap.records import FigureRow, Kind

F = TypeVar("F", bound="Callable[..., Any]")


def _box(_context: click.Context, _option: click.Parameter, text: str | None) -> Box | None:
    from papercap.geometry import Box

    if text is None:
        return None
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != 4 or not all(map(math.isfinite, values)):
        raise Usage(f"--box {text}: write it as x0,y0,x1,y1, points from the page's top left corner")
    return Box(*values)


def _said_options(command: F) -> F:
    """Give a command what a person can say of a figure beside its place."""
    for option in (
        click.option("--kind", type=click.Choice(["figure", "table", "algorithm"]), help="What it is."),
        click.option("--caption", help="The caption's whole text."),
        click.option("--label", help='As printed, such as "Figure 3".'),
    ):
        command = option(command)
    return command


def document_options(command: F) -> F:
    """Give a command that reads an archived document `--source` and `--password`."""
    for option in (
        click.option("--password", help="Of a locked PDF."),
        click.option(
            "--source",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The document, of a paper that was added with --no-source.",
        ),
    ):
        command = option(command)
    return command


BOX_HELP = "Left, top, right, bottom in points (1/72 inch) from the page's top left corner."


@click.command()
@click.argument("paper")
@click.option("--page", type=int, required=True, help="Counted from 1.")
@click.option("--box", metavar="X0,Y0,X1,Y1", callback=_box, required=True, help=BOX_HELP)
@_said_options
@document_options
@json_option
@click.pass_obj
def crop(
    here: Here,
    paper: str,
    page: int,
    box: Box,
    label: str | None,
    caption: str | None,
    kind: Kind | None,
    source: Path | None,
    password: str | None,
    as_json: bool,
) -> None:
    """Capture a figure by hand, with the same files as one that was found.

    Without --label and --caption it gets the nearest caption of the page that has no body yet. It
    stays as it is when the paper is extracted again.
    """
    from papercap.pipeline.hand import crop_figure, overlapped

    said = _said(page, box, label, caption, kind)
    with here.archive() as archive:
        row = crop_figure(archive, paper, said, source, password)
        there = overlapped(archive, row)
    _say(row, as_json, "cropped")
    if there:
        click.echo(f"papercap: overlaps {', '.join(there)}; 'papercap fix' would mend that one", err=True)


@click.command()
@click.argument("figure")
@click.option("--page", type=int, help="Counted from 1.")
@click.option("--box", metavar="X0,Y0,X1,Y1", callback=_box, help=BOX_HELP)
@_said_options
@click.option("--auto", is_flag=True, help="Take back what was set by hand: 'add --again' says it anew.")
@document_options
@json_option
@click.pass_obj
def fix(
    here: Here,
    figure: str,
    page: int | None,
    box: Box | None,
    label: str | None,
    caption: str | None,
    kind: Kind | None,
    auto: bool,
    source: Path | None,
    password: str | None,
    as_json: bool,
) -> None:
    """Mend a figure's box, page, label, caption or kind; its id stays.

    What is set by hand stays when the paper is extracted again.
    """
    from papercap.hand import Said
    from papercap.pipeline.hand import fix_figure, give_back

    said = _said(page, box, label, caption, kind)
    if auto and said != Said():
        raise Usage("fix: --auto takes back what was set by hand; give it alone")
    with here.archive() as archive:
        row = give_back(archive, figure) if auto else fix_figure(archive, figure, said, source, password)
    _say(row, as_json, "the finder's again, with the next 'add --again'" if auto else "mended")


def _said(
    page: int | None, box: Box | None, label: str | None, caption: str | None, kind: Kind | None
) -> Said:
    from papercap.hand import MAX_LABEL, Said, clean_words

    return Said(
        page=page,
        box=box,
        label=clean_words(label, "--label", MAX_LABEL) if label is not None else None,
        caption=clean_words(caption, "--caption") if caption is not None else None,
        kind=kind,
    )


def _say(row: FigureRow, as_json: bool, what: str) -> None:
    if as_json:
        print_json(row)
        return
    click.echo(f"{row.id}: {what}")
    click.echo(f"  {visible(row.caption)}" if row.caption else "  without a caption")


COMMANDS = (crop, fix)
