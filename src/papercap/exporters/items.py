"""What was found in a document → the JSON of `papercap extract`: items with boxes and captions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from papercap.files import write_file, writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from papercap.records import Extracted, Figure


def items(result: Extracted) -> dict[str, Any]:
    """`pdf`, `sha256`, `pages`, `items`, `missed` and, if it failed, `error`."""
    plain: dict[str, Any] = {
        "pdf": result.pdf,
        "sha256": result.sha256,
        "pages": result.pages,
        "items": [_item(figure, result.name) for figure in result.figures],
        "missed": msgspec.to_builtins(result.missed),
    }
    return plain | ({"error": result.error} if result.error is not None else {})


def write_items(results: Sequence[Extracted], out: Path) -> None:
    """One JSON a document into `out`, named after the PDF; pictures are named relative to `out`."""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for result in results:
            text = json.dumps(items(result), ensure_ascii=False, indent=1)
            write_file(out / f"{result.name}.json", text.encode() + b"\n")


def _item(figure: Figure, folder: str) -> dict[str, Any]:
    return {
        "id": figure.id,
        "kind": figure.kind,
        "label": figure.label or "",
        "page": figure.page,
        "bbox": list(figure.box),
        "caption_bbox": list(figure.caption_box) if figure.caption_box else None,
        "caption": figure.caption.value if figure.caption else "",
        "continues": figure.continues,
        "confidence": figure.confidence,
        "files": {
            name: f"{folder}/{file}" for name, file in msgspec.structs.asdict(figure.files).items() if file
        },
    }
