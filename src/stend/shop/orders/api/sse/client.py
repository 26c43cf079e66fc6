"""A consumer of the event stream: what a browser's EventSource does, written with httpx.

SSE carries TrackOrder only. The other operations are refused here, before anything is sent.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import http_replies, messages
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.api.sse import translate
from stend.shop.orders.domain import TRANSITIONS, Order, OrderEvent, OrderEventType
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

_CONNECT_TIMEOUT_S = 5.0
# A silent stream sends a heartbeat well within this time.
_READ_TIMEOUT_S = 30.0
_RETRY_MS = 1000
_EVENT_TYPES = frozenset(OrderEventType)


class SseClient:
    """TrackOrder as a stream of Server-Sent Events.

    Args:
        base_url: `http://host:port`, without the path of the API.
        authorization: the header Authorization of each connection.
    """

    def __init__(self, base_url: str, authorization: str | None = None) -> None:
        headers = {"Accept": translate.MEDIA_TYPE, "Cache-Control": "no-store"}
        if authorization:
            headers["Authorization"] = authorization
        self._http = HttpClient(
            base_url=base_url,
            verify=authorities_for(base_url),
            headers=headers,
            timeout=httpx.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            # A proxy of the environment has no business between two local processes.
            trust_env=False,
        )

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return _track_order_only("PlaceOrder")

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return _track_order_only("GetOrder")

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return _track_order_only("ListOrders")

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return _track_order_only("CancelOrder")

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        """Over as many connections as it takes; each goes on where the last one stopped."""
        reader = translate.EventStreamReader(_RETRY_MS)
        reader.last_event_id = str(request.after_version) if request.after_version else ""
        while True:
            reader.begin_anew()
            started = time.perf_counter()
            try:
                response = await self._connect(request, reader)
            except httpx.HTTPError as error:
                yield http_replies.failure(error, started)
                return
            try:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    # 204 tells an EventSource not to come back: nothing more can follow.
                    if response.status_code != httpx.codes.NO_CONTENT:
                        yield http_replies.refusal(response, started)
                    return
                async with aclosing(_events(response, reader)) as events:
                    async for event in events:
                        reply = _reply(response, started, event)
                        yield reply
                        if not TRANSITIONS[reply.value.status]:
                            return
            except httpx.HTTPError:
                # Lost in the middle: the next connection goes on behind the last event.
                pass
            finally:
                await response.aclose()
            await asyncio.sleep(reader.retry_ms / 1000)

    async def close(self) -> None:
        await self._http.aclose()

    async def _connect(
        self, request: TrackOrder, reader: translate.EventStreamReader
    ) -> httpx.Response:
        resume = {"Last-Event-ID": reader.last_event_id} if reader.last_event_id else {}
        wanted = self._http.build_request("GET", translate.path_of(request), headers=resume)
        return await self._http.send(wanted, stream=True)


async def _events(
    response: httpx.Response, reader: translate.EventStreamReader
) -> AsyncGenerator[translate.ServerSentEvent, None]:
    async for chunk in response.aiter_raw():
        for event in reader.feed(chunk):
            # Nobody listens for other types, as an EventSource would say.
            if event.event in _EVENT_TYPES:
                yield event


def _track_order_only(operation: str) -> Reply[Any]:
    detail = (
        f"Server-Sent Events flow from the server to the client only: {operation} is a question "
        "with one answer. Use TrackOrder here, and REST for the other operations."
    )
    code = EdgeErrorCode.NO_SUCH_OPERATION
    return http_replies.unsent("not sent", code, detail, time.perf_counter())


def _reply(
    response: httpx.Response, started: float, event: translate.ServerSentEvent
) -> Reply[OrderEvent]:
    return Reply(
        status=event.event,
        headers=tuple(response.headers.multi_items()),
        body=event.data,
        duration_ms=(time.perf_counter() - started) * 1000,
        result=messages.event_from_json(messages.json_from(event.data)),
    )
