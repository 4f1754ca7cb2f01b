"""The rows of the table of what servers do, each against a server on this machine."""

from __future__ import annotations

import gzip
import socket
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from webserver import PUBLIC, answer, drip, reset

from papercap.errors import Network, NotFound, Refused
from papercap.fetch.network import NoSuchHost, resolve

pytestmark = pytest.mark.usefixtures("no_waiting")

PDF = b"%PDF-1.7\n" + b"1 0 obj\n" * 300 + b"%%EOF\n"
HTML = b"<!doctype html><title>Are you a robot?</title>"
HERE = "http://example.org"


def body(answer):
    return Path(answer.path).read_bytes()


def test_an_answer_is_a_file_with_its_kind_and_hash(server, client):
    server.page("/a.pdf", PDF, Content_Type="application/octet-stream")
    got = client.get(f"{HERE}/a.pdf")
    assert body(got) == PDF
    assert (got.kind, got.said, got.bytes) == ("application/pdf", "application/octet-stream", len(PDF))
    assert server.asked[0].headers["host"] == "example.org"
    assert server.asked[0].headers["user-agent"].startswith("papercap/")


# -- where a redirect must not lead


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://example.org/1",
        "data:text/html,x",
        "ftp://127.0.0.1:1/",
        "javascript:1",
        "http://[::1",
    ],
)
def test_rows_1_and_2_a_redirect_to_another_scheme_is_refused_by_its_name(server, client, location):
    server.page("/", b"", 302, Location=location)
    with pytest.raises(Refused, match=location.split(":")[0]):
        client.get(f"{HERE}/")


@pytest.mark.parametrize("text", ["file:///etc/passwd", "data:text/html,x", "ftp://example.org/x"])
def test_row_3_another_scheme_is_refused_when_typed(client, text):
    with pytest.raises(Refused, match="only http and https"):
        client.get(text)


PRIVATE = [
    "http://127.0.0.1/", "//127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/",
    "http://0x7f000001/", "http://0177.0.0.1/", "http://0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
]  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_rows_4_to_6_every_way_to_write_this_machine_is_refused(server, make_client, text):
    def look_up(host, port):
        return [PUBLIC] if host == "example.org" else resolve(host, port)

    server.page("/", b"", 302, Location=text)
    server.page("/secret", b"secret")
    client = make_client(look_up)
    with pytest.raises(Refused, match="not public"):
        client.get(f"{HERE}/")
    if not text.startswith("//"):
        with pytest.raises(Refused, match="not public"):
            client.get(text)
    assert [host for host, _ in client.dial.meant] == [PUBLIC]


def test_row_4_a_host_that_is_named_may_be_asked(server, make_client):
    server.page("/", PDF)
    client = make_client(lambda _host, _port: ["127.0.0.1"], allowed=["localhost"])
    assert body(client.get("http://localhost/")) == PDF
    by_address = make_client(lambda _host, _port: ["10.0.0.7"], allowed=["10.0.0.7"])
    assert body(by_address.get("http://printer.example/")) == PDF


NOT_PUBLIC = [
    "64:ff9b::5db8:d822", "64:ff9b:1::1", "2002:7f00:1::", "fec0::1", "192.88.99.1", "224.0.0.1", "ff02::1",
    "239.255.255.250", "100.64.0.1", "100.127.255.254", "169.254.169.254", "10.1.2.3", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "0.0.0.0", "0.1.2.3", "::",
    "::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "127.255.255.255", "198.18.0.1",
    "192.0.2.1", "203.0.113.1", "240.0.0.1", "255.255.255.255", "2001:db8::1", "2001::1", "fd00:ec2::254",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_rows_7_to_9_no_address_inside_a_network_is_connected_to(make_client, address):
    client = make_client(lambda _host, _port: [address])
    with pytest.raises(Refused, match="not public"):
        client.get("http://metadata.google.internal/")
    assert not client.dial.meant


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "8.8.8.8"]
)
def test_a_public_address_is_connected_to(server, make_client, address):
    server.page("/", PDF)
    client = make_client(lambda _host, _port: [address])
    assert body(client.get(f"{HERE}/")) == PDF
    assert client.dial.meant == [(address, 80)]


def test_row_10_a_name_that_changes_its_mind_is_connected_to_what_was_looked_at(secure, make_client):
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    secure.page("/", PDF)
    client = make_client(lambda _host, _port: next(answers))
    client.get("https://example.org/")
    assert client.dial.meant == [(PUBLIC, 443)]
    assert secure.asked[0].headers["host"] == "example.org"  # and its certificate was asked for by name


def test_row_11_a_name_with_a_private_address_among_others_is_refused(make_client):
    client = make_client(lambda _host, _port: [PUBLIC, "10.0.0.1"])
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        client.get(f"{HERE}/")
    assert not client.dial.meant


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:80\\@example.org/", "http://example.org\\@127.0.0.1/", "http://user:pw@example.org/",
        "http://example.org%2f@127.0.0.1/", "http://exa%6dple.org/", "http://exam\tple.org/",
        "http://example.org/\r\nHost: x", "http://example.org/\x00", "http:///x", "http://example.org:99999/",
        "http://[::1/",
    ],
)  # fmt: skip
def test_row_12_an_address_that_two_readers_could_read_in_two_ways_is_refused(client, text):
    with pytest.raises(Refused):
        client.get(text)
    assert not client.dial.meant


def test_row_13_other_digits_are_digits_and_a_korean_host_has_its_ascii_name(server, secure, make_client):
    looked_up = []

    def look_up(host, port):
        looked_up.append(host)
        return [PUBLIC] if host.endswith("example") else resolve(host, port)

    client = make_client(look_up)
    for text in ("http://127。0。0。1/", "http://⑫7.0.0.1/", "http://127.0.0.1/"):
        with pytest.raises(Refused, match="not public"):
            client.get(text)
    secure.page("/", PDF)
    assert body(client.get("https://한국.example/")) == PDF
    assert looked_up[-1] == "xn--3e0b707e.example"
    with pytest.raises(Refused, match="no name that a host can have"):
        client.get(f"http://{'가' * 70}.example/")


def test_rows_14_and_15_letters_and_blanks_in_a_path_are_percent_encoded(server, client):
    server.pages["/"] = lambda conn, _: conn.sendall(
        b"HTTP/1.1 302 Found\r\nLocation: /a\xe9 b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    server.page("/a%E9%20b", PDF)
    assert client.get(f"{HERE}/").url == f"{HERE}/a%E9%20b"
    server.page("/my%20paper%ED%95%9C.pdf?q=%20x", PDF)
    assert client.get(f"{HERE}/my paper한.pdf?q= x#page=3").url.endswith("/my%20paper%ED%95%9C.pdf?q=%20x")


def test_row_16_redirects_end(server, client):
    server.page("/self", b"", 302, Location="/self")
    server.page("/nowhere", b"", 302)
    for number in range(12):
        server.page(f"/{number}", b"", 301, Location=f"/{number + 1}")
    with pytest.raises(Network, match=r"too many redirects: .*/0 → .*/1 → "):
        client.get(f"{HERE}/0")
    with pytest.raises(Network, match="too many redirects"):
        client.get(f"{HERE}/self")
    with pytest.raises(Network, match="does not say where to"):
        client.get(f"{HERE}/nowhere")
    server.page("/8", PDF)
    assert body(client.get(f"{HERE}/0")) == PDF


def test_row_17_a_cookie_goes_back_to_its_host_alone(server, client, tmp_path):
    def wall(conn, asked):
        if asked.headers.get("cookie") == "seen=yes":
            return answer(conn, b"", 302, Location="http://elsewhere.example/last")
        return answer(conn, b"", 302, Location="/", Set_Cookie="seen=yes; Path=/; HttpOnly")

    server.pages["/"] = wall
    server.page("/last", PDF)
    assert body(client.get(f"{HERE}/")) == PDF
    assert "cookie" not in server.asked[-1].headers
    client.get(f"{HERE}/")
    assert "cookie" not in server.asked[3].headers  # a new fetch begins without
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"seen=yes" not in kept


def test_row_18_a_redirect_may_become_safer_and_not_less_safe(server, secure, client):
    secure.page("/", b"", 302, Location="http://example.org/a")
    server.page("/up", b"", 302, Location="https://example.org/a")
    secure.page("/a", PDF)
    with pytest.raises(Refused, match="from https to http"):
        client.get("https://example.org/")
    assert client.get(f"{HERE}/up").url == "https://example.org/a"


def test_row_19_a_certificate_of_another_name_or_nobody_is_refused(secure, client, make_client, authority):
    secure.page("/", PDF)
    with pytest.raises(Refused, match="certificate"):
        client.get("https://other.example/")
    import ssl

    client._pool._ssl_context = ssl.create_default_context()  # that knows nothing of the test's authority
    with pytest.raises(Refused, match="certificate"):
        client.get("https://example.org/")


# -- bodies that are not what they should be


def cut(conn, asked, to=1009, **headers):
    answer(conn, PDF[:to], Content_Length=len(PDF), **headers)


def test_rows_20_and_21_a_cut_answer_is_an_error_and_never_a_file(server, client, tmp_path):
    server.pages["/cut"] = cut
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + PDF[:1024] + b"\r\n400\r\nxx"
    server.raw("/chunked", chunked)
    for path in ("/cut", "/chunked"):
        with pytest.raises(Network, match="cut short"):
            client.get(HERE + path)
    assert len(server.asked) == 6
    assert not list(tmp_path.rglob("body"))
    assert not list((tmp_path / "cache" / "parts").iterdir())


def test_row_22_a_connection_that_breaks_is_gone_on_with_where_it_broke(server, client):
    def broken(conn, asked):
        answer(conn, PDF[:1000], Content_Length=len(PDF), ETag='"one"')
        time.sleep(0.1)
        reset(conn)

    def rest(conn, asked):
        assert asked.headers["range"] == "bytes=1000-"
        assert asked.headers["if-range"] == '"one"'
        span = f"bytes 1000-{len(PDF) - 1}/{len(PDF)}"
        answer(conn, PDF[1000:], 206, Content_Range=span, ETag='"one"')

    server.turns("/a.pdf", broken, rest)
    assert body(client.get(f"{HERE}/a.pdf")) == PDF
    server.pages["/dead"] = lambda conn, _: reset(conn)
    with pytest.raises(Network, match="try again later"):
        client.get(f"{HERE}/dead")


def test_row_23_an_answer_without_a_length_is_taken_and_looked_at(server, client):
    head = b"HTTP/1.0 200 OK\r\nContent-Type: application/pdf\r\n\r\n"
    server.raw("/whole", head + PDF)
    server.raw("/cut", head + PDF[:-20])
    assert client.get(f"{HERE}/whole").warnings == ()
    assert "cut short" in client.get(f"{HERE}/cut").warnings[0]


@pytest.mark.parametrize(
    "lengths",
    [b"Content-Length: 10\r\nContent-Length: 20\r\n", b"Content-Length: -5\r\n", b"Content-Length: x\r\n"],
)
def test_row_24_lengths_that_cannot_be_are_refused(server, client, lengths):
    server.raw("/", b"HTTP/1.1 200 OK\r\n" + lengths + b"\r\n" + PDF)
    with pytest.raises(Network, match="not HTTP"):
        client.get(f"{HERE}/")


def test_row_24_what_comes_after_the_length_is_not_taken(server, client):
    server.raw(
        "/", b"HTTP/1.1 200 OK\r\nContent-Length: 2408\r\n\r\n" + PDF[:2408] + b"HTTP/1.1 200 OK\r\n\r\nmore"
    )
    assert body(client.get(f"{HERE}/")) == PDF[:2408]


def test_rows_25_and_26_slow_bodies_and_slow_headers_end(server, make_client):
    client = make_client(seconds=1.5)
    server.pages["/body"] = lambda conn, _: (
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"),
        drip(conn, b"x" * 100),
    )
    server.pages["/head"] = lambda conn, _: drip(conn, b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100)
    for path in ("/body", "/head"):
        began = time.monotonic()
        with pytest.raises(Network, match="too long"):
            client.get(HERE + path)
        assert time.monotonic() - began < 4


def test_row_25_a_pace_that_would_never_end_ends(server, make_client, monkeypatch):
    monkeypatch.setattr("papercap.fetch.download.RATE_SECONDS", 0.5)
    server.pages["/"] = lambda conn, _: (
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"),
        drip(conn, b"x" * 100),
    )
    with pytest.raises(Network, match="bytes a second"):
        make_client().get(f"{HERE}/")


def test_row_27_an_endless_body_ends(server, make_client):
    def endless(conn, asked):
        conn.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            conn.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    server.pages["/"] = endless
    with pytest.raises(Refused, match="larger than the 2 MB allowed"):
        make_client(bytes=2_000_000).get(f"{HERE}/")


def test_row_28_an_encoding_that_nobody_asked_for_is_undone_or_named(server, client):
    server.page("/gzip", gzip.compress(PDF), Content_Encoding="gzip")
    server.page("/cut", gzip.compress(PDF)[:-12], Content_Encoding="gzip")
    server.page("/junk", PDF, Content_Encoding="gzip")
    server.page("/br", PDF, Content_Encoding="br")
    server.page("/zstd", PDF, Content_Encoding="zstd")
    assert body(client.get(f"{HERE}/gzip")) == PDF
    assert server.asked[0].headers["accept-encoding"] == "identity"
    for path, said in (("/cut", "cut short"), ("/junk", "damaged"), ("/br", "'br'"), ("/zstd", "'zstd'")):
        with pytest.raises(Network, match=said):
            client.get(HERE + path)


def test_row_29_a_bomb_does_not_unpack(server, client):
    server.page("/", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    with pytest.raises(Refused, match="bomb"):
        client.get(f"{HERE}/")


# -- what is no proper HTTP


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n", b"<html>HTTP/0.9</html>", b"HTTP/1.1 999\r\n\r\n", b"",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"Content-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 70_000 + b"\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 300_000, b"\x00" * 5000, b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ],
)  # fmt: skip
def test_rows_30_and_31_anything_else_than_http_is_one_line(server, client, data):
    server.raw("/", data)
    with pytest.raises(Network) as error:
        client.get(f"{HERE}/")
    assert str(error.value).startswith(f"{HERE}/: ")
    assert "\n" not in str(error.value)


# -- what a server asks for


def test_row_32_a_server_that_asks_to_wait_is_waited_for_up_to_a_minute(server, client):
    import stamina

    stamina.set_testing(False)
    later = formatdate(time.time() + 3600, usegmt=True)

    def busy(**headers):
        return lambda conn, _: answer(conn, b"", 429, **headers)

    def fine(conn, _asked):
        answer(conn, PDF)

    server.turns("/2", busy(Retry_After="1"), fine)
    began = time.monotonic()
    client.get(f"{HERE}/2")
    assert 0.9 < time.monotonic() - began < 4
    for path, wait in (("/3600", "3600"), ("/date", later)):
        server.turns(path, busy(Retry_After=wait), fine)
        with pytest.raises(Network, match=r"wait 3[56]\d\d s"):
            client.get(HERE + path)
    stamina.set_testing(True, attempts=3)
    for path, headers in (
        ("/junk", {"Retry_After": "soon"}),
        ("/odd", {"Retry_After": "\u00b2"}),
        ("/none", {}),
    ):
        server.turns(path, busy(**headers), fine)
        assert body(client.get(HERE + path)) == PDF


def test_row_33_a_server_that_wants_no_programs_is_told_of_and_not_deceived(server, client):
    server.page("/", b"go away", 403)
    with pytest.raises(Network, match="403 Forbidden; open it in a browser"):
        client.get(f"{HERE}/")
    assert len(server.asked) == 1
    with pytest.raises(NotFound):
        client.get(f"{HERE}/nothing")
    assert len(server.asked) == 2


def test_row_34_a_failing_server_is_tried_three_times(server, client):
    failing = [lambda conn, _, status=status: answer(conn, b"", status) for status in (500, 502)]
    server.turns("/", *failing, lambda conn, _: answer(conn, PDF))
    server.page("/always", b"", 503)
    assert body(client.get(f"{HERE}/")) == PDF
    with pytest.raises(Network, match="503 Service Unavailable"):
        client.get(f"{HERE}/always")
    assert len(server.asked) == 6


def wrong_range(conn, asked):
    answer(conn, PDF[5:], 206, Content_Range=f"bytes 5-{len(PDF) - 1}/{len(PDF)}")


def no_range(conn, asked):
    answer(conn, b"", 416, Content_Range=f"bytes */{len(PDF)}")


def whole(conn, asked):
    answer(conn, PDF, ETag='"two"')


@pytest.mark.parametrize("second", [wrong_range, no_range, whole])
def test_row_35_what_does_not_go_on_where_it_was_cut_begins_anew(server, client, second):
    server.turns("/", lambda conn, asked: cut(conn, asked, ETag='"one"'), second, whole)
    assert body(client.get(f"{HERE}/")) == PDF
    assert "range" in server.asked[1].headers


def test_row_35_without_a_mark_of_its_state_nothing_is_gone_on_with(server, client):
    server.turns("/", lambda conn, asked: cut(conn, asked, ETag='W/"weak"'), whole)
    assert body(client.get(f"{HERE}/")) == PDF
    assert "range" not in server.asked[1].headers


def test_row_36_a_part_that_was_not_asked_for_is_no_answer(server, client):
    server.page("/", PDF[5:], 206, Content_Range=f"bytes 5-{len(PDF) - 1}/{len(PDF)}")
    with pytest.raises(Network, match="not asked for"):
        client.get(f"{HERE}/")


def test_row_37_an_empty_answer_is_an_error(server, client):
    server.page("/204", b"", 204)
    server.page("/0", b"")
    for path in ("/204", "/0"):
        with pytest.raises(Network, match="empty answer"):
            client.get(HERE + path)


@pytest.mark.parametrize("said", ["application/octet-stream", "text/plain", None])
def test_row_38_a_pdf_is_one_whatever_it_is_called(server, client, said):
    server.page("/", b"\r\n" + PDF, Content_Type=said)
    assert client.get(f"{HERE}/").kind == "application/pdf"


def test_row_39_a_page_that_is_called_a_pdf_is_asked_for_again_and_then_refused(server, client):
    page = lambda conn, _: answer(conn, HTML, Content_Type="application/pdf")  # noqa: E731
    server.turns("/soon", page, lambda conn, _: answer(conn, PDF, Content_Type="application/pdf"))
    server.turns("/never", page)
    assert body(client.get(f"{HERE}/soon")) == PDF
    with pytest.raises(Refused, match="a web page that is called a PDF"):
        client.get(f"{HERE}/never")


def test_row_41_a_name_that_a_server_gives_is_no_path(server, client, tmp_path):
    server.page("/", PDF, Content_Disposition='attachment; filename="../../../../evil.pdf"')
    got = Path(client.get(f"{HERE}/").path)
    assert got.is_relative_to(tmp_path / "cache")
    assert not list(tmp_path.rglob("evil*"))


def test_row_45_a_pointer_to_a_large_file_is_not_the_file(server, client):
    server.page("/", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    with pytest.raises(Refused, match="LFS pointer"):
        client.get(f"{HERE}/")


# -- the cache


def test_what_has_not_changed_is_not_sent_again(server, client):
    def page(conn, asked):
        if asked.headers.get("if-none-match") == '"one"':
            return answer(conn, b"", 304, Content_Length=None)
        return answer(conn, PDF, ETag='"one"')

    server.pages["/"] = page
    first, second = client.get(f"{HERE}/"), client.get(f"{HERE}/")
    assert body(second) == PDF
    assert second.fetched > first.fetched
    client.get(f"{HERE}/", fresh_for=60)
    assert len(server.asked) == 2


def test_offline_there_is_what_was_fetched_before(server, client, make_client):
    server.page("/", PDF)
    client.get(f"{HERE}/")
    offline = make_client(offline=True)
    assert body(offline.get(f"{HERE}/")) == PDF
    with pytest.raises(Network, match="leave out --offline"):
        offline.get(f"{HERE}/other")
    assert len(server.asked) == 1


def test_a_damaged_answer_in_the_cache_is_fetched_again(server, client):
    server.page("/", PDF, ETag='"one"')
    Path(client.get(f"{HERE}/").path).write_bytes(b"short")
    assert body(client.get(f"{HERE}/")) == PDF


def test_a_host_is_not_asked_again_at_once(server, client):
    server.page("/", PDF)
    began = time.monotonic()
    for _ in range(4):
        client.get(f"{HERE}/")
    assert time.monotonic() - began >= 0.3


def test_arxiv_is_asked_every_three_seconds_by_all_processes_together(server, make_client):
    server.page("/", PDF)
    began = time.monotonic()
    for client in (make_client(), make_client()):
        client.get("http://export.arxiv.org/")
    assert time.monotonic() - began >= 2.9


# -- asking whether an address is there


@pytest.mark.parametrize("status", [200, 204, 403, 404, 410])
def test_an_address_is_asked_once_for_its_status_and_nothing_is_kept(server, client, tmp_path, status):
    server.page("/led", b"", 302, Location="/there")
    server.page("/there", b"", status)
    assert client.ask(f"{HERE}/led") == status
    assert [one.path for one in server.asked] == ["/led", "/there"]
    assert not list((tmp_path / "cache").glob("*/body"))


def test_of_an_answer_that_is_asked_for_its_status_the_body_is_not_waited_for(server, client):
    def endless(conn, _asked):
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n")
        drip(conn, b"x" * 100)

    server.pages["/large"] = endless
    began = time.monotonic()
    assert client.ask(f"{HERE}/large") == 200
    assert time.monotonic() - began < 5


def test_a_busy_server_is_asked_for_its_status_once_more(server, client):
    server.turns("/a", lambda conn, _: answer(conn, b"", 503), lambda conn, _: answer(conn, b"Here."))
    server.page("/b", b"", 503)
    server.page("/c", b"", 503, Retry_After="900")
    assert [client.ask(f"{HERE}/{name}") for name in "abc"] == [200, 503, 503]
    assert [one.path for one in server.asked] == ["/a", "/a", "/b", "/b", "/c"]


def test_what_must_not_be_fetched_is_not_asked_either(server, client, make_client):
    server.page("/out", b"", 302, Location="file:///etc/passwd")
    for text in (f"{HERE}/out", "ftp://example.org/"):
        with pytest.raises(Refused):
            client.ask(text)
    with pytest.raises(Refused, match="not public"):
        make_client(lambda _host, _port: ["10.0.0.1"]).ask(HERE)
    with pytest.raises(Network, match="--offline"):
        make_client(offline=True).ask(HERE)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("code", "gone"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)])
def test_a_name_that_nobody_knows_is_told_from_one_that_cannot_be_looked_up(monkeypatch, code, gone):
    def fail(*_arguments, **_more):
        raise socket.gaierror(code, "said")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(Network, match="cannot be looked up") as caught:
        resolve("gone.example", 80)
    assert isinstance(caught.value, NoSuchHost) == gone
