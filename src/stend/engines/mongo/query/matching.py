"""Filters: whether a document matches, and which element of an array made it so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bson import Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query import operators
from stend.engines.mongo.query.context import Context, Document
from stend.engines.mongo.query.operators import Test
from stend.engines.mongo.query.paths import elements, split
from stend.engines.mongo.query.schema import compile_schema
from stend.engines.mongo.query.values import MISSING, exact, is_number


@dataclass(slots=True)
class Match:
    """How a document matched.

    Attributes:
        array_index: the position that `$` stands for in an update or a projection; None where the
            filter looked into no array.
    """

    array_index: int | None = None


# Whether a document matches; where an array made it so is written into the Match.
# A predicate of no path is given a value that may be anything.
Predicate = Callable[[Any, Match | None], bool]


class Matcher:
    """A compiled filter.

    Attributes:
        fields: the first names of all paths that it tests, which `$` of a projection needs.
    """

    __slots__ = ("_predicate", "fields")

    def __init__(self, predicate: Predicate, fields: frozenset[str]) -> None:
        self._predicate = predicate
        self.fields = fields

    def matches(self, document: Document) -> bool:
        """Whether the document matches."""
        return self._predicate(document, None)

    def match(self, document: Document) -> Match | None:
        """How the document matches; None where it does not."""
        found = Match()
        return found if self._predicate(document, found) else None


def compile_filter(spec: Document, *, context: Context) -> Matcher:
    """A filter ready to run.

    Raises:
        MongoError: an operator is unknown or has a wrong operand.
    """
    compiler = _Compiler(context)
    predicate = compiler.document(spec, _TOP)
    return Matcher(predicate, frozenset(compiler.fields))


_TOP: Final = 0
_INSIDE: Final = 1

# A filter may be this deep; MongoDB's own limit.
_DEEPEST: Final = 100


def is_operators(value: Any) -> bool:
    """Whether a value under a field holds operators: `{$gt: 5}`, and not `{$ref: …, $id: …}`."""
    if not isinstance(value, Mapping) or not value:
        return False
    return next(iter(value)).startswith("$") and not ("$ref" in value and "$id" in value)


def leaf(path: str | None, test: Test) -> Predicate:
    """Whether one of the values under a path passes a test; of no path, whether the value does."""
    if path is None:
        return lambda value, _: test(value)
    parts = split(path)
    first, simple = parts[0], len(parts) == 1

    def predicate(document: Document, found: Match | None) -> bool:
        if simple:
            value = document.get(first, MISSING)
            if not isinstance(value, list):
                return test(value)
        for value, index in elements(document, parts):
            if test(value):
                if found is not None and index is not None:
                    found.array_index = index
                return True
        return False

    return predicate


def _in_arrays(path: str | None, test: Callable[[list[Any], Match | None], bool]) -> Predicate:
    """Whether one of the arrays under a path passes a test; of no path, whether the value does."""
    if path is None:
        return lambda value, _: isinstance(value, list) and test(value, None)
    parts = split(path)

    def predicate(document: Document, found: Match | None) -> bool:
        for value, index in elements(document, parts, leaf=False):
            if isinstance(value, list) and test(value, found):
                if found is not None and index is not None:
                    found.array_index = index
                return True
        return False

    return predicate


def _all(predicates: Sequence[Predicate]) -> Predicate:
    if not predicates:
        return _constant(True)
    if len(predicates) == 1:
        return predicates[0]

    def predicate(document: Document, found: Match | None) -> bool:
        for one in predicates:
            if not one(document, found):
                if found is not None:
                    found.array_index = None
                return False
        return True

    return predicate


def _any(predicates: Sequence[Predicate]) -> Predicate:
    return lambda document, found: any(one(document, found) for one in predicates)


def _not(predicate: Predicate) -> Predicate:
    return lambda document, _: not predicate(document, None)


def _none(predicates: Sequence[Predicate]) -> Predicate:
    return lambda document, _: not any(one(document, None) for one in predicates)


def _constant(answer: bool) -> Predicate:
    return lambda _document, _found: answer


@dataclass(slots=True)
class _Compiler:
    """The compilation of one filter.

    Attributes:
        depth: how many filters are around the one that is compiled.
        fields: the first names of the paths of the whole document seen so far.
    """

    context: Context
    depth: int = 0
    fields: set[str] = field(default_factory=set)

    def document(self, spec: Document, level: int) -> Predicate:
        """A filter of a whole document, or of one inside an array."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise MongoError(Code.BadValue, "exceeded maximum query tree depth")
        predicates: list[Predicate] = []
        for name, operand in spec.items():
            if name.startswith("$"):
                predicates += self._pathless(name, operand, level)
                continue
            if level == _TOP:
                self.fields.add(split(name)[0])
            if is_operators(operand):
                predicates += self.operators(name, operand, level)
            else:
                predicates.append(_value(name, operand))
        self.depth -= 1
        return _all(predicates)

    def _pathless(self, name: str, operand: Any, level: int) -> list[Predicate]:
        if name in ("$ref", "$id", "$db"):
            return [leaf(name, operators.equals(operand))]
        compile_one = _PATHLESS.get(name)
        if compile_one is None:
            raise MongoError(Code.BadValue, f"unknown top level operator: {name}")
        return compile_one(self, operand, level)

    def operators(self, path: str | None, spec: Document, level: int) -> list[Predicate]:
        """All operators under one path, or of a value by itself; each must hold."""
        if next(iter(spec)) in ("$near", "$nearSphere", "$geoNear"):
            raise MongoError(
                Code.NoQueryExecutionPlans,
                "error processing query: unable to find index for $geoNear query",
            )
        predicates = []
        for name, operand in spec.items():
            if name == "$options":
                if "$regex" not in spec:
                    raise MongoError(Code.BadValue, "$options needs a $regex")
                continue
            compile_one = _OPERATORS.get(name)
            if compile_one is None:
                raise _unknown_operator(name)
            # The pattern and its options are two operators of one test.
            whole = spec if name == "$regex" else operand
            predicates.append(compile_one(self, path, whole, level))
        return predicates


def _unknown_operator(name: str) -> MongoError:
    if name == "$where":
        return MongoError(Code.BadValue, "$where cannot be applied to a field")
    if name in ("$near", "$nearSphere", "$geoNear"):
        return MongoError(Code.BadValue, f"{name} must be first in its predicate")
    if name in ("$geoWithin", "$geoIntersects", "$within"):
        return MongoError(
            Code.NotImplemented, f"{name} is not supported: this server has no geometry"
        )
    return MongoError(Code.BadValue, f"unknown operator: {name}")


def _value(path: str | None, operand: Any) -> Predicate:
    if isinstance(operand, Regex):
        return leaf(path, operators.regex_test(operand))
    return leaf(path, operators.equals(operand))


# Operators of a whole document.


def _branches(compiler: _Compiler, name: str, operand: Any, level: int) -> list[Predicate]:
    if not isinstance(operand, list):
        raise MongoError(Code.BadValue, f"{name} must be an array")
    if not operand:
        raise MongoError(Code.BadValue, "$and/$or/$nor must be a nonempty array")
    if not all(isinstance(item, Mapping) for item in operand):
        raise MongoError(Code.BadValue, "$or/$and/$nor entries need to be full objects")
    return [compiler.document(item, level) for item in operand]


def _expression(compiler: _Compiler, operand: Any, level: int) -> list[Predicate]:
    if level == _INSIDE:
        raise MongoError(Code.BadValue, "$expr can only be applied to the top-level document")
    context = compiler.context
    if context.compile_expression is None:
        raise MongoError(Code.QueryFeatureNotAllowed, "$expr is not allowed in this context")
    evaluate = context.compile_expression(operand, context)
    return [lambda document, _: operators.truthy(evaluate(document))]


def _sample_rate(compiler: _Compiler, operand: Any, _level: int) -> list[Predicate]:
    if not is_number(operand):
        raise MongoError(Code.BadValue, "argument to $sampleRate must be a numeric type")
    rate = float(exact(operand))
    if not 0 <= rate <= 1:
        raise MongoError(Code.BadValue, "numeric argument to $sampleRate must be in [0, 1]")
    draw = compiler.context.random
    return [lambda _document, _found: draw() < rate]


def _always(name: str, answer: bool) -> Callable[[_Compiler, Any, int], list[Predicate]]:
    def compile_one(_compiler: _Compiler, operand: Any, _level: int) -> list[Predicate]:
        if operators.integer(operand, f"{name}: {operators.shown(operand)}") != 1:
            raise MongoError(Code.FailedToParse, f"{name} must be an integer value of 1")
        return [_constant(answer)]

    return compile_one


def _json_schema(_compiler: _Compiler, operand: Any, _level: int) -> list[Predicate]:
    if not isinstance(operand, Mapping):
        raise MongoError(Code.TypeMismatch, "$jsonSchema must be an object")
    validator = compile_schema(operand)
    return [lambda document, _: validator.accepts(document)]


def _text(_compiler: _Compiler, _operand: Any, level: int) -> list[Predicate]:
    if level == _INSIDE:
        raise MongoError(Code.BadValue, "$text can only be applied to the top-level document")
    raise MongoError(Code.IndexNotFound, "text index required for $text query")


def _where(_compiler: _Compiler, _operand: Any, _level: int) -> list[Predicate]:
    raise MongoError(Code.BadValue, "no globalScriptEngine in $where parsing")


_PATHLESS: Final[Mapping[str, Callable[[_Compiler, Any, int], list[Predicate]]]] = {
    "$and": lambda compiler, operand, level: [_all(_branches(compiler, "$and", operand, level))],
    "$or": lambda compiler, operand, level: [_any(_branches(compiler, "$or", operand, level))],
    "$nor": lambda compiler, operand, level: [_none(_branches(compiler, "$nor", operand, level))],
    "$expr": _expression,
    "$jsonSchema": _json_schema,
    "$comment": lambda _compiler, _operand, _level: [],
    "$sampleRate": _sample_rate,
    "$alwaysTrue": _always("$alwaysTrue", True),
    "$alwaysFalse": _always("$alwaysFalse", False),
    "$text": _text,
    "$where": _where,
}


# Operators under a path.


def _equality(_compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
    return leaf(path, operators.equals(operand))


def _inequality(_compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
    if isinstance(operand, Regex):
        raise MongoError(Code.BadValue, "Can't have regex as arg to $ne.")
    return _not(leaf(path, operators.equals(operand)))


def _ordered(name: str) -> Callable[[_Compiler, str | None, Any, int], Predicate]:
    def compile_one(_compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
        if isinstance(operand, Regex):
            raise MongoError(
                Code.BadValue, f"Can't have RegEx as arg to predicate over field '{path}'."
            )
        return leaf(path, operators.ordered(name, operand))

    return compile_one


def _membership(name: str, operand: Any) -> Test:
    if not isinstance(operand, list):
        raise MongoError(Code.BadValue, f"{name} needs an array")
    if any(is_operators(item) for item in operand):
        raise MongoError(Code.BadValue, "cannot nest $ under $in")
    return operators.one_of(operand)


def _negation(compiler: _Compiler, path: str | None, operand: Any, level: int) -> Predicate:
    if isinstance(operand, Regex):
        return _not(leaf(path, operators.regex_test(operand)))
    if not isinstance(operand, Mapping):
        raise MongoError(Code.BadValue, "$not needs a regex or a document")
    if not operand:
        raise MongoError(Code.BadValue, "$not cannot be empty")
    return _not(_all(compiler.operators(path, operand, level)))


def _existence(_compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
    predicate = leaf(path, operators.exists)
    return predicate if operators.truthy(operand) else _not(predicate)


def _type(_compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
    return leaf(path, operators.of_type(operators.types_of(operand, path or "$type")))


def _size(_compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
    size = operators.size_operand(operand)
    return _in_arrays(path, lambda array, _: len(array) == size)


def elem_match_of_values(operand: Document) -> bool:
    """Whether `$elemMatch` looks at elements as values, not as documents with fields."""
    first = next(iter(operand), "")
    if first in _PATHLESS or any(name in operand for name in ("$ref", "$id", "$db")):
        return False
    return first.startswith("$")


def _elem_match(compiler: _Compiler, path: str | None, operand: Any, _level: int) -> Predicate:
    test = compile_elem_match(compiler, operand)

    def first(array: list[Any], found: Match | None) -> bool:
        for index, item in enumerate(array):
            if test(item):
                if found is not None:
                    found.array_index = index
                return True
        return False

    return _in_arrays(path, first)


def compile_elem_match(compiler: _Compiler, operand: Any) -> Test:
    """Whether an element of an array passes `$elemMatch`."""
    if not isinstance(operand, Mapping):
        raise MongoError(Code.BadValue, "$elemMatch needs an Object")
    if elem_match_of_values(operand):
        tests = _all(compiler.operators(None, operand, _INSIDE))
        return lambda item: tests(item, None)
    predicate = compiler.document(operand, _INSIDE)

    def matches(item: Any) -> bool:
        if isinstance(item, list):
            return predicate(_as_document(item), None)
        return isinstance(item, Mapping) and predicate(item, None)

    return matches


def _as_document(array: list[Any]) -> dict[str, Any]:
    return {str(index): item for index, item in enumerate(array)}


def elem_match(operand: Any, context: Context) -> Test:
    """The test of `$elemMatch` for one element, as a projection needs it."""
    return compile_elem_match(_Compiler(context), operand)


def is_path_operator(name: str) -> bool:
    """Whether it is an operator that stands under a field, and can stand first in `$pull`."""
    return name in _OPERATORS and name != "$not"


def _everything(compiler: _Compiler, path: str | None, operand: Any, level: int) -> Predicate:
    if not isinstance(operand, list):
        raise MongoError(Code.BadValue, "$all needs an array")
    if not operand:
        return _constant(False)
    if isinstance(operand[0], Mapping) and next(iter(operand[0]), "") == "$elemMatch":
        return _all([_one_elem_match(compiler, path, item, level) for item in operand])
    if any(is_operators(item) for item in operand):
        raise MongoError(Code.BadValue, "no $ expressions in $all")
    return _all([_value(path, item) for item in operand])


def _one_elem_match(compiler: _Compiler, path: str | None, item: Any, level: int) -> Predicate:
    if not isinstance(item, Mapping) or next(iter(item), "") != "$elemMatch":
        raise MongoError(Code.BadValue, "$all/$elemMatch has to be consistent")
    return _elem_match(compiler, path, item["$elemMatch"], level)


def _bits(name: str) -> Callable[[_Compiler, str | None, Any, int], Predicate]:
    return lambda _compiler, path, operand, _level: leaf(path, operators.bits(name, operand))


_OPERATORS: Final[Mapping[str, Callable[[_Compiler, str | None, Any, int], Predicate]]] = {
    "$eq": _equality,
    "$ne": _inequality,
    "$lt": _ordered("$lt"),
    "$lte": _ordered("$lte"),
    "$gt": _ordered("$gt"),
    "$gte": _ordered("$gte"),
    "$in": lambda _compiler, path, operand, _level: leaf(path, _membership("$in", operand)),
    "$nin": lambda _compiler, path, operand, _level: _not(leaf(path, _membership("$nin", operand))),
    "$not": _negation,
    "$exists": _existence,
    "$type": _type,
    "$mod": lambda _compiler, path, operand, _level: leaf(path, operators.modulo(operand)),
    "$regex": lambda _compiler, path, operand, _level: leaf(
        path, operators.regex_test(operators.regex_operand(operand))
    ),
    "$size": _size,
    "$elemMatch": _elem_match,
    "$all": _everything,
    "$bitsAllSet": _bits("$bitsAllSet"),
    "$bitsAllClear": _bits("$bitsAllClear"),
    "$bitsAnySet": _bits("$bitsAnySet"),
    "$bitsAnyClear": _bits("$bitsAnyClear"),
}
