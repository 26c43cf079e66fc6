"""What the portal's pages of the course stand on. Of the course itself nothing is imported here."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from stend.kit.clock import Clock
from stend.portal.learning.classroom import Classroom, Ran, TookTooLongError
from stend.runtime.assets import Assets, AssetsMissingError, assets
from stend.runtime.sources import environment, root

# Twice what the checks of one exercise may take together, and the limits of every program in them.
_QUICK_S = 60.0
_DEEP_S = 180.0
# A demo has ten seconds, and a few to start and to leave.
_DEMO_S = 30.0
_ENDS_WITHIN_S = 5.0
_WORKSPACE = "workspace"


def classroom(clock: Clock, port_base: int | None = None) -> Classroom:
    """
    Args:
        port_base: of the stand that checks shall ask; None where none runs here.
    """
    workspace = root() / _WORKSPACE
    stand = {} if port_base is None else {"STEND_PORT_BASE": str(port_base)}
    commands = Commands(workspace, {**environment(), "STEND_ROOT": str(root()), **stand})
    return Classroom(_folder(), workspace, commands.check, commands.demo, clock)


def _folder() -> Path | None:
    try:
        return assets(Assets.COURSE)
    except AssetsMissingError:
        return None


class Commands:
    """Those of the course, each in a process of its own.

    Args:
        workspace: of the learner.
        variables: its environment.
        quick_s, deep_s: what a check may take, without the long ones and with them.
    """

    def __init__(
        self,
        workspace: Path,
        variables: Mapping[str, str],
        quick_s: float = _QUICK_S,
        deep_s: float = _DEEP_S,
    ) -> None:
        self._workspace = workspace
        self._variables = variables
        self._quick_s = quick_s
        self._deep_s = deep_s

    async def check(self, number: str, deep: bool) -> Ran:
        """
        Raises:
            TookTooLongError: it was ended.
        """
        words = ["check", number, "--json", "--workspace", str(self._workspace)]
        if deep:
            return await self._ran([*words, "--deep"], self._deep_s)
        return await self._ran(words, self._quick_s)

    async def demo(self, number: int, controls: Sequence[str]) -> Ran:
        """
        Raises:
            TookTooLongError: it was ended.
        """
        return await self._ran(["course", "demo", str(number), *controls], _DEMO_S)

    async def _ran(self, words: Sequence[str], within_s: float) -> Ran:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "stend", *words),
            env=self._variables,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        try:
            async with asyncio.timeout(within_s):
                out, said = await process.communicate()
        except TimeoutError:
            raise TookTooLongError(within_s) from None
        finally:
            # Also where nobody waits for the result any more.
            await _end(process)
        return Ran(process.returncode or 0, out, said.decode("utf-8", "replace").strip())


async def _end(process: Process) -> None:
    """Interrupted it ends the learner's programs, killed it would leave them."""
    if process.returncode is not None:
        return
    started = _children(process.pid)
    with contextlib.suppress(ProcessLookupError, ValueError):
        process.send_signal(signal.SIGTERM if psutil.WINDOWS else signal.SIGINT)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await process.wait()
    for one in [*started, *_children(process.pid)]:
        with contextlib.suppress(psutil.Error):
            one.kill()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []
