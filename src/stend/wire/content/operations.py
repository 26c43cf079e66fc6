"""Which kind of API a message belongs to, and which operation of it is called.

HTTP itself does not say it. The rule, first match wins; a response is what its request was:

- websocket: the header Upgrade asks for it;
- mcp: the header MCP-Session-Id or MCP-Protocol-Version, or JSON-RPC with a method of MCP;
- webhook: the headers of Standard Webhooks (webhook-id) or of CloudEvents (ce-id);
- soap: the header SOAPAction, the media type application/soap+xml, or XML with an envelope;
- jsonrpc: JSON with the member `jsonrpc`, or a batch of such;
- graphql: JSON with `query` and other members of GraphQL only; GET with a parameter `query`, where
  GraphQL is accepted;
- sse: Accept or Content-Type is text/event-stream;
- rest: anything else, except what a browser asks for to show it (text/html, scripts, images).
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import parse_qs

from stend.wire.content.bodies import media_type_of
from stend.wire.content.soap import envelope
from stend.wire.content.trace_context import traceparent

# A body that is longer is not looked into for its operation.
LOOKED_INTO = 1024 * 1024

Headers = Mapping[str, str]

_MCP = re.compile(
    r"(initialize|ping|(tools|resources|prompts|notifications|completion|logging)/.*)"
)
_GRAPHQL = re.compile(r"\b(query|mutation|subscription)\b\s*(\w+)?[^{]*\{\s*(\w+)|\{\s*(\w+)")
_GRAPHQL_MEMBERS = frozenset({"query", "operationName", "variables", "extensions"})
_GRAPHQL_ANSWER = frozenset({"data", "errors", "extensions"})
_PAGES = ("text/html", "text/css", "image/", "font/", "text/javascript", "application/javascript")
_CLOUD_EVENT = "application/cloudevents+json"


class Operation(NamedTuple):
    """What a message says of the API behind it.

    Attributes:
        api: as in the rule above; `` for pages and for what is not known.
        facts: `rpc_method`, `graphql_operation`, `soap_action` and the like.
        error: an error that the body tells of whatever the status is.
        context: a trace context in the body.
    """

    api: str
    facts: Mapping[str, str] = MappingProxyType({})
    error: str | None = None
    context: str | None = None


def of_request(method: str, target: str, headers: Headers, body: bytes) -> Operation:
    """What a request calls.

    Args:
        headers: by their names in small letters.
        body: without content coding; empty where it is not known.
    """
    inside = _of_body(headers, body)
    if headers.get("upgrade", "").lower() == "websocket":
        return Operation("websocket")
    if "mcp-session-id" in headers or "mcp-protocol-version" in headers:
        return inside._replace(api="mcp")
    if "webhook-id" in headers or "ce-id" in headers:
        facts = _webhook(headers, body)
        return Operation("webhook", facts, context=headers.get("ce-traceparent"))
    if "soapaction" in headers and inside.api != "soap":
        return Operation("soap", {"soap_action": headers["soapaction"].strip('"')})
    if inside.api:
        return inside
    return _plain(method, target, headers)


def of_response(request: str, headers: Headers, body: bytes) -> Operation:
    """What a response tells.

    Args:
        request: the api that its request belongs to; `` where that is not known.
    """
    inside = _of_body(headers, body)
    if inside.api:
        # Problem Details of GraphQL or an empty answer have no api of their own.
        return inside._replace(api=request if request in ("mcp", "webhook") else inside.api)
    kind = media_type_of(headers.get("content-type", ""))
    if kind == "text/event-stream" and request in ("", "rest"):
        return Operation("sse")
    if kind.startswith(_PAGES) and request in ("", "rest"):
        return Operation("")
    return Operation(request)


def of_json(body: bytes | str) -> Operation:
    """What a JSON text tells; the api is `` where it is of none that is known."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Operation("")
    if isinstance(told, list) and told and isinstance(told[0], dict):
        first = _of_object(told[0])
        return first if first.api in ("jsonrpc", "mcp") else Operation("")
    return _of_object(told) if isinstance(told, dict) else Operation("")


def _of_body(headers: Headers, body: bytes) -> Operation:
    kind = media_type_of(headers.get("content-type", ""))
    if not body or len(body) > LOOKED_INTO:
        return Operation("soap" if kind == "application/soap+xml" else "")
    if "json" in kind:
        return of_json(body)
    if "xml" in kind and "html" not in kind:
        return _of_xml(headers, kind, body)
    return Operation("")


def _of_object(told: dict[str, object]) -> Operation:
    if "jsonrpc" in told:
        return _of_rpc(told)
    query = told.get("query")
    if isinstance(query, str) and told.keys() <= _GRAPHQL_MEMBERS:
        facts = {"graphql_operation": _operation(query, told)}
        return Operation("graphql", facts, context=_context(told.get("extensions")))
    if told.keys() <= _GRAPHQL_ANSWER and ("data" in told or "errors" in told):
        return Operation("graphql", error=_graphql_error(told.get("errors")))
    return Operation("")


def _of_rpc(told: dict[str, object]) -> Operation:
    facts: dict[str, str] = {}
    method = told.get("method")
    if isinstance(method, str):
        facts["rpc_method"] = method
        if method == "tools/call" and isinstance(params := told.get("params"), dict):
            facts["tool"] = str(params.get("name", ""))
    if told.get("id") is not None:
        facts["rpc_id"] = str(told["id"])
    error = told.get("error")
    code = str(error.get("code", "error")) if isinstance(error, dict) else None
    result = told.get("result")
    if isinstance(result, dict) and result.get("isError") is True:
        code = "isError"
    is_mcp = isinstance(method, str) and _MCP.fullmatch(method) is not None
    params = told.get("params")
    context = _context(params.get("_meta")) if isinstance(params, dict) else None
    return Operation("mcp" if is_mcp else "jsonrpc", facts, code, context)


def _context(members: object) -> str | None:
    """Where an API has a place of its own for it: `_meta` of MCP, `extensions` of GraphQL."""
    return traceparent(members.get("traceparent")) if isinstance(members, dict) else None


def _of_xml(headers: Headers, kind: str, body: bytes) -> Operation:
    told = envelope(body)
    if told is None:
        return Operation("soap" if kind == "application/soap+xml" else "")
    facts = {"soap_operation": told.operation}
    action = headers.get("soapaction", "").strip('"') or _parameter(
        headers.get("content-type", ""), "action"
    )
    if action:
        facts["soap_action"] = action
    return Operation("soap", facts, told.fault, told.context)


def _parameter(value: str, name: str) -> str:
    found = re.search(rf';\s*{name}\s*=\s*"?([^";]*)', value, re.IGNORECASE)
    return found[1] if found else ""


def _operation(query: str, told: Mapping[str, object]) -> str:
    found = _GRAPHQL.search(query)
    if found is None:
        return str(told.get("operationName") or "")
    kind, name, first, only = found.groups()
    return f"{kind or 'query'} {told.get('operationName') or name or first or only}"


def _graphql_error(errors: object) -> str | None:
    if not isinstance(errors, list) or not errors:
        return None
    first = errors[0] if isinstance(errors[0], dict) else {}
    extensions = first.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return str(code or "errors")


def _webhook(headers: Headers, body: bytes) -> dict[str, str]:
    names = {"webhook_id": "webhook-id", "ce_id": "ce-id", "ce_type": "ce-type"}
    facts = {fact: headers[name] for fact, name in names.items() if name in headers}
    kind = media_type_of(headers.get("content-type", ""))
    return facts if kind != _CLOUD_EVENT else _cloud_event(body) | facts


def _cloud_event(body: bytes) -> dict[str, str]:
    """Of the structured mode (CloudEvents JSON format 1.0, section 3): the body is all of it."""
    if len(body) > LOOKED_INTO:
        return {}
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    names = {"ce_id": "id", "ce_type": "type"}
    return {fact: str(told[name]) for fact, name in names.items() if name in told}


def _plain(method: str, target: str, headers: Headers) -> Operation:
    accepts = headers.get("accept", "").lower()
    if method == "GET" and "graphql" in accepts + target.partition("?")[0]:
        query = parse_qs(target.partition("?")[2]).get("query")
        if query:
            return Operation("graphql", {"graphql_operation": _operation(query[0], {})})
    if accepts.startswith("text/event-stream"):
        return Operation("sse")
    return Operation("" if accepts.startswith(_PAGES) else "rest")
