"""Pytest plugin: writes how each check went to a file, one JSON object a line, for `stend parity`.

pytest -p tests.engines.suite.results --suite-results FILE tests/engines/suite

A test of the shop is a line, too: its file, how it went, and what it has recorded.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

SUITE = Path(__file__).parent
_TESTS = SUITE.parent.parent
PLUGIN = "tests.engines.suite.results"
_OUTCOME = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--suite-results", type=Path, help="file that gets a JSON line per check")


def pytest_configure(config: pytest.Config) -> None:
    file: Path | None = config.getoption("--suite-results")
    if file is None:
        raise pytest.UsageError(f"-p {PLUGIN} needs --suite-results FILE")
    file.write_text("", encoding="utf-8")


def tell_version(config: pytest.Config, role: str, version: str) -> None:
    """Which server the checks of a role have met."""
    _write(config, {"role": role, "version": version})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    before = item.stash.get(_OUTCOME, "pass")
    if report.failed:
        item.stash[_OUTCOME] = "fail"
    elif report.skipped and before != "fail":
        item.stash[_OUTCOME] = "differs" if hasattr(report, "wasxfail") else "skip"
    if call.when == "teardown":
        _write(item.config, _line(item))
    return report


def _line(item: pytest.Item) -> dict[str, Any]:
    if SUITE not in item.path.parents:
        return _of_shop(item)
    path = item.path.relative_to(SUITE)
    title, differs = item.get_closest_marker("check"), item.get_closest_marker("differs")
    assert title is not None
    # The parameters of one check are one row of the table.
    function = item.name.partition("[")[0]
    return {
        "role": path.parts[0],
        "name": f"{path.as_posix()}::{function}",
        "title": {"ru": title.args[0].ru, "en": title.args[0].en},
        "reason": {"ru": differs.args[1].ru, "en": differs.args[1].en} if differs else None,
        "outcome": item.stash.get(_OUTCOME, "pass"),
    }


def _of_shop(item: pytest.Item) -> dict[str, Any]:
    return {
        "shop": item.path.relative_to(_TESTS).as_posix(),
        "outcome": item.stash.get(_OUTCOME, "pass"),
        # What the test has recorded with `record_property`.
        "figures": dict(item.user_properties),
    }


def _write(config: pytest.Config, line: dict[str, Any]) -> None:
    file: Path = config.getoption("--suite-results")
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
