"""Looking: `list`, `search`, `show`, `tags`, `entries`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from papercap.cli.add import said_of
from papercap.cli.asked import search_options
from papercap.cli.output import print_json, print_rows, row_options, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from papercap.cli.asked import Asked
    from papercap.cli.here import Here
    from papercap.records import Figure, FigureRow, Paper

SHOWN = 20  # figures of a search in a table; programs get all


@click.command("list")
@row_options
@click.pass_obj
def list_papers(here: Here, form: str | None) -> None:
    """List the papers."""
    with here.archive() as archive:
        columns = {
            "paper": lambda row: row.id,
            "year": lambda row: row.year,
            "figures": lambda row: f"{row.figures}" + (f" of {row.figures + row.missed}" * bool(row.missed)),
            "title": lambda row: row.title,
            "tags": lambda row: row.tags,
            "entries": lambda row: row.entries,
        }
        print_rows(archive.papers(), form, columns, "no papers yet; 'papercap add PDF' captures one")


@click.command()
@search_options("20 in a table, else all")
@row_options
@click.pass_obj
def search(here: Here, asked: Asked, form: str | None) -> None:
    """Find figures by words of title, caption, tags, entry and the figure itself.

    All words must be there, the last parts of words may be missing: alpac finds Alpaca. Quotes hold words
    together: '"language model"'. Korean is found with and without blanks.
    """
    with here.archive() as archive:
        rows = asked.figures(here, archive, asked.limit or (SHOWN + 1 if form is None else None))
        more = asked.limit is None and form is None and len(rows) > SHOWN
        columns = {
            "figure": lambda row: row.id,
            "page": lambda row: row.page,
            **({"confidence": lambda row: f"{row.confidence:.2f}"} if asked.unsure else {}),
            "caption": lambda row: row.snippet or row.caption,
            "entries": lambda row: row.entries,
            "tags": lambda row: row.tags,
        }
        print_rows(rows[:SHOWN] if more else rows, form, columns, "nothing found")
        if more:
            click.echo("… and more; --limit shows them", err=True)


@click.command()
@click.argument("name", metavar="ID")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the record, or the figure's part of it, as JSON."
)
@click.pass_obj
def show(here: Here, name: str, as_json: bool) -> None:
    """Show all that is known of a paper or figure."""
    with here.archive() as archive:
        paper, figure = archive.find(name)
        if figure is None:
            record = archive.record(paper)
            print_json(record) if as_json else _show_paper(record, archive.store.path(paper))
            return
        record, item = archive.figure(f"{paper}/{figure}")
        row = next(row for row in archive.figures(paper) if row.id == f"{paper}/{figure}")
        if as_json:
            print_json({**_plain(row), "text": item.text, "method": item.method, "hash": item.hash})
        else:
            _show_figure(row, item, archive.root)


@click.command()
@row_options
@click.pass_obj
def tags(here: Here, form: str | None) -> None:
    """List the tags, with the number of figures that each holds for."""
    with here.archive() as archive:
        rows = [{"tag": tag, "figures": count} for tag, count in archive.index.tags()]
        columns = {"tag": lambda row: row["tag"], "figures": lambda row: row["figures"]}
        print_rows(rows, form, columns, "no tags yet; 'papercap tag ID TAG' sets one")


@click.command()
@click.option(
    "--readme",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The catalogue to read.  [default: the archive's README.md]",
)
@row_options
@click.pass_obj
def entries(here: Here, readme: Path | None, form: str | None) -> None:
    """List the entries that papercap reads in the catalogue."""
    from papercap.readme import read_catalogue

    paths = [readme] if readme else here.readmes()
    rows = [row for path in paths for row in read_catalogue(path, here.name_of(path))]
    columns = {
        "entry": lambda row: row.id,
        "line": lambda row: row.line,
        "section": lambda row: row.section,
        "commercial": lambda row: row.commercial,
        "name": lambda row: row.name,
        "url": lambda row: row.url,
        **({"catalogue": lambda row: row.catalogue} if len(paths) > 1 else {}),
    }
    print_rows(rows, form, columns, "no entries in this README")
    for row in rows:
        for warning in row.warnings:
            click.echo(f"line {row.line}: {visible(row.name)}: {visible(warning)}", err=True)


def _plain(row: object) -> dict[str, object]:
    import msgspec

    plain: dict[str, object] = msgspec.to_builtins(row)
    return plain


def _show_paper(paper: Paper, folder: Path) -> None:
    facts = {
        "paper": paper.id,
        "title": paper.title and paper.title.value,
        "authors": paper.authors and ", ".join(paper.authors.value),
        "year": paper.year and paper.year.value,
        "DOI": paper.doi and paper.doi.value,
        "arXiv": paper.arxiv and paper.arxiv.value,
        "pages": paper.pages,
        "tags": ", ".join(paper.tags),
        "entries": ", ".join(link.entry for link in paper.links),
        "version of": paper.version_of,
        "from": paper.source.url,
        "licence": paper.source.licence,
        "added": paper.added,
        "folder": folder,
    }
    _print_facts(facts)
    for item in paper.figures:
        goes_on = f"(continues {item.continues})" if item.continues else ""
        caption = visible(item.caption.value) if item.caption else goes_on
        click.echo(f"  {item.id:14} p. {item.page:<3} {caption[:90]}{'…' * (len(caption) > 90)}")
    for missed in paper.missed:
        click.echo(f"  missed: {said_of(missed)}")
    for warning in paper.warnings:
        click.echo(f"  noted: {visible(warning)}")


def _show_figure(row: FigureRow, item: Figure, root: Path) -> None:
    facts = {
        "figure": row.id,
        "kind": row.kind,
        "label": row.label,
        "caption": row.caption,
        "page": row.page,
        "box": ", ".join(f"{value:g}" for value in row.box),
        "tags": ", ".join(row.tags),
        "entries": ", ".join(row.entries),
        "continues": row.continues,
        "confidence": row.confidence,
        "by": item.by,
        "image": row.image and root / row.image,
        "vector": row.vector and root / row.vector,
        "thumbnail": row.thumbnail and root / row.thumbnail,
    }
    _print_facts(facts)


def _print_facts(facts: Mapping[str, object]) -> None:
    for name, value in facts.items():
        if value not in (None, ""):
            click.echo(f"{name + ':':12} {visible(value)}")


COMMANDS = (list_papers, search, show, tags, entries)
