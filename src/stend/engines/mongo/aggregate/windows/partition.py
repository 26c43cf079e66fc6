"""One sorted partition of $setWindowFields, as window functions see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.scope import Env

_TICK_EVERY: Final = 256


@dataclass(frozen=True, slots=True)
class Partition:
    """The documents of a partition in their order.

    Attributes:
        envs: the variables of each document.
        sort_values: the value of the first field that they are sorted by, MISSING without one.
        check: the deadline check.
    """

    envs: Sequence[Env]
    sort_values: Sequence[Any]
    check: Callable[[], None]

    def tick(self, number: int) -> None:
        """Checks the deadline now and then."""
        if number % _TICK_EVERY == 0:
            self.check()


# What a window function gives: one value for each document.
WindowFunction = Callable[[Partition], Sequence[Any]]
