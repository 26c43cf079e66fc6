"""The parameters of a GraphQL request, and the media type of its answer. Pure.

Source: GraphQL over HTTP, working draft, sections "Request" and "Response"
(graphql.github.io/graphql-over-http).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import from_json

from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules

RESPONSE_MEDIA_TYPE = "application/graphql-response+json"
JSON_MEDIA_TYPE = "application/json"
EVENT_STREAM_MEDIA_TYPE = "text/event-stream"
# In the order of preference where the client has none.
_SERVED = (RESPONSE_MEDIA_TYPE, JSON_MEDIA_TYPE, EVENT_STREAM_MEDIA_TYPE)
_PARAMETERS = ("query", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class GraphqlRequest:
    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def from_body(body: bytes) -> GraphqlRequest:
    """
    Raises:
        StendError: MALFORMED_MESSAGE, INVALID_ARGUMENT.
    """
    try:
        members = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise _no_json("body", str(error)) from None
    return from_members(members)


def from_query_string(query_string: bytes) -> GraphqlRequest:
    """
    Raises:
        StendError: MALFORMED_MESSAGE, INVALID_ARGUMENT.
    """
    members: dict[str, Any] = {}
    for name, text in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True):
        if name in members:
            raise _broken(Violation(f"/{name}", "one value"))
        members[name] = text
    for name in ("variables", "extensions"):
        if name in members:
            try:
                members[name] = from_json(members[name], allow_inf_nan=False)
            except ValueError as error:
                raise _no_json(name, str(error)) from None
    return from_members(members)


def from_members(members: Any) -> GraphqlRequest:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    if isinstance(members, list):
        raise StendError(
            EdgeErrorCode.INVALID_ARGUMENT,
            "This service does not take batches: one could hold any number of requests.",
            value=f"a list of {len(members)}",
            expected="one request, a JSON object",
            next_step="Send the requests one by one, or as fields of one document.",
        )
    if not isinstance(members, dict):
        raise _broken(Violation("", "a JSON object"))
    _check_members(members)
    return GraphqlRequest(
        members["query"], members.get("operationName"), members.get("variables") or {}
    )


def _check_members(members: Mapping[str, Any]) -> None:
    broken = [Violation(f"/{name}", "no such parameter") for name in members.keys() - _PARAMETERS]
    if not isinstance(members.get("query"), str):
        broken.append(Violation("/query", "a document as text"))
    if not isinstance(members.get("operationName"), str | None):
        broken.append(Violation("/operationName", "a name or null"))
    broken += [
        Violation(f"/{name}", "an object or null")
        for name in ("variables", "extensions")
        if not isinstance(members.get(name), dict | None)
    ]
    if broken:
        raise _broken(*broken)


def media_type_for(accept: str | None) -> str | None:
    """The best that the client takes (RFC 9110, section 12.5.1); None where it takes nothing of us.

    Without a wish it is `application/graphql-response+json` (GraphQL over HTTP, "Legacy
    watershed").
    """
    if accept is None:
        return RESPONSE_MEDIA_TYPE
    ranked = sorted(
        ((_weight(parameters), name) for name, parameters in _ranges(accept)),
        key=lambda item: -item[0],
    )
    for weight, name in ranked:
        if weight <= 0:
            continue
        if name in ("*/*", "application/*"):
            return RESPONSE_MEDIA_TYPE
        if name == "text/*":
            return EVENT_STREAM_MEDIA_TYPE
        if name in _SERVED:
            return name
    return None


def _ranges(accept: str) -> list[tuple[str, str]]:
    ranges = []
    for item in accept.split(","):
        name, _, parameters = item.partition(";")
        ranges.append((name.strip().lower(), parameters))
    return ranges


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _no_json(where: str, what: str) -> StendError:
    return StendError(
        EdgeErrorCode.MALFORMED_MESSAGE,
        f"The {where} is not JSON.",
        value=what,
        expected="one JSON text in UTF-8 (RFC 8259)",
        next_step="Check quotes, commas and brackets near that place.",
    )


def _broken(*violations: Violation) -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "This is no GraphQL request.",
        violations,
        "Send {query, operationName, variables} and nothing else.",
    )
