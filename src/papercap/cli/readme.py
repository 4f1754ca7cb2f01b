"""`papercap readme`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json, visible
from papercap.errors import Exit, PapercapError, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.archive import Archive
    from papercap.cli.here import Here
    from papercap.gallery.shelves import Look
    from papercap.readme import Plan

WATCH_EVERY = 0.5  # seconds


@click.command()
@click.argument("readmes", nargs=-1, metavar="[README]...", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 6 if one is out of step.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--watch", is_flag=True, help="Go on, and write again whenever README or archive changes.")
@click.option(
    "--lang",
    "language",
    type=click.Choice(["en", "ko"]),
    help="Of the galleries' own words.  [default: the README's]",
)
@click.option(
    "--sort",
    type=click.Choice(["newest", "oldest", "title", "added"]),
    help="Order of papers, after what leads.  [default: newest]",
)
@click.option("--fold", type=click.IntRange(1), help="Figures before the fold.  [default: 6]")
@click.option("--public", is_flag=True, help="Leave out figures whose licence does not allow showing them.")
@click.option("--templates", metavar="FOLDER", help="Templates that go before papercap's own; from the root.")
@json_option
@click.pass_obj
def readme(
    here: Here,
    readmes: tuple[Path, ...],
    only_check: bool,
    diff: bool,
    watch: bool,
    as_json: bool,
    language: str | None,
    sort: str | None,
    fold: int | None,
    public: bool,
    templates: str | None,
) -> None:
    """Bring the galleries of READMEs in step with the archive.

    Each entry's figures go into its own block, all figures where the README holds the line
    <!-- papercap:gallery --> and, under it, <!-- /papercap:gallery -->. No other byte changes. Without a
    README named, those are meant that papercap.toml names as `catalogues`, else README.md.
    """
    paths = readmes or tuple(here.readmes())
    wanted = here.look(
        {"language": language, "sort": sort, "fold": fold, "public": public, "templates": templates}
    )
    if watch:
        if only_check or diff or as_json:
            raise Usage("--watch: writes, so that it goes with none of --check, --diff and --json")
        _watch(here, paths, wanted)
    looking = only_check or diff
    plans = _plans(here, paths, wanted, looking=looking)
    in_step = not (looking and any(plan.changed for plan in plans))
    if as_json:
        print_json([_as_json(plan, looking) for plan in plans])
    elif diff:
        _show_diffs(plans)
    else:
        _say(plans, looking)
    click.get_current_context().exit(Exit.DONE if in_step or not only_check else Exit.README)


def _plans(here: Here, paths: Sequence[Path], look: Look, *, looking: bool) -> list[Plan]:
    from papercap.readme import plan_readme, told_of, update_readme

    with here.archive() as archive:
        plans = [(plan_readme if looking else update_readme)(archive, path, look) for path in paths]
    for line in told_of(plans):
        click.echo(f"papercap: {visible(line)}", err=True)
    return plans


def _as_json(plan: Plan, looking: bool) -> dict[str, object]:
    return {
        "readme": str(plan.path),
        "in_step": not (plan.changed and looking),
        "written": plan.changed and not looking,
        "pages": [str(page) for page in plan.pages],
        "entries": plan.shown,
        "moved": [{"from": link.entry, "to": entry.id} for link, entry in plan.moved.items()],
        "strays": [{"entry": stray.link.entry, "figures": stray.figures} for stray in plan.strays],
    }


def _show_diffs(plans: Sequence[Plan]) -> None:
    for plan in plans:
        shown = plan.diff()
        if sys.stdout.isatty():  # a pipe gets every byte, so that it can be a patch
            shown = "".join(f"{visible(line, blanks=True)}\n" for line in shown.splitlines())
        click.echo(shown, nl=False)
        for page in plan.pages:
            click.echo(f"{visible(page)}: would be written", err=True)


def _say(plans: Sequence[Plan], looking: bool) -> None:
    for plan in plans:
        count = len(plan.pages)
        pages = f", with {count} page{'s' * (count != 1)} beside it" * bool(count)
        if not plan.changed:
            click.echo(f"{plan.path.name}: in step")
        elif looking:
            click.echo(f"{plan.path.name}: out of step; 'papercap readme' writes it")
        else:
            click.echo(f"{plan.path.name}: written{pages}")


def _watch(here: Here, paths: Sequence[Path], look: Look) -> None:
    """Write whenever a file has changed from which READMEs are made, until interrupted."""
    click.echo("watching; Ctrl-C ends it", err=True)
    seen: object = None
    while True:
        now = _states(here, paths, look)
        if now != seen:
            try:
                with here.archive() as archive:
                    _write_changed(archive, paths, look)
            except PapercapError as error:  # a README that is half edited will be mended
                click.echo(f"papercap: {visible(error)}", err=True)
            seen = _states(here, paths, look)  # what was written just now is no change
        time.sleep(WATCH_EVERY)


def _write_changed(archive: Archive, paths: Sequence[Path], look: Look) -> None:
    from papercap.readme import told_of, update_readme

    for path in paths:
        plan = update_readme(archive, path, look)
        for line in told_of([plan]):
            click.echo(f"papercap: {visible(line)}", err=True)
        if plan.changed:
            click.echo(f"{time.strftime('%H:%M:%S')} {path.name}: written")


def _states(here: Here, paths: Sequence[Path], look: Look) -> list[tuple[int, int] | None]:
    index = [here.root / "index.db"] if here.root else []
    templates = sorted(look.templates.glob("*.j2")) if look.templates else []
    return [_state(path) for path in (*paths, *index, *templates)]


def _state(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


COMMANDS = (readme,)
