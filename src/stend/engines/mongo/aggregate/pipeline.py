"""A pipeline: its stages compiled, what the planner may do first, and where it writes to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.table import with_expressions
from stend.engines.mongo.aggregate.numbers import to_long
from stend.engines.mongo.aggregate.stages import (
    densifying,
    filling,
    grouping,
    joining,
    projecting,
    simple,
    unwinding,
    windowing,
)
from stend.engines.mongo.aggregate.stages.building import (
    Building,
    Document,
    Documents,
    Source,
    Stage,
    StageBuilder,
)
from stend.engines.mongo.aggregate.stages.writing import (
    MergeStage,
    OutStage,
    merge_stage,
    out_stage,
)
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context

# MongoDB's internalPipelineLengthLimit.
MAX_STAGES: Final = 1000

STAGES: Final[Mapping[str, StageBuilder]] = {
    "$match": simple.match,
    "$project": projecting.project,
    "$addFields": projecting.add_fields,
    "$set": projecting.add_fields,
    "$unset": projecting.unset,
    "$group": grouping.group,
    "$sortByCount": grouping.sort_by_count,
    "$bucket": grouping.bucket,
    "$bucketAuto": grouping.bucket_auto,
    "$sort": simple.sort,
    "$limit": simple.limit,
    "$skip": simple.skip,
    "$count": simple.count,
    "$sample": simple.sample,
    "$unwind": unwinding.unwind,
    "$replaceRoot": simple.replace_root,
    "$replaceWith": simple.replace_with,
    "$redact": simple.redact,
    "$documents": simple.documents,
    "$lookup": joining.lookup,
    "$unionWith": joining.union_with,
    "$graphLookup": joining.graph_lookup,
    "$facet": joining.facet,
    "$setWindowFields": windowing.set_window_fields,
    "$densify": densifying.densify,
    "$fill": filling.fill,
    "$geoNear": simple.geo_near,
}


@dataclass(frozen=True, slots=True)
class Leading:
    """What the first stages ask for, in terms of a find: a planner may do it with an index.

    Attributes:
        match: the filters of the first $match stages, as one; None when there is none.
        sort: the $sort after them.
        skip: the $skip after that.
        limit: the $limit after that.
        stages: how many stages these are; `Pipeline.run` leaves them out when it is told so.
    """

    match: Mapping[str, Any] | None = None
    sort: Mapping[str, Any] | None = None
    skip: int | None = None
    limit: int | None = None
    stages: int = 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A compiled pipeline.

    Attributes:
        names: of the stages, but $out and $merge.
        stages: the functions, one for each name.
        leading: what a planner may do before them.
        output: where the results go instead of to the client.
        reads_collection: whether the documents of the collection are its input: not so after
            $documents and stages of commands such as $collStats.
    """

    names: tuple[str, ...]
    stages: tuple[Stage, ...]
    leading: Leading
    output: OutStage | MergeStage | None
    reads_collection: bool

    def run(self, documents: Documents, *, done: int = 0) -> Iterator[Document]:
        """The results for these documents, computed as they are asked for.

        Args:
            documents: the input.
            done: how many of the first stages have been done by whoever made the input:
                0 or `leading.stages`.
        """
        for stage in self.stages[done:]:
            documents = stage(documents)
        return documents


def compile_pipeline(
    stages: Sequence[Any],
    *,
    context: Context,
    source: Source,
    database: str = "",
    collection: str | None = None,
    extra: Mapping[str, StageBuilder] | None = None,
) -> Pipeline:
    """The pipeline of an aggregate command.

    Args:
        stages: as the client sent them.
        context: of the command.
        source: other collections.
        database: that of the command, where $lookup looks.
        collection: None for an aggregation of a database.
        extra: stages that commands do, such as $collStats, by name; they come first only.

    Raises:
        MongoError: as MongoDB refuses a pipeline.
    """
    building = Building(
        context=with_expressions(context),
        source=source,
        database=database,
        collection=collection,
        compile_pipeline=compile_inner,
        extra=extra or {},
    )
    checked = [check_stage(stage) for stage in stages]
    output = _output(checked, building)
    if output is not None:
        checked = checked[:-1]
    compiled = _compile_stages(checked, building)
    starts_itself = bool(checked) and checked[0][0] in {"$documents", *building.extra}
    _check_namespace(checked[0][0] if checked else None, building, starts_itself=starts_itself)
    return Pipeline(
        names=tuple(name for name, _ in checked),
        stages=tuple(compiled),
        leading=_leading(checked),
        output=output,
        reads_collection=not starts_itself,
    )


def _check_namespace(first: str | None, building: Building, *, starts_itself: bool) -> None:
    if building.collection is None and not starts_itself:
        what = "an empty pipeline" if first is None else f"'{first}'"
        raise MongoError(
            Code.InvalidNamespace,
            f"{{aggregate: 1}} is not valid for {what}; a collection is required.",
        )
    if building.collection is not None and first == "$documents":
        raise MongoError(Code.InvalidNamespace, "'$documents' can only be run with {aggregate: 1}")


def check_stage(stage: Any) -> tuple[str, Any]:
    """The name and the specification of a stage.

    Raises:
        MongoError: when it is no object of one field.
    """
    if not isinstance(stage, Mapping):
        raise MongoError(
            Code.TypeMismatch, "Each element of the 'pipeline' array must be an object"
        )
    if len(stage) != 1:
        raise MongoError(
            40323, "A pipeline stage specification object must contain exactly one field."
        )
    ((name, spec),) = stage.items()
    return name, spec


def _compile_stages(checked: Sequence[tuple[str, Any]], building: Building) -> list[Stage]:
    if len(checked) > MAX_STAGES:
        raise MongoError(7749501, f"Pipeline length must be no longer than {MAX_STAGES} stages.")
    compiled: list[Stage] = []
    for number, (name, spec) in enumerate(checked):
        own = replace(building, first=number == 0, last=number == len(checked) - 1)
        if name == "$sort":
            compiled.append(simple.sorting(spec, own, _limit_after(checked, number)))
        else:
            compiled.append(_builder(name, own)(name, spec, own))
    return compiled


def _builder(name: str, building: Building) -> StageBuilder:
    if name in building.extra:
        if building.inside is not None:
            raise MongoError(51047, f"{name} is not allowed within a {building.inside} stage")
        if not building.first:
            raise MongoError(40602, f"{name} is only valid as the first stage in a pipeline")
        return building.extra[name]
    if name in ("$out", "$merge"):
        if building.inside is not None:
            raise MongoError(51047, f"{name} is not allowed within a {building.inside} stage")
        raise MongoError(40601, f"{name} can only be the final stage in the pipeline")
    builder = STAGES.get(name)
    if builder is None:
        raise MongoError(40324, f"Unrecognized pipeline stage name: '{name}'")
    return builder


def _limit_after(checked: Sequence[tuple[str, Any]], number: int) -> int | None:
    """The $limit that follows a $sort at once: so many are enough."""
    if number + 1 < len(checked) and checked[number + 1][0] == "$limit":
        return simple.limit_of("$limit", checked[number + 1][1])
    return None


def compile_inner(stages: Sequence[Any], building: Building) -> Stage:
    """A pipeline inside a stage, as one function."""
    if not isinstance(stages, list):
        raise MongoError(Code.TypeMismatch, "'pipeline' option must be specified as an array")
    compiled = _compile_stages([check_stage(stage) for stage in stages], building)

    def run(documents: Documents) -> Documents:
        for stage in compiled:
            documents = stage(documents)
        return documents

    return run


def _output(checked: Sequence[tuple[str, Any]], building: Building) -> OutStage | MergeStage | None:
    if not checked:
        return None
    name, spec = checked[-1]
    if name == "$out":
        return out_stage(spec, building)
    return merge_stage(spec, building) if name == "$merge" else None


def _leading(checked: Sequence[tuple[str, Any]]) -> Leading:
    at = 0
    filters = []
    while at < len(checked) and checked[at][0] == "$match":
        filters.append(checked[at][1])
        at += 1
    found: dict[str, Any] = {}
    for field, stage in (("sort", "$sort"), ("skip", "$skip"), ("limit", "$limit")):
        if at < len(checked) and checked[at][0] == stage:
            value = checked[at][1]
            found[field] = value if field == "sort" else to_long(value)
            at += 1
    return Leading(match=_joined(filters), stages=at, **found)


def _joined(filters: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    if not filters:
        return None
    return filters[0] if len(filters) == 1 else {"$and": list(filters)}
