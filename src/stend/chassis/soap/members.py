"""A JSON object as an element and back: the shapes that both can say. Pure.

A member is a child element of its name, in order; a list is an element with one child per item; a
member that is absent has no element. null has no form here: leave it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from lxml import etree

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

    def element(self, name: str, members: JsonObject) -> etree._Element:
        root = etree.Element(f"{{{self.namespace}}}{name}", nsmap=_default(self.namespace))
        self._add_members(root, members)
        return root

    def members(self, element: etree._Element) -> JsonObject:
        """Of an element that is valid against its schema: nothing is checked a second time."""
        return {name: self._value(name, child) for name, child in _named(element)}

    def _add_members(self, parent: etree._Element, members: JsonObject) -> None:
        for name, value in members.items():
            self._add(parent, name, value)

    def _add(self, parent: etree._Element, name: str, value: JsonValue) -> None:
        child = etree.SubElement(parent, f"{{{self.namespace}}}{name}")
        match value:
            case dict():
                self._add_members(child, value)
            case list():
                for item in value:
                    self._add(child, self.items[name], item)
            case bool():
                child.text = "true" if value else "false"
            case None:
                raise ValueError(f"{name} is null: an absent member has no element")
            case _:
                child.text = str(value)

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


def _default(namespace: str) -> dict[str, str]:
    # None is the default namespace; the stubs know prefixes only.
    return cast("dict[str, str]", {None: namespace})


def _named(element: etree._Element) -> list[tuple[str, etree._Element]]:
    return [(etree.QName(child).localname, child) for child in element]
