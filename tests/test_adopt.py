"""`papercap adopt`: images that a person put into entries are kept, and replaced only on request."""

from __future__ import annotations

import io
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from papercap.catalogue import entries_of, read_readme
from papercap.catalogue.images import images_of, replaced

HEAD = "# Models\n\n## Open\n\n"


def entry(name: str, inside: str) -> str:
    return f"<details>\n<summary>[{name}](https://{name.lower()}.org)</summary>\n\n{inside}\n</details>\n"


def found(text: str) -> list[tuple[str, str, str]]:
    readme = read_readme(text.encode())
    return [(one.entry.id, one.address, one.alt) for one in images_of(readme, entries_of(readme))]


def plot(path: Path, seed: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(image)
    for step in range(12):
        draw.rectangle(
            (20 + 50 * step, 380 - 30 * ((step * seed) % 12), 55 + 50 * step, 380), fill=(30, 90, 20 * step)
        )
    out = io.BytesIO()
    image.save(out, "PNG")
    path.write_bytes(out.getvalue())


@pytest.mark.parametrize(
    ("inside", "images"),
    [
        ("![image](https://a.org/x.png)", [("https://a.org/x.png", "")]),
        ('![A plot](<x y.png>) ![](a_(1).png "title")', [("x y.png", "A plot"), ("a_(1).png", "")]),
        ("<img alt='Loss &amp; time' src=\"a.png?x=1&amp;y=2\">", [("a.png?x=1&y=2", "Loss & time")]),
        ("<IMG src=a.png width=3>", [("a.png", "")]),
        ("```\n![no](x.png)\n```\n`![no](y.png)` <!-- ![no](z.png) -->", []),
        ("[![linked](x.png)](https://a.org)", [("x.png", "linked")]),
        ("> ![quoted](x.png)", [("x.png", "quoted")]),
    ],
)
def test_images_are_read_from_live_text(inside, images):
    assert [(address, alt) for _entry, address, alt in found(HEAD + entry("A", inside))] == images


def test_images_outside_entries_and_in_papercaps_blocks_are_no_ones():
    block = (
        '<!-- papercap:figures a 0123456789ab -->\n<img src="archive/p/x.png">\n<!-- /papercap:figures -->'
    )
    assert found(f"![top](t.png)\n{HEAD}{entry('A', block)}\n![end](e.png)\n") == []


@given(
    st.lists(
        st.sampled_from(["![a](x.png)", '<img src="y&amp;z.png">', "words 가", "🦙", "\t> q", ""]), max_size=6
    )
)
@settings(max_examples=80, deadline=None)
def test_replacing_changes_the_addresses_alone(lines):
    data = (HEAD + entry("A", "\r\n".join(lines)) + "end").encode()
    readme = read_readme(data)
    images = images_of(readme, entries_of(readme))
    new = replaced(readme, [(image, "archive/a&b.png") for image in images])
    again = read_readme(new)
    assert [image.address for image in images_of(again, entries_of(again))] == ["archive/a&b.png"] * len(
        images
    )
    back = replaced(
        again, list(zip(images_of(again, entries_of(again)), (i.address for i in images), strict=True))
    )
    assert back == data


@pytest.fixture
def pasted(papercap):
    """Two entries with local images, one of them in both, a badge, and CRLF."""
    plot(papercap.root / "shots" / "one.png")
    plot(papercap.root / "shots" / "two.png", 5)
    text = HEAD + entry("Alpha", "![image](shots/one.png)\n![badge](https://img.shields.io/x.svg)\n")
    text += entry("Beta", '<img src="shots/two.png" alt="How it works">\n![again](shots/one.png)\n')
    papercap.root.joinpath("README.md").write_bytes(text.replace("\n", "\r\n").encode())
    return papercap


def test_images_are_archived_and_linked_and_the_readme_stays(pasted):
    before = (pasted.root / "README.md").read_bytes()
    listed = pasted("adopt", "--dry-run", "--json").json
    assert [(one["entry"], one["address"]) for one in listed] == [
        ("alpha", "shots/one.png"), ("beta", "shots/two.png"), ("beta", "shots/one.png"),
    ]  # fmt: skip
    assert not (pasted.root / "archive").exists()
    done = pasted("adopt", "--json")
    assert done.code == 0, done.err
    assert [(one["entry"], one["status"], one["replaced"]) for one in done.json] == [
        ("alpha", "captured", False), ("beta", "captured", False), ("beta", "captured", False),
    ]  # fmt: skip
    assert (pasted.root / "README.md").read_bytes() == before
    papers = {row["title"]: row for row in pasted("list", "--json").json}
    assert papers["Alpha"]["entries"] == ["alpha", "beta"]
    assert papers["How it works"]["entries"] == ["beta"]
    assert papers["Alpha"]["typed"] == "shots/one.png"
    assert {one["status"] for one in pasted("adopt", "--json").json} == {"unchanged"}
    assert pasted("check").code == 0


def test_addresses_are_replaced_on_request_and_then_there_is_nothing_to_adopt(pasted):
    before = (pasted.root / "README.md").read_bytes()
    done = pasted("adopt", "beta", "--replace", "--json")
    assert done.code == 0
    after = (pasted.root / "README.md").read_bytes()
    files = [f"archive/{one['figure']}.png".encode() for one in done.json]
    head, tail = before.split(b"<summary>[Beta]")
    assert after == head + b"<summary>[Beta]" + tail.replace(b"shots/two.png", files[0]).replace(
        b"shots/one.png", files[1]
    )
    for file in files:
        assert (pasted.root / file.decode()).is_file()
    left = pasted("adopt", "--dry-run", "--json").json
    assert [(one["entry"], one["address"]) for one in left] == [("alpha", "shots/one.png")]
    assert pasted("adopt", "--replace").code == 0
    assert pasted("adopt").out == "no images in entries but badges and the archive's own\n"


def test_pasted_image_is_fetched_from_a_server_and_one_that_is_gone_leaves_the_others_done(
    papercap, tmp_path
):
    plot(tmp_path / "web" / "a.png")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "web"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        web = f"http://127.0.0.1:{server.server_port}"
        text = HEAD + entry("Alpha", f"![image]({web}/gone.png)\n\n![image]({web}/a.png)")
        papercap.root.joinpath("README.md").write_text(text)
        done = papercap("adopt", "--allow-host", "127.0.0.1", "--replace", "--readme")
        assert done.code == 3
        assert "alpha, line 8:" in done.err
        readme = papercap.root.joinpath("README.md").read_text()
        assert f"{web}/gone.png" in readme
        assert f"{web}/a.png" not in readme.split("<!-- papercap:figures")[0]
        assert "<!-- papercap:figures alpha " in readme
    finally:
        server.shutdown()
        server.server_close()
