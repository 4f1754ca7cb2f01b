"""What commands have in common that take sources: where these are named, and how they are fetched."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from papercap.cli.output import visible
from papercap.errors import NotFound, PapercapError, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def network_options(command: F) -> F:
    """`--offline`, `--allow-host` as `allow_hosts`, `--contact`."""
    offline = click.option(
        "--offline", is_flag=True, help="Use files and what was fetched before; ask no server."
    )
    hosts = click.option(
        "--allow-host",
        "allow_hosts",
        multiple=True,
        help="Fetch from this host though its address is not public, as in your own network.",
    )
    contact = click.option(
        "--contact",
        metavar="EMAIL",
        help="Tell services who asks; Unpaywall, which knows free PDFs of DOIs, answers nobody else.",
    )
    return offline(hosts(contact(command)))


def fetch_options(command: F) -> F:
    """Those of the network, `--from-file` as `lists`, `--from-bib` as `libraries`, and others."""
    listed = click.option(
        "--from-file",
        "lists",
        multiple=True,
        type=click.Path(dir_okay=False, allow_dash=True),
        help="Take sources from this file too, one a line; '-' is standard input, also in place of a SOURCE.",
    )
    libraries = click.option(
        "--from-bib",
        "libraries",
        multiple=True,
        type=click.Path(dir_okay=False),
        help="Take what the entries of this BibTeX file name: a file, an arXiv id, a DOI or an address.",
    )
    clipboard = click.option(
        "--clipboard", is_flag=True, help="Take the picture or the files that were copied."
    )
    witness = click.option(
        "--from",
        "witness",
        type=click.Choice(["pdf", "html"]),
        default="pdf",
        help="html: compare with arXiv's HTML of the paper, and take captions from there.  [default: pdf]",
    )
    return listed(libraries(clipboard(witness(network_options(command)))))


def all_sources(
    sources: tuple[str, ...], lists: tuple[str, ...], libraries: tuple[str, ...], *, clipboard: bool
) -> tuple[str, ...]:
    """What was typed, stands in lists and libraries, or was copied; Usage for nothing at all."""
    typed = [source for source in sources if source != "-"]
    for name in dict.fromkeys((*lists, *(source for source in sources if source == "-"))):
        typed += _listed(name)
    for name in dict.fromkeys(libraries):
        typed += _cited(name)
    if clipboard:
        typed += _copied()
    if not typed:
        raise Usage("no source; name a file, an id or an address, or a list of them with --from-file")
    return tuple(typed)


def _listed(name: str) -> list[str]:
    from papercap.sources.listed import read_list

    return read_list(_bytes_of(name), name)


def _cited(name: str) -> list[str]:
    """What a library's entries name; those that name nothing are told of."""
    from papercap.sources.bibliography import read_bib

    found = []
    for key, source in read_bib(_bytes_of(name), name, Path(name).absolute().parent):
        if source is None:
            click.echo(
                f"papercap: {visible(f'{name}: {key}')} names no file, arXiv id, DOI or address", err=True
            )
        else:
            found.append(source)
    return found


def _copied() -> list[str]:
    """What the clipboard holds; a picture is a file for as long as the command runs."""
    from papercap.images import copied

    folder = tempfile.TemporaryDirectory(prefix="papercap-")
    found = copied(Path(click.get_current_context().with_resource(folder)) / "clipboard.png")
    if found is None:
        raise NotFound("--clipboard: no picture and no files were copied; name an address or id as SOURCE")
    return found


def _bytes_of(name: str) -> bytes:
    try:
        with click.open_file(name, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise NotFound(f"{name}: no such file") from None
    except OSError as error:
        raise PapercapError(f"{name}: {error.strerror}") from None
