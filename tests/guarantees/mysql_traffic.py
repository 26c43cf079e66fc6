"""Writers that go on while their server is killed, and what they were promised."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import pymysql

from stend.engines.mysql.launcher import MysqlConfig
from tests.engines.mysql.running import connected
from tests.guarantees.killing import Workers

ACCOUNTS = 6
_WRITERS = 4
_TRANSFER = "UPDATE accounts SET balance = balance + %s WHERE id = %s"


@dataclass
class Ledger:
    """
    Attributes:
        begun: transfers that may be there.
        acknowledged: those whose commit was told to have happened.
        rolled_back: the same for rollbacks.
        failures: what must not have happened to a writer.
    """

    begun: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    rolled_back: set[int] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)


class Traffic(Workers):
    """Threads that move money, and write down each transfer in the same transaction."""

    def __init__(self, config: MysqlConfig, ledger: Ledger) -> None:
        works = [partial(self._work, number) for number in range(_WRITERS)]
        super().__init__(works, ledger.failures)
        self._config = config
        self._ledger = ledger

    def _work(self, number: int) -> None:
        draw = random.Random(number)
        transfers = count(number, _WRITERS)
        while not self.is_over.is_set():
            self._session(draw, transfers)

    def _session(self, draw: random.Random, transfers: Iterator[int]) -> None:
        """Until the connection is lost."""
        try:
            connection = connected(self._config, connect_timeout=2)
        except pymysql.err.OperationalError:
            self.is_over.wait(0.02)
            return
        try:
            while not self.is_over.is_set():
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
        payer, payee = sorted(draw.sample(range(ACCOUNTS), 2))
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
