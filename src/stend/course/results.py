"""What a check has to say, and the JSON that others read: one format, with a version.

The command line, the portal, notebooks and the workflow of a learner's repository read it; a change
that one of them would not understand takes a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from stend.course.model import CheckRow, Exercise
from stend.kit.languages import Text

RESULT_VERSION = 1


class Status(StrEnum):
    PASS = "pass"  # noqa: S105 - the word of the format, no password
    FAIL = "fail"
    # The check itself could not come to a verdict; never the same as wrong.
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one check.

    Attributes:
        row: what was to be checked.
        sentence: what a person reads first; None for what passed.
        expected: what the contract, the specification or the task promises.
        got: what was found, as it was on the wire or in the file.
        where: a file and line, a JSON pointer, an exchange.
        is_crash: the learner's own program broke: what it said of that is nobody's secret.
    """

    row: CheckRow
    status: Status
    sentence: Text | None = None
    expected: str | None = None
    got: str | None = None
    where: str | None = None
    is_crash: bool = False

    @property
    def points(self) -> int:
        return self.row.points if self.status is Status.PASS else 0

    def as_told(self) -> "Outcome":
        """What a learner is told: of a hidden check what it means, and not what it sends."""
        if not self.row.hidden or self.status is not Status.FAIL or self.is_crash:
            return self
        return Outcome(self.row, self.status)

    def within(self, width: int) -> "Outcome":
        """The same with what was found cut to a length: 100 MB may stand in an answer."""
        return replace(self, expected=_cut(self.expected, width), got=_cut(self.got, width))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one exercise.

    Attributes:
        deep: whether the checks that take their time were run too.
        duration_s: how long all of it took.
    """

    exercise: Exercise
    outcomes: tuple[Outcome, ...]
    deep: bool
    duration_s: float

    @property
    def passed(self) -> bool:
        """Whether everything that was asked for in this run has passed."""
        return all(one.status is Status.PASS for one in self.outcomes)

    @property
    def first_failed(self) -> Outcome | None:
        return next((one for one in self.outcomes if one.status is not Status.PASS), None)

    @property
    def points(self) -> int:
        return sum(one.points for one in self.outcomes)

    @property
    def points_asked(self) -> int:
        return sum(one.row.points for one in self.outcomes)

    @property
    def left_out(self) -> int:
        """How many checks wait for `--deep`."""
        return len(self.exercise.row.checks) - len(self.outcomes)

    def to_json(self) -> Mapping[str, Any]:
        return {
            "version": RESULT_VERSION,
            "exercise": self.exercise.id,
            "number": self.exercise.number,
            "title": _pair(self.exercise.row.title.text),
            "passed": self.passed,
            "deep": self.deep,
            "points": self.points,
            "points_asked": self.points_asked,
            "points_of_all": self.exercise.points,
            "checks_left_out": self.left_out,
            "duration_s": round(self.duration_s, 3),
            "checks": [_outcome_to_json(self.exercise, one.as_told()) for one in self.outcomes],
        }


def _outcome_to_json(exercise: Exercise, outcome: Outcome) -> Mapping[str, Any]:
    row = outcome.row
    return {
        "id": row.id,
        "kind": row.kind.value,
        "status": outcome.status.value,
        "hidden": row.hidden,
        "meaning": _pair(row.meaning.text),
        "sentence": _pair(outcome.sentence) if outcome.sentence else None,
        "expected": outcome.expected,
        "got": outcome.got,
        "where": outcome.where,
        "link": f"/course/{exercise.folder.parent.parent.name}#{row.lesson}",
        "source": row.source,
        "points": outcome.points,
        "points_of": row.points,
    }


def _pair(text: Text) -> Mapping[str, str]:
    return {"ru": text.ru, "en": text.en}


def _cut(text: str | None, width: int) -> str | None:
    if text is None or len(text) <= width:
        return text
    return f"{text[:width]}… (+{len(text) - width})"
