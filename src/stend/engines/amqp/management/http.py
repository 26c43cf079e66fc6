"""The management API on a port of its own: HTTP, Basic authentication, JSON."""

import asyncio
import base64
import binascii
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from stend.engines.amqp.errors import AmqpError
from stend.engines.amqp.management.desk import (
    NOT_AUTHORISED,
    Desk,
    ForbiddenError,
    MissingError,
    Reply,
    Request,
    status_of,
)
from stend.engines.amqp.management.listing import columns_of, listed
from stend.engines.amqp.management.reading import BadRequestError
from stend.engines.amqp.management.routes import find
from stend.engines.amqp.server import BrokerServer
from stend.engines.amqp.users import User

_log = logging.getLogger("stend.amqp")
# A message in base64 is a third longer, and its properties come on top.
_MAX_BODY_BYTES = 32 * 1024 * 1024
_MAY_LOOK = frozenset(("administrator", "monitoring", "policymaker", "management"))
NOTHING = Reply(404, {"error": "Object Not Found", "reason": "Not Found"})
_OWN_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))


class Management:
    """
    Args:
        new_salt: four random bytes, for a new password.
        names: in the header Host that it answers to, beside its own.
    """

    def __init__(
        self,
        host: str,
        port: int,
        server: BrokerServer,
        new_salt: Callable[[], bytes],
        names: tuple[str, ...] = (),
    ) -> None:
        self._host = host
        # The name of a URL has no brackets around an address of IPv6.
        self._names = _OWN_NAMES | {host} | {name.strip("[]") for name in names}
        self._port = port
        self._server = server
        listeners = (
            {"protocol": "amqp", "ip_address": host, "port": server.port},
            {"protocol": "http", "ip_address": host, "port": port},
        )
        self._desk = Desk(
            server.broker,
            lambda: (wire.session for wire in tuple(server.wires)),
            listeners,
            os.getpid(),
            new_salt,
        )
        self._http: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """
        Raises:
            OSError: the port is taken.
        """
        listening = socket.create_server((self._host, self._port), backlog=128)
        config = uvicorn.Config(
            self,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._http = _Server(config)
        self._task = asyncio.create_task(self._http.serve(sockets=[listening]))

    async def stop(self) -> None:
        if self._http and self._task:
            self._http.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            response = await self._respond(HttpRequest(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: HttpRequest) -> Response:
        # A page of another site that has pointed its own name at this machine is not answered.
        if not self._is_own_name(request.headers.get("host", "")):
            return _json(Reply(403, {"error": "forbidden", "reason": "unknown Host header"}))
        told = request.headers.get("authorization")
        user = self._user(told or "")
        if user is None:
            failed = {"error": "not_authorized", "reason": "Login failed"}
            response = _json(Reply(401, failed if told else None))
            response.headers["WWW-Authenticate"] = 'Basic realm="RabbitMQ Management"'
            return response
        if not _MAY_LOOK.intersection(user.tags):
            return _json(Reply(401, {"error": NOT_AUTHORISED, "reason": "Not management user"}))
        parts = _parts(request.scope["raw_path"])
        found = find(parts[1:]) if parts[:1] == ("api",) else None
        if found is None:
            return _json(NOTHING)
        method = "GET" if request.method == "HEAD" else request.method
        action = found.methods.get(method)
        if action is None:
            status = 200 if method == "OPTIONS" else 405
            allowed = sorted({"HEAD", "OPTIONS", *found.methods})
            return Response(status_code=status, headers={"Allow": ", ".join(allowed)})
        body = await _body(request)
        if body is None:
            reason = f"the body is larger than {_MAX_BODY_BYTES} bytes"
            return _json(Reply(413, {"error": "bad_request", "reason": reason}))
        # The broker is not touched while a body is awaited: what follows is one turn of the loop.
        self._server.touch()
        query, headers = dict(request.query_params), dict(request.headers)
        asked = Request(user, found.names, body, query, headers)
        return _json(_carried_out(action, self._desk, asked))

    def _is_own_name(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name in self._names

    def _user(self, header: str) -> User | None:
        scheme, _, told = header.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(told, validate=True).decode().partition(":")
            return self._server.broker.authenticated(name, password)
        except (binascii.Error, UnicodeDecodeError, AmqpError):
            return None


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The process has its own: the HTTP server is one of the things it stops.
        yield


def _carried_out(action: Callable[[Desk, Request], Reply], desk: Desk, request: Request) -> Reply:
    try:
        return _as_asked(action(desk, request), request)
    except MissingError as error:
        return Reply(404, {"error": "not_found", "reason": str(error)}) if error.args else NOTHING
    except ForbiddenError as error:
        return Reply(401, {"error": NOT_AUTHORISED, "reason": str(error)})
    except BadRequestError as error:
        return Reply(400, {"error": "bad_request", "reason": str(error)})
    except AmqpError as error:
        return status_of(error)
    except Exception:  # noqa: BLE001
        _log.exception("a bug in the management API")
        return Reply(500, {"error": "internal_error", "reason": "see the broker's log"})


async def _body(request: HttpRequest) -> bytes | None:
    """None when it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _MAX_BODY_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _parts(raw_path: bytes) -> tuple[str, ...]:
    """The parts of a path. Split before they are decoded: a virtual host may be called `/`."""
    path = raw_path.decode("latin-1").partition("?")[0]
    return tuple(unquote(part, errors="replace") for part in path.strip("/").split("/"))


def _json(reply: Reply) -> Response:
    headers = {"Cache-Control": "no-cache"}
    if reply.location:
        headers["Location"] = reply.location
    if reply.body is None:
        return Response(status_code=reply.status, headers=headers)
    return JSONResponse(reply.body, reply.status, headers)


def _as_asked(reply: Reply, request: Request) -> Reply:
    """Lists in pages, objects with some of their columns."""
    body = reply.body
    if isinstance(body, list):
        body = listed(body, request.query)
    elif isinstance(body, dict):
        body = columns_of(body, request.query)
    return Reply(reply.status, body, reply.location)
