"""`stend init`: a learner's repository, and its workflow as a runner would carry it out."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.course.sample import make_course, of_course

pytestmark = pytest.mark.slow

_MADE = {
    ".devcontainer/devcontainer.json",
    ".devcontainer/install",
    ".github/workflows/course.yml",
    ".gitignore",
    ".vscode/extensions.json",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    "README.md",
    "learner.toml",
}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    make_course(folder)
    return folder


def said(
    school: Path,
    *words: str,
    cwd: Path | None = None,
    lang: str = "en",
    more: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", *words],
        capture_output=True,
        text=True,
        env={**of_course(school, lang), **(more or {})},
        cwd=cwd or school,
        timeout=60,
        check=False,
    )


def made(
    school: Path, folder: Path, *words: str, more: Mapping[str, str] | None = None
) -> dict[str, Any]:
    done = said(school, "init", str(folder), "--json", *words, more=more)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("language", "title"), [("ru", "# Курс stend"), ("en", "# The stend course")]
)
def test_files_are_made_and_read(school: Path, tmp_path: Path, language: str, title: str) -> None:
    config = tmp_path / "gitconfig"
    config.write_text('[user]\n\tname = "Ann <b>\\"Q\\" *x*"\n')
    folder = tmp_path / "mine"
    told = made(school, folder, "--language", language, more={"GIT_CONFIG_GLOBAL": str(config)})
    assert (set(told["made"]), told["git"]) == (_MADE, "made")
    assert told["name"] == 'Ann <b>"Q" *x*'
    assert tomllib.loads((folder / "learner.toml").read_text())["name"] == told["name"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(title)
    assert 'Ann \\<b\\>"Q" \\*x\\*' in readme
    for name in told["made"]:
        text = (folder / name).read_text(encoding="utf-8")
        assert not [word for word in ("@NAME", "@VERSION@", "@LANGUAGE@") if word in text]
        if name.endswith(".json"):
            json.loads(text)
    head = (folder / ".git" / "HEAD").read_text()
    assert head == "ref: refs/heads/main\n"
    status = subprocess.run(
        ["git", "-C", str(folder), "status", "--porcelain", "-uall"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line[3:] for line in status.stdout.splitlines()} == _MADE


def test_nothing_is_overwritten(school: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / ".vscode").write_text("a file where a folder is wanted")
    done = said(school, "init", str(tmp_path))
    assert done.returncode == 2
    assert ".vscode, README.md already" in " ".join(done.stderr.split())
    assert {one.name for one in tmp_path.iterdir()} == {"notes.txt", "README.md", ".vscode"}
    (tmp_path / "README.md").unlink()
    (tmp_path / ".vscode").unlink()
    made(school, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert said(school, "init", str(tmp_path)).returncode == 2
    assert said(school, "init", str(tmp_path / "notes.txt")).returncode == 2


def test_without_git_it_goes_on(school: Path, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    done = said(school, "init", str(tmp_path / "mine"), more={"PATH": str(empty)})
    assert done.returncode == 0
    assert "git was not found" in done.stdout
    assert not (tmp_path / "mine" / ".git").exists()
    assert "The name in reports: mine." in done.stdout


def test_a_repository_that_is_there_stays(school: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/trunk\n")
    assert made(school, tmp_path)["git"] == "there"
    assert (tmp_path / ".git" / "HEAD").read_text() == "ref: refs/heads/trunk\n"


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_it_fits_a_terminal(school: Path, tmp_path: Path, lang: str) -> None:
    done = said(school, "init", str(tmp_path), lang=lang)
    assert not [
        one for one in done.stdout.splitlines() if len(one) > 80 and str(tmp_path) not in one
    ]


def test_a_language_that_there_is_not(school: Path, tmp_path: Path) -> None:
    done = said(school, "init", str(tmp_path / "x"), "--language", "de")
    assert (done.returncode, (tmp_path / "x").exists()) == (2, False)
    assert "There is no language 'de'" in done.stderr


def test_commands_typed_in_it_find_it(school: Path, tmp_path: Path) -> None:
    made(school, tmp_path)
    said(school, "start", "8.1", cwd=tmp_path)
    place = tmp_path / "08-rest" / "01-contract"
    (place / "answer.txt").write_text("42")
    assert said(school, "check", "8.1", cwd=place).returncode == 0
    assert said(school, "check", "8.1", "--workspace", str(tmp_path)).returncode == 0
    assert json.loads((tmp_path / "progress.json").read_text())["exercises"]


class Runner:
    """Carries out the `run` lines of a workflow with programs that stand for those of GitHub.

    The stand is not started: no exercise of this course asks one. `pip` finds stend installed.
    """

    def __init__(self, school: Path, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.summary = scratch / "summary.md"
        self.calls = scratch / "calls"
        bin_ = scratch / "bin"
        bin_.mkdir(parents=True)
        stend = f'exec "{sys.executable}" -m stend "$@"'
        note = f'printf "%s " "${{0##*/}}" "$@" >> "{self.calls}"; echo >> "{self.calls}"'
        _program(bin_ / "stend", f'case "$1" in up) {note};; *) {stend};; esac')
        _program(bin_ / "python", note)
        _program(bin_ / "gh", note)
        path = os.pathsep.join((str(bin_), "/usr/bin", "/bin"))
        self._environment = {
            **of_course(school),
            "PATH": path,
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "PULL_REQUEST": "7",
        }

    def run(self, job: dict[str, Any]) -> list[int]:
        """The exit codes of its steps; after a failure only those that run `always()`."""
        codes: list[int] = []
        for step in job["steps"]:
            if "run" not in step or (any(codes) and step.get("if") != "always()"):
                continue
            # As the runner calls it where no shell is named.
            command = ["bash", "--noprofile", "--norc", "-e", "-c", step["run"]]
            done = subprocess.run(
                command, cwd=self.folder, env=self._environment, timeout=60, check=False
            )
            codes.append(done.returncode)
        return codes


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_its_workflow_runs(school: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    made(school, folder, "--language", "ru")
    version = _version(school)
    (folder / "08-rest/01-contract").mkdir(parents=True)
    answer = folder / "08-rest/01-contract/answer.txt"
    answer.write_text("42")
    workflow = yaml.safe_load((folder / ".github/workflows/course.yml").read_text())
    first = Runner(school, folder, tmp_path / "first")
    assert first.run(workflow["jobs"]["check"]) == [0, 0, 0, 0]
    calls = first.calls.read_text().splitlines()
    assert calls[0].split() == ["python", "-m", "pip", "install", f"stend=={version}"]
    assert calls[1].split() == ["stend", "up", "--detach", "--no-browser"]
    assert "● сдано | 5/5" in first.summary.read_text(encoding="utf-8")
    assert (folder / "report.html").is_file()
    assert first.run(workflow["jobs"]["comment"]) == [0]
    told = first.calls.read_text().splitlines()[-1].split()
    assert told[:6] == ["gh", "pr", "comment", "7", "--body-file", "report.md"]

    answer.write_text("41")
    second = Runner(school, folder, tmp_path / "second")
    assert second.run(workflow["jobs"]["check"]) == [0, 0, 1, 0]
    assert "Было сдано, а теперь не проходит: 8.1." in second.summary.read_text(encoding="utf-8")

    (folder / "stend-9.9-py3-none-any.whl").write_text("")
    third = Runner(school, folder, tmp_path / "third")
    third.run(workflow["jobs"]["check"])
    wheel = third.calls.read_text().splitlines()[0].split()[-1]
    assert wheel == "stend-9.9-py3-none-any.whl"


def test_code_of_a_pull_request_has_no_rights(school: Path, tmp_path: Path) -> None:
    made(school, tmp_path)
    text = (tmp_path / ".github/workflows/course.yml").read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    check, comment = workflow["jobs"]["check"], workflow["jobs"]["comment"]
    assert "permissions" not in check
    assert check["steps"][0]["with"] == {"persist-credentials": False}
    # The job with a right to write neither has the code nor runs any of it.
    assert comment["permissions"] == {"pull-requests": "write"}
    assert [step["uses"] for step in comment["steps"] if "uses" in step] == [
        "actions/download-artifact@v4"
    ]
    # `on` is a boolean in YAML 1.1.
    assert set(workflow[True]) == {"push", "pull_request", "workflow_dispatch"}
    for job in (check, comment):
        assert job["timeout-minutes"] <= 30
        assert all(set(step) & {"uses", "run"} for step in job["steps"])
        # Nothing that somebody else has named becomes a part of a shell's line.
        assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


def _version(school: Path) -> str:
    return said(school, "--version").stdout.split()[1]
