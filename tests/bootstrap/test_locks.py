"""The locks of this repository."""

from __future__ import annotations

import re
import tomllib
from typing import cast

import pytest

from bootstrap.install import names_in, normalise
from tests.bootstrap.project import ROOT

ENTRY = re.compile(r"^[a-z0-9][^\n]*\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE)

MARKER = re.compile(r" ; [^\n\\]+(?= \\\n)")


def lock(name: str) -> str:
    return (ROOT / "locks" / name).read_text(encoding="utf-8")


def wanted(names: list[str]) -> set[str]:
    """Return the names in a list of requirements."""
    return {normalise(re.split(r"[^A-Za-z0-9._-]", name)[0]) for name in names}


def test_what_is_tested_is_what_runs() -> None:
    run, test = (set(ENTRY.findall(lock(name))) for name in ("run.txt", "test.txt"))

    assert run
    # What runs on one system only may be tested on every one, in the same version.
    for entry in run - test:
        assert MARKER.sub("", entry) in test
    assert run & test < test


def test_the_locks_follow_from_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = cast("list[str]", project["project"]["dependencies"])
    tools = cast("list[str]", project["dependency-groups"]["dev"])

    missing = wanted(needed) - names_in(lock("run.txt").encode())
    missing |= wanted(needed + tools) - names_in(lock("test.txt").encode())

    assert not missing, "run scripts/lock"


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_package_has_hashes_and_none_an_address(name: str) -> None:
    text = lock(name)
    title, _, entries = text.split("\n", 2)

    assert title.startswith("# ")
    assert "".join(ENTRY.findall(text)) == entries
    assert "://" not in text


def test_the_first_lines_tell_the_locks_apart() -> None:
    assert lock("run.txt").partition("\n")[0] != lock("test.txt").partition("\n")[0]
