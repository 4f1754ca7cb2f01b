"""The ids that papers and figures are given once and keep; they are file names and parts of addresses."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from papercap.geometry import iou
from papercap.records import Spot

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from papercap.records import Facts, Figure, Found

MAX_WORD = 24  # characters of a word in an id: the id must fit a file name and a line
SHORT_HASH = 6  # hex digits; more on a collision
FACING = 1  # pages between a caption and a body that stands on another one
SAME_BOX = 0.3  # IoU: a figure that moved less than this is the same one
_FILLERS = frozenset(
    "a an and are as at by can do does for from how in is it its new of on or our some study the their to"
    " toward towards using via we what when why with".split()
)
_LABEL_WORDS = {
    "fig": "figure", "figs": "figure", "figure": "figure", "tab": "table", "table": "table",
    "alg": "algorithm", "algorithm": "algorithm",
}  # fmt: skip


def slug(text: str) -> str:
    """Letters and digits of any script in lower case, all else as single hyphens."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[\W_]+", "-", folded).strip("-")


def paper_id(facts: Facts, stem: str, sha256: str, taken: Collection[str]) -> str:
    """`touvron-2023-llama-3f9c2a`: author, year, a word of the title, the source's hash."""
    author = slug(facts.authors[0].split()[-1])[:MAX_WORD] if facts.authors else ""
    words = [word for word in slug(facts.title or "").split("-") if word and word not in _FILLERS]
    year = str(facts.year or "")
    parts = [author, year, words[0][:MAX_WORD] if words else ""]
    if not (author or words):
        parts = [slug(stem)[: 2 * MAX_WORD], year if year not in stem else ""]
    name = "-".join(part.strip("-") for part in parts if part.strip("-"))
    lower = {other.casefold() for other in taken}  # file systems may fold case
    for length in range(SHORT_HASH, len(sha256) + 1):
        candidate = "-".join(filter(None, (name, sha256[:length])))
        if candidate.casefold() not in lower:
            return candidate
    raise ValueError(f"{sha256} is archived already")


def figure_ids(found: Sequence[Found], kept: Sequence[Figure], retired: Sequence[str]) -> list[str]:
    """An id for each figure: its old one where it was there before, else one that nobody ever had."""
    ids = _old_ids(found, kept)
    taken = {figure.id for figure in kept} | set(retired)
    on_page: dict[tuple[str, int], int] = {}
    # Parts that go on come last, so that the second part of Table 1 does not take the id of Table 1.2.
    for index, item in sorted(enumerate(found), key=lambda pair: pair[1].continues is not None):
        if index in ids:
            continue
        label = item.caption.label
        base = label_slug(label, item.caption.kind) if label else ""
        if not base:
            count = on_page[item.caption.kind, item.page] = on_page.get((item.caption.kind, item.page), 0) + 1
            base = f"{item.caption.kind}-p{item.page}-{count}"
        ids[index] = free_id(base, taken)
        taken.add(ids[index])
    return [ids[index] for index in range(len(found))]


def ids_before(found: Sequence[Found], ids: Sequence[str], kept: Sequence[Figure]) -> dict[str, str]:
    """By the id of each part that goes on from another the id of that one.

    That may be a figure by hand, which is kept in the place of the one that was found.
    """
    places = {Spot(item.page, item.box): name for item, name in zip(found, ids, strict=True)}
    before = {}
    for item, name in zip(found, ids, strict=True):
        spot = item.continues
        if spot is None:
            continue
        by_hand = (old.id for old in kept if old.by == "hand" and _is_at(old, spot))
        earlier = places.get(spot) or next(by_hand, None)
        if earlier:
            before[name] = earlier
    return before


def hand_figure_id(label: str | None, kind: str, page: int, taken: set[str]) -> str:
    """An id by the same rule for one figure that a person cropped."""
    if label and (base := label_slug(label, kind)):
        return free_id(base, taken)
    count = 1
    while f"{kind}-p{page}-{count}" in taken:
        count += 1
    return f"{kind}-p{page}-{count}"


def without_doubles(found: Sequence[Found], kept: Sequence[Figure]) -> tuple[Found, ...]:
    """Without what a person has captured already: a hand-made figure stays, whatever is found beside it.

    A found figure that is an old one's successor is no double; it was there beside the hand-made one.
    """
    ids = _old_ids(found, kept)
    by_hand = [figure for figure in kept if figure.by == "hand"]
    return tuple(
        item
        for index, item in enumerate(found)
        if index in ids or not any(_is_double(item, figure) for figure in by_hand)
    )


def same_label(one: str | None, other: str | None) -> bool:
    """Do two labels name one figure, as "Fig. 3" and "Figure 3" do?"""
    if not one or not other:
        return False
    if not (one.isascii() and other.isascii()):
        return one == other
    return one == other or label_slug(one, "") == label_slug(other, "") != ""


def label_slug(label: str, kind: str) -> str:
    """`figure-3` of "Fig. 3", "그림 3" and "FIGURE 3"; `extended-data-figure-1`; "" without a number."""
    folded = unicodedata.normalize("NFKC", label)
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in folded)
    words = [word for word in slug(digits).split("-") if word]
    if not any(c.isdigit() for c in digits) and len(words) < 2:
        return ""
    if all(word.isascii() for word in words):
        # "Fig.3" has no blank between word and number
        words = [part for word in words for part in _split_word(word)]
        return "-".join(_LABEL_WORDS.get(word, word) for word in words)
    numbers = [part for word in words for part in re.findall(r"[a-z]?\d+[a-z]?", word)]
    return "-".join([kind, *numbers]) if numbers else ""


def free_id(base: str, taken: set[str]) -> str:
    """The base, or with `-2`, `-3` … after it the first that is not taken."""
    if base not in taken:
        return base
    count = 2
    while f"{base}-{count}" in taken:
        count += 1
    return f"{base}-{count}"


def _split_word(word: str) -> list[str]:
    match = re.fullmatch(r"([a-z]{3,})(\d.*)", word)
    return list(match.groups()) if match else [word]


def _likeness(item: Found, old: Figure) -> float:
    return max(iou(item.box, old.box), SAME_BOX if _has_label_of(item, old) else 0.0)


def _has_label_of(item: Found, old: Figure) -> bool:
    return bool(old.label) and item.caption.label == old.label


def _is_double(item: Found, by_hand: Figure) -> bool:
    """The same box under the same name, or a caption whose body a person found on another page."""
    if item.page == by_hand.page and iou(item.box, by_hand.box) >= SAME_BOX:
        return item.caption.kind == by_hand.kind or same_label(item.caption.label, by_hand.label)
    said = by_hand.caption and by_hand.caption.value
    return said == item.caption.text != "" and abs(item.page - by_hand.page) <= FACING


def _is_at(figure: Figure, spot: Spot) -> bool:
    return figure.page == spot.page and iou(figure.box, spot.box) >= SAME_BOX


def _old_ids(found: Sequence[Found], kept: Sequence[Figure]) -> dict[int, str]:
    """Pair new figures with old ones of their page, the best overlap first, then by label."""
    pairs = sorted(
        (
            (_likeness(item, old), -new_index, old_index)
            for new_index, item in enumerate(found)
            for old_index, old in enumerate(kept)
            if item.page == old.page and (item.caption.kind == old.kind or _has_label_of(item, old))
        ),
        reverse=True,
    )
    ids: dict[int, str] = {}
    used: set[int] = set()
    for overlap, negative, old_index in pairs:
        if overlap < SAME_BOX:
            break
        if -negative not in ids and old_index not in used:
            ids[-negative] = kept[old_index].id
            used.add(old_index)
    return ids
