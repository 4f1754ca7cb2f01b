"""papercap captures the figures of research papers and keeps them.

The names below are the public ones; each is loaded when it is first used, so that `import papercap` is light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from papercap.version import __version__

if TYPE_CHECKING:
    from papercap.api import capture, extract, update_gallery
    from papercap.archive import Archive
    from papercap.check import check_archive
    from papercap.errors import PapercapError
    from papercap.pipeline.repair import repair_archive

__all__ = [
    "Archive",
    "PapercapError",
    "__version__",
    "capture",
    "check_archive",
    "extract",
    "repair_archive",
    "update_gallery",
]

_HOMES = {
    "Archive": "papercap.archive",
    "PapercapError": "papercap.errors",
    "capture": "papercap.api",
    "check_archive": "papercap.check",
    "extract": "papercap.api",
    "repair_archive": "papercap.pipeline.repair",
    "update_gallery": "papercap.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'papercap' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
