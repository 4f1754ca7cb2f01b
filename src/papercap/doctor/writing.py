"""What keeps a README from being written, or from being drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papercap.catalogue import NEVER_CLOSED
from papercap.doctor.cases import Case, Finding
from papercap.errors import PapercapError, ReadmeRefused
from papercap.gallery import SIZE_LIMIT, blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from papercap.readme import Plan


def blocks_if_sound(case: Case) -> Mapping[str, str]:
    """In which entry the block stands that bears an id; none where blocks are damaged."""
    try:
        return blocks_of(case.readme, case.entries)
    except ReadmeRefused:
        return {}


def refused(case: Case, error: PapercapError) -> Iterator[Finding]:
    """Why `papercap readme` would not write it; what the entry's own finding says is not said twice."""
    if NEVER_CLOSED in str(error):
        return
    line = error.line if isinstance(error, ReadmeRefused) else None
    what, _, mend = str(error).removeprefix(f"{case.name}:{line}: ").partition("; ")
    entry = next((one.id for one in case.entries if line and one.line <= line <= one.end_line), None)
    yield case.at_line(line, "refused", "error", what, mend or "see 'papercap readme --diff'", entry=entry)


def out_of_step(case: Case, plan: Plan) -> Iterator[Finding]:
    """Whether the README or its pages are not as the archive has it."""
    if plan.old != plan.new or plan.pages or plan.stale:
        yield case.at_line(
            None, "out-of-step", "warning", "its galleries are out of step", "'papercap readme' writes them"
        )


def too_long(case: Case, plan: Plan | None) -> Iterator[Finding]:
    """Whether GitHub would not draw all of it, also once it is in step."""
    size = len(plan.new if plan else case.readme.data)
    if size > SIZE_LIMIT:
        what = f"it has {size // 1024} KiB, and GitHub draws {SIZE_LIMIT // 1024}"
        mend = "move entries into another README, and name both as catalogues in papercap.toml"
        yield case.at_line(None, "too-long", "warning", what, mend)
