"""What a stage is compiled with, and what it is: a function of a stream of documents."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stend.engines.mongo.aggregate.expressions.compiling import compile_in
from stend.engines.mongo.aggregate.expressions.scope import Env, Expression, Scope
from stend.engines.mongo.aggregate.expressions.table import scope_of
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context

Document = dict[str, Any]
Documents = Iterator[Document]
Stage = Callable[[Documents], Documents]
# Documents between two calls of the deadline check.
TICK_EVERY = 64
# How deep pipelines may stand in each other.
MAX_NESTING = 20


class Source(Protocol):
    """Where the other collections of $lookup, $unionWith and $graphLookup come from."""

    def scan(
        self, database: str, collection: str, criteria: Mapping[str, Any], context: Context
    ) -> Documents:
        """The documents that match a filter, its $expr in this context; none of a collection
        that does not exist."""
        ...


@dataclass(frozen=True, slots=True)
class Building:
    """What the compiler of a stage knows.

    Attributes:
        context: of the command, with `let` variables of it or of an outer $lookup.
        source: other collections.
        database: that of the command.
        collection: its collection, None for an aggregation of the database.
        compile_pipeline: compiles a pipeline inside a stage.
        extra: stages that only commands can do, by name.
        first: whether the stage is the first of its pipeline.
        last: whether it is the last one of the outermost pipeline.
        inside: the stage that holds this pipeline, None for the outermost.
        nesting: how many pipelines this one stands in.
    """

    context: Context
    source: Source
    database: str
    collection: str | None
    compile_pipeline: "PipelineCompiler"
    extra: Mapping[str, "StageBuilder"]
    first: bool = True
    last: bool = True
    inside: str | None = None
    nesting: int = 0

    @property
    def scope(self) -> Scope:
        return scope_of(self.context)

    def expression(self, spec: Any) -> Expression:
        return compile_in(spec, self.scope)

    def environment(self) -> Callable[[Any], Env]:
        return self.scope.environment()

    def with_variables(self, variables: Mapping[str, Any], inside: str) -> "Building":
        """The same for an inner pipeline, whose variables may change while it lives.

        Raises:
            MongoError: MaxSubPipelineDepthExceeded when it stands in too many others.
        """
        if self.nesting >= MAX_NESTING:
            raise MongoError(
                Code.MaxSubPipelineDepthExceeded,
                f"Maximum number of nested sub-pipelines exceeded. Limit is {MAX_NESTING}",
            )
        context = replace(self.context, variables=variables)
        return replace(self, context=context, inside=inside, nesting=self.nesting + 1)

    def ticking(self, documents: Documents) -> Documents:
        """The same documents, with the deadline checked every so many."""
        tick = self.context.tick
        for number, document in enumerate(documents):
            if number % TICK_EVERY == 0:
                tick()
            yield document


StageBuilder = Callable[[str, Any, Building], Stage]


class PipelineCompiler(Protocol):
    """Compiles the stages of an inner pipeline to one function."""

    def __call__(self, stages: Sequence[Any], building: Building) -> Stage: ...


def expecting_object(name: str, spec: Any, code: int) -> Mapping[str, Any]:
    """The specification of a stage that must be an object.

    Raises:
        MongoError: with this code when it is none.
    """
    if not isinstance(spec, Mapping):
        raise MongoError(code, f"the {name} stage specification must be an object")
    return spec


def unknown_field(name: str, spec: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raises MongoError 40415 for a field that the stage does not have."""
    for key in spec:
        if key not in known:
            raise MongoError(40415, f"BSON field '{name}.{key}' is an unknown field.")


def required_field(name: str, spec: Mapping[str, Any], key: str) -> Any:
    """A field that must be there.

    Raises:
        MongoError: 40414 when it is not.
    """
    if key not in spec:
        raise MongoError(40414, f"BSON field '{name}.{key}' is missing but a required field")
    return spec[key]
