"""Has the marts computed by a child process, one at a time, and keeps the last answer."""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stend.chassis.deadlines import within
from stend.kit.errors import internal
from stend.kit.json import JsonValue
from stend.shop.analytics.domain import Freshness, MartName, MartTable

_log = logging.getLogger("stend.analytics.marts")
_PROGRAM = "stend.shop.analytics.stores.computing"


@dataclass(frozen=True, slots=True)
class _Answer:
    freshness: Freshness
    rows: Mapping[MartName, list[list[JsonValue]]]
    most_rows: int


class ChildMarts:
    """Implements the port.

    Args:
        folder: of the warehouse.
        deadline_s: of one computation.
    """

    def __init__(self, folder: Path, deadline_s: float) -> None:
        self._folder = folder
        self._deadline_s = deadline_s
        self._answer: _Answer | None = None
        self._computing: asyncio.Task[_Answer] | None = None

    async def read(self, name: MartName, sequence: int) -> MartTable:
        answer = self._answer
        while answer is None or answer.freshness.sequence < sequence:
            # Who joins a computation that has begun may get the commit before his own, and asks
            # once more. The child outlives a caller who goes away: others may wait for it.
            if self._computing is None or self._computing.done():
                self._computing = asyncio.create_task(self._compute())
            answer = await asyncio.shield(self._computing)
        rows = answer.rows[name]
        more = len(rows) > answer.most_rows
        return MartTable(name, rows[: answer.most_rows], more, answer.freshness)

    async def stop(self) -> None:
        """Ends a computation that nobody will read."""
        if self._computing is not None:
            self._computing.cancel()
            await asyncio.gather(self._computing, return_exceptions=True)

    async def _compute(self) -> _Answer:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            _PROGRAM,
            str(self._folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            told, complaint = await within(self._deadline_s, child.communicate())
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            _log.error("the marts were not computed: %s", complaint.decode(errors="replace"))
            raise internal()
        self._answer = _answer_of(json.loads(told))
        return self._answer


def _answer_of(members: Mapping[str, Any]) -> _Answer:
    told = members["freshness"]
    return _Answer(
        Freshness(
            sequence=told["sequence"],
            committed_at=_moment(told["committed_at"]),
            newest_event_at=_moment(told["newest_event_at"]),
            facts=told["facts"],
            rejected=told["rejected"],
            restarts=told["restarts"],
        ),
        {name: members["marts"][name] for name in MartName},
        members["most_rows"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
