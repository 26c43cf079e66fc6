"""What the editor and the dev container are told exists: commands, options, modules, ports."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main

from stend.cli.commands import make_app
from stend.cli.session import Session
from stend.kit.languages import Language
from stend.runtime.addresses import addresses_of
from stend.runtime.rows import VARIABLES
from stend.runtime.rows.stand import SERVICES
from stend.runtime.services import PLANS
from stend.runtime.settings import parse
from tests.conftest import LISTENING

ROOT = Path(__file__).parents[2]
VSCODE = ROOT / ".vscode"
# A text, so that `//` in it begins no comment, or a comment.
_TEXT_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*')
_EXTENSION = re.compile(r"[\w-]+\.[\w-]+")


def read(path: Path) -> Any:
    """JSON with comments, as VS Code and dev containers read it."""
    text = _TEXT_OR_COMMENT.sub(lambda found: found[1] or "", path.read_text(encoding="utf-8"))
    return json.loads(text)


LAUNCH = read(VSCODE / "launch.json")
TASKS = read(VSCODE / "tasks.json")["tasks"]
CONTAINER = read(ROOT / ".devcontainer" / "devcontainer.json")
# A group, of a class that typer keeps to itself.
COMMANDS: dict[str, click.Command] = getattr(
    typer.main.get_command(make_app(Session(Language.EN))), "commands", {}
)


def command(words: list[str]) -> click.Command:
    """The command that words call; its options are checked."""
    found = COMMANDS[words[0]]
    known = {name for parameter in found.params for name in parameter.opts}
    # What `test` does not know goes to pytest.
    assert words[0] == "test" or {one for one in words if one.startswith("--")} <= known
    return found


@pytest.mark.parametrize("given", LAUNCH["configurations"], ids=lambda given: given["name"])
def test_what_is_launched_exists(given: dict[str, Any]) -> None:
    assert importlib.util.find_spec(given["module"])
    assert given.get("env", {}).keys() <= {*VARIABLES.values(), "STEND_ROOT"}
    if given["module"] == "stend":
        command(given["args"])
        name = {"call": "operation", "serve": "service"}.get(given["args"][0])
        parameters = {one.name for one in command(given["args"]).params}
        assert name is None or name in parameters


def test_choices_are_all_there_are() -> None:
    choices = {one["id"]: one["options"] for one in LAUNCH["inputs"]}
    assert choices["service"] == list(SERVICES)
    settings = parse({}, {}, {})
    endpoints = PLANS["orders"].endpoints(settings, addresses_of(settings))
    # SSE carries TrackOrder alone.
    assert {*choices["protocol"], "sse"} == {endpoint.protocol for endpoint in endpoints}
    used = re.findall(r"\$\{input:(\w+)\}", json.dumps(LAUNCH["configurations"]))
    assert set(used) == choices.keys()


@pytest.mark.parametrize("given", TASKS, ids=lambda given: given["label"])
def test_what_a_task_runs_exists(given: dict[str, Any]) -> None:
    words = given["command"].split()
    if words[0] == "./stend":
        assert (ROOT / words[0]).exists()
        command(words[1:])
        assert given["windows"]["command"].split() == ["python", "stend", *words[1:]]
    else:
        windows = given["windows"]["command"].split()
        assert words[0].startswith(".venv/bin/")
        assert windows[0] == words[0].replace("/bin/", "/Scripts/").replace("/", "\\")
        assert words[1:] == windows[1:]


MATCHERS = {
    "pytest": ("tests/kit/test_money.py:12: AssertionError", "tests/kit/test_money.py"),
    "ruff": ("src/stend/kit/money.py:3:1: F401 `os` imported but unused", "src/stend/kit/money.py"),
    "mypy": ("src/stend/kit/money.py:3: error: Missing return  [return]", "src/stend/kit/money.py"),
}


def test_matchers_find_the_file_of_a_problem() -> None:
    found = [one["problemMatcher"] for one in TASKS if one["problemMatcher"]]
    assert {one["owner"] for one in found} == MATCHERS.keys()
    for one in found:
        line, file = MATCHERS[one["owner"]]
        pattern = one["pattern"]
        match = re.match(pattern["regexp"], line)
        assert match
        assert match[pattern["file"]] == file
        assert match[pattern["line"]].isdigit()


def test_extensions_are_named_once() -> None:
    for listed in (
        read(VSCODE / "extensions.json")["recommendations"],
        CONTAINER["customizations"]["vscode"]["extensions"],
    ):
        assert len(set(listed)) == len(listed)
        assert [one for one in listed if not _EXTENSION.fullmatch(one)] == []


def test_settings_point_at_what_is_there() -> None:
    settings = read(VSCODE / "settings.json")
    places = [*settings["python.testing.pytestArgs"], *settings["python.analysis.extraPaths"]]
    assert [place for place in places if not (ROOT / place).is_dir()] == []
    for pattern in settings["files.associations"]:
        for name in named(pattern):
            assert list(ROOT.glob(name)), pattern


def named(pattern: str) -> list[str]:
    """The names that braces stand for."""
    braces = re.search(r"\{([^}]+)\}", pattern)
    plain = pattern.removeprefix("**/")
    if braces is None:
        return [plain]
    return [plain.replace(braces[0], one) for one in braces[1].split(",")]


def test_the_container_forwards_the_ports_that_a_person_uses() -> None:
    forwarded = CONTAINER["forwardPorts"]
    assert forwarded == [8000 + offset for offset in LISTENING]
    assert CONTAINER["portsAttributes"].keys() == {str(port) for port in forwarded}


def test_the_container_has_the_python_of_the_image() -> None:
    dockerfile = (ROOT / "deploy" / "images" / "Dockerfile").read_text(encoding="utf-8")
    version = re.search(r"^FROM python:([\d.]+)-", dockerfile, re.MULTILINE)
    assert version
    assert CONTAINER["image"].startswith(f"python:{version[1]}-")
