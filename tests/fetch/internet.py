"""A client that believes it is on the internet, and servers for it."""

from __future__ import annotations

import ssl

import pytest
import stamina
import trustme
from webserver import PUBLIC, Dial, Server

from papercap.fetch.cache import Cache
from papercap.fetch.client import Client
from papercap.fetch.download import Limits
from papercap.fetch.network import Guard

NAMES = (
    "example.org", "한국.example", "arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org", "doi.org",
    "api.unpaywall.org", "api.semanticscholar.org", "raw.githubusercontent.com", "openreview.net", "aclanthology.org", "huggingface.co", "github.com",
)  # fmt: skip


@pytest.fixture
def no_waiting():
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    server = Server(context)
    yield server
    server.close()


@pytest.fixture
def make_client(server, secure, authority, tmp_path):
    clients = []

    def make(look_up=lambda _host, _port: [PUBLIC], *, allowed=(), offline=False, **limits):
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        dial = Dial({80: server.port, 443: secure.port})
        client = Client(
            Cache(tmp_path / "cache"),
            Guard(allowed, look_up, dial),
            offline=offline,
            limits=Limits(**limits),
            tls=trust,
        )
        client.dial = dial
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client):
    return make_client()
