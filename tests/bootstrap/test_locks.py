"""The locks of this repository."""

from __future__ import annotations

import itertools
import re
import tomllib
from typing import cast

import pytest

from bootstrap.install import names_in, normalise
from tests.bootstrap.project import ROOT

ENTRY = re.compile(r"^[a-z0-9][^\n]*\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE)

MARKER = re.compile(r" ; ([^\n\\]+)(?= \\\n)")
# Each has all that the one before it has.
NAMES = ("run.txt", "notebooks.txt", "test.txt")


def lock(name: str) -> str:
    return (ROOT / "locks" / name).read_text(encoding="utf-8")


def wanted(names: list[str]) -> set[str]:
    """Return the names in a list of requirements."""
    return {normalise(re.split(r"[^A-Za-z0-9._-]", name)[0]) for name in names}


@pytest.mark.parametrize(("smaller", "larger"), list(itertools.pairwise(NAMES)))
def test_what_is_tested_is_what_runs(smaller: str, larger: str) -> None:
    run, test = (set(ENTRY.findall(lock(name))) for name in (smaller, larger))

    assert run
    # What runs on one system only may be tested on more of them, in the same version.
    for entry in run - test:
        (found,) = (one for one in test if MARKER.sub("", one) == MARKER.sub("", entry))
        narrower, wider = marker_of(entry), marker_of(found)
        assert not wider or narrower.startswith(f"{wider} and ")
    assert run & test < test


def marker_of(entry: str) -> str:
    """Where the package is for; empty for every system."""
    found = MARKER.search(entry)
    return found[1] if found else ""


def test_the_locks_follow_from_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = cast("list[str]", project["project"]["dependencies"])
    tools = cast("list[str]", project["dependency-groups"]["dev"])

    extra = cast("list[str]", project["project"]["optional-dependencies"]["notebooks"])

    missing = wanted(needed) - names_in(lock("run.txt").encode())
    missing |= wanted(needed + extra) - names_in(lock("notebooks.txt").encode())
    missing |= wanted(needed + extra + tools) - names_in(lock("test.txt").encode())

    assert not missing, "run scripts/lock"


@pytest.mark.parametrize("name", NAMES)
def test_every_package_has_hashes_and_none_an_address(name: str) -> None:
    text = lock(name)
    title, _, entries = text.split("\n", 2)

    assert title.startswith("# ")
    assert "".join(ENTRY.findall(text)) == entries
    assert "://" not in text


def test_the_first_lines_tell_the_locks_apart() -> None:
    assert len({lock(name).partition("\n")[0] for name in NAMES}) == len(NAMES)
