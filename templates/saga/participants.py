"""The other services: stock, payments, and who listens to events. Each has a database of its own.

They stand for services on the network, so no transaction spans two of them. What makes them fit for
a saga: a command may come twice, an undo may come for what was never done, and a command that comes
after its undo is refused.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DATABASE_TIMEOUT_S = 5


class Reason(StrEnum):
    """Why an order is rejected."""

    OUT_OF_STOCK = "out-of-stock"
    NOT_ENOUGH_MONEY = "not-enough-money"
    NO_ANSWER = "no-answer"


class RefusedError(Exception):
    """The answer is no, and it will stay no: nothing was done."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    sku: str
    quantity: int
    customer: str
    amount_minor: int


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """All of it or nothing, whenever the process dies.

    Raises:
        sqlite3.OperationalError: somebody else holds the database for too long.
    """
    with closing(sqlite3.connect(path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        # Without the commit, closing rolls back.
        yield db
        db.execute("COMMIT")


class Ledger:
    """Something of which there is so much, and what was taken of it for which order."""

    def __init__(self, path: Path, refusal: Reason, at_first: dict[str, int]) -> None:
        self._path = path
        self._refusal = refusal
        with transaction(path) as db:
            db.execute("CREATE TABLE IF NOT EXISTS left_of (name TEXT PRIMARY KEY, amount INTEGER)")
            db.execute(
                "CREATE TABLE IF NOT EXISTS taken "
                "(order_id TEXT PRIMARY KEY, name TEXT, amount INTEGER, undone INTEGER)"
            )
            db.executemany("INSERT OR IGNORE INTO left_of VALUES (?, ?)", at_first.items())

    def take(self, order_id: str, name: str, amount: int) -> None:
        """
        Raises:
            RefusedError: there is not enough, or this was undone before.
        """
        with transaction(self._path) as db:
            query = "SELECT undone FROM taken WHERE order_id = ?"
            known = db.execute(query, (order_id,)).fetchone()
            if known is not None:
                if known[0]:
                    raise RefusedError(self._refusal)
                return
            less = "UPDATE left_of SET amount = amount - ? WHERE name = ? AND amount >= ?"
            if db.execute(less, (amount, name, amount)).rowcount == 0:
                raise RefusedError(self._refusal)
            db.execute("INSERT INTO taken VALUES (?, ?, ?, 0)", (order_id, name, amount))

    def undo(self, order_id: str) -> None:
        with transaction(self._path) as db:
            query = "SELECT name, amount FROM taken WHERE order_id = ? AND NOT undone"
            known = db.execute(query, (order_id,)).fetchone()
            if known is not None:
                more = "UPDATE left_of SET amount = amount + ? WHERE name = ?"
                db.execute(more, (known[1], known[0]))
                db.execute("UPDATE taken SET undone = 1 WHERE order_id = ?", (order_id,))
            # For what never came: should it come late, it finds this mark.
            db.execute("INSERT OR IGNORE INTO taken VALUES (?, '', 0, 1)", (order_id,))


class Listener:
    """Takes events, each once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with transaction(path) as db:
            db.execute("CREATE TABLE IF NOT EXISTS seen (event_id INTEGER PRIMARY KEY, event TEXT)")

    def take(self, event: dict[str, object]) -> None:
        with transaction(self._path) as db:
            row = (event["event_id"], json.dumps(event))
            db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", row)
