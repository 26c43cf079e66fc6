"""Sessions of tests, one of which waits for another."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pymysql
import pytest

from stend.engines.mysql.launcher import MysqlConfig
from tests.engines.mysql.running import connected

Rows = tuple[tuple[Any, ...], ...]


class Client:
    """A session by PyMySQL."""

    def __init__(self, config: MysqlConfig) -> None:
        self.connection = connected(config)
        self.storage = config.dsn

    def run(self, sql: str, *values: int) -> Rows:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return tuple(cursor.fetchall())

    def fails(self, sql: str) -> int:
        with pytest.raises(pymysql.Error) as raised:
            self.run(sql)
        number: int = raised.value.args[0]
        return number

    def begun(self, sql: str) -> "Started":
        """Runs it in a thread, since it waits for a lock."""
        return Started(lambda: self.run(sql))


class Started:
    def __init__(self, work: Callable[[], Rows]) -> None:
        self._outcome: list[Rows | pymysql.Error] = []

        def run() -> None:
            try:
                self._outcome.append(work())
            except pymysql.Error as error:
                self._outcome.append(error)

        self._thread = threading.Thread(target=run)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        return bool(self._outcome)

    def result(self) -> Rows:
        """
        Raises:
            pymysql.Error: it has failed.
        """
        self._thread.join(20)
        (outcome,) = self._outcome
        if isinstance(outcome, pymysql.Error):
            raise outcome
        return outcome


def is_waiting(client: Client) -> bool:
    """Whether a statement waits for a row, or a table, that another transaction has locked."""
    with psycopg.connect(client.storage) as storage:
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return storage.execute(waiting).rowcount > 0


def is_busy(client: Client) -> bool:
    """Whether another statement runs at the moment."""
    shown = client.run("SHOW PROCESSLIST")
    return len([row for row in shown if row[4] == "Query"]) > 1
