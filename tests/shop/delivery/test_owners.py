"""A customer reads and tracks the deliveries of his own orders, the shop all of them."""

from typing import Any

import grpc.aio
import pytest

from stend.chassis.access import Caller
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from tests.shop.delivery.calling import HOME, code_of, fresh_order
from tests.shop.delivery.conftest import StartService

_SERVICE = "/lavka.delivery.v1.Deliveries/"


class BySubject:
    """The token is the subject, and may do anything."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        return Caller((credential or "").removeprefix("Bearer ") or "demo", frozenset({scope}))


class Person:
    def __init__(self, channel: grpc.aio.Channel, subject: str) -> None:
        self._channel = channel
        self._metadata = (("authorization", f"Bearer {subject}"),)

    async def ask(self, method: str, request: Any) -> bytes:
        call: Any = self._channel.unary_unary(_SERVICE + method)
        answer: bytes = await call(request.SerializeToString(), metadata=self._metadata)
        return answer

    async def first_of(self, method: str, request: Any) -> bytes:
        stream: Any = self._channel.unary_stream(_SERVICE + method)
        call = stream(request.SerializeToString(), metadata=self._metadata)
        try:
            answer: bytes = await anext(aiter(call))
            return answer
        finally:
            call.cancel()

    async def get(self, order_id: str) -> pb.Delivery:
        return pb.Delivery.FromString(
            await self.ask("GetDelivery", pb.GetDeliveryRequest(order_id=order_id))
        )


async def refused(work: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await work
    return code_of(caught.value), str(caught.value.details())


@pytest.fixture
def order_id() -> str:
    return fresh_order()


async def people(start: StartService, order_id: str) -> tuple[Person, Person, Person]:
    """Anna, whose order is assigned; Ivan; the shop itself."""
    _, calls = await start(access=BySubject(), time_scale=0.01)
    anna, ivan, shop = (Person(calls.channel, name) for name in ("cus_1", "cus_12", "orders"))
    wish = pb.AssignCourierRequest(order_id=order_id, address=HOME, customer_id="cus_1")
    await shop.ask("AssignCourier", wish)
    return anna, ivan, shop


async def test_a_delivery_is_read_and_tracked_by_whose_order_it_is(
    start: StartService, order_id: str
) -> None:
    anna, ivan, shop = await people(start, order_id)
    track = pb.TrackCourierRequest(order_id=order_id)
    for person in (anna, shop):
        assert (await person.get(order_id)).order_id == order_id
        position = pb.CourierPosition.FromString(await person.first_of("TrackCourier", track))
        assert position.courier_id
    code, told = await refused(ivan.get(order_id))
    assert code == "delivery-not-found"
    # Not a word tells it from a delivery that does not exist.
    nobodys = fresh_order()
    assert (code, told.replace(order_id, nobodys)) == await refused(ivan.get(nobodys))
    assert (await refused(ivan.first_of("TrackCourier", track)))[0] == "delivery-not-found"


async def test_what_tells_of_everybody_is_not_for_customers(
    start: StartService, order_id: str
) -> None:
    anna, _, shop = await people(start, order_id)
    listing, watching = pb.ListDeliveriesRequest(), pb.WatchDeliveriesRequest()
    assert (await refused(anna.ask("ListDeliveries", listing)))[0] == "forbidden"
    assert (await refused(anna.first_of("WatchDeliveries", watching)))[0] == "forbidden"
    assert await shop.ask("ListDeliveries", listing)
    assert await shop.first_of("WatchDeliveries", watching)
    assert await anna.ask("ListCouriers", pb.ListCouriersRequest())


async def test_a_customer_sends_and_stops_no_courier_whatever_his_scopes(
    start: StartService, order_id: str
) -> None:
    anna, _, _ = await people(start, order_id)
    wish = pb.AssignCourierRequest(order_id=fresh_order(), address=HOME, customer_id="cus_1")
    assert (await refused(anna.ask("AssignCourier", wish)))[0] == "forbidden"
    cancelling = pb.CancelDeliveryRequest(order_id=order_id)
    assert (await refused(anna.ask("CancelDelivery", cancelling)))[0] == "forbidden"


async def test_a_delivery_of_nobody_is_no_customers(start: StartService, order_id: str) -> None:
    anna, _, shop = await people(start, order_id)
    nobodys = fresh_order()
    await shop.ask("AssignCourier", pb.AssignCourierRequest(order_id=nobodys, address=HOME))
    cancelled = fresh_order()
    await shop.ask("CancelDelivery", pb.CancelDeliveryRequest(order_id=cancelled))
    for one in (nobodys, cancelled):
        assert (await refused(anna.get(one)))[0] == "delivery-not-found"
        assert (await shop.get(one)).order_id == one
