"""A format's name → the exporter that writes it, built in or from a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papercap.errors import PapercapError, Usage
from papercap.plugins import EXPORTERS, load_one, names

if TYPE_CHECKING:
    from papercap.exporters.chosen import Exporter


def exporter(name: str) -> Exporter:
    """The exporter of that name; Usage, with the names that there are, for an unknown one."""
    found: Exporter | None = load_one(EXPORTERS, name)
    if found is not None:
        return found
    if known := names(EXPORTERS):
        raise Usage(f"--to {name}: no such format; there are {', '.join(known)}")
    raise PapercapError("this installation knows no formats to export to; install papercap again")
