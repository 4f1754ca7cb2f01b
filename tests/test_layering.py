"""The rooms import one way: a module imports only from rows above its own."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "papercap"
ROWS = (  # docs/architecture.md has the same table in prose
    {"addresses", "errors", "geometry", "licences", "text", "version"},
    {"records", "settings", "files", "pagerange", "cage", "plugins"},
    {"pdf", "names", "merge", "fetch", "wording"},
    {"sources", "documents", "detect", "images", "store", "index", "catalogue", "exporters", "hand"},
    {"linking"},
    {"archive", "gallery", "jobs"},
    {"workers", "readme", "check", "export"},
    {"pipeline", "doctor"},
    {"api", "cli"},
    {"__init__", "__main__"},
)
ROW_OF = {room: row for row, rooms in enumerate(ROWS) for room in rooms}


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write the whole path of an import"
            names = [node.module] if node.module != "papercap" else [f"papercap.{a.name}" for a in node.names]
        rooms |= {name.split(".")[1] for name in names if name and name.startswith("papercap.")}
    return rooms


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def test_every_room_has_its_row():
    assert {room_of(path) for path in modules()} == set(ROW_OF)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_from_rows_above_it(path):
    own = room_of(path)
    below = {room for room in imported_rooms(path) - {own} if ROW_OF[room] >= ROW_OF[own]}
    assert not below, f"{own} (row {ROW_OF[own]}) imports {sorted(below)}"


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("pymupdf", "pdf.py"),
        ("PIL", "images.py"),
        ("jinja2", "gallery"),
        ("rich", "cli"),
        ("filelock", "store.py fetch"),  # an archive's lock; a host's turn
        ("httpcore2", "fetch"),
        ("stamina", "fetch"),
        ("truststore", "fetch"),
        ("platformdirs", "fetch"),
        ("bibtexparser", "sources"),
        ("markdown_it", "documents"),
    ],
)
def test_a_package_has_one_home(package, home):
    users = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] == package for name in names):
                users.add(path.relative_to(SOURCE).parts[0])
    assert users <= set(home.split()), f"{package} is used in {users}"
