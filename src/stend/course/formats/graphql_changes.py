"""What a new GraphQL schema breaks: for given client operations, or for any.

For any: every field, argument and input member that a client can reach is asked for by an operation
of its own, which is validated on both schemas. A field that only changes its type is shown by a
response that the new type allows and the old one does not. What graphql-core calls breaking and no
operation or response shows is incomparable.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
    visit,
)
from graphql.utilities import find_breaking_changes

from stend.course.formats.contract import Break, Comparison, Incomparable
from stend.course.formats.graphql import GraphQl, judged
from stend.kit.languages import Text

_MOST_STEPS = 8
_MOST_OPERATIONS = 3_000
_WORD = re.compile(r"\w+")
_SCALARS = {"Int": 1, "Float": 1.5, "String": "text", "Boolean": True, "ID": "id"}


@dataclass(frozen=True, slots=True)
class _Probe:
    """An operation that is about one coordinate."""

    coordinate: str
    query: str
    variables: dict[str, Any]


def breaking(old: GraphQl, new: GraphQl, used: Sequence[str] | None = None) -> Comparison:
    """
    Args:
        used: operations of clients; with them only what they need counts.

    Raises:
        UnreadableError: one of the schemas has problems.
        ValueError: an operation in `used` is not one of the old schema.
    """
    if used is not None:
        return Comparison(tuple(_of_used(old, new, used)))
    changes = find_breaking_changes(old.schema, new.schema)
    if not changes:
        return Comparison()
    breaks = tuple(_of_all(old, new))
    told = " ".join(f"{one.about} {one.sentence.en}" for one in breaks)
    shown = set(_WORD.findall(told))
    unclear = tuple(
        Incomparable("schema", _unclear(change.description), f"{new.file}:1")
        for change in changes
        if _subject_of(change.description) not in shown
    )
    return Comparison(breaks, unclear)


def _unclear(told: str) -> Text:
    return Text(
        ru=f"Это изменение ломающее, но операции, которая его покажет, не нашлось: {told}",
        en=f"This change is breaking, and no operation was found that shows it: {told}",
    )


def _subject_of(description: str) -> str:
    """The name that a change is about: `min` of `Field Filter.min was removed.`"""
    coordinate = re.search(r"\w+(?:\.\w+)+", description)
    words = _WORD.findall(coordinate[0] if coordinate else description.partition(" was ")[0])
    return str(words[-1]) if words else description


def _of_used(old: GraphQl, new: GraphQl, used: Sequence[str]) -> Iterator[Break]:
    for query in used:
        before = judged(old.schema, query, None)
        if before.reason is not None:
            raise ValueError(f"not an operation of the old schema: {before.reason.en}: {query}")
        after = judged(new.schema, query, None)
        if after.reason is not None:
            yield _refused_break("operation", query, after.reason, f"{new.file}:1")
            continue
        for coordinate in _selected(old.schema, query):
            yield from _response_break(old, new, coordinate, query)


def _of_all(old: GraphQl, new: GraphQl) -> Iterator[Break]:
    seen: set[str] = set()
    for probe in _probes(old.schema):
        after = judged(new.schema, probe.query, probe.variables)
        if after.reason is not None:
            if not judged(old.schema, probe.query, probe.variables).accepted:
                continue
            # The first operation that fails for a reason is the shortest one.
            if after.reason.en in seen:
                continue
            seen.add(after.reason.en)
            shown = {"query": probe.query, "variables": probe.variables}
            where = new.where(probe.coordinate)
            yield _refused_break(probe.coordinate, shown, after.reason, where)
        elif "(" not in probe.coordinate and probe.coordinate not in seen:
            for one in _response_break(old, new, probe.coordinate, probe.query):
                seen.add(probe.coordinate)
                yield one


def _refused_break(about: str, witness: object, reason: Text, where: str) -> Break:
    sentence = Text(
        ru=f"Прежняя схема выполняла эту операцию, новая — нет. {reason.ru}",
        en=f"The old schema executed this operation, the new one does not. {reason.en}",
    )
    return Break(about, sentence, witness, "", where)


def _selected(schema: GraphQLSchema, query: str) -> list[str]:
    """Coordinates of the fields that an operation reads."""
    info = TypeInfo(schema)
    found: list[str] = []

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is not None and not node.name.value.startswith("__"):
                found.append(f"{parent.name}.{node.name.value}")

    visit(parse(query), TypeInfoVisitor(info, Fields()))
    return list(dict.fromkeys(found))


def _response_break(old: GraphQl, new: GraphQl, coordinate: str, query: str) -> Iterator[Break]:
    before, after = _type_of(old.schema, coordinate), _type_of(new.schema, coordinate)
    if before is None or after is None or str(before) == str(after):
        return
    # More values of the same enum are dangerous, not breaking: clients have to expect them.
    is_same = get_named_type(before).name == get_named_type(after).name
    for value in _outputs(after):
        if not _fits(before, value, is_same):
            name = coordinate.partition(".")[2]
            sentence = Text(
                ru=f"{coordinate}: новая схема может ответить так ({after}), прежняя ({before}) "
                "этого не обещала.",
                en=f"{coordinate}: the new schema may answer so ({after}), the old one ({before}) "
                "never promised it.",
            )
            shown = {"query": query, "response": {name: value}}
            yield Break(coordinate, sentence, shown, "/response", new.where(coordinate))
            return


def _type_of(schema: GraphQLSchema, coordinate: str) -> Any:
    name, _, field = coordinate.partition(".")
    found = getattr(schema.type_map.get(name), "fields", {}).get(field)
    return found.type if found else None


def _outputs(kind: Any) -> Iterator[Any]:
    """Values of an output type: null, lists, each enum value, each scalar."""
    if isinstance(kind, GraphQLNonNull):
        yield from (one for one in _outputs(kind.of_type) if one is not None)
        return
    yield None
    if isinstance(kind, GraphQLList):
        yield []
        yield from ([one] for one in _outputs(kind.of_type))
    elif isinstance(kind, GraphQLEnumType):
        yield from kind.values
    elif isinstance(kind, GraphQLScalarType):
        yield _SCALARS.get(kind.name, "text")
    else:
        yield {"__typename": kind.name}


def _fits(kind: Any, value: Any, is_same: bool) -> bool:
    """
    Args:
        is_same: the named type is that of the value, whatever is in it.
    """
    if isinstance(kind, GraphQLNonNull):
        return value is not None and _fits(kind.of_type, value, is_same)
    if value is None:
        return True
    if isinstance(kind, GraphQLList):
        return isinstance(value, list) and all(_fits(kind.of_type, one, is_same) for one in value)
    if is_same:
        return not isinstance(value, list)
    if isinstance(kind, GraphQLEnumType):
        return value in kind.values
    if isinstance(kind, GraphQLScalarType):
        return _fits_scalar(kind.name, value)
    return isinstance(value, dict) and value.get("__typename") == kind.name


def _fits_scalar(name: str, value: Any) -> bool:
    if name not in _SCALARS:
        return not isinstance(value, list | dict)
    if name == "Float":
        return type(value) in {int, float}
    return type(value) is type(_SCALARS[name])


def _probes(schema: GraphQLSchema) -> Iterator[_Probe]:
    """Operations for everything that can be reached, each through the shortest way."""
    roots = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    )
    made = 0
    for word, root in roots:
        waiting: deque[tuple[Any, tuple[tuple[Any, str], ...]]] = deque([(root, ())])
        seen = {root.name} if root else set()
        while waiting:
            parent, way = waiting.popleft()
            for probe in _of_parent(schema, word, parent, way):
                made += 1
                yield probe
                if made >= _MOST_OPERATIONS:
                    return
            if parent is None or len(way) >= _MOST_STEPS:
                continue
            for name, field in getattr(parent, "fields", {}).items():
                for kind in _reached(schema, get_named_type(field.type)):
                    if kind.name not in seen:
                        seen.add(kind.name)
                        waiting.append((kind, (*way, (parent, name))))


def _reached(schema: GraphQLSchema, kind: Any) -> list[Any]:
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        return [kind, *schema.get_possible_types(kind)]
    return [] if is_leaf_type(kind) else [kind]


def _of_parent(
    schema: GraphQLSchema, word: str, parent: Any, way: tuple[tuple[Any, str], ...]
) -> Iterator[_Probe]:
    if isinstance(parent, GraphQLUnionType):
        yield _written(f"{parent.name}", word, way, parent, "__typename", None)
        return
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return
    for name, field in parent.fields.items():
        yield _written(f"{parent.name}.{name}", word, way, parent, name, None)
        for argument, told in field.args.items():
            coordinate = f"{parent.name}.{name}({argument}:)"
            for value in _inputs(told.type, 0):
                yield _written(coordinate, word, way, parent, name, (argument, value))


def _inputs(kind: Any, depth: int) -> Iterator[Any]:
    """Values of an input type, each of its members and enum values in one of them."""
    if isinstance(kind, GraphQLNonNull):
        yield from (one for one in _inputs(kind.of_type, depth) if one is not None)
    elif isinstance(kind, GraphQLList):
        yield from ([one] for one in _inputs(kind.of_type, depth))
        yield None
    elif isinstance(kind, GraphQLEnumType):
        yield from kind.values
        yield None
    elif isinstance(kind, GraphQLInputObjectType):
        yield from _input_objects(kind, depth)
    else:
        yield _SCALARS.get(getattr(kind, "name", ""), "text")
        yield None


def _input_objects(kind: GraphQLInputObjectType, depth: int) -> Iterator[Any]:
    least: dict[str, Any] = {}
    if depth > _MOST_STEPS:
        return
    for name, field in kind.fields.items():
        if is_required_input_field(field):
            least[name] = next(_inputs(field.type, depth + 1), None)
    yield least
    for name, field in kind.fields.items():
        for value in _inputs(field.type, depth + 1):
            yield {**least, name: value}


def _written(
    coordinate: str,
    word: str,
    way: tuple[tuple[Any, str], ...],
    parent: Any,
    name: str,
    given: tuple[str, Any] | None,
) -> _Probe:
    """One operation: down the way, then the field with what it requires and what is given."""
    variables: dict[str, Any] = {}
    told: list[str] = []
    steps = [*way, (parent, name)]
    field = getattr(parent, "fields", {}).get(name)
    is_leaf = field is None or is_leaf_type(get_named_type(field.type))
    text = "" if is_leaf else " { __typename }"
    for index in range(len(steps) - 1, -1, -1):
        owner, step = steps[index]
        extra = given if index == len(steps) - 1 else None
        arguments = _arguments(owner, step, index, extra, variables, told)
        text = f"{step}{arguments}{text}"
        if index:
            text = f" {{ ... on {owner.name} {{ {text} }} }}"
    head = f"({', '.join(told)})" if told else ""
    return _Probe(coordinate, f"{word}{head} {{ {text} }}", variables)


def _arguments(
    owner: Any,
    step: str,
    index: int,
    given: tuple[str, Any] | None,
    variables: dict[str, Any],
    told: list[str],
) -> str:
    field = getattr(owner, "fields", {}).get(step)
    written = []
    for name, argument in (field.args if field else {}).items():
        is_given = given is not None and given[0] == name
        if not is_given and not is_required_argument(argument):
            continue
        variable = f"v{index}_{name}"
        told.append(f"${variable}: {argument.type}")
        variables[variable] = (
            given[1] if given is not None and is_given else next(_inputs(argument.type, 0), None)
        )
        written.append(f"{name}: ${variable}")
    return f"({', '.join(written)})" if written else ""
