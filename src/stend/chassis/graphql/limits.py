"""How much a document may ask for, measured on its text and its tree before anything else.

One small document can ask for millions of fields: by lists inside lists, by a fragment that spreads
a fragment twice, by the same field under a thousand aliases. Nothing here executes or validates.
Source: spec.graphql.org/draft/#sec-Validation lets a service add such rules.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    VariableNode,
    get_named_type,
    get_nullable_type,
)
from graphql.language import Lexer

from stend.chassis.graphql.config import GraphqlLimits
from stend.kit.errors import EdgeErrorCode, StendError

# The argument that says how many items of a list are wanted (relay.dev/graphql/connections.htm).
PAGE_ARGUMENT = "first"
# Introspection is as deep as its authors made it; it has a price instead, and graphql-core's own
# rule against lists of types inside lists of types.
_INTROSPECTION_COST = 2_000
_INTROSPECTION = frozenset({"__schema", "__type"})
_OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


@dataclass(frozen=True, slots=True)
class Measure:
    """
    Attributes:
        varies: a variable says how long a list is, so another request costs another price.
    """

    depth: int
    cost: int
    root_fields: int
    varies: bool


def check_text(text: str, limits: GraphqlLimits) -> None:
    """Before parsing: the parser's own recursion must not be what stops a document.

    Raises:
        StendError: MESSAGE_TOO_LARGE, INVALID_ARGUMENT.
        GraphQLSyntaxError: no token of the language.
    """
    if len(text) > limits.document_chars:
        raise _too_large("characters", len(text), limits.document_chars)
    lexer = Lexer(Source(text))
    tokens = nesting = 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        if tokens > limits.tokens:
            raise _too_large("tokens", tokens, limits.tokens)
        if token.kind in _OPENING:
            nesting += 1
            if nesting > limits.nesting:
                raise _too_much("brackets inside brackets", nesting, limits.nesting)
        elif token.kind in _CLOSING:
            nesting -= 1


def check_aliases(document: DocumentNode, limits: GraphqlLimits) -> None:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    aliases = sum(field.alias is not None for field in _fields(document))
    if aliases > limits.aliases:
        raise _too_much("aliases", aliases, limits.aliases)


def check_measure(measure: Measure, limits: GraphqlLimits) -> None:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    if measure.root_fields > limits.root_fields:
        raise _too_much("fields at the root", measure.root_fields, limits.root_fields)
    if measure.depth > limits.depth:
        raise _too_much("levels of fields", measure.depth, limits.depth)
    if measure.cost > limits.cost:
        raise _too_much("cost", measure.cost, limits.cost)


def measured(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: GraphqlLimits,
) -> Measure:
    """Depth, cost and root fields of one operation, each fragment looked at once.

    Raises:
        StendError: INVALID_ARGUMENT: fragments that spread themselves, or too deep in each other.
    """
    measuring = _Measuring(schema, document, operation, variables, limits)
    root = schema.get_root_type(operation.operation)
    depth, cost, fields = measuring.selections(operation.selection_set, root, counted=False)
    return Measure(depth, cost, fields, measuring.varies)


_Size = tuple[int, int, int]


class _Measuring:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        limits: GraphqlLimits,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._variables = {**_defaults(operation), **variables}
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[tuple[str, bool], _Size] = {}
        self._open: list[str] = []
        self._level = 0
        self.varies = False

    def selections(
        self, node: SelectionSetNode, parent: GraphQLNamedType | None, counted: bool
    ) -> _Size:
        """Depth, cost and number of fields.

        Args:
            counted: the field above is a connection: its lists are the page it was counted with.
        """
        self._level += 1
        if self._level > self._limits.nesting:
            raise _too_much("selections inside selections", self._level, self._limits.nesting)
        depth = cost = fields = 0
        for selection in node.selections:
            match selection:
                case FieldNode():
                    size = self._field(selection, parent, counted)
                case InlineFragmentNode():
                    condition = selection.type_condition
                    inner = self._schema.get_type(condition.name.value) if condition else parent
                    size = self.selections(selection.selection_set, inner, counted)
                case FragmentSpreadNode():
                    size = self._spread(selection.name.value, counted)
                case _:
                    raise AssertionError(f"no selection of the language: {selection}")
            depth, cost, fields = max(depth, size[0]), cost + size[1], fields + size[2]
        self._level -= 1
        return depth, cost, fields

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, counted: bool) -> _Size:
        name = node.name.value
        if name in _INTROSPECTION:
            return 1, _INTROSPECTION_COST, 1
        if node.selection_set is None:
            return 1, 1, 1
        field = None
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            field = parent.fields.get(name)
        # What the schema does not know is refused by validation; here it only has a depth.
        inner = get_named_type(field.type) if field else None
        depth, cost, _ = self.selections(node.selection_set, inner, _is_connection(field))
        return depth + 1, 1 + self._times(node, field, counted) * cost, 1

    def _times(self, node: FieldNode, field: GraphQLField | None, counted: bool) -> int:
        if field is None:
            return 1
        if PAGE_ARGUMENT in field.args:
            return max(self._page_size(node, field), 1)
        return self._limits.list_size if _is_list(field) and not counted else 1

    def _page_size(self, node: FieldNode, field: GraphQLField) -> int:
        for argument in node.arguments or ():
            if argument.name.value != PAGE_ARGUMENT:
                continue
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                self.varies = True
                given = self._variables.get(argument.value.name.value)
                # Whatever else it is, coercion refuses it.
                return given if isinstance(given, int) else self._limits.list_size
        default = field.args[PAGE_ARGUMENT].default_value
        return default if isinstance(default, int) else self._limits.list_size

    def _spread(self, name: str, counted: bool) -> _Size:
        fragment = self._fragments.get(name)
        if fragment is None:
            return 0, 0, 0
        if name in self._open:
            way = " → ".join((*self._open[self._open.index(name) :], name))
            raise StendError(
                EdgeErrorCode.INVALID_ARGUMENT,
                "A fragment spreads itself.",
                value=way,
                expected="fragments without a cycle (GraphQL, section 5.5.2.2)",
                next_step="Write the fields out to the depth that is needed.",
            )
        known = self._sizes.get((name, counted))
        if known is None:
            self._open.append(name)
            inner = self._schema.get_type(fragment.type_condition.name.value)
            known = self.selections(fragment.selection_set, inner, counted)
            self._open.pop()
            self._sizes[name, counted] = known
        return known


def _is_connection(field: GraphQLField | None) -> bool:
    return field is not None and PAGE_ARGUMENT in field.args and not _is_list(field)


def _is_list(field: GraphQLField) -> bool:
    return isinstance(get_nullable_type(field.type), GraphQLList)


def _defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }


def _fields(document: DocumentNode) -> Iterator[FieldNode]:
    waiting: list[Any] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        if isinstance(node, FieldNode):
            yield node
        inner = getattr(node, "selection_set", None)
        if inner is not None:
            waiting += inner.selections


def _too_large(what: str, got: int, limit: int) -> StendError:
    return StendError(
        EdgeErrorCode.MESSAGE_TOO_LARGE,
        "The document is larger than this service reads.",
        value=f"{got} {what} or more",
        expected=f"at most {limit} {what}",
        next_step="Send values as variables and split the document.",
    )


def _too_much(what: str, got: int, limit: int) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The document asks for more than this service computes at once.",
        value=f"{what}: {got}",
        expected=f"{what}: at most {limit}",
        next_step="Ask for fewer fields or shorter pages, in several requests.",
    )
