"""The index: the same rows however they came in, and searches that find what a person means."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from factories import make_figure, make_link, make_paper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papercap.errors import NotFound, PapercapError, Refused
from papercap.index import Index, IndexUnusable, discard_index
from papercap.records import FigureRow, Paper

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("papers", "figures", "figure_tags", "figure_entries")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.db"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    with Index(path) as index:
        yield index


def ids(rows: list[FigureRow]) -> list[str]:
    return [row.id for row in rows]


def fill(index: Index, *papers: Paper) -> None:
    index.put_all((paper, f"hash of {paper.id}") for paper in papers)


def fill_captions(index: Index, *captions: str) -> None:
    """Papers p0, p1 …, each with one figure of that caption and nothing else to be found by."""
    fill(
        index,
        *(make_paper(f"p{n}", make_figure("f", c, label=None), title=None) for n, c in enumerate(captions)),
    )


def found(index: Index, words: str) -> list[int]:
    """The numbers of the captions of `fill_captions` that a search finds, sorted."""
    return sorted(int(row.paper[1:]) for row in index.search(words))


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, with every token that the full-text index holds and where."""
    with closing(sqlite3.connect(path)) as db:
        rows = {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in TABLES}
        rows["fts"] = db.execute("SELECT rowid, * FROM figures_fts ORDER BY rowid").fetchall()
        rows["docsize"] = db.execute("SELECT * FROM figures_fts_docsize ORDER BY id").fetchall()
        db.execute("CREATE VIRTUAL TABLE temp.tokens USING fts5vocab(main, figures_fts, instance)")
        rows["tokens"] = sorted(db.execute("SELECT * FROM temp.tokens"))
        return rows


# -- the same rows however they came in ---------------------------------------------------


def random_paper(chance: random.Random, number: int) -> Paper:
    words = [
        "Cerebras-GPT",
        "언어 모델을",
        "학습",
        "loss",
        "GPT4All",
        "ﬁne",
        "Müller",
        "ＬＬａＭＡ",
        "x²",
        "LLaMA를",
    ]
    figures = [
        make_figure(
            f"figure-{n}",
            chance.choice([None, " ".join(chance.choices(words, k=5))]),
            label=chance.choice([None, f"Figure {n}"]),
            page=chance.randint(1, 3),
            y=chance.random() * 500,
            text=" ".join(chance.choices(words, k=3)),
            tags=chance.sample(["a", "b", "c"], chance.randint(0, 2)),
            entries=[make_link(e, chance.choice(["X", "Y"])) for e in chance.sample(["llama", "koala-2"], 1)],
            rejected=chance.sample(["llama", "alpaca"], chance.randint(0, 1)),
        )
        for n in range(chance.randint(0, 4))
    ]
    return make_paper(
        f"paper-{number}",
        *figures,
        title=chance.choice([None, " ".join(chance.choices(words, k=3))]),
        authors=tuple(chance.choices(words, k=2)),
        tags=chance.sample(["b", "d"], chance.randint(0, 2)),
        entries=chance.sample(["alpaca", "dolly"], chance.randint(0, 2)),
        version_of=chance.choice([None, None, "paper-1"]),
    )


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_the_rows_are_those_of_one_rebuild(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    papers: dict[str, tuple[Paper, str]] = {}
    with Index(tmp_path / "lived.db") as lived:
        for _ in range(40):
            paper = random_paper(chance, chance.randrange(8))
            if chance.random() < 0.3:
                lived.drop(paper.id)
                papers.pop(paper.id, None)
            else:
                papers[paper.id] = (paper, str(chance.random()))
                lived.put(*papers[paper.id])
        assert lived.integrity() == []
        assert lived.differences(papers.values()) == []
    shuffled = list(papers.values())
    chance.shuffle(shuffled)
    with Index(tmp_path / "rebuilt.db") as rebuilt:
        rebuilt.put(make_paper("old"), "old")
        rebuilt.rebuild(shuffled)
        assert rebuilt.integrity() == []
    assert dump(tmp_path / "lived.db") == dump(tmp_path / "rebuilt.db")
    assert len(dump(tmp_path / "lived.db")["tokens"]) > 50


def test_a_rebuild_that_fails_half_way_leaves_the_old_rows(index: Index, path: Path) -> None:
    fill_captions(index, "llama")
    before = dump(path)

    def papers() -> Iterator[tuple[Paper, str]]:
        yield make_paper("new"), "x"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.rebuild(papers())
    assert dump(path) == before
    assert index.integrity() == []


def test_rows_survive_vacuum_with_their_text(index: Index, path: Path) -> None:
    fill_captions(index, "llama", "alpaca", "dolly")
    index.drop("p0")
    with closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM")
    assert found(index, "alpaca") == [1]
    assert index.integrity() == []


def test_a_rebuild_of_few_papers_gives_the_space_of_many_back(index: Index, path: Path) -> None:
    fill_captions(index, *(f"word{n} " * 100 for n in range(200)))
    full = path.stat().st_size
    index.rebuild([])
    assert path.stat().st_size < full / 4
    assert index.figures() == []


def test_two_papers_whose_keys_would_be_one_both_get_in(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("papercap.index.first_key", lambda _id: (1 << 48) - 1)
    fill_captions(index, "llama", "alpaca", "dolly")
    index.put(make_paper("p1", make_figure(caption="koala")), "x")
    assert [found(index, word) for word in ("llama", "alpaca", "koala", "dolly")] == [[0], [], [1], [2]]
    assert index.integrity() == []


def test_a_paper_with_more_figures_than_keys_is_refused(index: Index) -> None:
    with pytest.raises(Refused, match="40000 figures"):
        index.put(make_paper("p", *[make_figure()] * 40_000), "x")
    assert index.papers() == []


# -- rows ---------------------------------------------------------------------------------


def test_a_row_holds_paths_from_the_root_and_the_tags_and_entries_of_its_paper(index: Index) -> None:
    figure = make_figure(
        "figure-3", "A llama.", tags=["z", "a"], entries=["llama", "koala"], rejected=["dolly"]
    )
    index.put(
        make_paper("p", figure, title="T", tags=["m", "a"], entries=["dolly", "opt"], rejected=["koala"]), "h"
    )
    (row,) = index.figures()
    assert row.id == "p/figure-3"
    assert (row.image, row.vector) == ("archive/p/figure-3.png", "archive/p/figure-3.pdf")
    assert row.thumbnail == "archive/p/thumbs/figure-3.webp"
    assert row.tags == ("a", "m", "z")
    assert row.entries == ("koala", "llama", "opt")  # the paper as a whole is not about koala; this figure is
    assert (row.title, row.year, row.caption, row.snippet) == ("T", 2023, "A llama.", None)
    assert row.box == figure.box


def test_a_paper_is_read_back_as_it_was_put(index: Index) -> None:
    index.put(make_paper("p", make_figure(), authors=("Kim", "Müller"), doi="10.1/X", tags=["t"]), "h")
    paper = index.paper("p")
    assert paper is not None
    assert paper == index.papers()[0]
    assert (paper.authors, paper.figures, paper.doi, paper.tags) == (("Kim", "Müller"), 1, "10.1/X", ("t",))
    assert paper.source == "archive/p/source.pdf"
    assert index.paper_of_document(paper.sha256) == "p"
    assert index.paper_of_document("0") is None
    assert index.paper("q") is None
    assert index.record_hashes() == {"p": "h"}


def test_figures_come_in_the_order_of_papers_pages_and_height(index: Index) -> None:
    fill(
        index,
        make_paper("b", make_figure("x", page=1)),
        make_paper("a", make_figure("z", page=2), make_figure("y", page=10), make_figure("w", page=2, y=9)),
    )
    assert ids(index.figures()) == ["a/w", "a/z", "a/y", "b/x"]
    assert ids(index.figures("b")) == ["b/x"]
    assert ids(index.search()) == ids(index.figures())
    assert ids(index.search(limit=2)) == ["a/w", "a/z"]


def test_tags_and_entries_count_the_figures_that_they_hold_for(index: Index) -> None:
    fill(
        index,
        make_paper("a", make_figure("f", tags=["x"]), make_figure("g", entries=["llama"]), tags=["y"]),
        make_paper("b", tags=["idle"], entries=["lonely"]),
    )
    assert index.tags() == [("idle", 0), ("x", 1), ("y", 2)]
    assert index.entries() == [("lonely", "lonely", 0), ("llama", "llama", 1)][::-1]


def test_ids_are_found_by_their_beginning_and_an_exact_one_stands_alone(index: Index) -> None:
    fill(
        index,
        make_paper("kim-2020", make_figure("figure-1"), make_figure("figure-10")),
        make_paper("kim-2021"),
    )
    assert index.find_papers("kim") == ["kim-2020", "kim-2021"]
    assert index.find_papers("kim-2020") == ["kim-2020"]
    assert index.find_figures("kim-2020/figure-1") == ["kim-2020/figure-1"]
    assert index.find_figures("kim-2020/f") == ["kim-2020/figure-1", "kim-2020/figure-10"]
    assert index.find_papers("lee") == index.find_papers("%") == index.find_papers("\ud800") == []


def test_versions_are_found_by_doi_in_any_case_and_by_arxiv_id_of_any_version(index: Index) -> None:
    fill(
        index,
        make_paper("a", arxiv="2302.13971v1", added="2023-01-01T00:00:00Z"),
        make_paper("b", arxiv="arXiv:2302.13971"),
        make_paper("c", doi="10.1000/ABC"),
        make_paper("d"),
    )
    assert [p.id for p in index.versions_of(None, "2302.13971v3")] == ["a", "b"]
    assert [p.id for p in index.versions_of("10.1000/abc", None)] == ["c"]
    assert index.versions_of(None, None) == []


def test_differences_name_each_paper_that_is_not_as_its_record(index: Index, path: Path) -> None:
    papers = [(make_paper(f"p{n}", make_figure(tags=["t"])), "h") for n in range(4)]
    index.put_all(papers)
    assert index.differences(papers) == []
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE figures SET caption = 'forged' WHERE paper = 'p0'")
        db.execute("DELETE FROM figure_tags WHERE figure = (SELECT key FROM figures WHERE paper = 'p1')")
    index.drop("p2")
    problems = index.differences(papers[:3])
    assert [problem.split(":")[0] for problem in problems] == ["p0", "p1", "p2", "p3"]


def test_integrity_names_a_full_text_index_that_has_lost_a_figure(index: Index, path: Path) -> None:
    fill_captions(index, "llama", "alpaca")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TRIGGER figures_ad")
        db.execute("DELETE FROM figures WHERE paper = 'p1'")
    (problem,) = index.integrity()
    assert problem.startswith("index.db: ")


# -- what a search finds ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "caption"),
    [
        ("alpac", "The Alpaca model"),
        ("ALPACA", "the alpaca model"),
        ("muller", "Results of Müller"),
        ("Müller", "Results of Muller"),
        ("fine", "ﬁne tuning"),
        ('"fine tuning"', "ﬁne tuning"),
        ("llama", "ＬＬａＭＡ の概要"),
        ("ＬＬａＭＡ", "the LLaMA model"),
        ("Cerebras-GPT", "Scaling of Cerebras-GPT"),
        ("cerebras gpt", "Scaling of Cerebras-GPT"),
        ("CerebrasGPT", "Scaling of Cerebras-GPT"),
        ("Cerebras-GPT", "Scaling of CerebrasGPT"),
        ("cerebras‑gpt", "Scaling of Cerebras–GPT"),
        ("GPT4ALL", "Samples of GPT4All"),
        ("gpt-4-all", "Samples of GPT4All"),
        ("GPT4All", "Samples of GPT-4-All"),
        ("llama.cpp", "Speed of llama.cpp"),
        ("llama2", "LLaMA 2 and others"),
        ("llama 2", "LLaMA2 and others"),
        ("7B", "models of 7 B and 13B"),
        ("7 b", "models of 7B"),
        ('"language model"', "A Language Model."),
        ("“language model”", "A language model."),
        ("two\nlines", "two words on lines"),
        ('unclosed "quote', "a quote that is unclosed"),
        ("0.95", "threshold of 0.95"),
        ("don't", "we don't"),
        ("C++", "written in C"),
        ("日本", "日本語の図"),
        ("語", "日本語"),
        ("神经网络", "图 1：神经网络结构"),
        ("ﾓﾃﾞﾙ", "言語モデルの学習"),
        ("LLaMA", "한국어LLaMA를 학습"),
    ],
)
def test_words_find_the_caption_however_it_is_written(index: Index, words: str, caption: str) -> None:
    fill_captions(index, caption, "nothing of the kind, or in a row: model language")
    assert found(index, words) == [0]


@pytest.mark.parametrize(
    ("words", "caption"),
    [
        ('"language model"', "model of language"),
        ('"alpac"', "alpaca"),
        ("3", "30 llamas"),
        ("llama dolly", "llama"),
        ("llama OR dolly", "llama"),
        ("NOT llama", "llama"),
        ("mod", "commode"),
    ],
)
def test_words_do_not_find_what_only_looks_alike(index: Index, words: str, caption: str) -> None:
    fill_captions(index, caption)
    assert found(index, words) == []


@pytest.mark.parametrize("label", ["Figure 3", "Fig. 3", "FIGURE 3.", "그림 3", "Extended Data Fig. 3"])
def test_figure_3_finds_it_by_its_label_and_ranks_it_first(index: Index, label: str) -> None:
    fill(
        index,
        make_paper(
            "p",
            make_figure("a", "A plot of figure 2 with 3 models.", label="Figure 2", text="3 3 3"),
            make_figure("b", "A llama.", label=label),
            make_figure("c", "A llama.", label="Figure 30"),
        ),
    )
    assert ids(index.search("figure 3")) == ["p/b", "p/a"]


def test_words_are_looked_for_in_title_authors_tags_entries_and_inside_the_figure(index: Index) -> None:
    figure = make_figure(tags=["scaling"], entries=[make_link("koala-2", "Koala (LM)")], text="epoch loss")
    fill(
        index,
        make_paper("p", figure, title="Open models", authors=("Touvron",)),
        make_paper("q", make_figure()),
    )
    for words in ("open", "touvron", "scaling", "koala-2", "LM", "epoch", "open touvron scaling koala epoch"):
        assert ids(index.search(words)) == ["p/figure-1"], words


def test_a_word_in_the_caption_ranks_before_a_longer_one_and_one_inside_the_figure(
    index: Index,
) -> None:
    fill(
        index,
        make_paper("a", make_figure(caption="A b c d.", text="opt")),
        make_paper("b", make_figure(caption="Optimizer b c d.", text="x")),
        make_paper("c", make_figure(caption="OPT b c d.", text="x")),
        *(make_paper(f"z{n}", make_figure(caption="Other b c d.", text="x")) for n in range(9)),
    )
    ranked = [row.paper for row in index.search("opt")]
    assert ranked[0] == "c"
    assert set(ranked) == {"a", "b", "c"}


def test_hits_of_one_rank_come_in_the_order_of_the_pages_and_always_the_same(index: Index) -> None:
    paper = make_paper("p", *(make_figure(f"f{n}", "llama", label=None, page=20 - n) for n in range(12)))
    fill(index, paper)
    expected = [f"p/f{n}" for n in reversed(range(12))]
    assert ids(index.search("llama")) == expected
    assert ids(index.search("llama", limit=3)) == expected[:3]
    assert index.search("llama", limit=0) == []


# -- Korean -------------------------------------------------------------------------------

KOREAN = [
    "그림 1: 거대 언어 모델의 학습 과정",  # 0
    "그림 2: 언어모델을 이용한 문서 요약 결과",  # 1
    "표 3. 한국어 데이터셋의 구성과 통계",  # 2
    "그림 4: LLaMA 모델과 KoAlpaca의 성능 비교",  # 3
    "사전학습된 인코더의 구조",  # 4
    "강화 학습에서 보상 함수가 하는 일",  # 5
    "과학 습도 센서로 잰 값",  # 6: 학습 only across a blank
    "대화형 챗봇의 응답 예시",  # 7
    "토큰 수에 따른 손실의 변화",  # 8
    "한국어 말뭉치로 미세조정한 결과",  # 9
    "KoGPT를 한국어로 미세 조정",  # 10
    "글과 그림을 함께 읽는 모형",  # 11
    "데이터 병렬 학습의 속도",  # 12
    "번역 품질을 사람이 평가한 점수",  # 13
    "자연어 처리 벤치마크의 정확도",  # 14
]
MEANT = {  # by hand
    "모델": {0, 1, 3},
    "학습": {0, 4, 5, 12},
    "언어모델": {0, 1},
    "언어 모델": {0, 1},
    "한국어": {2, 9, 10},
    "데이터": {2, 12},
    "결과": {1, 9},
    "성능": {3},
    "미세조정": {9, 10},
    "미세 조정": {9, 10},
    "LLaMA 모델": {3},
    "koalpaca": {3},
    "사전학습": {4},
    "사전 학습": {4},
    "강화학습": {5},
    "챗봇": {7},
    "토큰": {8},
    "손실": {8},
    "말뭉치": {9},
    "글": {11},
    "표": {2},
    "그림": {0, 1, 3, 11},
    "자연어처리": {14},
    "정확도": {14},
    "KoGPT": {10},
    "한국어 결과": {9},
    "모델을": {1},
    "번역 평가": {13},
}


def test_korean_words_are_found_with_particles_and_whatever_the_blanks(index: Index) -> None:
    fill_captions(index, *KOREAN)
    hits = {word: set(found(index, word)) for word in MEANT}
    missed = {word: MEANT[word] - hits[word] for word in MEANT if MEANT[word] - hits[word]}
    assert missed == {}  # recall 1
    right = sum(len(MEANT[word] & hits[word]) for word in MEANT)
    assert right / sum(map(len, hits.values())) >= 0.95
    assert hits["학습"] - MEANT["학습"] == {6}  # the price of finding 언어 모델 as 언어모델


def test_a_korean_phrase_does_not_run_on_over_a_comma_or_into_the_next_text(index: Index) -> None:
    fill_captions(index, "언어, 모델", "언어 Z 모델")
    assert found(index, "언어모델") == []
    assert found(index, "언어 모델") == [0, 1]
    assert found(index, '"언어 모델"') == []


def test_a_quoted_phrase_may_mix_scripts(index: Index) -> None:
    fill_captions(index, "KoAlpaca와 LLaMA 모델을 비교", "모델 LLaMA")
    assert found(index, '"LLaMA 모델"') == [0]


# -- snippets -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "caption", "snippet"),
    [
        ("alpac", "The Alpaca model", "The ‹Alpaca› model"),
        ("muller", "Of Müller, 2020", "Of ‹Müller›, 2020"),
        ("cerebras-gpt", "On CerebrasGPT.", "On ‹CerebrasGPT›."),
        ("cerebrasgpt", "On Cerebras-GPT.", "On ‹Cerebras-GPT›."),
        ("fine", "ﬁne-tuning", "‹ﬁne›-tuning"),
        ("모델", "언어모델을 학습", "언어‹모델›을 학습"),
        ("언어모델", "거대 언어 모델을 학습", "거대 ‹언어 모델›을 학습"),
        ("LLaMA 모델", "LLaMA를 모델로", "‹LLaMA›를 ‹모델›로"),
        ('"a b"', "a, b and a b", "‹a, b› and ‹a b›"),
        ("llama 3", "llama 3 of 30", "‹llama› ‹3› of 30"),
        ("gpt 4", "GPT-4", "‹GPT›-‹4›"),
        ("two", "one\ntwo", "one ‹two›"),
    ],
)
def test_a_snippet_marks_the_hit_in_the_caption(index: Index, words: str, caption: str, snippet: str) -> None:
    fill_captions(index, caption)
    assert [row.snippet for row in index.search(words)] == [snippet]


def test_a_snippet_of_a_long_caption_is_the_part_with_most_hits(index: Index) -> None:
    fill_captions(index, "llama " + "filler " * 80 + "the llama and the alpaca " + "filler " * 80)
    (row,) = index.search("llama alpaca")
    assert row.snippet is not None
    assert "the ‹llama› and the ‹alpaca›" in row.snippet
    assert row.snippet.startswith("…filler")
    assert row.snippet.endswith("filler…")
    assert len(row.snippet) < 180


def test_a_snippet_shows_the_title_or_the_text_inside_where_the_caption_holds_no_hit(index: Index) -> None:
    figure = make_figure(caption="A plot.", text="epoch loss")
    fill(index, make_paper("p", figure, title="Open models"))
    assert index.search("models")[0].snippet == "Open ‹models›"
    assert index.search("epoch")[0].snippet == "‹epoch› loss"


# -- filters ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filtered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Three figures of two papers, to be searched only."""
    index = Index(tmp_path_factory.mktemp("filtered") / "index.db")
    fill(
        index,
        make_paper(
            "a",
            make_figure("f", "llama plot", tags=["x"], entries=[make_link("llama", "LLaMA")]),
            make_figure("t", "llama table", kind="table", tags=["x", "y"], entries=["opt"], page=2),
            tags=["paper-tag"],
        ),
        make_paper("b", make_figure("g", "dolly plot", tags=["y"], entries=["llama"]), entries=["dolly"]),
    )
    yield index
    index.close()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tags": ["x"]}, ["a/f", "a/t"]),
        ({"tags": ["x", "y"]}, ["a/t"]),
        ({"tags": ["X"]}, ["a/f", "a/t"]),
        ({"tags": ["paper-tag"]}, ["a/f", "a/t"]),
        ({"entries": ["llama"]}, ["a/f", "b/g"]),
        ({"entries": ["LLAMA"]}, ["a/f", "b/g"]),
        ({"entries": ["opt", "dolly"]}, ["a/t", "b/g"]),
        ({"kinds": ["table"]}, ["a/t"]),
        ({"kinds": ["table", "figure"]}, ["a/f", "a/t", "b/g"]),
        ({"papers": ["b"]}, ["b/g"]),
        ({"papers": ["a", "b"], "kinds": ["figure"], "tags": ["y"]}, ["b/g"]),
        ({"words": "llama", "tags": ["y"]}, ["a/t", "b/g"]),
        ({"words": "plot", "entries": ["llama"], "papers": ["a"]}, ["a/f"]),
        ({"words": "plot", "kinds": ["table"]}, []),
        ({"words": "  "}, ["a/f", "a/t", "b/g"]),
    ],
)
def test_filters_hold_with_and_without_words(
    filtered: Index, filters: dict[str, Any], expected: list[str]
) -> None:
    assert sorted(ids(filtered.search(**filters))) == expected


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"tags": ["paper-tga"]}, "no tag 'paper-tga' in the index; near: paper-tag"),
        ({"entries": ["llma"]}, "no entry 'llma' in the index; near: llama$"),
        ({"papers": ["zzz"]}, "no paper 'zzz' in the index$"),
        ({"tags": ["\ud800"]}, "no tag"),
    ],
)
def test_a_name_that_is_not_there_is_an_error_that_names_near_ones(
    filtered: Index, filters: dict[str, Any], message: str
) -> None:
    with pytest.raises(NotFound, match=message):
        filtered.search(**filters)


def test_a_tag_of_a_paper_without_figures_finds_nothing_but_is_known(index: Index) -> None:
    fill(index, make_paper("p", tags=["idle"]))
    assert index.search(tags=["idle"]) == []


def test_a_search_can_leave_what_the_finder_was_not_sure_of(index: Index) -> None:
    sure, unsure = make_figure("figure-1"), msgspec.structs.replace(make_figure("figure-2"), confidence=0.6)
    by_hand = msgspec.structs.replace(make_figure("figure-3"), confidence=None)
    fill(index, make_paper("p", sure, unsure, by_hand))
    assert ids(index.search(unsure=True)) == ["p/figure-2"]
    assert ids(index.search("figure", unsure=True)) == ["p/figure-2"]


def test_an_older_version_is_hidden_from_searches_unless_it_is_named(index: Index) -> None:
    fill(
        index,
        make_paper("v1", make_figure(caption="llama")),
        make_paper("v2", make_figure(caption="llama"), version_of="v1"),
        make_paper("v3", make_figure(caption="llama"), version_of="v2"),
    )
    assert ids(index.search("llama")) == ids(index.search()) == ["v3/figure-1"]
    assert ids(index.search("llama", papers=["v1"])) == ["v1/figure-1"]
    assert len(index.figures()) == 3
    index.drop("v3")
    assert ids(index.search("llama")) == ["v2/figure-1"]


# -- odd input ----------------------------------------------------------------------------

ODD = [
    '"',
    '""',
    '"""',
    "AND",
    "OR",
    "NOT",
    "a AND",
    "NEAR(",
    "NEAR(a b, 2)",
    "*",
    "a*",
    "^a",
    "caption:a",
    "a:b",
]
ODD += [
    "-",
    "-a",
    "(",
    ")",
    "(a",
    "a)",
    "{a}",
    "a + b",
    "🦙",
    "a🦙b",
    "\0",
    "a\0b",
    "\ud800",
    "a\udfffb",
    "'",
    "a'b",
]
ODD += [
    "x" * 100_000,
    "가" * 10_000,
    "a " * 10_000,
    '"' * 999,
    "a-" * 5000,
    "\ufdfa" * 3000,
    "a\u0301" * 500,
    "ꀕ",
]
ODD += ["; DROP TABLE figures", "%", "_", "{key}", "हिन्दी", "ไทย", "עברית", "ᄒᆞ", "ㅋㅋ", "𝒜", "①", "½", "²"]


@pytest.mark.parametrize("typed", ODD)
def test_no_input_is_a_mistake(filtered: Index, typed: str) -> None:
    filtered.search(typed)
    filtered.search(f"llama {typed} plot", tags=["x"], limit=3)


@pytest.mark.parametrize("typed", ["-", "*", '""', "🦙", "\0", "!?", "…"])
def test_words_without_a_letter_find_nothing_rather_than_everything(filtered: Index, typed: str) -> None:
    assert filtered.search(typed) == []
    assert len(filtered.search(f"llama {typed}")) == 3


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text('"*^:-(){}+., aΑ가모델ﬁ4b\0\ud800', max_size=30))
def test_any_text_can_be_searched_and_is_found_where_it_stands(filtered: Index, typed: str) -> None:
    filtered.search(typed)
    filtered.find_figures(typed)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0xD7FF), min_size=1, max_size=30)
)
def test_any_text_can_be_a_caption_and_taken_out_again(index: Index, caption: str) -> None:
    paper = make_paper("p", make_figure(caption=caption, text=caption))
    index.put(paper, "x")
    index.search(caption)
    index.drop("p")
    assert index.search("figure") == []


# -- the file -----------------------------------------------------------------------------


def test_nothing_stays_beside_the_file(index: Index, path: Path) -> None:
    fill_captions(index, "llama")
    index.search("llama")
    with Index(path, readonly=True) as reader:
        reader.search("llama")
        assert [file.name for file in path.parent.iterdir()] == ["index.db"]


def test_a_reader_cannot_write(path: Path, index: Index) -> None:
    with Index(path, readonly=True) as reader, pytest.raises(PapercapError, match="readonly"):
        reader.put(make_paper("p"), "x")


def test_the_file_is_searched_through_sqlites_own_read_only_mode(index: Index, path: Path) -> None:
    fill_captions(index, "llama", "dolly")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        hits = db.execute("SELECT count(*) FROM figures_fts WHERE figures_fts MATCH 'llama'").fetchone()
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert hits == (1,)
    assert [file.name for file in path.parent.iterdir()] == ["index.db"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="gives up its rights in a fork")
def test_a_folder_that_may_not_be_written_can_be_searched() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        with Index(path) as index:
            fill_captions(index, "llama")
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        child = os.fork()
        if child == 0:  # as nobody where we are root, whom no mode stops
            if os.geteuid() == 0:
                os.setuid(65534)
            with Index(path, readonly=True) as index:
                os._exit(0 if found(index, "llama") == [0] else 1)
        _, status = os.waitpid(child, 0)
        Path(folder).chmod(0o755)
        assert os.waitstatus_to_exitcode(status) == 0


def test_a_file_set_to_write_ahead_is_set_back_by_the_next_writer(path: Path) -> None:
    Index(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    with Index(path) as index:
        fill_captions(index, "llama")
    assert [file.name for file in path.parent.iterdir()] == ["index.db"]


@pytest.mark.parametrize("readonly", [True, False])
@pytest.mark.parametrize("spoil", ["other version", "other file", "no file", "cut", "no tables"])
def test_a_file_that_is_no_index_of_ours_says_so_and_can_be_discarded(
    path: Path, spoil: str, readonly: bool
) -> None:
    with Index(path) as index:
        fill_captions(index, *["llama"] * 50)
    if spoil == "no file":
        path.write_bytes(b"<html>" * 1000)
    elif spoil == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        sql = {"other version": "PRAGMA user_version = 99", "no tables": "DROP TABLE figures_fts"}
        with closing(sqlite3.connect(path)) as db:
            db.execute(sql.get(spoil, "PRAGMA application_id = 1"))
    with pytest.raises(IndexUnusable, match="papercap reindex"), Index(path, readonly=readonly) as index:
        index.figures()
    discard_index(path)
    with Index(path) as index:
        assert index.figures() == []


def test_a_missing_index_is_made_by_a_writer_and_told_to_a_reader(path: Path) -> None:
    with pytest.raises(IndexUnusable, match="missing"):
        Index(path, readonly=True)
    assert not path.exists()
    Index(path).close()
    with Index(path, readonly=True) as index:
        assert not any((index.search(), index.papers(), index.tags(), index.entries()))


def test_a_reader_sees_the_old_rows_while_a_writer_is_at_work(path: Path, index: Index) -> None:
    fill_captions(index, "llama")
    midway, seen = threading.Event(), threading.Event()

    def write() -> None:
        def papers() -> Iterator[tuple[Paper, str]]:
            for number in range(300):  # more than the page cache of 2 MB holds
                yield make_paper(f"q{number}", make_figure(caption=f"dolly {'word ' * 2000}")), "x"
            midway.set()
            assert seen.wait(10)

        with Index(path) as writer:
            writer.rebuild(papers())

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert midway.wait(10)
        assert found(index, "llama") == [0]
        with Index(path, readonly=True) as reader:
            assert ids(reader.search("dolly")) == []
    finally:
        seen.set()
        thread.join()
    assert found(index, "llama") == []
    assert len(index.search("dolly")) == 300


def test_many_readers_and_writers_at_once_all_succeed(path: Path) -> None:
    Index(path).close()
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            with Index(path, readonly=number % 2 == 0) as index:
                for step in range(10):
                    if number % 2:
                        index.put(make_paper(f"p{number}", make_figure(caption=f"llama {step}")), "x")
                    else:
                        index.search("llama", tags=[])
        except PapercapError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Index(path) as index:
        assert len(index.search("llama")) == 3
        assert index.integrity() == []


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from factories import make_figure, make_paper
from papercap.index import Index
index = Index(Path(sys.argv[1]))
index._db.execute("PRAGMA cache_spill = ON")  # so that the file itself is half written
index._db.execute("PRAGMA cache_size = 10")
def papers():
    for number in range(300):
        yield make_paper(f"q{number}", make_figure(caption="dolly " * 200)), "x"
    os._exit(9)
index.put_all(papers())
"""


def test_what_a_killed_writer_left_half_done_is_rolled_back_by_the_next_reader(path: Path) -> None:
    with Index(path) as index:
        fill_captions(index, "llama")
    command = [sys.executable, "-c", KILLED, str(path), str(Path(__file__).parent)]
    assert subprocess.run(command, check=False).returncode == 9
    assert path.with_name("index.db-journal").exists()
    with Index(path, readonly=True) as reader:
        assert found(reader, "llama") == [0]
        assert reader.search("dolly") == []
        assert reader.integrity() == []
    assert not path.with_name("index.db-journal").exists()


def test_a_search_loads_neither_sqlite_utils_nor_difflib(path: Path) -> None:
    with Index(path) as index:
        fill_captions(index, "llama")
    code = (
        "import sys; from pathlib import Path; from papercap.index import Index\n"
        "print(len(Index(Path(sys.argv[1]), readonly=True).search('llama')))\n"
        "print({'sqlite_utils', 'difflib', 'pymupdf'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "set()"]


def test_sqlite_utils_finds_the_full_text_index_by_its_names(path: Path, index: Index) -> None:
    from sqlite_utils import Database

    fill_captions(index, "llama", "dolly")
    hits = list(Database(path).table("figures").search("dolly"))
    assert [hit["id"] for hit in hits] == ["p1/f"]
