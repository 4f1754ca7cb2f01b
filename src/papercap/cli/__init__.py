"""The command `papercap`: each sub-command opens, calls one method, prints."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercap.cli import add, adopt, doctor, export, extract, find, get, hand, keep, look, mark, readme, sync
from papercap.cli.here import Here
from papercap.errors import Exit, PapercapError
from papercap.version import __version__

if TYPE_CHECKING:
    from types import FrameType


class _Failure(click.ClickException):
    """An error of ours, printed in one line and ended with its own exit code."""

    def __init__(self, error: PapercapError) -> None:
        super().__init__(str(error))
        self.exit_code = int(error.exit_code)  # type: ignore[misc]  # click has it on the class

    def show(self, file: Any = None) -> None:
        click.echo(f"papercap: {printable(self.message)}", err=True)


class _Commands(click.Group):
    """Turns our errors into click's in one place, for every command."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PapercapError as error:
            raise _Failure(error) from error
        except BrokenPipeError:
            raise
        except OSError as error:  # what no room has put into words
            what = PapercapError(f"{error.filename or 'system'}: {error.strerror or error}")
            raise _Failure(what) from error


def printable(text: str) -> str:
    """One line without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text.encode("utf-8", "replace").decode())


def _tell_version(ctx: click.Context) -> None:
    from papercap.cage import walls

    click.echo(f"papercap {__version__}\na document that is read reaches {walls()}")
    ctx.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "PAPERCAP"},
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds archive/ and index.db.  [default: the nearest one upwards]",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _param, wanted: _tell_version(ctx) if wanted else None,
    help="Show the version and what documents are kept from, and exit.",
)
@click.pass_context
def cli(ctx: click.Context, root: Path | None) -> None:
    """Capture the figures of research papers and keep them findable."""
    ctx.obj = Here(root)
    ctx.default_map = ctx.obj.defaults(cli)


for _module in (add, sync, adopt, extract, find, mark, hand, readme, doctor, get, export, look, keep):
    for _command in _module.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    """Run the command; a signal ends it as the shell expects."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _terminated)
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("papercap: interrupted", err=True)
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone (| head); there is nobody to tell
        code = Exit.FAILED
    sys.exit(int(code or 0))


def _terminated(number: int, _frame: FrameType | None) -> None:
    sys.exit(int(Exit.TERMINATED) if number == signal.SIGTERM else 128 + number)
