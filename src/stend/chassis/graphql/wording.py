"""Descriptions of a schema, taken from its contract: a person wrote them once, in one place."""

from typing import Any

from graphql import DocumentNode, GraphQLSchema, parse


def describe(schema: GraphQLSchema, contract: str) -> None:
    """Gives types, fields, arguments and enum values the descriptions of the contract.

    What the contract does not have stays as it is: a test compares the two.
    """
    document: DocumentNode = parse(contract)
    for definition in document.definitions:
        name = getattr(definition, "name", None)
        described: Any = schema.get_type(name.value) if name else None
        if described is None:
            continue
        described.description = _text(definition)
        members = getattr(described, "fields", None) or getattr(described, "values", None) or {}
        nodes = getattr(definition, "fields", None) or getattr(definition, "values", None) or ()
        for node in nodes:
            member = members.get(node.name.value)
            if member is None:
                continue
            member.description = _text(node)
            for argument in getattr(node, "arguments", None) or ():
                if argument.name.value in member.args:
                    member.args[argument.name.value].description = _text(argument)


def _text(node: Any) -> str | None:
    description = getattr(node, "description", None)
    return description.value if description else None
