"""XML Schema (W3C, XSD 1.0) to fields and types."""

from collections.abc import Iterable, Iterator

from lxml import etree

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Field, Group, Item
from stend.portal.readers.xml_text import XS, children, doc_of, local, tag

_DEEPEST = 8
# What only holds members, and what is one; the methods of XsdTypes are named after the latter.
_WRAPPERS = ("sequence", "all", "complexContent", "simpleContent")
_MEMBERS = ("element", "attribute", "choice", "any", "restriction", "extension", "list", "union")
_NAMED = ("complexType", "simpleType")


class XsdTypes:
    """The schemas of one contract together.

    Args:
        schemas: their `xs:schema` elements.
    """

    def __init__(
        self, schemas: Iterable[etree._Element], anchors: Anchors, language: Language
    ) -> None:
        self._anchors = anchors
        self._language = language
        self.elements: dict[str, etree._Element] = {}
        self._types: dict[str, etree._Element] = {}
        for schema in schemas:
            for node in children(schema):
                name = node.get("name", "")
                if tag(node) == "element":
                    self.elements[name] = node
                elif tag(node) in _NAMED:
                    self._types[name] = node

    def items(self) -> list[Item]:
        """Every named type."""
        return [
            Item(
                name,
                self._anchors.of("type", name),
                kind=tag(node),
                doc=doc_of(node, self._language),
                groups=(Group("fields", tuple(self._inside(node, 0))),),
            )
            for name, node in self._types.items()
        ]

    def group(self, role: str, element: str) -> Group:
        """The content of a global element, as a part of an operation.

        Raises:
            ValueError: there is no such element.
        """
        node = self.elements.get(element)
        if node is None:
            raise ValueError(f"no element {element!r:.60}")
        doc = doc_of(node, self._language)
        name = local(node.get("type"))
        fields = self._inside(self._types.get(name, node), 0)
        anchor = self._anchors.of("type", name) if name in self._types else None
        shown = f"{element}: {name}" if name else element
        return Group(role, tuple(fields), shown, anchor, doc)

    def _inside(self, node: etree._Element, depth: int) -> Iterator[Field]:
        """The members of a type, of an element with a type of its own, or of a part of these."""
        if depth > _DEEPEST:
            return
        for child in children(node):
            kind = tag(child)
            if kind in _WRAPPERS or (kind in _NAMED and child.get("name") is None):
                yield from self._inside(child, depth)
            elif kind in _MEMBERS:
                yield from getattr(self, f"_{kind}")(child, depth)

    def _element(self, node: etree._Element, depth: int) -> Iterator[Field]:
        yield self._element_field(node, depth)
        for inner in children(node, "complexType"):
            yield from self._inside(inner, depth + 1)

    def _choice(self, node: etree._Element, depth: int) -> Iterator[Field]:
        yield Field("choice", rule=_times(node), depth=depth)
        yield from self._inside(node, depth + 1)

    def _any(self, node: etree._Element, depth: int) -> Iterator[Field]:
        yield Field("any", "xs:any", rule=_times(node), depth=depth)

    def _extension(self, node: etree._Element, depth: int) -> Iterator[Field]:
        name, anchor = self._named(node.get("base"))
        yield Field("extends", name, anchor, depth=depth)
        yield from self._inside(node, depth)

    def _list(self, node: etree._Element, depth: int) -> Iterator[Field]:
        yield Field("list of", *self._named(node.get("itemType")), depth=depth)

    def _union(self, node: etree._Element, depth: int) -> Iterator[Field]:
        yield Field("one of", node.get("memberTypes", ""), depth=depth)

    def _element_field(self, node: etree._Element, depth: int) -> Field:
        name = node.get("name") or local(node.get("ref"))
        type_name, anchor = self._named(node.get("type"))
        rules = [_times(node)]
        for inner in children(node, "simpleType"):
            for restriction in children(inner, "restriction"):
                type_name, anchor = self._named(restriction.get("base"))
                rules += _facets(restriction)
        if node.get("nillable") == "true":
            rules.append("nillable")
        rule = " · ".join(rules)
        return Field(name, type_name, anchor, rule, doc_of(node, self._language), depth)

    def _attribute(self, node: etree._Element, depth: int) -> Iterator[Field]:
        name = node.get("name") or local(node.get("ref"))
        must = "required" if node.get("use") == "required" else "optional"
        type_name, anchor = self._named(node.get("type"))
        yield Field(f"@{name}", type_name, anchor, must, doc_of(node, self._language), depth)

    def _restriction(self, node: etree._Element, depth: int) -> Iterator[Field]:
        name, anchor = self._named(node.get("base"))
        values = list(children(node, "enumeration"))
        rules = " · ".join(_facets(node, enumerations=False))
        # A list of strings is told by its values; that they are strings adds nothing.
        if name and (rules or not values or not name.endswith("string")):
            yield Field("", name, anchor, rules, depth=depth)
        for one in values:
            yield Field(one.get("value", ""), doc=doc_of(one, self._language), depth=depth)
        yield from self._inside(node, depth)

    def _named(self, name: str | None) -> tuple[str, str | None]:
        if not name:
            return "", None
        known = local(name)
        if known in self._types:
            return known, self._anchors.of("type", known)
        return name, None


def _times(node: etree._Element) -> str:
    """`required`, `optional`, or the bounds where there may be several."""
    least, most = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
    if most == "1":
        return "required" if least != "0" else "optional"
    return f"{least}..{'*' if most == 'unbounded' else most}"


def _facets(node: etree._Element, enumerations: bool = True) -> list[str]:
    told = []
    for facet in children(node):
        name, value = tag(facet), facet.get("value")
        if value is not None and (enumerations or name != "enumeration"):
            told.append(f"{name} {value}")
    return told


def schemas_in(root: etree._Element) -> list[etree._Element]:
    """The schemas that stand inside of an XML document."""
    return list(root.iter(f"{{{XS}}}schema"))
