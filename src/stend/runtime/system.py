"""The system's own clock and randomness: the one place where they enter."""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from stend.kit.chance import Chance
from stend.kit.ids import encode_ulid

_RANDOM_BYTES = 10
_bits = random.Random().getrandbits  # noqa: S311 - as it says


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    def ulid(self) -> str:
        milliseconds = time.time_ns() // 1_000_000
        return encode_ulid(milliseconds.to_bytes(6, "big") + os.urandom(_RANDOM_BYTES))


def random_bits(count: int) -> int:
    """For ids that only have to differ, such as those of spans; not for secrets."""
    return _bits(count)


def system_chance() -> Chance:
    """For jitter: seeded by the system, good enough where nobody profits from guessing it."""
    return random.Random()  # noqa: S311 - not for secrets


def seeded_chance(seed: int) -> Chance:
    """The same numbers for the same seed."""
    return random.Random(seed)  # noqa: S311 - not for secrets


def wall_ns() -> int:
    """Nanoseconds since 1970."""
    return time.time_ns()


def steady_ns() -> int:
    """Nanoseconds of a clock that nobody sets, and that goes on while the machine sleeps.

    What a laptop recorded before its lid was shut, and after, is then as far apart as it was.
    """
    return _STEADY()


def _steady() -> Callable[[], int]:
    # time.monotonic stands still meanwhile on Linux and macOS (clock_gettime(2)), not on Windows.
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        clock = getattr(time, name, None)
        if clock is not None:
            return partial(time.clock_gettime_ns, clock)
    return time.monotonic_ns


_STEADY = _steady()


def seeded_dice(seed: int) -> random.Random:
    """More kinds of draws than `Chance` has, the same for the same seed."""
    return random.Random(seed)  # noqa: S311 - not for secrets
