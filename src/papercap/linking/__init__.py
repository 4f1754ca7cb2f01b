"""Which entries a paper and its figures illustrate: proposals, each with a score and its reason.

What is weighed of a paper: where it is from (the entry's own link, its repository, its owner, a name in the
address), what its title says it is, how many of its captions name an entry, and whether the entry's notes
name it. Evidence of different kinds adds up as independent witnesses do: 1 - (1 - a)(1 - b). A figure is
proposed for an entry that its own caption names and its paper is not about.

`SURE` and `WORTH_ASKING` were set on the documents of one catalogue; docs/catalogue.md has what they give.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.addresses import REPOSITORIES, place_of
from papercap.catalogue.match import doubles
from papercap.linking.naming import Names, head_of, is_about_models, squeezed
from papercap.records import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from papercap.addresses import Place
    from papercap.records import Entry, Figure, Paper

SURE = 0.9  # links of this score are made
WORTH_ASKING = 0.4  # below it nobody is asked
BESIDE_SURE = 0.6  # where a link is sure, others of the same paper must be this likely
_OF_ANOTHER = 0.85  # at most, of what is another entry's own link
SHORT_TITLE = 3  # words: it is a name and no sentence
MANY_NAMES = 3  # of entries in one caption: it compares them

_OWN_LINK, _NOTED_LINK, _SAME_REPOSITORY = 1.0, 0.95, 0.92
_NAME_OF_REPOSITORY, _NAME_IN_ADDRESS, _SAME_OWNER = 0.85, 0.6, 0.4
_TITLE_IS, _TITLE_BEGINS, _TITLE_NAMES, _OTHER_VERSION = 0.9, 0.7, 0.35, 0.5
_MANY_CAPTIONS = 0.4
_DESCRIBED_BY, _NOTED_BY = 0.5, 0.42
_CAPTION_IS, _CAPTION_NAMES, _CAPTION_COMPARES = 0.75, 0.65, 0.5
_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`]+")
_HOSTS = frozenset(  # that hold pages of anybody: their names say nothing of whose a page is
    "github gitlab huggingface arxiv medium tistory naver blogspot wordpress substack youtube google facebook"
    " amazonaws githubusercontent notion velog doi openreview wikipedia twitter x linkedin reddit".split()
)


class Proposal(Struct, frozen=True):
    """A paper, or one figure of it, may illustrate an entry; `link.score` says how surely, `link.why` why."""

    paper: str
    figure: str | None  # the end of its id; None for the whole paper
    link: Link

    @property
    def id(self) -> str:
        return f"{self.paper}/{self.figure}" if self.figure else self.paper

    @property
    def score(self) -> float:
        return self.link.score or 0.0


class _Evidence(Struct, frozen=True):
    entry: str
    kind: str  # only the best of a kind counts
    score: float
    why: str


class Linker:
    """Proposes links to the entries of one catalogue; of two alike in name and address, to the first."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        twice = doubles(entries)
        self._entries = {entry.id: entry for entry in entries if entry.id not in twice}
        self._names = Names(list(self._entries.values()))

    def propose(self, paper: Paper) -> list[Proposal]:
        """What the paper and its figures may illustrate, the likeliest first.

        What is linked already, or was rejected by a person, is not proposed.
        """
        whole = [Proposal(paper.id, None, link) for link in self._of_paper(paper)]
        about = {proposal.link.entry for proposal in whole if proposal.score >= SURE}
        about |= {link.entry for link in paper.links}
        single = [one for figure in paper.figures for one in self._of_figure(paper, figure, about)]
        return sorted((*whole, *single), key=lambda one: (-one.score, one.id, one.link.entry))

    def sure(self, paper: Paper) -> tuple[Link, ...]:
        """The links of a whole paper that need nobody's word."""
        return tuple(p.link for p in self.propose(paper) if p.figure is None and p.score >= SURE)

    def _of_paper(self, paper: Paper) -> list[Link]:
        evidence: dict[str, dict[str, _Evidence]] = {}
        for one in self._gather(paper):
            kinds = evidence.setdefault(one.entry, {})
            if one.kind not in kinds or kinds[one.kind].score < one.score:
                kinds[one.kind] = one
        owned = any(one.score == _OWN_LINK for kinds in evidence.values() for one in kinds.values())
        links = [self._link(entry, list(kinds.values()), owned) for entry, kinds in evidence.items()]
        best = max((link.score or 0 for link in links), default=0.0)
        least = BESIDE_SURE if best >= SURE else WORTH_ASKING
        known = {link.entry for link in paper.links} | set(paper.rejected)
        return [link for link in links if (link.score or 0) >= least and link.entry not in known]

    def _link(self, entry: str, evidence: list[_Evidence], owned: bool) -> Link:
        """`owned`: the document is some entry's own link, so that it is not surely another's."""
        doubt = 1.0
        for one in evidence:
            doubt *= 1 - one.score
        ordered = sorted(evidence, key=lambda one: -one.score)
        why = "; ".join(one.why for one in ordered)
        score = 1 - doubt
        if owned and not any(one.score == _OWN_LINK for one in evidence):
            score = min(score, _OF_ANOTHER)
        return self._made(entry, round(score, 3), why)

    def _made(self, entry: str, score: float, why: str) -> Link:
        found = self._entries[entry]
        return Link(
            entry=found.id,
            name=found.name,
            url=found.url,
            section=found.section,
            catalogue=found.catalogue,
            by="auto",
            score=score,
            why=why,
        )

    # -- evidence on a whole paper

    def _gather(self, paper: Paper) -> Iterator[_Evidence]:
        places = _places(paper)
        title = paper.title.value if paper.title else ""
        captions = [figure.caption.value for figure in paper.figures if figure.caption]
        models = is_about_models(" ".join((title, *captions)))
        for place in places:
            yield from self._by_address(place)
        yield from self._by_title(title, models)
        yield from self._by_captions(captions, models)
        yield from self._by_notes(title, places)

    def _by_address(self, place: Place) -> Iterator[_Evidence]:
        for entry in self._entries.values():
            own = place_of(entry.url)
            if own == place:
                yield _Evidence(entry.id, "address", _OWN_LINK, "it is the entry's own link")
            elif own and own.holds(place) and place.site.startswith(REPOSITORIES):
                yield _Evidence(entry.id, "address", _SAME_REPOSITORY, "it is from the entry's repository")
            elif place in _linked_places(entry.notes):
                yield _Evidence(entry.id, "address", _NOTED_LINK, "the entry's notes link to it")
            elif own and (owner := _common_owner(own, place)):
                yield _Evidence(entry.id, "owner", _SAME_OWNER, f"both are from {owner}")
        last = place.site.rsplit("/", 1)[-1] if place.site.startswith(REPOSITORIES) else ""
        if named := self._names.meant(last):
            yield _Evidence(
                named, "name in the address", _NAME_OF_REPOSITORY, f"its repository is called {last}"
            )
        said = f"{last} {place.path}"
        for one in self._names.find(said, address=True):
            yield _Evidence(one.entry, "name in the address", _NAME_IN_ADDRESS, "its address names the entry")

    def _by_title(self, title: str, models: bool) -> Iterator[_Evidence]:
        head = head_of(title)
        found = [one for one in self._names.find(title) if models or one.distinct]
        meant = self._names.meant(head)
        is_head = head != title.strip() or len(head.split()) <= SHORT_TITLE
        in_head = len(self._names.find(head)) if is_head else 0
        for number, one in enumerate(found):
            said = f"its title {title!r}"
            if one.version:
                yield _Evidence(
                    one.entry, "title", _OTHER_VERSION, f"{said} names it, perhaps another version"
                )
            elif one.entry == meant:
                yield _Evidence(one.entry, "title", _TITLE_IS, f"{said} begins with its name")
            elif number < in_head:
                yield _Evidence(one.entry, "title", _TITLE_BEGINS, f"the head of {said} names it")
            else:
                yield _Evidence(one.entry, "title", _TITLE_NAMES, f"{said} names it")

    def _by_captions(self, captions: Sequence[str], models: bool) -> Iterator[_Evidence]:
        counts: dict[str, int] = {}
        for caption in captions:
            for entry in {one.entry for one in self._names.find(caption) if models or one.distinct}:
                counts[entry] = counts.get(entry, 0) + 1
        for entry, count in counts.items():
            if count > 1 and 3 * count >= len(captions):
                said = f"{count} of its {len(captions)} captions name it"
                yield _Evidence(entry, "captions", _MANY_CAPTIONS, said)

    def _by_notes(self, title: str, places: Iterable[Place]) -> Iterator[_Evidence]:
        """Is the document, by what it is called, one that the entry's notes speak of?"""
        called = {head_of(title): 3} if len(head_of(title).split()) <= 2 else {}
        called |= {p.site.rsplit("/", 1)[-1]: 1 for p in places if p.site.startswith(REPOSITORIES)}
        for name in called:
            if len(squeezed(name)) < 4 or self._names.meant(name):
                continue
            pattern = re.compile(rf"(?<![^\W_]){re.escape(name)}(?![a-z0-9])", re.IGNORECASE)
            described = [e for e in self._entries.values() if pattern.search(f"{e.name} {e.description}")]
            noted = [e for e in self._entries.values() if pattern.search(e.notes)]
            for entry in described:
                yield _Evidence(entry.id, "notes", _DESCRIBED_BY, f"{name} is in the entry's description")
            if len(noted) <= 2:  # what many notes speak of says nothing
                for entry in noted:
                    yield _Evidence(entry.id, "notes", _NOTED_BY, f"the entry's notes speak of {name}")

    # -- a single figure

    def _of_figure(self, paper: Paper, figure: Figure, about: set[str]) -> Iterator[Proposal]:
        if figure.caption is None:
            return
        caption = figure.caption.value
        title = paper.title.value if paper.title else ""
        known = about | {link.entry for link in figure.links} | set(figure.rejected)
        models = is_about_models(f"{title} {caption}")
        named = {one.entry: one for one in reversed(self._names.find(caption)) if models or one.distinct}
        for entry, one in named.items():
            if entry in known:
                continue
            if len(named) > MANY_NAMES:
                score, why = _CAPTION_COMPARES, f"its caption names it among {len(named)}"
            elif one.at <= 4:  # after "Figure 3: The"
                score, why = _CAPTION_IS, "its caption begins with the name"
            else:
                score, why = _CAPTION_NAMES, "its caption names it"
            yield Proposal(paper.id, figure.id, self._made(entry, score, why))


def _places(paper: Paper) -> list[Place]:
    """Where a paper is from, by what was typed and where that led, and by its ids."""
    ids = [
        paper.arxiv and f"https://arxiv.org/abs/{paper.arxiv.value}",
        paper.doi and f"https://doi.org/{paper.doi.value}",
    ]
    found = map(place_of, (paper.source.typed, paper.source.url, *ids))
    return list(dict.fromkeys(place for place in found if place))


def _linked_places(notes: str) -> set[Place]:
    return {place for link in _LINK.findall(notes) if (place := place_of(link.rstrip(".,;:")))}


def _common_owner(one: Place, other: Place) -> str:
    """The owner or site that two addresses have in common, in whichever form; "" if they have none."""
    owners, others = _owners(one), _owners(other)
    return next((name for name in sorted(owners) if name in others), "")


def _owners(place: Place) -> set[str]:
    """Who stands behind an address: `lm-sys` on GitHub, `lmsys` of vicuna.lmsys.org, both without signs."""
    host, *path = place.site.split("/")
    if path:
        owner = path[-2] if len(path) > 1 else path[0]
        words = owner.split("-")
        return {squeezed(owner)} | ({squeezed(words[0])} if len(words) > 1 and len(words[0]) > 4 else set())
    labels = host.split(".")
    names = labels[-3:-1] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:-1]
    return {squeezed(name) for name in names} - _HOSTS
