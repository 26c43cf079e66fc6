"""A database per check, and clients that live as long as the check."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pymongo
import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

from stend.kit.languages import Text
from tests.engines.suite.checks import differs_on_real

Document = dict[str, Any]
Client = MongoClient[Document]
Documents = Collection[Document]
Connect = Callable[..., Client]

# For @differs_on_real: what FerretDB 1 has not, it says so with an error of its own.
FERRETDB_HAS_NOT = Text(
    ru="в FerretDB 1.24 этого нет: он отвечает ошибкой",
    en="FerretDB 1.24 does not have it and answers with an error",
)
not_in_ferretdb = differs_on_real(FERRETDB_HAS_NOT, raises=OperationFailure)


@pytest.fixture
def connect(mongodb_url: str) -> Iterator[Connect]:
    with ExitStack() as stack:

        def opened(**options: Any) -> Client:
            settings: dict[str, Any] = {"serverSelectionTimeoutMS": 10_000, "tz_aware": True}
            client: Client = MongoClient(mongodb_url, **{**settings, **options})
            stack.callback(client.close)
            return client

        yield opened


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


@pytest.fixture
def database(client: Client, name: str) -> Iterator[Database[Document]]:
    """An empty database of this check."""
    yield client[name]
    client.drop_database(name)


@pytest.fixture
def items(database: Database[Document]) -> Documents:
    return database["items"]


@pytest.fixture
def shop(database: Database[Document]) -> Documents:
    """Five orders of three customers, with their lines."""
    orders = database["orders"]
    orders.insert_many(
        [
            {"_id": 1, "who": "anna", "total": 10.5, "lines": [{"sku": "milk", "n": 2}]},
            {
                "_id": 2,
                "who": "anna",
                "total": 20,
                "lines": [{"sku": "bread", "n": 1}, {"sku": "milk", "n": 5}],
            },
            {"_id": 3, "who": "boris", "total": 7, "lines": []},
            {"_id": 4, "who": "vera", "total": 1, "lines": [{"sku": "tea", "n": 1}]},
            {"_id": 5, "who": "boris", "total": 30, "note": None},
        ]
    )
    return orders


def ids(found: Any) -> list[Any]:
    return [one["_id"] for one in found]


def piped(collection: Documents, *stages: Mapping[str, Any]) -> list[Document]:
    return list(collection.aggregate(list(stages)))


def computed(collection: Documents, expression: Any) -> Any:
    """What an aggregation expression gives on one empty document; None where it gives nothing."""
    collection.replace_one({"_id": 0}, {}, upsert=True)
    (answer,) = piped(collection, {"$match": {"_id": 0}}, {"$project": {"_id": 0, "x": expression}})
    return answer.get("x")


def code_of(work: Callable[[], object]) -> int | None:
    """The code of the error that the server answers with."""
    with pytest.raises(OperationFailure) as raised:
        work()
    return raised.value.code


def several(collection: Documents, values: Sequence[Any]) -> None:
    """A document for each value, with `_id` 0, 1, … and the value in `v`."""
    collection.insert_many([{"_id": number, "v": one} for number, one in enumerate(values)])


ASCENDING, DESCENDING = pymongo.ASCENDING, pymongo.DESCENDING
