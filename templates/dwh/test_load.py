"""Batches in every order, twice, broken, and killed before each statement; figures stay right."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from load import RefusedError, Warehouse, load_all, schema_of

HERE = Path(__file__).parent
INCOMING = HERE / "incoming"
BATCHES = sorted(INCOMING.glob("*.csv"))
TIMEOUT_S = 60
REVENUE = [
    ("2026-03-01", "Kazan", "base", 2, 24500),
    ("2026-03-01", "Moscow", "base", 1, 10000),
    ("2026-03-02", "Kazan", "gold", 1, 30000),
    ("2026-03-02", "unknown", "unknown", 1, 700),
]
HISTORY = [
    ("ann", "Moscow", "base", "2026-01-01 00:00:00", "2026-03-01 12:00:00", False),
    ("ann", "Kazan", "base", "2026-03-01 12:00:00", "2026-03-02 09:00:00", False),
    ("ann", "Kazan", "gold", "2026-03-02 09:00:00", None, True),
    ("bob", "Kazan", "base", "2026-01-01 00:00:00", None, True),
]


def revenue(folder: Path) -> list[Any]:
    """As any other tool sees it: in the Parquet file."""
    query = f"SELECT CAST(day AS VARCHAR), * EXCLUDE day FROM '{folder / 'revenue.parquet'}'"
    with duckdb.connect() as db:
        return db.execute(query).fetchall()


def history(folder: Path) -> list[Any]:
    query = (
        "SELECT * REPLACE (CAST(valid_from AS VARCHAR) AS valid_from, "
        f"CAST(valid_to AS VARCHAR) AS valid_to) FROM '{folder / 'dim_customer.parquet'}' "
        "ORDER BY customer_id, valid_from"
    )
    with duckdb.connect() as db:
        return db.execute(query).fetchall()


def load(folder: Path, *batches: Path) -> None:
    with closing(Warehouse(folder)) as warehouse:
        for path in batches:
            warehouse.load(path)
        warehouse.export()


def run(warehouse: Path, incoming: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(HERE / "load.py"), str(incoming)],
        env={**os.environ, "WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_the_command_loads_once_and_says_so(tmp_path: Path) -> None:
    load(tmp_path, *BATCHES[:2])
    done = run(tmp_path, INCOMING)
    assert done.returncode == 0, done.stderr
    words = ["is in already"] * 2 + ["loaded"] * 2
    expected = [f"{path.name} {word}" for path, word in zip(BATCHES, words, strict=True)]
    assert done.stderr.splitlines() == expected
    assert revenue(tmp_path) == REVENUE
    assert history(tmp_path) == HISTORY


def test_batches_may_come_in_any_order(tmp_path: Path) -> None:
    turned = [BATCHES[turn:] + BATCHES[:turn] for turn in range(len(BATCHES))]
    for number, batches in enumerate([*turned, BATCHES[::-1]]):
        folder = tmp_path / str(number)
        load(folder, *batches)
        assert revenue(folder) == REVENUE, batches
        assert history(folder) == HISTORY, batches


def batch(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join((*lines, "")), encoding="utf-8")
    return path


CUSTOMERS = "customer_id,city,level,changed_at"
GOOD = "kim,Tver,base,2026-03-03T00:00:00Z"


@pytest.mark.parametrize(
    ("name", "lines", "told"),
    [
        ("customers-1.csv", [CUSTOMERS], "it is empty"),
        ("customers-1.csv", [], "it is empty"),
        ("customers-1.csv", [CUSTOMERS, GOOD, "lou,Tver,iron,2026-03-03T00:00:00Z"], "row 3"),
        ("customers-1.csv", [CUSTOMERS, GOOD, "lou,Tver,base"], "row 3"),
        ("customers-1.csv", [CUSTOMERS, GOOD + ",more"], "row 2"),
        ("customers-1.csv", [CUSTOMERS, "kim,Tver,base,yesterday"], "row 2"),
        ("customers-1.csv", [CUSTOMERS, "kim,Tver,base,2026-02-30T00:00:00Z"], "2026-2-30"),
        ("customers-1.csv", ["customer_id,city,level", "kim,Tver,base"], "changed_at"),
        ("customers-1.csv", [CUSTOMERS, 'kim,"Tver,base'], "unexpected end"),
        ("customers-1.csv", [CUSTOMERS, GOOD, GOOD.replace("Tver", "Omsk")], "uplicate key"),
        ("customers-9.csv", [CUSTOMERS, "ann,Omsk,base,2026-01-01T00:00:00Z"], "uplicate key"),
        ("orders-1.csv", [CUSTOMERS, GOOD], "row 2"),
        ("refunds-1.csv", [CUSTOMERS, GOOD], "no kind of batch"),
    ],
)
def test_a_bad_batch_is_refused_as_a_whole_and_the_others_go_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, lines: Sequence[str], told: str
) -> None:
    incoming = tmp_path / "incoming"
    shutil.copytree(INCOMING, incoming)
    batch(incoming, name, *lines)
    with closing(Warehouse(tmp_path / "warehouse")) as warehouse:
        assert not load_all(warehouse, incoming)
    (refusal,) = (one.getMessage() for one in caplog.records if one.levelname == "ERROR")
    assert told in refusal
    assert history(tmp_path / "warehouse") == HISTORY
    assert revenue(tmp_path / "warehouse") == REVENUE


def test_a_batch_that_has_changed_is_refused(tmp_path: Path) -> None:
    path = batch(tmp_path, "customers-1.csv", CUSTOMERS, GOOD)
    with closing(Warehouse(tmp_path / "warehouse")) as warehouse:
        assert warehouse.load(path)
        batch(tmp_path, "customers-1.csv", CUSTOMERS, GOOD.replace("Tver", "Omsk"))
        with pytest.raises(RefusedError, match="has changed since"):
            warehouse.load(path)
        warehouse.export()
    assert history(tmp_path / "warehouse")[0][1] == "Tver"


class Killing(Warehouse):
    """Ends the process as hard as can be before the Nth statement."""

    left = 0

    def run(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run(query, values)


def load_killing(folder: Path, statements: int) -> None:
    Killing.left = statements
    load_all(Killing(folder), INCOMING)


@pytest.mark.parametrize("last", [path.name for path in BATCHES[1::2]])
def test_killed_before_each_statement_of_a_batch_it_still_ends_right(
    tmp_path: Path, last: str
) -> None:
    load(tmp_path, *(path for path in BATCHES if path.name != last))
    # Forked: each is a process of its own, and needs no time to start.
    fork = multiprocessing.get_context("fork")
    for statements in range(1, 1000):
        process = fork.Process(target=load_killing, args=(tmp_path, statements))
        process.start()
        process.join(TIMEOUT_S)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert statements > 10
    assert revenue(tmp_path) == REVENUE
    assert history(tmp_path) == HISTORY


def test_two_loads_at_once_do_not_mix(tmp_path: Path) -> None:
    with closing(Warehouse(tmp_path)):
        done = run(tmp_path, INCOMING)
    assert done.returncode == 2
    assert "cannot be opened" in done.stderr


def test_the_samples_are_as_the_contract_says() -> None:
    for kind in ("customers", "orders"):
        jsonschema.Draft202012Validator.check_schema(schema_of(kind))
