"""Any address → bytes in a file: one guarded client for everything that comes from the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.fetch.client import Client


def open_client(
    allow_hosts: Sequence[str] = (), *, contact: str | None = None, offline: bool = False
) -> Client:
    """A client with the user's cache; `allow_hosts` may be asked though their addresses are not public.

    `contact` is an e-mail address, which some services want to know.
    """
    from platformdirs import user_cache_path

    from papercap.fetch.cache import Cache
    from papercap.fetch.client import Client
    from papercap.fetch.network import Guard

    return Client(
        Cache(Path(user_cache_path("papercap"))), Guard(allow_hosts), contact=contact, offline=offline
    )
