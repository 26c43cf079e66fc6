"""Replies are sent when a turn is over. Pure.

A reply may bring the next request of its client in at once. Sent in the middle of a rebalance it
would find a group that is neither in the old generation nor in the new one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stend.wire.kafka.codec import Fields


class Outbox:
    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[Fields], None], Fields]] = deque()
        self._turns = 0

    def add(self, reply: Callable[[Fields], None], response: Fields) -> None:
        self._waiting.append((reply, response))

    @contextmanager
    def turn(self) -> Iterator[None]:
        self._turns += 1
        try:
            yield
            if self._turns == 1:
                self._send()
        finally:
            self._turns -= 1

    def _send(self) -> None:
        while self._waiting:
            reply, response = self._waiting.popleft()
            reply(response)
