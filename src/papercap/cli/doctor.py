"""`papercap doctor`."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.output import print_rows, row_options, visible
from papercap.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.cli.here import Here
    from papercap.doctor import Finding


@click.command()
@click.argument("readmes", nargs=-1, metavar="[README]...", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--online", is_flag=True, help="Ask each address of entries and their notes once whether it is there."
)
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    help="Ask this host though its address is not public, as in your own network.",
)
@click.option("--contact", metavar="EMAIL", help="Tell servers who asks.")
@row_options
@click.pass_obj
def doctor(
    here: Here,
    readmes: tuple[Path, ...],
    online: bool,
    allow_hosts: tuple[str, ...],
    contact: str | None,
    form: str | None,
) -> None:
    """Say what is wrong with a catalogue, line by line, and what to do; mend nothing.

    Entries that stand twice or have no address, links that lead nowhere, blocks that were damaged, entries
    without figures and why. Exits with 7 if there is more than hints. Without --online no server is asked.
    """
    from papercap.cli.counting import counting
    from papercap.doctor import examine
    from papercap.fetch import open_client

    dial = partial(open_client, allow_hosts, contact=contact) if online else None
    with here.archive() as archive, counting("addresses") as step:
        found = examine(archive, readmes, here.look(), dial=dial, progress=step)
    if form is not None:
        print_rows(found, form, {}, "")
    else:
        _say(found)
    damaged = any(finding.severity != "hint" for finding in found)
    click.get_current_context().exit(Exit.DAMAGE if damaged else Exit.DONE)


def _say(found: Sequence[Finding]) -> None:
    if not found:
        click.echo("nothing found: entries, links, figures and blocks are in order")
        return
    for one in found:
        where = f"{one.file}:{one.line}" if one.line else one.file
        of_entry = f" {one.entry}" if one.entry else ""
        said = f"{one.what}; {one.mend} ({one.severity}: {one.code})"
        click.echo(f"{visible(where + of_entry)}: {visible(said)}")
    counts: Counter[str] = Counter(one.severity for one in found)
    kinds = ("error", "warning", "hint")
    click.echo(", ".join(f"{counts[kind]} {kind}{'s' * (counts[kind] != 1)}" for kind in kinds))


COMMANDS = (doctor,)
