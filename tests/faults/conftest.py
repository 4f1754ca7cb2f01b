"""An archive to be broken, made once."""

from __future__ import annotations

import pytest
from oracle import README, papercap
from papers import make_paper


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A root with two papers, one more in the trash, tags, a link, a README out of step; and a paper to add."""
    folder = tmp_path_factory.mktemp("walk")
    root = folder / "root"
    root.mkdir()
    (root / "README.md").write_text(README)
    make_paper(folder / "new.pdf", title="Paper Airplanes", author="Cy Sample", seed=9)
    one = make_paper(folder / "one.pdf")
    two = make_paper(folder / "two.pdf", title="Counting Sheep by Night", author="Bo Sample", seed=7)
    assert papercap(root, "add", one, "--tag", "old", "--entry", "LLaMA").returncode == 0
    old = make_paper(folder / "old.pdf", title="Wooden Boats", author="Di Sample", seed=11)
    assert papercap(root, "add", two, old).returncode == 0
    assert papercap(root, "remove", "sample-2023-wooden", "--yes").returncode == 0
    return root
