"""What the marts tell is what plain Python finds in the same events."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.shop.analytics.domain import MART_COLUMNS, MartName
from stend.shop.analytics.stores.asking import ChildMarts
from stend.shop.analytics.stores.computing import MOST_ROWS, compute
from stend.shop.analytics.stores.manifest import read_manifest
from stend.shop.analytics.stores.warehouse import ParquetWarehouse, Sizes
from tests.folders import open_folder
from tests.shop.analytics.events import NOON, FixedClock, batch_of, event, record, rub
from tests.shop.analytics.stories import (
    STORIES,
    Story,
    hours_of,
    log_of,
    products_of,
    stores_of,
)

HOURS, STORES, PRODUCTS = MartName
_DEADLINE_S = 60


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[ParquetWarehouse]:
    made = ParquetWarehouse(tmp_path / "warehouse", FixedClock(), Sizes(many_files=2))
    made.open()
    yield made
    made.close()


def marts_of(folder: Path) -> dict[str, list[list[Any]]]:
    marts: Any = compute(folder)["marts"]
    return {name: marts[name] for name in MartName}


@settings(deadline=None, max_examples=12)
@given(
    stories=STORIES,
    copies=st.lists(st.integers(0, 100), max_size=5),
    cuts=st.lists(st.integers(0, 40), max_size=3),
)
def test_marts_are_what_plain_python_finds(
    stories: Sequence[Story], copies: Sequence[int], cuts: Sequence[int]
) -> None:
    log = log_of(stories, copies)
    with open_folder() as folder:
        warehouse = ParquetWarehouse(folder, FixedClock(), Sizes(many_files=2))
        warehouse.open()
        places = [0, *sorted(min(cut, len(log)) for cut in cuts), len(log)]
        for first, last in pairwise(places):
            warehouse.append(batch_of(log[first:last]))
            warehouse.compact()
        warehouse.close()
        marts = marts_of(folder)
    assert marts[HOURS] == hours_of(stories)
    assert marts[PRODUCTS] == products_of(stories)
    expected = stores_of(stories)
    assert [row[:2] for row in marts[STORES]] == [row[:2] for row in expected]
    for row, wanted in zip(marts[STORES], expected, strict=True):
        assert row[2:] == pytest.approx(wanted[2:])


def test_an_empty_warehouse_has_empty_marts(tmp_path: Path) -> None:
    assert marts_of(tmp_path / "nowhere") == {HOURS: [], STORES: [], PRODUCTS: []}


def test_rows_have_a_value_for_every_column(warehouse: ParquetWarehouse, tmp_path: Path) -> None:
    told = [event("o", 1, "OrderPlaced"), event("o", 2, "OrderDelivered", NOON)]
    warehouse.append(batch_of(record(one, offset) for offset, one in enumerate(told)))
    for name, rows in marts_of(tmp_path / "warehouse").items():
        assert [len(row) for row in rows] == [len(MART_COLUMNS[MartName(name)])]


def test_an_order_whose_beginning_is_unknown_is_in_no_mart(
    warehouse: ParquetWarehouse, tmp_path: Path
) -> None:
    warehouse.append(batch_of([record(event("o", 5, "OrderDelivered"))]))
    assert all(not rows for rows in marts_of(tmp_path / "warehouse").values())


def test_files_of_older_and_newer_versions_are_read_together(
    warehouse: ParquetWarehouse, tmp_path: Path
) -> None:
    folder = tmp_path / "warehouse"
    for number, columns in enumerate(("* EXCLUDE (store, extra)", "*, 7 AS weight", "*")):
        order_id = f"o{number}"
        told = [event(order_id, 1, "OrderPlaced"), event(order_id, 2, "OrderDelivered")]
        warehouse.append(batch_of(record(one, 2 * number + at) for at, one in enumerate(told)))
        path = folder / read_manifest(folder).files[-1].path
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT {columns} FROM '{path}') TO '{tmp_path / 'other'}'"  # noqa: S608
                " (FORMAT parquet)"
            )
        (tmp_path / "other").replace(path)
    assert marts_of(folder)[STORES] == [["unknown", 3, 0, 0, 0, 0]]


def test_the_largest_values_that_are_facts_break_no_mart(
    warehouse: ParquetWarehouse, tmp_path: Path
) -> None:
    line = {"sku": "Ж" * 280, "quantity": 10**5, "unit_price": rub(10**9)}
    more = {"lines": [line] * 1000, "total": rub(10**15), "store": "\x00'\"\\"}
    told = []
    for number, year in enumerate((2000, 2100, 2199)):
        at = NOON.replace(year=year)
        told.append(event(f"o{number}", 1, "OrderPlaced", at, **more))
        told.append(event(f"o{number}", 2, "OrderDelivered", NOON))
    batch = batch_of(record(one, offset) for offset, one in enumerate(told))
    assert not batch.rejected
    warehouse.append(batch)
    marts = marts_of(tmp_path / "warehouse")
    assert [row[6] for row in marts[HOURS]] == [10**15] * 3
    assert marts[PRODUCTS] == [["Ж" * 280, 3, 3 * 10**8, 3 * 10**17]]
    ((store, deliveries, _, _, _, longest),) = marts[STORES]
    assert (store, deliveries) == (more["store"], 3)
    assert longest == (NOON - NOON.replace(year=2000)).total_seconds()


async def test_rows_are_bounded_and_that_is_told(
    warehouse: ParquetWarehouse, tmp_path: Path
) -> None:
    told = []
    for number in range(3):
        skus = range(number * 700, (number + 1) * 700)
        lines = [{"sku": f"S-{sku}", "quantity": 1, "unit_price": rub(sku)} for sku in skus]
        told.append(event(f"o{number}", 1, "OrderPlaced", lines=lines))
        told.append(event(f"o{number}", 2, "OrderDelivered"))
    warehouse.append(batch_of(record(one, offset) for offset, one in enumerate(told)))
    marts = ChildMarts(tmp_path / "warehouse", _DEADLINE_S)
    table = await marts.read(PRODUCTS, 1)
    assert (len(table.rows), table.more) == (MOST_ROWS, True)
    # What has brought most comes first, so the least is what is left out.
    assert [row[3] for row in table.rows] == list(range(2099, 99, -1))
    assert not (await marts.read(HOURS, 1)).more


async def test_questions_share_one_computation_and_its_answer_is_kept(
    warehouse: ParquetWarehouse, tmp_path: Path
) -> None:
    warehouse.append(batch_of([record(event("o", 1, "OrderPlaced"))]))
    marts = ChildMarts(tmp_path / "warehouse", _DEADLINE_S)
    tables = await asyncio.gather(*(marts.read(name, 1) for name in MartName))
    assert len({id(table.freshness) for table in tables}) == 1
    assert (await marts.read(HOURS, 1)).freshness is tables[0].freshness
    warehouse.append(batch_of([record(event("o", 2, "OrderCancelled"), 1)]))
    newer = await marts.read(HOURS, 2)
    assert (newer.freshness.sequence, newer.freshness.facts) == (2, 2)
    assert newer.rows[0][3] == 1


async def test_a_computation_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(StendError) as refused:
        await ChildMarts(tmp_path, 0.01).read(HOURS, 0)
    assert refused.value.code == "deadline-exceeded"


async def test_what_the_computation_complains_about_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(StendError) as refused:
        await ChildMarts(tmp_path, _DEADLINE_S).read(HOURS, 0)
    assert refused.value.code == "internal"


def test_the_stand_itself_imports_neither_ibis_nor_duckdb() -> None:
    probe = (
        "import sys; import stend.shop.analytics.service;"
        "print([name for name in ('duckdb', 'ibis', 'pyarrow', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
