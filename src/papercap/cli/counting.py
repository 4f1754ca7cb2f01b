"""A count of what is done, on standard error, where that is a terminal and the work takes a while."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 1.0  # seconds that a person waits without being told


@contextmanager
def counting(label: str) -> Iterator[Callable[[int, int], None]]:
    """A step to tell of done and total."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    begun = time.monotonic()
    with ExitStack() as drawn:
        bar = None

        def step(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and time.monotonic() - begun > PATIENCE:
                bar = drawn.enter_context(click.progressbar(length=total, file=sys.stderr, label=label))
            if bar is not None:
                bar.update(done - bar.pos)

        yield step
