"""$lookup, $unionWith, $graphLookup, $facet: stages that read other collections or pipelines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bson import Int64, Regex

from stend.engines.mongo.aggregate.expressions.compiling import split_path
from stend.engines.mongo.aggregate.expressions.scope import check_variable_name
from stend.engines.mongo.aggregate.memory import STAGE_LIMIT_BYTES, Holding, weight
from stend.engines.mongo.aggregate.numbers import is_integral_long, is_number, to_long
from stend.engines.mongo.aggregate.ordering import value_key
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Stage,
    expecting_object,
)
from stend.engines.mongo.aggregate.stages.narrowing import Narrowing
from stend.engines.mongo.aggregate.stages.unwinding import with_value
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.paths import elements
from stend.engines.mongo.query.values import MISSING, OrderKey, order_key, type_alias

_LOOKUP: Final = ("from", "as", "localField", "foreignField", "let", "pipeline")


@dataclass(frozen=True, slots=True)
class Namespace:
    """The collection that a stage reads; none for an inner pipeline that begins with documents."""

    database: str
    collection: str | None

    def scan(self, building: Building, criteria: Mapping[str, Any], context: Context) -> Documents:
        if self.collection is None:
            return iter(())
        return building.source.scan(self.database, self.collection, criteria, context)


def _from(name: str, spec: Mapping[str, Any], building: Building) -> Namespace:
    written = spec.get("from")
    if written is None:
        if not _starts_with_documents(spec.get("pipeline")):
            raise MongoError(Code.FailedToParse, f"must specify 'from' field for a {name}")
        return Namespace(building.database, None)
    if type(written) is not str:
        raise MongoError(
            Code.FailedToParse,
            f"{name} argument 'from' must be a string, found {type_alias(written)}",
        )
    if not written or "\0" in written or "$" in written:
        raise MongoError(Code.InvalidNamespace, f"Invalid collection name: '{written}'")
    return Namespace(building.database, written)


def _starts_with_documents(pipeline: Any) -> bool:
    first = pipeline[0] if isinstance(pipeline, list) and pipeline else {}
    return isinstance(first, Mapping) and "$documents" in first


def lookup(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 4569)
    for key, value in given.items():
        if key not in _LOOKUP:
            raise MongoError(Code.FailedToParse, f"unknown argument to $lookup: {key}")
        if key in ("as", "localField", "foreignField") and type(value) is not str:
            raise MongoError(
                Code.FailedToParse,
                f"$lookup argument '{key}' must be a string, found {type_alias(value)}",
            )
    if "as" not in given:
        raise MongoError(Code.FailedToParse, "must specify 'as' field for a $lookup")
    _check_forms(given)
    namespace = _from(name, given, building)
    find = _finder(given, namespace, building)
    target = split_path(given["as"])

    def run(documents: Documents) -> Documents:
        for document in building.ticking(documents):
            found, size = [], 0
            for item in building.ticking(find(document)):
                size += weight(item)
                if size > STAGE_LIMIT_BYTES:
                    raise MongoError(
                        4568,
                        f"Total size of documents in {namespace.collection} matching pipeline's "
                        "$lookup stage exceeds 104857600 bytes",
                    )
                found.append(item)
            yield with_value(document, target, found)

    return run


def _check_forms(given: Mapping[str, Any]) -> None:
    if ("localField" in given) != ("foreignField" in given):
        raise MongoError(
            Code.FailedToParse,
            "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
        )
    if "pipeline" not in given:
        if "localField" not in given:
            raise MongoError(
                Code.FailedToParse,
                "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be "
                "specified",
            )
        if "let" in given:
            raise MongoError(
                Code.FailedToParse, "$lookup with a 'let' argument must also specify 'pipeline'"
            )


Finder = Callable[[Document], Documents]


def _finder(given: Mapping[str, Any], namespace: Namespace, building: Building) -> Finder:
    """What finds the documents to join to one."""
    criteria_of = _criteria(given)
    if "pipeline" not in given:
        return lambda document: namespace.scan(building, criteria_of(document), building.context)
    let = given.get("let", {})
    if not isinstance(let, Mapping):
        raise MongoError(
            Code.FailedToParse, f"$lookup argument 'let' must be an object, found {type_alias(let)}"
        )
    for variable in let:
        check_variable_name(variable)
    computed = {name: building.expression(value) for name, value in let.items()}
    environment, variables = building.environment(), dict.fromkeys(let)
    # Compiled once: the variables change under it from document to document.
    live: dict[str, Any] = {**building.context.variables, **variables}
    inner = building.with_variables(live, "$lookup")
    stage = building.compile_pipeline(given["pipeline"], inner)
    narrowing = Narrowing(given["pipeline"])

    def find(document: Document) -> Documents:
        env = environment(document)
        live.update(building.context.variables)
        live.update({name: value(env) for name, value in computed.items()})
        parts = [criteria_of(document), *narrowing.criteria(live)]
        return stage(namespace.scan(building, {"$and": parts}, inner.context))

    return find


def _criteria(given: Mapping[str, Any]) -> Callable[[Document], Mapping[str, Any]]:
    if "localField" not in given:
        return lambda document: {}
    for key in ("localField", "foreignField"):
        split_path(given[key])
    local, foreign = tuple(given["localField"].split(".")), given["foreignField"]
    return lambda document: _equality(foreign, values_of(document, local) or [None])


def values_of(document: Document, parts: tuple[str, ...]) -> list[Any]:
    """The values at a path to join by: of an array its elements."""
    values: list[Any] = []
    for value, _ in elements(document, parts, leaf=False):
        if isinstance(value, list):
            values.extend(value)
        elif value is not MISSING:
            values.append(value)
    return values


def _equality(path: str, values: list[Any]) -> Mapping[str, Any]:
    if len(values) == 1:
        return {path: {"$eq": values[0]}}
    if any(isinstance(value, Regex) for value in values):
        # In $in a regular expression would be a pattern and not a value.
        return {"$or": [{path: {"$eq": value}} for value in values]}
    return {path: {"$in": values}}


def union_with(name: str, spec: Any, building: Building) -> Stage:
    given: Mapping[str, Any] = {"coll": spec} if type(spec) is str else spec
    if not isinstance(given, Mapping):
        raise MongoError(
            Code.FailedToParse,
            "the $unionWith stage specification must be an object or string, but found "
            f"{type_alias(spec)}",
        )
    for key in given:
        if key not in ("coll", "pipeline"):
            raise MongoError(40415, f"BSON field '$unionWith.{key}' is an unknown field.")
    pipeline = given.get("pipeline", [])
    if "coll" not in given and not _starts_with_documents(pipeline):
        raise MongoError(
            Code.FailedToParse,
            "$unionWith stage without explicit collection must have a pipeline "
            "with $documents as first stage",
        )
    collection = given.get("coll")
    if collection is not None and type(collection) is not str:
        raise MongoError(Code.TypeMismatch, "BSON field '$unionWith.coll' is the wrong type")
    namespace = Namespace(building.database, collection)
    inner = building.with_variables(building.context.variables, "$unionWith")
    stage = building.compile_pipeline(pipeline, inner)

    def run(documents: Documents) -> Documents:
        yield from documents
        yield from stage(namespace.scan(building, {}, building.context))

    return run


_NOT_IN_FACETS: Final = frozenset(
    {
        "$facet",
        "$out",
        "$merge",
        "$geoNear",
        "$collStats",
        "$indexStats",
        "$planCacheStats",
        "$currentOp",
        "$listSessions",
        "$listLocalSessions",
        "$changeStream",
        "$documents",
        "$search",
        "$searchMeta",
        "$vectorSearch",
    }
)


def facet(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, 40169)
    if not given:
        raise MongoError(40169, "the $facet specification must be a non-empty object")
    facets: dict[str, Stage] = {}
    inner = building.with_variables(building.context.variables, "$facet")
    for field, pipeline in given.items():
        _check_facet(field, pipeline)
        facets[field] = building.compile_pipeline(pipeline, inner)

    def run(documents: Documents) -> Documents:
        holding, held = Holding("$facet"), []
        for document in building.ticking(documents):
            holding.add(weight(document))
            held.append(document)
        yield {field: list(stage(iter(held))) for field, stage in facets.items()}

    return run


def _check_facet(field: str, pipeline: Any) -> None:
    if not field or field[0] == "$" or "." in field:
        raise MongoError(16410, f"the name of a $facet output may not be '{field}'")
    if not isinstance(pipeline, list):
        raise MongoError(40170, f"arguments to $facet must be arrays, {field} is not")
    for stage in pipeline:
        if not isinstance(stage, Mapping):
            raise MongoError(
                40171, f"elements of arrays in $facet spec must be non-empty objects, {field}"
            )
        for inner in stage:
            if inner in _NOT_IN_FACETS:
                raise MongoError(40600, f"{inner} is not allowed to be used within a $facet stage")


_GRAPH: Final = (
    "from",
    "as",
    "startWith",
    "connectFromField",
    "connectToField",
    "maxDepth",
    "depthField",
    "restrictSearchWithMatch",
)


def graph_lookup(name: str, spec: Any, building: Building) -> Stage:
    given = expecting_object(name, spec, Code.FailedToParse)
    _check_graph(given)
    return _GraphSearch(given, _from(name, given, building), building).run


def _check_graph(given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if key not in _GRAPH:
            raise MongoError(40104, f"Unknown argument to $graphLookup: {key}")
        if key == "maxDepth":
            _check_depth(value)
        elif key == "restrictSearchWithMatch":
            if not isinstance(value, Mapping):
                raise MongoError(40185, "restrictSearchWithMatch must be an object")
        elif key != "startWith" and type(value) is not str:
            raise MongoError(40103, f"expected string as argument for {key}, found: {value!r}")
    for key in ("from", "as", "startWith", "connectFromField", "connectToField"):
        if key not in given:
            raise MongoError(
                40105,
                "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and "
                "'connectToField' to be specified.",
            )


def _check_depth(value: Any) -> None:
    if not is_number(value):
        raise MongoError(40100, f"maxDepth must be numeric, found type: {type_alias(value)}")
    if not is_integral_long(value):
        raise MongoError(40102, f"maxDepth could not be represented as a long long: {value}")
    if to_long(value) < 0:
        raise MongoError(40101, f"maxDepth requires a nonnegative argument, found: {value}")


class _GraphSearch:
    """Searches breadth first; each document is found once."""

    def __init__(self, given: Mapping[str, Any], namespace: Namespace, building: Building) -> None:
        self.building = building
        self.namespace = namespace
        self.start = building.expression(given["startWith"])
        self.from_parts = split_path(given["connectFromField"])
        self.to_field = ".".join(split_path(given["connectToField"]))
        self.target = split_path(given["as"])
        depth = given.get("depthField")
        self.depth_field = None if depth is None else split_path(depth)
        self.most = to_long(given["maxDepth"]) if "maxDepth" in given else None
        self.restriction = given.get("restrictSearchWithMatch", {})

    def run(self, documents: Documents) -> Documents:
        environment = self.building.environment()
        for document in self.building.ticking(documents):
            first = self.start(environment(document))
            values = first if isinstance(first, list) else [first]
            found = self._search([value for value in values if value is not MISSING])
            yield with_value(document, self.target, found)

    def _search(self, frontier: Sequence[Any]) -> list[Document]:
        holding = Holding("$graphLookup")
        found: dict[OrderKey, Document] = {}
        asked: set[OrderKey] = set()
        depth = 0
        while frontier:
            following = []
            for document in self._level(frontier, asked):
                key = order_key(document.get("_id"))
                if key in found:
                    continue
                holding.add(weight(document))
                found[key] = self._with_depth(document, depth)
                following.extend(values_of(document, self.from_parts))
            if depth == self.most:
                break
            frontier, depth = following, depth + 1
        return list(found.values())

    def _level(self, frontier: Sequence[Any], asked: set[OrderKey]) -> Iterator[Document]:
        values = []
        for value in frontier:
            key = value_key(value)
            if key not in asked:
                asked.add(key)
                values.append(value)
        if not values:
            return iter(())
        criteria: Mapping[str, Any] = {self.to_field: {"$in": values}}
        if self.restriction:
            criteria = {"$and": [criteria, self.restriction]}
        building = self.building
        return building.ticking(self.namespace.scan(building, criteria, building.context))

    def _with_depth(self, document: Document, depth: int) -> Document:
        if self.depth_field is None:
            return document
        return with_value(document, self.depth_field, Int64(depth))
