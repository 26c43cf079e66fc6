"""What `query` and `update` are given to compile expressions and pipelines with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.table import evaluator, with_expressions
from stend.engines.mongo.aggregate.pipeline import STAGES, check_stage
from stend.engines.mongo.aggregate.stages.building import Building, Document, Documents, Stage
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context

# The stages that an update may have: each makes one document of one.
_OF_UPDATES: Final = frozenset(
    {"$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"}
)
# Stages that commands compile themselves.
_NOT_OF_PIPELINES: Final = frozenset(
    {
        "$out",
        "$merge",
        "$changeStream",
        "$collStats",
        "$currentOp",
        "$indexStats",
        "$listLocalSessions",
        "$listSessions",
        "$planCacheStats",
    }
)


class _NoSource:
    """An update reads no other collections."""

    def scan(
        self, database: str, collection: str, criteria: Mapping[str, Any], context: Context
    ) -> Documents:
        return iter(())


def expression_compiler(spec: Any, context: Context) -> Callable[[Mapping[str, Any]], Any]:
    """The function that computes an expression from a document: `Context.compile_expression`.

    Raises:
        MongoError: the expression is none that MongoDB takes.
    """
    return evaluator(spec, context)


def update_pipeline_compiler(
    stages: Sequence[Any], context: Context
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """What an update that is a pipeline makes of a document: `Context.compile_pipeline`.

    Raises:
        MongoError: InvalidOptions for a stage that an update may not have.
    """
    building = Building(
        context=with_expressions(context),
        source=_NoSource(),
        database="",
        collection=None,
        compile_pipeline=_no_inner,
        extra={},
    )
    compiled = [_compile(stage, building) for stage in stages]

    def update(document: Mapping[str, Any]) -> Document:
        documents: Documents = iter((dict(document),))
        for stage in compiled:
            documents = stage(documents)
        return next(documents)

    return update


def _compile(stage: Any, building: Building) -> Stage:
    name, spec = check_stage(stage)
    if name not in STAGES and name not in _NOT_OF_PIPELINES:
        raise MongoError(40324, f"Unrecognized pipeline stage name: '{name}'")
    if name not in _OF_UPDATES:
        raise MongoError(Code.InvalidOptions, f"{name} is not allowed to be used within an update")
    return STAGES[name](name, spec, building)


def _no_inner(stages: Sequence[Any], building: Building) -> Stage:
    raise MongoError(Code.InvalidOptions, "a pipeline is not allowed to be used within an update")
