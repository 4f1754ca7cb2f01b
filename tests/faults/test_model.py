"""Whatever is done to an archive in whatever order, it holds what a simple model of it holds."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from test_archive import MADE_BY, fill, keep, outcome

from papercap.archive import INDEX, Archive, Extras, clean_tag
from papercap.check import check_archive
from papercap.errors import NotFound, Usage
from papercap.records import Entry, Options


def is_tag(text):
    try:
        clean_tag(text)
        text.encode()
    except (Usage, UnicodeEncodeError):
        return False
    return True


FIGURES = ("figure-1", "figure-2")
TAGS = st.text(min_size=1, max_size=12).filter(is_tag)
ENTRIES = tuple(
    Entry(id=name, section=None, name=name.title(), url=None, commercial=None, line=1, end_line=2, start=0, end=9,
          form="details")
    for name in ("koala", "llama")
)  # fmt: skip


class Papers(RuleBasedStateMachine):
    """An archive beside a dictionary: paper → title, and of the paper (None) and each figure tags and entries."""

    here = Bundle("papers that were there")

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="papercap-model-"))
        self.archive = Archive.create(self.root)
        self.papers, self.trash, self.seeds = {}, {}, {}

    def teardown(self):
        self.archive.close()
        shutil.rmtree(self.root)

    @rule(target=here, seed=st.sampled_from("abcde"), tags=st.lists(TAGS, max_size=2))
    def add(self, seed, tags):
        there = self.seeds.get(seed)
        paper = keep(self.archive, seed, Extras(tags=tuple(tags)), title=f"Paper {seed}").id
        assert (paper == there) or there is None
        self.seeds[seed] = paper
        held = self.papers.setdefault(
            paper, {"title": f"Paper {seed}", **{at: (set(), set()) for at in (None, *FIGURES)}}
        )
        held[None][0].update(map(clean_tag, tags))
        return paper

    @rule(paper=here, figure=st.sampled_from((None, *FIGURES)), tag=TAGS)
    def tag(self, paper, figure, tag):
        self.on(paper, lambda held: self.archive.tag([name(paper, figure)], tag), name(paper, figure))
        if paper in self.papers:
            self.papers[paper][figure][0].add(clean_tag(tag))

    @rule(paper=here, figure=st.sampled_from((None, *FIGURES)), data=st.data())
    def untag(self, paper, figure, data):
        if paper in self.papers and (tags := self.papers[paper][figure][0]):
            tag = data.draw(st.sampled_from(sorted(tags)))
            assert self.archive.untag([name(paper, figure)], tag) == 1
            tags.discard(tag)

    @rule(paper=here, figure=st.sampled_from((None, *FIGURES)), entry=st.sampled_from(ENTRIES))
    def link(self, paper, figure, entry):
        self.on(paper, lambda held: self.archive.link([name(paper, figure)], entry), name(paper, figure))
        if paper in self.papers:
            self.papers[paper][figure][1].add(entry.id)

    @rule(paper=here, entry=st.sampled_from(ENTRIES))
    def unlink(self, paper, entry):
        if paper in self.papers and entry.id in self.papers[paper][None][1]:
            self.archive.unlink([paper], entry.id)
            self.papers[paper][None][1].discard(entry.id)

    @rule(paper=here, title=st.text(min_size=1, max_size=20).filter(str.isprintable))
    def edit(self, paper, title):
        self.on(paper, lambda held: self.archive.edit(paper, title=title), paper)
        if paper in self.papers:
            self.papers[paper]["title"] = title

    @rule(paper=here)
    def extract_again(self, paper):
        """Hand work stays."""
        seed = next((seed for seed, one in self.seeds.items() if one == paper), None)
        if seed is not None:
            with self.archive.store.aside() as draft:
                fill(draft, FIGURES, b"new picture", b"%PDF " + seed.encode())
                found = outcome(FIGURES, title=f"Paper {seed}")
                self.archive.renew(draft, paper, found, Options(dpi=100), Extras(), MADE_BY)

    @rule(target=here, paper=consumes(here))
    def remove(self, paper):
        if paper not in self.papers:
            with pytest.raises(NotFound):
                self.archive.remove(paper)
            return multiple()
        self.archive.remove(paper)
        self.trash.setdefault(paper, []).append(self.papers.pop(paper))
        self.seeds = {seed: one for seed, one in self.seeds.items() if one != paper}
        return paper

    @rule(paper=here)
    def restore(self, paper):
        if paper in self.papers:
            with pytest.raises((Usage, NotFound)):
                self.archive.restore(paper)
        elif self.trash.get(paper):
            assert self.archive.restore(paper) == paper
            self.papers[paper] = self.trash[paper].pop()
            digest = self.archive.record(paper).source.sha256
            self.seeds |= {
                seed: paper
                for seed in "abcde"
                if hashlib.sha256(b"%PDF " + seed.encode()).hexdigest() == digest
            }

    @rule()
    def empty_the_trash(self):
        assert len(self.archive.empty_trash()) == sum(map(len, self.trash.values()))
        self.trash = {}

    @rule()
    def lose_the_index(self):
        self.archive.close()
        (self.root / INDEX).unlink()

    @rule()
    def reindex(self):
        assert self.archive.reindex() == len(self.papers)

    @rule()
    def open_again(self):
        self.archive.close()
        self.archive = Archive(self.root)

    @invariant()
    def it_holds_what_the_model_holds(self):
        rows = {row.id: row for row in self.archive.papers()}
        assert rows.keys() == self.papers.keys()
        for paper, held in deepcopy(self.papers).items():
            record = self.archive.record(paper)
            assert rows[paper].title == record.title.value == held["title"]
            for item, figure in ((record, None), *((item, item.id) for item in record.figures)):
                tags, entries = held[figure]
                assert set(item.tags) == tags
                assert {link.entry for link in item.links} == entries
        assert check_archive(self.archive) == []

    def on(self, paper, action, typed):
        """Do it, or see it refused where the paper is gone."""
        if paper in self.papers:
            action(self.papers[paper])
        else:
            with pytest.raises(NotFound):
                action({})


def name(paper, figure):
    return f"{paper}/{figure}" if figure else paper


TestPapers = Papers.TestCase
TestPapers.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
