"""An event loop whose time passes when nothing is left to do, and at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For code that waits and never reads from a socket: `sleep(60)` takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual_s = 0.0
        selector: Any = self._selector  # type: ignore[attr-defined] # of BaseSelectorEventLoop
        select = selector.select

        def pass_time(timeout: float | None) -> Any:
            ready = select(0)
            if not ready:
                assert timeout is not None, "everything waits for something that never comes"
                self._virtual_s += timeout
            return ready

        selector.select = pass_time

    def time(self) -> float:
        return self._virtual_s


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Runs to the end in virtual time, which begins at 0."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
