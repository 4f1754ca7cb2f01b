"""Rows as JSON, CSV and TSV in which nothing is obeyed, by a terminal or by a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from papercap.text import JOINER, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMULA = ("=", "+", "-", "@")  # begin a cell that a spreadsheet would run


def as_json(value: object, indent: int | None = None) -> str:
    """JSON in its letters, but with escapes for signs that a terminal would obey or an encoder refuse."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def separated(rows: Sequence[Mapping[str, Any]], comma: str) -> str:
    """Rows as CSV or TSV under the names of the first one's values."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=comma, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_value(value) for value in row.values()])
    return out.getvalue()


def _escaped(line: str) -> str:
    return "".join(c if c.isprintable() or c == JOINER else json.dumps(c)[1:-1] for c in line)


def _value(value: object) -> object:
    """A value that a spreadsheet takes for no more than it is: before what looks like a formula, a quote."""
    if isinstance(value, list | tuple):
        return as_json(value)
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text.startswith(FORMULA) else text
