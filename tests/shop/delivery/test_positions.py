"""Where couriers are: simulated along the streets, or as they report themselves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import grpc.aio
import pytest

from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from stend.shop.delivery.domain.city import STORES, Point, distance_m, point_of
from tests.shop.delivery.calling import SD, Calls, code_of, each, fresh_order
from tests.shop.delivery.conftest import StartService

PARK = pb.Point(latitude=55.75, longitude=37.62)


def report_of(courier_id: str, second: int, point: pb.Point = PARK) -> pb.PositionReport:
    message = pb.PositionReport(courier_id=courier_id, position=point)
    message.occurred_at.FromDatetime(datetime(2026, 11, 23, tzinfo=UTC) + timedelta(0, second))
    return message


def _metres(one: pb.Point, other: pb.Point) -> float:
    return distance_m(Point(one.latitude, one.longitude), Point(other.latitude, other.longitude))


async def test_a_courier_is_followed_to_the_door(start: StartService) -> None:
    _, calls = await start(time_scale=400.0)
    order_id = fresh_order()
    assigned = await calls.assign(order_id)
    positions = [position async for position in calls.track(order_id)]
    assert {position.courier_id for position in positions} == {assigned.courier.courier_id}
    statuses = [position.status for position in positions]
    assert statuses == sorted(statuses)
    assert statuses[-1] == SD.DELIVERY_STATUS_DELIVERED
    assert positions[-1].position == (await calls.get(order_id)).door
    steps = [_metres(one.position, other.position) for one, other in pairwise(positions)]
    assert any(steps)


async def test_a_delivery_that_has_ended_has_a_last_position_or_none(slow: Calls) -> None:
    order_id = fresh_order()
    await slow.assign(order_id)
    stream = slow.track(order_id)
    assert (await anext(aiter(stream))).status == SD.DELIVERY_STATUS_ASSIGNED
    await slow.cancel(order_id)
    assert [position async for position in stream] == []
    assert [position async for position in slow.track(order_id)] == []


async def test_nobody_can_be_followed_with_an_unknown_order(slow: Calls) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(slow.track(fresh_order())))
    assert code_of(caught.value) == "delivery-not-found"


async def test_reported_positions_stand_for_the_simulated_ones(slow: Calls) -> None:
    order_id = fresh_order()
    courier_id = (await slow.assign(order_id)).courier.courier_id
    stream = slow.track(order_id)
    assert _metres((await anext(aiter(stream))).position, PARK) > 100
    reports = [report_of(courier_id, 1), report_of(courier_id, 0), report_of(courier_id, 2)]
    summary = await slow.report(each(*reports))
    assert (summary.accepted, summary.outdated) == (2, 1)
    assert (await anext(aiter(stream))).position == PARK
    stream.cancel()
    near = await slow.couriers(near=PARK, radius_m=50)
    assert [*near] == [courier_id]
    assert near[courier_id].distance_m < 1


async def test_couriers_are_found_by_their_distance(slow: Calls) -> None:
    everybody = await slow.couriers()
    assert [*everybody] == [f"cou_{number:02d}" for number in range(1, 21)]
    lesnaya = point_of(STORES["sto_lesnaya"].spot)
    middle = pb.Point(latitude=lesnaya.latitude, longitude=lesnaya.longitude)
    at_home = await slow.couriers(near=middle, radius_m=10)
    assert 6 <= len(at_home) <= 7
    all_by_distance = [*(await slow.couriers(near=middle, radius_m=20_000)).values()]
    distances = [one.distance_m for one in all_by_distance]
    assert len(distances) == 20
    assert distances == sorted(distances)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (report_of("cou_99", 0), "courier-unknown"),
        (report_of("nobody", 0), "invalid-argument"),
        (report_of("cou_01", 0, pb.Point(latitude=89, longitude=0)), "invalid-argument"),
        (report_of("cou_01", 0, pb.Point(latitude=float("nan"))), "invalid-argument"),
        (pb.PositionReport(courier_id="cou_01", position=PARK), "invalid-argument"),
    ],
)
async def test_a_report_that_makes_no_sense_ends_the_stream(
    slow: Calls, message: pb.PositionReport, code: str
) -> None:
    async def reports() -> AsyncIterator[pb.PositionReport]:
        yield report_of("cou_01", 0)
        yield message
        # A caller who goes on is told all the same.
        await asyncio.Event().wait()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.report(reports())
    assert code_of(caught.value) == code
