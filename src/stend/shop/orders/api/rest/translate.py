"""HTTP messages to use-case inputs and back, for both sides of the wire. Pure."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from pydantic import Field
from pydantic_core import to_json

from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import (
    CancelOrderBody,
    PlaceOrderBody,
    event_to_json,
    order_to_json,
    parsed,
    place_order_of,
    place_order_to_json,
)
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.usecases import (
    PAGE_LIMIT_DEFAULT,
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    OrderPage,
    PlaceOrder,
    TrackOrder,
)

ROOT = "/api/v1/orders"
RUNS_ROOT = "/api/v1/reconciliations"
# Where the runtime sends HTTP requests to the REST API.
PATH_PREFIXES = ("/api/v1/orders", RUNS_ROOT, "/docs")
JSON_MEDIA_TYPE = "application/json"
EVENT_STREAM_MEDIA_TYPE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`path` with its query; `body` is None where the method carries none."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


IfMatch = Annotated[str, Field(pattern='^(\\*|"[1-9][0-9]{0,8}")$')]


# ---- server: requests in -----------------------------------------------------------------------


def place_order_from(body: bytes, idempotency_key: str) -> PlaceOrder:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    return place_order_of(parsed(PlaceOrderBody, body), idempotency_key)


def cancel_order_from(order_id: str, body: bytes, if_match: str | None) -> CancelOrder:
    """
    Raises:
        StendError: MALFORMED_MESSAGE or INVALID_ARGUMENT.
    """
    reason = parsed(CancelOrderBody, body).reason if body else None
    version = None if if_match in (None, "*") else int(if_match.strip('"'))
    return CancelOrder(order_id, reason, version)


# ---- server: answers out -----------------------------------------------------------------------


def etag(order: Order) -> str:
    return f'"{order.version}"'


def etag_listed(if_none_match: str, order: Order) -> bool:
    """Weak comparison, as If-None-Match wants it (RFC 9110, section 13.1.2)."""
    wanted = etag(order)
    listed = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in ("*", wanted) for one in listed)


def location(order: Order) -> str:
    return f"{ROOT}/{order.order_id}"


def page_to_json(page: OrderPage, request: ListOrders) -> JsonObject:
    members: JsonObject = {"items": [order_to_json(order) for order in page.orders]}
    if page.next_cursor:
        members["next"] = next_path(page.next_cursor, request)
    return members


def next_path(cursor: str, request: ListOrders) -> str:
    return _list_path(ListOrders(request.customer_id, request.status, request.limit, cursor))


def event_frame(event: OrderEvent) -> bytes:
    """One event of the stream (HTML Living Standard, section 9.2.6)."""
    data = to_json(event_to_json(event))
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.version, event.type.encode(), data)


# ---- client: requests out ----------------------------------------------------------------------


def request_of(operation: OperationInput) -> HttpRequest:
    """The HTTP request that performs an operation."""
    match operation:
        case PlaceOrder():
            headers = (("Content-Type", JSON_MEDIA_TYPE),)
            keyed = (*headers, ("Idempotency-Key", operation.idempotency_key))
            return HttpRequest("POST", ROOT, keyed, to_json(place_order_to_json(operation)))
        case GetOrder():
            return HttpRequest("GET", _order_path(operation.order_id))
        case ListOrders():
            return HttpRequest("GET", _list_path(operation))
        case CancelOrder():
            return _cancel_request(operation)
        case TrackOrder():
            seen = operation.after_version
            resume = (("Last-Event-ID", str(seen)),) if seen else ()
            headers = (("Accept", EVENT_STREAM_MEDIA_TYPE), *resume)
            return HttpRequest("GET", _order_path(operation.order_id) + "/events", headers)


def _order_path(order_id: str) -> str:
    return f"{ROOT}/{quote(order_id, safe='')}"


def _list_path(request: ListOrders) -> str:
    query = {
        "customer_id": request.customer_id,
        "status": request.status,
        "limit": None if request.limit == PAGE_LIMIT_DEFAULT else request.limit,
        "cursor": request.cursor,
    }
    given = {name: value for name, value in query.items() if value is not None}
    return f"{ROOT}?{urlencode(given)}" if given else ROOT


def _cancel_request(operation: CancelOrder) -> HttpRequest:
    version = operation.expected_version
    headers: tuple[tuple[str, str], ...] = (
        () if version is None else (("If-Match", f'"{version}"'),)
    )
    body = None
    if operation.reason is not None:
        headers = (("Content-Type", JSON_MEDIA_TYPE), *headers)
        body = to_json({"reason": operation.reason})
    path = _order_path(operation.order_id) + "/cancellation"
    return HttpRequest("POST", path, headers, body)
