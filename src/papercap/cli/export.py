"""`papercap export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.asked import search_options
from papercap.cli.counting import counting
from papercap.cli.output import json_option, print_json, visible
from papercap.errors import Exit, Usage

if TYPE_CHECKING:
    from papercap.cli.asked import Asked
    from papercap.cli.here import Here
    from papercap.export import Exported
    from papercap.exporters.chosen import Form

STANDARD_OUTPUT = Path("-")


@click.command()
@search_options("all")
@click.option(
    "--to", required=True, metavar="FORMAT", help="json, csv, bibtex, folder, or what a plugin brings."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, - for standard output; or the folder to fill.  [default: -]",
)
@click.option(
    "--form",
    type=click.Choice(["png", "pdf", "webp"]),
    help="Of the pictures in a folder: image, vectors, thumbnail.  [default: png]",
)
@click.option(
    "--replace", is_flag=True, help="Take the place of a folder that holds other files; they are moved aside."
)
@json_option
@click.pass_obj
def export(
    here: Here, asked: Asked, to: str, out: Path | None, form: Form | None, replace: bool, as_json: bool
) -> None:
    """Take figures out of the archive for others to read: all, or what a search finds.

    json has papers and figures with all that is known, csv one row a figure, bibtex one entry a paper. A
    folder gets the pictures under names that say what they show, index.csv that says what each is and whose,
    and papers.bib.
    """
    from papercap.export import Wanted
    from papercap.export import export as write

    out = None if out == STANDARD_OUTPUT else out
    if as_json and out is None:
        raise Usage("--json tells what was written where; name that with --out")
    with here.archive() as archive, counting("figures") as step:
        figures = asked.figures(here, archive, asked.limit)
        done = write(archive, figures, Wanted(to, out, form, replace), step)
    _tell(done, out, as_json)
    click.get_current_context().exit(Exit.PARTIAL if done.left_out else Exit.DONE)


def _tell(done: Exported, out: Path | None, as_json: bool) -> None:
    for line in done.left_out:
        click.echo(f"papercap: left out: {visible(line)}", err=True)
    if done.data is not None:
        click.echo(done.data, nl=False)
    elif as_json:
        counts = {"papers": done.papers, "figures": done.figures}
        moved = str(done.moved) if done.moved else None
        print_json({"out": str(out), **counts, "left_out": done.left_out, "moved": moved})
    else:
        figures = f"{done.figures} figure{'s' * (done.figures != 1)}"
        papers = f"{done.papers} paper{'s' * (done.papers != 1)}"
        click.echo(f"{visible(out)}: {figures} of {papers}")
        if done.moved:
            click.echo(f"what stood there is in {visible(done.moved)}", err=True)


COMMANDS = (export,)
