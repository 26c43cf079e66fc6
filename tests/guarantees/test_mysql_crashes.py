"""Nothing that the MySQL server has acknowledged is lost when it is killed, nothing is half there.

In some rounds its PostgreSQL is killed with it.
"""

import random

import pytest

from stend.engines.mysql.launcher import MysqlConfig, MysqlLauncher
from stend.engines.postgresql.launcher import PostgresLauncher
from tests.engines.mysql.running import (
    config_in,
    connected,
    furnished,
    running,
    storage_in,
)
from tests.engines.servers import process_of, ready
from tests.folders import open_folder
from tests.guarantees.killing import KILLS, until_grown, until_told
from tests.guarantees.mysql_traffic import ACCOUNTS, Ledger, Traffic
from tests.guarantees.processes import kill

pytestmark = pytest.mark.slow
_EVERYTHING_EVERY = 5
_BALANCE = 1000


def test_kills_lose_nothing() -> None:
    ledger = Ledger()
    with open_folder() as place:
        storage = storage_in(place)
        config = config_in(place, storage)
        engine = PostgresLauncher(storage)
        with running(config, engine) as launcher:
            _create_tables(config)
            with Traffic(config, ledger):
                for number in range(KILLS):
                    # Not always at a round moment: the kills meet transactions in all states.
                    more = random.Random(number).randrange(3, 30)
                    until_grown((ledger.acknowledged, more), failures=ledger.failures, timeout_s=60)
                    _kill(config, engine, everything=number % _EVERYTHING_EVERY == 0)
                    _check(config, ledger, launcher, engine)
            assert not ledger.failures
            _check_rows(config, ledger)


def _create_tables(config: MysqlConfig) -> None:
    with connected(config) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)")
        cursor.execute(
            "CREATE TABLE transfers (id INT PRIMARY KEY, payer INT, payee INT, amount INT)"
        )
        rows = [(at, _BALANCE) for at in range(ACCOUNTS)]
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
    until_told(launcher)
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
    expected = dict.fromkeys(range(ACCOUNTS), _BALANCE)
    for _, payer, payee, amount in transfers:
        expected[payer] -= amount
        expected[payee] += amount
    assert balances == expected
    found = {row[0] for row in transfers}
    assert found >= (ledger.acknowledged if acknowledged is None else acknowledged)
    assert found <= ledger.begun
    assert not found & (ledger.rolled_back if rolled_back is None else rolled_back)
