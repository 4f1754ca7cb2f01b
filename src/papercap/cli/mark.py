"""Hand work: `tag`, `untag`, `link`, `unlink`, `edit`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from papercap.cli.output import json_option, print_json, visible
from papercap.errors import Usage

if TYPE_CHECKING:
    from papercap.cli.here import Here

ids_argument = click.argument("ids", nargs=-1, required=True, metavar="ID...")


@click.command()
@ids_argument
@click.argument("tag")
@json_option
@click.pass_obj
def tag(here: Here, ids: tuple[str, ...], tag: str, as_json: bool) -> None:
    """Tag papers and figures."""
    with here.archive() as archive:
        count = archive.tag(ids, tag)
        _say({"tag": tag, "ids": archive.full_ids(ids), "changed": count}, as_json, f"{count} tagged {tag}")


@click.command()
@ids_argument
@click.argument("tag")
@json_option
@click.pass_obj
def untag(here: Here, ids: tuple[str, ...], tag: str, as_json: bool) -> None:
    """Take a tag from papers and figures."""
    with here.archive() as archive:
        count = archive.untag(ids, tag)
        said = f"{count} untagged {tag}"
        _say({"tag": tag, "ids": archive.full_ids(ids), "changed": count}, as_json, said)


@click.command()
@ids_argument
@click.argument("entry")
@json_option
@click.pass_obj
def link(here: Here, ids: tuple[str, ...], entry: str, as_json: bool) -> None:
    """Say that papers and figures illustrate an entry of the README's catalogue."""
    with here.archive() as archive:
        (found,) = here.entries((entry,))
        count = archive.link(ids, found)
        said = f"{count} linked to {found.id}"
        _say({"entry": found.id, "ids": archive.full_ids(ids), "changed": count}, as_json, said)


@click.command()
@ids_argument
@click.argument("entry")
@json_option
@click.pass_obj
def unlink(here: Here, ids: tuple[str, ...], entry: str, as_json: bool) -> None:
    """Take papers and figures away from an entry."""
    with here.archive() as archive:
        (name,) = here.linked_entries(archive, entry) or [entry]
        count = archive.unlink(ids, name)
        said = f"{count} unlinked from {name}"
        _say({"entry": name, "ids": archive.full_ids(ids), "changed": count}, as_json, said)


@click.command()
@click.argument("paper")
@click.option("--title", help="The paper's title.")
@click.option("--authors", help="All authors, with semicolons between them.")
@click.option("--year", type=click.IntRange(1400, 2200), help="Of publication.")
@click.option("--doi", help="Its DOI, such as 10.1000/182.")
@json_option
@click.pass_obj
def edit(
    here: Here,
    paper: str,
    title: str | None,
    authors: str | None,
    year: int | None,
    doi: str | None,
    as_json: bool,
) -> None:
    """Mend what papercap read of a paper's title, authors, year or DOI."""
    if title is None and authors is None and year is None and doi is None:
        raise Usage("edit: say what to set with --title, --authors, --year or --doi")
    names = None
    if authors is not None:
        names = tuple(name for part in authors.split(";") if (name := " ".join(part.split())))
    if (title is not None and not title.strip()) or names == ():
        raise Usage("edit: an empty title or list of authors; leave the option out to keep what is there")
    if doi is not None and not re.fullmatch(r"10\.\d{4,}[\d.]*/\S+", doi):
        raise Usage(f"--doi {doi}: a DOI begins with 10. and has a slash, such as 10.1000/182")
    with here.archive() as archive:
        record = archive.edit(paper, title=title, authors=names, year=year, doi=doi)
        if as_json:
            print_json(record)
        else:
            click.echo(f"{record.id}: changed")


def _say(result: dict[str, object], as_json: bool, text: str) -> None:
    if as_json:
        print_json(result)
    else:
        click.echo(visible(text))


COMMANDS = (tag, untag, link, unlink, edit)
