"""What the pages of the course are given by whoever runs them. Imports nothing of the course."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stend.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command has ended: `stend check NUMBER --json`, `stend course demo NUMBER`.

    Attributes:
        code: its exit code: 0 passed or shown, 1 not; anything else: there is no result.
        out: the result, in JSON.
        said: what it complained of.
    """

    code: int
    out: bytes
    said: str


class TookTooLongError(Exception):
    """The command was ended at its deadline."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no verdict within {seconds:g} s")
        self.seconds = seconds


# Of an exercise by its number; with the long checks, too, where the second is true.
RunCheck = Callable[[str, bool], Awaitable[Ran]]
# Of a module by its number, with its controls, `name=value` each.
RunDemo = Callable[[int, Sequence[str]], Awaitable[Ran]]


class Classroom:
    """
    Args:
        folder: holds the modules; None where this installation has none.
        workspace: of the learner. Need not exist yet.
        run: judges an exercise in a process of its own.
            Raises TookTooLongError.
        demo: shows the demo of a module, in the same way.
    """

    def __init__(
        self, folder: Path | None, workspace: Path, run: RunCheck, demo: RunDemo, clock: Clock
    ) -> None:
        self.folder = folder
        self.workspace = workspace
        self.run = run
        self.demo = demo
        self.clock = clock
        self._over = asyncio.Event()

    def close(self) -> None:
        """Open streams end."""
        self._over.set()

    async def ends_within(self, seconds: float) -> bool:
        """Waits so long; whether it was closed meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return False
        return True
