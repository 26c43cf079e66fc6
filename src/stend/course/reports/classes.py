"""A class: what each of its learners has done, and what fails."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.course.model import CheckRow
from stend.course.reports.learners import Learner, read_learner
from stend.course.reports.report import (
    REPORT_VERSION,
    Done,
    Report,
    pair,
    report_of,
    report_to_json,
)
from stend.course.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Member:
    """
    Attributes:
        label: the name; with the folder where somebody else has the same.
        report: None where the folder could not be read.
    """

    label: str
    learner: Learner
    report: Report | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that fails first, of some learners.

    Attributes:
        done: of one of them.
        check: its name; `row` is None where this course has none of that name.
        members: whose it is, in the order of the class.
    """

    done: Done
    check: str
    row: CheckRow | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ClassReport:
    members: tuple[Member, ...]

    @property
    def read(self) -> tuple[tuple[Member, Report], ...]:
        return tuple((one, one.report) for one in self.members if one.report)

    @property
    def not_read(self) -> tuple[Member, ...]:
        return tuple(one for one in self.members if one.report is None)

    def failures(self) -> tuple[Failure, ...]:
        """The commonest first."""
        found: dict[tuple[str, str], list[tuple[Member, Done]]] = {}
        for member, report in self.read:
            for done in report.exercises:
                if check := done.record.failing:
                    found.setdefault((done.exercise.id, check), []).append((member, done))
        failures = [
            Failure(whose[0][1], check, whose[0][1].failing, tuple(one for one, _ in whose))
            for (_, check), whose in found.items()
        ]
        return tuple(sorted(failures, key=lambda one: (-len(one.members), one.done.exercise.id)))


def class_of(shelf: Shelf, folders: Iterable[Path]) -> ClassReport:
    """Every folder is a learner; the same folder told twice is one."""
    there = dict.fromkeys(one.resolve() for one in folders)
    learners = [read_learner(one) for one in there]
    # Sorted as a list of names is, then by folder, so that two runs print the same.
    learners.sort(key=lambda one: (one.name.casefold(), one.folder.as_posix()))
    labels = _labels(learners)
    return ClassReport(
        tuple(
            Member(label, one, report_of(shelf, one.progress) if one.progress else None)
            for label, one in zip(labels, learners, strict=True)
        )
    )


def _labels(learners: Sequence[Learner]) -> tuple[str, ...]:
    seen = Counter(one.name for one in learners)
    return tuple(
        one.name if seen[one.name] == 1 else f"{one.name} ({_tail(one.folder)})" for one in learners
    )


def _tail(folder: Path) -> str:
    return "/".join(folder.parts[-2:]).encode("utf-8", "replace").decode()


def class_to_json(report: ClassReport) -> Mapping[str, Any]:
    return {
        "version": REPORT_VERSION,
        "learners": [_member_to_json(one) for one in report.members],
        "failures": [
            {
                "exercise": one.done.exercise.id,
                "number": one.done.exercise.number,
                "check": one.check,
                "meaning": one.row and pair(one.row.meaning.text),
                "learners": [member.label for member in one.members],
            }
            for one in report.failures()
        ],
    }


def _member_to_json(member: Member) -> Mapping[str, Any]:
    learner = member.learner
    return {
        "name": learner.name,
        "label": member.label,
        "folder": str(learner.folder).encode("utf-8", "replace").decode(),
        "reading": learner.reading.value,
        "problem": learner.problem and pair(learner.problem),
        "note": learner.note and pair(learner.note),
        "report": member.report and report_to_json(member.report),
    }
