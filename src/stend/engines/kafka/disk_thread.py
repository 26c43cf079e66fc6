"""Waits for a slow disk in a thread of its own, so that the event loop goes on meanwhile."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

from stend.engines.kafka.barrier import Round


class DiskThread:
    """
    One plain queue: an executor with futures would cost more than the sync of a fast disk.

    Args:
        tell: called in this thread when a round is safe, or with the error that it is not.
    """

    def __init__(self, tell: Callable[[Round, OSError | None], None]) -> None:
        self._tell = tell
        self._rounds: SimpleQueue[Round | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    def sync(self, taken: Round) -> None:
        self._rounds.put(taken)

    def stop(self) -> None:
        """Waits for the round that is under way."""
        self._rounds.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (taken := self._rounds.get()) is not None:
            self._tell(taken, taken.sync())
