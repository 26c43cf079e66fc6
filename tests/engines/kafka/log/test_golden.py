"""Held against files of the real Kafka: see golden/make.py.

Its indexes, transaction indexes and snapshots are made again from its logs, byte for byte, and
what its cleaner left of a log is what ours leaves.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.engines.kafka.log.producers import Producer
from stend.engines.kafka.log.snapshots import decode, encode
from stend.wire.kafka.records import BatchHeader, Record, batches, records
from tests.engines.kafka.log.batches import stored
from tests.fakes.volume import Content, MemoryVolume

ARCHIVE = Path(__file__).parent / "golden" / "kafka-4.4.0.zip"
NOW_MS = 1_800_000_000_000
CONFIG = LogConfig(
    segment_bytes=5000,
    index_interval_bytes=300,
    retention_ms=-1,
    min_cleanable_dirty_ratio=0.01,
    delete_retention_ms=1_000_000_000,
    producer_id_expiration_ms=10**15,
)


@pytest.fixture
def golden() -> dict[str, bytes]:
    with ZipFile(ARCHIVE) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def volume_with(golden: dict[str, bytes], folder: str, *kinds: str) -> MemoryVolume:
    volume = MemoryVolume()
    for name, data in golden.items():
        if name.startswith(folder) and name.endswith(kinds):
            volume.files[name.rpartition("/")[2]] = Content(bytearray(data), data)
    return volume


def log_of(volume: MemoryVolume) -> PartitionLog:
    return PartitionLog.open(volume, CONFIG, is_clean=False, now_ms=NOW_MS)


def test_indexes_are_byte_for_byte_those_of_kafka(golden: dict[str, bytes]) -> None:
    volume = volume_with(golden, "written/", ".log")
    log_of(volume).close()
    compared = 0
    for name, data in golden.items():
        folder, _, file = name.rpartition("/")
        if folder == "written" and file.endswith(("index", ".txnindex")):
            assert volume.read(file) == data, file
            compared += 1
    # Where Kafka has no transaction index, nothing was aborted.
    for file in volume.names():
        if file.endswith(".txnindex") and f"written/{file}" not in golden:
            assert volume.read(file) == b""
    assert compared > 15


def known(states: list[Producer]) -> set[tuple[int | None, ...]]:
    return {
        (
            one.producer_id,
            one.epoch,
            one.last_sequence,
            one.last_offset,
            one.last_timestamp,
            one.coordinator_epoch,
            one.first_open_offset,
        )
        for one in states
    }


def test_producers_are_what_kafka_says_at_each_segment(golden: dict[str, bytes]) -> None:
    snapshots = sorted(
        name for name in golden if name.startswith("written/") and name.endswith(".snapshot")
    )
    for name in snapshots:
        base = name.rpartition("/")[2].removesuffix(".snapshot")
        volume = volume_with(golden, "written/", ".log")
        for file in volume.names():
            if file.removesuffix(".log") >= base:
                volume.remove(file)
        theirs = decode(golden[name])
        assert known(log_of(volume).producers()) == known(theirs)
        # Ours begins as theirs does, but for the checksum: it has more behind.
        assert encode(theirs)[6:].startswith(golden[name][6:])
    assert len(snapshots) > 5


class Left(NamedTuple):
    """What is compared of a batch; how well a codec compresses is not."""

    head: BatchHeader
    content: list[Record]


def left(data: bytes) -> list[Left]:
    found: list[Left] = []
    for on_disk, at in batches(data):
        content = records(data, at, on_disk)
        head = replace(on_disk, crc=0, size_bytes=0)
        if head.delete_horizon_ms is not None:
            # The moment of the cleaning.
            shift = head.base_timestamp
            head.base_timestamp = 0
            content = [one._replace(timestamp_delta=one.timestamp_delta + shift) for one in content]
        found.append(Left(head, content))
    return found


def test_compaction_leaves_what_kafkas_cleaner_leaves(golden: dict[str, bytes]) -> None:
    volume = volume_with(golden, "written/", ".log", ".snapshot", "index")
    log = PartitionLog.open(volume, CONFIG, is_clean=False, now_ms=NOW_MS)
    log.config = replace(CONFIG, cleanup_policies=frozenset(("compact",)))
    log.keep_house(NOW_MS)
    while log.is_compacting:
        log.keep_house(NOW_MS)
    assert log.house_problem is None
    theirs = {name[8:]: data for name, data in golden.items() if name.startswith("cleaned/")}
    logs = {name for name in theirs if name.endswith(".log")}
    assert {name for name in volume.names() if name.endswith(".log")} == logs
    horizons = 0
    for name in logs:
        mine = left(volume.read(name))
        assert mine == left(theirs[name]), name
        horizons += sum(one.head.attributes & 64 > 0 for one in mine)
    assert horizons > 0
    log.close()
    for name, data in theirs.items():
        if name.endswith(".txnindex"):
            assert volume.read(name) == data, name


def test_what_kafkas_cleaner_left_can_be_opened_and_read(golden: dict[str, bytes]) -> None:
    volume = volume_with(golden, "cleaned/", ".log", ".snapshot", "index")
    # Kafka keeps this elsewhere: offsets may be missing up to the active segment.
    active = max(name for name in volume.names() if name.endswith(".log"))
    volume.write("cleaner-offset-checkpoint", b"0\n%d\n%d\n" % ((int(active[:20]),) * 2))
    log = log_of(volume)
    theirs = b"".join(
        data for name, data in golden.items() if name.startswith("cleaned/") and ".log" in name
    )
    assert stored(log, 10_000) == theirs
