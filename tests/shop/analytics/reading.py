"""Reads a broker into a warehouse until it is killed: `python -m … FOLDER SERVERS`."""

import sys
import threading
from pathlib import Path

from stend.shop.analytics.stores.warehouse import ParquetWarehouse, Sizes
from stend.shop.analytics.workers.consuming import EventConsumer, Flushing
from stend.shop.analytics.workers.records import fact_or_rejection
from tests.shop.analytics.events import TOPIC, FixedClock

if __name__ == "__main__":
    warehouse = ParquetWarehouse(Path(sys.argv[1]), FixedClock(), Sizes(many_files=3))
    warehouse.open()
    EventConsumer(
        sys.argv[2].split(","),
        [TOPIC],
        "killed",
        warehouse,
        fact_or_rejection,
        Flushing(rows=7, age_s=0.02),
    ).start()
    threading.Event().wait()
