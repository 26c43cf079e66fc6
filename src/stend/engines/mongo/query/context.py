"""What one command gives to everything it compiles and runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

Document = Mapping[str, Any]

# The value of a compiled expression for a document; MISSING where there is none.
Evaluate = Callable[[Document], Any]


class CompileExpression(Protocol):
    """Compiles an expression of a pipeline; `aggregate` has it, which is above `query`."""

    def __call__(self, spec: Any, context: "Context") -> Evaluate: ...


class CompilePipeline(Protocol):
    """Compiles the pipeline of an update: what it makes of one document."""

    def __call__(
        self, stages: list[Document], context: "Context"
    ) -> Callable[[Document], dict[str, Any]]: ...


def _no_tick() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """The same for the whole of one command.

    Attributes:
        now: `$$NOW` and what `$currentDate` sets.
        random: a number in [0, 1), for `$sampleRate` and `$rand`.
        variables: the variables that `let` of the command defines, by name without `$$`.
        tick: called now and then by every loop over documents; raises MaxTimeMSExpired or
            Interrupted where the command must end.
        compile_expression: what `$expr` and computed fields of a projection are compiled with;
            None where expressions are not allowed.
        compile_pipeline: what an update that is a pipeline is compiled with.
        cluster_time: what `$currentDate` of type timestamp sets, as (seconds, counter).
    """

    now: datetime
    random: Callable[[], float]
    variables: Mapping[str, Any] = field(default_factory=dict)
    tick: Callable[[], None] = _no_tick
    compile_expression: CompileExpression | None = None
    compile_pipeline: CompilePipeline | None = None
    cluster_time: tuple[int, int] | None = None

    def without_expressions(self) -> "Context":
        """The same for a filter in which `$expr` is not allowed."""
        return replace(self, compile_expression=None)
