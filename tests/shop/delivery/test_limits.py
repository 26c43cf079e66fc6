"""Deadlines, sizes, garbage: each is refused in gRPC's own way, and nothing stays behind."""

import asyncio
import time
from typing import Any

import grpc.aio
import pytest

from stend.chassis.grpc import GrpcLimits
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from tests.engines.redis.running import Client
from tests.shop.delivery.calling import Calls, code_of, each, fresh_order
from tests.shop.delivery.conftest import LIMITS, StartService
from tests.shop.delivery.test_positions import report_of

METHOD = "/lavka.delivery.v1.Deliveries/"


async def test_a_message_above_the_limit_is_refused(slow: Calls) -> None:
    address = pb.Address(city="М" * LIMITS.message_limit_bytes)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.assign(fresh_order(), address=address)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    # Clients tell it from too many calls by this text.
    assert "message larger than max" in (caught.value.details() or "")
    assert await slow.couriers()


async def test_a_message_above_the_limit_ends_a_stream(slow: Calls) -> None:
    large = pb.PositionReport(courier_id="c" * LIMITS.message_limit_bytes)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.report(each(report_of("cou_01", 0), large))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("method", ["AssignCourier", "GetDelivery", "ListDeliveries"])
async def test_bytes_that_are_no_message_are_refused(slow: Calls, method: str) -> None:
    call: Any = slow.channel.unary_unary(METHOD + method)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(b"\xff\xff\xff", timeout=5)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert code_of(caught.value) == "malformed-message"


async def test_every_broken_field_is_named(slow: Calls) -> None:
    request = pb.AssignCourierRequest(order_id="1", store_id="Nowhere")
    request.slot.starts_at.seconds = 2_000_000_000
    request.slot.ends_at.seconds = 1_999_999_999
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.unary("AssignCourier", request, pb.AssignCourierResponse)
    details = caught.value.details() or ""
    for field in ("order_id", "address.city", "address.house", "store_id", "slot.ends_at"):
        assert field in details


async def test_nothing_is_answered_after_the_callers_deadline(
    slow: Calls, redis_client: Client
) -> None:
    await slow.assign(fresh_order())
    redis_client.client_pause(800)
    began = time.monotonic()
    request = pb.GetDeliveryRequest(order_id=fresh_order())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await slow.unary("GetDelivery", request, pb.Delivery, timeout_s=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 0.6


async def test_an_engine_that_hangs_is_told_within_the_services_deadline(
    start: StartService, redis_client: Client
) -> None:
    _, calls = await start(grpc=GrpcLimits(0.5, 65_536), time_scale=0.01)
    await calls.couriers()
    redis_client.client_pause(1500)
    began = time.monotonic()
    results = await asyncio.gather(
        *(calls.get(fresh_order()) for _ in range(40)), return_exceptions=True
    )
    assert time.monotonic() - began < 1.2
    codes = {code_of(one) for one in results if isinstance(one, grpc.aio.AioRpcError)}
    assert len(results) == 40
    assert codes <= {"unavailable", "deadline-exceeded"}
    assert codes
    redis_client.client_unpause()


async def test_more_calls_than_allowed_at_one_time_are_refused(start: StartService) -> None:
    _, calls = await start(grpc=GrpcLimits(2.0, 65_536, calls_limit=5))
    streams = [calls.watch(timeout_s=5) for _ in range(8)]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asyncio.wait_for(_first_refusal(streams), 5)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    for stream in streams:
        stream.cancel()


async def _first_refusal(streams: list[Any]) -> None:
    reading = [asyncio.ensure_future(anext(aiter(stream))) for stream in streams]
    done, waiting = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        task.result()
