"""A consumer of webhooks: it registers at `notifications`, and is a small HTTP server itself.

Webhooks carry TrackOrder only. The other operations are refused here, before anything is sent.
"""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import h11
import httpx
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.kit.errors import EdgeErrorCode
from stend.kit.ids import Ids
from stend.shop.orders.api import http_replies, messages
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.api.webhook import translate
from stend.shop.orders.domain import TRANSITIONS, Order, OrderErrorCode, OrderEvent
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
    TrackOrder,
)

_TIMEOUT_S = 5.0
# An order that was placed just now is heard of by notifications a moment later.
_UNHEARD_S = 3.0
_ASK_AGAIN_S = 0.1
_BODY_LIMIT_BYTES = 65_536
_READ_BYTES = 16_384
# An order has eight events in its life. More of them wait at the sender, who tries again.
_MOST_WAITING = 64
_Headers = tuple[tuple[str, str], ...]


class WebhookClient:
    """TrackOrder by webhook.

    Args:
        notifications_url: `http://host:port` of the service that sends.
        receiver_ports: of this machine that the sender may call; the first free one is used.
        ids: the path of each receiver, which nobody can guess.
        authorization: the header Authorization of calls to the sender.
    """

    def __init__(
        self,
        notifications_url: str,
        receiver_ports: Sequence[int],
        ids: Ids,
        authorization: str | None = None,
    ) -> None:
        self._http = HttpClient(
            base_url=notifications_url,
            verify=authorities_for(notifications_url),
            headers={"Authorization": authorization} if authorization else None,
            timeout=_TIMEOUT_S,
            # A proxy of the environment has no business between two local processes.
            trust_env=False,
        )
        self._receiver = _Receiver(receiver_ports)
        self._ids = ids

    async def place_order(self, request: PlaceOrder) -> Reply[PlacedOrder]:
        return _track_order_only("PlaceOrder")

    async def get_order(self, request: GetOrder) -> Reply[Order]:
        return _track_order_only("GetOrder")

    async def list_orders(self, request: ListOrders) -> Reply[OrderPage]:
        return _track_order_only("ListOrders")

    async def cancel_order(self, request: CancelOrder) -> Reply[Order]:
        return _track_order_only("CancelOrder")

    async def track_order(self, request: TrackOrder) -> AsyncGenerator[Reply[OrderEvent], None]:
        """Past events and new ones, in order and each once, though they come at least once."""
        started = time.perf_counter()
        box = _Box(f"/{self._ids.ulid()}")
        try:
            url = await self._receiver.open(box)
        except OSError as error:
            code = EdgeErrorCode.UNAVAILABLE
            yield http_replies.unsent("not sent", code, str(error), started)
            return
        webhook_id = None
        try:
            registered = await self._register(url, request.order_id, started)
            if isinstance(registered, Reply):
                yield registered
                return
            webhook_id = registered["webhook_id"]
            box.secret.set_result(registered["secret"])
            seen = request.after_version
            while True:
                received = await box.waiting.get()
                if received.event.version > seen:
                    seen = received.event.version
                    yield _reply(received, started)
                if not TRANSITIONS[received.event.status]:
                    return
        finally:
            self._receiver.forget(box)
            if webhook_id:
                # RuntimeError: the client was closed before whoever tracked had let go.
                with suppress(httpx.HTTPError, RuntimeError):
                    await self._http.delete(f"{translate.WEBHOOKS}/{webhook_id}")

    async def close(self) -> None:
        await self._receiver.close()
        await self._http.aclose()

    async def _register(
        self, url: str, order_id: str, started: float
    ) -> dict[str, Any] | Reply[OrderEvent]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": self._ids.ulid()}
        ends_at = time.perf_counter() + _UNHEARD_S
        while True:
            try:
                response = await self._http.post(
                    translate.WEBHOOKS,
                    content=translate.registration(url, order_id),
                    headers=headers,
                )
            except httpx.HTTPError as error:
                return http_replies.failure(error, started)
            if response.status_code == httpx.codes.CREATED:
                return messages.json_from(response.content)
            refusal = http_replies.refusal(response, started)
            unheard = refusal.error and refusal.error.code == OrderErrorCode.ORDER_NOT_FOUND
            if not unheard or time.perf_counter() > ends_at:
                return refusal
            await asyncio.sleep(_ASK_AGAIN_S)


# ---- the receiver ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Received:
    event: OrderEvent
    headers: _Headers
    body: str


@dataclass(slots=True)
class _Box:
    """Where the webhooks of one registration arrive."""

    path: str
    secret: "asyncio.Future[str]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    waiting: "asyncio.Queue[_Received]" = field(
        default_factory=lambda: asyncio.Queue(_MOST_WAITING)
    )

    async def take(self, headers: _Headers, body: bytes) -> tuple[int, str]:
        """The status and the words of the answer. 2xx only for what will be handed on."""
        try:
            # The first webhook may be faster than the answer to the registration.
            async with asyncio.timeout(_TIMEOUT_S):
                secret = await asyncio.shield(self.secret)
            # The library reads the header, the time and the base64 of a forger, too.
            Verifier(secret).verify(body, dict(headers), json_parse=False)
        except TimeoutError:
            return 503, "not registered yet"
        except (WebhookVerificationError, ValueError) as error:
            return 401, f"the signature does not hold: {error}"
        try:
            event = translate.event_from(body)
        except ValueError as error:
            return 422, str(error)
        try:
            self.waiting.put_nowait(_Received(event, headers, body.decode()))
        except asyncio.QueueFull:
            return 503, "too many events wait here; send this one again later"
        return 204, ""


class _Receiver:
    """A server for webhooks on the first free one of its ports, from the first registration on."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._boxes: dict[str, _Box] = {}
        self._server: asyncio.Server | None = None
        self._opening = asyncio.Lock()

    async def open(self, box: _Box) -> str:
        """The URL of a new box.

        Raises:
            OSError: every port is taken.
        """
        async with self._opening:
            if self._server is None:
                listening = _listen(self._ports)
                self._server = await asyncio.start_server(self._serve, sock=listening)
        self._boxes[box.path] = box
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}{box.path}"

    def forget(self, box: _Box) -> None:
        self._boxes.pop(box.path, None)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            async with asyncio.timeout(_TIMEOUT_S * 2):
                request, body = await _request(connection, reader)
                status, said = await self._answer(request, body)
                await _respond(connection, writer, status, said)
        except h11.RemoteProtocolError as error:
            with suppress(h11.LocalProtocolError, ConnectionError):
                await _respond(connection, writer, error.error_status_hint, str(error))
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: h11.Request, body: bytes) -> tuple[int, str]:
        box = self._boxes.get(request.target.decode("latin-1"))
        if box is None:
            # The sender takes 410 for a receiver that is gone, and 404 for one that may come.
            return 410, "nobody follows this order any more"
        if request.method != b"POST":
            return 405, "a webhook is a POST"
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
        )
        return await box.take(headers, body)


def _listen(ports: Sequence[int]) -> socket.socket:
    for port in ports:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
    raise OSError(f"no port is free for a receiver of webhooks: {', '.join(map(str, ports))}")


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request, bytes]:
    """
    Raises:
        h11.RemoteProtocolError: not HTTP, or a body beyond the limit.
        ConnectionError: the peer left in between.
    """
    request: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _BODY_LIMIT_BYTES:
                raise h11.RemoteProtocolError("the body is too large", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, body
        else:
            raise ConnectionResetError("the peer left before the end of its request")


async def _respond(
    connection: h11.Connection, writer: asyncio.StreamWriter, status: int, said: str
) -> None:
    body = said.encode()
    headers = [("Connection", "close"), ("Content-Type", "text/plain; charset=utf-8")]
    if body:
        headers.append(("Content-Length", str(len(body))))
    writer.write(connection.send(h11.Response(status_code=status, headers=headers)) or b"")
    if body:
        writer.write(connection.send(h11.Data(data=body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()


# ---- replies -----------------------------------------------------------------------------------


def _track_order_only(operation: str) -> Reply[Any]:
    detail = (
        f"Webhooks tell of what has happened: {operation} is a question with one answer. "
        "Use TrackOrder here, and REST for the other operations."
    )
    code = EdgeErrorCode.NO_SUCH_OPERATION
    return http_replies.unsent("not sent", code, detail, time.perf_counter())


def _reply(received: _Received, started: float) -> Reply[OrderEvent]:
    return Reply(
        status="204 No Content",
        headers=received.headers,
        body=received.body,
        duration_ms=(time.perf_counter() - started) * 1000,
        result=received.event,
    )
