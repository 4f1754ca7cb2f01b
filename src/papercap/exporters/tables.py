"""What was chosen as one JSON, or as a CSV of one row a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from papercap.exporters.written import as_json, separated
from papercap.version import __version__

if TYPE_CHECKING:
    from papercap.exporters.chosen import Chosen

FORMAT = 1  # of the JSON; a change that breaks readers makes it 2
OF_PAPER = ("authors", "doi", "arxiv", "url", "licence", "credit")  # which a figure's own row lacks


class JsonExporter:
    """`papers` and `figures`; a figure's `paper` is the `id` of its paper."""

    form = "all that is known, for programs"
    into: Literal["file"] = "file"

    def data(self, chosen: Chosen) -> bytes:
        """UTF-8, indented, in the order in which the figures were found."""
        whole = {
            "format": FORMAT,
            "made_by": f"papercap {__version__}",
            "papers": msgspec.to_builtins(chosen.papers),
            "figures": msgspec.to_builtins(chosen.figures),
        }
        return as_json(whole, indent=2).encode() + b"\n"


class CsvExporter:
    """The columns of `search --csv`, and after them the paper's."""

    form = "one row a figure, for spreadsheets"
    into: Literal["file"] = "file"

    def data(self, chosen: Chosen) -> bytes:
        """UTF-8, a line a figure under a line of names."""
        papers: dict[str, dict[str, Any]] = {paper.id: msgspec.to_builtins(paper) for paper in chosen.papers}
        rows = [
            msgspec.to_builtins(figure) | {name: papers[figure.paper][name] for name in OF_PAPER}
            for figure in chosen.figures
        ]
        return separated(rows, ",").encode()


JSON = JsonExporter()
CSV = CsvExporter()
