"""What was written is handed to the disk in units; who waits for the disk is told in order."""

from collections import deque
from collections.abc import Callable

from stend.engines.mongo.store.ledger import Ledger
from stend.engines.mongo.store.oplog import Entry
from stend.engines.mongo.store.volume import Disk


class Durability:
    """Change streams see nothing that a crash could still take back."""

    def __init__(self, ledger: Ledger, disk: Disk) -> None:
        self._ledger = ledger
        self._disk = disk
        self._written = 0
        self._safe = 0
        self._entries: deque[tuple[int, list[Entry]]] = deque()
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()

    def submit(self) -> None:
        """What was written since the last time is a unit: safe as a whole or not at all."""
        operations, entries = self._ledger.take_unit()
        if not operations:
            return
        self._written += 1
        self._entries.append((self._written, entries))
        self._disk.write(operations, self._written)

    def after(self, callback: Callable[[], None]) -> None:
        """Calls back when all that was written so far is safe; at once if it is."""
        self.submit()
        if self._safe == self._written:
            callback()
        else:
            self._waiting.append((self._written, callback))

    def reached(self, position: int) -> None:
        """The disk has all units up to this one."""
        self._safe = position
        while self._entries and self._entries[0][0] <= position:
            self._ledger.oplog.publish(self._entries.popleft()[1])
        while self._waiting and self._waiting[0][0] <= position:
            self._waiting.popleft()[1]()
