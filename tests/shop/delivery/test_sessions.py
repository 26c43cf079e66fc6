"""Couriers at work: offers, answers, reports, and what happens when they vanish."""

from typing import Any

import grpc.aio
import pytest

from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from tests.shop.delivery.calling import LIFE, SD, Calls, code_of, fresh_order, until_final
from tests.shop.delivery.conftest import StartService
from tests.shop.delivery.test_positions import PARK, report_of
from tests.waiting import until_answered, until_async

ME = "cou_07"


class App:
    """A courier's program."""

    def __init__(self, calls: Calls) -> None:
        self._stream = calls.session()

    async def start(self, courier_id: str = ME) -> str:
        await self._say(start=pb.StartSession(courier_id=courier_id))
        started = (await self.hear()).started
        assert started.courier.courier_id == courier_id
        return started.session_id

    async def answer(self, order_id: str, accepted: bool) -> None:
        await self._say(answer=pb.OfferAnswer(order_id=order_id, accepted=accepted))

    async def tell(self, order_id: str, status: SD.ValueType) -> None:
        await self._say(progress=pb.ProgressReport(order_id=order_id, status=status))

    async def be_at(self, report: pb.PositionReport) -> None:
        await self._say(position=report)

    async def hear(self) -> pb.DispatcherMessage:
        message = await self._stream.read()
        assert message is not grpc.aio.EOF, "the session has ended"
        assert isinstance(message, pb.DispatcherMessage)
        return message

    async def end(self) -> None:
        await self._stream.done_writing()
        assert await self._stream.read() is grpc.aio.EOF

    def vanish(self) -> None:
        self._stream.cancel()

    async def _say(self, **fields: Any) -> None:
        await self._stream.write(pb.CourierMessage(**fields))


async def test_a_courier_takes_an_order_and_brings_it(slow: Calls) -> None:
    app = App(slow)
    await app.start()
    assert [one for one, state in (await slow.couriers()).items() if state.on_shift] == [ME]
    order_id = fresh_order()
    assert (await slow.assign(order_id)).courier.courier_id == ME
    offer = (await app.hear()).offer
    assert offer.delivery.order_id == order_id
    await app.answer(order_id, accepted=True)
    assert (await app.hear()).delivery.order_id == order_id
    await app.tell(order_id, SD.DELIVERY_STATUS_PICKED_UP)
    assert (await app.hear()).delivery.status == SD.DELIVERY_STATUS_PICKED_UP
    await app.be_at(report_of(ME, 0))
    await app.tell(order_id, SD.DELIVERY_STATUS_DELIVERED)
    assert (await app.hear()).delivery.status == SD.DELIVERY_STATUS_DELIVERED
    assert [*await slow.couriers(near=PARK, radius_m=10)] == [ME]
    events = await until_final(slow, order_id)
    assert [event.status for event in events] == LIFE
    await app.end()
    assert not (await slow.couriers())[ME].on_shift


async def test_an_order_that_is_declined_goes_to_somebody_else(slow: Calls) -> None:
    app = App(slow)
    await app.start()
    order_id = fresh_order()
    await slow.assign(order_id)
    await app.hear()
    await app.answer(order_id, accepted=False)
    assert (await app.hear()).withdrawn.order_id == order_id
    assert (await slow.get(order_id)).courier.courier_id != ME
    await app.answer(order_id, accepted=True)
    refusal = (await app.hear()).refusal
    assert (refusal.order_id, refusal.code) == (order_id, "offer-gone")
    await app.end()


async def test_an_offer_without_an_answer_goes_to_somebody_else(start: StartService) -> None:
    _, calls = await start(offer_s=0.1)
    app = App(calls)
    await app.start()
    order_id = fresh_order()
    await calls.assign(order_id)
    await app.hear()
    assert (await app.hear()).withdrawn.order_id == order_id
    events = await until_final(calls, order_id)
    assert [event.courier.courier_id == ME for event in events] == [True, False, False, False]
    await app.end()


async def test_two_couriers_at_work_pass_an_order_to_each_other(slow: Calls) -> None:
    one, other = App(slow), App(slow)
    await one.start("cou_01")
    await other.start("cou_02")
    order_id = fresh_order()
    apps = {"cou_01": one, "cou_02": other}
    first = apps.pop((await slow.assign(order_id)).courier.courier_id)
    (second,) = apps.values()
    for _ in range(2):
        assert (await first.hear()).offer.delivery.order_id == order_id
        await first.answer(order_id, accepted=False)
        assert (await first.hear()).withdrawn.order_id == order_id
        first, second = second, first
    await second.end()
    first.vanish()


async def test_a_cancelled_order_is_taken_back(slow: Calls) -> None:
    app = App(slow)
    await app.start()
    order_id = fresh_order()
    await slow.assign(order_id)
    await app.hear()
    await app.answer(order_id, accepted=True)
    await app.hear()
    await slow.cancel(order_id)
    assert (await app.hear()).withdrawn.order_id == order_id
    await app.end()


@pytest.mark.parametrize("has_goods", [False, True])
async def test_what_a_courier_leaves_behind_is_delivered(calls: Calls, has_goods: bool) -> None:
    app = App(calls)
    await app.start()
    order_id = fresh_order()
    await calls.assign(order_id)
    await app.hear()
    await app.answer(order_id, accepted=True)
    await app.hear()
    if has_goods:
        await app.tell(order_id, SD.DELIVERY_STATUS_PICKED_UP)
        await app.hear()
    app.vanish()
    events = await until_final(calls, order_id)
    assert [event.status for event in events] == LIFE


async def test_an_offer_of_a_courier_who_vanishes_goes_to_somebody_else(calls: Calls) -> None:
    app = App(calls)
    await app.start()
    order_id = fresh_order()
    await calls.assign(order_id)
    await app.hear()
    app.vanish()
    events = await until_final(calls, order_id)
    assert events[-1].courier.courier_id != ME


async def test_a_newer_session_takes_over_and_is_told_what_is_held(slow: Calls) -> None:
    old, new = App(slow), App(slow)
    await old.start()
    order_id = fresh_order()
    await slow.assign(order_id)
    await old.hear()
    await old.answer(order_id, accepted=True)
    await old.hear()
    await new.start()
    assert (await new.hear()).delivery.order_id == order_id
    await old.tell(order_id, SD.DELIVERY_STATUS_PICKED_UP)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await old.hear()
    assert caught.value.code() is grpc.StatusCode.ABORTED
    assert code_of(caught.value) == "session-replaced"
    await new.tell(order_id, SD.DELIVERY_STATUS_PICKED_UP)
    assert (await new.hear()).delivery.status == SD.DELIVERY_STATUS_PICKED_UP
    await new.end()


async def test_a_refusal_does_not_end_the_session(slow: Calls) -> None:
    app = App(slow)
    await app.start()
    order_id = fresh_order()
    await app.tell(order_id, SD.DELIVERY_STATUS_DELIVERED)
    assert (await app.hear()).refusal.code == "delivery-not-found"
    await slow.assign(order_id)
    await app.hear()
    await app.tell(order_id, SD.DELIVERY_STATUS_PICKED_UP)
    assert (await app.hear()).refusal.code == "offer-gone"
    await app.answer(order_id, accepted=True)
    await app.hear()
    await app.tell(order_id, SD.DELIVERY_STATUS_DELIVERED)
    assert (await app.hear()).refusal.code == "delivery-state-forbidden"
    await app.tell(order_id, SD.DELIVERY_STATUS_ASSIGNED)
    assert (await app.hear()).refusal.code == "invalid-argument"
    await app.be_at(report_of("cou_01", 0))
    assert (await app.hear()).refusal.code == "invalid-argument"
    await app.end()


async def test_a_session_begins_with_its_courier(slow: Calls) -> None:
    stream = slow.session()
    await stream.write(pb.CourierMessage(answer=pb.OfferAnswer(order_id=fresh_order())))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert code_of(caught.value) == "invalid-argument"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await App(slow).start("cou_99")
    assert code_of(caught.value) == "courier-unknown"


async def test_a_session_without_a_word_ends_in_peace(slow: Calls) -> None:
    stream = slow.session()
    await stream.done_writing()
    assert await stream.read() is grpc.aio.EOF


async def test_a_cancelled_session_leaves_nothing_behind(start: StartService) -> None:
    # Longer than the test waits: only the end of a session ends the shift, not its lease.
    service, calls = await start(time_scale=0.01, lease_s=60.0)
    apps = [App(calls) for _ in range(3)]
    for number, app in enumerate(apps, 1):
        await app.start(f"cou_0{number}")
    await until_async(lambda: service.followers == 3)
    for app in apps:
        app.vanish()
    await until_async(lambda: service.followers == 0)

    async def is_nobody_on_shift() -> bool:
        return not any(state.on_shift for state in (await calls.couriers()).values())

    await until_answered(is_nobody_on_shift)
