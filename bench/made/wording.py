"""Captions as they are printed, and the sentences around them."""

from dataclasses import dataclass
from random import Random

from languages import Language
from look import CaptionLook

METHODS = ("Orvex", "LUMO-2", "Tarn", "Quill-B", "Sefra", "NOVIK", "Halden", "Mirexa", "Pello-3", "ATRIS")
DATA = ("Westmark", "OpenCorr", "Vela-10k", "LINDEN", "Cobalt-5", "Marlow", "TREC-X")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True)
class Caption:
    """A caption in its parts; `text` is what the page shows, with single blanks."""

    label: str  # "Fig. 3", "그림 2"
    head: str  # "Fig. 3.", "[그림 2]"
    body: str

    @property
    def text(self) -> str:
        return " ".join(f"{self.head} {self.body}".split())


def number_of(look: CaptionLook, number: int) -> str:
    return _ROMAN[number - 1] if look.roman else str(number)


def make_caption(look: CaptionLook, number: int, body: str) -> Caption:
    """The caption with this number, worded as the paper words them."""
    label = f"{look.word} {number_of(look, number)}"
    opening, closing = (look.brackets[0], look.brackets[1]) if look.brackets else ("", "")
    return Caption(label, f"{opening}{label}{closing}{look.stop}", body)


def fill(rng: Random, language: Language, template: str) -> str:
    """The template with made-up names and numbers in its slots."""
    method, other = rng.sample(METHODS, 2)
    numbers = [f"{rng.uniform(1, 60):.1f}" for _ in range(2)]
    if language.code not in ("en", "ko"):
        numbers = [number.replace(".", ",") for number in numbers]
    slots = {"m": method, "k": other, "d": rng.choice(DATA), "n": str(rng.randint(3, 120))}
    return template.format(x=numbers[0], y=numbers[1], ref="{ref}", **slots)


def paragraph(rng: Random, language: Language, labels: list[str]) -> str:
    """A paragraph of three to seven sentences; some mention a float, at times with their first words."""
    count = min(rng.randint(3, 7), len(language.sentences))
    sentences = [fill(rng, language, sentence) for sentence in rng.sample(language.sentences, count)]
    if labels and rng.random() < 0.6:
        aside = fill(rng, language, rng.choice(language.asides))
        sentences.insert(rng.randint(1, count), aside.format(ref=rng.choice(labels)))
    if labels and rng.random() < 0.5:
        mention = fill(rng, language, rng.choice(language.mentions))
        sentences.insert(rng.choice((0, 0, count)), mention.format(ref=rng.choice(labels)))
    return " ".join(sentences)
