"""Update documents made of modifiers, read into a tree."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context, Document
from stend.engines.mongo.query.operators import shown
from stend.engines.mongo.query.paths import check_length, split
from stend.engines.mongo.query.values import is_string, type_alias
from stend.engines.mongo.update import arithmetic, arrays, modifiers
from stend.engines.mongo.update.array_filters import unused
from stend.engines.mongo.update.tree import Elements, Fields, Modifier, Node

_Filters = Mapping[str, Callable[[Any], bool]]

MODIFIERS: Final[Mapping[str, Callable[[str, Any, Context], Modifier]]] = {
    "$addToSet": arrays.add_to_set,
    "$bit": arithmetic.bit,
    "$currentDate": modifiers.current_date,
    "$inc": arithmetic.increment,
    "$max": modifiers.maximum,
    "$min": modifiers.minimum,
    "$mul": arithmetic.multiply,
    "$pop": arrays.pop,
    "$pull": arrays.pull,
    "$pullAll": arrays.pull_all,
    "$push": arrays.push,
    "$rename": modifiers.rename,
    "$set": modifiers.set_to,
    "$setOnInsert": modifiers.set_on_insert,
    "$unset": modifiers.unset,
}


def parse_modifiers(spec: Document, filters: _Filters, context: Context) -> Fields:
    """What an update document of modifiers does.

    Raises:
        MongoError: a modifier is unknown or has a wrong operand, two of them change the same, or a
            filter of array elements is missing or not used.
    """
    root = Fields()
    used: set[str] = set()
    for name, operand in spec.items():
        _check_modifier(name, operand)
        for path, value in operand.items():
            if name == "$rename":
                _merge_rename(root, path, value, context)
            else:
                _merge(root, _checked(path), MODIFIERS[name](path, value, context), filters, used)
    left = [identifier for identifier in filters if identifier not in used]
    if left:
        raise unused(left, spec)
    return root


def _check_modifier(name: str, operand: Any) -> None:
    if name not in MODIFIERS:
        raise MongoError(
            Code.FailedToParse,
            f"Unknown modifier: {name}. Expected a valid update modifier or pipeline-style update "
            "specified as an array",
        )
    if not isinstance(operand, Mapping):
        raise MongoError(
            Code.FailedToParse,
            f"Modifiers operate on fields but we found type {type_alias(operand)} instead. For "
            f"example: {{$mod: {{<field>: ...}}}} not {{{name}: {shown(operand)}}}",
        )


def is_identifier(part: str) -> bool:
    """Whether a part of a path is `$[]` or `$[identifier]`."""
    return part.startswith("$[") and part.endswith("]")


def _checked(path: str) -> tuple[str, ...]:
    if path == "":
        raise MongoError(Code.EmptyFieldName, "An empty update path is not valid.")
    parts = split(path)
    check_length(parts)
    if "" in parts:
        raise MongoError(
            Code.EmptyFieldName,
            f"The update path '{path}' contains an empty field name, which is not allowed.",
        )
    if parts.count("$") > 1:
        raise MongoError(
            Code.BadValue, f"Too many positional (i.e. '$') elements found in path '{path}'"
        )
    if parts[0] == "$":
        raise MongoError(
            Code.BadValue,
            f"Cannot have positional (i.e. '$') element in the first position in path '{path}'",
        )
    if is_identifier(parts[0]):
        raise MongoError(
            Code.BadValue,
            "Cannot have array filter identifier (i.e. '$[<id>]') element in the first position "
            f"in path '{path}'",
        )
    if parts[0].startswith("$"):
        raise MongoError(
            Code.DollarPrefixedFieldName,
            f"The dollar ($) prefixed field '{parts[0]}' in '{path}' is not allowed in the context "
            "of an update's replacement document. Consider using an aggregation pipeline with "
            "$replaceWith.",
        )
    return parts


def _merge(
    root: Fields, parts: tuple[str, ...], leaf: Modifier, filters: _Filters, used: set[str]
) -> None:
    node: Node = root
    for depth in range(len(parts)):
        last = depth == len(parts) - 1
        child = _child(node, parts, depth)
        if child is not None and (last or isinstance(child, Modifier)):
            raise _conflict(parts, depth + 1)
        if child is None:
            child = leaf if last else _new_node(parts, depth + 1, filters)
            _attach(node, parts, depth, child, filters, used)
        node = child


def _new_node(parts: tuple[str, ...], depth: int, filters: _Filters) -> Node:
    return Elements(filters) if is_identifier(parts[depth]) else Fields()


def _child(node: Node, parts: tuple[str, ...], depth: int) -> Node | None:
    part = parts[depth]
    if isinstance(node, Elements) and is_identifier(part):
        return node.children.get(part[2:-1])
    if isinstance(node, Fields) and not is_identifier(part):
        return node.get(part)
    raise _conflict(parts, depth)


def _attach(
    node: Node,
    parts: tuple[str, ...],
    depth: int,
    child: Node,
    filters: _Filters,
    used: set[str],
) -> None:
    part = parts[depth]
    if isinstance(node, Fields):
        node.set(part, child)
        return
    identifier = part[2:-1]
    if identifier and identifier not in filters:
        raise MongoError(
            Code.BadValue,
            f"No array filter found for identifier '{identifier}' in path '{'.'.join(parts)}'",
        )
    used.add(identifier)
    if isinstance(node, Elements):
        node.children[identifier] = child


def _conflict(parts: tuple[str, ...], depth: int) -> MongoError:
    return MongoError(
        Code.ConflictingUpdateOperators,
        f"Updating the path '{'.'.join(parts)}' would create a conflict at "
        f"'{'.'.join(parts[:depth])}'",
    )


def _merge_rename(root: Fields, path: str, target: Any, context: Context) -> None:
    if not is_string(target):
        raise MongoError(
            Code.BadValue, f"The 'to' field for $rename must be a string: {path}: {shown(target)}"
        )
    if "\0" in target:
        raise MongoError(
            Code.BadValue, "The 'to' field for $rename cannot contain an embedded null byte"
        )
    source, destination = _checked(path), _checked(target)
    shown_pair = f"{path}: {shown(target)}"
    if source == destination:
        raise MongoError(
            Code.BadValue, f"The source and target field for $rename must differ: {shown_pair}"
        )
    shorter = min(len(source), len(destination))
    if source[:shorter] == destination[:shorter]:
        raise MongoError(
            Code.BadValue,
            f"The source and target field for $rename must not be on the same path: {shown_pair}",
        )
    for which, parts in (("source", source), ("destination", destination)):
        if any(part == "$" or is_identifier(part) for part in parts):
            raise MongoError(
                Code.BadValue,
                f"The {which} field for $rename may not be dynamic: {'.'.join(parts)}",
            )
    # The source has a place in the tree too, so that nothing else can be done to it.
    _merge(root, source, Modifier(change=lambda value, _place, _run: value), {}, set())
    _merge(root, destination, modifiers.rename(path, target, context), {}, set())
