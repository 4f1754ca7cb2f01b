"""Find captions: the lines that begin "Figure 3:", told from sentences that begin so."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from papercap.detect.layout import count_letters
from papercap.detect.table import Columns, columns, take
from papercap.wording import KINDS, Wording, read_wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from papercap.detect.layout import Array, Layout, Sheet, Style
    from papercap.records import Line


@dataclass(frozen=True)
class Start:
    """A line that is worded like the start of a caption."""

    page: int
    line: int  # its place among the sheet's lines
    wording: Wording


class _Form(NamedTuple):
    """What the captions of one kind in one document have in common, and mentions of them have not."""

    kind: str
    word: str
    stop: str  # what follows the number
    bold: bool
    size: int  # half points
    bracket: bool  # before the word


_SENTENCE = re.compile(  # goes on like a sentence: "Figure 3 shows", "그림 2는"
    r"\s*(?:\([a-z]\)|[a-z]\b)?\s*(?:shows?|illustrat|present|display|depict|give|list|summar|compar|report"
    r"|contain|provid|plot|describe|we |is |are |in |and |for |also |can |was |were |has |have |to |of "
    r"|에서|에 |은 |는 |과 |와 |을 |를 |의 |에는|로 |で|に|は|の|を|と|から|より|所示|中|给出|显示|为|可|是"
    r"|показ|zeigt|muestra|montre|mostra|göster|menunjuk|,|;|\))",
    re.IGNORECASE,
)
_STOPS = {stop: at for at, stop in enumerate((":", ".", "|", ")", "]", ">", "-", ","), start=1)}
_ALIKE = str.maketrans(
    {"–": "-", "—": "-", ";": ",", "〉": ">", "》": ">", "】": "]", "：": ":", "．": ".", "＞": ">"}
)
_BRACKETS = "[<〈【(《＜"
_CLOSING = (")", "]", "）")  # after the number: of a mention, unless it was opened before the word
_GOES_ON = (".", ",", ";", ":")  # of the sentence, right behind that bracket
_OPENING = set("([（【《〈<")
_SEVERAL = re.compile(r"(?:figs|figures|tables|tabs|figuras|abbildungen)$", re.IGNORECASE)
_MARKS = " \u3000:.|)]>-–—〉】》"


def find_starts(layout: Layout) -> dict[int, list[Start]]:
    """The lines worded like captions, by page; pages without any are left out."""
    found = defaultdict(list)
    for sheet in layout.sheets:
        for at, line in enumerate(sheet.lines):
            wording = read_wording(line.text)
            if wording is not None and not _ends_mention(line.text, wording):
                found[sheet.number].append(Start(sheet.number, at, wording))
    return dict(found)


def _ends_mention(text: str, said: Wording) -> bool:
    """Whether the number is followed by a bracket that was opened before the line: "Figs. 4-9). We"."""
    goes_on = said.rest.lstrip()[1:2] in _GOES_ON or _SEVERAL.match(said.word) is not None
    return goes_on and _is_unopened(text, said)


def _is_unopened(text: str, said: Wording) -> bool:
    """Whether a bracket closes right behind the number that none before the word has opened."""
    return said.rest.lstrip()[:1] in _CLOSING and not set(text[: said.start]) & _OPENING


def describe_starts(
    layout: Layout,
    starts: Mapping[int, Sequence[Start]],
    lines: Mapping[int, Columns],
    inside: Mapping[int, Array],
) -> Columns:
    """One row of features for each start, in order of pages; `lines` holds the features of each
    page's lines and `inside` their probability to be inside a body."""
    every = [start for page in starts.values() for start in page]
    if not every:
        return {}
    sheets = {sheet.number: sheet for sheet in layout.sheets}
    styles = {number: layout.style_of(sheets[number]) for number in starts}
    of_line = [take(lines[number], [start.line for start in page]) for number, page in starts.items()]
    shared = {f"line_{name}": np.concatenate([table[name] for table in of_line]) for name in of_line[0]}
    probability = np.concatenate([inside[number][[s.line for s in page]] for number, page in starts.items()])
    return (
        shared
        | columns(len(every), inside=probability)
        | _look(every, sheets, styles)
        | _wording(every, sheets)
        | _text_before(every, sheets, styles)
        | _among_others(every, sheets, len(layout.sheets))
    )


def _look(starts: Sequence[Start], sheets: Mapping[int, Sheet], styles: Mapping[int, Style]) -> Columns:
    pairs = [(sheets[start.page].lines[start.line], styles[start.page]) for start in starts]
    return columns(
        len(starts),
        lead_bold=[line.lead_bold for line, _ in pairs],
        lead_body_font=[line.lead_font in style.fonts for line, style in pairs],
        lead_size=[line.lead_size / style.size for line, style in pairs],
        lead_body_color=[line.lead_color == style.color for line, style in pairs],
    )


def _wording(starts: Sequence[Start], sheets: Mapping[int, Sheet]) -> Columns:
    """The word, its number and what follows."""
    rows = []
    for start in starts:
        line, said = sheets[start.page].lines[start.line], start.wording
        after = said.rest.lstrip()
        title = after.lstrip(_MARKS)
        label_apart = said.number in line.lead and len(line.lead) < 0.95 * len(line.text)
        rows.append(
            {
                "kind": KINDS.index(said.kind),
                "form": _word_form(said.word),
                "word_length": len(said.word),
                "stop": _stop(after),
                "title_begins": _sign_class(title[:1]),
                "title_length": len(title),
                "sentence": _stop(after) in (0, 8) and _SENTENCE.match(said.rest) is not None,
                "sentence_after_stop": _SENTENCE.match(after) is not None,
                "label_apart": label_apart,
                "before": said.start,
                "opening": ord(line.text[0]) if not line.text[0].isalnum() else 0,
                "blank_after": said.rest[:1] == " ",
                "number_length": len(said.number),
                "number_parts": len(re.findall(r"[.\-–]", said.number)),
                "number": _integer(said.number),
                "unopened": _is_unopened(line.text, said),
                "several": _SEVERAL.match(said.word) is not None,
            }
        )
    return columns(len(starts), **{name: [row[name] for row in rows] for name in rows[0]})


def _stop(after: str) -> int:
    """Class of the sign after the number; 0 at the line's end, 9 and more for text."""
    sign = after[:1].translate(_ALIKE)
    return _STOPS.get(sign, 0) if not sign or sign in _STOPS else 8 + _sign_class(sign)


def _sign_class(sign: str) -> int:
    if not sign:
        return 0
    return (
        1
        if sign.isupper()
        else 2
        if sign.islower()
        else 3
        if ord(sign) > 0x2E80
        else 4
        if sign.isdigit()
        else 5
    )


def _word_form(word: str) -> int:
    return 0 if word.isupper() else 1 if word[:1].isupper() else 2 if word.isascii() else 3


def _integer(number: str) -> int:
    return int(number) if number.isascii() and number.isdigit() else 0


def _text_before(
    starts: Sequence[Start], sheets: Mapping[int, Sheet], styles: Mapping[int, Style]
) -> Columns:
    """The line before in the text: a mention inside a paragraph goes on from it."""
    rows = np.zeros((len(starts), 6))
    for row, start in zip(rows, starts, strict=True):
        sheet, style = sheets[start.page], styles[start.page]
        own, box = sheet.lines[start.line], sheet.box
        near = np.abs(box[:, 0] - own.box.x0) < 2.5 * style.size
        near &= (box[:, 1] < own.box.y0 - 2) & (box[:, 3] > own.box.y0 - 2 * style.size)
        before = np.flatnonzero(near)
        if not len(before):
            continue
        above = sheet.lines[before[-1]]
        same_look = above.font == own.font and abs(above.size - own.size) < 0.3
        row[:] = (
            1,
            same_look,
            above.block == own.block,
            above.text[-1:] not in ".。!?:",
            (above.box.x1 - own.box.x1) / style.column_width,
            above.text[-1:] in "(,-" or above.text.endswith((" in", " see", " and", " of")),
        )
    names = ("before", "same_look", "same_block", "open", "longer", "leads_on")
    return columns(len(starts), **{f"text_{name}": rows[:, at] for at, name in enumerate(names)})


def _among_others(starts: Sequence[Start], sheets: Mapping[int, Sheet], pages: int) -> Columns:
    """How usual the start's form is in the document, and who else carries its number."""
    forms = [_form(start, sheets[start.page].lines[start.line]) for start in starts]
    numbers = [(start.wording.kind, "".join(start.wording.number.split())) for start in starts]
    form_count, number_count = Counter(forms), Counter(numbers)
    kind_count = Counter(form.kind for form in forms)
    both_count = Counter(zip(forms, numbers, strict=True))
    numbers_of = defaultdict(set)
    rivals = defaultdict(list)
    for at, (form, number) in enumerate(zip(forms, numbers, strict=True)):
        numbers_of[form].add(number[1])
        rivals[number].append(at)
    rows = []
    for at, (form, number) in enumerate(zip(forms, numbers, strict=True)):
        usual = form_count[form] / kind_count[form.kind]
        others = [form_count[forms[i]] / kind_count[form.kind] for i in rivals[number] if i != at]
        value = _integer(number[1])
        rows.append(
            {
                "form_count": form_count[form],
                "form_share": usual,
                "form_numbers": len(numbers_of[form]) / form_count[form],
                "number_count": number_count[number],
                "same_form_and_number": both_count[form, number],
                "rival_share": max(others, default=0),
                "ahead_of_rivals": usual - max(others, default=0),
                "rank_among_rivals": rivals[number].index(at),
                "previous_in_form": value > 0 and str(value - 1) in numbers_of[form],
                "next_in_form": value > 0 and str(value + 1) in numbers_of[form],
                "pages": pages,
            }
        )
    return columns(len(starts), **{name: [row[name] for row in rows] for name in rows[0]})


def _form(start: Start, line: Line) -> _Form:
    said = start.wording
    stop = said.rest.lstrip()[:1].translate(_ALIKE)
    return _Form(
        kind=said.kind,
        word=said.word.lower(),
        stop=stop if stop in _STOPS else "",
        bold=line.lead_bold,
        size=round(line.lead_size * 2),
        bracket=said.start > 0 and line.text[:1] in _BRACKETS,
    )


def title_letters(start: Start) -> int:
    """Letters of the text behind the number on the start's own line."""
    return count_letters(start.wording.rest.strip(_MARKS))
