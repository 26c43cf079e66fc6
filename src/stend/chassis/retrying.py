"""When to try again, and how long to wait before."""

import itertools
from collections.abc import Iterator

from stend.kit.errors import EdgeErrorCode, StendError

_SHORTEST_S = 0.05
_LONGEST_S = 2.0
_DOUBLINGS = 6
_TRANSIENT = frozenset(
    {EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.DEADLINE_EXCEEDED, EdgeErrorCode.OVERLOADED}
)


def pauses() -> Iterator[float]:
    """Seconds: each twice the one before, up to two seconds, without an end.

    Without jitter: there is one service of each kind, no herd that would come at once.
    """
    growing = (_SHORTEST_S * 2**number for number in range(_DOUBLINGS))
    return itertools.chain(growing, itertools.repeat(_LONGEST_S))


def is_transient(error: StendError) -> bool:
    """Whether the same message may well succeed a moment later."""
    return error.code in _TRANSIENT
