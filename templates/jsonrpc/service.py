"""Points over JSON-RPC 2.0, as openrpc.json says it. `python service.py` serves until SIGTERM."""

import json
import logging
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from typing import Annotated, Any, NoReturn

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    points INTEGER NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0)
)
"""
MAX_BODY_BYTES = 1_000_000
MAX_BATCH = 50
DATABASE_TIMEOUT_S = 5
STOP_TIMEOUT_S = 10
log = logging.getLogger(__name__)


class Fault(Enum):
    """Every error that this service answers with. Section 5.1 has reserved -32768 to -32000."""

    PARSE = (-32700, "Parse error")
    INVALID_REQUEST = (-32600, "Invalid Request")
    METHOD_NOT_FOUND = (-32601, "Method not found")
    INVALID_PARAMS = (-32602, "Invalid params")
    INTERNAL = (-32603, "Internal error")
    NOT_ENOUGH_POINTS = (1001, "Not enough points")
    OPERATION_REUSED = (1002, "The operation was another one")


class FaultError(Exception):
    def __init__(self, fault: Fault, data: str) -> None:
        super().__init__(data)
        self.fault = fault
        self.data = data


Word = Annotated[str, Field(min_length=1, max_length=64)]


class Balance(BaseModel):
    # Strict: "5" is not 5, and an unknown field is a mistake of the client, not to be swallowed.
    model_config = ConfigDict(extra="forbid", strict=True)
    customer: Word


class Change(Balance):
    points: Annotated[int, Field(ge=1, le=1_000_000)]
    operation: Word


class Points:
    """The journal of operations in SQLite; the last line of a customer is the balance."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction() as db:
            db.execute(SCHEMA)

    def balance(self, asked: Balance) -> int:
        with self._transaction() as db:
            return _balance(db, asked.customer)

    def accrue(self, change: Change) -> int:
        return self._book(change, change.points)

    def spend(self, change: Change) -> int:
        return self._book(change, -change.points)

    def _book(self, change: Change, points: int) -> int:
        # IMMEDIATE: of two calls at once the second waits here and sees what the first has done.
        with self._transaction("IMMEDIATE") as db:
            known = db.execute(
                "SELECT customer, points, balance FROM operations WHERE id = ?", (change.operation,)
            ).fetchone()
            if known is not None:
                if known[:2] != (change.customer, points):
                    raise FaultError(Fault.OPERATION_REUSED, f"operation {change.operation!r}")
                return int(known[2])
            balance = _balance(db, change.customer) + points
            if balance < 0:
                raise FaultError(Fault.NOT_ENOUGH_POINTS, f"{-balance} points are missing")
            db.execute(
                "INSERT INTO operations VALUES (?, ?, ?, ?)",
                (change.operation, change.customer, points, balance),
            )
            return balance

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute(f"BEGIN {kind}")
            yield connection


def _balance(db: sqlite3.Connection, customer: str) -> int:
    row = db.execute(
        "SELECT balance FROM operations WHERE customer = ? ORDER BY rowid DESC LIMIT 1", (customer,)
    ).fetchone()
    return row[0] if row else 0


class Server:
    """JSON-RPC 2.0 by itself: text in, answer out, nothing of HTTP."""

    def __init__(self, points: Points) -> None:
        self._methods: dict[str, tuple[type[Balance], Callable[[Any], int]]] = {
            "points.balance": (Balance, points.balance),
            "points.accrue": (Change, points.accrue),
            "points.spend": (Change, points.spend),
        }

    def answer(self, body: bytes) -> Any:
        """None where nothing is to be answered: there were notifications only."""
        try:
            message = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            return _failed(None, Fault.PARSE, str(error))
        if not isinstance(message, list):
            return self._answer_one(message)
        if not 0 < len(message) <= MAX_BATCH:
            return _failed(None, Fault.INVALID_REQUEST, f"a batch has 1 to {MAX_BATCH} members")
        # Section 6: each member is answered by itself, a bad one does not spoil the others.
        answers = [self._answer_one(one) for one in message]
        return [one for one in answers if one is not None] or None

    def _answer_one(self, message: Any) -> dict[str, Any] | None:
        if not _is_request(message):
            return _failed(None, Fault.INVALID_REQUEST, "see section 4 of the specification")
        try:
            result = self._call(message["method"], message.get("params", []))
            answer = {"jsonrpc": "2.0", "result": result, "id": message.get("id")}
        except FaultError as error:
            answer = _failed(message.get("id"), error.fault, error.data)
        except Exception:
            log.exception("%s has failed", message["method"])
            answer = _failed(message.get("id"), Fault.INTERNAL, "repeat with the same operation")
        # Section 4.1: a request without id is a notification, and not even its error is told.
        return answer if "id" in message else None

    def _call(self, method: str, params: list[Any] | dict[str, Any]) -> int:
        if method not in self._methods:
            raise FaultError(Fault.METHOD_NOT_FOUND, f"known: {', '.join(self._methods)}")
        model, function = self._methods[method]
        if isinstance(params, list):
            if len(params) > len(model.model_fields):
                raise FaultError(Fault.INVALID_PARAMS, f"at most {len(model.model_fields)}")
            params = dict(zip(model.model_fields, params, strict=False))
        try:
            asked = model.model_validate(params)
        except ValidationError as error:
            told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            raise FaultError(Fault.INVALID_PARAMS, "; ".join(told)) from error
        return function(asked)


def _is_request(message: Any) -> bool:
    # A boolean is an int to Python, and no id to the specification.
    return (
        isinstance(message, dict)
        and message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and isinstance(message.get("params", []), list | dict)
        and isinstance(message.get("id"), str | int | float | None)
        and not isinstance(message.get("id"), bool)
    )


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _failed(request_id: Any, fault: Fault, data: str) -> dict[str, Any]:
    code, message = fault.value
    error = {"code": code, "message": message, "data": data}
    return {"jsonrpc": "2.0", "error": error, "id": request_id}


def make_app(server: Server) -> Starlette:
    async def rpc(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY_BYTES:
                return Response(f"at most {MAX_BODY_BYTES} bytes", 413)
        # SQLite blocks, so it works in a thread and the loop goes on.
        answer = await run_in_threadpool(server.answer, bytes(body))
        # Errors of JSON-RPC are 200 to HTTP: the transport has done its work.
        return Response(status_code=204) if answer is None else JSONResponse(answer)

    return Starlette(routes=[Route("/rpc", rpc, methods=["POST"])])


def main() -> None:
    app = make_app(Server(Points(os.environ.get("DATABASE", "points.db"))))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8091"))
    listening = socket.create_server((host, port))
    print(f"listening on http://{host}:{listening.getsockname()[1]}/rpc", flush=True)
    # On SIGTERM uvicorn takes no more requests and lets those that run come to their end.
    config = uvicorn.Config(app, timeout_graceful_shutdown=STOP_TIMEOUT_S)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
