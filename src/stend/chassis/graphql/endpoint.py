"""The endpoint of a service: queries and mutations over HTTP, subscriptions over WebSocket or SSE.

Sources: GraphQL over HTTP, working draft (graphql.github.io/graphql-over-http); "GraphQL over
Server-Sent Events", distinct connections mode (github.com/enisdenjo/graphql-sse/PROTOCOL.md).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Any

import strawberry
from graphql import OperationType
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.event_stream import CutStream
from stend.chassis.graphql import requests
from stend.chassis.graphql.answers import GraphqlFaults, RequestError, errors_json
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.documents import Prepared
from stend.chassis.graphql.requests import EVENT_STREAM_MEDIA_TYPE, GraphqlRequest
from stend.chassis.graphql.running import Answer, GraphqlContext, GraphqlRunner
from stend.chassis.graphql.tracing import describe
from stend.chassis.graphql.transport_ws import TransportWsSocket
from stend.chassis.tracing.recording import current
from stend.kit.errors import EdgeErrorCode, StendError, internal, too_large

_log = logging.getLogger("stend.graphql")
_NOT_ACCEPTABLE = 406
_OK = 200
_COMPLETE = b"event: complete\ndata:\n\n"


class GraphqlEndpoint:
    """An ASGI application at one path.

    Args:
        service: as metrics name it.
        contract: the text of schema.graphql, served below the path.
        context_of: from the credential of a request to what its resolvers get.
    """

    def __init__(
        self,
        service: str,
        path: str,
        schema: strawberry.Schema,
        contract: str,
        faults: GraphqlFaults,
        limits: GraphqlLimits,
        context_of: Callable[[str | None], GraphqlContext],
    ) -> None:
        self._path = path
        self._contract = contract
        self._faults = faults
        self._limits = limits
        self._context_of = context_of
        self._runner = GraphqlRunner(service, schema, faults, limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            socket = TransportWsSocket(
                scope, receive, send, self._runner, self._faults, self._limits, self._context_of
            )
            await socket.serve()
            return
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        if request.url.path != self._path:
            return self._beside(request)
        media_type = requests.media_type_for(request.headers.get("accept"))
        if media_type is None:
            return self._refusal(_no_media_type(request), status=_NOT_ACCEPTABLE)
        try:
            graphql_request = await self._read(request)
            prepared = self._runner.prepare(graphql_request)
            describe(current(), prepared)
            self._check_way(request.method, prepared, media_type)
            context = self._context_of(request.headers.get("authorization"))
            if media_type == EVENT_STREAM_MEDIA_TYPE:
                return self._event_stream(prepared, graphql_request, context)
            answer = await self._runner.execute(prepared, graphql_request, context)
        except RequestError as error:
            return self._error(error, media_type)
        except StendError as error:
            return self._refusal(error, media_type)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets an answer
            _log.exception("%s %s failed", request.method, request.url.path)
            return self._refusal(internal(), media_type)
        return Response(to_json(answer), _OK, media_type=media_type)

    async def _read(self, request: Request) -> GraphqlRequest:
        if request.method == "GET":
            return requests.from_query_string(request.scope["query_string"])
        if request.method != "POST":
            raise _no_method(request.method, "GET, POST")
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != requests.JSON_MEDIA_TYPE:
            raise _no_json(media_type)
        return requests.from_body(await self._body(request))

    async def _body(self, request: Request) -> bytes:
        limit = self._limits.body_limit_bytes
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            raise too_large(int(announced), limit)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large(None, limit)
        return bytes(body)

    def _check_way(self, method: str, prepared: Prepared, media_type: str) -> None:
        if method == "GET" and prepared.kind is OperationType.MUTATION:
            # A link in a page can send a GET (GraphQL over HTTP, section "GET").
            raise _no_method("GET for a mutation", "POST")
        if prepared.kind is OperationType.SUBSCRIPTION and media_type != EVENT_STREAM_MEDIA_TYPE:
            raise StendError(
                EdgeErrorCode.INVALID_ARGUMENT,
                "A subscription has many answers and this exchange only one.",
                value=media_type,
                expected=f"Accept: {EVENT_STREAM_MEDIA_TYPE}, or a WebSocket",
                next_step="Open a WebSocket with the subprotocol graphql-transport-ws.",
            )

    def _beside(self, request: Request) -> Response:
        if request.url.path == self._path + "/schema.graphql" and request.method == "GET":
            return Response(self._contract, media_type="application/graphql; charset=utf-8")
        return self._refusal(
            StendError(
                EdgeErrorCode.NO_SUCH_OPERATION,
                "Nothing stands at this path.",
                value=request.url.path,
                expected=self._path,
                next_step=f"The schema is at {self._path}/schema.graphql.",
            ),
            status=404,
        )

    # ---- answers -------------------------------------------------------------------------------

    def _event_stream(
        self, prepared: Prepared, request: GraphqlRequest, context: GraphqlContext
    ) -> ASGIApp:
        answers = self._runner.stream(prepared, request, context)
        stall_s = self._limits.send_timeout_s
        # The protocol knows no events but its two, so the reason is the last answer.
        reason = errors_json([_slow_reader(stall_s)], self._faults)
        farewell = _frame({"errors": reason}) + _COMPLETE
        return CutStream(self._frames(answers), stall_s, farewell)

    async def _frames(self, answers: AsyncGenerator[Answer, None]) -> AsyncGenerator[bytes, None]:
        upcoming = asyncio.ensure_future(anext(answers, None))
        try:
            while True:
                await asyncio.wait({upcoming}, timeout=self._limits.heartbeat_s)
                if not upcoming.done():
                    yield b":\n\n"
                    continue
                answer = upcoming.result()
                if answer is None:
                    break
                yield _frame(answer)
                upcoming = asyncio.ensure_future(anext(answers, None))
        except RequestError as error:
            # The status line is long gone: the error is the last answer.
            yield _frame({"errors": errors_json(error.errors, self._faults)})
        finally:
            upcoming.cancel()
            await asyncio.wait({upcoming})
            await answers.aclose()
        yield _COMPLETE

    def _error(self, error: RequestError, media_type: str) -> Response:
        # `application/json` may have come from anything between client and server, so by the
        # draft only 200 tells that a GraphQL service has answered.
        json_200 = error.well_formed and media_type == requests.JSON_MEDIA_TYPE
        status = _OK if json_200 else self._faults.status_of(error.first)
        return _errors_response(
            {"errors": errors_json(error.errors, self._faults)}, status, media_type
        )

    def _refusal(
        self,
        error: StendError,
        media_type: str = requests.RESPONSE_MEDIA_TYPE,
        status: int | None = None,
    ) -> Response:
        body = {"errors": errors_json([error], self._faults)}
        response = _errors_response(body, status or self._faults.status_of(error), media_type)
        if error.code is EdgeErrorCode.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = error.expected
        return response


def _errors_response(body: dict[str, Any], status: int, media_type: str) -> Response:
    if media_type == EVENT_STREAM_MEDIA_TYPE:
        media_type = requests.RESPONSE_MEDIA_TYPE
    return Response(to_json(body), status, media_type=media_type)


def _frame(answer: Answer) -> bytes:
    return b"event: next\ndata: %s\n\n" % to_json(answer)


def _slow_reader(stall_s: float) -> StendError:
    return StendError(
        EdgeErrorCode.OVERLOADED,
        f"The subscription was cut: nothing was read for {stall_s:g} s.",
        expected="a reader that takes events as they come",
        next_step="Subscribe again, after the last event that you have.",
    )


def _no_media_type(request: Request) -> StendError:
    return StendError(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "No answer of this service has a media type that the client takes.",
        value=request.headers["accept"],
        expected=f"{requests.RESPONSE_MEDIA_TYPE}, {requests.JSON_MEDIA_TYPE} or "
        f"{EVENT_STREAM_MEDIA_TYPE}",
        next_step="Send one of them in the header Accept.",
    )


def _no_json(media_type: str) -> StendError:
    return StendError(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "This service reads JSON only.",
        value=media_type or "no Content-Type",
        expected=requests.JSON_MEDIA_TYPE,
        next_step="Send the header Content-Type: application/json.",
    )


def _no_method(method: str, allowed: str) -> StendError:
    return StendError(
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        "GraphQL over HTTP does not do this with the method.",
        value=method,
        expected=allowed,
        next_step="Send the operation with POST.",
    )
