"""Nothing that the MySQL server has acknowledged is lost when it is killed, nothing is half there.

In some rounds its PostgreSQL is killed with it.
"""

import random
import threading
from collections.abc import Iterator
from functools import partial
from types import TracebackType
from typing import Any, Self

import pymysql
import pytest

from stend.engines.mysql.launcher import MysqlConfig, MysqlLauncher
from stend.engines.postgresql.launcher import PostgresLauncher
from tests.engines.mysql.running import (
    config_in,
    connected,
    folder,
    furnished,
    running,
    storage_in,
)
from tests.engines.servers import process_of, ready
from tests.guarantees.processes import kill
from tests.waiting import until

pytestmark = pytest.mark.slow
_ROUNDS = 20
_EVERYTHING_EVERY = 5
_WRITERS = 4
_ACCOUNTS = 6
_BALANCE = 1000
_TRANSFER = "UPDATE accounts SET balance = balance + %s WHERE id = %s"


class Ledger:
    """What the writers know of what they did."""

    def __init__(self) -> None:
        self.acknowledged: set[int] = set()
        self.begun: set[int] = set()
        self.rolled_back: set[int] = set()
        self.failures: list[BaseException] = []
        self.stop = threading.Event()


class Traffic:
    """Threads that move money, and write down each transfer in the same transaction."""

    def __init__(self, config: MysqlConfig, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._threads = [
            threading.Thread(target=self._work, args=(number,)) for number in range(_WRITERS)
        ]

    def __enter__(self) -> Self:
        for one in self._threads:
            one.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ledger.stop.set()
        for one in self._threads:
            one.join(30)
            assert not one.is_alive()

    def _work(self, number: int) -> None:
        draw = random.Random(number)
        try:
            transfers = iter(range(number, 10**9, _WRITERS))
            while not self._ledger.stop.is_set():
                self._session(draw, transfers)
        except BaseException as error:  # noqa: BLE001
            self._ledger.failures.append(error)

    def _session(self, draw: random.Random, transfers: Iterator[int]) -> None:
        """Until the connection is lost."""
        try:
            connection = connected(self._config, connect_timeout=2)
        except pymysql.err.OperationalError:
            self._ledger.stop.wait(0.02)
            return
        try:
            while not self._ledger.stop.is_set():
                self._transfer(connection, draw, next(transfers))
        except (pymysql.err.OperationalError, pymysql.err.InterfaceError) as error:
            if error.args[0] not in {0, 2006, 2013}:
                raise
        finally:
            if connection.open:
                connection.close()

    def _transfer(
        self, connection: "pymysql.Connection[Any]", draw: random.Random, number: int
    ) -> None:
        payer, payee = sorted(draw.sample(range(_ACCOUNTS), 2))
        with connection.cursor() as cursor:
            if draw.random() < 0.2:
                # With autocommit, one statement by itself.
                self._ledger.begun.add(number)
                cursor.execute("INSERT INTO transfers VALUES (%s, %s, %s, 0)", (number, 0, 0))
                self._ledger.acknowledged.add(number)
                return
            cursor.execute("BEGIN")
            self._ledger.begun.add(number)
            cursor.execute("INSERT INTO transfers VALUES (%s, %s, %s, 1)", (number, payer, payee))
            cursor.execute(_TRANSFER, (-1, payer))
            cursor.execute(_TRANSFER, (1, payee))
            if draw.random() < 0.2:
                cursor.execute("ROLLBACK")
                self._ledger.rolled_back.add(number)
                return
            cursor.execute("COMMIT")
            self._ledger.acknowledged.add(number)


def test_twenty_kills_lose_nothing() -> None:
    ledger = Ledger()
    with folder() as place:
        storage = storage_in(place)
        config = config_in(place, storage)
        engine = PostgresLauncher(storage)
        with running(config, engine) as launcher:
            _create_tables(config)
            with Traffic(config, ledger):
                for number in range(_ROUNDS):
                    # Not always at a round moment: the kills meet transactions in all states.
                    wanted = len(ledger.acknowledged) + random.Random(number).randrange(3, 30)
                    until(partial(_has_come_to, ledger, wanted), timeout_s=60)
                    _kill(config, engine, everything=number % _EVERYTHING_EVERY == 0)
                    _check(config, ledger, launcher, engine)
            assert not ledger.failures
            _check_rows(config, ledger)


def _has_come_to(ledger: Ledger, acknowledged: int) -> bool:
    return bool(ledger.failures) or len(ledger.acknowledged) >= acknowledged


def _create_tables(config: MysqlConfig) -> None:
    with connected(config) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)")
        cursor.execute(
            "CREATE TABLE transfers (id INT PRIMARY KEY, payer INT, payee INT, amount INT)"
        )
        rows = [(at, _BALANCE) for at in range(_ACCOUNTS)]
        cursor.executemany("INSERT INTO accounts VALUES (%s, %s)", rows)
        connection.commit()


def _kill(config: MysqlConfig, engine: PostgresLauncher, *, everything: bool) -> None:
    victims = [process_of(config.home / "server.pid")]
    if everything:
        postgres = process_of(engine.home / "data" / "postmaster.pid")
        victims += [postgres, *postgres.children(recursive=True)]
    kill(victims)


def _check(
    config: MysqlConfig, ledger: Ledger, launcher: MysqlLauncher, engine: PostgresLauncher
) -> None:
    acknowledged, rolled_back = set(ledger.acknowledged), set(ledger.rolled_back)
    assert until(launcher.failure)
    launcher.launch()
    furnished(engine)
    ready(launcher)
    _check_rows(config, ledger, acknowledged, rolled_back)


def _check_rows(
    config: MysqlConfig,
    ledger: Ledger,
    acknowledged: set[int] | None = None,
    rolled_back: set[int] | None = None,
) -> None:
    """Read in one snapshot: every transfer is there whole, or not at all."""
    with connected(config) as connection, connection.cursor() as cursor:
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        cursor.execute("SELECT id, payer, payee, amount FROM transfers")
        transfers = cursor.fetchall()
        cursor.execute("SELECT id, balance FROM accounts")
        balances = dict(cursor.fetchall())
        cursor.execute("COMMIT")
    expected = dict.fromkeys(range(_ACCOUNTS), _BALANCE)
    for _, payer, payee, amount in transfers:
        expected[payer] -= amount
        expected[payee] += amount
    assert balances == expected
    found = {row[0] for row in transfers}
    assert found >= (ledger.acknowledged if acknowledged is None else acknowledged)
    assert found <= ledger.begun
    assert not found & (ledger.rolled_back if rolled_back is None else rolled_back)
