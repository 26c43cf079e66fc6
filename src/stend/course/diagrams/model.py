"""What a sequence diagram says, whichever language it is written in."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.languages import Text

_SHOWN = 80


class DiagramError(Exception):
    """A diagram is not understood.

    Attributes:
        line: of the file, from 1.
        text: what is there, what was expected, and what to do.
    """

    def __init__(self, line: int, what: Text, expected: Text, remedy: Text) -> None:
        self.line = line
        self.text = Text(
            ru=f"Строка {line}: {what.ru}. Ожидалось: {expected.ru}. {remedy.ru}",
            en=f"Line {line}: {what.en}. Expected: {expected.en}. {remedy.en}",
        )
        super().__init__(self.text.en)


def quoted(text: str) -> str:
    """One short line, for an error."""
    told = " ".join(text.split())
    return told if len(told) <= _SHOWN else told[: _SHOWN - 1] + "…"


class Arrow(StrEnum):
    """SYNC waits for its answer, ASYNC waits for nobody, REPLY answers."""

    SYNC = "sync"
    ASYNC = "async"
    REPLY = "reply"


class BlockKind(StrEnum):
    """GROUP says nothing of when its messages are sent: a frame, a coloured band."""

    ALT = "alt"
    OPT = "opt"
    LOOP = "loop"
    PAR = "par"
    CRITICAL = "critical"
    BREAK = "break"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Participant:
    """
    Attributes:
        id: by which messages call it.
        name: that a reader sees.
        role: `participant`, `actor`, `database`, `queue` …
    """

    id: str
    name: str
    role: str
    line: int


@dataclass(frozen=True, slots=True)
class Message:
    """
    Attributes:
        source, target: ids of participants.
        is_lost: its head is a cross: it was lost, or refused.
    """

    source: str
    target: str
    label: str
    arrow: Arrow
    line: int
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """One operand of a block.

    Attributes:
        label: its condition, or what stands beside the keyword.
    """

    label: str
    items: "tuple[Message | Block, ...]"
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    branches: tuple[Branch, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """
    Attributes:
        participants: in the order in which they are first named.
    """

    title: str
    participants: tuple[Participant, ...]
    items: tuple[Message | Block, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of them, as they stand in the file."""
        return tuple(_messages(self.items))


def _messages(items: tuple[Message | Block, ...]) -> Iterator[Message]:
    for one in items:
        if isinstance(one, Message):
            yield one
            continue
        for branch in one.branches:
            yield from _messages(branch.items)
