"""What keeps a README in step in somebody's repository: the pre-commit hooks and the GitHub Action, for real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from papers import make_paper

ROOT = Path(__file__).resolve().parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ACTION = ROOT / "action.yml"
README = "# Models\n\n## Open\n\n<details>\n<summary>[Small](https://small.org): of two pages</summary>\n</details>\n"
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or shutil.which("bash") is None, reason="needs git and bash"
)


@pytest.fixture
def repository(papercap, tmp_path):
    """A git repository that holds an archive and its README in step, all committed."""
    root = papercap.root
    root.joinpath("README.md").write_text(README)
    make_paper(tmp_path / "small.pdf")
    assert papercap("add", tmp_path / "small.pdf", "--entry", "small", "--readme").code == 0
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "Begin")
    return papercap


def _environment(**more: str) -> dict[str, str]:
    who = {
        f"GIT_{role}_{what}": f"a{what}@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PAPERCAP_"))}
    return plain | who | {"PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": "", **more}


def _git(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["git", *arguments], cwd=root, env=_environment(**more), capture_output=True, text=True, check=False
    )
    if "commit" not in arguments:
        assert done.returncode == 0, done.stderr
    return done


def _out_of_step(papercap) -> None:
    (paper,) = papercap("list", "--json").json
    assert papercap("unlink", f"{paper['id']}/figure-1", "small").code == 0


# -- hooks ---------------------------------------------------------------------------------


def _hooks() -> list[dict[str, object]]:
    loaded: list[dict[str, object]] = yaml.safe_load(HOOKS.read_text())
    return loaded


def _use(papercap, home: Path, hook: str) -> dict[str, str]:
    """Install the shipped hook, run from this installation in place of an environment of its own."""
    (shipped,) = (one for one in _hooks() if one["id"] == hook)
    config = {"repos": [{"repo": "local", "hooks": [shipped | {"language": "system"}]}]}
    papercap.root.joinpath(".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    more = {"PRE_COMMIT_HOME": str(home / "pre-commit")}
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"], cwd=papercap.root, env=_environment(**more), check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _git(papercap.root, "add", "--all")
    assert _git(papercap.root, "commit", "--quiet", "--message", "Use hooks", **more).returncode == 0
    return more


def test_shipped_hooks_are_a_manifest():
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    assert subprocess.run(command, check=False).returncode == 0
    assert {one["id"] for one in _hooks()} == {"papercap-readme", "papercap-readme-write", "papercap-check"}


def test_commit_is_refused_until_the_readme_is_in_step(repository, tmp_path):
    more = _use(repository, tmp_path, "papercap-readme")
    _out_of_step(repository)
    _git(repository.root, "add", "--all")
    refused = _git(repository.root, "commit", "--message", "Forget the README", **more)
    assert refused.returncode != 0
    assert "README.md: out of step" in refused.stdout + refused.stderr
    assert repository("readme").code == 0
    _git(repository.root, "add", "--all")
    assert _git(repository.root, "commit", "--message", "With the README", **more).returncode == 0


def test_writing_hook_writes_and_lets_the_second_try_through(repository, tmp_path):
    more = _use(repository, tmp_path, "papercap-readme-write")
    _out_of_step(repository)
    _git(repository.root, "add", "--all")
    assert _git(repository.root, "commit", "--message", "One", **more).returncode != 0
    assert repository("readme", "--check").code == 0
    _git(repository.root, "add", "--all")
    assert _git(repository.root, "commit", "--message", "One", **more).returncode == 0


# -- the Action ----------------------------------------------------------------------------


def _check(root: Path, folder: Path, what: str = "readme", where: str = ".") -> tuple[int, str, str]:
    """Run the Action's own script as GitHub would: exit code, what it says, its summary."""
    step = yaml.safe_load(ACTION.read_text())["runs"]["steps"][-1]
    assert set(step["env"]) == {"PYTHON", "WHAT", "ROOT"}
    summary = folder / "summary.md"
    summary.touch()
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=root,
        env=_environment(PYTHON=sys.executable, WHAT=what, ROOT=where, GITHUB_STEP_SUMMARY=str(summary)),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, summary.read_text()


def test_no_input_is_put_into_a_script():
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)


def test_action_passes_what_is_in_step_and_names_what_is_not(repository, tmp_path):
    code, said, summary = _check(repository.root, tmp_path, "both")
    assert (code, summary) == (0, ""), said
    _out_of_step(repository)
    code, said, summary = _check(repository.root, tmp_path)
    assert code == 1
    assert "::error::READMEs are out of step" in said
    assert "| -<!-- papercap:figures small" in summary
    assert _check(repository.root, tmp_path, "archive")[0] == 0
    (figure,) = repository.root.glob("archive/*/figure-2.png")
    figure.unlink()
    code, said, _summary = _check(repository.root, tmp_path, "archive")
    assert code == 1
    assert "::error::the archive is not what its records say" in said
    code, said, _summary = _check(repository.root, tmp_path, where="nowhere")
    assert code == 1
    assert "failed (exit code 4)" in said


def test_record_that_was_pulled_without_its_rows_is_seen(repository, tmp_path):
    index = (repository.root / "index.db").read_bytes()
    _out_of_step(repository)
    (repository.root / "index.db").write_bytes(index)  # git took the older of two
    assert _check(repository.root, tmp_path)[0] == 1
    assert repository("readme").out == "README.md: written\n"
    assert _check(repository.root, tmp_path, "both")[0] == 0


def test_checkout_cannot_give_the_runner_commands_or_code(repository, tmp_path):
    (repository.root / "papercap.toml").write_text('catalogues = ["README.md", "::stop-commands::x.md"]\n')
    (repository.root / "::stop-commands::x.md").write_text(
        "# Models\n````\n\n<!-- papercap:gallery -->\n<!-- /papercap:gallery -->\n"
    )
    (repository.root / "papercap.py").write_text("open('pwned', 'w')\n")
    (repository.root / "click.py").write_text("open('pwned', 'w')\n")
    _code, said, _summary = _check(repository.root, tmp_path, "both")
    assert "stop-commands" in said
    assert not any(line.lstrip().startswith("::stop") for line in said.splitlines())
    assert not (repository.root / "pwned").exists()


def test_commit_that_only_deletes_is_looked_at(repository, tmp_path):
    repository.root.joinpath(".gitignore").write_text("index.db\n")
    _git(repository.root, "rm", "--cached", "--quiet", "index.db")
    more = _use(repository, tmp_path, "papercap-readme")
    (paper,) = repository("list", "--json").json
    assert repository("remove", paper["id"]).code == 0
    _git(repository.root, "add", "--all")
    assert _git(repository.root, "commit", "--message", "Remove", **more).returncode != 0


@pytest.mark.parametrize("hostile", ['$(touch pwned); "', "; touch pwned", "`touch pwned`"])
def test_action_runs_nothing_that_an_input_says(repository, tmp_path, hostile):
    assert _check(repository.root, tmp_path, where=hostile)[0] != 0
    assert _check(repository.root, tmp_path, what=hostile)[0] != 0
    assert not list(repository.root.rglob("pwned"))
