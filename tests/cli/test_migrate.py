"""`stend migrate`: before any service, twice, two at once, and without an engine."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from stend.runtime.migrating import MIGRATING
from stend.runtime.rows import ROWS
from stend.runtime.services import PLANS
from tests.conftest import PROJECT, LiveStand
from tests.guarantees.shop.engines import Engines, engines_alone


@dataclass(frozen=True, slots=True)
class Migrations:
    """`stend migrate` on engines that no service has seen yet."""

    engines: Engines

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "stend", "migrate", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(),
        )

    def environment(self) -> Mapping[str, str]:
        variables = {row.name: row.variable for row in ROWS}
        wanted = {variables[name]: str(value) for name, value in self.engines.settings.items()}
        return {
            **wanted,
            "STEND_ROOT": str(self.engines.root),
            "STEND_LANG": "en",
            "PYTHONPATH": str(PROJECT / "src"),
        }


@pytest.fixture(scope="module")
def migrations() -> Iterator[Migrations]:
    with engines_alone() as engines:
        yield Migrations(engines)


def ended(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What it did, by service."""
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 0, said
    return {one["service"]: one for one in json.loads(said)["services"]}


@pytest.mark.slow
def test_of_two_at_once_one_migrates_and_the_other_finds_it_done(migrations: Migrations) -> None:
    with contextlib.ExitStack() as running:
        both = [running.enter_context(migrations.begin("--json")) for _ in range(2)]
        first, second = (ended(process) for process in both)
    assert list(first) == list(second) == list(MIGRATING)
    for name in MIGRATING:
        one, other = first[name], second[name]
        assert one["engine"] == other["engine"] == PLANS[name].uses[0]
        newest = one["after"]
        assert other["after"] == newest
        if name == "catalog":
            assert newest is None
        else:
            # Exactly one of them found nothing there.
            assert {one["before"], other["before"]} == {None, newest}
    with migrations.begin("loyalty", "payments") as again:
        said, _ = again.communicate(timeout=90)
    assert again.returncode == 0
    assert said.splitlines() == [
        f"● loyalty: mysql, version {first['loyalty']['after']}, nothing to do",
        f"● payments: postgresql, version {first['payments']['after']}, nothing to do",
    ]


def test_services_that_have_started_left_nothing_to_do(live_stand: LiveStand) -> None:
    done = live_stand.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    for one in json.loads(done.stdout)["services"]:
        assert one["before"] == one["after"], one


def test_a_store_that_is_away_is_exit_code_2_and_what_follows_is_not_begun(
    new_stand: LiveStand,
) -> None:
    done = new_stand.command("migrate", "--wait", "1", "stock", "catalog")
    assert (done.returncode, done.stdout) == (2, "")
    assert "stock: not migrated: PostgreSQL cannot be reached" in done.stderr
    assert "catalog" not in done.stderr


@pytest.mark.parametrize("name", ["delivery", "bakery"])
def test_a_service_without_migrations_is_exit_code_2(new_stand: LiveStand, name: str) -> None:
    done = new_stand.command("migrate", name)
    assert (done.returncode, "orders, catalog" in done.stderr) == (2, True)
