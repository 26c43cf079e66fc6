"""An operation's input from plain text fields, as a form or a command line gives them.

A field is a path and a text: `lines.0.sku` = `MILK-001`. The paths are the names of the contract.
"""

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from stend.kit.errors import EdgeErrorCode, StendError, Violation
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    Operation,
    OperationInput,
    PlaceOrder,
    TrackOrder,
)

_INPUT_OF: Mapping[Operation, type[OperationInput]] = {
    Operation.PLACE_ORDER: PlaceOrder,
    Operation.GET_ORDER: GetOrder,
    Operation.LIST_ORDERS: ListOrders,
    Operation.CANCEL_ORDER: CancelOrder,
    Operation.TRACK_ORDER: TrackOrder,
}


def input_from_fields(operation: Operation, fields: Mapping[str, str]) -> OperationInput:
    """The typed input of an operation. An empty text means that the field is absent.

    Nothing of the shop's rules is checked here: a negative quantity passes, so that the service
    itself can refuse it.

    Raises:
        StendError: INVALID_ARGUMENT with one violation per field that is missing, unknown or not
            of its type.
    """
    given = {path: text for path, text in fields.items() if text != ""}
    plain = _INPUT_OF[operation]
    adapter = TypeAdapter[OperationInput](_strict(plain))
    try:
        strict = adapter.validate_python(_nested(given))
    except ValidationError as error:
        raise _refusal(operation, error) from None
    # A dataclass never equals an instance of its subclass.
    return plain(**{field.name: getattr(strict, field.name) for field in fields_of(plain)})


def _strict(input_type: type[OperationInput]) -> type[OperationInput]:
    # Pydantic reads the configuration of a plain dataclass from this attribute; a subclass keeps
    # the use case itself free of pydantic.
    return type(
        input_type.__name__,
        (input_type,),
        {"__pydantic_config__": ConfigDict(extra="forbid"), "__slots__": ()},
    )


def _nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """`{"lines.0.sku": "A"}` to `{"lines": [{"sku": "A"}]}`."""
    tree: dict[str, Any] = {}
    for path, text in fields.items():
        node = tree
        *parents, name = path.split(".")
        for parent in parents:
            child = node.setdefault(parent, {})
            if not isinstance(child, dict):
                raise _clash(path)
            node = child
        if name in node:
            raise _clash(path)
        node[name] = text
    return {name: _lists(child) for name, child in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    children = {name: _lists(child) for name, child in node.items()}
    if all(name.isdecimal() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children


def _clash(path: str) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "A field stands both as a value and as a group.",
        value=path,
        expected="each path once",
        next_step="Leave one of them out.",
        violations=(Violation(path, "each path once"),),
    )


def _refusal(operation: Operation, error: ValidationError) -> StendError:
    violations = tuple(
        Violation(".".join(str(part) for part in item["loc"]), item["msg"])
        for item in error.errors(include_url=False, include_context=False)
    )
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        f"The fields do not make a {operation}.",
        value=", ".join(violation.where for violation in violations),
        expected="; ".join(f"{violation.where}: {violation.rule}" for violation in violations),
        next_step="Correct these fields.",
        violations=violations,
    )
