"""The book of deliveries and couriers in Redis."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from stend.chassis.redis import reaching_redis
from stend.chassis.tracing.recording import begin, entered, resumed_unless_traced, stored
from stend.kit.errors import StendError
from stend.shop.delivery.domain.city import Point
from stend.shop.delivery.domain.delivery import Courier, Delivery, DeliveryErrorCode
from stend.shop.delivery.domain.dispatching import Change
from stend.shop.delivery.ports import Holding, KeptEvent, Listing, Sighting
from stend.shop.delivery.stores import scripts
from stend.shop.delivery.stores.records import (
    courier_from_json,
    courier_to_json,
    delivery_from_json,
    delivery_to_json,
    event_from_json,
    event_to_json,
    moment_of,
    ms_of,
)

PREFIX = "delivery:"
_COURIERS = f"{PREFIX}couriers"
_REPORTED_MS = 5000
_PAUSE_S, _LONGEST_PAUSE_S = 0.001, 0.05


class RedisDeliveryBook:
    """
    Args:
        keep_events: of the feed; a reader who is further behind is told so.
        keep_deliveries: that have ended. An order that is forgotten may be assigned anew.
    """

    def __init__(self, client: Redis, keep_events: int, keep_deliveries: int) -> None:
        self._client: Any = client
        self._keep = {
            "keep_events": str(keep_events),
            "keep_deliveries": str(keep_deliveries),
        }
        self._commit = client.register_script(scripts.COMMIT)
        self._holding = client.register_script(scripts.HOLDING)
        self._page = client.register_script(scripts.PAGE)
        self._events = client.register_script(scripts.EVENTS)
        self._see = client.register_script(scripts.SEE)
        self._turn = asyncio.Lock()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        with reaching_redis:
            await self._client.ping()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._turn:
            yield

    async def stand_back(self, failures: int) -> None:
        await asyncio.sleep(min(_PAUSE_S * 2**failures, _LONGEST_PAUSE_S))

    async def delivery(self, order_id: str) -> Delivery | None:
        with reaching_redis:
            record = await self._client.hget(_delivery_key(order_id), "record")
        return delivery_from_json(record) if record else None

    async def holding(self, order_id: str) -> Holding | None:
        with reaching_redis:
            found = await self._holding(keys=[PREFIX], args=[order_id])
        if not found:
            return None
        delivery, *rest = found
        courier = courier_from_json(rest[0]) if rest else None
        queue = tuple(delivery_from_json(record) for record in rest[1:] if record)
        return Holding(delivery_from_json(delivery), courier, queue)

    async def deliveries(self, order_ids: Sequence[str]) -> Sequence[Delivery]:
        if not order_ids:
            return []
        async with self._client.pipeline(transaction=False) as pipe:
            for order_id in order_ids:
                pipe.hget(_delivery_key(order_id), "record")
            with reaching_redis:
                records: list[str | None] = await pipe.execute()
        return [delivery_from_json(record) for record in records if record]

    async def couriers(self) -> Sequence[Courier]:
        with reaching_redis:
            records = await self._client.hvals(_COURIERS)
        everybody = [courier_from_json(record) for record in records]
        return sorted(everybody, key=lambda one: one.courier_id)

    async def courier(self, courier_id: str) -> Courier | None:
        with reaching_redis:
            record = await self._client.hget(_COURIERS, courier_id)
        return courier_from_json(record) if record else None

    async def commit(self, change: Change) -> bool:
        # A step that the simulation makes belongs to the trace that has the courier assigned.
        first = change.deliveries[0].trace_context if change.deliveries else None
        with resumed_unless_traced("delivery", first), entered(begin("change of deliveries")):
            return await self._write(change)

    async def _write(self, change: Change) -> bool:
        context = stored()
        written = {
            "deliveries": [
                {
                    "id": one.order_id,
                    "was": str(one.version - 1),
                    "version": str(one.version),
                    "record": delivery_to_json(one, context),
                    "due": str(ms_of(one.next_at)) if one.next_at else "",
                    "final": str(ms_of(one.updated_at)),
                }
                for one in change.deliveries
            ],
            "couriers": [
                {
                    "id": one.courier_id,
                    "was": str(one.version - 1),
                    "version": str(one.version),
                    "record": courier_to_json(one),
                }
                for one in change.couriers
            ],
            "events": [event_to_json(event) for event in change.events],
            **self._keep,
        }
        with reaching_redis:
            done = await self._commit(keys=[PREFIX], args=[json.dumps(written, ensure_ascii=False)])
        return bool(done)

    async def list_page(self, after: str | None, limit: int) -> Listing:
        start = f"({after}" if after else "-"
        with reaching_redis:
            forgotten, records = await self._page(keys=[PREFIX], args=[start, limit])
        return Listing(
            tuple(delivery_from_json(record) for record in records),
            moment_of(int(forgotten)) if forgotten else None,
        )

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        with reaching_redis:
            ids: list[str] = await self._client.zrangebyscore(
                f"{PREFIX}due", "-inf", ms_of(now), start=0, num=limit
            )
        return ids

    async def next_due(self) -> datetime | None:
        with reaching_redis:
            first = await self._client.zrange(f"{PREFIX}due", 0, 0, withscores=True)
        return moment_of(int(first[0][1])) if first else None

    async def events(self, after: str, limit: int) -> Sequence[KeptEvent]:
        with reaching_redis:
            outcome, found = await self._events(keys=[PREFIX], args=[after, limit])
        if outcome == "old":
            raise _cursor_too_old(after, found)
        if outcome == "unknown":
            raise _cursor_unknown(after, found)
        return [KeptEvent(entry[0], event_from_json(entry[1][1])) for entry in found]

    async def newest_cursor(self) -> str:
        """Of the feed; `0-0` while it is empty."""
        with reaching_redis:
            newest = await self._client.xrevrange(f"{PREFIX}events", count=1)
        return newest[0][0] if newest else "0-0"

    async def see(self, points: Mapping[str, Point]) -> None:
        arguments: list[str | float] = []
        for courier_id, point in points.items():
            arguments += [courier_id, point.longitude, point.latitude]
        with reaching_redis:
            await self._see(keys=[PREFIX], args=arguments)

    async def report(self, courier_id: str, point: Point) -> None:
        async with self._client.pipeline() as pipe:
            text = f"{point.latitude!r} {point.longitude!r}"
            pipe.set(f"{PREFIX}reported:{courier_id}", text, px=_REPORTED_MS)
            pipe.geoadd(f"{PREFIX}positions", (point.longitude, point.latitude, courier_id))
            with reaching_redis:
                await pipe.execute()

    async def reported(self, courier_id: str) -> Point | None:
        with reaching_redis:
            text = await self._client.get(f"{PREFIX}reported:{courier_id}")
        if text is None:
            return None
        latitude, longitude = (float(number) for number in text.split())
        return Point(latitude, longitude)

    async def sightings(self) -> Sequence[Sighting]:
        with reaching_redis:
            ids = sorted(await self._client.hkeys(_COURIERS))
            places = await self._client.geopos(f"{PREFIX}positions", *ids) if ids else []
        return [
            Sighting(courier_id, Point(float(place[1]), float(place[0])))
            for courier_id, place in zip(ids, places, strict=True)
            if place
        ]

    async def sightings_near(self, point: Point, radius_m: float) -> Sequence[Sighting]:
        with reaching_redis:
            found = await self._client.geosearch(
                f"{PREFIX}positions",
                longitude=point.longitude,
                latitude=point.latitude,
                radius=radius_m,
                unit="m",
                sort="ASC",
                withdist=True,
                withcoord=True,
            )
        return [
            Sighting(courier_id, Point(float(place[1]), float(place[0])), float(distance_m))
            for courier_id, distance_m, place in found
        ]


def _delivery_key(order_id: str) -> str:
    return f"{PREFIX}delivery:{order_id}"


def _cursor_too_old(cursor: str, gone: str) -> StendError:
    return StendError(
        DeliveryErrorCode.CURSOR_TOO_OLD,
        "Events after this cursor are not kept any more, so some would be lost.",
        value=cursor,
        expected=f"a cursor from {gone} on",
        next_step="List the deliveries for their present state, then watch with an empty cursor.",
    )


def _cursor_unknown(cursor: str, newest: str) -> StendError:
    return StendError(
        DeliveryErrorCode.CURSOR_UNKNOWN,
        "The feed has not come as far as this cursor: its data was erased, or it is another feed.",
        value=cursor,
        expected=f"a cursor up to {newest}",
        next_step="List the deliveries for their present state, then watch with an empty cursor.",
    )
