"""Makes the archive beside it: a log as Apache Kafka wrote it, and as its cleaner left it.

    python make.py 4.4.0 127.0.0.1:9092 /folder/of/kafkas/log.dirs

It needs a broker of its own, whose log.cleaner.backoff.ms and log.initial.task.delay.ms are small.
`written` has the files of the partition before, `cleaned` after its topic became a compacted one.
The segments are smaller than Kafka's least size by its internal.segment.bytes.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

TOPIC = "golden"
BEGIN_MS = 1_700_000_000_000
CONFIGS = {"internal.segment.bytes": "5000", "index.interval.bytes": "300", "retention.ms": "-1"}
COMPACT = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "1000000000",
    "file.delete.delay.ms": "0",
}


class Work:
    """Producers of all kinds, and what they send."""

    def __init__(self, address: str) -> None:
        self.chance = random.Random(4)
        codecs = (None, "gzip", "lz4", "zstd", "snappy", None)
        self.plain = [
            AIOKafkaProducer(
                bootstrap_servers=address,
                compression_type=codec,
                enable_idempotence=number % 2 == 0,
            )
            for number, codec in enumerate(codecs)
        ]
        self.in_transactions = [
            AIOKafkaProducer(bootstrap_servers=address, transactional_id=f"golden-{number}")
            for number in range(2)
        ]

    async def run(self) -> None:
        producers = (*self.plain, *self.in_transactions)
        for one in producers:
            await one.start()
        for step in range(120):
            if step % 4 < 3:
                await self.send(self.chance.choice(self.plain), step, self.chance.randrange(1, 8))
            else:
                await self.transact(step)
        for one in producers:
            await one.stop()

    async def transact(self, step: int) -> None:
        """Two transactions at a time, and something else in the middle of them."""
        for producer in self.in_transactions:
            await producer.begin_transaction()
            await self.send(producer, step, self.chance.randrange(1, 4))
        await self.send(self.plain[step % 6], step, 2)
        for producer in self.in_transactions:
            if self.chance.random() < 0.5:
                await producer.commit_transaction()
            else:
                await producer.abort_transaction()

    async def send(self, producer: AIOKafkaProducer, step: int, count: int) -> None:
        chance = self.chance
        futures = [
            await producer.send(
                TOPIC,
                None if chance.random() < 0.1 else b"v" * chance.randrange(60),
                key=b"k%d" % chance.randrange(25),
                timestamp_ms=BEGIN_MS + step * 10 + place + chance.randrange(-30, 30),
            )
            for place in range(count)
        ]
        await producer.flush()
        for future in futures:
            await future


async def fill(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 1, 1, topic_configs=CONFIGS)])
    await admin.close()
    await Work(address).run()


async def compact(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    topic = ConfigResource(ConfigResourceType.TOPIC, TOPIC, CONFIGS | COMPACT)
    await admin.alter_configs([topic])
    await admin.close()


def keep(archive: ZipFile, folder: Path, name: str) -> None:
    active = max(path.stem for path in folder.glob("*.log"))
    for path in sorted(folder.iterdir()):
        # The indexes of the active segment are as large as they may become, with zeros.
        is_grown = path.stem == active and path.suffix in (".index", ".timeindex")
        kinds = (".log", ".index", ".timeindex", ".txnindex", ".snapshot")
        if path.suffix in kinds and not is_grown:
            archive.writestr(ZipInfo(f"{name}/{path.name}"), path.read_bytes(), ZIP_DEFLATED)


def main() -> None:
    version, address, logs = sys.argv[1:]
    folder = Path(logs) / f"{TOPIC}-0"
    asyncio.run(fill(address))
    with ZipFile(Path(__file__).parent / f"kafka-{version}.zip", "w") as archive:
        keep(archive, folder, "written")
        asyncio.run(compact(address))
        first = folder / f"{0:020}.log"
        size, deadline = first.stat().st_size, time.monotonic() + 60
        while first.stat().st_size == size and time.monotonic() < deadline:
            time.sleep(0.1)
        # The others follow in the same round.
        time.sleep(5)
        keep(archive, folder, "cleaned")


if __name__ == "__main__":
    main()
