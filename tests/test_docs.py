"""The docs are run: commands, codes, settings, the API's example, links."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from papercap.cli import cli
from papercap.errors import Exit

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "README.ko.md", ROOT / "CHANGELOG.md"])


def test_the_command_reference_is_what_help_says():
    done = subprocess.run([sys.executable, DOCS / "write_commands.py", "--check"], check=False)
    assert done.returncode == 0, "run: python docs/write_commands.py"


def test_every_option_says_what_it_does():
    for name, command in cli.commands.items():
        assert command.help, name
        for option in command.params:
            assert option.param_type_name == "argument" or option.help or option.name == "dpi", (
                name,
                option.name,
            )


def test_every_exit_code_is_in_the_docs():
    page = (DOCS / "exit-codes.md").read_text()
    codes = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", page, re.M) for code in row.split(",")}
    assert codes == {int(code) for code in Exit}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_in_the_docs_leads_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text):
        target = next(filter(None, target)).split("#")[0]
        if target and not re.match(r"https?:", target):
            from urllib.parse import unquote

            assert (page.parent / unquote(target)).exists(), target


def test_the_example_of_the_api_runs(paper, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "api.md").read_text(), re.S)
    (tmp_path / "paper.pdf").write_bytes(paper.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Figure 1 1 Box(" in done.stdout
    assert "captured example-2023-small-" in done.stdout
    assert "‹Loss›" in done.stdout
    assert "thumbs/figure-1.webp" in (tmp_path / "library" / "README.md").read_text()


def test_the_settings_page_names_only_options_that_there_are():
    import tomllib

    (example,) = re.findall(r"```toml\n(.*?)```", (DOCS / "settings.md").read_text(), re.S)
    for command, options in tomllib.loads(example).items():
        names = {name.lstrip("-") for option in cli.commands[command].params for name in option.opts}
        assert set(options) <= names


def test_the_korean_readme_has_the_sections_of_the_english_one():
    heads = [
        [len(level) for level in re.findall(r"^(#+) ", (ROOT / name).read_text(), re.M)]
        for name in ("README.md", "README.ko.md")
    ]
    assert heads[0] == heads[1]


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readme_names_commands_that_there_are(name):
    text = (ROOT / name).read_text()
    for command in re.findall(r"papercap ([a-z]+)\b", text):
        assert command in cli.commands or command not in text.split("`"), command
    assert "python3 run.py demo" in text
    assert "python3 run.py test" in text
