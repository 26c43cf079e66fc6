"""What a decoder says of a unit before anybody looks into it, and the unit that this becomes."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from stend.wire.decoding import Half, Read, Role, Unit
from stend.wire.reading import Reader

_SHOWN = 80
# As much of a text as a line shows, with some white space in it.
LOOKED_AT = 4 * _SHOWN
_NO_FACTS: Mapping[str, str] = {}
# Reads what is inside of a unit, behind what all units of its protocol begin with.
Body = Callable[[Reader], None]


def nothing(reader: Reader) -> None:
    """A unit without fields of its own; what is there all the same is shown as left over."""


def shortened(text: str) -> str:
    """A line for a list: the beginning of a text, its white space as single spaces."""
    line = " ".join(text[:LOOKED_AT].split())
    is_all = len(line) <= _SHOWN and len(text) <= LOOKED_AT
    return line if is_all else line[: _SHOWN - 1] + "…"


class Told(NamedTuple):
    """What is said of a unit, wherever it stands.

    Attributes:
        body: reads what is inside of it, where its protocol reads all units by one frame.
    """

    name: str
    role: Role
    exchange: str | None
    body: Body = nothing
    is_last: bool = False
    summary: str = ""
    error: str | None = None
    context: str | None = None
    facts: Mapping[str, str] = _NO_FACTS

    def unit(self, protocol: str, half: Half, size: int, read: Read) -> Unit:
        """The next `size` bytes of `half` as the unit that this is said of."""
        return Unit(
            protocol=protocol,
            name=self.name,
            direction=half.direction,
            start=half.start,
            end=half.start + size,
            role=self.role,
            read=read,
            exchange=self.exchange,
            is_last=self.is_last,
            summary=self.summary,
            error=self.error,
            context=self.context,
            facts=self.facts,
        )
