"""What every format answers: is it valid, does it take a message, does a new version break one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from stend.kit.languages import Text


class Role(StrEnum):
    """Whose side a message is on; it decides which way a change may go."""

    # Clients write it: a new version has to take all that the old one took.
    REQUEST = "request"
    # Clients read it: a new version may only give what the old one could have given.
    RESPONSE = "response"
    # Written and read by anybody, at once and years later.
    EVENT = "event"


class Rule(StrEnum):
    """What kind of problem it is, for checks that look for one."""

    FORM = "form"
    REFERENCE = "reference"
    UNKNOWN_KEYWORD = "unknown-keyword"
    NAME = "name"
    PARAMETER = "parameter"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that makes a contract invalid.

    Attributes:
        pointer: JSON pointer, or the name of an element where the format has none.
        where: `openapi.yaml:12`.
    """

    rule: Rule
    sentence: Text
    pointer: str
    where: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    Attributes:
        reason: why the message is refused; None where it is accepted.
        pointer: into the message.
    """

    reason: Text | None = None
    pointer: str = ""

    @property
    def accepted(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Message:
    """
    Attributes:
        name: what `judge` takes: `POST /orders request application/json`.
        pointer: of its schema.
    """

    name: str
    role: Role
    pointer: str
    where: str


@dataclass(frozen=True, slots=True)
class Operation:
    """
    Attributes:
        name: as the format calls it: `POST /orders`, `loyalty.accrue`, `Query.product`.
    """

    name: str
    pointer: str
    where: str
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Break:
    """A message that one version takes and the other one does not; really tried with both.

    Attributes:
        about: the operation or the message.
        witness: the message itself, as JSON, a text, or bytes written in hexadecimal.
        pointer: into the message, where it is refused.
        where: in the new version.
    """

    about: str
    sentence: Text
    witness: object
    pointer: str
    where: str


@dataclass(frozen=True, slots=True)
class Incomparable:
    """A difference that could neither be proved harmless nor be shown by a message."""

    about: str
    sentence: Text
    where: str


@dataclass(frozen=True, slots=True)
class Comparison:
    breaks: tuple[Break, ...] = field(default=())
    incomparable: tuple[Incomparable, ...] = field(default=())

    @property
    def is_compatible(self) -> bool:
        """Proved, not merely not disproved."""
        return not self.breaks and not self.incomparable


def joined(parts: Iterable[Comparison]) -> Comparison:
    found = tuple(parts)
    return Comparison(
        tuple(one for part in found for one in part.breaks),
        tuple(one for part in found for one in part.incomparable),
    )


class UnreadableError(Exception):
    """The text is no document of its format, or one with problems was asked more than those.

    The only error that a learner's text can lead to, in `read` and in everything after it.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.where}: {problem.sentence.en}")
        self.problem = problem


class UnknownMessageError(Exception):
    """`judge` was asked about a message that the contract does not have: the asker is wrong."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no message {name}; there are: {', '.join(known) or 'none'}")


class Contract(Protocol):
    """What each `read(text, file)` of a format returns."""

    @property
    def file(self) -> str:
        """Name of the file it was read from."""

    def problems(self) -> tuple[Problem, ...]:
        """What makes it invalid by the rules of its format, in the order of the text."""

    def operations(self) -> tuple[Operation, ...]: ...

    def messages(self) -> tuple[Message, ...]: ...

    def judge(self, where: str, message: object) -> Verdict:
        """
        Args:
            where: name of a message.
            message: a value of JSON; a text for XML and GraphQL; bytes for protobuf.

        Raises:
            UnknownMessageError: there is no such message.
            UnreadableError: the contract has problems; so do `operations` and `messages`.
        """
