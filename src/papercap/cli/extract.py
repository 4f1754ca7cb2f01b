"""`papercap extract`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.add import exit_code
from papercap.cli.fetching import all_sources, fetch_options
from papercap.cli.here import whole_number_of_jobs
from papercap.cli.output import print_json, visible
from papercap.errors import Usage

if TYPE_CHECKING:
    from papercap.records import Extracted


@click.command()
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for one JSON a paper.")
@click.option("--crops", is_flag=True, help="Write the pictures too, to OUT/<name of the PDF>/.")
@click.option("--pages", help="Only these pages: 3, 2-5 or 1,4-.")
@click.option("--dpi", type=click.IntRange(20, 1200), help="Resolution of the PNG crops.  [default: 200]")
@click.option("--jobs", type=int, help="Papers read at once.  [default: one a processor]")
@click.option("--password", help="Of a locked PDF.")
@fetch_options
@click.option("--json", "as_json", is_flag=True, help="Print an array, one object a paper.")
def extract(
    sources: tuple[str, ...],
    out: Path | None,
    crops: bool,
    pages: str | None,
    dpi: int | None,
    jobs: int | None,
    password: str | None,
    lists: tuple[str, ...],
    libraries: tuple[str, ...],
    allow_hosts: tuple[str, ...],
    contact: str | None,
    offline: bool,
    clipboard: bool,
    witness: str,
    as_json: bool,
) -> None:
    """Find figures without an archive.

    SOURCE is what 'papercap add' takes. Writes one JSON a paper to --out, or prints them with --json.
    """
    from papercap import pipeline
    from papercap.cli.progress import watching
    from papercap.exporters.items import write_items

    sources = all_sources(sources, lists, libraries, clipboard=clipboard)
    if out is None and (crops or not as_json):
        raise Usage("extract: say where to with --out FOLDER, or print with --json")
    request = pipeline.Request(
        pages=pages,
        dpi=dpi,
        password=password,
        allow_hosts=allow_hosts,
        contact=contact,
        offline=offline,
        with_html=witness == "html",
    )
    with watching() as watcher:
        results = pipeline.extract(
            sources, out if crops else None, request, whole_number_of_jobs(jobs), watcher
        )
    if out is not None:
        write_items(results, out)
    _print(results, as_json)
    click.get_current_context().exit(exit_code(results))


def _print(results: list[Extracted], as_json: bool) -> None:
    from papercap.exporters.items import items

    if as_json:
        print_json([items(result) for result in results])
    for result in results:
        if result.error is not None:
            click.echo(f"papercap: {visible(result.error)}", err=True)
        elif not as_json:
            click.echo(f"{visible(result.name)}: {len(result.figures)} found, {len(result.missed)} missed")


COMMANDS = (extract,)
