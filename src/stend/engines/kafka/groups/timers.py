"""What is to happen at which time. Pure.

A timer that is put off again and again, as that of a session is, costs no more than a store in a
dictionary: the heap looks at it when it would have been due, and then where it stands now.
"""

from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from itertools import count


class Timers:
    """
    Attributes:
        now_ms: as the last request or tick said.
    """

    def __init__(self) -> None:
        self.now_ms = 0
        self._due: dict[Hashable, tuple[int, Callable[[], None]]] = {}
        self._heap: list[tuple[int, int, Hashable]] = []
        # When the heap looks at a key next. Entries of the heap that say otherwise are void.
        self._looked_at: dict[Hashable, int] = {}
        self._order = count()

    def set(self, key: Hashable, delay_ms: int, action: Callable[[], None]) -> None:
        """In place of what was set under this key before."""
        at_ms = self.now_ms + delay_ms
        self._due[key] = (at_ms, action)
        if at_ms < self._looked_at.get(key, at_ms + 1):
            self._push(key, at_ms)

    def cancel(self, key: Hashable) -> None:
        self._due.pop(key, None)

    def run(self, now_ms: int) -> None:
        self.now_ms = now_ms
        while (next_ms := self.next_moment_ms()) is not None and next_ms <= now_ms:
            _, _, key = heappop(self._heap)
            del self._looked_at[key]
            _, action = self._due.pop(key)
            action()

    def next_moment_ms(self) -> int | None:
        while self._heap:
            at_ms, _, key = self._heap[0]
            if self._looked_at.get(key) != at_ms:
                heappop(self._heap)
                continue
            due = self._due.get(key)
            if due is not None and due[0] <= at_ms:
                return at_ms
            heappop(self._heap)
            del self._looked_at[key]
            if due is not None:
                self._push(key, due[0])
        return None

    def _push(self, key: Hashable, at_ms: int) -> None:
        self._looked_at[key] = at_ms
        heappush(self._heap, (at_ms, next(self._order), key))
