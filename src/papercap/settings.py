"""Settings from files: `papercap.toml` in the root over the user's own; options and environment go first.

A table a command, a key an option: `[add]` / `dpi = 300` is `papercap add --dpi 300`. An archive's own
file also says which READMEs are its catalogues, and where the figures of their entries are to be had:

    catalogues = ["README.md", "README.ko.md"]
    [sources]
    llama = ["https://arxiv.org/abs/2302.13971", { path = "papers/llama.html", url = "https://…" }]
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from papercap.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    # by command: an option as it is typed → its parameter, and whether it takes several values
    Options = Mapping[str, Mapping[str, tuple[str, bool]]]

NAME = "papercap.toml"
CATALOGUES = ("README.md",)  # unless the archive's own file says otherwise
# Which file to write, what not to be asked about, whether and into which network to reach, what to take in:
PERSONAL = frozenset(
    {"out", "replace", "yes", "empty", "online", "allow-host", "from-file", "from-bib", "outside"}
)


class Given(Struct, frozen=True):
    """A source as the settings name it: what `papercap add` takes, and where a file of it is from."""

    typed: str
    url: str | None = None


class Catalogued(Struct, frozen=True):
    """The READMEs that are catalogues, relative to the root, and by entry the sources that are given."""

    readmes: tuple[str, ...] = CATALOGUES
    sources: dict[str, tuple[Given, ...]] = {}


def read_catalogued(root: Path | None) -> Catalogued:
    """What an archive's own file says of its catalogues; Usage, naming file and key, for what is none."""
    path = root / NAME if root else None
    tables = _tables(path) if path else {}
    readmes, sources = tables.get("catalogues", list(CATALOGUES)), tables.get("sources", {})
    if not _is_texts(readmes) or not readmes or any(_leads_out(name) for name in readmes):
        raise Usage(f"{path}: catalogues: a list of READMEs inside the archive's folder is wanted")
    if not isinstance(sources, dict):
        raise Usage(f"{path}: [sources]: a table is wanted, with an entry's id and its sources in each line")
    return Catalogued(tuple(readmes), {entry: _given(path, entry, value) for entry, value in sources.items()})


def _given(path: Path | None, entry: str, value: object) -> tuple[Given, ...]:
    found = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            found.append(Given(one))
        elif (
            isinstance(one, dict) and {"path"} <= one.keys() <= {"path", "url"} and _is_texts([*one.values()])
        ):
            found.append(Given(one["path"], one.get("url")))
        else:
            raise Usage(
                f'{path}: [sources] {entry}: an address, a path or {{ path = "…", url = "…" }} is wanted, '
                "or a list of them"
            )
    return tuple(found)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)


def _leads_out(name: str) -> bool:
    return "\\" in name or name.startswith("/") or ".." in name.split("/")


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
    out: dict[str, dict[str, Any]] = {}
    for command, options in _tables(path).items():
        if command in ("catalogues", "sources") and barred:
            continue  # of `read_catalogued`
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


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Usage(f"{path}: {error}") from None


def _user_file() -> Path | None:
    """`~/.config/papercap/papercap.toml`, or where the XDG variable says."""
    base = os.environ.get("XDG_CONFIG_HOME") or (
        os.environ.get("APPDATA") if sys.platform == "win32" else "~/.config"
    )
    return Path(base).expanduser() / "papercap" / NAME if base else None
