"""Looking after the archive: `init`, `remove`, `reindex`, `check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json, print_rows, row_options, visible
from papercap.errors import Exit

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from papercap.archive import Archive
    from papercap.cli.here import Here


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@json_option
@click.pass_obj
def init(here: Here, folder: Path | None, as_json: bool) -> None:
    """Make an empty archive in FOLDER, or here."""
    from papercap.archive import Archive
    from papercap.store import FOLDER, MARK

    root = (folder or here.given or Path.cwd()).absolute()
    made = not (root / FOLDER / MARK).exists()
    Archive.create(root).close()
    if as_json:
        print_json({"root": str(root), "made": made})
    else:
        click.echo(f"{'new archive in' if made else 'an archive is already in'} {root}")


@click.command()
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def remove(here: Here, papers: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Take papers with all their figures, tags and links out of the archive."""
    with here.archive() as archive:
        ids = list(dict.fromkeys(archive.find_paper(paper) for paper in papers))
        if not yes and sys.stdin.isatty():
            click.confirm(f"Remove {', '.join(ids)} with all figures, tags and links?", abort=True)
        for paper in ids:
            archive.remove(paper)
            if not as_json:
                click.echo(f"{paper}: removed")
        if as_json:
            print_json({"removed": ids})


@click.command()
@json_option
@click.pass_obj
def reindex(here: Here, as_json: bool) -> None:
    """Make index.db anew from the records."""
    with here.archive() as archive:
        with _bar(archive) as bar:
            count = archive.reindex(lambda _done, _total: bar.update(1))
        if as_json:
            print_json({"papers": count, "figures": len(archive.figures())})
        else:
            click.echo(f"{count} papers indexed")


@click.command()
@row_options
@click.pass_obj
def check(here: Here, form: str | None) -> None:
    """Read every file back and name each that is missing, changed or stray."""
    from papercap.check import check_archive

    with here.archive() as archive, _bar(archive) as bar:
        problems = check_archive(archive, lambda: bar.update(1))
    columns = {
        "paper": lambda problem: problem.paper,
        "file": lambda problem: problem.file,
        "problem": lambda problem: visible(problem.what),
    }
    print_rows(problems, form, columns, "")
    if not problems and form is None:
        click.echo("sound: every file is what its record says, and every row")
    click.get_current_context().exit(Exit.DAMAGE if problems else Exit.DONE)


def _bar(archive: Archive) -> ProgressBar[int]:
    return click.progressbar(
        length=len(archive.store.ids()), file=sys.stderr, label="papers", hidden=not sys.stderr.isatty()
    )


COMMANDS = (init, remove, reindex, check)
