"""Where the material stands that tests may use and the project does not hold: a folder beside this checkout."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared material is not beside this checkout"
)
