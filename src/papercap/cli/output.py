"""Rows as a table for people, or as JSON, lines of JSON, CSV or TSV for programs."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, TypeVar

import click

from papercap.errors import Exit
from papercap.exporters.written import as_json, separated
from papercap.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["json_option", "print_json", "print_rows", "row_options", "visible"]

F = TypeVar("F", bound="Callable[..., Any]")
FORMATS = ("json", "nl", "csv", "tsv")
GAP = 2  # blanks between columns
MIN_COLUMN = 12  # characters a cut column keeps


def row_options(command: F) -> F:
    """Give a command that prints rows `--json`, `--nl`, `--csv` and `--tsv` as its `form`."""
    helps = {
        "json": "Print one JSON array.",
        "nl": "Print one JSON object a line.",
        "csv": "Print comma-separated values.",
        "tsv": "Print tab-separated values.",
    }
    for name in reversed(FORMATS):
        command = click.option(f"--{name}", "form", flag_value=name, help=helps[name])(command)
    return command


def json_option(command: F) -> F:
    """Give a command that does something `--json` as its `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")(command)


def print_json(value: object) -> None:
    """Print a struct, or a list of them, as JSON that a person can read too."""
    import msgspec

    click.echo(as_json(msgspec.to_builtins(value), indent=2))


def print_rows(
    rows: Sequence[Any], form: str | None, columns: Mapping[str, Callable[[Any], object]], empty: str
) -> None:
    """Print structs in the form asked for; `columns` (title → cell) are for the table alone."""
    import msgspec

    if form is None:
        _print_table(rows, columns, empty)
        return
    plain = [msgspec.to_builtins(row) for row in rows]
    if form == "json":
        click.echo(as_json(plain, indent=2))
    elif form == "nl":
        for row in plain:
            click.echo(as_json(row))
    else:
        click.echo(separated(plain, "," if form == "csv" else "\t"), nl=False)


def exit_of_all(results: Iterable[tuple[bool, Exit]]) -> Exit:
    """Of many things done, each with whether it failed and its code: 0 all done, 3 some.

    Where all failed their common code, else 1.
    """
    results = list(results)
    codes = {code for _failed, code in results}
    if codes <= {Exit.DONE}:
        return Exit.DONE
    if not all(failed for failed, _code in results):
        return Exit.PARTIAL
    return codes.pop() if len(codes) == 1 else Exit.FAILED


def _print_table(rows: Sequence[Any], columns: Mapping[str, Callable[[Any], object]], empty: str) -> None:
    if not rows:
        click.echo(empty, err=True)
        return
    cells = [[_cell(column(row)) for column in columns.values()] for row in rows]
    widths = [
        max(_width(title), *(_width(line[index]) for line in cells)) for index, title in enumerate(columns)
    ]
    if sys.stdout.isatty():  # a pipe gets every word
        widths = _fitted(widths, shutil.get_terminal_size().columns)
        click.echo(click.style(_line(list(columns), widths), bold=True))
    else:
        click.echo(_line(list(columns), widths))
    for line in cells:
        click.echo(_line(line, widths))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(visible(item) for item in value)
    return visible(value)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    """Cells side by side; those beyond the last width are left out."""
    return (" " * GAP).join(map(_padded, cells, widths)).rstrip()


def _padded(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-2] + "…"
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Hangul and ideographs take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _fitted(widths: list[int], room: int) -> list[int]:
    """Narrow the widest column, but not the first, whose ids are needed whole; then drop the last."""
    fitted = list(widths)
    while sum(fitted) + GAP * (len(fitted) - 1) > room and len(fitted) > 1:
        widest = max(range(1, len(fitted)), key=lambda column: fitted[column])
        if fitted[widest] > MIN_COLUMN:
            fitted[widest] -= 1
        else:
            fitted.pop()
    return fitted
