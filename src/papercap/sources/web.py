"""A web address → the PDF that it answers with, or that its landing page names."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from papercap.errors import Refused
from papercap.fetch.addresses import read_address
from papercap.sources import Document

if TYPE_CHECKING:
    from papercap.fetch.cache import Answer
    from papercap.fetch.client import Client

PDF, HTML = "application/pdf", "text/html"
MAX_LANDING = 5_000_000  # bytes of a landing page; its head is what is read
MAX_NAME = 80  # letters
_PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY")


class WebFetcher:
    """Any address of a PDF, or of a page that leads to one."""

    form = "the address of a PDF or of the page that leads to it"
    example = "https://proceedings.mlr.press/v139/radford21a/radford21a.pdf"
    rank = 9

    def read(self, text: str) -> str | None:
        """The address as it is; what scheme it may have, the client says."""
        return text if "://" in text or text.lower().startswith("data:") else None

    def fetch(self, client: Client, name: str) -> Document:
        return fetch_document(client, name)


def fetch_document(client: Client, url: str) -> Document:
    """The PDF at an address; Refused for what is none and leads to none, else as `Client.get`."""
    answer = client.get(url)
    if answer.kind == HTML:
        answer = _behind(client, answer)
    if answer.kind != PDF:
        raise Refused(f"{url}: is {answer.kind}, no PDF; papercap reads PDF files")
    notes = (*answer.warnings, *_about_proxies())
    return Document(Path(answer.path), name_of(url), answer.url, notes=notes)


def name_of(url: str) -> str:
    """A plain file name for what an address names: its last part, never a path."""
    parts = urlsplit(url)
    last = next((part for part in reversed(parts.path.split("/")) if part), parts.hostname or "")
    plain = re.sub(r"[^\w.+-]+", "-", unquote(last)).strip(".-")[:MAX_NAME]
    return plain or "document"


def _behind(client: Client, page: Answer) -> Answer:
    """The PDF that a landing page names; Refused, saying why, if it names none or that is none."""
    with open(page.path, "rb") as file:
        text = file.read(MAX_LANDING).decode("utf-8", "replace")
    head = _Head()
    head.feed(text)
    if head.pdf is None:
        raise Refused(
            f"{page.url}: is a web page that names no PDF; open it in a browser and save the PDF it leads to"
        )
    here = read_address(page.url)
    url = str((here.to(head.base) if head.base else here).to(head.pdf))
    answer = client.get(url)
    if answer.kind != PDF:
        raise Refused(f"{page.url}: names {url} as its PDF, but that is {answer.kind}; open it in a browser")
    return answer


class _Head(HTMLParser):
    """What a landing page says of its PDF: publishers' `citation_pdf_url`, else an alternate link."""

    def __init__(self) -> None:
        super().__init__()
        self.base: str | None = None
        self._cited: str | None = None
        self._alternate: str | None = None

    @property
    def pdf(self) -> str | None:
        return self._cited or self._alternate

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in reversed(attrs)}
        if tag == "meta" and said.get("name", "").lower() == "citation_pdf_url":
            self._cited = self._cited or said.get("content")
        elif (
            tag == "link"
            and said.get("type", "").lower() == PDF
            and "alternate" in said.get("rel", "").lower()
        ):
            self._alternate = self._alternate or said.get("href")
        elif tag == "base":
            self.base = self.base or said.get("href")


def _about_proxies() -> tuple[str, ...]:
    """Behind a proxy nobody can tell which machine is asked, so that none is used: said where one is set."""
    said = next((name for name in _PROXIES if os.environ.get(name)), None)
    return (
        (f"{said} is set, but papercap connects by itself: no address can be checked through a proxy",)
        if said
        else ()
    )


FETCHER = WebFetcher()
