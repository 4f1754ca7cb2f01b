"""Measure the search over an archive of many made-up figures.

    python bench/search_speed.py [--figures 100000] [--rounds 5] [--limit 20]

Captions in English and Korean are drawn from word lists by Zipf's law, with a seed; they go into an
index through `rebuild`, and a fixed set of searches is timed, snippets and rows included. Prints the
median, the 95th percentile and the worst, then each search by itself, slowest first.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from papercap.geometry import Box
from papercap.index import Index
from papercap.records import Figure, Files, Kind, Link, Options, Paper, Source, Sourced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 20240607
FIGURES_A_PAPER = 7  # the mean of the papers that the catalogue names
RARE_WORDS = 30_000  # made-up words behind the real ones: names, symbols, what stands on axes
KOREAN_SHARE = 0.15  # of papers
NAMED_SHARE = 0.3  # of captions that name a model
PUTS = 40  # papers put one by one into the full index

ENGLISH = """the of and in a for to with on is are we our by model from as training data results each
performance language task using that different number figure attention accuracy comparison shows learning
loss tokens method evaluation layers large between test over input output baseline parameters size network
average score set human fine-tuning left right top bottom scaling example examples instruction text
architecture overview proposed pre-training dataset datasets benchmark error rate step steps batch
optimizer transformer encoder decoder embedding reward preference policy generation generated prompt
prompts few-shot zero-shot question answering reasoning mathematical code translation summarization toxicity
bias memory throughput latency hardware GPU inference quantization distillation pruning sparse dense
mixture experts gradient descent validation perplexity vocabulary corpus multilingual alignment safety
hallucination retrieval augmented document image vision multimodal diffusion convolutional residual
probability distribution curve heatmap histogram ablation hyperparameters temperature context window
length position rotary encoding head heads feed-forward activation normalization dropout""".split()

KOREAN = """모델 학습 데이터 성능 결과 언어 비교 정확도 구조 입력 출력 토큰 평가 방법 실험 파라미터 크기 문장
단어 번역 요약 질문 답변 추론 생성 대화 한국어 말뭉치 사전 미세조정 강화 보상 인코더 디코더 어텐션 손실 함수
그래프 분포 오류 비율 단계 개요 제안 기존 벤치마크 점수 사람 선호 정렬 안전 편향 메모리 속도 하드웨어 양자화
이미지 영상 음성 인식 분류 검색 문서 지식 증강 프롬프트 예시 지시 챗봇 토크나이저
임베딩 거대 초거대 인공지능""".split()
PARTICLES = ["", "", "", "의", "을", "를", "은", "는", "이", "가", "에", "에서", "으로", "과", "별"]

NAMES = """LLaMA Alpaca KoAlpaca Cerebras-GPT GPT4All Vicuna Dolly Koala BLOOM OPT-175B GPT-NeoX-20B PaLM-540B
Chinchilla Gopher T5 FLAN-T5 mT5 BERT RoBERTa Polyglot-Ko KULLM StableLM RWKV MPT-7B Falcon-40B llama.cpp
ChatGLM-6B OpenAssistant RedPajama Pythia GPT-3.5 GPT-4 Claude LaMDA Galactica Codex StarCoder""".split()
TAGS = "architecture results overview scaling-law ablation korean chat data training safety".split()
KINDS: tuple[Kind, ...] = ("figure", "figure", "figure", "table", "algorithm")

SEARCHES: list[dict[str, Any]] = [
    *({"words": words} for words in ("the", "model", "training", "results", "figure 3", "table 2")),
    *({"words": words} for words in ("alpaca", "alpac", "Cerebras-GPT", "gpt4all", "llama.cpp", "koalpaca")),
    *({"words": words} for words in ("T5", "PaLM 540B", "mixture experts", "language model", "scaling")),
    *({"words": words} for words in ("attention heads loss", '"language model"', "zero-shot reasoning")),
    *({"words": words} for words in ("hallucination retrieval", "perplexity curve", "xyzzy", "co", "pre")),
    *({"words": words} for words in ("모델", "학습", "언어모델", "언어 모델", "LLaMA 모델", "한국어 챗봇")),
    *({"words": words} for words in ("말", "미세조정", "초거대 인공지능 모델", "데이터 정확도 비교")),
    {"words": "model", "tags": ["korean"]},
    {"words": "training loss", "kinds": ["table"]},
    {"words": "results", "entries": ["llama", "alpaca"]},
    {"words": "모델", "tags": ["architecture", "chat"]},
    {"tags": ["scaling-law"]},
    {"entries": ["koalpaca"]},
    {"kinds": ["algorithm"], "tags": ["data"]},
    {},
]


class Drawer:
    """Draws words by Zipf's law: the n-th of a list n times rarer than the first."""

    def __init__(self, words: list[str], chance: random.Random) -> None:
        self._words = words
        self._chance = chance
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(len(words))))

    def draw(self, count: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._weights, k=count)


class Words(NamedTuple):
    chance: random.Random
    english: Drawer
    korean: Drawer
    names: Drawer


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        papers = list(make_papers(options.figures))
        with Index(path) as index:
            build = _seconds(partial(index.rebuild, papers))
            puts = [_seconds(partial(index.put, *p)) for p in papers[:: max(1, len(papers) // PUTS)]]
        size = path.stat().st_size
        with Index(path, readonly=True) as index:
            times = time_searches(index, options.rounds, options.limit)
    print(f"{options.figures} figures of {len(papers)} papers: built in {build:.1f} s, {size / 1e6:.0f} MB")
    print(f"put of one paper: {_summary(puts)}")
    print(f"search: {_summary([t for ts in times.values() for t in ts])}")
    for name, ts in sorted(times.items(), key=lambda item: -statistics.median(item[1])):
        print(f"  {statistics.median(ts) * 1000:7.1f} ms  {name}")


def make_papers(figures: int) -> Iterator[tuple[Paper, str]]:
    """Papers with `figures` figures in all, the same ones each time."""
    chance = random.Random(SEED)
    words = Words(
        chance,
        Drawer(ENGLISH + _made_up(chance, RARE_WORDS), chance),
        Drawer(KOREAN, chance),
        Drawer(NAMES, chance),
    )
    number = 0
    while figures > 0:
        count = min(figures, chance.randint(1, 2 * FIGURES_A_PAPER - 1))
        yield _paper(words, number, count), f"{number:064x}"
        figures -= count
        number += 1


def _paper(words: Words, number: int, count: int) -> Paper:
    write = _korean if words.chance.random() < KOREAN_SHARE else _english
    surname = words.english.draw(1)[0]
    title = write(words, 9)
    return Paper(
        format=1,
        id=f"{surname.lower()}-{2010 + number % 15}-{number:06x}",
        kind="pdf",
        added="2024-06-07T00:00:00Z",
        made_by="papercap",
        source=Source(typed="made.pdf", sha256=f"{number:064x}", bytes=1, type="application/pdf"),
        options=Options(),
        pages=count + 5,
        title=Sourced(title, "document"),
        authors=Sourced(tuple(a.title() for a in words.english.draw(4)), "document"),
        tags=tuple(words.chance.sample(TAGS, words.chance.randint(0, 2))),
        links=tuple(_link(name) for name in words.names.draw(words.chance.randint(0, 1))),
        figures=tuple(_figure(words, write, place) for place in range(count)),
    )


def _figure(words: Words, write: Callable[[Words, int], str], place: int) -> Figure:
    kind = words.chance.choice(KINDS)
    label = f"{kind.title()} {place + 1}"
    return Figure(
        id=f"{kind}-{place + 1}",
        kind=kind,
        label=label,
        page=place + 1,
        box=Box(72.0, 72.0, 540.0, 300.5),
        caption=Sourced(f"{label}: {write(words, words.chance.randint(8, 60))}.", "document"),
        caption_box=None,
        by="auto",
        method="made",
        confidence=0.9,
        files=Files(image=f"{kind}-{place + 1}.png", thumbnail=f"thumbs/{kind}-{place + 1}.webp"),
        text=_inside(words),
        tags=tuple(words.chance.sample(TAGS, words.chance.randint(0, 1))),
        links=tuple(_link(name) for name in words.names.draw(words.chance.randint(0, 1))),
    )


def _english(words: Words, count: int) -> str:
    drawn = words.english.draw(count)
    if words.chance.random() < NAMED_SHARE:
        drawn.insert(words.chance.randrange(len(drawn)), words.names.draw(1)[0])
    return " ".join(drawn).capitalize()


def _korean(words: Words, count: int) -> str:
    drawn = [word + words.chance.choice(PARTICLES) for word in words.korean.draw(count // 2 + 1)]
    if words.chance.random() < NAMED_SHARE:
        drawn.insert(words.chance.randrange(len(drawn)), words.names.draw(1)[0])
    return " ".join(drawn)


def _inside(words: Words) -> str:
    """What stands in a figure: words and ticks of axes."""
    drawn = words.english.draw(words.chance.randint(0, 30))
    return "\n".join([*drawn, *(str(words.chance.randint(0, 100)) for _ in range(len(drawn)))])


def _link(name: str) -> Link:
    return Link(entry=name.lower().replace(".", "-"), name=name)


def _made_up(chance: random.Random, count: int) -> list[str]:
    syllables = [c + v for c in "b c d f g k l m n p r s t v z st tr pl ch".split() for v in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(count)]


def time_searches(index: Index, rounds: int, limit: int) -> dict[str, list[float]]:
    """Seconds that each search took, by its words and filters."""
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for asked in SEARCHES:
            name = f"{asked.get('words', '')} {({k: v for k, v in asked.items() if k != 'words'}) or ''}"
            times.setdefault(name, []).append(_seconds(partial(index.search, **asked, limit=limit)))
    return times


def _seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _summary(times: list[float]) -> str:
    ms = sorted(1000 * t for t in times)
    p95 = ms[min(len(ms) - 1, int(len(ms) * 0.95))]
    return f"median {statistics.median(ms):.1f} ms, 95th percentile {p95:.1f} ms, worst {ms[-1]:.1f} ms"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the search.")
    parser.add_argument("--figures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
