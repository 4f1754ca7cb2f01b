"""Pictures to judge by: `sheet`, `debug`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.hand import document_options
from papercap.cli.output import json_option, print_json, visible
from papercap.errors import Exit

if TYPE_CHECKING:
    from papercap.cli.here import Here


@click.command()
@click.argument("paper")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, .png or .pdf.  [default: <paper>-sheet.png]",
)
@click.option("--pages", help="Only these pages: 3, 2-5 or 1,4-.")
@document_options
@json_option
@click.pass_obj
def sheet(
    here: Here,
    paper: str,
    out: Path | None,
    pages: str | None,
    source: Path | None,
    password: str | None,
    as_json: bool,
) -> None:
    """Draw a paper's pages side by side, with the boxes of its figures and captions.

    Shows at a glance what was captured, how sure the finder was, and which captions have no body.
    """
    from papercap.cli.progress import watching
    from papercap.pipeline.look import draw_sheet

    with here.archive() as archive, watching() as watcher:
        record, file = draw_sheet(archive, paper, out, watcher, pages=pages, source=source, password=password)
    if as_json:
        counts = {"figures": len(record.figures), "missed": len(record.missed)}
        print_json({"paper": record.id, "file": str(file), "pages": record.pages, **counts})
    else:
        click.echo(visible(file))


@click.command()
@click.argument("pdf")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the pictures and their index.html.",
)
@click.option("--pages", help="Draw only these pages: 3, 2-5 or 1,4-.")
@click.option("--password", help="Of a locked PDF.")
@json_option
@click.pass_context
def debug(
    context: click.Context, pdf: str, out: Path, pages: str | None, password: str | None, as_json: bool
) -> None:
    """Draw what each stage of the finder says of a PDF, page by page.

    Shows why a box came out as it did: lines by their probability to be inside a figure, captions
    and what was not taken for one, the best regions of each caption, and the boxes chosen.
    """
    from papercap.cli.progress import watching
    from papercap.pipeline.look import draw_stages

    with watching() as watcher:
        stages = draw_stages(pdf, out, watcher, pages=pages, password=password)
    index = out / stages.index
    if as_json:
        pictures = {str(page): names for page, names in stages.pictures.items()}
        print_json({"index": str(index), "pages": pictures, "missed": stages.missed})
    else:
        click.echo(f"{visible(index)}: {len(stages.pictures)} pages with captions")
        for lost in stages.missed:
            click.echo(f"papercap: page {lost.page} {visible(lost.why)}", err=True)
    context.exit(Exit.PARTIAL if stages.missed else Exit.DONE)


COMMANDS = (sheet, debug)
