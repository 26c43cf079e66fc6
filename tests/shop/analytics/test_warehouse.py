"""Facts and offsets change together, files are few, and what is there is what was written."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stend.kit.errors import StendError
from stend.shop.analytics.domain import Partition, Record
from stend.shop.analytics.ports import Batch
from stend.shop.analytics.stores.durable import Step
from stend.shop.analytics.stores.manifest import DamagedManifestError, read_manifest
from stend.shop.analytics.stores.warehouse import ParquetWarehouse, Sizes
from tests.shop.analytics.events import (
    NOON,
    TOPIC,
    FixedClock,
    batch_of,
    event,
    places_of,
    record,
    rows_of,
    rub,
)

P0, P1 = Partition(TOPIC, 0), Partition(TOPIC, 1)


def placed(*offsets: int, partition: int = 0, **more: Any) -> list[Record]:
    return [
        record(event(f"o{partition}-{offset}", 1, "OrderPlaced", **more), offset, partition)
        for offset in offsets
    ]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def opened(tmp_path: Path, clock: FixedClock) -> Iterator[Callable[..., ParquetWarehouse]]:
    made: list[ParquetWarehouse] = []

    def make(**more: Any) -> ParquetWarehouse:
        warehouse = ParquetWarehouse(tmp_path / "warehouse", clock, **more)
        warehouse.open()
        made.append(warehouse)
        return warehouse

    yield make
    for one in made:
        one.close()


Opened = Callable[..., ParquetWarehouse]


def test_an_empty_warehouse_begins_at_the_beginning(opened: Opened, tmp_path: Path) -> None:
    warehouse = opened()
    assert warehouse.position(P0) == 0
    assert (warehouse.freshness().sequence, warehouse.freshness().committed_at) == (0, None)
    warehouse.append(Batch([], [], {}))
    warehouse.compact()
    assert not (tmp_path / "warehouse" / "manifest.json").exists()


def test_every_member_of_an_event_is_kept(opened: Opened, tmp_path: Path) -> None:
    lines = [
        {"sku": "MILK-001", "quantity": 2, "unit_price": rub(8990)},
        {"sku": "BRD-001", "quantity": 1, "unit_price": rub(5990)},
    ]
    first = event(
        "ord_1",
        1,
        "OrderPlaced",
        NOON + timedelta(microseconds=123456),
        lines=lines,
        total=rub(23970),
        store="Север «7»",
        courier={"name": "Пётр", "rating": 4.9},
    )
    second = event("ord_1", 2, "OrderCancelled", reason="Передумал")
    opened().append(batch_of([record(first, 7, 2), record(second, 8, 2)]))
    columns = (
        "kafka_topic, kafka_partition, kafka_offset, event_id, order_id, version, type, status,"
        " epoch_us(occurred_at), reason, customer_id, store, lines, total_minor, currency, extra"
    )
    noon_us = int(NOON.timestamp()) * 1_000_000
    kept_lines = [
        {"sku": "MILK-001", "quantity": 2, "unit_price_minor": 8990},
        {"sku": "BRD-001", "quantity": 1, "unit_price_minor": 5990},
    ]
    assert rows_of(tmp_path / "warehouse", columns=columns) == [
        (
            *(TOPIC, 2, 7, "ord_1:1", "ord_1", 1, "OrderPlaced", "placed", noon_us + 123456),
            *(None, "cus_1", "Север «7»", kept_lines, 23970, "RUB"),
            '{"courier":{"name":"Пётр","rating":4.9}}',
        ),
        (
            *(TOPIC, 2, 8, "ord_1:2", "ord_1", 2, "OrderCancelled", "cancelled", noon_us),
            *("Передумал", "cus_1", None, None, None, None, None),
        ),
    ]


def test_files_lie_by_the_day_of_the_event_in_utc(opened: Opened, tmp_path: Path) -> None:
    late = event("o", 1, "OrderPlaced", occurred_at="2026-11-28T01:30:00+03:00")
    next_day = event("o", 2, "OrderPaid", occurred_at="2026-11-28T03:30:00+03:00")
    opened().append(batch_of([record(late, 0), record(next_day, 1)]))
    files = read_manifest(tmp_path / "warehouse").files
    assert [(one.day, one.rows) for one in files] == [("2026-11-27", 1), ("2026-11-28", 1)]
    assert all(one.path.startswith(f"order_events/date={one.day}/") for one in files)
    assert [one.offsets for one in files] == [{f"{TOPIC}/0": (0, 0)}, {f"{TOPIC}/0": (1, 1)}]
    assert all(
        (tmp_path / "warehouse" / one.path).stat().st_size == one.size_bytes for one in files
    )


def test_positions_are_those_of_the_files_also_after_a_restart(opened: Opened) -> None:
    warehouse = opened()
    warehouse.append(batch_of([*placed(0, 1, 2), *placed(5, partition=1)]))
    warehouse.close()
    again = opened()
    assert (again.position(P0), again.position(P1)) == (3, 6)
    assert again.freshness().facts == 4
    assert again.freshness().newest_event_at == NOON


def test_what_is_read_again_is_not_written_again(opened: Opened, tmp_path: Path) -> None:
    warehouse = opened()
    warehouse.append(batch_of(placed(0, 1, 2)))
    warehouse.append(batch_of(placed(1, 2)))
    assert warehouse.freshness().sequence == 1
    warehouse.append(batch_of([*placed(2, 3), *placed(0, partition=1)]))
    assert places_of(tmp_path / "warehouse") == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]


def test_offsets_without_records_are_passed(opened: Opened) -> None:
    warehouse = opened()
    warehouse.append(Batch([], [], {P0: 4}))
    assert warehouse.position(P0) == 4


def test_what_is_no_event_lies_beside_the_facts_whole(opened: Opened, tmp_path: Path) -> None:
    bad = Record(P0, 3, b"\xffkey", b"\x00\xff{", (("ce_id", b"\xfe"), ("empty", None)))
    tombstone = Record(P0, 4, b"k", None, placed(4)[0].headers)
    opened().append(batch_of([*placed(2), bad, tombstone]))
    folder = tmp_path / "warehouse"
    assert places_of(folder) == [(0, 2)]
    columns = "kafka_offset, reason, detail, key, value, headers"
    first, second = rows_of(folder, "rejected", columns)
    assert first == (
        *(3, "bad-headers", "without ce_specversion, ce_source, ce_type"),
        *(b"\xffkey", b"\x00\xff{"),
        '[{"name": "ce_id", "value": "\\\\xfe"}, {"name": "empty", "value": null}]',
    )
    assert (second[:2], second[4]) == ((4, "no-value"), None)


# ---- few files -----------------------------------------------------------------------------


def test_small_files_of_a_day_become_one(opened: Opened, tmp_path: Path, clock: FixedClock) -> None:
    folder = tmp_path / "warehouse"
    warehouse = opened(sizes=Sizes(many_files=4, small_rows=100))
    tomorrow = NOON + timedelta(days=1)
    for offset in range(3):
        warehouse.append(batch_of(placed(offset)))
        warehouse.compact()
    warehouse.append(batch_of(placed(0, partition=1, at=tomorrow)))
    warehouse.compact()
    assert len(read_manifest(folder).files) == 4
    before = rows_of(folder)
    warehouse.append(batch_of(placed(3)))
    warehouse.compact()
    manifest = read_manifest(folder)
    assert [(one.day, one.rows) for one in manifest.files] == [("2026-11-28", 1), ("2026-11-27", 4)]
    assert manifest.files[1].offsets == {f"{TOPIC}/0": (0, 3)}
    assert [row for row in rows_of(folder) if row[2] != 3] == before
    assert warehouse.position(P0) == 4
    # Somebody may still read the merged files; a little later they are gone.
    assert len(list(folder.rglob("*.parquet"))) == 6
    clock.pass_time(60)
    warehouse.append(batch_of(placed(4)))
    assert len(list(folder.rglob("*.parquet"))) == 3


def test_a_file_that_has_grown_is_merged_no_more(opened: Opened, tmp_path: Path) -> None:
    warehouse = opened(sizes=Sizes(many_files=2, small_rows=4))
    for offset in range(12):
        warehouse.append(batch_of(placed(offset)))
        warehouse.compact()
    files = read_manifest(tmp_path / "warehouse").files
    assert sorted(one.rows for one in files) == [4, 4, 4]


def test_rejected_records_are_merged_too(opened: Opened, tmp_path: Path) -> None:
    warehouse = opened(sizes=Sizes(many_files=3))
    for offset in range(3):
        warehouse.append(batch_of([Record(P0, offset, None, b"?", ())]))
        warehouse.compact()
    (file,) = read_manifest(tmp_path / "warehouse").files
    assert (file.table, file.rows) == ("rejected", 3)


def test_a_merge_keeps_columns_of_a_newer_version(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    warehouse = opened(sizes=Sizes(many_files=2))
    warehouse.append(batch_of(placed(0)))
    (file,) = read_manifest(folder).files
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT *, 7 AS weight FROM '{folder / file.path}')"  # noqa: S608
            f" TO '{tmp_path / 'newer'}'"
            " (FORMAT parquet)"
        )
    (tmp_path / "newer").replace(folder / file.path)
    warehouse.append(batch_of(placed(1)))
    warehouse.compact()
    assert rows_of(folder, columns="kafka_offset, weight") == [(0, 7), (1, None)]


# ---- a broker that forgets -----------------------------------------------------------------


def test_a_topic_that_was_made_again_is_read_from_its_beginning(
    opened: Opened, tmp_path: Path
) -> None:
    warehouse = opened()
    warehouse.follow_topic(TOPIC, "one")
    warehouse.append(batch_of([*placed(0, 1), *placed(0, partition=1)]))
    warehouse.follow_topic(TOPIC, "one")
    assert warehouse.position(P0) == 2
    warehouse.follow_topic(TOPIC, "two")
    assert (warehouse.position(P0), warehouse.position(P1)) == (0, 0)
    warehouse.append(batch_of(placed(0)))
    manifest = read_manifest(tmp_path / "warehouse")
    assert (manifest.topic_ids, manifest.positions) == ({TOPIC: "two"}, {f"{TOPIC}/0": 1})
    lost = {(one.partition, one.position) for one in manifest.restarts}
    assert lost == {(f"{TOPIC}/0", 2), (f"{TOPIC}/1", 1)}


def test_a_lost_position_is_remembered(opened: Opened, tmp_path: Path) -> None:
    warehouse = opened()
    warehouse.append(batch_of([*placed(0, 1, 2), *placed(0, partition=1)]))
    warehouse.restart(P0)
    assert (warehouse.position(P0), warehouse.position(P1)) == (0, 1)
    warehouse.append(batch_of(placed(0)))
    (restart,) = read_manifest(tmp_path / "warehouse").restarts
    assert (restart.partition, restart.position) == (f"{TOPIC}/0", 3)
    assert warehouse.position(P1) == 1


# ---- what goes wrong -----------------------------------------------------------------------


@pytest.mark.parametrize("step", list(Step)[:5])
def test_a_commit_that_fails_is_done_again(opened: Opened, tmp_path: Path, step: Step) -> None:
    failing = [step]

    def reached(now: Step) -> None:
        if now in failing:
            failing.clear()
            raise OSError("the disk is full")

    warehouse = opened(reached=reached)
    with pytest.raises(OSError, match="full"):
        warehouse.append(batch_of(placed(0, 1)))
    assert warehouse.position(P0) == 0
    assert places_of(tmp_path / "warehouse") == []
    warehouse.append(batch_of(placed(0, 1, 2)))
    assert places_of(tmp_path / "warehouse") == [(0, 0), (0, 1), (0, 2)]


def test_a_commit_that_fails_behind_its_end_doubles_nothing(opened: Opened, tmp_path: Path) -> None:
    failing = [True]

    def reached(now: Step) -> None:
        if now is Step.COMMITTED and failing:
            failing.clear()
            raise OSError("the folder cannot be synced")

    folder = tmp_path / "warehouse"
    warehouse = opened(reached=reached)
    with pytest.raises(OSError, match="synced"):
        warehouse.append(batch_of(placed(0, 1)))
    on_disk = read_manifest(folder)
    assert places_of(folder) == [(0, 0), (0, 1)]
    warehouse.append(batch_of(placed(0, 1, 2)))
    assert places_of(folder) == [(0, 0), (0, 1), (0, 2)]
    # Until the second manifest stood there, the first one and its files were whole.
    assert not {one.path for one in on_disk.files} & {
        one.path for one in read_manifest(folder).files
    }


def test_two_processes_do_not_write_one_warehouse(opened: Opened, tmp_path: Path) -> None:
    opened()
    with pytest.raises(StendError, match="cannot be reached") as refused:
        ParquetWarehouse(tmp_path / "warehouse", FixedClock()).open()
    assert refused.value.code == "unavailable"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"format": 2}', '{"format": 1, "files": [{}], "restarts": []}'],
)
def test_a_damaged_manifest_is_refused_and_stays(opened: Opened, tmp_path: Path, text: str) -> None:
    warehouse = opened()
    warehouse.append(batch_of(placed(0)))
    warehouse.close()
    path = tmp_path / "warehouse" / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedManifestError, match=r"manifest\.json"):
        opened()
    assert path.read_text(encoding="utf-8") == text
    assert len(list((tmp_path / "warehouse").rglob("*.parquet"))) == 1


def test_left_overs_go_when_the_warehouse_is_opened(opened: Opened, tmp_path: Path) -> None:
    warehouse = opened()
    warehouse.append(batch_of(placed(0)))
    warehouse.close()
    folder = tmp_path / "warehouse"
    (named,) = folder.rglob("*.parquet")
    for name in ("0000000002-1.parquet", "0000000002-2.parquet.tmp"):
        (named.parent / name).write_bytes(b"half")
    opened()
    assert list(folder.rglob("*.parquet*")) == [named]


def test_a_path_with_quotes_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "Пётр's"
    warehouse = ParquetWarehouse(folder, FixedClock(), Sizes(many_files=2))
    warehouse.open()
    for offset in range(2):
        warehouse.append(batch_of(placed(offset)))
    warehouse.compact()
    assert places_of(folder) == [(0, 0), (0, 1)]
    warehouse.close()


def test_lines_of_a_thousand_products_fit(opened: Opened, tmp_path: Path) -> None:
    lines = [{"sku": f"S-{n}", "quantity": 1, "unit_price": rub(1)} for n in range(1000)]
    big = event("o", 1, "OrderPlaced", lines=lines, total=rub(1000))
    opened().append(batch_of([record(big)]))
    assert rows_of(tmp_path / "warehouse", columns="len(lines)") == [(1000,)]


def test_rows_keep_their_time_of_reading(opened: Opened, tmp_path: Path, clock: FixedClock) -> None:
    opened().append(batch_of(placed(0)))
    seconds = rows_of(tmp_path / "warehouse", columns="epoch(read_at)")[0][0]
    assert seconds == clock.now().timestamp()
