"""Whether money, goods, points and couriers agree with the orders: asked in the databases."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql

from tests.guarantees.shop.engines import Engines
from tests.waiting import until

# So long nothing at all may happen to any order. How long all of it takes depends on how much has
# piled up, and on who else has work for the machine.
_STANDS_STILL_S = 60.0


class Books:
    """All that the services have written down."""

    def __init__(self, engines: Engines) -> None:
        self._database = psycopg.connect(engines.database_url, autocommit=True)
        mysql = urlsplit(engines.settings["mysql.url"])
        self._mysql = pymysql.connect(
            host=mysql.hostname,
            port=mysql.port or 3306,
            user=mysql.username,
            password=mysql.password or "",
            database=mysql.path[1:],
            autocommit=True,
        )

    def close(self) -> None:
        self._database.close()
        self._mysql.close()

    def come_to_rest(self) -> None:
        """Waits until every saga has ended and both brokers have every event.

        Raises:
            AssertionError: some do not.
        """
        while (seen := self._progress())[0]:
            until(partial(self._has_moved_since, seen), _STANDS_STILL_S)

    def check(self, accepted: list[str]) -> None:
        """Raises AssertionError with what does not agree."""
        statuses = dict(self._rows("SELECT order_id, status FROM orders.orders"))
        assert set(accepted) <= set(statuses), "an accepted order is lost"
        assert set(statuses.values()) <= {"delivered", "cancelled", "failed"}
        delivered = {one for one, status in statuses.items() if status == "delivered"}
        lost = {one for (one,) in self._rows("SELECT order_id FROM orders.sagas WHERE handed_over")}
        assert not delivered & lost
        self._check_history()
        self._check_goods(delivered | lost)
        self._check_money(delivered)
        self._check_points(delivered, set(statuses))
        self._check_messages()

    def _check_history(self) -> None:
        """No event is missing and none happened twice."""
        gaps = self._rows(
            "SELECT o.order_id FROM orders.orders o JOIN orders.order_history h USING (order_id)"
            " GROUP BY o.order_id, o.version HAVING count(*) <> o.version"
        )
        assert gaps == []

    def _check_goods(self, gone: set[str]) -> None:
        wrong = self._rows(
            "SELECT q.sku FROM stock.quantities q WHERE q.reserved <> 0 OR q.on_hand <> ("
            " SELECT sum(m.quantity) FROM stock.movements m"
            " WHERE m.sku = q.sku AND m.kind = 'received') - ("
            " SELECT coalesce(sum(l.quantity), 0) FROM stock.reservation_lines l"
            " JOIN stock.reservations v USING (reservation_id)"
            " WHERE l.sku = q.sku AND v.status = 'committed')"
        )
        assert wrong == [], "goods do not balance"
        committed = self._rows(
            "SELECT reservation_id FROM stock.reservations WHERE status = 'committed'"
        )
        assert {one for (one,) in committed} == gone

    def _check_money(self, delivered: set[str]) -> None:
        assert self._one("SELECT coalesce(sum(amount_minor), 0) FROM payments.entries") == 0
        captured = dict(
            self._rows(
                "SELECT payment_ref, amount_minor FROM payments.payments WHERE status = 'captured'"
            )
        )
        totals = dict(
            self._rows(
                "SELECT order_id, sum(quantity * unit_price_minor)::bigint FROM orders.order_lines"
                " GROUP BY order_id"
            )
        )
        assert captured == {order_id: totals[order_id] for order_id in delivered}
        held = self._one(
            "SELECT coalesce(sum(amount_minor), 0) FROM payments.entries WHERE account = 'holds'"
        )
        assert held == 0, "money is held for nobody"
        assert self._rows("SELECT 1 FROM payments.payments WHERE status = 'authorised'") == []

    def _check_points(self, delivered: set[str], known: set[str]) -> None:
        with self._mysql.cursor() as cursor:
            cursor.execute("SELECT operation_id, kind, points FROM loyalty_entries")
            rows: list[Any] = list(cursor.fetchall())
        kinds: dict[str, list[str]] = {}
        sums: dict[str, int] = {}
        for operation_id, kind, points in rows:
            kinds.setdefault(operation_id, []).append(kind)
            sums[operation_id] = sums.get(operation_id, 0) + points
        for order_id in known:
            done = sorted(kinds.get(order_id, []))
            assert len(set(done)) == len(done), f"points of {order_id} twice: {done}"
            if order_id in delivered:
                assert done == ["accrual"], (order_id, done)
            else:
                assert sums.get(order_id, 0) == 0, (order_id, done)

    def _check_messages(self) -> None:
        """Every event was taken in by the service that tells the customers, once."""
        untold = (
            "SELECT order_id, version FROM orders.order_history EXCEPT"
            " SELECT order_id, version FROM notifications.inbox"
        )
        until(lambda: not self._rows(untold), _STANDS_STILL_S)
        twice = "SELECT 1 FROM notifications.inbox GROUP BY order_id, version HAVING count(*) > 1"
        assert self._rows(twice) == []

    def _rows(self, query: str) -> list[Any]:
        return self._database.execute(query).fetchall()

    def _progress(self) -> tuple[int, int]:
        """What is still to be done, and how much has happened to the orders."""
        waiting, happened = self._rows(
            "SELECT (SELECT count(*) FROM orders.sagas WHERE step <> 'done')"
            " + (SELECT count(*) FROM orders.outbox"
            " WHERE published_at IS NULL OR notified_at IS NULL),"
            " (SELECT count(*) FROM orders.order_history)"
        )[0]
        return waiting, happened

    def _has_moved_since(self, seen: tuple[int, int]) -> bool:
        return self._progress() != seen

    def _one(self, query: str) -> Any:
        row = self._rows(query)[0]
        return row[0]
