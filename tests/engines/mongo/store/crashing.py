"""A process that writes without end and says what is safe, until it is killed.

Round by round it writes documents by themselves, in pairs by a transaction, and with a result of a
retryable write; it prints a number when all of its round is on the disk.
"""

import sys
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from stend.engines.mongo.store.disk import SqliteDisk
from stend.engines.mongo.store.ledger import Surroundings
from stend.engines.mongo.store.options import CollectionOptions
from stend.engines.mongo.store.store import Store
from tests.engines.mongo.store.standing import CONTEXT, found

_ROUNDS_AHEAD = 20


def opened(folder: Path, told: SimpleQueue[int]) -> tuple[Store, SqliteDisk]:
    def failed(error: Exception) -> None:
        raise error

    disk = SqliteDisk(folder, told.put, failed)
    surroundings = Surroundings(
        seconds=lambda: 1000.0,
        new_uuid=lambda: b"u" * 16,
        context=lambda: CONTEXT,
        warn=print,
        memory_limit_bytes=10**9,
    )
    return Store(disk, surroundings), disk


def main() -> None:
    told: SimpleQueue[int] = SimpleQueue()
    store, _ = opened(Path(sys.argv[1]), told)
    catalogue = store.catalogue
    singles = catalogue.create("db", "singles", CollectionOptions())
    pairs = catalogue.create("db", "pairs", CollectionOptions())
    number = 1 + max([document["_id"] for document in found(singles)], default=-1)
    pending = 0
    while True:
        singles.insert({"_id": number})
        store.retries.save(b"session", number, {"n": number}, 2000.0)
        view = store.begin()
        catalogue.find("db", "pairs", view)
        pairs.insert({"_id": 2 * number}, view)
        pairs.insert({"_id": 2 * number + 1}, view)
        store.commit(view)
        store.after_durable(partial(print, number, flush=True))
        number += 1
        pending += 1
        while pending > _ROUNDS_AHEAD or not told.empty():
            store.reached(told.get())
            pending = 0 if told.empty() else pending


if __name__ == "__main__":
    main()
