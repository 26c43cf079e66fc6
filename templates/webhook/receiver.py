"""Takes signed webhooks, as openapi.yaml says it. `python receiver.py` serves until SIGTERM."""

import logging
import os
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Literal

import uvicorn
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (webhook_id TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    events INTEGER NOT NULL
);
"""
MAX_BODY_BYTES = 256 * 1024
# Longer than any sender repeats. An old recording is refused by its timestamp long before.
SEEN_FOR = timedelta(days=7)
DATABASE_TIMEOUT_S = 5
STOP_TIMEOUT_S = 10
log = logging.getLogger(__name__)


class Fault(Enum):
    """Every error that the receiver answers with: status, type, title."""

    NOT_SIGNED = (401, "not-signed", "The signature or its timestamp is not good")
    ORDER_NOT_FOUND = (404, "order-not-found", "There is no such order")
    TOO_LARGE = (413, "too-large", f"At most {MAX_BODY_BYTES} bytes")
    INVALID = (422, "invalid-event", "The event is not as the contract says")
    INTERNAL = (500, "internal-error", "The receiver has failed; send it again")


class FaultError(Exception):
    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class OrderData(BaseModel):
    order_id: str = Field(min_length=1, max_length=64)


class Event(BaseModel):
    # Unknown fields are let through: senders add them without asking their receivers.
    type: Literal["order.placed", "order.paid", "order.delivered", "order.cancelled"]
    timestamp: AwareDatetime
    data: OrderData


class Orders:
    """What is known of orders, and which webhooks were taken, in one SQLite file."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction("IMMEDIATE") as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def take(self, webhook_id: str, event: Event, now: datetime) -> bool:
        """False for a repeat. The mark and what the event does are one transaction."""
        with self._transaction("IMMEDIATE") as db:
            db.execute("DELETE FROM seen WHERE at < ?", (_stamp(now - SEEN_FOR),))
            mark = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
            if db.execute(mark, (webhook_id, _stamp(now))).rowcount == 0:
                return False
            # Webhooks come in any order: an older event must not undo a newer one.
            db.execute(
                """
                INSERT INTO orders VALUES (:order_id, :state, :at, 1)
                ON CONFLICT (order_id) DO UPDATE SET
                    state = iif(excluded.changed_at > changed_at, excluded.state, state),
                    changed_at = max(excluded.changed_at, changed_at),
                    events = events + 1
                """,
                {
                    "order_id": event.data.order_id,
                    "state": event.type.removeprefix("order."),
                    "at": _stamp(event.timestamp),
                },
            )
            return True

    def get(self, order_id: str) -> dict[str, object]:
        with self._transaction() as db:
            query = "SELECT state, events FROM orders WHERE order_id = ?"
            row = db.execute(query, (order_id,)).fetchone()
        if row is None:
            raise FaultError(Fault.ORDER_NOT_FOUND, f"No event of order {order_id!r} has come.")
        return {"order_id": order_id, "state": row[0], "events": row[1]}

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute(f"BEGIN {kind}")
            yield connection


def _stamp(moment: datetime) -> str:
    """So that texts are in the order of what they tell."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verify(keys: Sequence[Webhook], body: bytes, headers: dict[str, str]) -> str:
    """The id of the webhook. Several keys: while a secret is changed, both are good."""
    reasons = []
    for key in keys:
        try:
            key.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            # ValueError: what came is no signature at all.
            reasons.append(str(error))
        else:
            return headers["webhook-id"]
    raise FaultError(Fault.NOT_SIGNED, reasons[0])


def make_app(orders: Orders, keys: Sequence[Webhook]) -> Starlette:
    async def receive(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY_BYTES:
                raise FaultError(Fault.TOO_LARGE)
        # The signature first: nothing of a stranger's body is parsed.
        webhook_id = verify(keys, bytes(body), dict(request.headers))
        try:
            event = Event.model_validate_json(bytes(body))
        except ValidationError as error:
            raise FaultError(Fault.INVALID, str(error)) from error
        taken = await run_in_threadpool(orders.take, webhook_id, event, datetime.now(UTC))
        log.info("%s %s", webhook_id, "taken" if taken else "seen before")
        return Response(status_code=204)

    def get_order(request: Request) -> Response:
        return JSONResponse(orders.get(request.path_params["order_id"]))

    def refused(_: Request, error: Exception) -> Response:
        # What is inside an unexpected one is for the log only, where its traceback goes.
        fault = error.fault if isinstance(error, FaultError) else Fault.INTERNAL
        detail = error.detail if isinstance(error, FaultError) else ""
        status, kind, title = fault.value
        body = {"type": kind, "title": title, "status": status, "detail": detail}
        return JSONResponse(body, status, media_type="application/problem+json")

    return Starlette(
        routes=[
            Route("/webhooks", receive, methods=["POST"]),
            Route("/orders/{order_id}", get_order),
        ],
        exception_handlers={FaultError: refused, Exception: refused},
    )


def main() -> None:
    secrets = os.environ.get("WEBHOOK_SECRETS", "").split()
    if not secrets:
        sys.exit("WEBHOOK_SECRETS is empty. Expected: one or more whsec_..., spaces between.")
    app = make_app(Orders(os.environ.get("DATABASE", "orders.db")), [Webhook(s) for s in secrets])
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8096"))
    listening = socket.create_server((host, port))
    print(f"listening on http://{host}:{listening.getsockname()[1]}", flush=True)
    # On SIGTERM uvicorn takes no more requests and lets those that run come to their end.
    config = uvicorn.Config(app, timeout_graceful_shutdown=STOP_TIMEOUT_S)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
