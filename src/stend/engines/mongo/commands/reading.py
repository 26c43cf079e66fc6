"""What commands that look for documents share: `let`, collations, collections, plans."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from stend.engines.mongo.aggregate.compiling import expression_compiler
from stend.engines.mongo.call import Call
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.values import MISSING
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.names import check_collection
from stend.engines.mongo.store.transactions import Wait

Document = dict[str, Any]
_T = TypeVar("_T")

_SIMPLE: Final = "simple"


def held(call: Call, action: Callable[[], _T]) -> _T:
    """Does it; where an open transaction is in the way, again when that has ended."""
    while True:
        try:
            return action()
        except Wait as wait:
            call.wait_for(wait.transaction)


def check_collation(fields: Mapping[str, Any]) -> None:
    """
    Raises:
        MongoError: strings were to be compared otherwise than byte by byte.
    """
    collation = fields.get("collation")
    if collation and dict(collation) != {"locale": _SIMPLE}:
        raise MongoError(
            Code.NotImplemented, "Collations other than 'simple' are not supported by this server"
        )


def with_let(call: Call, context: Context, *more: str) -> Context:
    """The context with the variables that `let` of the command defines.

    Args:
        more: names of further fields with variables.

    Raises:
        MongoError: one has no value without a document.
    """
    told: Document = {}
    for name in ("let", *more):
        told |= call.fields.get(name) or {}
    return with_variables(told, context)


def with_variables(told: Mapping[str, Any], context: Context) -> Context:
    """The same for variables that stand elsewhere."""
    if not told:
        return context
    values = {name: expression_compiler(spec, context)({}) for name, spec in told.items()}
    return replace(
        context,
        variables={name: value for name, value in values.items() if value is not MISSING},
    )


def found_collection(call: Call, name: str, database: str | None = None) -> Collection | None:
    """None where there is no such collection.

    Raises:
        MongoError: none can be called so, or the transaction cannot see it.
    """
    database = call.database if database is None else database
    check_collection(database, name)
    return call.state.store.catalogue.find(database, name, call.view)


def existing_collection(call: Call, name: str) -> Collection:
    """
    Raises:
        MongoError: there is no such collection.
    """
    found = found_collection(call, name)
    if found is None:
        raise MongoError(Code.NamespaceNotFound, f"ns does not exist: {call.database}.{name}")
    return found
