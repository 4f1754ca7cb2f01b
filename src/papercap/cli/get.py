"""`papercap get`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json, visible

if TYPE_CHECKING:
    from papercap.cli.here import Here

DEFAULT_DPI = 300  # what journals ask of a raster figure


@click.command()
@click.argument("figure")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; its ending says how: .png, .jpg, .webp, .pdf or .svg.",
)
@click.option("--dpi", type=click.IntRange(20, 2400), default=DEFAULT_DPI, show_default=True)
@click.option("--password", help="Of a locked PDF.")
@json_option
@click.pass_obj
def get(here: Here, figure: str, out: Path, dpi: int, password: str | None, as_json: bool) -> None:
    """Copy a figure out of the archive at any resolution, with the line to cite it by."""
    from papercap.exporters.citation import cite
    from papercap.pipeline.draw import draw_figure

    with here.archive() as archive:
        record, drawn = draw_figure(archive, figure, out, dpi, password)
    citation = cite(record, drawn)
    if as_json:
        print_json({"figure": f"{record.id}/{drawn.id}", "file": str(out), "dpi": dpi, "citation": citation})
    else:
        click.echo(visible(citation))


COMMANDS = (get,)
