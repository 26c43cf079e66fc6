"""Publisher confirms of one channel: which publishes are settled, and how that is told. Pure.

https://www.rabbitmq.com/docs/confirms: a persistent message is confirmed when it is on disk, any
other as soon as it is in its queues, an unroutable one at once.
"""

from collections import deque
from dataclasses import dataclass, field
from struct import Struct

from stend.wire.amqp.frames import FrameType, frame

# Basic.Ack and Basic.Nack: class, method, delivery tag, bits.
_SETTLED = Struct(">HHQB")
_BASIC, _ACK, _NACK = 60, 80, 120
_MULTIPLE = 1
# Means nothing from a server; RabbitMQ sets it.
_REQUEUE = 2


@dataclass(slots=True)
class Confirms:
    """
    Attributes:
        next_tag: that the next publish gets; counts from 1 (Confirm.Select).
    """

    next_tag: int = 1
    _settled: list[int] = field(default_factory=list)
    _rejected: list[int] = field(default_factory=list)
    _waiting: deque[tuple[int, int]] = field(default_factory=deque)

    def add(self) -> int:
        tag = self.next_tag
        self.next_tag += 1
        return tag

    def settle(self, tag: int) -> None:
        self._settled.append(tag)

    def reject(self, tag: int) -> None:
        self._rejected.append(tag)

    def wait(self, tag: int, position: int) -> None:
        """Until the journal is safe up to this position."""
        self._waiting.append((position, tag))

    @property
    def is_waiting(self) -> bool:
        return bool(self._waiting)

    def synced(self, position: int) -> None:
        waiting = self._waiting
        while waiting and waiting[0][0] <= position:
            self._settled.append(waiting.popleft()[1])

    def take(self, channel: int) -> bytes:
        """The frames for all that was settled since the last call, as few as can be, in order."""
        frames: list[bytes] = []
        settled, self._settled = sorted(self._settled), []
        # `multiple` speaks for every tag before it, so none of those may still wait or be rejected
        # later.
        oldest = self._waiting[0][1] if self._waiting else self.next_tag
        for nack in (*sorted(self._rejected), None):
            before = [tag for tag in settled if nack is None or tag < nack]
            settled = settled[len(before) :]
            together = [tag for tag in before if tag < oldest]
            if together:
                bits = _MULTIPLE if together[1:] else 0
                frames.append(_frame(channel, _ACK, together[-1], bits))
            frames += [_frame(channel, _ACK, tag, 0) for tag in before[len(together) :]]
            if nack is not None:
                frames.append(_frame(channel, _NACK, nack, _REQUEUE))
        self._rejected.clear()
        return b"".join(frames)


def _frame(channel: int, method: int, tag: int, bits: int) -> bytes:
    payload = _SETTLED.pack(_BASIC, method, tag, bits)
    return frame(FrameType.METHOD, channel, payload)
