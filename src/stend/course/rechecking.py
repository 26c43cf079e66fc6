"""Checks everything anew that a learner has begun."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stend.course.checking import Run, check
from stend.course.results import Status, Verdict
from stend.course.shelf import Shelf
from stend.course.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Rechecked:
    """
    Attributes:
        was_passed: it had been, before this check.
    """

    verdict: Verdict
    was_passed: bool

    @property
    def is_undecided(self) -> bool:
        """A check was in error itself: that says nothing of the learner's code."""
        return any(one.status is Status.ERROR for one in self.verdict.outcomes)

    @property
    def has_regressed(self) -> bool:
        return self.was_passed and not self.verdict.passed and not self.is_undecided


def recheck(
    shelf: Shelf,
    workspace: Workspace,
    run: Callable[[], Run],
    now: Callable[[], datetime],
    told: Callable[[Rechecked], None] = lambda _: None,
) -> tuple[Rechecked, ...]:
    """
    Args:
        run: how, made anew for every exercise.
        told: called after each of them.

    Raises:
        ProgressFileError: the file of progress cannot be read.
    """
    done: list[Rechecked] = []
    for exercise in shelf.exercises:
        place = workspace.place(exercise)
        if not place.is_dir():
            continue
        verdict = check(exercise, place, run())
        before = workspace.note(verdict, now())
        done.append(Rechecked(verdict, before.passed_at is not None))
        told(done[-1])
    return tuple(done)
