"""JSON documents with the meanings of the vocabulary that they follow."""

from collections.abc import Callable, Set

from stend.kit.fields import Field
from stend.wire.content.graphql import with_tokens
from stend.wire.content.graphql_words import (
    GRAPHQL_REQUEST,
    GRAPHQL_RESPONSE,
    TRANSPORT_WS,
    TRANSPORT_WS_TYPES,
)
from stend.wire.content.json import json_fields
from stend.wire.content.rpc_words import JSON_RPC, MCP
from stend.wire.content.web_words import CLOUD_EVENT, JWK_SET, PROBLEM, TOKEN, WEBHOOK
from stend.wire.content.words import Words, explained

_ROOTS = ("object", "array")
_MCP_METHODS = ("initialize", "tools/", "resources/", "prompts/", "notifications/", "completion/")
_MCP_RESULTS = frozenset({"protocolVersion", "tools", "content", "structuredContent"})


def document_fields(data: bytes, start: int, end: int, subtype: str = "") -> tuple[Field, ...]:
    """A tree of a JSON text, its members explained where their vocabulary is known.

    Args:
        subtype: of the media type: `problem+json`, `cloudevents+json`.
    """
    return tuple(
        _document(one, subtype) if one.children and one.name in _ROOTS else one
        for one in json_fields(data, start, end)
    )


def _document(root: Field, subtype: str) -> Field:
    members = _members(root)
    words = vocabulary(members, subtype)
    if not words:
        return root
    children = explained(root.children, words)
    if words is GRAPHQL_REQUEST or words is TRANSPORT_WS:
        children = with_tokens(children)
    return root._replace(children=children)


def _members(root: Field) -> dict[str, Field]:
    """Those of the object; of the first of a batch."""
    if root.name == "array":
        root = next((one for one in root.children if one.name == "[0]"), root)
    return {one.name: one for one in root.children if one.children}


def vocabulary(members: dict[str, Field], subtype: str) -> Words:
    """The words that a document with these members is written in; none where none is known."""
    if "problem+" in subtype:
        return PROBLEM
    names = members.keys()
    return next((words for fits, words in _RULES if fits(names, members)), {})


_Fits = Callable[[Set[str], dict[str, Field]], bool]


def _told(members: dict[str, Field], name: str) -> object:
    """The value of a member that is a scalar."""
    member = members.get(name)
    return None if member is None else member.value


def _is_mcp(names: Set[str], members: dict[str, Field]) -> bool:
    if "jsonrpc" not in names:
        return False
    if str(_told(members, "method") or "").startswith(_MCP_METHODS):
        return True
    result = members.get("result")
    return result is not None and not _MCP_RESULTS.isdisjoint(_members(result))


def _is_transport(names: Set[str], members: dict[str, Field]) -> bool:
    return _told(members, "type") in TRANSPORT_WS_TYPES and names <= {"id", "type", "payload"}


def _is_graphql_response(names: Set[str], members: dict[str, Field]) -> bool:
    del members
    return names <= {"data", "errors", "extensions"} and bool(names & {"data", "errors"})


def _is_graphql_request(names: Set[str], members: dict[str, Field]) -> bool:
    del members
    return "query" in names and names <= GRAPHQL_REQUEST.keys()


# The first that fits; those that need most members first.
_RULES: tuple[tuple[_Fits, Words], ...] = (
    (_is_mcp, MCP),
    (lambda names, _: "jsonrpc" in names, JSON_RPC),
    (lambda names, _: names >= {"specversion", "id", "source", "type"}, CLOUD_EVENT),
    (_is_transport, TRANSPORT_WS),
    (_is_graphql_request, GRAPHQL_REQUEST),
    (_is_graphql_response, GRAPHQL_RESPONSE),
    (lambda names, _: names >= {"type", "title", "status"}, PROBLEM),
    (lambda names, _: names == {"type", "timestamp", "data"}, WEBHOOK),
    (lambda names, _: names >= {"access_token", "token_type"}, TOKEN),
    (lambda names, _: names >= {"error", "error_description"}, TOKEN),
    (lambda names, _: names == {"keys"}, JWK_SET),
)
