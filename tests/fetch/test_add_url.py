"""`papercap add` of an address, from a server on this machine to a paper in the archive."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image

PAGE = """<!doctype html><html><head><base href="{base}"><title>Goats</title>
<meta name="citation_title" content="Goats"><{tag}></head><body>A paper.</body></html>"""


@pytest.fixture
def pdf(paper):
    return paper.read_bytes()


@pytest.fixture
def add(tmp_path, server):
    root = tmp_path / "archive"
    root.mkdir()

    def run(path, *more, **environment):
        command = [
            sys.executable,
            "-m",
            "papercap",
            "--root",
            root,
            "add",
            f"http://127.0.0.1:{server.port}{path}",
        ]
        env = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")} | environment
        done = subprocess.run(
            [*command, *more], capture_output=True, text=True, env=env, check=False, timeout=120
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    run.root = root
    return run


def record(root):
    (path,) = root.glob("archive/*/record.json")
    return json.loads(path.read_text())


ALLOW = ("--allow-host", "127.0.0.1")


def test_a_pdf_at_an_address_becomes_a_paper_that_knows_where_it_is_from(server, add, pdf):
    server.page("/papers/goats.pdf", pdf, Content_Type="application/octet-stream")
    done = add("/papers/goats.pdf", *ALLOW)
    assert done.returncode == 0, done.stderr
    source = record(add.root)["source"]
    assert source["url"] == source["typed"] == f"http://127.0.0.1:{server.port}/papers/goats.pdf"
    again = add("/papers/goats.pdf", *ALLOW)
    assert (again.returncode, "unchanged" in again.stdout) == (0, True)


def test_no_address_of_this_machine_is_asked_unless_it_is_allowed(server, add, pdf):
    server.page("/goats.pdf", pdf)
    done = add("/goats.pdf")
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
    assert "not public" in done.stderr
    assert not server.asked
    assert not list(add.root.iterdir())  # and no empty archive is left


@pytest.mark.parametrize(
    "tag",
    [
        'meta name="citation_pdf_url" content="/goats.pdf"',
        'META content="goats.pdf" NAME="Citation_PDF_URL"',
        'link rel="alternate" type="application/pdf" href="goats.pdf"',
    ],
)
def test_row_40_a_landing_page_leads_to_its_pdf(server, add, pdf, tag):
    server.page("/abs/1", PAGE.format(base="/", tag=tag).encode(), Content_Type="text/html")
    server.page("/goats.pdf", pdf)
    done = add("/abs/1", *ALLOW)
    assert done.returncode == 0, done.stderr
    assert record(add.root)["source"]["url"].endswith("/goats.pdf")
    assert record(add.root)["source"]["typed"].endswith("/abs/1")


def test_row_40_a_page_that_leads_nowhere_is_refused_and_followed_once_at_most(server, add):
    more = 'meta name="citation_pdf_url" content="/abs/2"'
    for number in (1, 2, 3):
        server.page(f"/abs/{number}", PAGE.format(base="/", tag=more).encode())
    server.page("/none.pdf", b"<html><p>Log in</p></html>")
    first, second = add("/abs/1", *ALLOW), add("/none.pdf", *ALLOW)
    assert (first.returncode, second.returncode) == (5, 5)
    assert "names" in first.stderr
    assert "names no PDF" in second.stderr
    assert [asked.path for asked in server.asked] == ["/abs/1", "/abs/2", "/none.pdf"]


def test_a_landing_page_does_not_lead_into_the_network(server, add):
    inside = 'meta name="citation_pdf_url" content="http://127.0.0.2:1/secret.pdf"'
    server.page("/abs/1", PAGE.format(base="/", tag=inside).encode())
    done = add("/abs/1", *ALLOW)
    assert done.returncode == 5
    assert "not public" in done.stderr


def test_a_picture_at_an_address_is_a_paper_of_one_figure(server, add):
    data = io.BytesIO()
    Image.effect_noise((90, 60), 50).save(data, "PNG")
    server.page("/plots/loss.png", data.getvalue(), Content_Type="text/plain")
    done = add("/plots/loss.png", *ALLOW)
    assert done.returncode == 0, done.stderr
    assert record(add.root)["kind"] == "image"
    assert record(add.root)["source"]["type"] == "image/png"


@pytest.mark.parametrize(
    "text", ["http://[::1/", "https://exa mple.org:99999/x", "http://user:pw@example.org/"]
)
def test_what_only_looks_like_an_address_is_one_line(papercap, text):
    done = papercap("add", text)
    assert done.code == 5
    assert done.err.count("\n") == 1


def test_what_is_neither_a_pdf_nor_a_picture_is_named(server, add):
    server.page("/table.json", b'{"rows": []}')
    done = add("/table.json", *ALLOW)
    assert (done.returncode, "application/json" in done.stderr) == (5, True)
    assert add("/nothing.pdf", *ALLOW).returncode == 4
    server.page("/down.pdf", b"", 418)
    assert add("/down.pdf", *ALLOW).returncode == 8


def test_row_46_a_proxy_is_not_used_and_that_is_said(server, add, pdf):
    server.page("/goats.pdf", pdf)
    done = add("/goats.pdf", *ALLOW, https_proxy="http://127.0.0.1:9")
    assert done.returncode == 0
    assert "https_proxy is set, but papercap connects by itself" in done.stdout


@pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode != 0,
    reason="needs unshare, and the right to use it",
)
def test_row_47_without_a_network_there_is_one_line_and_the_archive_stays(add, tmp_path):
    command = [sys.executable, "-m", "papercap", "--root", add.root, "add", "https://example.org/a.pdf"]
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        ["unshare", "-rn", *command], capture_output=True, text=True, env=env, check=False, timeout=120
    )
    assert done.returncode == 8
    assert done.stderr.splitlines()[-1].startswith("papercap: ")
    assert "are you online?" in done.stderr
    assert not list(add.root.glob("archive/*/record.json"))


def test_offline_uses_what_was_fetched_before(server, add, pdf):
    server.page("/goats.pdf", pdf)
    assert add("/goats.pdf", "--offline", *ALLOW).returncode == 8
    assert add("/goats.pdf", "--dry-run", *ALLOW).returncode == 0
    assert add("/goats.pdf", "--offline", *ALLOW).returncode == 0
    assert len(server.asked) == 1


def test_an_archives_own_settings_open_no_door_into_the_network(server, add, pdf):
    server.page("/goats.pdf", pdf)
    (add.root / "papercap.toml").write_text('[add]\nallow-host = ["127.0.0.1"]\n')
    done = add("/goats.pdf")
    assert done.returncode == 2
    assert not server.asked
