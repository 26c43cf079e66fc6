"""GraphQL's schema language (spec of October 2021, section 3): operations and types."""

from collections.abc import Iterator

from graphql.error import GraphQLSyntaxError
from graphql.language import ast, parse, print_ast

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, flowed, sections_of

_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_KINDS = {
    "object_type_definition": "type",
    "input_object_type_definition": "input",
    "enum_type_definition": "enum",
    "interface_type_definition": "interface",
    "union_type_definition": "union",
    "scalar_type_definition": "scalar",
}


def read_graphql(text: str, _others: dict[str, str], _language: Language) -> Document:
    """See `Reader`. Descriptions of a schema are in one language.

    Raises:
        ValueError: it is no GraphQL schema.
    """
    try:
        tree = parse(text)
    except GraphQLSyntaxError as error:
        raise ValueError(f"no GraphQL: {error.message}") from error
    reading = _Reading(tree)
    return Document(
        title="",
        format_name="GraphQL SDL",
        doc=reading.doc,
        sections=sections_of(
            operations=list(reading.operations()),
            types=list(reading.types()),
            directives=list(reading.directives()),
        ),
    )


class _Reading:
    def __init__(self, tree: ast.DocumentNode) -> None:
        self._tree = tree
        self._anchors = Anchors()
        self._roots = dict(_ROOTS)
        self.doc = ""
        for node in tree.definitions:
            if isinstance(node, ast.SchemaDefinitionNode):
                self.doc = _doc(node)
                self._roots = {
                    one.operation.value: one.type.name.value for one in node.operation_types or ()
                }
        self._names = {
            node.name.value for node in tree.definitions if isinstance(node, ast.TypeDefinitionNode)
        }

    def operations(self) -> Iterator[Item]:
        kinds = {name: kind for kind, name in self._roots.items()}
        for node in self._tree.definitions:
            if isinstance(node, ast.ObjectTypeDefinitionNode) and node.name.value in kinds:
                for field in node.fields or ():
                    yield self._operation(kinds[node.name.value], field)

    def _operation(self, kind: str, field: ast.FieldDefinitionNode) -> Item:
        arguments = tuple(self._input(one) for one in field.arguments or ())
        type_name, anchor = self._type(field.type)
        groups = [Group("params", arguments)] * bool(arguments)
        return Item(
            field.name.value,
            self._anchors.of("operation", f"{kind}.{field.name.value}"),
            kind=kind,
            doc=_doc(field),
            groups=(*groups, Group("result", type_name=type_name, anchor=anchor)),
        )

    def types(self) -> Iterator[Item]:
        roots = set(self._roots.values())
        for node in self._tree.definitions:
            if isinstance(node, ast.TypeDefinitionNode) and node.name.value not in roots:
                yield Item(
                    node.name.value,
                    self._anchors.of("type", node.name.value),
                    kind=_KINDS[node.kind],
                    address=" ".join(print_ast(one) for one in node.directives or ()),
                    doc=_doc(node),
                    groups=(Group("fields", tuple(self._fields(node))),),
                )

    def _fields(self, node: ast.TypeDefinitionNode) -> Iterator[Field]:
        for interface in getattr(node, "interfaces", None) or ():
            yield Field("implements", *self._type(interface))
        match node:
            case ast.ObjectTypeDefinitionNode() | ast.InterfaceTypeDefinitionNode():
                for field in node.fields or ():
                    yield from self._output(field)
            case ast.InputObjectTypeDefinitionNode():
                yield from (self._input(one) for one in node.fields or ())
            case ast.EnumTypeDefinitionNode():
                for value in node.values or ():
                    yield Field(value.name.value, rule=_rule(value), doc=_doc(value))
            case ast.UnionTypeDefinitionNode():
                yield from (Field("", *self._type(member)) for member in node.types or ())

    def _output(self, field: ast.FieldDefinitionNode) -> Iterator[Field]:
        yield Field(field.name.value, *self._type(field.type), _rule(field), _doc(field))
        yield from (self._input(one, depth=1) for one in field.arguments or ())

    def _input(self, node: ast.InputValueDefinitionNode, depth: int = 0) -> Field:
        default = node.default_value
        rules = [f"= {print_ast(default)}" if default is not None else "", _rule(node)]
        told = " · ".join(rule for rule in rules if rule)
        return Field(node.name.value, *self._type(node.type), told, _doc(node), depth)

    def _type(self, node: ast.TypeNode) -> tuple[str, str | None]:
        inner = node
        while isinstance(inner, ast.ListTypeNode | ast.NonNullTypeNode):
            inner = inner.type
        name = inner.name.value if isinstance(inner, ast.NamedTypeNode) else ""
        known = name in self._names and name not in self._roots.values()
        return print_ast(node), self._anchors.of("type", name) if known else None

    def directives(self) -> Iterator[Item]:
        for node in self._tree.definitions:
            if isinstance(node, ast.DirectiveDefinitionNode):
                arguments = tuple(self._input(one) for one in node.arguments or ())
                yield Item(
                    f"@{node.name.value}",
                    self._anchors.of("directive", node.name.value),
                    kind="repeatable" if node.repeatable else "",
                    address=" | ".join(place.value for place in node.locations),
                    doc=_doc(node),
                    groups=(Group("params", arguments),) * bool(arguments),
                )


def _doc(node: ast.Node) -> str:
    description = getattr(node, "description", None)
    return flowed(description.value) if description else ""


def _rule(node: ast.Node) -> str:
    return " ".join(print_ast(one) for one in getattr(node, "directives", None) or ())
