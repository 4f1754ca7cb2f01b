"""What entries are called, and where a text names them.

A name is compared by its letters and digits alone, so that LlamaAcademy is LLaMA Academy; of names that
begin at one word the longest is meant, so that LLaMA Academy is not LLaMA.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from papercap.addresses import REPOSITORIES, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from papercap.records import Entry

MAX_WORDS = 5  # of a name
MIN_NAME = 3  # letters and digits
_WORD = re.compile(
    r"[^\W_\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+|[\uac00-\ud7af]+"
)  # Latin and Hangul apart
_VERSION = re.compile(r"[-\s]*v?\d+(?:\.\d+)*[kmb]?\+?$", re.IGNORECASE)
_HEAD_END = re.compile(r"\s*(?:[:：|(]|\s[-–—]+\s)\s*")
_PAGE_ENDING = re.compile(r"\.(?:html?|php|md)$", re.IGNORECASE)
# What entries are called that are no name of their own
_COMMON = frozenset(
    "chat chatgpt code data dataset demo gpt llm llms model models paper readme blog post".split()
)
# Words of texts on language models. A name such as Koala, in a text without any, is an animal's.
_OF_MODELS = re.compile(
    r"\b(?:LLMs?|(?:Chat)?GPT|BERT|RLHF|LoRA|language models?|chat ?bots?|transformers?|"
    r"instruct(?:ion)?s?|prompts?|pre-?train\w*|fine-?tun\w*|tokens?|tokenizers?|perplexity|checkpoints?|"
    r"inference|benchmarks?|open[- ]source|\d+(?:\.\d+)?B)\b"
    r"|언어\s?모델|챗봇|튜닝|프롬프트|사전\s?학습|인공\s?지능",
    re.IGNORECASE,
)


class Named(NamedTuple):
    """An entry is named at a word of a text."""

    entry: str
    at: int  # the word's number, from 0
    distinct: bool  # as no animal or other thing is written
    version: bool  # with a number after it that the entry's name has not: another version, perhaps


def squeezed(text: str) -> str:
    """Letters and digits alone, in one case."""
    return "".join(_WORD.findall(text)).casefold()


def is_about_models(text: str) -> bool:
    """Is a text on language models, by its words?"""
    return _OF_MODELS.search(text) is not None


def head_of(title: str) -> str:
    """What a title begins with: "LLaMA" of "LLaMA: Open and Efficient …"; else all of it."""
    return _HEAD_END.split(title.strip(), maxsplit=1)[0].strip()


class Names:
    """The names of a catalogue's entries; of two entries alike in name and address, the first's."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_name: dict[str, str] = {}
        self._written: dict[str, str] = {}
        for aliases in (_full_names, _short_names):  # whole names of all go before short ones
            for entry in entries:
                for name in aliases(entry):
                    key = squeezed(name)
                    if len(key) >= MIN_NAME and key not in _COMMON and not key.isdigit():
                        self._by_name.setdefault(key, entry.id)
                        self._written.setdefault(key, name)

    def meant(self, text: str) -> str | None:
        """The entry that a text as a whole is the name of."""
        return self._by_name.get(squeezed(text))

    def find(self, text: str, *, address: bool = False) -> list[Named]:
        """Where a text names entries, the longest name at each word; addresses have no capital letters."""
        words = list(_WORD.finditer(text))
        found: list[Named] = []
        index = 0
        while index < len(words):
            for count in range(min(MAX_WORDS, len(words) - index), 0, -1):
                first, last = words[index], words[index + count - 1]
                if last.end() - first.start() > 60 or not _together(words[index : index + count], text):
                    continue
                written = text[first.start() : last.end()]
                key = squeezed(written)
                if key in self._by_name and (address or self._is_spelt(key, written)):
                    after = words[index + count][0] if index + count < len(words) else ""
                    found.append(Named(self._by_name[key], index, _is_distinct(written), _is_version(after)))
                    index += count - 1
                    break
            index += 1
        return found

    def _is_spelt(self, key: str, written: str) -> bool:
        """A name with a capital letter is meant only where the text has one too."""
        return written != written.lower() or self._written[key] == self._written[key].lower()


def _together(words: Sequence[re.Match[str]], text: str) -> bool:
    """Are these words one name: nothing between them but a blank, hyphen, dot or underscore?"""
    gaps = (text[one.end() : other.start()] for one, other in pairwise(words))
    return all(re.fullmatch(r"[\s._-]{0,2}", gap) for gap in gaps)


def _is_distinct(written: str) -> bool:
    """`LLaMA`, `GPT4All` and `KoAlpaca`, not `Koala`."""
    return sum(letter.isupper() for letter in written) > 1 or any(letter.isdigit() for letter in written)


def _is_version(after: str) -> bool:
    return re.fullmatch(r"v?\d{1,2}", after, re.IGNORECASE) is not None


def _full_names(entry: Entry) -> Iterable[str]:
    yield entry.name
    place = place_of(entry.url)
    if place is None:
        return
    if place.site.startswith(REPOSITORIES) and not place.path:
        yield place.site.rsplit("/", 1)[-1]


def _short_names(entry: Entry) -> Iterable[str]:
    head = head_of(entry.name)
    yield head
    yield _VERSION.sub("", head)
    place = place_of(entry.url)
    if place and place.path:
        last = _PAGE_ENDING.sub("", place.path.rsplit("/", 1)[-1])
        if last.count("-") < 2:  # of a longer one nobody knows which words are the name
            yield last
