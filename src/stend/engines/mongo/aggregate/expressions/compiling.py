"""Literals, field paths, objects and arrays; what starts with `$` goes to the table."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING

MAX_PATH_PARTS: Final = 200
_WHILE_FOLDING: Final = "Failed to optimize pipeline :: caused by :: "
_LITERALS: Final = frozenset({"$literal", "$const"})
# What MongoDB computes only for a document: what changes, and what binds variables.
_UNFOLDED: Final = frozenset(
    {"$rand", "$let", "$map", "$filter", "$reduce", "$zip", "$switch", "$sortArray", "$getField"}
)


class Constant:
    """An expression whose value is known when it is compiled."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, env: Env) -> Any:
        return self.value


def compile_in(spec: Any, scope: Scope) -> Expression:
    """The function that computes an expression.

    Args:
        spec: as a client writes it.
        scope: the variables and operators that may be used.

    Raises:
        MongoError: as MongoDB refuses an expression when it parses it.
    """
    if type(spec) is str and spec[:1] == "$":
        return _path_expression(spec, scope)
    if isinstance(spec, Mapping):
        first = next(iter(spec), "")
        deeper = scope.deeper()
        if first[:1] != "$":
            return _object_expression(spec, deeper)
        # Not a function of its own: expressions are deep, and Python's stack is not.
        expression = _operator(spec, first, scope)(first, spec[first], deeper)
        return _folded(expression) if _is_foldable(first, spec[first]) else expression
    if isinstance(spec, list):
        return _array_expression(spec, scope.deeper())
    return Constant(spec)


def _folded(expression: Expression) -> Expression:
    """Its value, computed now: where it has none, the command fails without any document."""
    try:
        return Constant(expression({}))
    except MongoError as error:
        message = error.message.removeprefix(_WHILE_FOLDING)
        raise MongoError(error.code, _WHILE_FOLDING + message) from None


def _is_foldable(name: str, argument: Any) -> bool:
    """Whether an operator has one value for all documents, and MongoDB computes it beforehand."""
    return name in _LITERALS or (name not in _UNFOLDED and _is_constant(argument))


def _is_constant(spec: Any) -> bool:
    """Whether an expression, which was compiled before, reads no field and no variable."""
    if isinstance(spec, str):
        return not spec.startswith("$")
    if isinstance(spec, list):
        return all(map(_is_constant, spec))
    if isinstance(spec, Mapping):
        first = next(iter(spec), "")
        if first.startswith("$"):
            return _is_foldable(first, spec[first])
        return all(map(_is_constant, spec.values()))
    return True


def _operator(spec: Mapping[str, Any], name: str, scope: Scope) -> Builder:
    if len(spec) != 1:
        raise MongoError(
            15983,
            f"An object representing an expression must have exactly one field: {dict(spec)}",
        )
    builder = scope.operators.get(name)
    if builder is None:
        raise MongoError(Code.InvalidPipelineOperator, f"Unrecognized expression '{name}'")
    return builder


def _object_expression(spec: Mapping[str, Any], scope: Scope) -> Expression:
    for name in spec:
        check_field_name(name)
    fields = []
    for name, value in spec.items():
        fields.append((name, compile_in(value, scope)))

    def build(env: Env) -> Any:
        document = {}
        for name, field in fields:
            value = field(env)
            if value is not MISSING:
                document[name] = value
        return document

    is_known = all(isinstance(field, Constant) for _, field in fields)
    return Constant(build({})) if is_known else build


def _array_expression(spec: list[Any], scope: Scope) -> Expression:
    items = list(map(partial(compile_in, scope=scope), spec))

    def build(env: Env) -> Any:
        return [None if (value := item(env)) is MISSING else value for item in items]

    is_known = all(isinstance(item, Constant) for item in items)
    return Constant(build({})) if is_known else build


def _path_expression(text: str, scope: Scope) -> Expression:
    if text == "$":
        raise MongoError(16872, "'$' by itself is not a valid FieldPath")
    if text[1] != "$":
        return path_of("CURRENT", split_path(text[1:]))
    parts = split_variable(text[2:])
    check_readable_name(parts[0])
    scope.check_variable(parts[0])
    return path_of(parts[0], parts[1:])


def split_variable(text: str) -> tuple[str, ...]:
    """`name.rest` of a variable: its fields are checked, its name is for the scope to check."""
    name, dot, rest = text.partition(".")
    return (name, *split_path(rest)) if dot else (name,)


def check_readable_name(name: str) -> None:
    """Raises MongoError 16869-16871 for what can be no variable's name."""
    if not name:
        raise MongoError(16869, "empty variable names are not allowed")
    if not (name[0].isalpha() or ord(name[0]) > 127):
        raise MongoError(16870, f"'{name}' starts with an invalid character for a variable name")
    for letter in name[1:]:
        if not (letter.isalnum() or letter == "_" or ord(letter) > 127):
            raise MongoError(
                16871, f"'{name}' contains an invalid character for a variable name: '{letter}'"
            )


def split_path(path: str) -> tuple[str, ...]:
    """The names of a dotted path.

    Raises:
        MongoError: as MongoDB refuses a FieldPath.
    """
    if not path:
        raise MongoError(40352, "FieldPath cannot be constructed with empty string")
    if path.endswith("."):
        raise MongoError(40353, "FieldPath must not end with a '.'.")
    parts = tuple(path.split("."))
    if len(parts) > MAX_PATH_PARTS:
        raise MongoError(Code.Overflow, "FieldPath is too long")
    for part in parts:
        check_field_name(part)
    return parts


def check_field_name(name: str) -> None:
    """Raises MongoError for a name that an expression may not give to a field."""
    if not name:
        raise MongoError(15998, "FieldPath field names may not be empty strings.")
    if name[0] == "$":
        raise MongoError(
            16410,
            "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
        )
    if "\0" in name:
        raise MongoError(16411, "FieldPath field names may not contain '\\0'.")
    if "." in name:
        raise MongoError(
            16412,
            "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
        )


def path_of(variable: str, parts: tuple[str, ...]) -> Expression:
    """A field of a variable, through arrays: `[{a: 1}, {a: 2}]` gives `[1, 2]` for `a`."""
    if variable == "REMOVE":
        return Constant(MISSING)
    if not parts:
        return lambda env: env[variable]
    if len(parts) == 1:
        name = parts[0]

        def read(env: Env) -> Any:
            value = env[variable]
            if type(value) is dict:
                return value.get(name, MISSING)
            return walk(value, parts)

        return read
    return lambda env: walk(env[variable], parts)


def walk(value: Any, parts: tuple[str, ...], at: int = 0) -> Any:
    """The value at a path of a document or of each document of an array, else MISSING."""
    for index in range(at, len(parts)):
        if isinstance(value, dict):
            value = value.get(parts[index], MISSING)
        elif isinstance(value, list):
            found = (walk(item, parts, index) for item in value if isinstance(item, dict))
            return [item for item in found if item is not MISSING]
        else:
            return MISSING
    return value
