"""Tool calls and results to use-case inputs and back, for both sides of the wire. Pure."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stend.chassis.jsonrpc.messages import INVALID_REQUEST, Request, error_object
from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject, JsonValue
from stend.shop.orders.api.messages import (
    Result,
    dump,
    input_to_json,
    result_to_json,
    violations_from_json,
)
from stend.shop.orders.api.reply import ReplyError
from stend.shop.orders.domain import OrderErrorCode
from stend.shop.orders.usecases import Operation, OperationInput

PATH = "/mcp"

# Revisions that begin with the `initialize` handshake, and the one in which every request carries
# its version itself. Before 2025-06-18 there were batches and no structured results.
HANDSHAKE_REVISIONS = ("2025-06-18", "2025-11-25")
STATELESS_REVISION = "2026-07-28"
REVISIONS = (*HANDSHAKE_REVISIONS, STATELESS_REVISION)

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
SERVER_INFO_KEY = "io.modelcontextprotocol/serverInfo"
# Where the whole error stands in a result with `isError`: the text beside it is for the model.
ERROR_KEY = "lavka/error"
# Section 5.1 of JSON-RPC 2.0, and since 2026-07-28 two numbers of MCP's own.
_METHOD_NOT_FOUND = -32601
_INVALID_PARAMS = -32602
_HEADER_MISMATCH = -32020
_UNSUPPORTED_PROTOCOL_VERSION = -32022
_VERSION_HEADER = b"mcp-protocol-version"
_STATELESS_REVISION_BYTES = STATELESS_REVISION.encode()
# The tools change with the program only.
_LIST_TTL_MS = 300_000


class ToolName(StrEnum):
    PLACE_ORDER = "place_order"
    GET_ORDER = "get_order"
    LIST_ORDERS = "list_orders"
    CANCEL_ORDER = "cancel_order"


OPERATION_OF: Mapping[ToolName, Operation] = {
    ToolName.PLACE_ORDER: Operation.PLACE_ORDER,
    ToolName.GET_ORDER: Operation.GET_ORDER,
    ToolName.LIST_ORDERS: Operation.LIST_ORDERS,
    ToolName.CANCEL_ORDER: Operation.CANCEL_ORDER,
}
_TOOL_OF = {operation: tool for tool, operation in OPERATION_OF.items()}
_TOOL_NAMED = {tool.value: tool for tool in ToolName}


@dataclass(frozen=True, slots=True)
class Contract:
    """mcp.json, with each schema made whole."""

    server_info: JsonObject
    instructions: str
    tools: tuple[JsonObject, ...]


class ProtocolError(StendError):
    """A request that MCP itself refuses, with a number and a status of HTTP of its own."""

    def __init__(
        self,
        number: int,
        status: int,
        what: str,
        *,
        value: str | None = None,
        expected: str = "",
        data: JsonObject | None = None,
    ) -> None:
        super().__init__(
            EdgeErrorCode.INVALID_ARGUMENT,
            what,
            value=value,
            expected=expected,
            next_step="The specification of MCP has the messages, tools/list the tools.",
        )
        self.number = number
        self.status = status
        self._data = data

    def to_json(self) -> JsonObject:
        """The JSON-RPC error; its `data` is the whole error, where MCP does not fix it."""
        members = error_object(self, {self.code: self.number})
        return members if self._data is None else {**members, "data": self._data}


# ---- server ------------------------------------------------------------------------------------


def contract_from(document: Mapping[str, Any]) -> Contract:
    """
    Args:
        document: of mcp.json, whose tools share the schemas below `$defs`.
    """
    shared: Mapping[str, Any] = document["$defs"]
    tools = []
    for tool in document["tools"]:
        whole = dict(tool)
        for name in ("inputSchema", "outputSchema"):
            used = sorted(_used(tool[name], shared, frozenset()))
            whole[name] = {**tool[name], "$defs": {one: shared[one] for one in used}}
            if not used:
                del whole[name]["$defs"]
        tools.append(whole)
    return Contract(document["serverInfo"], document["instructions"], tuple(tools))


def initialized(params: JsonObject, contract: Contract) -> JsonObject:
    """
    Raises:
        ProtocolError: a member of the handshake is missing.
    """
    version = params.get("protocolVersion")
    for name, kind in (("protocolVersion", str), ("capabilities", dict), ("clientInfo", dict)):
        if not isinstance(params.get(name), kind):
            raise _invalid_params("The handshake lacks a member.", name, f"{name} as in the schema")
    return {
        # The client decides whether it can live with another one (Lifecycle, Version Negotiation).
        "protocolVersion": version if version in HANDSHAKE_REVISIONS else HANDSHAKE_REVISIONS[-1],
        "capabilities": {"tools": {}},
        "serverInfo": contract.server_info,
        "instructions": contract.instructions,
    }


def discovered(contract: Contract) -> JsonObject:
    return {
        "supportedVersions": list(REVISIONS),
        "capabilities": {"tools": {}},
        "instructions": contract.instructions,
    }


def check_first_page(params: JsonObject) -> None:
    """
    Raises:
        ProtocolError: a cursor, which this server never handed out.
    """
    if params.get("cursor") is not None:
        raise _invalid_params("All tools stand on one page.", str(params["cursor"]), "no cursor")


def tool_call_from(params: JsonObject) -> tuple[ToolName, JsonObject]:
    """The tool and its arguments, which may still break its schema.

    Raises:
        ProtocolError: no such tool, or arguments that are no object.
    """
    name, arguments = params.get("name"), params.get("arguments", {})
    tool = _TOOL_NAMED.get(name) if isinstance(name, str) else None
    if tool is None:
        raise _invalid_params("This server has no such tool.", str(name), ", ".join(ToolName))
    if not isinstance(arguments, dict):
        raise _invalid_params("Arguments come by name.", str(arguments), "arguments as an object")
    return tool, arguments


def is_stateless(headers: Mapping[bytes, bytes]) -> bool:
    return headers.get(_VERSION_HEADER) == _STATELESS_REVISION_BYTES


def check_revision(request: Request, headers: Mapping[bytes, bytes]) -> None:
    """
    Raises:
        ProtocolError: a revision that this server does not know.
    """
    header = headers.get(_VERSION_HEADER)
    if header is None:
        # The handshake itself has none yet; but what a message claims inside, its header repeats.
        claimed = _meta(request.params).get(VERSION_KEY)
        if claimed is not None:
            raise _mismatch("MCP-Protocol-Version", "no header", str(claimed))
    elif (version := header.decode("latin-1")) not in REVISIONS:
        raise ProtocolError(
            _UNSUPPORTED_PROTOCOL_VERSION,
            400,
            "Unsupported protocol version",
            data={"supported": list(REVISIONS), "requested": version},
        )


def check_envelope(method: str, params: JsonObject, headers: Mapping[bytes, bytes]) -> None:
    """What every request of 2026-07-28 carries: itself, and once more in headers for gateways.

    Raises:
        ProtocolError: a part is missing, or a header says something else.
    """
    meta = _meta(params)
    for key in (VERSION_KEY, CAPABILITIES_KEY):
        if key not in meta:
            raise _invalid_params("The request lacks a member of _meta.", key, f"_meta with {key}")
    mirrored = [("MCP-Protocol-Version", meta[VERSION_KEY]), ("Mcp-Method", method)]
    if method == "tools/call" and params.get("name") is not None:
        mirrored.append(("Mcp-Name", params["name"]))
    for name, inside in mirrored:
        header = headers.get(name.lower().encode())
        said = None if header is None else _header_text(header.decode("latin-1"))
        if said != inside:
            raise _mismatch(name, said or "no header", str(inside))


def check_single_headers(names: Iterable[bytes]) -> None:
    """
    Raises:
        ProtocolError: one of those that route a message stands there twice.
    """
    all_names = list(names)
    for name in (_VERSION_HEADER, b"mcp-method", b"mcp-name"):
        if all_names.count(name) > 1:
            raise _mismatch(name.decode(), "several of it", "one")


def _header_text(value: str) -> str | None:
    # What does not fit into a header comes as `=?base64?…?=`.
    wrapped = re.fullmatch(r"=\?base64\?(.*)\?=", value)
    if wrapped is None:
        return value
    try:
        return base64.b64decode(wrapped[1], validate=True).decode()
    except ValueError:
        return None


def _meta(params: object) -> Mapping[str, Any]:
    meta = params.get("_meta") if isinstance(params, dict) else None
    return meta if isinstance(meta, dict) else {}


def _invalid_params(what: str, value: str, expected: str) -> ProtocolError:
    return ProtocolError(_INVALID_PARAMS, 400, what, value=value[:100], expected=expected)


def not_acceptable(accept: str) -> ProtocolError:
    return ProtocolError(
        INVALID_REQUEST,
        406,
        "This server answers with JSON.",
        value=accept[:100],
        expected="Accept: application/json, text/event-stream",
    )


def no_such_method(method: str, *, stateless: bool) -> ProtocolError:
    lifecycle = ("server/discover",) if stateless else ("initialize", "ping")
    return ProtocolError(
        _METHOD_NOT_FOUND,
        404,
        "This server has no such method.",
        value=method[:100],
        expected=", ".join((*lifecycle, "tools/list", "tools/call")),
    )


def status_before(error: ProtocolError) -> int:
    """In the revisions with a handshake what a method refuses has come well over HTTP."""
    return 200 if error.number in {_METHOD_NOT_FOUND, _INVALID_PARAMS} else error.status


def _mismatch(name: str, header: str, inside: str) -> ProtocolError:
    return ProtocolError(
        _HEADER_MISMATCH,
        400,
        f"The header {name} does not say what the message says.",
        value=header[:100],
        expected=inside[:100],
    )


def tool_result(result: Result) -> JsonObject:
    """For programs as `structuredContent`, for others the same as text."""
    members = result_to_json(result)
    return _tool_result(dump(members).decode(), structuredContent=members, isError=False)


def tool_error(error: StendError) -> JsonObject:
    meta: JsonObject = {ERROR_KEY: error_to_json(error)}
    return _tool_result(error.detail, isError=True, _meta=meta)


def as_stateless(method: str, result: JsonObject, server_info: JsonObject) -> JsonObject:
    """What 2026-07-28 adds to every result, and to those that may be kept for a while."""
    former = result.get("_meta")
    meta: JsonObject = {
        **(former if isinstance(former, dict) else {}),
        SERVER_INFO_KEY: server_info,
    }
    whole: JsonObject = {**result, "resultType": "complete", "_meta": meta}
    if method != "tools/call":
        whole |= {"ttlMs": _LIST_TTL_MS, "cacheScope": "public"}
    return whole


def _tool_result(text: str, **members: JsonValue) -> JsonObject:
    content: list[JsonValue] = [{"type": "text", "text": text}]
    return {"content": content, **members}


def _used(node: Any, shared: Mapping[str, Any], seen: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for name in _references(node):
        if name not in seen | found:
            found |= {name} | _used(shared[name], shared, seen | found | {name})
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix("#/$defs/")
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


# ---- client ------------------------------------------------------------------------------------


def call_of(operation: OperationInput) -> tuple[ToolName, JsonObject]:
    """The tool and its arguments.

    Raises:
        KeyError: no tool performs the operation.
    """
    return _TOOL_OF[Operation(type(operation).__name__)], input_to_json(operation)


def error_from(members: Mapping[str, Any]) -> ReplyError:
    """From what stands below ERROR_KEY, or in the `data` of a JSON-RPC error.

    Raises:
        KeyError: another server's error.
    """
    code = members["code"]
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(code, members["detail"], is_domain, violations_from_json(members))
