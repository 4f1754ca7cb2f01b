"""The errors that a user can meet, each with the exit code that the command ends with."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ends; the table of `docs/exit-codes.md`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    NOT_FOUND = 4
    REFUSED = 5
    README = 6
    DAMAGE = 7
    NETWORK = 8
    INTERRUPTED = 130
    TERMINATED = 143


class PapercapError(Exception):
    """Something the user can be told in one line that says what to do."""

    exit_code: Exit = Exit.FAILED


class Usage(PapercapError):
    """The command line asks for something that makes no sense."""

    exit_code = Exit.USAGE


class NotFound(PapercapError):
    """A file, figure, paper, tag, entry or archive that is not there."""

    exit_code = Exit.NOT_FOUND


class Refused(PapercapError):
    """An input that papercap will not or cannot read: no document, locked, damaged, hostile."""

    exit_code = Exit.REFUSED


class ReadmeRefused(PapercapError):
    """A README whose blocks are out of step, or damaged so that writing it could lose something."""

    exit_code = Exit.README

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.line = line  # of the README, which the text names too; None where it is another file


class Damaged(PapercapError):
    """A part of the archive that is not what its record says."""

    exit_code = Exit.DAMAGE


class Network(PapercapError):
    """What the network does not give now: no connection, a failing server, an answer cut short."""

    exit_code = Exit.NETWORK


class Newer(Damaged):
    """A part of the archive that a newer papercap wrote: it is sound, and left alone."""
