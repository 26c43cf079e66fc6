"""The feed of changes: nothing is lost and nothing told twice, whatever happens to the reader."""

import asyncio
from collections import defaultdict

import grpc.aio
import pytest

from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from tests.shop.delivery.calling import LIFE, Calls, code_of, fresh_order, until_final
from tests.shop.delivery.conftest import StartService
from tests.waiting import until_async


async def _some(calls: Calls, after: str, most: int) -> list[pb.DeliveryEvent]:
    events: list[pb.DeliveryEvent] = []
    stream = calls.watch(after, timeout_s=20)
    async for event in stream:
        events.append(event)
        if len(events) == most:
            break
    stream.cancel()
    return events


async def test_a_reader_who_comes_back_again_and_again_misses_nothing(calls: Calls) -> None:
    orders = [fresh_order() for _ in range(20)]

    async def read() -> list[pb.DeliveryEvent]:
        events: list[pb.DeliveryEvent] = []
        while len(events) < len(orders) * len(LIFE):
            cursor = events[-1].cursor if events else ""
            left = len(orders) * len(LIFE) - len(events)
            events += await _some(calls, cursor, min(7, left))
        return events

    reading = asyncio.create_task(read())
    await asyncio.gather(*(calls.assign(order_id) for order_id in orders))
    events = await reading
    lives = defaultdict(list)
    for event in events:
        lives[event.order_id].append(event.status)
    assert lives == dict.fromkeys(orders, LIFE)
    assert len({event.cursor for event in events}) == len(events)
    assert events == await until_final(calls, *orders)


async def test_every_event_of_a_courier_names_the_store_that_the_answer_named(
    calls: Calls,
) -> None:
    assigned, never = fresh_order(), fresh_order()
    answer = await calls.assign(assigned)
    await calls.cancel(never)
    told: dict[str, set[str]] = {assigned: set(), never: set()}
    for event in await until_final(calls, assigned, never):
        told[event.order_id].add(event.store_id if event.HasField("store_id") else "")
    assert told == {assigned: {answer.store_id}, never: {""}}


async def test_two_services_on_one_redis_make_each_step_once(start: StartService) -> None:
    one, other = (await start())[1], (await start())[1]
    orders = [fresh_order() for _ in range(30)]
    await asyncio.gather(*((one, other)[n % 2].assign(o) for n, o in enumerate(orders)))
    events = await until_final(one, *orders)
    assert len(events) == len(orders) * len(LIFE)
    assert events == await until_final(other, *orders)


async def test_a_cursor_that_is_not_kept_any_more_is_refused(start: StartService) -> None:
    _, calls = await start(keep_events=10, time_scale=0.01)
    orders = [fresh_order() for _ in range(12)]
    for order_id in orders:
        await calls.assign(order_id)
    kept = await _some(calls, "", 10)
    assert [event.order_id for event in kept] == orders[2:]
    await calls.assign(fresh_order())
    # Nothing after the first of them is lost, although it is gone itself.
    assert await _some(calls, kept[0].cursor, 9) == kept[1:]
    await calls.assign(fresh_order())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _some(calls, kept[0].cursor, 1)
    assert caught.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert code_of(caught.value) == "cursor-too-old"


@pytest.mark.parametrize("some_are_there", [False, True])
async def test_a_cursor_of_another_feed_is_refused(slow: Calls, some_are_there: bool) -> None:
    if some_are_there:
        await slow.assign(fresh_order())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _some(slow, "99999999999999-0", 1)
    assert code_of(caught.value) == "cursor-unknown"


async def test_a_text_that_is_no_cursor_is_refused(slow: Calls) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _some(slow, "yesterday", 1)
    assert code_of(caught.value) == "invalid-argument"


async def test_a_reader_who_goes_away_leaves_nothing_behind(start: StartService) -> None:
    service, calls = await start()
    streams = [calls.watch() for _ in range(10)]
    await until_async(lambda: service.followers == 10)
    for stream in streams[:5]:
        stream.cancel()
    await until_async(lambda: service.followers == 5)
    await calls.close()
    await until_async(lambda: service.followers == 0)


async def test_a_stream_ends_at_the_callers_deadline(start: StartService) -> None:
    service, calls = await start()
    stream = calls.watch(timeout_s=0.2)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(stream))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await until_async(lambda: service.followers == 0)


async def test_everybody_is_told_that_the_service_stops(start: StartService) -> None:
    service, calls = await start()
    stream = calls.watch()
    await until_async(lambda: service.followers == 1)
    service.end_streams()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(stream))
    assert code_of(caught.value) == "unavailable"
