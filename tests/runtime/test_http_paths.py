"""Which service a path belongs to."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Scope

from stend.portal.stand import PartState
from stend.runtime.http import HttpGate
from stend.runtime.parts import Parts, ServicePart
from stend.runtime.settings import parse
from stend.runtime.tracing import Tracing

PREFIXES = ("/graphql", "/graphql/catalog", "/api/v1/orders", "/mcp", "/late")
NOT_STARTED = "/late"


def gate(parts: Parts | None = None) -> HttpGate:
    made = HttpGate(
        parts or Parts(8000, lambda _: None),
        ("127.0.0.1",),
        dict.fromkeys(PREFIXES, "orders"),
        portal("portal"),
        Tracing(parse({}, {}, {}).trace, lambda: 0),
    )
    made.services = {one: portal(one) for one in PREFIXES if one != NOT_STARTED}
    return made


def portal(answer: str) -> ASGIApp:
    """An application that tells who it is."""
    return PlainTextResponse(answer)


def answer_of(path: str, parts: Parts | None = None) -> tuple[int, str]:
    sent: list[Message] = []
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(b"host", b"127.0.0.1:8000")],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(gate(parts)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/mcp", "/mcp"),
        ("/mcp/", "/mcp"),
        ("/mcp/a/b/c/d/e", "/mcp"),
        ("/graphql", "/graphql"),
        ("/graphql/", "/graphql"),
        ("/graphql/catalog", "/graphql/catalog"),
        ("/graphql/catalog/x", "/graphql/catalog"),
        ("/graphql/catalogue", "/graphql"),
        ("/api/v1/orders/ord_1/events", "/api/v1/orders"),
        ("/api/v1/orders" + "/" * 60_000, "/api/v1/orders"),
        ("/", "portal"),
        ("", "portal"),
        ("/api/v1", "portal"),
        ("/api/v1/ordersx", "portal"),
        ("/x/mcp", "portal"),
        ("//mcp", "portal"),
        ("mcp", "portal"),
    ],
)
def test_path_belongs_to_the_longest_prefix_of_whole_segments(path: str, owner: str) -> None:
    assert answer_of(path) == (200, owner)


def test_service_that_has_not_started_is_told_apart_from_nothing() -> None:
    status, body = answer_of("/late/x")
    assert status == 503
    assert "still starting" in body


def test_readiness_is_a_status_code_and_names_who_is_waited_for() -> None:
    parts = Parts(8000)
    stock, delivery = (ServicePart(name, (), ()) for name in ("stock", "delivery"))
    parts.services.extend([stock, delivery])
    parts.enter(stock, PartState.READY)
    parts.enter(delivery, PartState.FAILED, "Redis does not answer")
    status, body = answer_of("/stand/ready", parts)
    assert (status, "Not ready: delivery is failed." in body) == (503, True)
    parts.enter(delivery, PartState.READY)
    assert answer_of("/stand/ready", parts) == (200, '{"ready": true}')
