"""Which pictures of a page are figures: reasons in the reference, then in the picture itself.

Reasons hold anywhere: how large a picture is shown, what words its address has, where it stands and where it
leads. Names of hosts are reasons only for badges, whose servers serve nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from papercap.wording import read_wording

if TYPE_CHECKING:
    from papercap.documents.page import Picture
    from papercap.records import Kind

COLUMN = 800.0  # CSS pixels that a page's column is wide, for widths that are given as its share
LEAST_SHOWN = 200.0  # CSS pixels; what is shown smaller is an icon, a portrait or a logo
LEAST_DRAWN = 64.0  # CSS pixels of what is drawn in the page and has a figure's caption
SMALL_SHOWN = 300.0  # CSS pixels; of what is shown no larger, only plots and diagrams are figures
LEAST_SIDE = 100  # pixels of a picture itself
MOST_ASPECT = 9.0  # longer than that is a rule, a banner or a row of badges
PLAIN = 0.4  # share of the commonest colour from which a picture has a ground, as plots and diagrams do
BADGE_HOSTS = re.compile(r"(^|\.)(shields\.io|badgen\.net|badge\.fury\.io|badges\.[a-z.]+|contrib\.rocks)$")
_VIDEO = re.compile(
    r"(^|\.)(youtube\.com|youtube-nocookie\.com|youtu\.be|vimeo\.com|bilibili\.com|loom\.com)$|\.(mp4|webm|mov|m4v)$"
)
_WORDS = {
    "a badge": "badge badges shield shields",
    "a logo": "logo logos logotype wordmark brand",
    "an icon": "icon icons favicon favicons emoji emojis sprite sprites bullet arrow button buttons btn",
    "a mascot": "mascot mascots",
    "a portrait": "avatar avatars gravatar headshot profile portrait author authors userpic contributors",
    "a tracker": "pixel tracker tracking beacon spacer blank transparent analytics",
    "an advert": "ad ads advert banner banners sponsor sponsors donate promo",
    "decoration": "divider separator spinner loading loader placeholder background bg",
    "a QR code": "qr qrcode",
}
WORDED = ("table", "listing")  # are drawn from the page's own words
_OTHERS = {
    "card": "the picture for links to the page",
    "frame": "another page shown inside",
    "video": "a video",
}
_WHY = {word: why for why, words in _WORDS.items() for word in words.split()}
_SPEAKING = (
    "figure",
    "fig",
    "diagram",
    "architecture",
    "overview",
    "pipeline",
    "chart",
    "plot",
    "graph",
    "results",
)
_SPLIT = re.compile(r"[^a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STOPS = ":.|–—-])>〉》】」"
SHORT = 100  # letters; a longer paragraph that goes on after "Figure 2" without a stop speaks of it
_EMPTY_ALT = re.compile(
    r"(?:image|img|picture|photo|figure|screenshot|alt[ _-]?text|untitled|thumbnail|null|logo)?[ _\d.-]*",
    re.I,
)
_FILE = re.compile(r"\S+\.(?:png|jpe?g|gif|webp|svg|avif|tiff?)", re.IGNORECASE)


class Said(NamedTuple):
    """The caption of a picture, and its label if it has one."""

    caption: str
    label: str
    kind: Kind


def refused_by_reference(picture: Picture, address: str) -> str:
    """Why a picture is no figure, as far as its page tells, or ""; `address` is the whole one."""
    if picture.how in _OTHERS:
        return _OTHERS[picture.how]
    if picture.hidden:
        return "hidden"
    if picture.how == "table" and not caption_of(picture, names=True).caption:
        return "a table without a caption"
    if picture.how == "svg" and _is_icon(picture):
        return "an icon drawn in the page"
    return _named(split_address(address)) or _led(picture) or _small(picture)


def video_of(picture: Picture) -> str:
    """The address of a video that is shown or led to; "" if there is none."""
    if picture.how == "video":
        return picture.original
    led = picture.original if picture.how == "frame" else picture.link
    return led if _leads_to_video(led) else ""


def _leads_to_video(text: str) -> bool:
    address = split_address(text)
    return bool(_VIDEO.search(address.hostname or "") or _VIDEO.search(address.path))


def _is_icon(picture: Picture) -> bool:
    """Of what is drawn in a page most is icons; what is named a figure may be smaller than what is not."""
    least = LEAST_DRAWN if caption_of(picture, names=True).label else LEAST_SHOWN
    return (_shown(picture) or 0) < least


def split_address(text: str) -> SplitResult:
    """The parts of an address as a page wrote it; empty ones of what is none."""
    try:
        return urlsplit(text)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _named(address: SplitResult) -> str:
    if "dark" in address.fragment:
        return "the dark twin of another"
    if address.scheme == "data":
        return ""
    if BADGE_HOSTS.search(address.hostname or ""):
        return "a badge"
    words = [word for part in unquote(address.path).split("/") for word in _words(part)]
    return next((_WHY[word] for word in reversed(words) if word in _WHY), "")


def _words(part: str) -> list[str]:
    return [word for word in _SPLIT.split(_CAMEL.sub(" ", part).lower()) if word]


def _led(picture: Picture) -> str:
    if _leads_to_video(picture.link):
        return "a video's first picture"
    if picture.row >= 2 and picture.link and not picture.figcaption:
        return "one of a row of linked pictures"
    return ""


def _small(picture: Picture) -> str:
    shown, high = _shown(picture), picture.size.height
    if shown is not None and shown < LEAST_SHOWN and (picture.row == 0 or shown < LEAST_SHOWN / 2):
        return "shown too small"
    if high is not None and high < LEAST_SIDE / 2:
        return "shown too small"
    if shown is not None and shown == high and shown <= LEAST_SHOWN:
        return "shown too small"
    return ""


def _shown(picture: Picture) -> float | None:
    """CSS pixels that it is wide, if the page says."""
    size = picture.size
    said = (size.width, None if size.share is None else size.share * COLUMN)
    return min((width for width in said if width is not None), default=None)


def refused_by_pixels(
    picture: Picture, label: str, width: float, height: float, plain: float, *, vector: bool
) -> str:
    """Why a picture is no figure, now that it is there.

    `label` is its caption's, `plain` the share of its commonest colour.
    """
    if not vector and min(width, height) < LEAST_SIDE:
        return "too small"
    if max(width, height) > MOST_ASPECT * min(width, height) and picture.how not in WORDED:
        return "too long"
    if _shown(picture) is None and not vector and width < LEAST_SHOWN:
        return "too small"
    if plain < PLAIN and not label:
        if _is_hero(picture):
            return "the picture at the head of the page"
        shown = _shown(picture)
        if shown is not None and shown <= SMALL_SHOWN:
            return "a small picture that is no plot"
    return ""


def _is_hero(picture: Picture) -> bool:
    """Does it stand before all running text, with no word of what it shows?"""
    said = f"{picture.figcaption} {picture.alt} {split_address(picture.original).path}".lower()
    return picture.in_head and not set(_words(said)) & set(_SPEAKING)


def caption_of(picture: Picture, *, names: bool = False) -> Said:
    """Its figcaption, a paragraph beside it that begins "Figure 3", its alt text, else the heading above.

    With `names`, only what names it: a figcaption or such a paragraph.
    """
    near = [text for text in (picture.after, picture.before) if _label(text)]
    text = picture.figcaption or next(iter(near), "")
    if not text and not names:
        alt = picture.alt or picture.title
        says = not _EMPTY_ALT.fullmatch(alt) and not _FILE.fullmatch(alt) and len(alt) > 3
        text = alt if says else picture.heading
    said = read_wording(text)
    label = said.label if said and (text == picture.figcaption or _label(text)) else ""
    kind = said.kind if said and label else "table" if picture.how == "table" else "figure"
    return Said(text, label, kind)


def _label(text: str) -> str:
    """That of a caption; "" for a paragraph that only begins with one."""
    said = read_wording(text)
    if said is None or not said.number:
        return ""
    rest = said.rest.strip()
    return said.label if not rest or rest[0] in _STOPS or len(text) <= SHORT else ""
