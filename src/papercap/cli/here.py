"""Which archive a command means, and the settings that it finds there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from papercap.errors import NotFound, Usage

if TYPE_CHECKING:
    import click

    from papercap.archive import Archive
    from papercap.records import Entry


class Here:
    """The root: `--root`, else the nearest folder upwards that holds an archive."""

    def __init__(self, given: Path | None) -> None:
        from papercap.store import find_root

        self.given = given
        self.root = given if given is not None else find_root(Path.cwd())

    def defaults(self, group: click.Group) -> dict[str, Any]:
        """Options as the user's and the archive's settings have them, by command."""
        from papercap.settings import read_settings

        known = {
            name: {str(option.name) for option in command.params} for name, command in group.commands.items()
        }
        return read_settings(self.root, known)

    def archive(self) -> Archive:
        """Open; NotFound, saying what to do, where there is none."""
        from papercap.archive import Archive

        if self.root is None:
            raise NotFound("no archive here or above; make one with 'papercap init', or name one with --root")
        return Archive(self.root)

    def archive_made(self) -> tuple[Archive, bool]:
        """Open, or make one in the root given or the current folder; was it made?"""
        from papercap.archive import Archive
        from papercap.store import FOLDER, MARK

        root = self.root or Path.cwd()
        made = not (root / FOLDER / MARK).exists()
        return Archive.create(root), made

    def readme(self) -> Path:
        """The catalogue of the archive."""
        from papercap.readme import README

        return (self.root or Path.cwd()) / README

    def entries(self, texts: tuple[str, ...]) -> tuple[Entry, ...]:
        """The catalogue's entries that these ids, names or prefixes mean; NotFound for an unknown one."""
        from papercap.readme import find_entries

        return find_entries(self.root or Path.cwd(), texts)


def whole_number_of_jobs(jobs: int | None) -> int:
    """As many as there are processors, unless told."""
    import os

    if jobs is not None and jobs < 1:
        raise Usage("--jobs: at least 1")
    return jobs or os.cpu_count() or 1
