"""What is old and settled is forgotten; what somebody waits for is not."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.shop.notifications.events import an_event, fresh_order
from tests.shop.notifications.running import Engines, Receiver, config_for, running_shop

pytestmark = pytest.mark.slow


async def test_old_events_go_with_their_deliveries_and_awaited_ones_stay(
    engines: Engines, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stend.shop.notifications.stores.receiving._FORGET_AT_ONCE", 1)
    order_id = fresh_order()
    async with running_shop(config_for(engines, frozenset({receiver.port}))) as shop:
        registered = await shop.register(receiver.url, order_id=order_id)
        for version in (1, 2, 3):
            await shop.publish(an_event(order_id, version))
        await shop.settled(registered["webhook_id"], 3)
        later = datetime.now(UTC) + timedelta(days=1)
        with psycopg.connect(engines.database_url(), autocommit=True) as connection:
            connection.execute(
                "UPDATE notifications.inbox SET announced_at = now() WHERE announced_at IS NULL"
            )
            # One of them is awaited, far in the future; another came just now.
            connection.execute(
                "UPDATE notifications.deliveries SET status = 'pending', due_at = %s"
                " WHERE version = 2",
                (later,),
            )
            connection.execute(
                "UPDATE notifications.inbox SET received_at = %s WHERE version = 3", (later,)
            )
            assert await shop.service._store.forget(later - timedelta(hours=1)) == 1
            rows = connection.execute("SELECT version FROM notifications.inbox ORDER BY version")
            assert [row[0] for row in rows] == [2, 3]
            rows = connection.execute("SELECT version FROM notifications.deliveries ORDER BY 1")
            assert [row[0] for row in rows] == [2, 3]
