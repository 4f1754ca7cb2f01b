"""Which archive a command means, and the settings that it finds there."""

from __future__ import annotations

import unicodedata
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from papercap.cli.output import visible
from papercap.errors import NotFound, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from papercap.archive import Archive
    from papercap.gallery.shelves import Look
    from papercap.linking import Linker
    from papercap.records import Entry


class Here:
    """The root: `--root`, else the nearest folder upwards that holds an archive."""

    def __init__(self, given: Path | None) -> None:
        from papercap.store import find_root

        self.given = given
        self.root = given if given is not None else find_root(_current_folder())

    def defaults(self, group: click.Group) -> dict[str, Any]:
        """Options as the user's and the archive's settings have them, by command."""
        from papercap.settings import read_settings

        known = {name: _option_names(command) for name, command in group.commands.items()}
        return read_settings(self.root or _current_folder(), known)  # where `add` makes an archive, too

    def archive(self) -> Archive:
        """Open; NotFound, saying what to do, where there is none."""
        from papercap.archive import Archive

        if self.root is None:
            raise NotFound("no archive here or above; make one with 'papercap init', or name one with --root")
        archive = Archive(self.root)
        _ = archive.index  # what could not be read is known once it is open
        for problem in archive.unreadable:
            click.echo(f"papercap: left out: {visible(problem)}", err=True)
        return archive

    @contextmanager
    def archive_if_any(self) -> Iterator[Archive | None]:
        """Open, or None where there is none."""
        from papercap.store import FOLDER, MARK

        if self.root is None or not (self.root / FOLDER / MARK).exists():
            yield None
            return
        with self.archive() as archive:
            yield archive

    @contextmanager
    def archive_when_needed(self) -> Iterator[Callable[[], Archive]]:
        """Open; or, by the first call, one made in the root given or the current folder, and said so.

        What leads to no document must not leave an empty archive behind.
        """
        from papercap.archive import Archive

        with self.archive_if_any() as there, ExitStack() as opened:
            made = there

            def archive() -> Archive:
                nonlocal made
                if made is None:
                    root = self.root or Path.cwd()
                    made = opened.enter_context(Archive.create(root))
                    click.echo(f"new archive in {root}", err=True)
                return made

            yield archive

    def readmes(self) -> list[Path]:
        """The catalogues of the archive: those of its settings that are there, the first at least."""
        from papercap.readme import catalogue_names

        root = self.root or Path.cwd()
        paths = [root / name for name in catalogue_names(root)]
        return [path for path in paths if path.is_file()] or paths[:1]

    def name_of(self, readme: Path) -> str:
        """A README as messages and links name it: from the root, if it is in there."""
        try:
            return readme.resolve().relative_to((self.root or Path.cwd()).resolve()).as_posix()
        except ValueError:
            return readme.name

    def linker(self) -> Linker | None:
        """Proposes links to the catalogues' entries; None where there are none."""
        from papercap.readme import linker_of

        return linker_of(self.root or Path.cwd())

    def look(self, given: Mapping[str, Any] | None = None) -> Look:
        """How galleries are to look, as options or settings of `papercap readme` have it."""
        from papercap.gallery.shelves import Look

        said = click.get_current_context().find_root().default_map or {}
        values = {**said.get("readme", {}), **(given or {})}
        known = {name: values[name] for name in Look.__struct_fields__ if values.get(name) is not None}
        if folder := known.get("templates"):
            known["templates"] = _folder_of_templates((self.root or Path.cwd()) / folder)
        return Look(**known)

    def linked_entries(self, archive: Archive, text: str) -> list[str]:
        """The linked entries that an id or name means; [] for one of the README without figures.

        NotFound for what is neither linked nor in the README.
        """
        wanted = unicodedata.normalize("NFC", text).casefold()
        linked = archive.index.entries()
        exact = [entry for entry, _name, _count in linked if entry == wanted]
        if found := exact or [entry for entry, name, _count in linked if name.casefold() == wanted]:
            return found
        try:
            (meant,) = self.entries((text,))
        except NotFound:
            prefixed = [entry for entry, _name, _count in linked if entry.startswith(wanted)]
            if len(prefixed) != 1:
                raise
            return prefixed
        return [entry for entry, _name, _count in linked if entry == meant.id]

    def entries(self, texts: tuple[str, ...]) -> tuple[Entry, ...]:
        """The catalogue's entries that these ids, names or prefixes mean; NotFound for an unknown one."""
        from papercap.readme import find_entries

        return find_entries(self.root or Path.cwd(), texts)


def _folder_of_templates(folder: Path) -> Path:
    if not folder.is_dir():
        raise NotFound(f"--templates {folder}: no such folder")
    return folder


def _option_names(command: click.Command) -> dict[str, tuple[str, bool]]:
    """A command's options as they are typed, without dashes → parameter, and whether it takes several."""
    return {
        typed.lstrip("-"): (str(option.name), option.multiple)
        for option in command.params
        if isinstance(option, click.Option) and not isinstance(option.flag_value, str)  # forms of printing
        for typed in option.opts
    }


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise NotFound("the current folder is gone; change to another, or name one with --root") from None


def whole_number_of_jobs(jobs: int | None) -> int:
    """As many as there are processors, unless told."""
    import os

    if jobs is not None and jobs < 1:
        raise Usage("--jobs: at least 1")
    return jobs or os.cpu_count() or 1
