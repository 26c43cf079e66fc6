"""The commands over RabbitMQ, as a consumer sees them."""

import asyncio
from dataclasses import replace
from typing import Any

import psycopg

from stend.chassis.metrics import REGISTRY
from stend.kit.errors import EdgeErrorCode
from stend.shop.stock.domain import Line, StockErrorCode
from stend.shop.stock.usecases import (
    Change,
    CommitStock,
    GetStock,
    ListReservations,
    ReleaseStock,
    RestockProduct,
)
from tests.shop.stock.conftest import Warehouse
from tests.shop.stock.examples import a_reservation, fresh_id, refusal

Database = psycopg.Connection[tuple[object, ...]]


async def level(warehouse: Warehouse, sku: str) -> tuple[int, int]:
    """Free and reserved."""
    answer: Any = await warehouse.client.call(GetStock((sku,)))
    (found,) = answer["quantities"]
    return found["on_hand"], found["reserved"]


async def test_a_reservation_keeps_goods_and_a_commit_takes_them_away(
    warehouse: Warehouse,
) -> None:
    free, kept = await level(warehouse, "MILK-001")
    command = a_reservation(("MILK-001", 2), ("BRD-001", 1), ("MILK-001", 1))
    made: Any = await warehouse.client.call(command)
    assert made["status"] == "reserved"
    assert made["lines"] == [
        {"sku": "BRD-001", "quantity": 1},
        {"sku": "MILK-001", "quantity": 3},
    ]
    assert await level(warehouse, "MILK-001") == (free - 3, kept + 3)
    gone: Any = await warehouse.client.call(CommitStock(command.reservation_id))
    assert (gone["status"], gone["lines"]) == ("committed", made["lines"])
    assert await level(warehouse, "MILK-001") == (free - 3, kept)


async def test_a_release_gives_the_goods_back(warehouse: Warehouse) -> None:
    before = await level(warehouse, "MILK-001")
    command = a_reservation()
    await warehouse.client.call(command)
    released: Any = await warehouse.client.call(ReleaseStock(command.reservation_id, "declined"))
    assert (released["status"], released["reason"]) == ("released", "declined")
    assert await level(warehouse, "MILK-001") == before


async def test_a_command_that_comes_again_changes_nothing_and_is_answered_alike(
    warehouse: Warehouse,
) -> None:
    command = a_reservation()
    steps: list[Change] = [
        command,
        CommitStock(command.reservation_id),
        RestockProduct("MILK-002", 7, fresh_id("truck-")),
    ]
    for step in steps:
        message_id = fresh_id("msg_")
        first = await warehouse.client.call(step, message_id)
        before = await level(warehouse, "MILK-001"), await level(warehouse, "MILK-002")
        # The same message, and the same command in another one.
        assert await warehouse.client.call(step, message_id) == first
        assert await warehouse.client.call(step) == first
        assert (await level(warehouse, "MILK-001"), await level(warehouse, "MILK-002")) == before
    # Late, after the commit: as at first.
    assert (await warehouse.client.call(command))["status"] == "reserved"
    other = a_reservation()
    await warehouse.client.call(other)
    free = ReleaseStock(other.reservation_id, "cancelled")
    assert await warehouse.client.call(free) == await warehouse.client.call(free)


async def test_the_inbox_counts_what_is_new_and_what_comes_again(warehouse: Warehouse) -> None:
    command, message_id = a_reservation(), fresh_id("msg_")
    before = inbox_counts()
    await warehouse.client.call(command, message_id)
    await warehouse.client.call(command, message_id)
    after = inbox_counts()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


def inbox_counts() -> tuple[float, float]:
    """New messages, duplicates."""
    return inbox_count("new"), inbox_count("duplicate")


def inbox_count(outcome: str) -> float:
    labels = {"service": "stock", "outcome": outcome}
    return REGISTRY.get_sample_value("shop_inbox_messages_total", labels) or 0.0


async def test_a_refusal_is_kept_too(warehouse: Warehouse) -> None:
    free, _ = await level(warehouse, "FISH-004")
    held = [a_reservation(*[("FISH-004", min(99, free - start))]) for start in range(0, free, 99)]
    await asyncio.gather(*(warehouse.client.call(one) for one in held))
    command, message_id = a_reservation(("FISH-004", 1), ("MILK-001", 1)), fresh_id("msg_")
    refused = await refusal(warehouse.client.call(command, message_id))
    assert refused.code is StockErrorCode.OUT_OF_STOCK
    assert [(one.where, one.rule) for one in refused.violations] == [("FISH-004", "at most 0")]
    for one in held:
        await warehouse.client.call(ReleaseStock(one.reservation_id, "no"))
    # Delivered once more, it must not reserve: its sender was told that it did not.
    again = await refusal(warehouse.client.call(command, message_id))
    assert (again.code, again.violations) == (refused.code, refused.violations)
    assert (await warehouse.client.call(command))["status"] == "reserved"


async def test_a_release_before_its_reservation_blocks_it(warehouse: Warehouse) -> None:
    before = await level(warehouse, "MILK-001")
    command = a_reservation()
    stone: Any = await warehouse.client.call(ReleaseStock(command.reservation_id, "cancelled"))
    assert (stone["status"], stone["lines"]) == ("released", [])
    for late in (command, CommitStock(command.reservation_id)):
        error = await refusal(warehouse.client.call(late))
        assert error.code is StockErrorCode.RESERVATION_RELEASED
    assert await level(warehouse, "MILK-001") == before


async def test_what_the_domain_refuses_has_its_code(warehouse: Warehouse) -> None:
    done, restock = a_reservation(), RestockProduct("MILK-003", 5, fresh_id("truck-"))
    message_id = fresh_id("msg_")
    await warehouse.client.call(done, message_id)
    await warehouse.client.call(CommitStock(done.reservation_id))
    await warehouse.client.call(restock)
    call = warehouse.client.call
    refusals = [
        (call(ReleaseStock(done.reservation_id, "x")), StockErrorCode.RESERVATION_COMMITTED),
        (call(CommitStock(fresh_id())), StockErrorCode.RESERVATION_NOT_FOUND),
        (
            call(replace(done, lines=(Line("MILK-001", 9),))),
            StockErrorCode.RESERVATION_ID_REUSED,
        ),
        (call(replace(restock, quantity=6)), StockErrorCode.RESTOCK_ID_REUSED),
        (call(replace(restock, quantity=0)), StockErrorCode.INVALID_RESTOCK),
        (call(RestockProduct("NONE-001", 1, fresh_id())), StockErrorCode.SKU_UNKNOWN),
        (call(GetStock(("NONE-001",))), StockErrorCode.SKU_UNKNOWN),
        (call(a_reservation(("NONE-001", 1), ("NONE-002", 1))), StockErrorCode.SKU_UNKNOWN),
        (call(a_reservation(("MILK-001", 100))), StockErrorCode.INVALID_RESERVATION),
        (call(replace(done, lines=())), StockErrorCode.INVALID_RESERVATION),
        (call(a_reservation(), message_id), StockErrorCode.MESSAGE_ID_REUSED),
        (call(CommitStock("no id!")), EdgeErrorCode.INVALID_ARGUMENT),
    ]
    for work, code in refusals:
        assert (await refusal(work)).code is code


async def test_reservations_are_listed_page_by_page(warehouse: Warehouse) -> None:
    prefix = fresh_id("page_")
    wanted = [f"{prefix}-{number}" for number in range(5)]
    for reservation_id in wanted:
        await warehouse.client.call(a_reservation(reservation_id=reservation_id))
    seen: list[str] = []
    after = prefix
    while len(seen) < 5:
        page: Any = await warehouse.client.call(ListReservations(after, 2))
        seen += [one["reservation_id"] for one in page["reservations"]]
        after = page["next_after"] or seen[-1]
    assert seen[:5] == wanted


async def test_fifty_parallel_reservations_never_oversell(warehouse: Warehouse) -> None:
    free, _ = await level(warehouse, "FISH-003")
    # Twenty pieces are left for fifty customers, who name the products in either order.
    for start in range(20, free, 99):
        await warehouse.client.call(a_reservation(("FISH-003", min(99, free - start))))
    free, kept = await level(warehouse, "FISH-003")
    assert free == 20
    lines = [("FISH-003", 1), ("MILK-001", 1), ("VEG-001", 1)]
    commands = [a_reservation(*(lines if turn % 2 else lines[::-1])) for turn in range(50)]
    answers = await asyncio.gather(
        *(warehouse.client.call(one) for one in commands), return_exceptions=True
    )
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert {getattr(one, "code", one) for one in refused} == {StockErrorCode.OUT_OF_STOCK}
    assert (len(answers) - len(refused), len(refused)) == (20, 30)
    assert await level(warehouse, "FISH-003") == (0, kept + 20)


async def test_one_reservation_asked_for_fifty_times_at_once_is_made_once(
    warehouse: Warehouse, database: Database
) -> None:
    command, message_id = a_reservation(), fresh_id("msg_")
    answers = await asyncio.gather(
        *(warehouse.client.call(command, message_id) for _ in range(25)),
        *(warehouse.client.call(command) for _ in range(25)),
    )
    assert len({str(answer) for answer in answers}) == 1
    counted = database.execute(
        "SELECT count(*) FROM stock.movements WHERE reference = %s", [command.reservation_id]
    )
    assert counted.fetchone() == (2,)


async def test_reserve_and_release_at_once_leave_one_truth(warehouse: Warehouse) -> None:
    before = await level(warehouse, "VEG-002")
    commands = [a_reservation(("VEG-002", 3)) for _ in range(20)]
    await asyncio.gather(
        *(warehouse.client.call(one) for one in commands),
        *(warehouse.client.call(ReleaseStock(one.reservation_id, "x")) for one in commands),
        return_exceptions=True,
    )
    assert await level(warehouse, "VEG-002") == before
