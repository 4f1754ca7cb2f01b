"""Settings from files: `papercap.toml` in the root over the user's own; options and environment go first.

A table a command, a key an option: `[add]` / `dpi = 300` is `papercap add --dpi 300`.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from papercap.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    # by command: an option as it is typed → its parameter, and whether it takes several values
    Options = Mapping[str, Mapping[str, tuple[str, bool]]]

NAME = "papercap.toml"
# Which file to write, what not to be asked about, into which network to reach, and what to take in:
PERSONAL = frozenset({"out", "replace", "yes", "empty", "allow-host", "from-file", "from-bib"})


def read_settings(root: Path | None, known: Options) -> dict[str, dict[str, Any]]:
    """Defaults by command and option; Usage, naming file and key, for what no command knows."""
    merged: dict[str, dict[str, Any]] = {}
    own = root / NAME if root else None
    for path in filter(None, (_user_file(), own)):
        for command, options in _read(path, known, PERSONAL if path is own else ()).items():
            merged.setdefault(command, {}).update(options)
    return merged


def _read(path: Path, known: Options, barred: Container[str]) -> dict[str, dict[str, Any]]:
    """The tables of one file; an archive's own, as it may be somebody else's, sets nothing that is barred."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Usage(f"{path}: {error}") from None
    out: dict[str, dict[str, Any]] = {}
    for command, options in tables.items():
        if command not in known or not isinstance(options, dict):
            raise Usage(f"{path}: [{command}]: no such command; tables are {', '.join(sorted(known))}")
        out[command] = {}
        for key, value in options.items():
            if key not in known[command]:
                raise Usage(f"{path}: [{command}] {key}: no such option; see 'papercap {command} --help'")
            if key in barred:
                raise Usage(
                    f"{path}: [{command}] {key}: not for an archive to say; give it, or set it in your own"
                )
            name, several = known[command][key]
            out[command][name] = [value] if several and not isinstance(value, list) else value
    return out


def _user_file() -> Path | None:
    """`~/.config/papercap/papercap.toml`, or where the XDG variable says."""
    base = os.environ.get("XDG_CONFIG_HOME") or (
        os.environ.get("APPDATA") if sys.platform == "win32" else "~/.config"
    )
    return Path(base).expanduser() / "papercap" / NAME if base else None
