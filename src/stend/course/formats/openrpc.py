"""OpenRPC 1: the methods of a JSON-RPC service, their parameters and results.

Its schemas are read as JSON Schema 2020-12, although the specification names draft-07: what both
have means the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from stend.course.formats.contract import (
    Break,
    Comparison,
    Message,
    Operation,
    Problem,
    Role,
    Rule,
    UnknownMessageError,
    Verdict,
    joined,
)
from stend.course.formats.metas import meta_schema
from stend.course.formats.schemas import (
    Schema,
    Validator,
    check_no,
    form_problems,
    in_order,
    loose_references,
    reference_to,
    resolved,
    schema_problems,
    standalone,
    standalone_of,
)
from stend.course.formats.source import Source, at, escaped, read_source
from stend.course.formats.variance import Subject, compare
from stend.course.formats.witnesses import Witnesses
from stend.kit.languages import Text


class Structure(StrEnum):
    """How parameters may be given (JSON-RPC 2.0, 4.2)."""

    BY_NAME = "by-name"
    BY_POSITION = "by-position"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Param:
    """
    Attributes:
        schema: pointer to it.
    """

    name: str
    required: bool
    schema: str
    where: str


@dataclass(frozen=True, slots=True)
class RpcMethod(Operation):
    """
    Attributes:
        result: pointer to its schema; None: it answers nothing that is told.
        errors: messages by code.
    """

    params: tuple[Param, ...] = ()
    structure: Structure = Structure.EITHER
    result: str | None = None
    errors: Mapping[int, str] | None = None
    deprecated: bool = False


class OpenRpc:
    def __init__(self, source: Source) -> None:
        self.source = source

    @property
    def file(self) -> str:
        return self.source.file

    @property
    def tree(self) -> Any:
        return self.source.tree

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        form = in_order(self.source, form_problems(self.source, meta_schema("openrpc-1")))
        if form:
            return form
        references = in_order(self.source, loose_references(self.source))
        return references or in_order(self.source, _beyond_form(self.source))

    def operations(self) -> tuple[RpcMethod, ...]:
        return self._methods

    def method(self, name: str) -> RpcMethod | None:
        return next((one for one in self._methods if one.name == name), None)

    def messages(self) -> tuple[Message, ...]:
        """`loyalty.accrue params`, `loyalty.accrue result`."""
        return tuple(message for one in self._methods for message in one.messages)

    def judge(self, where: str, message: object) -> Verdict:
        """
        Args:
            message: `params` by name or, where it is allowed, by position; or a `result`.
        """
        name, _, part = where.rpartition(" ")
        method = self.method(name)
        if method is None or where not in {one.name for one in method.messages}:
            raise UnknownMessageError(where, (one.name for one in self.messages()))
        if part == "result":
            return Validator(standalone(self.tree, str(method.result))).judge(message)
        is_list = isinstance(message, list)
        refused = Structure.BY_NAME if is_list else Structure.BY_POSITION
        if method.structure is refused:
            return Verdict(
                Text(
                    ru=f"Параметры передаются {method.structure.value}.",
                    en=f"The parameters are given {method.structure.value}.",
                )
            )
        schema = by_position(self, method) if is_list else by_name(self, method)
        return Validator(schema).judge(message)

    @cached_property
    def _methods(self) -> tuple[RpcMethod, ...]:
        check_no(self.problems())
        return tuple(_method(self.source, place) for place in _places(self.tree))


def _places(tree: Any) -> Iterator[str]:
    for index in range(len(tree["methods"])):
        yield resolved(tree, f"/methods/{index}")


def _method(source: Source, pointer: str) -> RpcMethod:
    tree, row = source.tree, at(source.tree, pointer)
    name, where = row["name"], source.where(pointer)
    params = tuple(
        _param(source, resolved(tree, f"{pointer}/params/{index}"))
        for index in range(len(row["params"]))
    )
    messages = [Message(f"{name} params", Role.REQUEST, f"{pointer}/params", where)]
    result = None
    if "result" in row:
        result = f"{resolved(tree, f'{pointer}/result')}/schema"
        messages.append(Message(f"{name} result", Role.RESPONSE, result, where))
    errors = [
        at(tree, resolved(tree, f"{pointer}/errors/{index}"))
        for index in range(len(row.get("errors") or ()))
    ]
    return RpcMethod(
        name,
        pointer,
        where,
        tuple(messages),
        params=params,
        structure=Structure(row.get("paramStructure", "either")),
        result=result,
        errors={one["code"]: one["message"] for one in errors},
        deprecated=row.get("deprecated", False),
    )


def _param(source: Source, pointer: str) -> Param:
    row = at(source.tree, pointer)
    return Param(
        row["name"], row.get("required", False), f"{pointer}/schema", source.where(pointer)
    )


def by_name(contract: OpenRpc, method: RpcMethod) -> Schema:
    """The object of parameters; one that nobody knows is an Invalid params (-32602)."""
    schema = {
        "type": "object",
        "properties": {one.name: reference_to(one.schema) for one in method.params},
        "required": [one.name for one in method.params if one.required],
        "additionalProperties": False,
    }
    return standalone_of(contract.tree, schema)


def by_position(contract: OpenRpc, method: RpcMethod) -> Schema:
    required = [index + 1 for index, one in enumerate(method.params) if one.required]
    schema: dict[str, Any] = {"type": "array", "minItems": max(required, default=0)}
    if method.params:
        schema["prefixItems"] = [reference_to(one.schema) for one in method.params]
    return standalone_of(contract.tree, {**schema, "items": False})


def _beyond_form(source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    for place in _places(source.tree):
        method = _method(source, place)
        if method.name in seen:
            yield source.problem(
                Rule.NAME,
                place,
                f"Метод {method.name} описан дважды.",
                f"The method {method.name} is there twice.",
            )
        seen.add(method.name)
        yield from _wrong_params(source, method)
    for pointer in _schemas(source):
        yield from schema_problems(source, pointer)


def _wrong_params(source: Source, method: RpcMethod) -> Iterator[Problem]:
    names: set[str] = set()
    is_optional = False
    for index, one in enumerate(method.params):
        place = f"{method.pointer}/params/{index}"
        if one.name in names:
            yield source.problem(
                Rule.PARAMETER,
                place,
                f"{method.name}: параметр {one.name} описан дважды.",
                f"{method.name}: the parameter {one.name} is there twice.",
            )
        if one.required and is_optional and method.structure is not Structure.BY_NAME:
            yield source.problem(
                Rule.PARAMETER,
                place,
                f"{method.name}: обязательный {one.name} стоит после необязательного.",
                f"{method.name}: the required {one.name} stands after an optional one.",
            )
        names.add(one.name)
        is_optional = is_optional or not one.required


def _schemas(source: Source) -> Iterator[str]:
    components = source.tree.get("components") or {}
    for name in components.get("schemas") or {}:
        yield f"/components/schemas/{escaped(name)}"
    for name, one in (components.get("contentDescriptors") or {}).items():
        if "schema" in one:
            yield f"/components/contentDescriptors/{escaped(name)}/schema"
    for index, method in enumerate(source.tree["methods"]):
        for number, one in enumerate(method.get("params") or ()):
            if "schema" in one:
                yield f"/methods/{index}/params/{number}/schema"
        if "schema" in (method.get("result") or {}):
            yield f"/methods/{index}/result/schema"


def read(text: str, file: str) -> OpenRpc:
    """
    Raises:
        UnreadableError: it is neither YAML nor JSON, or out of bounds.
    """
    return OpenRpc(read_source(text, file))


def breaking(old: OpenRpc, new: OpenRpc) -> Comparison:
    """
    Raises:
        UnreadableError: one of them has problems.
    """
    parts: list[Comparison] = []
    for before in old.operations():
        after = new.method(before.name)
        if after is None:
            parts.append(_gone(old, new, before))
            continue
        parts += _compared(old, new, before, after)
    return joined(parts)


def _gone(old: OpenRpc, new: OpenRpc, method: RpcMethod) -> Comparison:
    sentence = Text(
        ru=f"Метода {method.name} больше нет: прежний клиент получит -32601.",
        en=f"The method {method.name} is gone: a client of the old version gets -32601.",
    )
    params: Any = next(Witnesses(by_name(old, method)).some(1), {})
    witness = {"jsonrpc": "2.0", "method": method.name, "params": params, "id": 1}
    where = new.source.where("/methods")
    return Comparison((Break(method.name, sentence, witness, "/method", where),))


def _compared(
    old: OpenRpc, new: OpenRpc, before: RpcMethod, after: RpcMethod
) -> Iterator[Comparison]:
    ways = (
        (Structure.BY_POSITION, by_name),
        (Structure.BY_NAME, by_position),
    )
    for excluding, schema in ways:
        if before.structure is excluding:
            continue
        # A way of giving parameters that is gone takes nothing any more.
        is_gone = after.structure is excluding
        subject = Subject(f"{before.name} params", after.where, _call(before.name))
        widened = False if is_gone else schema(new, after)
        yield compare(subject, Role.REQUEST, schema(old, before), widened)
    if before.result is not None:
        given = standalone(new.tree, after.result) if after.result is not None else {"const": None}
        subject = Subject(f"{before.name} result", after.where, _answer)
        yield compare(subject, Role.RESPONSE, standalone(old.tree, before.result), given)


def _call(name: str) -> Any:
    return lambda params: {"jsonrpc": "2.0", "method": name, "params": params, "id": 1}


def _answer(result: Any) -> object:
    return {"jsonrpc": "2.0", "result": result, "id": 1}
