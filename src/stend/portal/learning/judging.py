"""Judges a learner's files for the pages: one run at a time, never twice over the same files."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stend.course.model import Exercise
from stend.course.workspace import Stamps, Workspace
from stend.portal.learning.classroom import Classroom, TookTooLongError
from stend.portal.learning.verdicts import ShownVerdict, StrangeResultError, verdict_of

_VERDICTS = frozenset({0, 1})


class Trouble(StrEnum):
    """Why there is no verdict.

    LATE: the command was ended at its deadline.
    REFUSED: it said why it cannot.
    STRANGE: what it printed is no result.
    """

    LATE = "late"
    REFUSED = "refused"
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class Judged:
    """
    Attributes:
        stamps: of the files that were judged.
        trouble, detail: where there is no verdict.
    """

    stamps: Stamps
    at: datetime
    verdict: ShownVerdict | None = None
    trouble: Trouble | None = None
    detail: str = ""


class Judge:
    def __init__(self, classroom: Classroom, workspace: Workspace) -> None:
        self._classroom = classroom
        self._workspace = workspace
        self._one_at_a_time = asyncio.Lock()
        self._latest: dict[str, Judged] = {}

    def latest(self, exercise: Exercise) -> Judged | None:
        """How the exercise was judged last, since the portal was started."""
        return self._latest.get(exercise.id)

    async def stamps(self, exercise: Exercise) -> Stamps:
        """Of what the learner has saved; they differ after every save."""
        return await asyncio.to_thread(self._workspace.stamps, exercise)

    def is_fresh(self, exercise: Exercise, stamps: Stamps) -> bool:
        found = self._latest.get(exercise.id)
        return found is not None and found.stamps == stamps

    async def after_save(self, exercise: Exercise, stamps: Stamps) -> Judged:
        """Of these files; several pages that have seen the same save get the same verdict."""
        async with self._one_at_a_time:
            found = self._latest.get(exercise.id)
            if found is not None and found.stamps == stamps:
                return found
            return await self._judged(exercise, stamps, deep=False)

    async def now(self, exercise: Exercise, *, deep: bool) -> Judged:
        """Once more, whether anything was saved or not."""
        async with self._one_at_a_time:
            return await self._judged(exercise, await self.stamps(exercise), deep=deep)

    async def _judged(self, exercise: Exercise, stamps: Stamps, *, deep: bool) -> Judged:
        found = await self._asked(exercise, stamps, deep)
        self._latest[exercise.id] = found
        return found

    async def _asked(self, exercise: Exercise, stamps: Stamps, deep: bool) -> Judged:
        clock = self._classroom.clock
        try:
            ran = await self._classroom.run(exercise.number, deep)
        except TookTooLongError as late:
            return Judged(stamps, clock.now(), trouble=Trouble.LATE, detail=f"{late.seconds:g}")
        if ran.code not in _VERDICTS:
            return Judged(stamps, clock.now(), trouble=Trouble.REFUSED, detail=ran.said)
        try:
            return Judged(stamps, clock.now(), verdict_of(ran.out, clock.now()))
        except StrangeResultError as error:
            detail = f"{error}\n{ran.said}".strip()
            return Judged(stamps, clock.now(), trouble=Trouble.STRANGE, detail=detail)
