"""What a message says in short: its name, what a list shows, facts that others look for."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from stend.wire.content.bodies import media_type_of
from stend.wire.content.encoding import decoded
from stend.wire.content.operations import LOOKED_INTO, Operation, of_request, of_response
from stend.wire.content.trace_context import traceparent
from stend.wire.http1.framing import Body, joined
from stend.wire.http1.heads import Head

_TARGET_SHOWN = 200
# Headers that are facts of themselves.
_FACTS = {
    "content_type": "content-type",
    "host": "host",
    "idempotency_key": "idempotency-key",
    "last_event_id": "last-event-id",
    "retry_after": "retry-after",
    "mcp_session_id": "mcp-session-id",
}
# The first that is there names the operation.
_OPERATIONS = ("rpc_method", "graphql_operation", "soap_operation", "soap_action", "ce_type")


class Told(NamedTuple):
    """What becomes of a unit.

    Attributes:
        api: which kind of API it belongs to (stend.wire.content.operations).
    """

    name: str
    summary: str
    error: str | None
    context: str | None
    facts: Mapping[str, str]
    api: str


def told_of_request(head: Head, body: bytes, size: int | None) -> Told:
    """
    Args:
        body: without content coding; empty where it is not at hand.
        size: of the body on the wire, in bytes; None where it is not known yet.
    """
    operation = of_request(head.method, head.target, head.headers, body)
    facts = {"method": head.method, "target": head.target}
    return Told(
        name=f"{head.method} {_short(head.target)}",
        summary=_summary(head, operation, size),
        error=None,
        context=_context(head, operation),
        facts=facts | _facts(head, operation),
        api=operation.api,
    )


def told_of_response(head: Head, api: str, body: bytes, size: int | None) -> Told:
    """
    Args:
        api: of the request.
    """
    operation = of_response(api, head.headers, body)
    error = str(head.status) if head.status >= 400 else operation.error
    facts = {"status": str(head.status)}
    if operation.error is not None:
        facts["body_error"] = operation.error
    return Told(
        name=f"{head.status} {head.reason or _phrase(head.status)}".rstrip(),
        summary=_summary(head, operation, size),
        error=error,
        context=_context(head, operation),
        facts=facts | _facts(head, operation),
        api=operation.api,
    )


def content_of(head: Head, body: Body, data: bytes) -> bytes:
    """The content of a whole message, without codings, as far as it can be had."""
    inside = joined(data, head.end) if body is Body.CHUNKED else data[head.end :]
    if len(inside) > LOOKED_INTO:
        return b""
    for coding in reversed(head.headers.get("content-encoding", "").lower().split(",")):
        if coding.strip() not in ("", "identity"):
            inside, why = decoded(coding.strip(), inside)
            if why is not None:
                return b""
    return inside


def _short(target: str) -> str:
    return target if len(target) <= _TARGET_SHOWN else f"{target[:_TARGET_SHOWN]}…"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _summary(head: Head, operation: Operation, size: int | None) -> str:
    told = [operation.facts[name] for name in _OPERATIONS if name in operation.facts][:1]
    if operation.error is not None:
        told.append(f"error {operation.error}")
    kind = media_type_of(head.headers.get("content-type", ""))
    if size != 0 and kind:
        told.append(kind)
    if size:
        told.append(f"{size} B")
    return ", ".join(told)


def _facts(head: Head, operation: Operation) -> dict[str, str]:
    facts = {fact: head.headers[name] for fact, name in _FACTS.items() if name in head.headers}
    if operation.api:
        facts["api"] = operation.api
    return facts | dict(operation.facts)


def _context(head: Head, operation: Operation) -> str | None:
    return traceparent(head.headers.get("traceparent")) or traceparent(operation.context)
