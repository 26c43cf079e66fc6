"""The live feed over Redis: a bounded stream per order and per customer, and a pulse for news.

The id of an entry is `<position>-0`, chosen here and not by the server: a notification that is
added twice finds its id taken, and a listener's last position is where it goes on.
Source: redis.io/docs/latest/commands/xadd, "Specifying a Stream ID as an argument".
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from redis.exceptions import RedisError, ResponseError

from stend.chassis.redis import reaching_redis, redis_client
from stend.chassis.retrying import pauses
from stend.kit.clock import rfc3339
from stend.kit.errors import unavailable
from stend.kit.languages import Text
from stend.shop.notifications.domain import EventType, Notification, OrderEvent, Target

_log = logging.getLogger("stend.notifications.live")
_PULSES = "notifications:pulses"
_FIELD = "notification"
_POOL_SIZE = 16
_WAIT_S = 1.0
_LISTEN_S = 1.0
_SILENCE_S = 2.5


class RedisFeed:
    """
    Args:
        url: `redis://host:port/0`.
        entries: that a stream remembers.
        keep_s: how long a stream without news is remembered.
    """

    def __init__(self, url: str, entries: int, keep_s: int) -> None:
        # redis-py's types do not know decode_responses.
        self._redis: Any = redis_client(url, _POOL_SIZE, _WAIT_S)
        self._entries = entries
        self._keep_s = keep_s
        self._listeners: dict[str, set[_Listener]] = {}
        self._is_listening = False
        self._lost = _Loss("Redis", "the connection is being made")

    async def run(self) -> None:
        """Listens for pulses until cancelled; a lost connection is made again."""
        delays = pauses()
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                if self._is_listening:
                    delays = pauses()
                self._lose(_Loss("Redis", str(error) or type(error).__name__))
            await asyncio.sleep(next(delays))

    def end_listeners(self) -> None:
        self._lose(_Loss("notifications", "the service is stopping"))

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    def check(self) -> None:
        if not self._is_listening:
            raise unavailable(self._lost.part, self._lost.reason)

    @asynccontextmanager
    async def subscribe(self, target: Target) -> AsyncIterator[AsyncIterator[None]]:
        self.check()
        key, listener = key_of(target), _Listener()
        self._listeners.setdefault(key, set()).add(listener)
        try:
            yield listener.pulses()
        finally:
            self._listeners[key].discard(listener)
            if not self._listeners[key]:
                del self._listeners[key]

    async def read(self, target: Target, after: int, limit: int) -> Sequence[Notification]:
        with reaching_redis:
            entries = await self._redis.xrange(key_of(target), f"({after}-0", "+", count=limit)
        return [_from_fields(fields) for _, fields in entries]

    async def announce(self, notifications: Sequence[Notification]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for notification in notifications:
            for target in _targets(notification):
                key = key_of(target)
                pipeline.xadd(
                    key,
                    {_FIELD: to_json(_to_members(notification)).decode()},
                    id=f"{target.position(notification)}-0",
                    maxlen=self._entries,
                    approximate=False,
                )
                pipeline.expire(key, self._keep_s)
                pipeline.publish(_PULSES, key)
        with reaching_redis:
            for answer in await pipeline.execute(raise_on_error=False):
                if isinstance(answer, Exception) and not _is_repetition(answer):
                    raise answer

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(_PULSES)
            self._is_listening = True
            clock = asyncio.get_running_loop().time
            heard_at = clock()
            while True:
                asked_at = clock()
                message = await pubsub.get_message(timeout=_LISTEN_S)
                # None comes after the time, and also at once: for the answer to a ping.
                if message is not None or clock() - asked_at < _LISTEN_S:
                    heard_at = clock()
                elif clock() - heard_at > _SILENCE_S:
                    raise TimeoutError("Redis does not answer a ping")
                else:
                    # A server that hangs keeps its connections: only an answer tells.
                    await pubsub.ping()
                if message is not None and message["type"] == "message":
                    for listener in self._listeners.get(message["data"], ()):
                        listener.wake()

    def _lose(self, loss: "_Loss") -> None:
        if self._is_listening:
            _log.warning("the live feed is interrupted: %s", loss.reason)
        self._is_listening = False
        self._lost = loss
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.lose(loss)


@dataclass(frozen=True, slots=True)
class _Loss:
    """Which part is away, and how it was noticed."""

    part: str
    reason: str


class _Listener:
    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._lost: _Loss | None = None

    def wake(self) -> None:
        self._news.set()

    def lose(self, loss: _Loss) -> None:
        self._lost = loss
        self._news.set()

    async def pulses(self) -> AsyncIterator[None]:
        while True:
            await self._news.wait()
            self._news.clear()
            if self._lost is not None:
                # Silence would look like an order at rest.
                raise unavailable(self._lost.part, self._lost.reason)
            yield


def key_of(target: Target) -> str:
    if target.order_id is not None:
        return f"notifications:order:{target.order_id}"
    return f"notifications:customer:{target.customer_id}"


def _targets(notification: Notification) -> Iterator[Target]:
    yield Target(order_id=notification.event.order_id)
    if notification.event.customer_id is not None:
        yield Target(customer_id=notification.event.customer_id)


def _is_repetition(error: Exception) -> bool:
    return isinstance(error, ResponseError) and "equal or smaller" in str(error)


def _to_members(notification: Notification) -> dict[str, Any]:
    event = notification.event
    return {
        "number": notification.number,
        "ru": notification.text.ru,
        "en": notification.text.en,
        "customer_id": event.customer_id,
        "order_id": event.order_id,
        "version": event.version,
        "type": event.type,
        "status": event.status,
        "occurred_at": rfc3339(event.occurred_at),
        "reason": event.reason,
        "payload": event.payload,
    }


def _from_fields(fields: Mapping[str, str]) -> Notification:
    members = from_json(fields[_FIELD])
    event = OrderEvent(
        order_id=members["order_id"],
        version=members["version"],
        type=EventType(members["type"]),
        status=members["status"],
        occurred_at=datetime.fromisoformat(members["occurred_at"]),
        payload=members["payload"],
        reason=members["reason"],
        customer_id=members["customer_id"],
    )
    return Notification(event, members["number"], Text(ru=members["ru"], en=members["en"]))
