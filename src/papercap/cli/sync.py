"""`papercap sync`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.add import write_readmes
from papercap.cli.fetching import network_options
from papercap.cli.here import whole_number_of_jobs
from papercap.cli.output import exit_of_all, json_option, print_json, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.cli.here import Here
    from papercap.pipeline.sync import Synced


@click.command()
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("--refresh", is_flag=True, help="Ask addresses that were added before, too: pages change.")
@click.option("--jobs", type=int, help="Papers read at once.  [default: one a processor]")
@network_options
@click.option(
    "--outside", is_flag=True, help="Read files that [sources] names outside of the archive's folder."
)
@click.option("--no-readme", is_flag=True, help="Leave the READMEs as they are.")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a Markdown table of it here."
)
@click.option("--dry-run", is_flag=True, help="Say what would be added; write nothing.")
@json_option
@click.pass_obj
def sync(
    here: Here,
    entries: tuple[str, ...],
    refresh: bool,
    jobs: int | None,
    offline: bool,
    allow_hosts: tuple[str, ...],
    contact: str | None,
    outside: bool,
    no_readme: bool,
    report: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Capture the figures of all entries of the catalogue, or of some.

    Of each entry the sources are added that papercap.toml names for it in [sources], else its own link and
    those in its notes; what was added before is not asked again. Figures are linked to their entry and shown
    in its block of the README. A source that fails leaves the others done.
    """
    from papercap import pipeline
    from papercap.archive import Extras
    from papercap.cli.progress import watching
    from papercap.pipeline.sync import as_markdown, sources_of
    from papercap.pipeline.sync import sync as run
    from papercap.readme import all_entries, find_entries
    from papercap.settings import read_catalogued

    root = here.root or Path.cwd()
    known = all_entries(root)
    sources = sources_of(known, read_catalogued(root).sources, root, outside=outside)
    chosen = list(find_entries(root, entries)) if entries else known
    request = pipeline.Request(
        extras=Extras(linker=here.linker()), allow_hosts=allow_hosts, contact=contact, offline=offline
    )
    with here.archive_if_any() as there, here.archive_when_needed() as opened:
        with watching() as watcher:
            synced = run(
                there,
                opened,
                chosen,
                sources,
                request,
                whole_number_of_jobs(jobs),
                watcher,
                refresh=refresh,
                dry_run=dry_run,
            )
        if report:
            from papercap.files import write_file

            write_file(report, as_markdown(synced).encode())
        _print(synced, as_json)
        code = exit_of_all((one.status == "failed", one.code) for entry in synced for one in entry.sources)
        captured = any(one.paper for entry in synced for one in entry.sources)
        if captured and not (no_readme or dry_run):
            code = write_readmes(opened(), here, code)
    click.get_current_context().exit(code)


def _print(synced: Sequence[Synced], as_json: bool) -> None:
    if as_json:
        print_json(synced)
        return
    for entry in synced:
        count = f"{entry.figures} figure{'s' * (entry.figures != 1)}"
        click.echo(f"{entry.entry}: {visible(entry.why) if entry.why else count}")
        for one in entry.sources:
            if one.status == "failed":
                click.echo(f"  failed: {visible(one.note)}", err=True)
            elif one.status != "unchanged":
                from_it = f": {one.figures} figures" if one.status != "new" else ""
                click.echo(f"  {one.status} {visible(one.source)}{from_it}")


COMMANDS = (sync,)
