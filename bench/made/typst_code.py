"""Values as typst writes them."""

import json
from collections.abc import Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Code | Sequence[Value] | dict[str, Value] | None"


class Code(str):
    """A piece of typst that stands for itself."""

    __slots__ = ()


def literal(value: Value) -> str:
    """The value as an expression of typst."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return f"{value:.4g}" if isinstance(value, float) else str(value)
    if isinstance(value, dict):
        return f"({', '.join(f'{key}: {literal(part)}' for key, part in value.items()) or ':'})"
    return "none" if value is None else f"({''.join(f'{literal(part)}, ' for part in value)})"


def points(length: float) -> Code:
    return Code(f"{length:.2f}pt")


def call(name: str, *values: Value, **named: Value) -> Code:
    """A call of a typst function."""
    parts = [literal(value) for value in values]
    parts += [f"{key}: {literal(value)}" for key, value in named.items()]
    return Code(f"{name}({', '.join(parts)})")
