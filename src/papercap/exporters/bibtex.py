"""Papers → a bibliography in BibTeX, an entry a paper.

Every entry is a `@misc`: what a paper does not say of itself is where it was published. The figures are not
named, as a `note` would be printed in every list of references.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from papercap.names import free_id
from papercap.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papercap.exporters.chosen import Chosen, PaperFacts

# BibTeX counts escaped braces too, so a brace is written as a word.
SPECIAL = str.maketrans(
    {sign: f"\\{sign}" for sign in "$&%#_"}
    | {
        sign: f"\\text{word}{{}}"
        for sign, word in zip(
            "\\{}~^<>|",
            "backslash braceleft braceright asciitilde asciicircum less greater bar".split(),
            strict=True,
        )
    }
)
NAME_PARTS = 3  # that commas may part: "King, Jr., Martin"
_UNSPACED = re.compile(
    r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]"
)  # 홍길동, 王小明
_AND = re.compile(r"(^|\s)(and|others)(?=\s|$)", re.IGNORECASE)  # part one name from the next


class BibtexExporter:
    """`@misc{touvron-2023-llama-3f9c2a, …}`: the paper's id is its key."""

    form = "one entry a paper, for a bibliography"
    into: Literal["file"] = "file"

    def data(self, chosen: Chosen) -> bytes:
        """UTF-8."""
        return bibliography(chosen.papers).encode()


def bibliography(papers: Iterable[PaperFacts]) -> str:
    """All entries, in the order of the papers."""
    listed = list(papers)
    keys = _keys(paper.id for paper in listed)
    return "\n".join(_entry(keys[paper.id], paper) for paper in listed)


def _entry(key: str, paper: PaperFacts) -> str:
    fields = {
        "title": f"{{{_plain(paper.title)}}}" if paper.title else "",  # twice in braces: capitals stay
        "author": " and ".join(filter(None, map(_name, paper.authors))),
        "year": str(paper.year or ""),
        "eprint": _verbatim(paper.arxiv),
        "archiveprefix": "arXiv" if paper.arxiv else "",
        "doi": _verbatim(paper.doi),
        "url": "" if paper.doi or paper.arxiv else _verbatim(paper.url),
        "urldate": paper.added[:10] if paper.kind == "page" else "",
        "keywords": ", ".join(map(_plain, paper.tags)),
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{rows}}}\n"


def _keys(ids: Iterable[str]) -> dict[str, str]:
    """A key for each paper: its id in the letters that every BibTeX takes; the hash in it keeps it apart."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(ids):
        folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-") or "paper"
        keys[name] = free_id(plain, taken)
        taken.add(keys[name])
    return keys


def _plain(text: str) -> str:
    """Text in which TeX takes every sign for itself."""
    return visible(text).translate(SPECIAL)


def _name(author: str) -> str:
    """One author; in braces where the name would be taken apart in the wrong place."""
    plain = _plain(author)
    parts = plain.split(",")
    odd = len(parts) > NAME_PARTS or (len(parts) > 1 and not all(map(str.strip, parts)))
    whole = odd or _UNSPACED.search(plain) or _AND.search(plain)
    return f"{{{plain}}}" if plain and whole else plain


def _verbatim(address: str | None) -> str:
    """An address or id, which no style takes for TeX; what would break its field is percent-encoded."""
    return "".join(
        sign if sign.isprintable() and sign not in " {}\\" else quote(sign, safe="") for sign in address or ""
    )


EXPORTER = BibtexExporter()
