"""Fills a warehouse from a log and is killed at one step of one commit; run by test_crashes.py.

`python -m tests.shop.analytics.crashing FOLDER` does it once for every step of the whole work, each
time in a folder of its own, and prints how many there were. Each life is a fork of this process:
importing DuckDB again for each would take a quarter of a minute.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import duckdb  # noqa: F401 - imported before the forks

from stend.shop.analytics.domain import Record
from stend.shop.analytics.stores.durable import Step
from stend.shop.analytics.stores.warehouse import ParquetWarehouse, Sizes
from tests.shop.analytics.events import NOON, FixedClock, batch_of, event, record

BATCHES = 2
PER_BATCH = 6
SIZES = Sizes(many_files=2, small_rows=100)


def log() -> list[Record]:
    """What the broker holds: good events and bad ones, in two partitions, over midnight."""
    records = []
    for number in range(BATCHES * PER_BATCH):
        partition, offset = number % 2, number // 2
        at = NOON.replace(hour=23, minute=59) + timedelta(minutes=number // 6)
        made = record(event(f"o{number}", 1, "OrderPlaced", at), offset, partition)
        if number % 5 == 2:
            made = Record(made.partition, offset, b"key", b"no event", ())
        records.append(made)
    return records


def work(folder: Path, reached: Callable[[Step], None]) -> None:
    """Goes on where the warehouse says, until the log is at its end."""
    clock = FixedClock()
    warehouse = ParquetWarehouse(folder, clock, SIZES, reached)
    warehouse.open()
    while True:
        unread = [one for one in log() if one.offset >= warehouse.position(one.partition)]
        if not unread:
            return
        # The consumer may hand over again what it has read before.
        again = [one for one in log() if one.offset < warehouse.position(one.partition)][-2:]
        warehouse.append(batch_of([*again, *unread[:PER_BATCH]]))
        # So that merged files are removed within the work.
        clock.pass_time(31)
        warehouse.compact()


def life(folder: Path, dies_at: int | None) -> bool:
    """One life in a process of its own; whether it reached its end."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    steps = count(1)

    def reached(_: Step) -> None:
        if next(steps) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        work(folder, reached)
    except BaseException as error:  # noqa: BLE001 - nothing of the child may go on in the parent's code
        print(f"died at {dies_at}: {error!r}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def main(root: Path) -> int:
    for dies_at in count(1):
        folder = root / f"{dies_at:03}"
        whole = life(folder, dies_at)
        if not whole:
            # Some die in their second life, too.
            if dies_at % 3 == 0:
                life(folder, dies_at % 7 + 1)
            if not life(folder, None):
                print(f"{folder} did not come to its end", file=sys.stderr)
                return 1
        else:
            print(dies_at)
            return 0
    raise AssertionError("count() has no end")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
