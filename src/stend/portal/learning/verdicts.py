"""The JSON of a check as the page tells it: the first failure in full, the rest folded. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from stend.course.results import RESULT_VERSION, Status
from stend.kit.languages import Text


class StrangeResultError(ValueError):
    """What was printed is no result of this version."""


class Ending(StrEnum):
    """How a run has ended.

    QUICK: all that ran has passed, and the long checks did not run.
    OPEN: only hidden checks have not passed.
    BROKEN: a check itself is wrong, so there is no verdict.
    """

    PASSED = "passed"
    QUICK = "quick"
    OPEN = "open"
    FAILED = "failed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one check.

    Attributes:
        link: to the heading of the lesson that explains it.
    """

    id: str
    status: Status
    is_hidden: bool
    meaning: Text
    sentence: Text | None
    expected: str | None
    got: str | None
    where: str | None
    link: str
    source: str
    points: int
    points_of: int

    @property
    def is_passed(self) -> bool:
        return self.status is Status.PASS

    @property
    def told(self) -> Text:
        """What a person reads first. Of a hidden check that may be its meaning alone."""
        return self.sentence or self.meaning

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Expected, got and where, by their names."""
        found = (("expected", self.expected), ("got", self.got), ("where", self.where))
        return tuple((name, value) for name, value in found if value is not None)


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """
    Attributes:
        at: when it was there.
        left_out: how many checks run with `--deep` only.
    """

    at: datetime
    is_deep: bool
    points: int
    points_asked: int
    points_of_all: int
    left_out: int
    seconds: float
    checks: tuple[Judgement, ...]

    @property
    def first(self) -> Judgement | None:
        """The first that has not passed."""
        return next((one for one in self.checks if not one.is_passed), None)

    @property
    def others(self) -> tuple[Judgement, ...]:
        """Those that have not passed either."""
        return tuple(one for one in self.checks if not one.is_passed)[1:]

    @property
    def passed(self) -> tuple[Judgement, ...]:
        return tuple(one for one in self.checks if one.is_passed)

    @property
    def hidden_failed(self) -> int:
        return sum(one.is_hidden and not one.is_passed for one in self.checks)

    @property
    def ending(self) -> Ending:
        if any(one.status is Status.ERROR for one in self.checks):
            return Ending.BROKEN
        failed = [one for one in self.checks if not one.is_passed]
        if not failed:
            return Ending.QUICK if self.left_out else Ending.PASSED
        return Ending.OPEN if all(one.is_hidden for one in failed) else Ending.FAILED


def verdict_of(printed: bytes, at: datetime) -> ShownVerdict:
    """
    Args:
        printed: by `stend check --json`.

    Raises:
        StrangeResultError: it is something else.
    """
    try:
        told = json.loads(printed)
        if told["version"] != RESULT_VERSION:
            raise StrangeResultError(f"version {told['version']!r}, expected {RESULT_VERSION}")
        return ShownVerdict(
            at,
            told["deep"],
            told["points"],
            told["points_asked"],
            told["points_of_all"],
            told["checks_left_out"],
            told["duration_s"],
            tuple(_judgement(one) for one in told["checks"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise StrangeResultError(f"{type(error).__name__}: {error}") from None


def _judgement(told: Mapping[str, Any]) -> Judgement:
    sentence = told["sentence"]
    return Judgement(
        told["id"],
        Status(told["status"]),
        told["hidden"],
        _text(told["meaning"]),
        _text(sentence) if sentence else None,
        told["expected"],
        told["got"],
        told["where"],
        told["link"],
        told["source"],
        told["points"],
        told["points_of"],
    )


def _text(pair: Mapping[str, str]) -> Text:
    return Text(ru=pair["ru"], en=pair["en"])
