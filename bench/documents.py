"""Our MongoDB beside FerretDB on SQLite: one run, one machine, the same pymongo.

    scripts/real-engines/real-engines run -- ./stend bench documents

The other one is what STEND_MONGODB_URL leads to; without it only ours is measured. The goal is that
a search by `_id` and by an indexed field does not get slower as a collection grows: 100,000
documents against 1,000, on ours.
"""

import itertools
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.collection import Collection

from bench.broker import Broker, listener
from bench.databases import Facts, Server, Work, build_folder, compare, launched, ratio
from bench.stand import free_port
from stend.engines.mongo.launcher import MongoConfig, MongoLauncher

VARIABLE = "STEND_MONGODB_URL"
FEW, MANY = 1_000, 100_000
BATCH = 1_000
CUSTOMERS = 97
# Noise of a machine with other work is about this much.
GOAL_RATIO = 0.8
_FLAT = ("find_one by _id", "find_one by an index")
_MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024

Document = dict[str, Any]


def main() -> None:
    with ours() as (url, version, launcher):
        servers = {"stend": Server(version, works_of(url), launcher.pss_bytes)}
        if real := os.environ.get(VARIABLE):
            place = urlsplit(real)
            process = listener(place.hostname or "", place.port or 27017)
            theirs = Broker(real, version_of(real), process)
            servers["ferretdb"] = Server(theirs.version, works_of(real), lambda: theirs.pss_bytes)
        facts = compare("documents", servers)
        json.dump({**facts, **flatness(servers["stend"].works)}, sys.stdout, indent=2)
    print()


@contextmanager
def ours() -> Iterator[tuple[str, str, MongoLauncher]]:
    """Ours alone in a process of its own."""
    port = free_port()
    with build_folder("documents") as home:
        launcher = MongoLauncher(
            MongoConfig(
                home=home,
                log_path=home / "server.log",
                host="127.0.0.1",
                port=port,
                port_behind_tap=None,
                tap_port=None,
                advertised_host="127.0.0.1",
                memory_limit_bytes=_MEMORY_LIMIT_BYTES,
            )
        )
        with launched(launcher) as version:
            yield f"mongodb://127.0.0.1:{port}/", version, launcher


def flatness(works: Mapping[str, Work]) -> Facts:
    """Many documents against few, in turns, and not beside the other server, whose long walks over
    a collection slow the next round of ours, and not at both sizes alike."""
    flat = {
        name: ratio(
            f"documents: {name}, growing", works[f"{name}, {MANY}"], works[f"{name}, {FEW}"]
        )
        for name in _FLAT
    }
    return {
        "goal_ratio": GOAL_RATIO,
        "flatness": {name: round(share, 3) for name, share in flat.items()},
        "goal_met": all(share >= GOAL_RATIO for share in flat.values()),
    }


def version_of(url: str) -> str:
    with MongoClient[Document](url) as client:
        facts = client.server_info()
    version = str(facts["version"])
    # FerretDB tells the MongoDB that it stands in for; its embedded build does not know its own.
    return f"for MongoDB {version}" if "ferretdbVersion" in facts else version


def works_of(url: str) -> dict[str, Work]:
    """On a database of its own, filled here."""
    database = MongoClient[Document](url)["bench"]
    sizes = {size: filled(database[f"orders_{size}"], size) for size in (FEW, MANY)}
    scratch = database["scratch"]
    scratch.drop()
    numbers = itertools.count()
    works: dict[str, Work] = {
        "insert_one": lambda _: insert(scratch, numbers, 1),
        f"insert_many, {BATCH} at a time": lambda _: insert(scratch, numbers, BATCH),
    }
    for size, orders in sizes.items():
        works[f"find_one by _id, {size}"] = searched(orders, "_id", size)
    for size, orders in sizes.items():
        works[f"find_one by an index, {size}"] = searched(orders, "number", size)
    few = sizes[FEW]
    return {
        **works,
        "update_one by _id": lambda turn: update(few, turn),
        f"find, {FEW} documents": lambda _: find(few),
        f"$group over {FEW} documents": lambda _: group(few),
    }


def order(number: int) -> Document:
    return {
        "_id": number,
        "number": number * 7,
        "customer": f"customer-{number % CUSTOMERS}",
        "total": number % 1000 / 4,
        "lines": [{"sku": f"sku-{number % 31}", "quantity": number % 5 + 1}],
    }


def filled(collection: Collection[Document], size: int) -> Collection[Document]:
    collection.drop()
    collection.create_index("number")
    numbers = iter(range(size))
    for _ in range(0, size, BATCH):
        insert(collection, numbers, BATCH)
    return collection


def insert(collection: Collection[Document], numbers: Iterator[int], count: int) -> None:
    if count == 1:
        collection.insert_one(order(next(numbers)))
    else:
        collection.insert_many([order(next(numbers)) for _ in range(count)])


def searched(collection: Collection[Document], field: str, size: int) -> Work:
    factor = 7 if field == "number" else 1

    def work(turn: int) -> None:
        # Far apart, so that no cache of neighbours helps.
        wanted = (turn + 1) * 7919 % size
        found = collection.find_one({field: wanted * factor})
        if found is None or found["_id"] != wanted:
            raise LookupError(f"{field} {wanted}: {found}")

    return work


def update(collection: Collection[Document], turn: int) -> None:
    collection.update_one({"_id": turn % FEW}, {"$inc": {"total": 1}})


def find(collection: Collection[Document]) -> None:
    if len(list(collection.find({"total": {"$gte": 0}}))) != FEW:
        raise LookupError("documents are missing")


def group(collection: Collection[Document]) -> None:
    stage: Document = {"$group": {"_id": "$customer", "sum": {"$sum": "$total"}}}
    if len(list(collection.aggregate([stage]))) != CUSTOMERS:
        raise LookupError("groups are missing")


if __name__ == "__main__":
    main()
