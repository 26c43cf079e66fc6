"""OpenAPI 3.1: what it promises of each operation, ready to be asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stend.course.formats.contract import (
    Message,
    Operation,
    Problem,
    Role,
    UnknownMessageError,
    Verdict,
)
from stend.course.formats.metas import meta_schema
from stend.course.formats.openapi_problems import problems_of, schemas_of
from stend.course.formats.schemas import (
    Schema,
    Validator,
    check_no,
    form_problems,
    in_order,
    resolved,
    standalone,
    walk,
)
from stend.course.formats.source import Source, at, escaped, read_source

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TEMPLATE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of a request, or a header of a response.

    Attributes:
        place: `path`, `query`, `header` or `cookie`.
        schema: pointer to it; None where there is none.
    """

    name: str
    place: str
    required: bool
    schema: str | None
    pointer: str
    where: str


@dataclass(frozen=True, slots=True)
class Property:
    """A member of an object, wherever in the document its schema stands."""

    name: str
    schema: Mapping[str, Any]
    pointer: str
    where: str


@dataclass(frozen=True, slots=True)
class Response:
    """
    Attributes:
        status: `201`, `4XX` or `default`.
        content: by media type, the body as a message; None where no schema is told.
    """

    status: str
    headers: tuple[Parameter, ...]
    content: Mapping[str, Message | None]
    pointer: str
    where: str

    def header(self, name: str) -> Parameter | None:
        return _named(self.headers, name)


@dataclass(frozen=True, slots=True)
class RestOperation(Operation):
    """
    Attributes:
        method: `POST`.
        path: as it is written, `/orders/{order_id}`.
        operation_id: None where there is none.
        request: the body by media type, as messages.
        request_required: whether there has to be one.
        security: alternatives; each has the scopes by scheme. Empty: nothing is asked for.
    """

    method: str = ""
    path: str = ""
    operation_id: str | None = None
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    request: Mapping[str, Message | None] | None = None
    request_required: bool = False
    responses: Mapping[str, Response] | None = None
    security: tuple[Mapping[str, tuple[str, ...]], ...] = ()

    @property
    def shape(self) -> str:
        """The path without the names of its parameters: `/orders/{}`."""
        return shape_of(self.path)

    def parameter(self, place: str, name: str) -> Parameter | None:
        return _named([one for one in self.parameters if one.place == place], name)

    def body(self, media_type: str = "application/json") -> Message | None:
        return (self.request or {}).get(media_type)

    def response(self, status: str) -> Response | None:
        return (self.responses or {}).get(status)

    @property
    def errors(self) -> tuple[Response, ...]:
        return tuple(one for one in (self.responses or {}).values() if one.status[0] in "45d")


def shape_of(path: str) -> str:
    return _TEMPLATE.sub("{}", path)


def names_in(path: str) -> tuple[str, ...]:
    return tuple(_TEMPLATE.findall(path))


class OpenApi:
    def __init__(self, source: Source) -> None:
        self.source = source
        self._validators: dict[str, Validator] = {}

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
        form = in_order(self.source, form_problems(self.source, meta_schema("openapi-3.1")))
        return form or in_order(self.source, problems_of(self.source))

    def operations(self) -> tuple[RestOperation, ...]:
        return self._operations

    def operation(self, method: str, path: str) -> RestOperation | None:
        """
        Args:
            path: names of its parameters do not matter.
        """
        for one in self._operations:
            if one.method == method.upper() and one.shape == shape_of(path):
                return one
        return None

    def by_id(self, operation_id: str) -> RestOperation | None:
        return next((one for one in self._operations if one.operation_id == operation_id), None)

    def properties(self) -> Iterator[Property]:
        """Those of every schema; where `$ref` is used twice, once.

        Raises:
            UnreadableError: the contract has problems.
        """
        check_no(self.problems())
        for place in schemas_of(self.tree):
            for schema, pointer in walk(at(self.tree, place), place):
                for name, told in (schema.get("properties") or {}).items():
                    inside = f"{pointer}/properties/{escaped(name)}"
                    row = told if isinstance(told, dict) else {}
                    yield Property(name, row, inside, self.source.where(inside))

    def messages(self) -> tuple[Message, ...]:
        return tuple(message for one in self._operations for message in one.messages)

    def judge(self, where: str, message: object) -> Verdict:
        if where not in self._validators:
            known = {one.name: one for one in self.messages()}
            if where not in known:
                raise UnknownMessageError(where, known)
            self._validators[where] = Validator(self.schema_of(known[where].pointer))
        return self._validators[where].judge(message)

    def judge_by(self, pointer: str, value: object) -> Verdict:
        """By the schema at a pointer: that of a parameter, say."""
        return Validator(self.schema_of(pointer)).judge(value)

    def schema_of(self, pointer: str) -> Schema:
        """The schema at a pointer, standing alone.

        Raises:
            UnreadableError: the contract has problems.
        """
        check_no(self.problems())
        return standalone(self.tree, pointer)

    @cached_property
    def _operations(self) -> tuple[RestOperation, ...]:
        check_no(self.problems())
        return tuple(_Reading(self.source).operations())


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tree = source.tree

    def operations(self) -> Iterator[RestOperation]:
        for path in self._tree.get("paths") or {}:
            if path.startswith("x-"):
                continue
            pointer = resolved(self._tree, f"/paths/{escaped(path)}")
            item = at(self._tree, pointer)
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, pointer)

    def _operation(self, path: str, method: str, around: str) -> RestOperation:
        pointer = f"{around}/{method}"
        row = at(self._tree, pointer)
        name = f"{method.upper()} {path}"
        request, is_required = self._request(row, pointer, name)
        responses = {
            status: self._response(status, f"{pointer}/responses/{escaped(status)}", name)
            for status in row.get("responses") or {}
            if not status.startswith("x-")
        }
        messages = [*request.values()]
        messages += [one for found in responses.values() for one in found.content.values()]
        return RestOperation(
            name,
            pointer,
            self._source.where(pointer),
            tuple(one for one in messages if one is not None),
            method=method.upper(),
            path=path,
            operation_id=row.get("operationId"),
            deprecated=row.get("deprecated", False),
            parameters=tuple(self._parameters(around, pointer)),
            request=request,
            request_required=is_required,
            responses=responses,
            security=self._security(row),
        )

    def _parameters(self, around: str, pointer: str) -> Iterator[Parameter]:
        found: dict[tuple[str, str], Parameter] = {}
        for place in (around, pointer):
            rows = at(self._tree, place).get("parameters") or ()
            for index in range(len(rows)):
                one = self._parameter(resolved(self._tree, f"{place}/parameters/{index}"))
                found[one.place, one.name] = one
        yield from found.values()

    def _parameter(self, pointer: str, name: str | None = None) -> Parameter:
        row = at(self._tree, pointer)
        schema = f"{pointer}/schema" if "schema" in row else None
        for media, told in (row.get("content") or {}).items():
            if "schema" in told:
                schema = f"{pointer}/content/{escaped(media)}/schema"
        where = self._source.where(pointer)
        place = "header" if name is not None else row["in"]
        return Parameter(
            name if name is not None else row["name"],
            place,
            row.get("required", False),
            schema,
            pointer,
            where,
        )

    def _request(
        self, row: Mapping[str, Any], pointer: str, name: str
    ) -> tuple[Mapping[str, Message | None], bool]:
        if "requestBody" not in row:
            return {}, False
        place = resolved(self._tree, f"{pointer}/requestBody")
        body = at(self._tree, place)
        content = self._content(body, place, f"{name} request", Role.REQUEST)
        return content, body.get("required", False)

    def _response(self, status: str, pointer: str, name: str) -> Response:
        place = resolved(self._tree, pointer)
        row = at(self._tree, place)
        headers = tuple(
            self._parameter(resolved(self._tree, f"{place}/headers/{escaped(one)}"), one)
            for one in row.get("headers") or {}
        )
        content = self._content(row, place, f"{name} {status}", Role.RESPONSE)
        return Response(status, headers, content, place, self._source.where(pointer))

    def _content(
        self, row: Mapping[str, Any], pointer: str, name: str, role: Role
    ) -> Mapping[str, Message | None]:
        made: dict[str, Message | None] = {}
        for media, told in (row.get("content") or {}).items():
            place = f"{pointer}/content/{escaped(media)}/schema"
            where = self._source.where(place)
            made[media] = (
                Message(f"{name} {media}", role, place, where) if "schema" in told else None
            )
        return made

    def _security(self, row: Mapping[str, Any]) -> tuple[Mapping[str, tuple[str, ...]], ...]:
        told = row.get("security", self._tree.get("security") or [])
        return tuple({name: tuple(scopes) for name, scopes in one.items()} for one in told)


def _named(parameters: tuple[Parameter, ...] | list[Parameter], name: str) -> Parameter | None:
    for one in parameters:
        # Names of headers are the same in any case (RFC 9110, 5.1).
        is_same = one.name.lower() == name.lower() if one.place == "header" else one.name == name
        if is_same:
            return one
    return None


def read(text: str, file: str) -> OpenApi:
    """
    Raises:
        UnreadableError: it is neither YAML nor JSON, or out of bounds.
    """
    return OpenApi(read_source(text, file))
