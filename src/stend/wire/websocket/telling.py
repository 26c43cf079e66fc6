"""What a message says of itself: which question it belongs to, whether it is the answer.

WebSocket has no questions and answers, what is talked inside has. Known are:

- JSON-RPC: `method` with `id` asks, `result` or `error` with the same `id` answers;
- graphql-transport-ws: `subscribe` asks, `next` belongs to it, `complete` or `error` ends it;
- any other JSON object with `id` and `type`: to the server it asks; to the client it belongs to
  what has the same id and ends it where its type is `result`, `end`, `complete`, `error`, `pong`.

Everything else is a message that belongs to nothing.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from stend.wire.content.graphql_words import TRANSPORT_WS_TYPES
from stend.wire.content.operations import LOOKED_INTO, of_json
from stend.wire.content.trace_context import traceparent
from stend.wire.decoding import Direction, Role

_ENDS = frozenset({"result", "end", "complete", "error", "pong"})


class Said(NamedTuple):
    """What a message tells.

    Attributes:
        key: of the exchange, among those of the connection; None where it belongs to nothing.
    """

    role: Role = Role.MESSAGE
    key: str | None = None
    is_last: bool = True
    summary: str = ""
    error: str | None = None
    context: str | None = None
    facts: Mapping[str, str] = MappingProxyType({"api": "websocket"})


def said_in(message: bytes, direction: Direction) -> Said:
    """What a text message tells."""
    if len(message) > LOOKED_INTO or message.lstrip()[:1] not in (b"{", b"["):
        return Said()
    operation = of_json(message)
    if operation.api in ("jsonrpc", "mcp"):
        return _of_rpc(operation.facts, operation.error, operation.context, direction)
    try:
        told = json.loads(message)
    except (ValueError, RecursionError):
        return Said()
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        return Said()
    if told["type"] in TRANSPORT_WS_TYPES and told.keys() <= {"id", "type", "payload"}:
        return _of_graphql(told, direction)
    return _of_typed(told, direction)


def _of_rpc(
    facts: Mapping[str, str], error: str | None, context: str | None, direction: Direction
) -> Said:
    method, number = facts.get("rpc_method"), facts.get("rpc_id")
    told = {"api": "jsonrpc", **facts}
    if number is None:
        # A notification, or an error that nobody knows the question of.
        return Said(summary=method or "", error=error, context=context, facts=told)
    if method is not None:
        return Said(Role.REQUEST, f"rpc {direction} {number}", True, method, error, context, told)
    summary = f"error {error}" if error else f"result {number}"
    return Said(Role.RESPONSE, f"rpc {direction.other} {number}", True, summary, error, None, told)


def _of_graphql(told: Mapping[str, object], direction: Direction) -> Said:
    kind, payload = str(told["type"]), told.get("payload")
    facts = {"api": "graphql", "type": kind}
    inside = of_json(json.dumps(payload)) if isinstance(payload, dict) else None
    if inside is not None:
        facts |= dict(inside.facts)
    summary = f"{kind} {facts.get('graphql_operation', '')}".strip()
    if kind.startswith("connection_"):
        role = Role.REQUEST if kind == "connection_init" else Role.RESPONSE
        return Said(role, "graphql connection", True, summary, None, None, facts)
    if "id" not in told:
        return Said(summary=summary, facts=facts)
    facts["id"] = str(told["id"])
    key = f"graphql {told['id']}"
    error = inside.error if inside is not None else None
    if kind == "subscribe":
        context = inside.context if inside is not None else None
        return Said(Role.REQUEST, key, True, summary, None, context, facts)
    if kind == "next":
        return Said(Role.MESSAGE, key, False, summary, error, None, facts)
    if direction is Direction.TO_SERVER:
        # The client does not want more of it.
        return Said(Role.CONTROL, key, True, summary, None, None, facts)
    return Said(
        Role.RESPONSE, key, True, summary, "error" if kind == "error" else None, None, facts
    )


def _of_typed(told: Mapping[str, object], direction: Direction) -> Said:
    kind = str(told["type"])
    facts = {"api": "websocket", "type": kind}
    context = traceparent(told.get("traceparent"))
    number = told.get("id")
    if not isinstance(number, str | int):
        return Said(summary=kind, context=context, facts=facts)
    facts["id"] = str(number)
    key = f"id {number}"
    if direction is Direction.TO_SERVER:
        return Said(Role.REQUEST, key, True, kind, None, context, facts)
    if kind not in _ENDS:
        return Said(Role.MESSAGE, key, False, kind, None, context, facts)
    return Said(Role.RESPONSE, key, True, kind, _error(told), context, facts)


def _error(told: Mapping[str, object]) -> str | None:
    if told["type"] != "error":
        return None
    error = told.get("error")
    code = error.get("code") if isinstance(error, dict) else told.get("code")
    return str(code or "error")
