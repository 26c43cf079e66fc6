"""Orders are placed, refused, and killed before every single commit, and the books balance."""

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from participants import Ledger, Order, Reason, RefusedError
from saga import MAX_ATTEMPTS, Orchestrator, Step, main, make_orchestrator

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))
TIMEOUT_S = 60
# The ways an order can go.
GOOD: tuple[str, ...] = ("o-good", "MILK-1", "2", "ann", "17980")
NO_MILK: tuple[str, ...] = ("o-milk", "MILK-1", "11", "ann", "100")
NO_MONEY: tuple[str, ...] = ("o-money", "MILK-1", "1", "ann", "99999999")
ENDS = {
    GOOD: ("confirmed", {"type": "OrderConfirmed"}),
    NO_MILK: ("rejected", {"type": "OrderRejected", "reason": "out-of-stock"}),
    NO_MONEY: ("rejected", {"type": "OrderRejected", "reason": "not-enough-money"}),
}


class Killing(sqlite3.Connection):
    """Ends the process as hard as can be before the Nth commit of all its databases."""

    commits_left = 0

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # A killed process loses nothing that it gave to the system, so no test waits for the disk.
        self.execute("PRAGMA synchronous = OFF")

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            Killing.commits_left -= 1
            if Killing.commits_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(sql, *values)


def run_killing(folder: Path, order: tuple[str, ...], commits: int) -> None:
    Killing.commits_left = commits
    sqlite3.connect = partial(sqlite3.connect, factory=Killing)  # type: ignore[assignment]
    os.environ["FOLDER"] = str(folder)
    main(["place", *order])


def place(folder: Path, order: tuple[str, ...], commits: int = 1_000_000) -> int | None:
    """The exit code of a process that places the order, or is killed before it has."""
    # Forked: it is a process of its own, and needs no time to start.
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=run_killing, args=(folder, order, commits))
    process.start()
    process.join(TIMEOUT_S)
    return process.exitcode


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def balances(folder: Path, order: tuple[str, ...]) -> None:
    """The order has its end, it is told once, and stock and money are as the end says."""
    state, event = ENDS[order]
    assert rows(folder / "orders.db", "SELECT order_id, state FROM sagas") == [(order[0], state)]
    told = [json.loads(row[0]) for row in rows(folder / "listener.db", "SELECT event FROM seen")]
    assert told == [{**event, "order_id": order[0], "event_id": 1}]
    payload = CONTRACT["components"]["messages"][told[0]["type"]]["payload"]
    jsonschema.validate(told[0], payload)
    taken = (int(order[2]), int(order[4])) if state == "confirmed" else (0, 0)
    query = "SELECT amount FROM left_of"
    assert rows(folder / "stock.db", query) == [(10 - taken[0],)]
    assert rows(folder / "payments.db", query) == [(1_000_00 - taken[1],)]


@pytest.mark.parametrize("order", ENDS)
def test_an_order_comes_to_its_end(tmp_path: Path, order: tuple[str, ...]) -> None:
    for _ in range(2):
        assert place(tmp_path, order) == 0
        balances(tmp_path, order)


@pytest.mark.parametrize("order", [GOOD, NO_MONEY])
def test_killed_before_any_commit_the_next_process_brings_it_to_its_end(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    commits = 1
    while place(folder := tmp_path / str(commits), order, commits) == -signal.SIGKILL:
        assert place(folder, order) == 0
        balances(folder, order)
        commits += 1
    # The last one was not killed any more: every commit has had its turn.
    assert commits > 10
    balances(folder, order)


@pytest.mark.parametrize("order", [GOOD, NO_MONEY])
def test_killed_again_and_again_it_still_comes_to_its_end(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    # Each process makes its tables and one commit more than the one before.
    for commits in range(1, 100):
        if place(tmp_path, order, commits) == 0:
            break
    balances(tmp_path, order)


@pytest.fixture
def order() -> Order:
    return Order("o-1", "MILK-1", 2, "ann", 100)


class Uncertain:
    """A service that does what it is told, and whose answers get lost."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.answers = False

    def act(self, _: Order) -> None:
        self.done.append("act")
        if not self.answers:
            raise sqlite3.OperationalError("timed out")

    def undo(self, _: Order) -> None:
        self.done.append("undo")
        if not self.answers:
            raise sqlite3.OperationalError("timed out")


def test_a_step_without_answer_is_repeated_and_then_undone_until_it_is(
    tmp_path: Path, order: Order
) -> None:
    service, told = Uncertain(), list[dict[str, object]]()
    step = Step("call", service.act, service.undo)
    orchestrator = Orchestrator(tmp_path / "orders.db", [step], told.append)
    orchestrator.place(order)
    for _ in range(MAX_ATTEMPTS + 2):
        orchestrator.run()
    assert service.done == ["act"] * MAX_ATTEMPTS + ["undo"] * 3
    assert told == []
    service.answers = True
    orchestrator.run()
    assert [one["reason"] for one in told] == ["no-answer"]


def test_a_command_that_comes_after_its_undo_is_refused(tmp_path: Path) -> None:
    make_orchestrator(tmp_path)
    stock = Ledger(tmp_path / "stock.db", Reason.OUT_OF_STOCK, {})
    stock.undo("late")
    with pytest.raises(RefusedError):
        stock.take("late", "MILK-1", 1)
    assert rows(tmp_path / "stock.db", "SELECT amount FROM left_of") == [(10,)]


def test_the_command_places_an_order(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "saga.py"), "place", *GOOD]
    environment = {**os.environ, "FOLDER": str(tmp_path)}
    subprocess.run(command, env=environment, timeout=TIMEOUT_S, check=True)
    balances(tmp_path, GOOD)


def test_a_running_orchestrator_finishes_what_others_left(tmp_path: Path) -> None:
    assert place(tmp_path, GOOD, 9) == -signal.SIGKILL
    command = [sys.executable, str(HERE / "saga.py"), "run"]
    environment = {**os.environ, "FOLDER": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "running\n"
        # It stops between two sagas, never in one.
        process.terminate()
        assert process.wait(TIMEOUT_S) == 0
    balances(tmp_path, GOOD)
