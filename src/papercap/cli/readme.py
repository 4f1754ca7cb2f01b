"""`papercap readme`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json
from papercap.errors import Exit

if TYPE_CHECKING:
    from papercap.cli.here import Here


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 6 if it is out of step.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@json_option
@click.pass_obj
def readme(here: Here, only_check: bool, diff: bool, as_json: bool) -> None:
    """Bring the README's galleries in step with the archive.

    Each entry's figures go into its own block, all figures where the README holds the line
    <!-- papercap:gallery --> and, under it, <!-- /papercap:gallery -->. No other byte changes.
    """
    from papercap.readme import plan_readme, write_readme

    with here.archive() as archive:
        plan = plan_readme(archive, here.readme())
    for name in plan.strays:
        click.echo(f"papercap: figures are linked to {name}, which {plan.path.name} does not have", err=True)
    if diff:
        click.echo(plan.diff(), nl=False)
    written = plan.changed and not (only_check or diff)
    if written:
        write_readme(plan)
    if as_json:
        print_json({"readme": str(plan.path), "in_step": not plan.changed or written, "written": written})
    elif not diff:
        said = "written" if written else "out of step; 'papercap readme' writes it"
        click.echo(f"{plan.path.name}: {said if plan.changed else 'in step'}")
    out_of_step = plan.changed and not written and only_check
    click.get_current_context().exit(Exit.README if out_of_step else Exit.DONE)


COMMANDS = (readme,)
