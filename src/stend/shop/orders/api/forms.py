"""The fields of an operation, read from the contract of a protocol: what a form must ask for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from stend.kit.languages import Text
from stend.shop.orders.api.grpc.stubs import orders_pb2
from stend.shop.orders.usecases import Operation


class FieldKind(Enum):
    TEXT = "text"
    INTEGER = "integer"
    CHOICE = "choice"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class FormField:
    """One input.

    Attributes:
        path: name in the contract, dotted; items of a list carry their number: `lines.0.sku`.
        example: a value that the service accepts, or empty where the contract gives none.
        description: the contract's own words; their Russian stands beside them as `x-ru`.
        choices: the allowed values of a CHOICE; an empty one stands for "absent".
    """

    path: str
    kind: FieldKind
    required: bool
    example: str = ""
    description: Text | None = None
    choices: tuple[str, ...] = ()


@cache
def rest_form(operation: Operation) -> tuple[FormField, ...]:
    """Parameters first, then the body, as openapi.yaml orders them."""
    contract = _openapi()
    spec = _operation(contract, operation)
    return tuple(_unpointed(contract, spec))


@cache
def grpc_form(operation: Operation) -> tuple[FormField, ...]:
    """The request message of orders.proto. A .proto has no examples: openapi.yaml lends its own."""
    method = orders_pb2.DESCRIPTOR.services_by_name["Orders"].methods_by_name[operation.value]
    known = {field.path: field for field in rest_form(operation)}
    return tuple(
        replace(field, example=known[field.path].example, description=known[field.path].description)
        if field.path in known
        else field
        for field in _message_fields(method.input_type, "")
    )


@cache
def _openapi() -> dict[str, Any]:
    text = files("stend.shop.orders.api.rest").joinpath("contract/openapi.yaml").read_text("utf-8")
    contract: dict[str, Any] = yaml.safe_load(text)
    return contract


def _operation(contract: dict[str, Any], operation: Operation) -> dict[str, Any]:
    for path in contract["paths"].values():
        for spec in path.values():
            if spec.get("operationId") == operation.value:
                found: dict[str, Any] = spec
                return found
    raise LookupError(f"openapi.yaml has no operation {operation.value}")


def _unpointed(contract: dict[str, Any], spec: dict[str, Any]) -> Iterator[FormField]:
    for pointed in spec.get("parameters", []):
        parameter = _resolved(contract, pointed)
        # A header takes part under its canonical name; one without such a name only saves bytes
        # (conditional reads) and is no input of the operation.
        path = parameter.get("x-field", parameter["name"])
        if "-" in path:
            continue
        yield from _fields(
            contract,
            path,
            _words(parameter) | parameter.get("x-field-schema", parameter["schema"]),
            bool(parameter.get("required")),
        )
    if "requestBody" in spec:
        body = spec["requestBody"]["content"]["application/json"]["schema"]
        yield from _fields(contract, "", body, required=True)


def _fields(
    contract: dict[str, Any], path: str, pointed: dict[str, Any], required: bool
) -> Iterator[FormField]:
    schema = _resolved(contract, pointed)
    if schema.get("type") == "object":
        for name, child in schema["properties"].items():
            child_required = required and name in schema.get("required", [])
            yield from _fields(contract, _join(path, name), child, child_required)
    elif schema.get("type") == "array":
        for number, example in enumerate(schema["examples"][0]):
            for field in _fields(contract, f"{path}.{number}", schema["items"], required):
                name = field.path.rpartition(".")[2]
                yield replace(field, example=str(example[name]))
    else:
        yield _scalar(path, schema, required)


def _scalar(path: str, schema: dict[str, Any], required: bool) -> FormField:
    kind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    if "enum" in schema:
        kind, choices = FieldKind.CHOICE, tuple(schema["enum"])
    elif schema.get("type") == "integer":
        kind = FieldKind.INTEGER
    elif schema.get("format") == "date-time":
        kind = FieldKind.MOMENT
    example = schema.get("examples", [schema.get("default", "")])[0]
    return FormField(
        path=path,
        kind=kind,
        required=required,
        example=str(example),
        description=_description(schema),
        choices=choices if required else ("", *choices) if choices else (),
    )


def _words(node: dict[str, Any]) -> dict[str, Any]:
    return {name: node[name] for name in ("description", "x-ru") if name in node}


def _description(schema: dict[str, Any]) -> Text | None:
    if "description" not in schema:
        return None
    english = " ".join(schema["description"].split())
    return Text(ru=schema["x-ru"], en=english)


def _resolved(contract: dict[str, Any], pointed: dict[str, Any]) -> dict[str, Any]:
    """Follows `$ref`; what stands beside it wins (JSON Schema 2020-12, section 8.2.3.1)."""
    if "$ref" not in pointed:
        return pointed
    node: Any = contract
    for name in pointed["$ref"].removeprefix("#/").split("/"):
        node = node[name]
    beside = {name: value for name, value in pointed.items() if name != "$ref"}
    return {**_resolved(contract, node), **beside}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_INTEGERS = frozenset({FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64})


def _message_fields(message: Descriptor, path: str) -> Iterator[FormField]:
    for field in message.fields:
        own_path = _join(path, field.name)
        inner = field.message_type
        if inner is None:
            yield _proto_scalar(field, own_path)
        elif inner.full_name == "google.protobuf.Timestamp":
            yield FormField(own_path, FieldKind.MOMENT, required=False)
        elif field.is_repeated:
            for number in range(_REPEATED_ROWS):
                yield from _message_fields(inner, f"{own_path}.{number}")
        else:
            yield from _message_fields(inner, own_path)


# As many rows of a repeated field as the example of openapi.yaml fills.
_REPEATED_ROWS = 2


def _proto_scalar(field: FieldDescriptor, path: str) -> FormField:
    if field.enum_type is not None:
        # `ORDER_STATUS_PLACED` is `placed` for everybody outside the .proto.
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        names = tuple(
            value.name.removeprefix(prefix).lower() for value in field.enum_type.values[1:]
        )
        return FormField(path, FieldKind.CHOICE, required=False, choices=("", *names))
    kind = FieldKind.INTEGER if field.type in _INTEGERS else FieldKind.TEXT
    return FormField(path, kind, required=False)
