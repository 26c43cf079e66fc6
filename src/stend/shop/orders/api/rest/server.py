"""REST over FastAPI: binds the use cases to the paths of openapi.yaml. The only file with I/O."""

import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from importlib.resources import files
from typing import Annotated

from fastapi import FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stend.chassis import http
from stend.chassis.event_stream import MEDIA_TYPE, EventStream
from stend.chassis.intake import Intake
from stend.kit.errors import (
    EdgeErrorCode,
    StendError,
    Violation,
    internal,
    too_large,
)
from stend.shop.orders.api import messages, reconciliations
from stend.shop.orders.api.limits import RestLimits
from stend.shop.orders.api.rest import translate
from stend.shop.orders.api.rest.faults import FAULTS
from stend.shop.orders.api.swagger import add_swagger_ui
from stend.shop.orders.domain import Order, OrderEvent, OrderStatus
from stend.shop.orders.reconciliation.requesting import RUNS_LIMIT_DEFAULT, ReconciliationsOf
from stend.shop.orders.usecases import (
    PAGE_LIMIT_DEFAULT,
    GetOrder,
    ListOrders,
    Operation,
    Orders,
    OrdersOf,
    TrackOrder,
)

_log = logging.getLogger("stend.orders.rest")
_READ = "orders:read"
_WRITE = "orders:write"


def contract() -> str:
    """The text of openapi.yaml."""
    return files("stend.shop.orders.api.rest").joinpath("contract/openapi.yaml").read_text("utf-8")


def create_app(
    orders: OrdersOf, runs: ReconciliationsOf, limits: RestLimits, intake: Intake
) -> ASGIApp:
    # The contract file is the truth, so FastAPI's generated one is not published.
    # And only its paths exist: none is redirected to for a slash too many.
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    _add_reads(app, orders, limits, intake)
    _add_writes(app, orders, intake)
    _add_reconciliations(app, runs, intake)
    add_swagger_ui(app, contract())
    for kind in (StendError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _on_error)
    return _Guard(app, limits.body_limit_bytes)


_OrderIdInPath = Annotated[messages.OrderId, Path()]


def _add_reads(app: FastAPI, orders_of: OrdersOf, limits: RestLimits, intake: Intake) -> None:
    # Routes are tried in this order, and this one is wanted most.
    @app.get("/api/v1/orders/{order_id}")
    async def get_order(request: Request, order_id: _OrderIdInPath) -> Response:
        _check_query(request, ())
        order = await intake.perform(
            Operation.GET_ORDER,
            _READ,
            credential_of(request),
            lambda caller: orders_of(caller).get_order(GetOrder(order_id)),
        )
        known = request.headers.get("if-none-match")
        if known and translate.etag_listed(known, order):
            return Response(status_code=304, headers={"ETag": translate.etag(order)})
        return _order_response(order)

    @app.get("/api/v1/orders")
    async def list_orders(
        request: Request,
        customer_id: Annotated[messages.CustomerId | None, Query()] = None,
        status: Annotated[OrderStatus | None, Query()] = None,
        limit: Annotated[messages.Limit, Query()] = PAGE_LIMIT_DEFAULT,
        cursor: Annotated[messages.Cursor | None, Query()] = None,
    ) -> Response:
        _check_query(request, ("customer_id", "status", "limit", "cursor"))
        operation = ListOrders(customer_id, status, limit, cursor)
        page = await intake.perform(
            Operation.LIST_ORDERS,
            _READ,
            credential_of(request),
            lambda caller: orders_of(caller).list_orders(operation),
        )
        response = _json_response(messages.dump(translate.page_to_json(page, operation)))
        if page.next_cursor:
            link = f'<{translate.next_path(page.next_cursor, operation)}>; rel="next"'
            response.headers["Link"] = link
        return response

    @app.get("/api/v1/orders/{order_id}/events")
    async def track_order(
        request: Request,
        order_id: _OrderIdInPath,
        last_event_id: Annotated[messages.EventId, Header()] = 0,
    ) -> Response:
        _check_query(request, ())
        # Unknown orders are refused before the stream begins: inside it there is no status left.
        orders, order = await intake.perform(
            Operation.TRACK_ORDER,
            _READ,
            credential_of(request),
            lambda caller: _trackable(orders_of(caller), order_id),
        )
        if order.is_final and last_event_id >= order.version:
            return Response(status_code=204)
        events = orders.track_order(TrackOrder(order_id, last_event_id))
        return _Stream(EventStream(_frames(events), limits.stream))


async def _trackable(orders: Orders, order_id: str) -> tuple[Orders, Order]:
    return orders, await orders.get_order(GetOrder(order_id))


def _add_writes(app: FastAPI, orders_of: OrdersOf, intake: Intake) -> None:
    @app.post("/api/v1/orders")
    async def place_order(
        request: Request, idempotency_key: Annotated[messages.IdempotencyKey, Header()]
    ) -> Response:
        _check_query(request, ())
        body = await _json_body(request)
        operation = translate.place_order_from(body, idempotency_key)
        placed = await intake.perform(
            Operation.PLACE_ORDER,
            _WRITE,
            credential_of(request),
            lambda caller: orders_of(caller).place_order(operation),
        )
        response = _order_response(placed.order, status=201)
        response.headers["Location"] = translate.location(placed.order)
        response.headers["Idempotency-Replayed"] = str(placed.replayed).lower()
        return response

    @app.post("/api/v1/orders/{order_id}/cancellation")
    async def cancel_order(
        request: Request,
        order_id: _OrderIdInPath,
        if_match: Annotated[translate.IfMatch | None, Header()] = None,
    ) -> Response:
        _check_query(request, ())
        body = await _json_body(request)
        operation = translate.cancel_order_from(order_id, body, if_match)
        order = await intake.perform(
            Operation.CANCEL_ORDER,
            _WRITE,
            credential_of(request),
            lambda caller: orders_of(caller).cancel_order(operation),
        )
        return _order_response(order)


def _add_reconciliations(app: FastAPI, runs_of: ReconciliationsOf, intake: Intake) -> None:
    @app.get(translate.RUNS_ROOT)
    async def list_runs(
        request: Request,
        limit: Annotated[reconciliations.RunsLimit, Query()] = RUNS_LIMIT_DEFAULT,
    ) -> Response:
        _check_query(request, ("limit",))
        found = await intake.perform(
            "ListReconciliations",
            _READ,
            credential_of(request),
            lambda caller: runs_of(caller).list_runs(limit),
        )
        return _json_response(messages.dump(reconciliations.list_to_json(found)))

    @app.get(translate.RUNS_ROOT + "/{run_id}")
    async def get_run(
        request: Request, run_id: Annotated[reconciliations.RunId, Path()]
    ) -> Response:
        _check_query(request, ())
        run = await intake.perform(
            "GetReconciliation",
            _READ,
            credential_of(request),
            lambda caller: runs_of(caller).get_run(run_id),
        )
        return _json_response(messages.dump(reconciliations.run_to_json(run)))

    @app.post(translate.RUNS_ROOT)
    async def request_run(request: Request) -> Response:
        _check_query(request, ())
        if await request.body():
            raise messages.invalid((Violation("", "no body"),))
        run = await intake.perform(
            "RequestReconciliation",
            _WRITE,
            credential_of(request),
            lambda caller: runs_of(caller).request_run(),
        )
        body = messages.dump(reconciliations.run_to_json(run))
        location = f"{translate.RUNS_ROOT}/{run.run_id}"
        return _json_response(body, 202, {"Location": location})


class _Stream(Response):
    """FastAPI sends only what is a response."""

    def __init__(self, stream: EventStream) -> None:
        super().__init__(media_type=MEDIA_TYPE)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._stream(scope, receive, send)


async def _frames(events: AsyncGenerator[OrderEvent, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        async for event in events:
            yield translate.event_frame(event)


def credential_of(request: Request) -> str | None:
    return request.headers.get("authorization")


async def _json_body(request: Request) -> bytes:
    body = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and media_type != translate.JSON_MEDIA_TYPE:
        raise StendError(
            EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "This resource reads JSON only.",
            value=media_type or "no Content-Type",
            expected=translate.JSON_MEDIA_TYPE,
            next_step="Send the header Content-Type: application/json.",
        )
    return body


def _check_query(request: Request, known: tuple[str, ...]) -> None:
    # A misspelt filter that is ignored would answer with orders nobody asked for.
    if not request.scope["query_string"]:
        return
    names = [name for name, _ in request.query_params.multi_items()]
    violations = [Violation(f"/{name}", "no such parameter") for name in names if name not in known]
    violations += [Violation(f"/{name}", "one value") for name in known if names.count(name) > 1]
    if violations:
        raise messages.invalid(tuple(violations))


def _order_response(order: Order, status: int = 200) -> Response:
    body = messages.dump(messages.order_to_json(order))
    return _json_response(body, status, {"ETag": translate.etag(order)})


def _json_response(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(body, status, headers, translate.JSON_MEDIA_TYPE)


# ---- errors ------------------------------------------------------------------------------------


def problem_response(error: StendError) -> Response:
    return http.problem_response(error, FAULTS[error.code])


def _on_error(request: Request, error: Exception) -> Response:
    match error:
        case StendError():
            return problem_response(error)
        case RequestValidationError():
            return problem_response(_refused_parameters(error))
        case HTTPException(status_code=405):
            allowed = ", ".join(sorted(_methods_of(request)))
            response = problem_response(_method_not_allowed(request, allowed))
            response.headers["Allow"] = allowed
            return response
        case HTTPException():
            return problem_response(_no_such_resource(request))
        case _:
            return problem_response(internal())


def _refused_parameters(error: RequestValidationError) -> StendError:
    # FastAPI names the place first: ("query", "limit"). The rest is a pointer like any other.
    return messages.invalid(
        tuple(Violation(messages.pointer(one["loc"][1:]), one["msg"]) for one in error.errors())
    )


def _methods_of(request: Request) -> Iterable[str]:
    # One path has a route per method, and Starlette's own Allow knows only the first of them.
    for route in request.app.router.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            yield from getattr(route, "methods", None) or ()


def _method_not_allowed(request: Request, allowed: str) -> StendError:
    return StendError(
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        "This resource does not know the method.",
        value=request.method,
        expected=allowed,
        next_step="The contract at /docs lists the methods of every path.",
    )


def _no_such_resource(request: Request) -> StendError:
    return StendError(
        EdgeErrorCode.NO_SUCH_OPERATION,
        "Nothing stands at this path.",
        value=request.url.path,
        expected="a path of the contract",
        next_step="The contract at /docs lists them.",
    )


class _Guard:
    """Bounds the body, and logs what nobody expected.

    Starlette has answered it with `_on_error` by then, and raises it once more for the server to
    log: with a traceback on its console, where users look.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (announced := _announced_bytes(scope)) > self._limit_bytes:
            refusal = problem_response(too_large(announced, self._limit_bytes))
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, self._bounded(scope, receive), send)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the server must go on
            _log.exception("%s %s failed", scope["method"], scope["path"])

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        if scope["method"] == "GET":
            return receive
        # A chunked body announces no length, so the bytes are counted as they come.
        received_bytes = 0

        async def bounded_receive() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._limit_bytes:
                raise too_large(None, self._limit_bytes)
            return message

        return bounded_receive


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
    return 0
