"""Write `docs/commands.md` from the commands' own `--help`; `--check` fails if it is out of date."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from papercap.cli import cli

PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Written from `--help` by `python docs/write_commands.py`; the tests hold that it is up to date.

Every command that prints rows has `--json` (one array), `--nl` (one object a line), `--csv` and `--tsv`; every command
that does something has `--json`. Results go to standard output, all else to standard error. Ids may be cut to any
prefix that fits only one. How a command can end: [exit codes](exit-codes.md).

What documents say is printed without signs that a terminal obeys; JSON has them as escapes. CSV and TSV put a `'`
before text that begins with `=`, `+`, `-` or `@`, which a spreadsheet would take for a formula.
"""
WIDTH = 96  # characters of a help text's lines


def commands_page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for name, command in sorted(cli.commands.items()):
        context = click.Context(
            command, info_name=f"papercap {name}", max_content_width=WIDTH, terminal_width=WIDTH
        )
        parts.append(f"## {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            0 if PAGE.read_text() == commands_page() else f"{PAGE} is out of date; run docs/write_commands.py"
        )
    PAGE.write_text(commands_page())
