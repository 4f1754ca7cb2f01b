"""Hand work: `tag`, `untag`, `link`, `unlink`, `relink`, `pin`, `unpin`, `edit`."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

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
@click.argument("ids", nargs=-1, metavar="ID... ENTRY")
@click.option(
    "--review", is_flag=True, help="Ask about links that papercap proposes; of some IDs alone, if named."
)
@click.option("--accept", type=click.FloatRange(0, 1), help="With --review: make all of this score or more.")
@click.option(
    "--answers", type=click.File("rb"), help="With --review: JSON, [{id, entry, answer: y or n}, …]."
)
@json_option
@click.pass_obj
def link(
    here: Here,
    ids: tuple[str, ...],
    review: bool,
    accept: float | None,
    answers: IO[bytes] | None,
    as_json: bool,
) -> None:
    """Say that papers and figures illustrate an entry of a README's catalogue.

    With --review, papercap proposes: on a terminal y or n answers, elsewhere the proposals are printed as
    JSON, and --accept and --answers decide. What was answered with n is not proposed again.
    """
    if review:
        from papercap.cli.review import review_links

        review_links(here, ids, accept, answers, as_json)
        return
    if accept is not None or answers:
        raise Usage("--accept, --answers: decide about proposals; give --review too")
    if len(ids) < 2:
        raise Usage(
            "link: which papers or figures, and which entry? 'papercap link ID... ENTRY', or --review"
        )
    *names, entry = ids
    with here.archive() as archive:
        (found,) = here.entries((entry,))
        count = archive.link(names, found)
        said = f"{count} linked to {found.id}"
        _say({"entry": found.id, "ids": archive.full_ids(names), "changed": count}, as_json, said)


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
@click.argument("old")
@click.argument("entry")
@json_option
@click.pass_obj
def relink(here: Here, old: str, entry: str, as_json: bool) -> None:
    """Give the links of an entry that no README has any more to another."""
    with here.archive() as archive:
        (found,) = here.entries((entry,))
        count = archive.relink(old, found)
        said = f"{count} linked to {found.id} instead of {old}"
        _say({"entry": found.id, "old": old, "changed": count}, as_json, said)


@click.command()
@ids_argument
@json_option
@click.pass_obj
def pin(here: Here, ids: tuple[str, ...], as_json: bool) -> None:
    """Let figures lead the galleries that they are in."""
    _pin(here, ids, as_json, pinned=True)


@click.command()
@ids_argument
@json_option
@click.pass_obj
def unpin(here: Here, ids: tuple[str, ...], as_json: bool) -> None:
    """Let figures stand in galleries by the usual order again."""
    _pin(here, ids, as_json, pinned=False)


def _pin(here: Here, ids: tuple[str, ...], as_json: bool, *, pinned: bool) -> None:
    with here.archive() as archive:
        count = archive.pin(ids, pinned=pinned)
        said = f"{count} {'pinned' if pinned else 'unpinned'}"
        _say({"pinned": pinned, "ids": archive.full_ids(ids), "changed": count}, as_json, said)


@click.command()
@click.argument("paper")
@click.option("--title", help="The paper's title.")
@click.option("--authors", help="All authors, with semicolons between them.")
@click.option("--year", type=click.IntRange(1400, 2200), help="Of publication.")
@click.option("--doi", help="Its DOI, such as 10.1000/182.")
@click.option("--licence", help="Such as CC-BY-4.0, or its address; '' for none that is known.")
@click.option("--credit", help="Whom to name beneath its figures, if not the authors.")
@json_option
@click.pass_obj
def edit(
    here: Here,
    paper: str,
    title: str | None,
    authors: str | None,
    year: int | None,
    doi: str | None,
    licence: str | None,
    credit: str | None,
    as_json: bool,
) -> None:
    """Mend what papercap read of a paper's title, authors, year or DOI, and set licence and credit."""
    if all(value is None for value in (title, authors, year, doi, licence, credit)):
        raise Usage("edit: say what to set: --title, --authors, --year, --doi, --licence or --credit")
    names = None
    if authors is not None:
        names = tuple(name for part in authors.split(";") if (name := " ".join(part.split())))
    if (title is not None and not title.strip()) or names == ():
        raise Usage("edit: an empty title or list of authors; leave the option out to keep what is there")
    if doi is not None and not re.fullmatch(r"10\.\d{4,}[\d.]*/\S+", doi):
        raise Usage(f"--doi {doi}: a DOI begins with 10. and has a slash, such as 10.1000/182")
    with here.archive() as archive:
        record = archive.edit(
            paper, title=title, authors=names, year=year, doi=doi, licence=licence, credit=credit
        )
        if as_json:
            print_json(record)
        else:
            click.echo(f"{record.id}: changed")


def _say(result: dict[str, object], as_json: bool, text: str) -> None:
    if as_json:
        print_json(result)
    else:
        click.echo(visible(text))


COMMANDS = (tag, untag, link, unlink, relink, pin, unpin, edit)
