"""Sequence diagrams of Mermaid as rows: who takes part, what is said, notes and frames."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

_PARTICIPANT = re.compile(r"^(?:create\s+)?(?:participant|actor)\s+(\S+)(?:\s+as\s+(.+))?$")
_MESSAGE = re.compile(
    r"^(?P<source>[\w.-]+?)\s*(?P<arrow><<-->>|<<->>|-->>|->>|--x|-x|--\)|-\)|-->|->)"
    r"\s*[+-]?\s*(?P<target>[\w.-]+)\s*:\s*(?P<text>.*)$"
)
_NOTE = re.compile(r"^[Nn]ote\s+(?:over|left of|right of)\s+([\w.,\s-]+?)\s*:\s*(.+)$")
_FRAME = re.compile(r"^(alt|opt|loop|par|critical|break)\b\s*(.*)$")
_PART = re.compile(r"^(?:else|and|option)\b\s*(.*)$")
_PLAIN = re.compile(r"^(?:activate|deactivate|autonumber|title|box|rect)\b")


class NotDrawnError(ValueError):
    """A line that this drawing does not know: its source is shown instead."""


class Row(StrEnum):
    MESSAGE = "message"
    NOTE = "note"
    BEGIN = "begin"
    PART = "part"
    END = "end"


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the diagram.

    Attributes:
        ends: ids of those it is between, from and to.
        arrow: as it is written, `->>`.
        frame: `alt`, `loop`, … of a frame that begins.
    """

    row: Row
    text: str = ""
    ends: tuple[str, ...] = ()
    arrow: str = ""
    frame: str = ""


@dataclass(slots=True)
class SequenceSource:
    """
    Attributes:
        names: what they are called, by their ids, in order.
    """

    names: dict[str, str] = field(default_factory=dict)
    rows: list[Said] = field(default_factory=list)


def read_sequence(source: str) -> SequenceSource:
    """
    Raises:
        NotDrawnError: a line is not understood.
    """
    found = SequenceSource()
    texts = [one.strip() for one in source.splitlines()]
    for text in [one for one in texts if one and not one.startswith("%%")][1:]:
        _read(found, text)
    return found


def _read(found: SequenceSource, text: str) -> None:
    if one := _PARTICIPANT.match(text):
        found.names[one[1]] = (one[2] or one[1]).strip('"')
    elif one := _MESSAGE.match(text):
        ends = (one["source"], one["target"])
        for name in ends:
            found.names.setdefault(name, name)
        found.rows.append(Said(Row.MESSAGE, one["text"], ends, one["arrow"]))
    elif one := _NOTE.match(text):
        over = tuple(name.strip() for name in one[1].split(","))
        found.rows.append(Said(Row.NOTE, one[2], over))
    elif one := _FRAME.match(text):
        found.rows.append(Said(Row.BEGIN, one[2], frame=one[1]))
    elif one := _PART.match(text):
        found.rows.append(Said(Row.PART, one[1]))
    elif text == "end":
        found.rows.append(Said(Row.END))
    elif not _PLAIN.match(text):
        raise NotDrawnError(text)
