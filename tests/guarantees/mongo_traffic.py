"""Writers that go on while their server is killed, and what they were promised."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure
from pymongo.synchronous.client_session import ClientSession
from pymongo.synchronous.database import Database

from stend.engines.mongo.launcher import MongoConfig
from tests.engines.mongo.running import url_of
from tests.guarantees.killing import Workers

Document = dict[str, Any]
DATABASE = "crashes"
ACCOUNTS = 4
IN_BATCH = 5
_EVERY_ABORTED = 4
# The server is away for some tenths of a second.
_OPTIONS = "?serverSelectionTimeoutMS=20000&heartbeatFrequencyMS=500"


@dataclass
class Ledger:
    """
    Attributes:
        inserted: ids whose insert was acknowledged.
        increments: how often a counter's retryable $inc was acknowledged.
        committed: transactions whose commit was told to have happened.
        aborted: the same for aborts.
        failures: what must not have happened to a writer.
    """

    inserted: set[int] = field(default_factory=set)
    increments: int = 0
    committed: set[int] = field(default_factory=set)
    aborted: set[int] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)


class Traffic(Workers):
    """Threads that insert, increment and transact, through all kills."""

    def __init__(self, config: MongoConfig, ledger: Ledger) -> None:
        works = (self._insert, self._increment, self._transact)
        super().__init__([partial(self._connected, work) for work in works], ledger.failures)
        self._config = config
        self._ledger = ledger

    def _connected(self, work: Callable[[Database[Document]], None]) -> None:
        with MongoClient[Document](url_of(self._config, _OPTIONS)) as client:
            work(client[DATABASE])

    def _insert(self, database: Database[Document]) -> None:
        for first in count(0, IN_BATCH):
            if self.is_over.is_set():
                return
            made = [{"_id": number} for number in range(first, first + IN_BATCH)]
            # Retried by the driver: once more it must not be a duplicate.
            database["orders"].insert_many(made)
            self._ledger.inserted.update(range(first, first + IN_BATCH))

    def _increment(self, database: Database[Document]) -> None:
        while not self.is_over.is_set():
            done = database["counters"].update_one(
                {"_id": "c"}, {"$inc": {"value": 1}}, upsert=True
            )
            assert done.acknowledged
            self._ledger.increments += 1

    def _transact(self, database: Database[Document]) -> None:
        for number in count():
            if self.is_over.is_set():
                return
            with database.client.start_session() as session:
                self._transaction(database, session, number)

    def _transaction(
        self, database: Database[Document], session: ClientSession, number: int
    ) -> None:
        giver, taker = number % ACCOUNTS, (number + 1) % ACCOUNTS
        accounts = database["accounts"]
        try:
            session.start_transaction()
            accounts.update_one({"_id": giver}, {"$inc": {"sum": -1}}, session=session)
            accounts.update_one({"_id": taker}, {"$inc": {"sum": 1}}, session=session)
            database["transfers"].insert_one({"_id": number}, session=session)
            if number % _EVERY_ABORTED == 0:
                session.abort_transaction()
                self._ledger.aborted.add(number)
                return
        except (AutoReconnect, OperationFailure):
            # Killed before the commit was asked for: it is as if it had never been.
            session.abort_transaction()
            self._ledger.aborted.add(number)
            return
        self._commit(session, number)

    def _commit(self, session: ClientSession, number: int) -> None:
        """As drivers are asked for: whose end is unknown is committed once more."""
        while True:
            try:
                session.commit_transaction()
            except (AutoReconnect, OperationFailure) as error:
                if error.has_error_label("UnknownTransactionCommitResult"):
                    continue
                if not error.has_error_label("TransientTransactionError"):
                    raise
                # It was killed before the commit had come: nothing of it is there.
                self._ledger.aborted.add(number)
            else:
                self._ledger.committed.add(number)
            return
