"""Start-up is light: what a command may load is a promise."""

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import papercap

HEAVY = {"pymupdf", "numpy", "PIL", "rich", "sqlite_utils", "jinja2"}


def modules_after(*arguments: str, cwd: Path) -> set[str]:
    code = (
        "import sys\n"
        f"sys.argv = ['papercap', *{arguments!r}]\n"
        "from papercap.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\nLOADED', *{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True, env=os.environ
    )
    return set(done.stdout.rsplit("LOADED", 1)[1].split())


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("light")
    subprocess.run([sys.executable, "-m", "papercap", "init"], cwd=folder, check=True, capture_output=True)
    (folder / "README.md").write_text(
        "# Models\n\n<details>\n<summary>[A](https://a.org)</summary>\n</details>\n"
    )
    return folder


def test_importing_papercap_loads_no_package_of_others(root):
    done = subprocess.run(
        [sys.executable, "-c", "import sys, papercap; print(*sys.modules)"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & (HEAVY | {"click", "msgspec"})


def test_no_room_hides_a_public_name_once_it_is_loaded():
    rooms = {module.name for module in pkgutil.iter_modules(papercap.__path__)}
    assert not rooms & set(papercap.__all__)


@pytest.mark.parametrize(
    "command", [("--help",), ("search", "model"), ("list",), ("readme", "--check"), ("tags",), ("entries",)]
)
def test_looking_never_loads_what_reads_pdfs(command, root):
    assert not modules_after(*command, cwd=root) & {"pymupdf", "numpy", "PIL"}


@pytest.mark.parametrize("command", [("--help",), ("search", "model"), ("list",)])
def test_the_commonest_commands_load_next_to_nothing(command, root):
    assert not modules_after(*command, cwd=root) & HEAVY
