"""The table of `stend parity`: how two runs become one, and that the kept one is up to date."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.engines.suite import parity
from tests.engines.suite.checks import Engines
from tests.engines.suite.results import SUITE
from tests.engines.suite.shop import SHOP

REASON = {"ru": "нет", "en": "no"}


def line(name: str, outcome: str, reason: dict[str, str] | None = None) -> dict[str, Any]:
    title = {"ru": name, "en": name}
    return {"role": "redis", "name": name, "title": title, "reason": reason, "outcome": outcome}


@pytest.mark.parametrize(
    ("embedded", "real", "expected"),
    [
        ("pass", "pass", ("pass", "pass", None)),
        ("differs", "pass", ("refused", "pass", REASON)),
        ("pass", "differs", ("pass", "differs", REASON)),
        ("pass", "fail", ("pass", "fail", None)),
        ("skip", "pass", ("fail", "pass", None)),
    ],
)
def test_two_runs_become_one_row(
    embedded: str, real: str, expected: tuple[str, str, dict[str, str] | None]
) -> None:
    row = parity.row(line("a", embedded, REASON), line("a", real, REASON))
    assert (row["embedded"], row["real"], row["reason"]) == expected


def test_a_check_that_one_of_the_runs_has_not_met_failed_there() -> None:
    row = parity.row(None, line("a", "pass"))
    assert (row["embedded"], row["real"]) == ("fail", "pass")


def test_of_the_parameters_of_one_check_the_worst_counts() -> None:
    lines = [line("a", "pass"), line("a", "fail"), line("a", "differs"), line("b", "pass")]
    outcomes = {name: one["outcome"] for name, one in parity.checks("redis", lines).items()}
    assert outcomes == {"a": "fail", "b": "pass"}


def test_roles_carry_the_versions_that_their_servers_told() -> None:
    told = {
        Engines.EMBEDDED: [{"role": "redis", "version": "Valkey 9"}, line("a", "pass")],
        Engines.EXTERNAL: [{"role": "redis", "version": "Redis 7"}, line("a", "pass")],
    }
    roles = {role["role"]: role for role in parity.table(told)["roles"]}
    assert (roles["redis"]["embedded"], roles["redis"]["real"]) == ("Valkey 9", "Redis 7")
    assert [check["name"] for check in roles["redis"]["checks"]] == ["a"]


def test_files_stand_by_name_and_their_checks_as_they_were_run() -> None:
    run = [line(name, "pass") for name in ("b.py::z", "b.py::c", "a.py::y", "a.py::x")]
    roles = {role["role"]: role for role in parity.table(dict.fromkeys(Engines, run))["roles"]}
    names = [check["name"] for check in roles["redis"]["checks"]]
    assert names == ["a.py::y", "a.py::x", "b.py::z", "b.py::c"]


def test_without_addresses_of_real_servers_it_says_how_to_get_them() -> None:
    own = {k: v for k, v in os.environ.items() if k not in parity.ADDRESSES}
    done = subprocess.run(
        [sys.executable, "-m", "stend", "parity", "--lang", "en"],
        env={**own, "STEND_ROOT": str(PROJECT), "PYTHONPATH": str(PROJECT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "STEND_AMQP_URL" in done.stderr
    assert "scripts/real-engines/real-engines run -- ./stend parity" in done.stderr


def test_the_kept_table_is_of_the_checks_that_there_are() -> None:
    kept = json.loads((PROJECT / "docs" / "parity.json").read_text(encoding="utf-8"))
    rows = [check for role in kept["roles"] for check in role["checks"]]
    assert {row["name"] for row in rows} == set(written())
    assert "fail" not in {row[side] for row in rows for side in ("embedded", "real")}
    assert all(row["reason"] for row in rows if row["embedded"] != row["real"])


def test_the_tests_of_one_file_of_the_shop_are_one_row_with_the_sums_of_their_figures() -> None:
    path = "guarantees/test_saga_crashes.py"
    run = [
        {"shop": path, "outcome": "pass", "figures": {"lives": 5, "orders": 40}},
        {"shop": path, "outcome": "fail", "figures": {"lives": 1}},
        {"shop": "shop/test_whole_shop.py", "outcome": "pass", "figures": {}},
    ]
    rows = {row["name"]: row for row in parity.table(dict.fromkeys(Engines, run))["shop"]}
    assert rows[path]["real"] == {"tests": 2, "passed": 1, "figures": {"lives": 6, "orders": 40}}
    assert rows["shop/test_whole_shop.py"]["embedded"]["passed"] == 1
    assert list(rows) == list(SHOP)


def test_the_kept_table_is_of_the_shop_that_runs_on_real_servers() -> None:
    kept = json.loads((PROJECT / "docs" / "parity.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in kept["shop"]] == list(SHOP)
    for row in kept["shop"]:
        for side in (row["embedded"], row["real"]):
            assert 0 < side["tests"] == side["passed"], row


def written() -> Iterator[str]:
    """Every check of the suite, as its source has it."""
    for path in SUITE.rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            name = getattr(node, "name", "")
            if name.startswith("test_"):
                yield f"{path.relative_to(SUITE).as_posix()}::{name}"
