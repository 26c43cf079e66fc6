"""A JSON object as an element and back: the shapes that both can say. Pure.

A member is a child element of its name, in order; a list is an element with one child per item; a
member that is absent has no element. null has no form here: leave it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from stend.chassis.soap.xml import NOT_OF_XML
from stend.kit.errors import Blame, EdgeErrorCode, StendError
from stend.kit.json import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Shape:
    """What names alone do not tell.

    Attributes:
        items: of each list: name of the member, name of its items' elements.
        integers, booleans: names of members that are such.
    """

    namespace: str
    items: Mapping[str, str]
    integers: frozenset[str] = frozenset()
    booleans: frozenset[str] = frozenset()

    def markup(self, name: str, members: JsonObject) -> str:
        """
        Raises:
            StendError: INTERNAL, where a text has a character that XML 1.0 has not.
        """
        # Written as text: making an lxml element of each member takes five times as long.
        parts = [f'<{name} xmlns="{self.namespace}">']
        self._write_members(parts, members)
        parts.append(f"</{name}>")
        markup = "".join(parts)
        if NOT_OF_XML.search(markup):
            raise _not_of_xml()
        return markup

    def members(self, element: etree._Element) -> JsonObject:
        """Of an element that is valid against its schema: nothing is checked a second time."""
        return {name: self._value(name, child) for name, child in _named(element)}

    def _write_members(self, parts: list[str], members: JsonObject) -> None:
        for name, value in members.items():
            self._write(parts, name, value)

    def _write(self, parts: list[str], name: str, value: JsonValue) -> None:
        parts.append(f"<{name}>")
        match value:
            case str():
                parts.append(escape(value))
            case dict():
                self._write_members(parts, value)
            case list():
                for item in value:
                    self._write(parts, self.items[name], item)
            case bool():
                parts.append("true" if value else "false")
            case None:
                raise ValueError(f"{name} is null: an absent member has no element")
            case _:
                parts.append(str(value))
        parts.append(f"</{name}>")

    def _value(self, name: str, element: etree._Element) -> JsonValue:
        if name in self.items:
            return [self._value("", item) for item in element]
        if len(element):
            return self.members(element)
        text = element.text or ""
        if name in self.integers:
            return int(text)
        if name in self.booleans:
            return text.strip() in {"true", "1"}
        return text


def _not_of_xml() -> StendError:
    return StendError(
        EdgeErrorCode.INTERNAL,
        "A text of this answer has a character that XML 1.0 cannot carry.",
        expected="characters of XML 1.0, section 2.2",
        next_step="Read it over another protocol.",
        blame=Blame.STAND,
    )


def _named(element: etree._Element) -> list[tuple[str, etree._Element]]:
    return [(etree.QName(child).localname, child) for child in element]
