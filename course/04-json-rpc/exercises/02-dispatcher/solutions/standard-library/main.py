"""A dispatcher of JSON-RPC 2.0 with nothing but the standard library: one call after the other."""

import inspect
import json
import os
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn

import methods

# What may be called is listed: a name from outside is a key here and never an attribute.
METHODS: dict[str, Callable[..., Any]] = {
    f"loyalty.{function.__name__}": function
    for function in (
        methods.accrue,
        methods.spend,
        methods.balance,
        methods.forget,
        methods.quote,
        methods.levels,
        methods.audit,
        methods.expire,
    )
}
MOST_CALLS = 50


class Failure(Exception):
    """An error object (section 5.1)."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"code": code, "message": message}
        if data is not None:
            self.error["data"] = data


def answer(body: bytes) -> Any:
    """None where nothing is to be answered."""
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return failed(None, Failure(-32700, "Parse error"))
    if not isinstance(message, list):
        return answer_one(message)
    if not 1 <= len(message) <= MOST_CALLS:
        told = f"a batch has 1 to {MOST_CALLS} calls"
        return failed(None, Failure(-32600, "Invalid Request", told))
    answers = [one for one in map(answer_one, message) if one is not None]
    return answers or None


def answer_one(request: Any) -> dict[str, Any] | None:
    if not is_request(request):
        return failed(None, Failure(-32600, "Invalid Request"))
    request_id = request.get("id")
    try:
        told = {"jsonrpc": "2.0", "result": call(request), "id": request_id}
    except Failure as error:
        told = failed(request_id, error)
    # A notification is a request without the member: "id": null is not one.
    return told if "id" in request else None


def call(request: dict[str, Any]) -> Any:
    function = METHODS.get(request["method"])
    if function is None:
        raise Failure(-32601, "Method not found")
    params = request.get("params", [])
    by_position, by_name = (params, {}) if isinstance(params, list) else ([], params)
    try:
        # Before the call: a TypeError of the function itself is no fault of the caller.
        inspect.signature(function).bind(*by_position, **by_name)
    except TypeError as error:
        raise Failure(-32602, "Invalid params", str(error)) from None
    try:
        return function(*by_position, **by_name)
    except methods.BadArgument as error:
        raise Failure(-32602, "Invalid params", str(error)) from None
    except methods.Refused as error:
        raise Failure(error.code, error.message, error.data) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets -32603
        print(f"{request['method']} has failed: {error!r}")
        raise Failure(-32603, "Internal error") from None


def is_request(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and isinstance(message.get("params", []), list | dict)
        # True is an int to Python, and no id to the specification.
        and type(message.get("id")) in {str, int, float, type(None)}
    )


def failed(request_id: Any, failure: Failure) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": failure.error, "id": request_id}


def refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one write.
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get_content_type() != "application/json":
            self.send(415, None)
            return
        told = answer(body)
        self.send(204 if told is None else 200, told)

    def do_GET(self) -> None:
        self.send(405, None)

    def send(self, status: int, told: Any) -> None:
        data = b"" if told is None else json.dumps(told).encode()
        self.send_response(status)
        if told is not None:
            self.send_header("Content-Type", "application/json")
        if status == 405:
            self.send_header("Allow", "POST")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Every request on the screen would be noise."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
