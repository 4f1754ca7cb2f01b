import pytest

from papercap.geometry import Box
from papercap.names import figure_ids, free_id, label_slug, paper_id, slug
from papercap.records import Caption, Facts, Figure, Files, Found

SHA = "3f9c2a" + "0" * 58


def found(label="Figure 3", page=1, box=Box(0, 0, 100, 100), kind="figure"):
    caption = Caption(kind=kind, label=label, page=page, box=box, text=f"{label}: x", probability=1.0)
    return Found(caption=caption, page=page, box=box, confidence=0.9, method="test")


def kept(name, label="Figure 3", page=1, box=Box(0, 0, 100, 100), kind="figure"):
    return Figure(
        id=name, kind=kind, label=label, page=page, box=box, caption=None, caption_box=None,
        by="auto", method="test", confidence=0.9, files=Files(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("label", "kind", "expected"),
    [
        ("Figure 3", "figure", "figure-3"), ("Fig. 3", "figure", "figure-3"), ("Fig.3", "figure", "figure-3"),
        ("FIGURE S5", "figure", "figure-s5"), ("Table II", "table", "table-ii"), ("그림 2", "figure", "figure-2"),
        ("표 1", "table", "table-1"), ("그림 2-1", "figure", "figure-2-1"), ("图3", "figure", "figure-3"),
        ("Рис. 2", "figure", "figure-2"), ("شکل ۳", "figure", "figure-3"), ("Figure", "figure", ""),
        ("Extended Data Fig. 1", "figure", "extended-data-figure-1"), ("Algorithm 1", "algorithm", "algorithm-1"),
        ("Table A.1", "table", "table-a-1"),
    ],
)  # fmt: skip
def test_a_label_in_any_language_gives_an_ascii_id(label, kind, expected):
    assert label_slug(label, kind) == expected


def test_a_papers_id_says_author_year_and_title():
    facts = Facts(title="LLaMA: Open and Efficient Models", authors=("Hugo Touvron",), year=2023)
    assert paper_id(facts, "2302.13971", SHA, []) == "touvron-2023-llama-3f9c2a"


def test_fillers_at_the_head_of_a_title_are_passed_over():
    facts = Facts(title="On the Use of Attention", authors=("A. Vaswani",), year=2017)
    assert paper_id(facts, "x", SHA, []) == "vaswani-2017-use-3f9c2a"


def test_a_paper_of_which_nothing_is_known_is_named_after_its_file():
    assert paper_id(Facts(), "My Scan (2)", SHA, []) == "my-scan-2-3f9c2a"
    assert paper_id(Facts(), "../..", SHA, []) == "3f9c2a"


def test_two_papers_of_one_name_get_longer_hashes_even_where_case_is_folded():
    facts = Facts(title="X-Ray", authors=("Kim",), year=2020)
    assert paper_id(facts, "x", SHA, ["KIM-2020-x-3f9c2a"]) == "kim-2020-x-3f9c2a0"


def test_a_title_of_300_characters_makes_a_short_name():
    facts = Facts(title="a" * 300, authors=("b" * 300,), year=2020)
    assert len(paper_id(facts, "x", SHA, [])) < 80


def test_a_second_figure_of_a_label_is_counted():
    ids = figure_ids([found(page=1), found(page=2), found(label="", page=4)], [], [])
    assert ids == ["figure-3", "figure-3-2", "figure-p4-1"]


def test_a_figure_keeps_its_id_when_its_label_is_read_anew():
    old = kept("figure-8", label="Figure 8")
    assert figure_ids([found(label="Figure 3", box=Box(5, 5, 100, 100))], [old], []) == ["figure-8"]


def test_a_figure_keeps_its_id_when_its_box_is_mended():
    old = kept("figure-3", box=Box(0, 0, 20, 20))
    assert figure_ids([found(box=Box(0, 0, 300, 400))], [old], []) == ["figure-3"]


def test_the_id_of_a_figure_that_is_gone_is_given_to_no_other():
    assert figure_ids([found(box=Box(0, 0, 9, 9))], [], ["figure-3"]) == ["figure-3-2"]


def test_of_two_old_figures_the_better_overlap_wins():
    olds = [kept("figure-1", box=Box(0, 0, 60, 100)), kept("figure-2", box=Box(0, 0, 95, 100))]
    assert figure_ids([found()], olds, []) == ["figure-2"]


def test_a_free_id_is_the_first_that_nobody_has():
    assert free_id("figure-1", {"figure-1", "figure-1-2"}) == "figure-1-3"


def test_a_slug_keeps_letters_of_every_script():
    assert slug("  GPT LLM 질의를 캐싱! ") == "gpt-llm-질의를-캐싱"
