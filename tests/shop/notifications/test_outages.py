"""Who may not, and what is away: each is told in the words of the protocol, and in time."""

import asyncio
import json
import time

import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from stend.chassis.access import Caller, OpenAccess
from stend.kit.errors import EdgeErrorCode, StendError
from tests.engines.servers import ready
from tests.shop.notifications.events import an_event, fresh_order
from tests.shop.notifications.running import (
    Engines,
    Receiver,
    config_for,
    eventually,
    running_shop,
)

pytestmark = pytest.mark.slow
READER, WRITER = "Bearer reader", "Bearer writer"


class _TwoTokens(OpenAccess):
    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential not in {READER, WRITER}:
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if credential == READER and scope != "notifications:read":
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may read only.", value=scope)
        return super().allow(scope, credential)


async def test_scopes_are_kept_over_every_protocol(engines: Engines, receiver: Receiver) -> None:
    config = config_for(engines, frozenset({receiver.port}))
    stream = f"/api/v1/notifications/stream?order_id={fresh_order()}"
    async with running_shop(config, access=_TwoTokens()) as shop:
        for path in ("/api/v1/webhooks", "/api/v1/webhooks/dead-letters", stream):
            refused = await shop.http.get(path)
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
            assert refused.headers["www-authenticate"] == 'Bearer realm="lavka"'
        for token, status in ((READER, 403), (WRITER, 201)):
            answer = await shop.http.post(
                "/api/v1/webhooks", json={"url": receiver.url}, headers={"Authorization": token}
            )
            assert answer.status_code == status
        for header, code in ((None, "unauthenticated"), (READER, None)):
            async with connect(
                f"ws://{shop.address}/ws/notifications",
                subprotocols=[Subprotocol("lavka.notifications.v1")],
                additional_headers={"Authorization": header} if header else None,
                proxy=None,
            ) as connection:
                params = {"order_id": fresh_order()}
                wanted = {"id": "1", "type": "FollowNotifications", "params": params}
                await connection.send(json.dumps(wanted))
                await connection.send('{"id": "p", "type": "ping"}')
                frame = json.loads(await connection.recv())
                assert frame.get("error", {}).get("code") == code


async def test_without_postgresql_requests_are_refused_in_time_and_events_wait_in_their_order(
    engines: Engines, receiver: Receiver
) -> None:
    config = config_for(engines, frozenset({receiver.port}), deadline_s=1.0)
    order_id = fresh_order()
    async with running_shop(config) as shop:
        registered = await shop.register(receiver.url, order_id=order_id)
        server = engines.postgresql._child._process
        assert server
        # At once, as a power cut would.
        server.kill()
        await asyncio.to_thread(server.wait)
        try:
            started = time.monotonic()
            refused = await shop.http.get("/api/v1/webhooks")
            assert time.monotonic() - started < 2.5
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert refused.json()["code"] == "unavailable"
            for version in (1, 2, 3):
                await shop.publish(an_event(order_id, version))
        finally:
            await asyncio.to_thread(engines.postgresql.launch)
            await asyncio.to_thread(ready, engines.postgresql, psycopg.OperationalError)

        async def is_back() -> bool:
            return (await shop.http.get("/api/v1/webhooks")).status_code == 200

        await eventually(is_back)
        found = await shop.settled(registered["webhook_id"], 3)
        assert [one["status"] for one in found] == ["delivered"] * 3
    versions = [received.event["data"]["version"] for received in receiver.received]
    assert versions == [1, 2, 3]
