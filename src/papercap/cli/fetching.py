"""What commands have in common that take sources: where these are named, and how they are fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from papercap.errors import NotFound, PapercapError, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def fetch_options(command: F) -> F:
    """`--from-file` as `lists`, `--allow-host` as `allow_hosts`, `--offline`, `--contact`."""
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
    listed = click.option(
        "--from-file",
        "lists",
        multiple=True,
        type=click.Path(dir_okay=False, allow_dash=True),
        help="Take sources from this file too, one a line; '-' is standard input, also in place of a SOURCE.",
    )
    return listed(offline(hosts(contact(command))))


def all_sources(sources: tuple[str, ...], lists: tuple[str, ...]) -> tuple[str, ...]:
    """What was typed and what stands in lists; Usage for nothing at all."""
    typed = [source for source in sources if source != "-"]
    for name in dict.fromkeys((*lists, *(source for source in sources if source == "-"))):
        typed += _listed(name)
    if not typed:
        raise Usage("no source; name a file, an id or an address, or a list of them with --from-file")
    return tuple(typed)


def _listed(name: str) -> list[str]:
    from papercap.sources.listed import read_list

    try:
        with click.open_file(name, "rb") as file:
            return read_list(file.read(), name)
    except FileNotFoundError:
        raise NotFound(f"{name}: no such file") from None
    except OSError as error:
        raise PapercapError(f"{name}: {error.strerror}") from None
