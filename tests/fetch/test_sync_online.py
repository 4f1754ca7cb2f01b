"""A catalogue whose sources are on the web: each asked once, one that is gone leaves the others done."""

from __future__ import annotations

import pytest
from test_pages_online import TEXT, png

import papercap.fetch
from papercap import pipeline
from papercap.archive import Archive
from papercap.catalogue import read_entries
from papercap.pipeline.batch import Watcher
from papercap.pipeline.sync import sources_of, sync

pytestmark = pytest.mark.usefixtures("no_waiting")
README = """# Models

## Open

<details><summary>[Loss](https://example.org/loss)</summary>

More at https://example.org/more, and https://example.org/gone.
</details>
<details><summary>[Also](https://example.org/more)</summary></details>
"""


@pytest.fixture
def run(make_client, tmp_path, monkeypatch):
    monkeypatch.setattr("papercap.fetch.clock.SECONDS", 0.0)
    monkeypatch.setattr(papercap.fetch, "open_client", lambda *_, **__: make_client())
    root = tmp_path / "root"
    root.mkdir()
    entries = read_entries(README.encode())
    sources = sources_of(entries, {}, root)

    def go(**options: bool):
        with Archive.create(root) as archive:
            synced = sync(
                archive, lambda: archive, entries, sources, pipeline.Request(), 1, Watcher(), **options
            )
            return {one.entry: one for one in synced}, {row.url: row for row in archive.papers()}

    return go


def page(secure, path: str, seed: int) -> None:
    secure.page(path, f"<title>{path}</title>{TEXT}<img src='{seed}.png'>".encode(), Content_Type="text/html")
    secure.page(f"/{seed}.png", png(seed), Content_Type="image/png")


def test_each_source_is_asked_once_and_again_only_on_request(secure, run):
    page(secure, "/loss", 1)
    page(secure, "/more", 2)
    synced, papers = run()
    assert [(one.status, one.figures) for one in synced["loss"].sources] == [
        ("captured", 1), ("captured", 1), ("failed", 0),
    ]  # fmt: skip
    assert (synced["loss"].figures, synced["also"].figures) == (2, 1)
    assert papers["https://example.org/more"].entries == ("also", "loss")
    asked = [one.path for one in secure.asked]
    assert asked.count("/more") == 1
    assert "/gone" in asked
    secure.asked.clear()
    synced, papers = run()
    assert {one.path for one in secure.asked} <= {"/gone"}
    assert [one.status for one in synced["loss"].sources] == ["unchanged", "unchanged", "failed"]
    page(secure, "/loss", 3)
    secure.asked.clear()
    synced, papers = run(refresh=True)
    assert "/loss" in {one.path for one in secure.asked}
    assert synced["loss"].sources[0].status == "captured"
    assert papers["https://example.org/loss"].version_of is not None
