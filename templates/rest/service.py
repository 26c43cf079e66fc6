"""Orders over REST, as openapi.yaml says it. `python service.py` serves until SIGTERM or Ctrl-C."""

import os
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from enum import Enum
from typing import Annotated
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);
CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (id)
);
"""
DATABASE_TIMEOUT_S = 5
STOP_TIMEOUT_S = 10


class Fault(Enum):
    """Every error that this service answers with: status, type, title."""

    ORDER_NOT_FOUND = (404, "order-not-found", "There is no such order")
    KEY_REUSED = (409, "idempotency-key-reused", "The key belongs to another order")
    INVALID = (422, "invalid-request", "The request is not as the contract says")
    INTERNAL = (500, "internal-error", "The service has failed; repeat with the same key")


class FaultError(Exception):
    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class NewOrder(BaseModel):
    # Strict: "2" is not 2, and an unknown field is a mistake of the client, not to be swallowed.
    model_config = ConfigDict(extra="forbid", strict=True)
    sku: str = Field(pattern="^[A-Z]+-[0-9]+$")
    quantity: int = Field(ge=1, le=100)


class Order(BaseModel):
    id: str
    sku: str
    quantity: int


class Page(BaseModel):
    orders: list[Order]
    next: int | None


class Orders:
    """The orders in SQLite. A connection per call, as calls come from many threads."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction() as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def place(self, key: str, new: NewOrder) -> tuple[Order, bool]:
        """The order, and whether it was there before."""
        # IMMEDIATE: of two requests with one key the second waits here and finds the first's row.
        with self._transaction("IMMEDIATE") as db:
            known = db.execute(
                "SELECT request, order_id FROM idempotency_keys WHERE key = ?", (key,)
            ).fetchone()
            if known is not None:
                if known["request"] != new.model_dump_json():
                    raise FaultError(Fault.KEY_REUSED, f"Idempotency-Key {key!r}: take a new one.")
                return Order(id=known["order_id"], **new.model_dump()), True
            order = Order(id=uuid4().hex, **new.model_dump())
            db.execute(
                "INSERT INTO orders (id, sku, quantity) VALUES (:id, :sku, :quantity)",
                order.model_dump(),
            )
            # In the same transaction as the order: either both are there or none.
            db.execute(
                "INSERT INTO idempotency_keys VALUES (?, ?, ?)",
                (key, new.model_dump_json(), order.id),
            )
            return order, False

    def get(self, order_id: str) -> Order:
        with self._transaction() as db:
            row = db.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
        if row is None:
            raise FaultError(Fault.ORDER_NOT_FOUND, f"No order has the id {order_id!r}.")
        return Order(id=row["id"], sku=row["sku"], quantity=row["quantity"])

    def page(self, limit: int, after: int) -> Page:
        with self._transaction() as db:
            # One more than asked for tells whether there is a next page.
            rows = db.execute(
                "SELECT * FROM orders WHERE number > ? ORDER BY number LIMIT ?", (after, limit + 1)
            ).fetchall()
        shown = rows[:limit]
        orders = [Order(id=row["id"], sku=row["sku"], quantity=row["quantity"]) for row in shown]
        return Page(orders=orders, next=shown[-1]["number"] if len(rows) > limit else None)

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        with closing(connection), connection:
            connection.execute(f"BEGIN {kind}")
            yield connection


def make_app(orders: Orders) -> FastAPI:
    # The contract is openapi.yaml, so FastAPI makes none of its own.
    app = FastAPI(title="__PROJECT__", openapi_url=None)

    @app.post("/orders", status_code=201)
    def place_order(
        new: NewOrder,
        response: Response,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=64)],
    ) -> Order:
        order, replayed = orders.place(idempotency_key, new)
        response.headers["Location"] = f"/orders/{order.id}"
        if replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return order

    @app.get("/orders")
    def list_orders(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> Page:
        return orders.page(limit, after)

    @app.get("/orders/{order_id}")
    def get_order(order_id: str) -> Order:
        return orders.get(order_id)

    add_error_handlers(app)
    return app


def add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(FaultError)
    def domain(_: Request, error: FaultError) -> Response:
        return problem(*error.fault.value, error.detail)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> Response:
        told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return problem(*Fault.INVALID.value, "; ".join(told))

    @app.exception_handler(HTTPException)
    def framework(_: Request, error: HTTPException) -> Response:
        # No such path, no such method: the framework's own, in the same shape.
        return problem(error.status_code, "about:blank", error.detail, "", error.headers)

    @app.exception_handler(Exception)
    def unexpected(_: Request, __: Exception) -> Response:
        # The traceback goes to the log. What is inside is nobody's business outside.
        return problem(*Fault.INTERNAL.value, "")


def problem(
    status: int, kind: str, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    body = {"type": kind, "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, "application/problem+json")


def main() -> None:
    app = make_app(Orders(os.environ.get("DATABASE", "orders.db")))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8090"))
    listening = socket.create_server((host, port))
    print(f"listening on http://{host}:{listening.getsockname()[1]}", flush=True)
    # On SIGTERM uvicorn takes no more requests and lets those that run come to their end.
    config = uvicorn.Config(app, timeout_graceful_shutdown=STOP_TIMEOUT_S)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
