"""Every kind of call is asked who it is, by the metadata `authorization`, before all else."""

from collections.abc import Callable, Coroutine
from typing import Any

import grpc.aio
import pytest

from stend.chassis.access import Caller
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.delivery.api.grpc.stubs import delivery_pb2 as pb
from tests.shop.delivery.calling import Calls, code_of, each, fresh_order
from tests.shop.delivery.conftest import StartService
from tests.shop.delivery.test_positions import report_of
from tests.shop.delivery.test_sessions import App

_SERVICE = "/lavka.delivery.v1.Deliveries/"


class Gate:
    """Lets readers in, and nobody else."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential != "Bearer reader":
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if scope != "delivery:read":
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may read only.")
        return Caller("reader", frozenset({scope}))


CALLS: list[Callable[[Calls], Coroutine[Any, Any, Any]]] = [
    lambda calls: calls.assign(fresh_order()),
    lambda calls: calls.cancel(fresh_order()),
    lambda calls: calls.get(fresh_order()),
    lambda calls: calls.list_page(),
    lambda calls: calls.couriers(),
    lambda calls: calls.watch().read(),
    lambda calls: calls.track(fresh_order()).read(),
    lambda calls: calls.report(each(report_of("cou_01", 0))),
    lambda calls: App(calls).start(),
]


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_without_a_credential_is_refused(
    start: StartService, call: Callable[[Calls], Coroutine[Any, Any, Any]]
) -> None:
    _, calls = await start(access=Gate())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(calls)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert code_of(caught.value) == "unauthenticated"


async def test_a_credential_opens_what_its_scope_allows(start: StartService) -> None:
    _, calls = await start(access=Gate())
    metadata = (("authorization", "Bearer reader"),)
    read: Any = calls.channel.unary_unary(f"{_SERVICE}ListCouriers")
    assert await read(pb.ListCouriersRequest().SerializeToString(), metadata=metadata)
    write: Any = calls.channel.unary_unary(f"{_SERVICE}CancelDelivery")
    request = pb.CancelDeliveryRequest(order_id=fresh_order()).SerializeToString()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await write(request, metadata=metadata)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert code_of(caught.value) == "forbidden"
