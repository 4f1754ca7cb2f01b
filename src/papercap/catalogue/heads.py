"""Read an entry's head, `상용❌[LLaMA](https://…): 7B to 65B`: badge, name, address and description."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

from msgspec import Struct

Commercial = Literal["no", "partly", "yes"]

_SIGNS: dict[str, Commercial] = {
    "❌": "no", "✖": "no", "🚫": "no",
    "🔺": "partly", "△": "partly", "⚠": "partly",
    "✅": "yes", "✔": "yes", "⭕": "yes",
}  # fmt: skip
_BADGE = re.compile(
    rf"(?:상용|\bcommercial(?:\s+use)?\b)\W{{0,4}}?([{''.join(_SIGNS)}])[\ufe0e\ufe0f]?", re.I
)
_BRACKETED = r"\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]"
_LINK = re.compile(rf"(?<![!\\]){_BRACKETED}\(")
_BRACKETS = re.compile(rf"(?<![!\\]){_BRACKETED}(?![\[(:])")
_ANCHOR = re.compile(r"<a\b([^<>]*)>(.*?)</a\s*>", re.I | re.S)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()]*\))?|<img\b[^<>]*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TITLED = re.compile(r"""(\S+)\s+(?:"[^"]*"|'[^']*'|\([^()]*\))""")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1|\A_(?=\S)(.+)(?<=\S)_\Z")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SEPARATOR = re.compile(r"[*_~`\s]*(?:[:：|]|[-–—]+(?=\s|$))?\s*")
_PLAIN_NAME = re.compile(r"(.+?)(?:\s*[:：|]|\s+[-–—]+)(?:\s+(.*)|\Z)", re.S)
_CHECKBOX = re.compile(r"\A\s*\[[ xX]\]\s")
_JOINERS = "\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # shape, tint emoji


class Head(Struct, frozen=True):
    """What a summary or a list item says; `lead` is the text before its link, less the badge."""

    name: str
    url: str | None
    commercial: Commercial | None
    description: str
    linked: Literal["link", "brackets", "none"]
    lead: str = ""
    warnings: tuple[str, ...] = ()


class _Link(Struct, frozen=True):
    name: str
    url: str | None
    start: int
    end: int
    linked: Literal["link", "brackets", "none"]
    warnings: tuple[str, ...] = ()


def read_head(text: str) -> Head | None:
    """Read a head; None where there is no name in it."""
    text = _CHECKBOX.sub("", text)
    link = _first_link(text)
    if link is None or not link.name:
        return _plain_head(text)
    lead, commercial = _take_badge(text[: link.start])
    rest = text[link.end :]
    description = plain_text(rest[_end_of_separator(rest) :])
    return Head(link.name, link.url, commercial, description, link.linked, plain_text(lead), link.warnings)


def plain_text(text: str) -> str:
    """One line without tags, images and character references."""
    return " ".join(html.unescape(_TAG.sub(" ", _IMAGE.sub(" ", text))).split())


def bare_name(text: str) -> str:
    """The words of a name or heading: no emphasis, code signs and emoji around them."""
    name = _EMPHASIS.sub(lambda match: match[2] or match[3], plain_text(text))
    return _ESCAPED.sub(r"\1", _undecorated(name))


def heading_name(text: str) -> str:
    """The words of a heading, its link and brackets taken off."""
    if link := _first_link(text):
        text = text[: link.start] + link.name + text[link.end :]
    return bare_name(text) or plain_text(text)


def _plain_head(text: str) -> Head | None:
    lead, commercial = _take_badge(plain_text(text))
    match = _PLAIN_NAME.fullmatch(lead)
    name, description = (match[1], match[2] or "") if match else (lead, "")
    return Head(bare_name(name), None, commercial, description.strip(), "none") if bare_name(name) else None


def _first_link(text: str) -> _Link | None:
    """The Markdown or HTML link that stands first, or else the first brackets, with a name in them."""
    links = [_markdown_link(text, match) for match in _LINK.finditer(text)]
    links += [_anchor(match) for match in _ANCHOR.finditer(text)]
    links = [link for link in links if link.name]
    if not links:
        links = [
            _Link(bare_name(match[1]), None, *match.span(), "brackets") for match in _BRACKETS.finditer(text)
        ]
    return min((link for link in links if link.name), key=lambda link: link.start, default=None)


def _markdown_link(text: str, match: re.Match[str]) -> _Link:
    target, end, warnings = _target(text, match.end())
    url, problem = _address(target)
    return _Link(bare_name(match[1]), url, match.start(), end, "link", (*warnings, *problem))


def _anchor(match: re.Match[str]) -> _Link:
    href = _HREF.search(match[1])
    url, problem = _address(html.unescape(next(filter(None, href.groups()), ""))) if href else (None, ())
    return _Link(bare_name(match[2]), url, *match.span(), "link" if href else "brackets", problem)


def _target(text: str, start: int) -> tuple[str, int, tuple[str, ...]]:
    """What stands in a link's round brackets, where they end, and what is wrong with it."""
    depth, begin = 1, start
    warnings: tuple[str, ...] = ()
    for index in range(start, len(text)):
        if text.startswith("](", index):  # two links run together
            depth, begin, warnings = 0, index + 2, ("two addresses run together; the last is taken",)
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0 and index >= begin:
            return text[begin:index].strip(), index + 1, warnings
    end = next((i for i in range(begin, len(text)) if text[i].isspace()), len(text))
    return text[begin:end], end, (*warnings, "the address has no closing bracket")


def _address(target: str) -> tuple[str | None, tuple[str, ...]]:
    """The target if it is an http(s) address, else None with a warning."""
    titled = _TITLED.fullmatch(target)
    url = (titled[1] if titled else target).removeprefix("<").removesuffix(">")
    if re.fullmatch(r"https?://\S+", url, re.I):
        return url, ()
    return None, (f"'{target}' is no http(s) address",)


def _take_badge(text: str) -> tuple[str, Commercial | None]:
    match = _BADGE.search(text)
    if match is None:
        return text, None
    return text[: match.start()] + text[match.end() :], _SIGNS[match[1]]


def _end_of_separator(rest: str) -> int:
    match = _SEPARATOR.match(rest)
    return match.end() if match else 0


def _undecorated(text: str) -> str:
    """Without the emoji and blanks at both ends; as it is where there is nothing else."""
    start, end = 0, len(text)
    while start < end and _is_decoration(text[start]):
        start += 1
    while end > start and _is_decoration(text[end - 1]):
        end -= 1
    return text[start:end] or text.strip()


def _is_decoration(sign: str) -> bool:
    """Whether this is a pictogram or what joins them; one that Python does not know yet counts too."""
    return sign in _JOINERS or unicodedata.category(sign) in ("So", "Cf", "Cn", "Zs")
