"""What a disturbance answers: what shall be sent where and when, or how the connection ends.

A disturbance is pure: it is told what came and when, and says what is to be done.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from stend.wire.decoding import Direction


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes to pass on, not before `due_s` of the loop's clock.

    Attributes:
        direction: where they go; not always where they came from: an answer goes back.
    """

    direction: Direction
    data: bytes
    due_s: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing more is sent in this direction (FIN), once what is on its way has arrived."""

    direction: Direction
    due_s: float


@dataclass(frozen=True, slots=True)
class Reset:
    """Both sides see a reset (RST)."""

    due_s: float


@dataclass(frozen=True, slots=True)
class Wake:
    """The disturbance is to be asked again at `due_s`, whether anything comes or not."""

    due_s: float


@dataclass(frozen=True, slots=True)
class Noted:
    """A fault has struck: said in the recording, in words of the protocol."""

    text: str


Action = Send | Finish | Reset | Wake | Noted


class Disturbance:
    """One fault on one connection. By itself it lets everything pass."""

    @property
    def is_needed(self) -> bool:
        """It has to stay after it was lifted: an answer is owed, numbers are to be translated."""
        return False

    def opened(self, now_s: float) -> Iterable[Action]:
        """The client has connected; nothing has been said yet."""
        del now_s
        return ()

    def passing(self, send: Send) -> Iterable[Action]:
        """Bytes come by. Returning `(send,)` lets them pass as they are."""
        return (send,)

    def finishing(self, finish: Finish) -> Iterable[Action]:
        """A side has said all that it had to say."""
        return (finish,)

    def woken(self, now_s: float) -> Iterable[Action]:
        """A time has come that it had asked for."""
        del now_s
        return ()

    def lifted(self, now_s: float) -> Iterable[Action]:
        """The fault is over: nothing more is struck, and what is held back goes on."""
        del now_s
        return ()

    def missed(self, direction: Direction, data: bytes) -> None:
        """Bytes that are on their way already when it is set: they do not come by any more."""
