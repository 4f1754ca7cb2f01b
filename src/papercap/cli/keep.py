"""Looking after the archive: `init`, `remove`, `restore`, `trash`, `reindex`, `check`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json, print_rows, row_options, visible
from papercap.errors import Exit, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from papercap.archive import Archive
    from papercap.cli.here import Here
    from papercap.records import Trashed


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
    """Move papers with all their figures, tags and links to the trash; 'restore' takes them back.

    Asks first on a terminal; elsewhere it wants whole ids, or --yes.
    """
    with here.archive() as archive:
        ids = list(dict.fromkeys(_whole_id(archive, paper, yes) for paper in papers))
        if not yes and sys.stdin.isatty():
            question = f"Remove {', '.join(ids)} with all figures, tags and links?"
            if not click.confirm(question):
                click.echo("nothing removed")
                return
        for paper in ids:
            archive.remove(paper)
            if not as_json:
                click.echo(f"{visible(paper)}: removed; 'papercap restore {visible(paper)}' takes it back")
        if as_json:
            print_json({"removed": ids})


@click.command()
@click.argument("papers", nargs=-1, metavar="[PAPER...]")
@click.option("--removed", metavar="TIME", help="The one removed then, as listed.  [default: the newest]")
@json_option
@click.pass_obj
def restore(here: Here, papers: tuple[str, ...], removed: str | None, as_json: bool) -> None:
    """Put removed papers back as they were; without PAPER, list what is in the trash."""
    with here.archive() as archive:
        if not papers:
            _print_trash(archive.trash(), "json" if as_json else None)
            return
        restored = []
        for paper in papers:
            restored.append(archive.restore(paper, removed))
            if not as_json:
                click.echo(f"{visible(restored[-1])}: restored")
            for problem in archive.unreadable:
                click.echo(f"papercap: left out: {visible(problem)}", err=True)
        if as_json:
            print_json({"restored": restored})
        click.get_current_context().exit(Exit.DAMAGE if archive.unreadable else Exit.DONE)


@click.command()
@click.option("--empty", is_flag=True, help="Delete it for good.")
@click.option(
    "--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Only what was removed before."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@row_options
@click.pass_obj
def trash(here: Here, empty: bool, older_than: float | None, yes: bool, form: str | None) -> None:
    """List what was removed and can be restored, or delete it with --empty.

    --empty asks first on a terminal; elsewhere it wants --yes.
    """
    days = older_than or 0
    with here.archive() as archive:
        rows = archive.trash(days)
        if not empty:
            _print_trash(rows, form)
            return
        if rows and not yes:
            if not sys.stdin.isatty():
                raise Usage("trash: --empty deletes for good; give --yes too")
            if not click.confirm(f"Delete {len(rows)} from the trash for good?"):
                click.echo("nothing deleted")
                return
        rows = archive.empty_trash(days)
    if form is not None:
        _print_trash(rows, form)
    else:
        click.echo(f"{len(rows)} deleted")


@click.command()
@json_option
@click.pass_obj
def reindex(here: Here, as_json: bool) -> None:
    """Make index.db anew from the records."""
    with here.archive() as archive:
        with _bar(archive) as step:
            count = archive.reindex(lambda _done, _total: step())
        if as_json:
            left_out = archive.unreadable
            print_json({"papers": count, "figures": len(archive.figures()), "left_out": left_out})
        else:
            click.echo(f"{count} papers indexed")
        for problem in archive.unreadable:
            click.echo(f"papercap: left out: {visible(problem)}", err=True)
        click.get_current_context().exit(Exit.DAMAGE if archive.unreadable else Exit.DONE)


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended, and say what cannot.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --repair: the document of a paper whose own is lost, changed or was never kept.",
)
@click.option("--password", help="With --repair: of a locked PDF.")
@row_options
@click.pass_obj
def check(
    here: Here, repair: bool, sources: tuple[Path, ...], password: str | None, form: str | None
) -> None:
    """Read every file back and name each that is missing, changed or stray.

    --repair makes lost crops anew from the document, moves what is nobody's to the trash, and brings the
    rows in step. Nothing is deleted: what is replaced is in the trash, too.
    """
    from papercap.check import check_archive
    from papercap.pipeline.repair import mend_mark, repair_archive

    if (sources or password is not None) and not repair:
        raise Usage("check: --source and --password are for --repair")
    marks = mend_mark(here.root) if repair and here.root else []
    with here.archive() as archive, _bar(archive) as step:
        if repair:
            problems = marks + repair_archive(archive, sources, password=password, progress=step)
        else:
            problems = check_archive(archive, step)
    columns = {
        "paper": lambda problem: problem.paper,
        "file": lambda problem: problem.file,
        "problem": lambda problem: visible(problem.what),
    }
    if any(problem.mended or problem.done for problem in problems):
        columns["mended"] = lambda problem: "yes" if problem.mended else "no"
        columns["how"] = lambda problem: problem.done
    if problems or form is not None:
        print_rows(problems, form, columns, "")
    else:
        click.echo("sound: every file is what its record says, and every row")
    click.get_current_context().exit(
        Exit.DONE if all(problem.mended for problem in problems) else Exit.DAMAGE
    )


def _print_trash(rows: list[Trashed], form: str | None) -> None:
    columns = {
        "paper": lambda row: row.id,
        "removed": lambda row: row.removed,
        "figures": lambda row: row.figures,
        "title": lambda row: row.title,
        "folder": lambda row: row.folder,
    }
    print_rows(rows, form, columns, "the trash is empty")


def _whole_id(archive: Archive, text: str, yes: bool) -> str:
    if text in archive.store.names():
        return text  # also of a paper whose record cannot be read
    paper = archive.find_paper(text)
    if not yes and not sys.stdin.isatty():
        raise Usage(f"{text}: give the whole id, {paper}, or --yes")
    return paper


@contextmanager
def _bar(archive: Archive) -> Iterator[Callable[[], None]]:
    """A step to call for each paper; it draws on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=len(archive.store.ids()), file=sys.stderr, label="papers") as bar:
        yield lambda: bar.update(1)


COMMANDS = (init, remove, restore, trash, reindex, check)
