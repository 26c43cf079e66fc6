"""For exercises with an OpenAPI contract: parameters and bodies that have to be there."""

from collections.abc import Sequence
from typing import NoReturn

from stend.course.case import Case
from stend.course.formats.openapi import OpenApi, Parameter, RestOperation


def operation_by_id(case: Case, contract: OpenApi, name: str) -> RestOperation:
    """
    Raises:
        FailedError: there is no operation with this operationId.
    """
    found = contract.by_id(name)
    if found is None:
        there = ", ".join(one.operation_id or one.name for one in contract.operations())
        case.fail(
            f"В {contract.file} нет операции с operationId {name}.",
            f"{contract.file} has no operation with the operationId {name}.",
            expected=name,
            got=there or "–",
            where=contract.file,
        )
    return found


def check_parameter(
    case: Case, operation: RestOperation, place: str, name: str, *, is_required: bool
) -> str:
    """
    Args:
        place: `query`, `header`, `path` or `cookie`.

    Returns:
        The pointer to its schema.

    Raises:
        FailedError: it is not there, has no schema, or is required where it is not to be.
    """
    found = operation.parameter(place, name)
    if found is None or found.schema is None or found.required is not is_required:
        _fail_without(
            case, operation, found, f"{name} (in: {place}, required: {str(is_required).lower()})"
        )
    return found.schema


def _fail_without(
    case: Case, operation: RestOperation, found: Parameter | None, told: str
) -> NoReturn:
    name = operation.operation_id or operation.name
    case.fail(
        f"У {name} должен быть параметр {told} со схемой.",
        f"{name} has to have the parameter {told} with a schema.",
        expected=told,
        got=", ".join(one.name for one in operation.parameters) or "–",
        where=found.where if found else operation.where,
    )


def check_values(
    case: Case,
    contract: OpenApi,
    pointer: str,
    name: str,
    good: Sequence[object],
    bad: Sequence[object],
) -> None:
    """The schema at a pointer takes the good values and refuses the bad ones.

    Args:
        name: how the sentence calls it.

    Raises:
        FailedError: one is misjudged.
    """
    for value, is_good in (*((one, True) for one in good), *((one, False) for one in bad)):
        if contract.judge_by(pointer, value).accepted is not is_good:
            ru, en = ("не принимает", "refuses") if is_good else ("принимает", "takes")
            case.fail(
                f"Параметр {name}: схема {ru} {value!r}.",
                f"The parameter {name}: its schema {en} {value!r}.",
                got=value,
                where=contract.source.where(pointer),
            )


def required_body(
    case: Case, operation: RestOperation, media_type: str = "application/json"
) -> str:
    """
    Returns:
        The name of the message, for `check_strength`.

    Raises:
        FailedError: the body has no schema, or may be left out.
    """
    body = operation.body(media_type)
    if body is None or not operation.request_required:
        told = operation.operation_id or operation.name
        case.fail(
            f"{told} должен требовать тело {media_type} со схемой (required: true).",
            f"{told} has to require an {media_type} body with a schema (required: true).",
            where=operation.where,
        )
    return body.name
