"""Nothing that the MongoDB server has acknowledged is lost when it is killed, nothing is twice."""

import random
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.synchronous.database import Database

from stend.engines.mongo.launcher import MongoConfig
from tests.engines.mongo.running import config_in, running, server_of, url_of
from tests.guarantees.killing import KILLS, kill, restart, until_grown
from tests.guarantees.mongo_traffic import ACCOUNTS, DATABASE, IN_BATCH, Ledger, Traffic

pytestmark = pytest.mark.slow
Document = dict[str, Any]


def test_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    config, ledger = config_in(tmp_path), Ledger()
    with running(config) as launcher:
        with MongoClient[Document](url_of(config)) as client:
            client[DATABASE]["accounts"].insert_many(
                {"_id": number, "sum": 100} for number in range(ACCOUNTS)
            )
        with Traffic(config, ledger):
            for number in range(KILLS):
                # Not always at a round moment: the kills meet the disk in different states.
                draw = random.Random(number)
                inserted, committed = draw.randrange(20, 200), draw.randrange(1, 10)
                until_grown(
                    (ledger.inserted, inserted),
                    (ledger.committed, committed),
                    failures=ledger.failures,
                    timeout_s=60,
                )
                kill(server_of(config), launcher)
                promised = _promised(ledger)
                restart(launcher)
                _check_kept(config, promised)
        with MongoClient[Document](url_of(config)) as client:
            _check_all(client[DATABASE], ledger)
    assert not ledger.failures


def _promised(ledger: Ledger) -> Ledger:
    """What was acknowledged until now; nobody is answered while the server is dead."""
    return Ledger(set(ledger.inserted), ledger.increments, set(ledger.committed))


def _check_kept(config: MongoConfig, promised: Ledger) -> None:
    with MongoClient[Document](url_of(config)) as client:
        database = client[DATABASE]
        assert promised.inserted <= _ids(database, "orders")
        assert promised.committed <= _ids(database, "transfers")
        (counter,) = database["counters"].find()
        assert counter["value"] >= promised.increments
        _check_sums(client)


def _check_sums(client: MongoClient[Document]) -> None:
    """No half of a transfer, in one snapshot."""
    with client.start_session() as session, session.start_transaction():
        accounts = client[DATABASE]["accounts"]
        assert sum(one["sum"] for one in accounts.find(session=session)) == 100 * ACCOUNTS


def _check_all(database: Database[Document], ledger: Ledger) -> None:
    assert _ids(database, "orders") == ledger.inserted
    assert len(ledger.inserted) % IN_BATCH == 0
    (counter,) = database["counters"].find()
    assert counter["value"] == ledger.increments
    transfers = _ids(database, "transfers")
    assert transfers == ledger.committed
    assert not ledger.committed & ledger.aborted
    assert ledger.aborted
    assert [one["sum"] for one in database["accounts"].find().sort("_id")] == _sums(transfers)


def _sums(transfers: set[int]) -> list[int]:
    sums = [100] * ACCOUNTS
    for number in transfers:
        sums[number % ACCOUNTS] -= 1
        sums[(number + 1) % ACCOUNTS] += 1
    return sums


def _ids(database: Database[Document], name: str) -> set[int]:
    return {one["_id"] for one in database[name].find({}, {"_id": 1})}
