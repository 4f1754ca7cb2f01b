"""Which entries a paper illustrates, and knowing entries again after the README was edited."""

from __future__ import annotations

import msgspec
import pytest
from factories import make_figure, make_link, make_paper
from hypothesis import given
from hypothesis import strategies as st

from papercap.addresses import place_of
from papercap.catalogue import read_entries
from papercap.catalogue.match import Register, doubles, renewed
from papercap.licences import licence_name, may_be_shown
from papercap.linking import SURE, Linker
from papercap.linking.naming import Names, head_of, is_about_models
from papercap.records import Entry, Link, Paper

README = """# Models
## Language

<details><summary>no [LLaMA](https://ai.org/blog/large-language-model-llama/): four sizes</summary>

The paper is at https://arxiv.org/abs/2302.13971v1.
</details>
<details><summary>[Alpaca](https://crfm.org/2023/alpaca.html): LLaMA and instructions</summary></details>
<details><summary>[Koala](https://bair.org/koala/): for research</summary></details>
<details><summary>[Koala](https://bair.org/koala/): for research</summary></details>
<details><summary>[Dolly2.0](https://www.bricks.com/blog/dolly-first): by people</summary>

Stands on EleutherAI's Pythia.
</details>

## Tools

<details><summary>[LLaMA Academy](https://github.com/dan/LlamaAcademy): teaches</summary></details>
<details><summary>[Chat](https://github.com/micro/Examples/tree/master/apps/DeepChat): RLHF</summary></details>
<details><summary>[Finetuner](https://github.com/lxe/tuner): a page for LoRA</summary></details>
"""
MODELS = "A chatbot tuned on instructions"


def entries(text: str = README) -> list[Entry]:
    return read_entries(text.encode())


def paper(url: str = "", title: str | None = None, *captions: str, **fields: object) -> Paper:
    figures = [make_figure(f"figure-{n}", caption) for n, caption in enumerate(captions, 1)]
    made = make_paper("p", *figures, title=title, year=None, **fields)  # type: ignore[arg-type]
    return msgspec.structs.replace(made, source=msgspec.structs.replace(made.source, url=url or None))


def sure(*arguments: str, **fields: object) -> list[str]:
    return [link.entry for link in Linker(entries()).sure(paper(*arguments, **fields))]


def proposed(*arguments: str, **fields: object) -> dict[str, float]:
    found = Linker(entries()).propose(paper(*arguments, **fields))
    return {f"{one.figure or ''}>{one.link.entry}".lstrip(">"): one.score for one in found}


# -- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.A.org/x/", "http://a.org/x"),
        ("https://a.org/x/index.html#part", "https://a.org/x"),
        ("https://github.com/Own/Name", "https://github.com/own/name.git"),
        ("https://github.com/own/name", "https://raw.githubusercontent.com/own/name/HEAD/README.md"),
        ("https://github.com/o/n/blob/main/docs/a.md", "https://raw.githubusercontent.com/o/n/0ab/docs/a.md"),
        ("https://arxiv.org/abs/2302.13971", "https://arxiv.org/pdf/2302.13971v2.pdf"),
        ("https://arxiv.org/abs/hep-th/9901001v1", "http://export.arxiv.org/abs/hep-th/9901001"),
        ("https://huggingface.co/datasets/a/b", "https://huggingface.co/datasets/A/b/tree/main"),
        ("https://doi.org/10.1/AB", "https://doi.org/10.1/ab"),
    ],
)
def test_two_ways_to_write_an_address_are_one_place(one, other):
    assert place_of(one) == place_of(other)
    assert place_of(one) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.org/x", "https://a.org/y"),
        ("https://a.org/?id=1", "https://a.org/?id=2"),
        ("https://github.com/o/n", "https://github.com/o/n/blob/main/a.md"),
        ("https://arxiv.org/abs/2302.13971", "https://arxiv.org/abs/2302.1397"),
        ("https://a.org/X", "https://a.org/x"),
    ],
)
def test_other_addresses_are_other_places(one, other):
    assert place_of(one) != place_of(other)


@given(st.text(max_size=40))
def test_any_text_is_a_place_or_none(text):
    for address in (text, f"https://{text}", f"https://github.com/{text}"):
        place = place_of(address)
        assert place is None or place.holds(place)


# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LLaMA Academy teaches", ["llama-academy"]),
        ("LlamaAcademy and LLaMA-13B", ["llama-academy", "llama"]),
        ("Dolly 2.0, Dolly-2.0 and Dolly", ["dolly2-0"] * 3),
        ("a llama, an alpaca", []),
        ("LLaMA는 크다", ["llama"]),
        ("OpenLLaMA, TinyLlama, Alpacas", []),
        ("Chat", []),
        ("DeepChat", ["chat"]),
    ],
)
def test_names_are_found_whole_and_the_longest_counts(text, found):
    assert [one.entry for one in Names(entries()).find(text)] == found


def test_an_animal_is_no_model():
    assert not is_about_models("Koala habitat in Queensland: numbers of animals")
    assert is_about_models("Koala: a dialogue model, tuned from LLaMA 13B")
    assert proposed("https://zoo.org/koalas", "Koala habitat in Queensland", "Koala on a tree.") == {}
    assert "koala" in proposed("https://x.org/1", f"Koala: {MODELS}")


@pytest.mark.parametrize(
    ("title", "head"),
    [("LLaMA: Open and", "LLaMA"), ("Vicuna - a chat", "Vicuna"), ("No such part", "No such part")],
)
def test_head_of_a_title(title, head):
    assert head_of(title) == head


# -- proposals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "title", "entry"),
    [
        ("https://crfm.org/2023/alpaca.html", None, "alpaca"),  # its own link
        ("https://bair.org/koala", None, "koala"),  # the first of two alike
        ("https://arxiv.org/pdf/2302.13971", None, "llama"),  # linked in its notes
        ("https://github.com/dan/llamaacademy/blob/main/docs/a.md", None, "llama-academy"),
        ("https://github.com/micro/Examples/tree/master/apps/DeepChat/docs", None, "chat"),
        ("https://x.org/1.pdf", "LLaMA: Open and Efficient Foundation Language Models", "llama"),
        (
            "https://github.com/lab/stanford_alpaca",
            "Stanford Alpaca: A LLaMA Model that follows instructions",
            None,
        ),
    ],
)
def test_what_is_plain_is_linked(url, title, entry):
    assert sure(url, title) == ([entry] if entry else [])


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://github.com/micro/Examples", None),  # the repository of many tools
        ("https://github.com/x/llama", None),  # a name that anybody may give
        ("https://x.org", "Llama 2: Open Foundation and Fine-Tuned Chat Models"),
        ("https://x.org", "LLaMA-Adapter: Efficient Fine-tuning of Language Models"),
        ("https://x.org", "A Survey of Large Language Models"),
    ],
)
def test_what_is_not_plain_is_asked_about_at_most(url, title):
    assert sure(url, title) == []


def test_a_document_that_is_an_entrys_own_link_is_not_surely_anothers():
    assert sure("https://github.com/dan/LlamaAcademy", "LLaMA: an academy for prompts") == ["llama-academy"]


def test_reasons_and_scores_are_told():
    (whole,) = Linker(entries()).propose(paper("https://github.com/EleutherAI/pythia", "Pythia"))
    assert whole.link.entry == "dolly2-0"
    assert 0.4 <= whole.score < SURE
    assert whole.link.why == "the entry's notes speak of Pythia"
    assert proposed("https://arxiv.org/abs/2106.09685", "LoRA: Low-Rank Adaptation") == {"finetuner": 0.5}


def test_single_figures_are_proposed_by_their_captions_unless_their_paper_is_of_that_entry():
    found = proposed(
        "https://x.org",
        f"A survey: {MODELS}",
        "Figure 1: Alpaca was trained on answers.",
        "Figure 2: Who descends from whom: LLaMA, Alpaca, Koala, Dolly.",
        "Figure 3: The loss of what was tuned from LLaMA.",
    )
    assert found["figure-1>alpaca"] > found["figure-3>llama"] > found["figure-2>koala"]
    linked = proposed("https://x.org", MODELS, "Figure 1: Alpaca was trained.", entries=["alpaca"])
    assert linked == {}


def test_what_a_person_rejected_is_not_proposed_again():
    url, title = "https://crfm.org/2023/alpaca.html", f"Alpaca: {MODELS}"
    assert sure(url, title, rejected=["alpaca"]) == []
    made = msgspec.structs.replace(
        paper("https://x.org", MODELS), figures=(make_figure("f", "Koala was tuned.", rejected=["koala"]),)
    )
    assert Linker(entries()).propose(made) == []


# -- knowing entries again ------------------------------------------------------------------


def links() -> dict[str, Link]:
    return {entry.id: renewed(make_link(entry.id), entry) for entry in entries()}


def again(text: str, link: Link, blocks: dict[str, str] | None = None) -> str | None:
    found = Register(entries(text), blocks).find_again(link)
    return found.id if found else None


def test_entries_are_known_again_as_they_stand():
    for entry, link in links().items():
        assert again(README, link) == entry


@pytest.mark.parametrize(
    ("old", "new", "entry", "now"),
    [
        ("[LLaMA]", "[LLaMA 1]", "llama", "llama-1"),  # renamed
        ("https://crfm.org/2023/alpaca.html", "https://elsewhere.org", "alpaca", "alpaca"),  # another address
        ("[Dolly2.0]", "[Dolly 2.0]", "dolly2-0", "dolly-2-0"),
        ("## Language", "## Models of language", "koala-2", "koala-2"),
    ],
)
def test_changed_entries_are_known_again(old, new, entry, now):
    assert old in README
    assert again(README.replace(old, new), links()[entry]) == now


def test_moved_and_reordered_entries_are_known_again():
    head, *rest = README.split("<details>")
    turned = head + "".join("<details>" + part for part in reversed(rest)) + "</details>\n"
    for entry, link in links().items():
        found = Register(entries(turned)).find_again(link)
        assert found is not None
        assert found.name == link.name, entry


def test_second_of_two_alike_is_the_first_once_that_is_gone():
    one = "<details><summary>[Koala](https://bair.org/koala/): for research</summary></details>\n"
    assert again(README.replace(one, "", 1), links()["koala-2"]) == "koala"


def test_entry_that_is_gone_is_not_taken_for_another():
    one = "<details><summary>[Alpaca](https://crfm.org/2023/alpaca.html): LLaMA and instructions</summary></details>\n"
    assert again(README.replace(one, ""), links()["alpaca"]) is None


def test_block_tells_what_an_entry_was_called_when_all_else_changed():
    text = README.replace("[Alpaca](https://crfm.org/2023/alpaca.html)", "[Vicugna](https://new.org)")
    assert again(text, links()["alpaca"]) is None
    assert again(text, links()["alpaca"], {"alpaca": "vicugna"}) == "vicugna"


def test_catalogue_in_another_language_has_twins():
    korean = Register(
        entries(
            "# 모델\n\n## 언어\n\n<details><summary>[라마](https://ai.org/blog/large-language-model-llama/)</summary></details>\n"
            "<details><summary>[Alpaca](https://other.org)</summary></details>\n"
        )
    )
    found = korean.find_twin(links()["llama"])
    assert found is not None
    assert found.id == "라마"
    assert korean.find_twin(links()["alpaca"]) is None  # of another address


def test_doubles_are_named():
    assert doubles(entries()) == {"koala-2": "koala"}


# -- licences ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("licence", "name", "shown"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC BY 4.0", True),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC BY-NC-SA 4.0", True),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-NC-ND 4.0", False),
        ("CC-BY-4.0", "CC BY 4.0", True),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0", True),
        ("http://arxiv.org/licenses/nonexclusive-distrib/1.0/", "arXiv licence", False),
        ("Apache-2.0", "Apache-2.0", True),
        ("AGPL-3.0-or-later", "AGPL-3.0-or-later", True),
        ("MIT", "MIT", True),
        ("All rights reserved; not MIT", "All rights reserved; not MIT", False),
        ("", "", False),
    ],
)
def test_licences_are_named_and_judged(licence, name, shown):
    assert licence_name(licence) == name
    assert may_be_shown(licence) is shown
    assert may_be_shown(None) is False
