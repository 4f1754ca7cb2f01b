"""Which addresses of entries and their notes do not answer any more: each is asked once, politely."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from papercap.doctor.cases import Case, Finding
from papercap.errors import Network, Refused
from papercap.fetch.addresses import read_address
from papercap.fetch.network import NoSuchHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from papercap.fetch.client import Client
    from papercap.records import Entry

ASKERS = 4  # at once; a host is asked by one at a time, whoever asks
_GONE = (404, 410)
_FAILING = 500  # and above; below, that it wants a browser or a password, too, is an answer
_ADDRESS = re.compile(rb"https?://(?:[^\s<>()\[\]\"'`\\]|\([^\s<>()]*\))+", re.I)
_AFTER = ".,;:!?*_~"  # of the sentence or Markdown, not of the address

Answer = int | Network | Refused  # a status, or why there was none


class Place(NamedTuple):
    """Where an address stands."""

    case: Case
    entry: Entry
    offset: int
    address: str


def dead_links(
    cases: Sequence[Case], dial: Callable[[], Client], progress: Callable[[int, int], None]
) -> Iterator[Finding]:
    """Addresses of which servers say that there is nothing, and what could not be asked."""
    places = [place for case in cases for place in addresses_of(case)]
    answers = _ask_all(list(dict.fromkeys(_key(place.address) for place in places)), dial, progress)
    reached = any(isinstance(answer, int) for answer in answers.values())
    silent = [answer for answer in answers.values() if isinstance(answer, Network)]
    if silent and not reached:  # that is our own trouble
        what = f"no server answered, of {len(answers)} addresses: {silent[0]}"
        yield cases[0].at_line(None, "no-network", "hint", what, "try again with a connection")
    for place in places:
        answer = answers[_key(place.address)]
        if reached or not isinstance(answer, Network):
            yield from _judged(place, answer)


def _judged(place: Place, answer: Answer) -> Iterator[Finding]:
    dead = ""
    if isinstance(answer, NoSuchHost):
        dead = f"{place.address}: its server is gone, nobody knows the name"
    elif answer in _GONE:
        dead = f"{place.address}: not there any more (the server answers {answer})"
    if dead:
        mend = "write where it is now, or take it out"
        yield place.case.at_byte(place.offset, "broken-link", "warning", dead, mend)
    elif isinstance(answer, Refused):
        yield place.case.at_byte(place.offset, "not-asked", "hint", str(answer), "look at it in a browser")
    elif isinstance(answer, Network) or answer >= _FAILING:
        what = str(answer) if isinstance(answer, Network) else f"{place.address}: the server answers {answer}"
        yield place.case.at_byte(place.offset, "no-answer", "hint", what, "look at it in a browser")


def addresses_of(case: Case) -> list[Place]:
    """Those of entries and all in their notes, also in code; each once in a line."""
    found: dict[tuple[int, str], Place] = {}
    for place in (*_pointed(case), *_written(case)):
        found.setdefault((case.readme.line_at(place.offset), _key(place.address)), place)
    seen = {(place.entry.id, _key(place.address)) for place in found.values()}
    own = [Place(case, entry, entry.start, entry.url) for entry in case.entries if entry.url]
    own = [place for place in own if (place.entry.id, _key(place.address)) not in seen]
    return sorted((*own, *found.values()), key=lambda place: place.offset)


def _pointed(case: Case) -> Iterator[Place]:
    for pointer in case.pointers:
        entry = case.entry_at(pointer.span.start)
        if entry and re.match("https?://", pointer.target, re.I):
            yield Place(case, entry, pointer.span.start, pointer.target)


def _written(case: Case) -> Iterator[Place]:
    """Bare addresses, as in code; what stands in a link or picture has been seen."""
    data = bytearray(case.readme.data)
    for pointer in case.pointers:
        data[pointer.span.start : pointer.span.end] = b" " * (pointer.span.end - pointer.span.start)
    text = bytes(data)
    for span in case.readme.outside:
        for match in _ADDRESS.finditer(text, *span):
            if entry := case.entry_at(match.start()):
                address = match[0].decode("utf-8", "replace").replace("&amp;", "&").rstrip(_AFTER)
                yield Place(case, entry, match.start(), address)


def _key(address: str) -> str:
    """One for all ways to write it; parts of one page are one address."""
    try:
        return str(read_address(address))
    except Refused:
        return address


def _ask_all(
    addresses: Sequence[str], dial: Callable[[], Client], progress: Callable[[int, int], None]
) -> dict[str, Answer]:
    """The answer of each, a few at a time, each thread with a client of its own."""
    answers: dict[str, Answer] = {}
    with ExitStack() as stack:
        free: SimpleQueue[Client] = SimpleQueue()
        for _ in range(min(ASKERS, len(addresses))):
            free.put(stack.enter_context(closing(dial())))

        def ask(address: str) -> Answer:
            client = free.get()
            try:
                return client.ask(address)
            except (Network, Refused) as error:
                return error
            finally:
                free.put(client)

        pool = ThreadPoolExecutor(ASKERS)
        try:
            for address, answer in zip(addresses, pool.map(ask, addresses), strict=True):
                answers[address] = answer
                progress(len(answers), len(addresses))
        finally:  # an interrupt does not wait for those that were not asked yet
            pool.shutdown(wait=True, cancel_futures=True)
    return answers
