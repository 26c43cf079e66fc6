"""$out and $merge: what they ask for. Commands do the writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.scope import Expression
from stend.engines.mongo.aggregate.stages.building import Building, unknown_field
from stend.engines.mongo.errors import Code, MongoError


@dataclass(frozen=True, slots=True)
class OutStage:
    """$out: the results replace a collection."""

    database: str
    collection: str


@dataclass(frozen=True, slots=True)
class MergeStage:
    """$merge: the results go into a collection, one by one.

    Attributes:
        on: the fields that tell which document of the collection is meant; they must have a
            unique index there.
        when_matched: replace, keepExisting, merge, fail; "pipeline" with the pipeline below.
        when_not_matched: insert, discard, fail.
        variables: of `let`, computed for each result; `new` is the result itself.
        pipeline: what is done with the document there.
    """

    database: str
    collection: str
    on: tuple[str, ...] = ("_id",)
    when_matched: str = "merge"
    when_not_matched: str = "insert"
    variables: Mapping[str, Expression] = field(default_factory=dict)
    pipeline: Sequence[Mapping[str, Any]] | None = None


_MATCHED: Final = ("replace", "keepExisting", "merge", "fail")
_NOT_MATCHED: Final = ("insert", "discard", "fail")


def out_stage(spec: Any, building: Building) -> OutStage:
    """The target of an $out.

    Raises:
        MongoError: 16990 or 40415 for a malformed one; a time series is refused.
    """
    if type(spec) is str:
        return OutStage(building.database, _named(spec))
    if not isinstance(spec, Mapping):
        raise MongoError(16990, "$out only supports a string or object argument")
    if "timeseries" in spec:
        raise MongoError(
            Code.InvalidOptions, "$out to a time-series collection is not available in this server"
        )
    unknown_field("$out", spec, ("db", "coll"))
    database, collection = spec.get("db"), spec.get("coll")
    if type(database) is not str or type(collection) is not str:
        raise MongoError(
            16994, "If an object is passed to $out it must have exactly 2 fields: 'db' and 'coll'"
        )
    return OutStage(database, _named(collection))


def _named(collection: str) -> str:
    if not collection or "\0" in collection or "$" in collection:
        raise MongoError(Code.InvalidNamespace, f"Invalid collection name: '{collection}'")
    if collection.startswith("system."):
        raise MongoError(17385, "Can't $out to special collection: " + collection)
    return collection


def merge_stage(spec: Any, building: Building) -> MergeStage:
    """What a $merge asks for.

    Raises:
        MongoError: 51182, 51186 or others for a malformed one.
    """
    if type(spec) is str:
        return MergeStage(building.database, _named(spec))
    if not isinstance(spec, Mapping):
        raise MongoError(51182, "$merge only supports a string or object argument")
    unknown_field("$merge", spec, ("into", "on", "let", "whenMatched", "whenNotMatched"))
    if "into" not in spec:
        raise MongoError(40414, "BSON field '$merge.into' is missing but a required field")
    database, collection = _into(spec["into"], building)
    matched, pipeline = _when_matched(spec.get("whenMatched", "merge"))
    not_matched = spec.get("whenNotMatched", "insert")
    if not_matched not in _NOT_MATCHED:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{not_matched}' for field '$merge.whenNotMatched' is not valid.",
        )
    return MergeStage(
        database,
        _named(collection),
        _on(spec.get("on", "_id")),
        matched,
        not_matched,
        _variables(spec, pipeline, building),
        pipeline,
    )


def _into(into: Any, building: Building) -> tuple[str, str]:
    if type(into) is str:
        return building.database, into
    if not isinstance(into, Mapping):
        raise MongoError(51178, "$merge 'into' field must be a string or an object")
    unknown_field("$merge.into", into, ("db", "coll"))
    database, collection = into.get("db", building.database), into.get("coll")
    if type(database) is not str or type(collection) is not str:
        raise MongoError(51178, "$merge 'into' field must specify a 'coll' that is not empty")
    return database, collection


def _on(written: Any) -> tuple[str, ...]:
    fields = [written] if type(written) is str else written
    if not isinstance(fields, list) or not all(type(name) is str for name in fields):
        raise MongoError(51186, "$merge 'on' field must be a string or an array of strings")
    if not fields:
        raise MongoError(
            51187, "If explicitly specifying $merge 'on', must include at least one field"
        )
    if len(set(fields)) != len(fields):
        raise MongoError(31465, "Found a duplicate field in $merge.on")
    return tuple(fields)


def _when_matched(written: Any) -> tuple[str, Sequence[Mapping[str, Any]] | None]:
    if isinstance(written, list):
        return "pipeline", written
    if type(written) is not str:
        raise MongoError(51191, "$merge 'whenMatched' field must be a string or an array")
    if written not in _MATCHED:
        raise MongoError(
            Code.BadValue,
            f"Enumeration value '{written}' for field '$merge.whenMatched' is not valid.",
        )
    return written, None


def _variables(
    spec: Mapping[str, Any], pipeline: object, building: Building
) -> Mapping[str, Expression]:
    if "let" in spec and pipeline is None:
        raise MongoError(
            51199, "Cannot use 'let' variables with 'whenMatched: not a pipeline' mode"
        )
    let = spec.get("let", {})
    if not isinstance(let, Mapping):
        raise MongoError(Code.TypeMismatch, "BSON field '$merge.let' is the wrong type")
    if "new" in let and let["new"] != "$$ROOT":
        raise MongoError(
            51273,
            "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'",
        )
    return {name: building.expression(value) for name, value in {"new": "$$ROOT", **let}.items()}
