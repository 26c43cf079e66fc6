"""GraphQL SDL: a schema, judged by the operations that clients send to it.

A message is an operation: its text, or `{"query": …, "variables": …}`, which are coerced, too.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeSystemDefinitionNode,
    TypeSystemExtensionNode,
    build_ast_schema,
    parse,
    validate,
    validate_schema,
)
from graphql.execution.values import get_variable_values
from graphql.validation.validate import validate_sdl

from stend.course.formats.contract import (
    Message,
    Operation,
    Problem,
    Role,
    Rule,
    UnknownMessageError,
    UnreadableError,
    Verdict,
)
from stend.course.formats.source import check_length, unreadable
from stend.kit.languages import Text

# The name of the one kind of message.
OPERATION = "operation"
_MOST_TOKENS = 20_000
_MOST_DEPTH = 40


class GraphQl:
    def __init__(self, file: str, document: DocumentNode) -> None:
        self._file = file
        self._document = document

    @property
    def file(self) -> str:
        return self._file

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def operations(self) -> tuple[Operation, ...]:
        """The fields of the root types: `Query.product`."""
        return tuple(self._root_fields())

    def messages(self) -> tuple[Message, ...]:
        return (Message(OPERATION, Role.REQUEST, "", f"{self._file}:1"),)

    def judge(self, where: str, message: object) -> Verdict:
        if where != OPERATION:
            raise UnknownMessageError(where, (OPERATION,))
        if isinstance(message, Mapping):
            return judged(self.schema, str(message.get("query", "")), message.get("variables"))
        return judged(self.schema, str(message), None)

    @cached_property
    def schema(self) -> GraphQLSchema:
        """
        Raises:
            UnreadableError: the contract has problems.
        """
        if self._problems:
            raise UnreadableError(self._problems[0])
        return build_ast_schema(self._document, assume_valid_sdl=True)

    def where(self, coordinate: str) -> str:
        """`file:line` of `Type` or `Type.field`."""
        name, _, field = coordinate.partition(".")
        defined = self.schema.type_map.get(name)
        member = getattr(defined, "fields", {}).get(field) or defined
        return f"{self._file}:{_line_of(getattr(member, 'ast_node', None))}"

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        try:
            return tuple(self._found())
        except RecursionError:
            return (self._problem("the document is nested too deeply", 1),)

    def _found(self) -> Iterator[Problem]:
        for node in self._document.definitions:
            if not isinstance(node, TypeSystemDefinitionNode | TypeSystemExtensionNode):
                yield self._problem("only definitions of types belong here", _line_of(node))
                return
        if errors := validate_sdl(self._document):
            yield from (self._of(error) for error in errors)
            return
        schema = build_ast_schema(self._document, assume_valid_sdl=True)
        yield from (self._of(error) for error in validate_schema(schema))

    def _of(self, error: GraphQLError) -> Problem:
        return self._problem(error.message, error.locations[0].line if error.locations else 1)

    def _problem(self, told: str, line: int) -> Problem:
        text = Text(ru=f"Это не схема GraphQL: {told}", en=f"This is no GraphQL schema: {told}")
        return Problem(Rule.FORM, text, "", f"{self._file}:{line}")

    def _root_fields(self) -> Iterator[Operation]:
        schema = self.schema
        for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
            for name in root.fields if root else ():
                coordinate = f"{root.name if root else ''}.{name}"
                yield Operation(coordinate, coordinate, self.where(coordinate), self.messages())


def read(text: str, file: str) -> GraphQl:
    """
    Raises:
        UnreadableError: it is no GraphQL, or out of bounds.
    """
    check_length(text, file)
    if _depth(text) > _MOST_DEPTH:
        raise unreadable(
            file, 1, f"Вложенность больше {_MOST_DEPTH}.", f"Nested deeper than {_MOST_DEPTH}."
        )
    try:
        return GraphQl(file, parse(text, max_tokens=_MOST_TOKENS))
    except GraphQLError as error:
        line = error.locations[0].line if error.locations else 1
        told = error.message
        raise unreadable(
            file, line, f"Это не GraphQL: {told}", f"This is not GraphQL: {told}"
        ) from None


def judged(schema: GraphQLSchema, query: str, variables: Any) -> Verdict:
    """Whether a server with this schema would execute an operation."""
    if _depth(query) > _MOST_DEPTH:
        return _refused(f"nested deeper than {_MOST_DEPTH}")
    try:
        document = parse(query, max_tokens=_MOST_TOKENS)
    except GraphQLError as error:
        return _refused(error.message)
    if errors := validate(schema, document):
        return _refused(errors[0].message)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and variables is not None:
            coerced = get_variable_values(schema, node.variable_definitions or (), variables)
            if isinstance(coerced, list):
                return _refused(coerced[0].message)
    return Verdict()


def _refused(told: str) -> Verdict:
    return Verdict(Text(ru=f"Операция не проходит: {told}", en=f"The operation fails: {told}"))


def _depth(text: str) -> int:
    """How deep brackets are nested at most; those in texts and comments count, too."""
    depth = deepest = 0
    for letter in text:
        if letter in "{[(":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "}])":
            depth -= 1
    return deepest


def _line_of(node: Any) -> int:
    location = getattr(node, "loc", None)
    return int(location.start_token.line) if location else 1
