"""GraphQL's errors and results as the JSON of a response. Pure.

One convention for every error: `message` is the whole text, `extensions.code` the stable code, and
beside it whatever the error knows (value, expected, next_step, violations). A field that failed is
null in `data`; a request that was not executed has no `data` at all.
Source: spec.graphql.org/draft/#sec-Errors.
"""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from graphql import GraphQLError, GraphQLSyntaxError

from stend.kit.errors import EdgeErrorCode, StendError, internal
from stend.kit.json import JsonObject, JsonValue

_log = logging.getLogger("stend.graphql")


class GraphqlFaults(Protocol):
    """The table of a service: its `faults.py`."""

    def status_of(self, error: StendError) -> int:
        """The HTTP status of a response without data."""
        ...

    def extensions_of(self, error: StendError) -> JsonObject: ...


class RequestError(Exception):
    """The request was not executed (GraphQL, section 7.1.7, "request errors").

    Args:
        well_formed: it was a GraphQL request at all, and the errors are about its document.
    """

    def __init__(self, errors: Sequence[GraphQLError | StendError], well_formed: bool) -> None:
        super().__init__(str(errors[0]))
        self.errors = errors
        self.well_formed = well_formed

    @property
    def first(self) -> StendError:
        """What decides about the status."""
        return as_stend_error(self.errors[0])


def result_json(
    data: dict[str, Any] | None, errors: Sequence[GraphQLError] | None, faults: GraphqlFaults
) -> dict[str, Any]:
    """A response to an operation that was executed."""
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = errors_json(errors, faults)
    return answer


def errors_json(
    errors: Sequence[GraphQLError | StendError], faults: GraphqlFaults
) -> list[JsonValue]:
    return [_error_json(error, faults) for error in errors]


def as_stend_error(error: BaseException) -> StendError:
    """What graphql-core wraps, or its own complaint in the words of the stand."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    match cause:
        case StendError():
            return cause
        case GraphQLSyntaxError():
            return StendError(
                EdgeErrorCode.MALFORMED_MESSAGE,
                cause.message + ".",
                expected="a document of the GraphQL language",
                next_step="Look at the place that `locations` names.",
            )
        case GraphQLError():
            return _invalid(cause.message)
        # Only what a resolver raised has a place in the answer: this is a value that its scalar
        # does not take.
        case ValueError() if isinstance(error, GraphQLError) and error.path is None:
            return _invalid(error.message)
        case _:
            _log.error("a resolver failed", exc_info=cause)
            return internal()


def _invalid(message: str) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        message,
        next_step="Compare the document and its variables with the schema.",
    )


def _error_json(error: GraphQLError | StendError, faults: GraphqlFaults) -> JsonObject:
    told = as_stend_error(error)
    members: JsonObject = {"message": told.detail}
    if isinstance(error, GraphQLError):
        if error.locations:
            members["locations"] = [
                {"line": place.line, "column": place.column} for place in error.locations
            ]
        if error.path is not None:
            members["path"] = list(error.path)
    members["extensions"] = faults.extensions_of(told)
    return members
