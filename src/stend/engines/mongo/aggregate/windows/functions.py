"""Window functions as they are written: compiled to functions of one sorted partition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.aggregate.accumulating import (
    ACCUMULATORS,
    Accumulation,
    compile_accumulator,
)
from stend.engines.mongo.aggregate.expressions.scope import Env, Scope
from stend.engines.mongo.aggregate.windows import filling, moving, ranks
from stend.engines.mongo.aggregate.windows.bounds import Bounds, read_bounds
from stend.engines.mongo.aggregate.windows.partition import Partition, WindowFunction
from stend.engines.mongo.errors import Code, MongoError

# A maker takes the arguments of the function, its bounds or None, and the stage's facts.
Maker = Callable[[str, Any, "Written"], WindowFunction]


@dataclass(frozen=True, slots=True)
class Written:
    """A window function in its stage.

    Attributes:
        scope: of its expressions.
        sort_fields: the `sortBy` of the stage, None without one.
        bounds: of its `window`, None when it has none.
    """

    scope: Scope
    sort_fields: Mapping[str, Any] | None
    bounds: Bounds | None


_WITHOUT_WINDOW: Final[Mapping[str, Maker]] = {
    "$rank": lambda name, argument, written: ranks.rank(name, argument, written.sort_fields),
    "$denseRank": lambda name, argument, written: ranks.dense_rank(
        name, argument, written.sort_fields
    ),
    "$documentNumber": lambda name, argument, written: ranks.document_number(
        name, argument, written.sort_fields
    ),
    "$shift": lambda name, argument, written: ranks.shift(
        name, argument, written.scope, written.sort_fields
    ),
    "$expMovingAvg": lambda name, argument, written: moving.exponential(
        name, argument, written.scope, written.sort_fields
    ),
    "$locf": lambda name, argument, written: filling.carried_forward(name, argument, written.scope),
    "$linearFill": lambda name, argument, written: filling.linear(
        name, argument, written.scope, written.sort_fields
    ),
}
_WITH_WINDOW: Final[Mapping[str, Maker]] = {
    "$derivative": lambda name, argument, written: moving.derivative(
        name, argument, written.scope, written.sort_fields, written.bounds
    ),
    "$integral": lambda name, argument, written: moving.integral(
        name, argument, written.scope, written.sort_fields, written.bounds
    ),
    "$covariancePop": lambda name, argument, written: moving.covariance(
        name, argument, written.scope, written.bounds
    ),
    "$covarianceSamp": lambda name, argument, written: moving.covariance(
        name, argument, written.scope, written.bounds
    ),
}
# Accumulators of $group that are no window functions, and the other way round.
_NO_WINDOW_FUNCTIONS: Final = frozenset({"$accumulator", "$mergeObjects"})
WINDOW_FUNCTIONS: Final = (ACCUMULATORS - _NO_WINDOW_FUNCTIONS) | frozenset(
    {*_WITHOUT_WINDOW, *_WITH_WINDOW}
)


def compile_window_function(
    spec: Any, scope: Scope, sort_fields: Mapping[str, Any] | None
) -> WindowFunction:
    """A field of the `output` of $setWindowFields.

    Raises:
        MongoError: FailedToParse as MongoDB refuses one.
    """
    if not isinstance(spec, Mapping):
        raise MongoError(Code.FailedToParse, "The field in 'output' must be an object")
    name = next((key for key in spec if key[:1] == "$"), None)
    if name is None:
        first = next(iter(spec), "")
        raise MongoError(
            Code.FailedToParse, f"Expected a $-prefixed window function, {first}".rstrip(", ")
        )
    if name not in WINDOW_FUNCTIONS:
        raise MongoError(Code.FailedToParse, f"Unrecognized window function, {name}")
    for key in spec:
        if key not in (name, "window"):
            raise MongoError(
                Code.FailedToParse,
                f"Window function found an unknown argument: {key}",
            )
    if name in _WITHOUT_WINDOW:
        if "window" in spec:
            raise MongoError(
                5371601 if name in ranks.RANKS else int(Code.FailedToParse),
                f"{name} does not accept a 'window' field",
            )
        return _WITHOUT_WINDOW[name](name, spec[name], Written(scope, sort_fields, None))
    bounds = read_bounds(spec["window"], sort_fields) if "window" in spec else None
    written = Written(scope, sort_fields, bounds)
    if name in _WITH_WINDOW:
        return _WITH_WINDOW[name](name, spec[name], written)
    return _accumulating(name, spec[name], written)


def _accumulating(name: str, argument: Any, written: Written) -> WindowFunction:
    accumulation = compile_accumulator(name, argument, written.scope)
    if accumulation is None:
        raise MongoError(Code.FailedToParse, f"Unrecognized window function, {name}")
    return _OverWindow(accumulation, written.bounds or Bounds()).values


class _OverWindow:
    """An accumulator over the window of each document."""

    def __init__(self, accumulation: Accumulation, bounds: Bounds) -> None:
        self.accumulation = accumulation
        self.bounds = bounds

    def values(self, partition: Partition) -> Sequence[Any]:
        inputs = [self.accumulation.input(env) for env in partition.envs]
        locate = self.bounds.locating(partition.sort_values)
        results: list[Any] = []
        # While windows only grow at their end, what has been accumulated is kept.
        accumulator, held = self._start(partition.envs), (0, 0)
        for position in range(len(inputs)):
            partition.tick(position)
            start, end = locate(position)
            if start != held[0] or end < held[1]:
                accumulator, held = self._start(partition.envs), (start, start)
            for index in range(held[1], end):
                accumulator.add(inputs[index])
                partition.tick(index)
            held = (start, end)
            results.append(accumulator.result)
        return results

    def _start(self, envs: Sequence[Env]) -> Any:
        return self.accumulation.start(envs[0])
