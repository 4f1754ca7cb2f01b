"""`papercap readme`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json, visible
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
    from papercap.readme import plan_readme, update_readme

    looking = only_check or diff
    with here.archive() as archive:
        plan = (plan_readme if looking else update_readme)(archive, here.readme())
    for name in plan.strays:
        click.echo(
            f"papercap: figures are linked to {visible(name)}, which {plan.path.name} does not have", err=True
        )
    in_step = not (plan.changed and looking)
    if as_json:
        written = plan.changed and not looking
        print_json({"readme": str(plan.path), "in_step": in_step, "written": written})
    elif diff:
        shown = plan.diff()
        if sys.stdout.isatty():  # a pipe gets every byte, so that it can be a patch
            shown = "".join(f"{visible(line, blanks=True)}\n" for line in shown.splitlines())
        click.echo(shown, nl=False)
    elif in_step:
        click.echo(f"{plan.path.name}: {'written' if plan.changed else 'in step'}")
    else:
        click.echo(f"{plan.path.name}: out of step; 'papercap readme' writes it")
    click.get_current_context().exit(Exit.DONE if in_step or not only_check else Exit.README)


COMMANDS = (readme,)
