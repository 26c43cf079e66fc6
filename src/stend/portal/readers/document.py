"""What a contract says, whatever its format: operations, the types they use, and where they are."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from stend.kit.languages import Language

_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9_.-]+")
# A line break that neither ends a paragraph nor begins the item of a list.
_BREAK_WITHIN = re.compile(r"(?<!\n)[^\S\n]*\n(?!\n)[^\S\n]*(?![-*\s]|\d+\.)")


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a message, parameter of a call, value of an enumeration.

    Attributes:
        depth: how deep it stands inside of other fields.
        type_name: as the format writes it.
        anchor: of the type on the same page, or None.
        rule: whether it must be there, how often, what it must match.
    """

    name: str
    type_name: str = ""
    anchor: str | None = None
    rule: str = ""
    doc: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together: a request, an answer, errors, headers.

    Attributes:
        role: `request`, `response` …: the page has a text for each.
        type_name, anchor: where all of it has one type that is told elsewhere on the page.
        example: JSON or text, whole.
    """

    role: str
    fields: tuple[Field, ...] = ()
    type_name: str = ""
    anchor: str | None = None
    doc: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An operation, a message, a type, a server, a channel.

    Attributes:
        kind: the format's own word: `unary`, `receive`, `enum`, `simpleType`.
        address: where it is found: a URL, a channel, a SOAP action.
    """

    name: str
    anchor: str
    kind: str = ""
    address: str = ""
    doc: str = ""
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """`key`: `operations`, `types`, `servers` …: the page has a text for each."""

    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """
    Attributes:
        format_name: with the version of the format, `OpenRPC 1.3.2`.
        version: of the contract itself, or empty.
        facts: what else is worth a line: namespace, package; names are the format's own.
    """

    title: str
    format_name: str
    version: str = ""
    doc: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()


class Reader(Protocol):
    """Reads one format.

    Args:
        text: of the contract file.
        others: the texts of the files beside it, by name.
        language: in which its descriptions are wanted, where it has both.

    Raises:
        ValueError: it is no such contract.
    """

    def __call__(self, text: str, others: dict[str, str], language: Language, /) -> Document: ...


@dataclass
class Anchors:
    """Anchors of one page: every name gets its own, and always the same."""

    _given: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> str:
        """
        Args:
            kind: keeps an operation apart from a type of the same name.
        """
        key = (kind, name)
        if key not in self._given:
            slug = f"{kind}-{_NOT_IN_ANCHOR.sub('-', name)}"
            taken = set(self._given.values())
            number = 1
            anchor = slug
            while anchor in taken:
                number += 1
                anchor = f"{slug}.{number}"
            self._given[key] = anchor
        return self._given[key]


def sections_of(**items: list[Item]) -> tuple[Section, ...]:
    """The sections that have something in them, in this order."""
    return tuple(Section(key, tuple(found)) for key, found in items.items() if found)


def flowed(text: str) -> str:
    """Paragraphs without the line breaks that only kept the lines of their file short."""
    return _BREAK_WITHIN.sub(" ", text.strip())
