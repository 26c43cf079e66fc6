"""$project, $addFields, $set, $unset: trees of fields to keep, to drop and to compute."""

from collections.abc import Mapping
from typing import Any, Final

from bson import Decimal128

from stend.engines.mongo.aggregate.expressions.compiling import (
    check_field_name,
    compile_in,
    split_path,
)
from stend.engines.mongo.aggregate.expressions.scope import Env, Expression, Scope
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Stage,
    expecting_object,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING

INCLUDE: Final = "inclusion"
EXCLUDE: Final = "exclusion"
ADD: Final = "add"


class Node:
    """One level of a projection: what happens to each field of a document."""

    __slots__ = ("children", "computed", "kind", "named", "order")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        # Names kept (inclusion) or dropped (exclusion) at this level.
        self.named: set[str] = set()
        self.children: dict[str, Node] = {}
        self.computed: dict[str, Expression] = {}
        # Computed fields and children that have some, in the order written.
        self.order: list[str] = []

    def place(self, parts: tuple[str, ...], value: Expression | None, path: str) -> None:
        """Puts a path into the tree: a computed field, or a plain one for None.

        Raises:
            MongoError: 31249, 31250 or 40176 when another path stands in the way.
        """
        name, rest = parts[0], parts[1:]
        taken = name in self.named or name in self.computed
        if taken or (not rest and name in self.children):
            raise self._collision(path, rest)
        if not rest:
            self._place_leaf(name, value)
            return
        if name not in self.children:
            self.children[name] = Node(self.kind)
        if value is not None and name not in self.order:
            self.order.append(name)
        self.children[name].place(rest, value, path)

    def _collision(self, path: str, rest: tuple[str, ...]) -> MongoError:
        if self.kind == ADD:
            return MongoError(
                40176,
                "specification contains two conflicting paths. Cannot specify both "
                f"'{path}' and another that it begins with or that begins with it",
            )
        if rest:
            portion = ".".join(rest)
            return MongoError(31249, f"Path collision at {path} remaining portion {portion}")
        return MongoError(31250, f"Path collision at {path}")

    def _place_leaf(self, name: str, value: Expression | None) -> None:
        if value is None:
            self.named.add(name)
        else:
            self.computed[name] = value
            self.order.append(name)

    def apply(self, document: Document, env: Env) -> Document:
        """The document after the projection; the one given is not changed."""
        if self.kind == INCLUDE:
            result = self.included(document)
        elif self.kind == EXCLUDE:
            result = self.excluded(document)
        else:
            result = dict(document)
        return self.compute(result, env) if self.order else result

    def included(self, document: Mapping[str, Any]) -> Document:
        result = {}
        named, children = self.named, self.children
        for name, value in document.items():
            if name in named:
                result[name] = value
            elif name in children:
                kept = children[name].included_value(value)
                if kept is not MISSING:
                    result[name] = kept
        return result

    def included_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.included(value)
        if isinstance(value, list):
            kept = [self.included_value(item) for item in value]
            return [item for item in kept if item is not MISSING]
        return MISSING

    def excluded(self, document: Mapping[str, Any]) -> Document:
        children = self.children
        return {
            name: children[name].excluded_value(value) if name in children else value
            for name, value in document.items()
            if name not in self.named
        }

    def excluded_value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.excluded(value)
        if isinstance(value, list):
            return [self.excluded_value(item) for item in value]
        return value

    def compute(self, document: Document, env: Env) -> Document:
        """Sets the computed fields of a document that is this node's own."""
        for name in self.order:
            if name in self.computed:
                value = self.computed[name](env)
            else:
                value = self.children[name].computed_value(document.get(name, MISSING), env)
            if value is MISSING:
                document.pop(name, None)
            else:
                document[name] = value
        return document

    def computed_value(self, value: Any, env: Env) -> Any:
        if isinstance(value, Mapping):
            return self.compute(dict(value), env)
        if isinstance(value, list):
            return [self.computed_value(item, env) for item in value]
        return self.compute({}, env)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | int | float | Decimal128)


def _flag(value: Any) -> bool:
    return not value.to_decimal().is_zero() if isinstance(value, Decimal128) else bool(value)


class _Reader:
    """Reads a specification of $project: first its leaves, then which kind it is."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        # (path, the flag or None, the expression or None)
        self.leaves: list[tuple[str, bool | None, Expression | None]] = []

    def read(self, spec: Mapping[str, Any], prefix: str) -> None:
        for name, value in spec.items():
            if prefix == "" or name[:1] != "$":
                check_projected_path(name)
            path = f"{prefix}{name}"
            if _is_flag(value):
                self.leaves.append((path, _flag(value), None))
            elif isinstance(value, Mapping) and next(iter(value), "")[:1] != "$":
                if not value:
                    raise MongoError(
                        51270,
                        "An empty sub-projection is not a valid value. "
                        f"Found empty object at path {path}",
                    )
                self.read(value, f"{path}.")
            else:
                self.leaves.append((path, None, compile_in(value, self.scope)))

    def kind(self) -> str:
        """Inclusion or exclusion: what the first field but `_id` says, then `_id` itself."""
        for path, flag, _ in self.leaves:
            if path != "_id":
                return EXCLUDE if flag is False else INCLUDE
        (_, flag, _), *_ = self.leaves
        return EXCLUDE if flag is False else INCLUDE


def check_projected_path(path: str) -> None:
    """Raises MongoError for a path that names no field."""
    if path == "$" or ".$" in path or path.endswith(".$"):
        raise MongoError(31324, "Cannot use positional projection in aggregation projection")
    for part in split_path(path):
        check_field_name(part)


def compile_projection_tree(spec: Any, scope: Scope) -> Node:
    """The tree of a $project.

    Raises:
        MongoError: as MongoDB refuses a specification.
    """
    if not isinstance(spec, Mapping):
        raise MongoError(15969, "$project specification must be an object")
    if not spec:
        raise MongoError(
            51272,
            "Invalid $project :: caused by :: projection specification must have at least "
            "one field",
        )
    reader = _Reader(scope)
    reader.read(spec, "")
    kind = reader.kind()
    node = Node(kind)
    if kind == INCLUDE and not any(
        path == "_id" or path[:4] == "_id." for path, *_ in reader.leaves
    ):
        node.named.add("_id")
    for path, flag, expression in reader.leaves:
        _place(node, kind, path, flag, expression)
    return node


def _place(
    node: Node, kind: str, path: str, flag: bool | None, expression: Expression | None
) -> None:
    if path == "_id" and flag is not None:
        # `_id: 0` in an inclusion and `_id: 1` in an exclusion: simply not named.
        if flag is (kind == INCLUDE):
            node.place(("_id",), None, path)
        return
    if kind == EXCLUDE and expression is not None:
        raise MongoError(
            31252,
            "Invalid $project :: caused by :: Cannot use expression other than $meta in exclusion "
            f"projection on field {path}",
        )
    if flag is True and kind == EXCLUDE:
        raise MongoError(
            31253,
            "Invalid $project :: caused by :: Cannot do inclusion on field "
            f"{path} in exclusion projection",
        )
    if flag is False and kind == INCLUDE:
        raise MongoError(
            31254,
            "Invalid $project :: caused by :: Cannot do exclusion on field "
            f"{path} in inclusion projection",
        )
    node.place(tuple(path.split(".")), expression, path)


def project(name: str, spec: Any, building: Building) -> Stage:
    return _running(compile_projection_tree(spec, building.scope), building)


def _running(node: Node, building: Building) -> Stage:
    environment = building.environment()

    def run(documents: Documents) -> Documents:
        for document in documents:
            yield node.apply(document, environment(document))

    return run


def add_fields_tree(name: str, spec: Mapping[str, Any], scope: Scope) -> Node:
    """The tree of $addFields: every leaf is an expression."""
    node = Node(ADD)
    _read_added(node, spec, "", scope)
    return node


def _read_added(node: Node, spec: Mapping[str, Any], prefix: str, scope: Scope) -> None:
    for key, value in spec.items():
        if prefix and "." in key:
            raise MongoError(40183, f"cannot use dotted field name '{key}' in a sub object")
        check_projected_path(key)
        path = f"{prefix}{key}"
        nested = isinstance(value, Mapping) and next(iter(value), "$")[:1] != "$"
        if nested:
            _read_added(node, value, f"{path}.", scope)
        else:
            node.place(tuple(path.split(".")), compile_in(value, scope), path)


def add_fields(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 40272)
    return _running(add_fields_tree(name, given, building.scope), building)


def unset(name: str, spec: Any, building: Building) -> Stage:
    paths = [spec] if type(spec) is str else spec
    if not isinstance(paths, list) or not paths:
        raise MongoError(
            31002, "$unset specification must be a string or an array with at least one field"
        )
    node = Node(EXCLUDE)
    for path in paths:
        if type(path) is not str:
            raise MongoError(31120, "$unset specification must be a string or an array of strings")
        if path[:1] == "$":
            raise MongoError(Code.FailedToParse, "FieldPath field names may not start with '$'.")
        check_projected_path(path)
        node.place(tuple(path.split(".")), None, path)
    return _running(node, building)
