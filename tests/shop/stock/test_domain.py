"""The life of a reservation, without a database."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.shop.stock import domain
from stend.shop.stock.domain import Line, Quantity, ReservationStatus, StockErrorCode
from tests.fakes.orders import MORNING

LATER = MORNING + timedelta(minutes=1)
PRESENT = {sku: Quantity(sku, 5, 0) for sku in ("BRD-001", "MILK-001")}
LINES = (Line("BRD-001", 1), Line("MILK-001", 2))


def made() -> domain.Reservation:
    return domain.reserve("ord_1", LINES, PRESENT, MORNING)


def code_of(act: object, *arguments: object) -> str:
    assert callable(act)
    with pytest.raises(StendError) as refused:
        act(*arguments)
    return refused.value.code


@given(st.lists(st.builds(Line, st.sampled_from(sorted(PRESENT)), st.integers(1, 99)), min_size=1))
def test_merged_lines_are_ordered_unique_and_add_up(lines: Sequence[Line]) -> None:
    lines = lines[: domain.MAX_LINES]
    merged = domain.merged(lines)
    skus = [line.sku for line in merged]
    assert skus == sorted(set(skus))
    assert sum(line.quantity for line in merged) == sum(line.quantity for line in lines)


@pytest.mark.parametrize(
    "lines", [[], [Line("MILK-001", 0)], [Line("MILK-001", 100)], [Line("MILK-001", 1)] * 51]
)
def test_lines_outside_of_the_rules_are_refused(lines: list[Line]) -> None:
    assert code_of(domain.merged, lines) == StockErrorCode.INVALID_RESERVATION


def test_every_sku_that_is_short_is_named() -> None:
    lines = (Line("BRD-001", 6), Line("MILK-001", 7))
    with pytest.raises(StendError) as refused:
        domain.reserve("ord_1", lines, PRESENT, MORNING)
    assert refused.value.code is StockErrorCode.OUT_OF_STOCK
    assert [one.where for one in refused.value.violations] == ["BRD-001", "MILK-001"]
    assert "6 of BRD-001, 7 of MILK-001" in refused.value.detail


def test_a_reservation_goes_one_way_and_each_step_may_be_repeated() -> None:
    released = domain.release(made(), "declined", LATER)
    assert (released.status, released.reason) == (ReservationStatus.RELEASED, "declined")
    assert domain.release(released, "again", LATER) == released
    assert code_of(domain.commit, released, LATER) == StockErrorCode.RESERVATION_RELEASED
    committed = domain.commit(made(), LATER)
    assert domain.commit(committed, LATER + timedelta(hours=1)) == committed
    assert code_of(domain.release, committed, "x", LATER) == StockErrorCode.RESERVATION_COMMITTED


def test_the_same_reservation_is_answered_as_at_first() -> None:
    committed = domain.commit(made(), LATER)
    assert domain.same_reservation(committed, LINES) == made()
    assert code_of(domain.same_reservation, made(), LINES[:1]) == (
        StockErrorCode.RESERVATION_ID_REUSED
    )


def test_a_tombstone_holds_nothing_and_blocks_what_comes_late() -> None:
    stone = domain.tombstone("ord_1", "cancelled", MORNING)
    assert stone.lines == ()
    assert code_of(domain.same_reservation, stone, LINES) == StockErrorCode.RESERVATION_RELEASED
