"""The options of commands that may fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def fetch_options(command: F) -> F:
    """`--offline`, `--allow-host` and `--contact`, as `offline`, `allow_hosts` and `contact`."""
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
