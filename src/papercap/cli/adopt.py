"""`papercap adopt`."""

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
    from papercap.pipeline.adopt import Adopted


@click.command()
@click.argument("entries", nargs=-1, metavar="[ENTRY]...")
@click.option("--replace", is_flag=True, help="Let the README show the archive's files in their place.")
@click.option("--readme", is_flag=True, help="Bring the README's galleries up to date afterwards.")
@network_options
@click.option("--dry-run", is_flag=True, help="Say which images there are; write nothing.")
@json_option
@click.pass_obj
def adopt(
    here: Here,
    entries: tuple[str, ...],
    replace: bool,
    readme: bool,
    offline: bool,
    allow_hosts: tuple[str, ...],
    contact: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Keep the images that you put into entries of the README, such as a pasted screenshot.

    Each is fetched, archived as a figure and linked to its entry; badges and icons are passed over. The
    README itself stays as it is, unless --replace is given: then it shows the archive's file instead of the
    address, and no other byte of it changes.
    """
    from papercap import pipeline
    from papercap.cli.progress import watching
    from papercap.pipeline.adopt import adopt as run

    root = here.root or Path.cwd()
    chosen = {(entry.catalogue, entry.id) for entry in here.entries(entries)}
    request = pipeline.Request(allow_hosts=allow_hosts, contact=contact, offline=offline)
    done: list[Adopted] = []
    with here.archive_when_needed() as opened:
        for path in here.readmes():
            only = {entry for catalogue, entry in chosen if catalogue == here.name_of(path)}
            if chosen and not only:
                continue
            with watching() as watcher:
                done += run(
                    opened,
                    path,
                    root,
                    only,
                    request,
                    whole_number_of_jobs(None),
                    watcher,
                    replace=replace,
                    dry_run=dry_run,
                )
        _print(done, as_json)
        code = exit_of_all((one.status == "failed", one.code) for one in done)
        if readme and any(one.figure for one in done):
            code = write_readmes(opened(), here, code)
    click.get_current_context().exit(code)


def _print(done: Sequence[Adopted], as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    if not done:
        click.echo("no images in entries but badges and the archive's own")
    for one in done:
        where = f"{one.entry}, line {one.line}"
        if one.status == "failed":
            click.echo(f"papercap: {where}: {visible(one.note)}", err=True)
        elif one.figure is None:
            click.echo(f"{where}: {visible(one.address)}")
        else:
            shown = ", and the README shows it" if one.replaced else ""
            click.echo(f"{where}: {one.figure}{shown}")


COMMANDS = (adopt,)
