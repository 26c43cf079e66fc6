"""Projections of find: which fields of a document a reply has, and which it computes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context, Document
from stend.engines.mongo.query.matching import Matcher, elem_match
from stend.engines.mongo.query.operators import shown, truncated, truthy
from stend.engines.mongo.query.paths import field_path
from stend.engines.mongo.query.projection_tree import (
    Project,
    Tree,
    at_match,
    excluding,
    including,
    slice_at,
)
from stend.engines.mongo.query.values import (
    INT32_MAX,
    INT32_MIN,
    MISSING,
    is_number,
    is_string,
    type_alias,
)

# What is done to a document that was projected, with the document as it was.
_Afterwards = Callable[[Document, dict[str, Any]], dict[str, Any]]


def compile_projection(spec: Document, *, context: Context, match: Matcher | None) -> Project:
    """A projection ready to run.

    Args:
        spec: as find and findAndModify take it.
        context: of the command.
        match: the filter of the same command, which `.$` needs.

    Raises:
        MongoError: it mixes inclusion and exclusion, or its paths collide, or an operator in it has
            wrong operands.
    """
    return _Parser(context, match).run(spec)


@dataclass(slots=True)
class _Parser:
    """A projection on the way to be compiled."""

    context: Context
    match: Matcher | None
    root: Tree = field(default_factory=Tree)
    inclusive: bool | None = None
    whole_id: bool | None = None
    id_named: bool = False
    has_slice: bool = False
    has_elem_match: bool = False
    has_positional: bool = False
    afterwards: list[_Afterwards] = field(default_factory=list)

    def run(self, spec: Document) -> Project:
        for name, value in spec.items():
            self.id_named = self.id_named or name == "_id" or name.startswith("_id.")
            self._element((), name, value)
        inclusive = self._is_inclusive()
        if inclusive and not self.id_named:
            self.root.children["_id"] = True
        if not inclusive and self.whole_id:
            del self.root.children["_id"]
        base = including(self.root) if inclusive else excluding(self.root)
        if not self.afterwards:
            return base
        later = tuple(self.afterwards)

        def project(document: Document) -> dict[str, Any]:
            found = base(document)
            for change in later:
                found = change(document, found)
            return found

        return project

    def _is_inclusive(self) -> bool:
        if self.inclusive is not None:
            return self.inclusive
        if self.has_elem_match and not self.has_slice:
            return True
        return bool(self.whole_id)

    def _element(self, above: tuple[str, ...], name: str, value: Any) -> None:
        positional = _is_positional(name)
        if isinstance(value, Mapping):
            if positional:
                raise MongoError(
                    31271, "positional projection cannot be used with an expression or sub object"
                )
            self._object(above, name, value)
        elif isinstance(value, bool) or is_number(value):
            if not truthy(value):
                self._exclude(above, name)
            elif positional:
                self._positional(above, name)
            else:
                self._include(above, name)
        elif positional:
            raise MongoError(31308, "positional projection cannot be used with a literal")
        else:
            self._compute((*above, *field_path(name)), value)

    def _include(self, above: tuple[str, ...], name: str) -> None:
        path = (*above, *field_path(name))
        self.root.add(path, True)
        if path == ("_id",):
            self.whole_id = True
        else:
            self._decide(
                True, f"Cannot do inclusion on field {name} in exclusion projection", 31253
            )

    def _exclude(self, above: tuple[str, ...], name: str) -> None:
        path = (*above, *field_path(name))
        self.root.add(path, False)
        if path == ("_id",):
            self.whole_id = False
        else:
            self._decide(
                False, f"Cannot do exclusion on field {name} in inclusion projection", 31254
            )

    def _decide(self, inclusive: bool, message: str, code: int) -> None:
        if self.inclusive is (not inclusive):
            raise MongoError(code, message)
        self.inclusive = inclusive

    def _object(self, above: tuple[str, ...], name: str, value: Document) -> None:
        path = (*above, *field_path(name))
        if not value:
            raise MongoError(
                51270,
                "An empty sub-projection is not a valid value. Found empty object at path "
                + ".".join(path),
            )
        operator = next(iter(value))
        if len(value) == 1 and operator.startswith("$"):
            self._operator(path, operator, value)
            return
        for inner, item in value.items():
            self._element(path, inner, item)

    def _operator(self, path: tuple[str, ...], operator: str, value: Document) -> None:
        if operator == "$meta":
            raise _of_metadata(value["$meta"])
        if operator == "$elemMatch":
            self._elem_match(path, value["$elemMatch"])
        elif operator == "$slice" and (bounds := _slice_bounds(value["$slice"])):
            self._slice(path, *bounds)
        else:
            self._compute(path, value)

    def _elem_match(self, path: tuple[str, ...], operand: Any) -> None:
        if not isinstance(operand, Mapping):
            raise MongoError(
                31274,
                f"elemMatch: Invalid argument, object required, but got {type_alias(operand)}",
            )
        if self.has_positional:
            raise MongoError(31255, "Cannot specify positional operator and $elemMatch.")
        if len(path) > 1:
            raise MongoError(31275, "Cannot use $elemMatch projection on a nested field.")
        self.has_elem_match = True
        test = elem_match(operand, self.context.without_expressions())
        name = path[0]

        def first(document: Document) -> Any:
            array = document.get(name)
            if not isinstance(array, list):
                return MISSING
            return next(([item] for item in array if test(item)), MISSING)

        self.root.add(path, first)

    def _slice(self, path: tuple[str, ...], skip: int | None, limit: int) -> None:
        self.has_slice = True
        # In an inclusion the sliced field is included; in an exclusion there is nothing to do.
        self.root.add(path, None)
        self.afterwards.append(lambda _, found: slice_at(found, path, skip, limit))

    def _compute(self, path: tuple[str, ...], value: Any) -> None:
        if self.inclusive is False:
            message = (
                "Cannot use expression other than $meta in exclusion projection"
                if isinstance(value, Mapping)
                else f"Cannot use an expression {'.'.join(path)}: {shown(value)} in an exclusion "
                "projection"
            )
            raise MongoError(31252 if isinstance(value, Mapping) else 31310, message)
        self.inclusive = True
        compile_expression = self.context.compile_expression
        if compile_expression is None:
            raise MongoError(
                Code.QueryFeatureNotAllowed, "expressions are not allowed in this projection"
            )
        try:
            self.root.add(path, compile_expression(value, self.context))
        except MongoError as error:
            if error.code == Code.InvalidPipelineOperator and isinstance(value, Mapping):
                raise MongoError(31325, f"Unknown expression {next(iter(value))}") from None
            raise

    def _positional(self, above: tuple[str, ...], name: str) -> None:
        if self.has_positional:
            raise MongoError(31276, "Cannot specify more than one positional projection per query.")
        if self.has_elem_match:
            raise MongoError(31256, "Cannot specify positional operator and $elemMatch.")
        if self.match is None:
            raise MongoError(51050, "Projections with a positional operator require a matcher")
        if ".$." in name or not name.endswith(".$"):
            raise MongoError(
                31394,
                "As of 4.4, it's illegal to specify positional operator in the middle of a path."
                "Positional projection may only be used at the end, for example: a.b.$. If the "
                "query previously used a form like a.b.$.d, remove the parts following the '$' and "
                "the results will be equivalent.",
            )
        path = (*above, *field_path(name.removesuffix(".$")))
        if path[0] not in self.match.fields:
            raise MongoError(
                31277, f"Positional projection '{name}' does not match the query document."
            )
        self.has_positional = True
        self.root.add(path, True)
        self._decide(True, f"Cannot do inclusion on field {name} in exclusion projection", 31253)
        match = self.match
        self.afterwards.append(lambda document, found: at_match(match, document, found, path))


def _is_positional(name: str) -> bool:
    return name == "$" or name.endswith(".$") or ".$." in name


def _slice_bounds(operand: Any) -> tuple[int | None, int] | None:
    """How many to skip and to give; None where it is no `$slice` of find but of an expression."""
    if is_number(operand):
        return None, _int32(operand)
    if not isinstance(operand, list) or len(operand) != 2:
        return None
    if not all(is_number(item) for item in operand):
        return None
    skip, limit = (_int32(item) for item in operand)
    if limit <= 0:
        raise MongoError(
            28724,
            "Invalid $slice syntax. The given syntax { $slice: "
            f"{shown(operand)} }} did not match the find() syntax because :: Location31259: $slice "
            f"limit must be positive, got {limit} :: The given syntax did not match the expression "
            "$slice syntax. :: caused by :: First argument to $slice must be an array, but is of "
            f"type: {type_alias(operand[0])}",
        )
    return skip, limit


def _int32(value: Any) -> int:
    number = truncated(value)
    if number is None:
        return INT32_MIN if not truthy(value) or value != value else INT32_MAX
    return max(INT32_MIN, min(INT32_MAX, number))


_METADATA: Final[Mapping[str, str]] = {
    "textScore": "query requires text score metadata, but it is not available",
    "searchScore": "query requires search score metadata, but it is not available",
    "searchHighlights": "query requires search highlights metadata, but it is not available",
    "geoNearDistance": "query requires $geoNear distance metadata, but it is not available",
    "geoNearPoint": "query requires $geoNear point metadata, but it is not available",
}


def _of_metadata(name: Any) -> MongoError:
    if not is_string(name):
        return MongoError(17307, "$meta only supports string arguments")
    if name in _METADATA:
        return MongoError(40218, _METADATA[name])
    if name in ("indexKey", "recordId", "sortKey", "randVal"):
        return MongoError(
            Code.NotImplemented, f'$meta: "{name}" is not supported in a projection by this server'
        )
    return MongoError(17308, f"Unsupported argument to $meta: {name}")
