"""openapi.yaml and asyncapi.yaml came first: answers and frames are measured against them."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema_rs import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.applications import Starlette
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from stend.chassis.access import OpenAccess
from stend.chassis.event_stream import StreamLimits
from stend.chassis.intake import Intake
from stend.chassis.websocket import CloseCode
from stend.kit.errors import EdgeErrorCode, StendError, Violation
from stend.kit.problems import problem_to_json
from stend.shop.notifications import api
from stend.shop.notifications.api.rest import faults, server
from stend.shop.notifications.api.websocket import faults as socket_faults
from stend.shop.notifications.api.websocket import translate as socket_translate
from stend.shop.notifications.domain import (
    CUSTOMER_ID_PATTERN,
    MESSAGE_ID_PATTERN,
    ORDER_ID_PATTERN,
    WEBHOOK_ID_PATTERN,
    DeliveryStatus,
    EventType,
    NotificationErrorCode,
    Outcome,
    WebhookStatus,
)
from stend.shop.notifications.service import SOCKET_PATH
from stend.shop.notifications.usecases import PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, Operation
from stend.shop.notifications.workers.consuming import QUEUE
from tests.shop.asyncapi_contract import check_document, check_payload, read_contract
from tests.shop.notifications.events import an_event, fresh_customer, fresh_order
from tests.shop.notifications.running import Receiver, Shop, eventually
from tests.waiting import until_async

OPENAPI: dict[str, Any] = yaml.safe_load(server.contract())
SCHEMAS: dict[str, Any] = OPENAPI["components"]["schemas"]
ASYNCAPI = read_contract(Path(api.__path__[0]) / "websocket" / "contract" / "asyncapi.yaml")
CODES: tuple[StrEnum, ...] = (*EdgeErrorCode, *NotificationErrorCode)
_METHODS = {"get", "post", "delete"}


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): spec
        for path, item in OPENAPI["paths"].items()
        for method, spec in item.items()
        if method in _METHODS
    }


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [one for child in node.values() for one in references(child)]
    return [one for child in node for one in references(child)] if isinstance(node, list) else []


def check(schema: str, value: object) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": OPENAPI["components"]}
    validator = Draft202012Validator(whole, validate_formats=True)
    assert [error.message for error in validator.iter_errors(value)] == []


# ---- the documents -----------------------------------------------------------------------------


def test_both_contracts_are_valid_documents() -> None:
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(OPENAPI)] == []
    check_document(ASYNCAPI)


def test_every_component_is_used_and_every_reference_leads_somewhere() -> None:
    kinds = ("schemas", "parameters", "responses")
    defined = {
        f"#/components/{kind}/{name}" for kind in kinds for name in OPENAPI["components"][kind]
    }
    assert defined == set(references(OPENAPI))


def test_operations_are_those_of_the_use_cases_and_the_app() -> None:
    assert sorted(spec["operationId"] for spec in operations().values()) == sorted(Operation)
    limits = server.RestLimits(1, StreamLimits())
    intake = Intake("notifications", "rest", OpenAccess(), 1)
    app = server.create_app(None, intake, limits)  # type: ignore[arg-type] # nothing is called
    assert isinstance(app, Starlette)
    routes = {
        (method, route.path)
        for route in app.router.routes
        if isinstance(route, Route) and isinstance(route.endpoint, server._Resource)
        for method in route.endpoint._by_method
        if not route.path.endswith(".yaml")
    }
    assert routes == set(operations())


def test_enumerations_patterns_and_bounds_are_those_of_the_domain() -> None:
    assert SCHEMAS["EventType"]["enum"] == [*EventType]
    assert SCHEMAS["DeliveryStatus"]["enum"] == [*DeliveryStatus]
    assert SCHEMAS["Webhook"]["properties"]["status"]["enum"] == [*WebhookStatus]
    assert SCHEMAS["Attempt"]["properties"]["outcome"]["enum"] == [*Outcome]
    assert ASYNCAPI["components"]["schemas"]["EventType"]["enum"] == [*EventType]
    for schemas in (SCHEMAS, ASYNCAPI["components"]["schemas"]):
        assert schemas["OrderId"]["pattern"] == ORDER_ID_PATTERN
        assert schemas["CustomerId"]["pattern"] == CUSTOMER_ID_PATTERN
    assert SCHEMAS["WebhookId"]["pattern"] == WEBHOOK_ID_PATTERN
    assert SCHEMAS["MessageId"]["pattern"] == MESSAGE_ID_PATTERN
    limit = OPENAPI["components"]["parameters"]["Limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX)


def test_addresses_and_close_codes_of_the_asyncapi_document_are_those_of_the_code() -> None:
    channels = ASYNCAPI["channels"]
    assert channels["notifications"]["address"] == SOCKET_PATH
    assert channels["orderEvents"]["address"] == QUEUE.name
    told = ASYNCAPI["info"]["description"]
    assert socket_translate.SUBPROTOCOL in told
    assert all(str(code.value) in told for code in CloseCode)
    for name in (QUEUE.dead_letter_exchange, QUEUE.dead, QUEUE.bindings[0].exchange):
        assert name in channels["orderEvents"]["description"]


# ---- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [faults.FAULTS, socket_faults.FAULTS])
def test_every_error_has_an_answer_in_every_protocol(table: Mapping[StrEnum, object]) -> None:
    assert set(table) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_error_is_as_the_contracts_say(code: StrEnum) -> None:
    error = StendError(
        code, "No.", value="x", expected="y", next_step="z", violations=(Violation("/a", "b"),)
    )
    check("Problem", problem_to_json(error, faults.FAULTS[code]))
    frame = {"id": "1", "type": "error", "error": socket_faults.fault_of(error)}
    check_payload(ASYNCAPI, "error", frame)


@pytest.mark.parametrize(("place", "spec"), operations().items(), ids=lambda x: str(x)[:50])
def test_every_error_status_that_can_be_answered_is_declared(
    place: tuple[str, str], spec: dict[str, Any]
) -> None:
    declared = {int(status) for status in spec["responses"]}
    assert declared >= {401, 403, 422, 500, 503}
    if "requestBody" in spec:
        assert declared >= {400, 413, 415}
    known = {kind.status for kind in faults.FAULTS.values()}
    assert {status for status in declared if status >= 400} <= known


# ---- real answers ------------------------------------------------------------------------------


@pytest.mark.slow
async def test_real_answers_are_as_the_contract_says(shop: Shop, receiver: Receiver) -> None:
    order_id, customer = fresh_order(), fresh_customer()
    receiver.statuses = [500] * 4
    registered = await shop.register(
        receiver.url, order_id=order_id, event_types=["OrderPlaced", "OrderPaid"]
    )
    check("RegisteredWebhook", registered)
    event = an_event(order_id, 1, customer)
    check_payload(ASYNCAPI, "OrderEvent", event)
    await shop.publish(event)
    [dead] = await shop.settled(registered["webhook_id"], 1)
    check("Delivery", dead)
    path = f"/api/v1/webhooks/{registered['webhook_id']}"
    check("Webhook", await shop.get(path))
    check("WebhookPage", await shop.get("/api/v1/webhooks?limit=1"))
    check("DeliveryPage", await shop.get(f"{path}/deliveries?status=dead"))
    check("DeliveryPage", await shop.get("/api/v1/webhooks/dead-letters"))
    check("DeliveryReport", await shop.get(f"{path}/deliveries/{dead['message_id']}"))
    for whose in (f"order_id={order_id}", f"customer_id={customer}&after=0&limit=5"):
        page = await shop.get(f"/api/v1/notifications?{whose}")
        assert [one["position"] for one in page["items"]] == [1]
        check("NotificationPage", page)
    check("CloudEvent", receiver.received[0].event)
    check_payload(ASYNCAPI, "OrderCloudEvent", receiver.received[0].event)
    async with connect(
        f"ws://{shop.address}{SOCKET_PATH}",
        subprotocols=[Subprotocol(socket_translate.SUBPROTOCOL)],
        proxy=None,
    ) as connection:
        frame = {"id": "1", "type": "FollowNotifications", "params": {"order_id": order_id}}
        check_payload(ASYNCAPI, "FollowNotifications", frame)
        await connection.send(json.dumps(frame))
        check_payload(ASYNCAPI, "event", json.loads(await connection.recv()))
        await connection.send('{"id": "1", "type": "cancel"}')
        check_payload(ASYNCAPI, "end", json.loads(await connection.recv()))


ORDER = "ord_01M8EQJQFZVAKNEY2HBTR5QRD4"
HOOK = "whk_01M8EQJQFZVAKNEY2HBTR5QRD4"
LETTER = "msg_01M8EQJQFZVAKNEY2HBTR5QRD4"


# {url} is the receiver's.
REFUSED: list[tuple[str, str, Any, int, str]] = [
    ("POST", "webhooks", {}, 422, "invalid-argument"),
    ("POST", "webhooks", {"url": "{url}", "colour": "red"}, 422, "invalid-argument"),
    ("POST", "webhooks", {"url": "{url}", "order_id": None}, 422, "invalid-argument"),
    ("POST", "webhooks", {"url": "{url}", "event_types": []}, 422, "invalid-argument"),
    ("POST", "webhooks", {"url": "{url}", "event_types": ["Lost"]}, 422, "invalid-argument"),
    ("POST", "webhooks", {"url": "{url}", "replay": True}, 422, "invalid-argument"),
    (
        "POST",
        "webhooks",
        {"url": "{url}", "order_id": ORDER, "customer_id": "cus_1"},
        422,
        "invalid-argument",
    ),
    ("POST", "webhooks", {"url": "http://10.0.0.1/"}, 422, "url-forbidden"),
    ("POST", "webhooks", {"url": "http://127.0.0.1:22/"}, 422, "url-forbidden"),
    (
        "POST",
        "webhooks",
        {"url": "{url}", "order_id": ORDER, "replay": True},
        404,
        "order-not-found",
    ),
    ("POST", "webhooks", {"url": "x" * 70_000}, 413, "message-too-large"),
    ("POST", "webhooks?x=1", {"url": "{url}"}, 422, "invalid-argument"),
    ("PUT", "webhooks", None, 405, "method-not-allowed"),
    ("GET", "webhooks/", None, 404, "no-such-operation"),
    ("GET", "webhooks?limit=0", None, 422, "invalid-argument"),
    ("GET", "webhooks?limit=1_0", None, 422, "invalid-argument"),
    ("GET", "webhooks?limit=1&limit=2", None, 422, "invalid-argument"),
    ("GET", "webhooks?cursor=x", None, 422, "invalid-argument"),
    ("GET", f"webhooks/{HOOK}", None, 404, "webhook-not-found"),
    ("DELETE", f"webhooks/{HOOK}", None, 404, "webhook-not-found"),
    ("GET", f"webhooks/{HOOK}/deliveries", None, 404, "webhook-not-found"),
    ("GET", f"webhooks/{HOOK}/deliveries?status=lost", None, 422, "invalid-argument"),
    ("GET", f"webhooks/{HOOK}/deliveries/{LETTER}", None, 404, "delivery-not-found"),
    (
        "POST",
        f"webhooks/dead-letters/{LETTER}/redelivery",
        None,
        404,
        "delivery-not-found",
    ),
    ("GET", "notifications", None, 422, "invalid-argument"),
    ("GET", f"notifications?order_id={ORDER}&customer_id=cus_1", None, 422, "invalid-argument"),
    ("GET", f"notifications?order_id={ORDER}&since=1", None, 422, "invalid-argument"),
    ("GET", "notifications/stream", None, 422, "invalid-argument"),
    ("GET", "notifications/stream?order_id=x", None, 422, "invalid-argument"),
]


@pytest.mark.slow
async def test_refusals_are_problems_with_the_right_code(shop: Shop, receiver: Receiver) -> None:
    for method, path, template, status, code in REFUSED:
        body = None if template is None else json.dumps(template).replace("{url}", receiver.url)
        answer = await call(shop.http, method, path, body)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code), (path, body, problem)
        assert answer.headers["content-type"] == "application/problem+json"
        check("Problem", problem)
    broken = await call(shop.http, "POST", "webhooks", "{")
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed-message")
    plain = await shop.http.post("/api/v1/webhooks", content=b"{}")
    assert (plain.status_code, plain.json()["code"]) == (415, "unsupported-media-type")
    put = await shop.http.put("/api/v1/webhooks")
    assert put.headers["allow"] == "GET, POST"


async def call(http: httpx.AsyncClient, method: str, path: str, body: str | None) -> httpx.Response:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    return await http.request(method, f"/api/v1/{path}", content=body, headers=headers)


@pytest.mark.slow
async def test_a_registration_is_made_once_per_key(shop: Shop, receiver: Receiver) -> None:
    headers = {"Idempotency-Key": f"key-{fresh_order()}"}
    body = {"url": receiver.url, "order_id": fresh_order()}

    async def register(**changes: Any) -> httpx.Response:
        return await shop.http.post("/api/v1/webhooks", json={**body, **changes}, headers=headers)

    first, second = await register(), await register()
    assert first.json() == second.json()
    replayed = [one.headers["idempotency-replayed"] for one in (first, second)]
    assert replayed == ["false", "true"]
    other = await register(order_id=fresh_order())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert len((await shop.get("/api/v1/webhooks"))["items"]) == 1
    headers["Idempotency-Key"] = "short"
    assert (await register()).json()["violations"][0]["where"] == "/Idempotency-Key"


@pytest.mark.slow
async def test_webhooks_are_paged_newest_first_and_removed(shop: Shop, receiver: Receiver) -> None:
    made = [(await shop.register(receiver.url))["webhook_id"] for _ in range(3)]
    first = await shop.get("/api/v1/webhooks?limit=2")
    second = await shop.get(f"/api/v1/webhooks?limit=2&cursor={first['next_cursor']}")
    seen = [one["webhook_id"] for one in (*first["items"], *second["items"])]
    assert seen == made[::-1]
    assert "next_cursor" not in second
    assert all("secret" not in one for one in first["items"])
    for webhook_id in made:
        path = f"/api/v1/webhooks/{webhook_id}"
        assert (await shop.http.delete(path)).status_code == 204
        assert (await shop.http.delete(path)).status_code == 404
    await shop.publish(an_event(order_id := fresh_order(), 1))

    async def heard() -> list[Any]:
        items: list[Any] = (await shop.get(f"/api/v1/notifications?order_id={order_id}"))["items"]
        return items

    await eventually(heard)
    await until_async(lambda: not shop.service._deliverer._under_way)
    assert receiver.received == []
