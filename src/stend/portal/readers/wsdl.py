"""WSDL 1.1 (W3C Note of 2001): services, ports, operations, messages, and the types of its XSD."""

from collections.abc import Iterator

from lxml import etree

from stend.kit.languages import Language
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, sections_of
from stend.portal.readers.xml_text import children, doc_of, local, parse, tag
from stend.portal.readers.xsd import XsdTypes, schemas_in

WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP = {
    "http://schemas.xmlsoap.org/wsdl/soap/": "SOAP 1.1",
    "http://schemas.xmlsoap.org/wsdl/soap12/": "SOAP 1.2",
}
_ROLES = {"input": "request", "output": "response", "fault": "fault"}


def read_wsdl(text: str, others: dict[str, str], language: Language) -> Document:
    """See `Reader`. The schemas that it imports are those of the files beside it.

    Raises:
        ValueError: it is no WSDL 1.1.
    """
    root = parse(text)
    if root.tag != f"{{{WSDL}}}definitions":
        raise ValueError("the root is not wsdl:definitions")
    anchors = Anchors()
    schemas = schemas_in(root)
    for name in sorted(others):
        if name.endswith(".xsd"):
            schemas += schemas_in(parse(others[name]))
    reading = _Reading(root, XsdTypes(schemas, anchors, language), anchors, language)
    return Document(
        title=root.get("name", ""),
        format_name="WSDL 1.1",
        doc=doc_of(root, language),
        facts=(("targetNamespace", root.get("targetNamespace", "")),),
        sections=sections_of(
            services=list(reading.services()),
            operations=list(reading.operations()),
            bindings=list(reading.bindings()),
            types=reading.types.items(),
        ),
    )


class _Reading:
    def __init__(
        self, root: etree._Element, types: XsdTypes, anchors: Anchors, language: Language
    ) -> None:
        self._root = root
        self.types = types
        self._anchors = anchors
        self._language = language
        self._messages = {node.get("name", ""): node for node in children(root, "message")}

    def services(self) -> Iterator[Item]:
        for service in children(self._root, "service"):
            for port in children(service, "port"):
                name = f"{service.get('name', '')}.{port.get('name', '')}"
                address = next(children(port, "address"), None)
                binding = local(port.get("binding"))
                group = Group(
                    "binding", type_name=binding, anchor=self._anchors.of("binding", binding)
                )
                yield Item(
                    name,
                    self._anchors.of("service", name),
                    kind="" if address is None else _soap(address),
                    address="" if address is None else address.get("location", ""),
                    doc=doc_of(port, self._language) or doc_of(service, self._language),
                    groups=(group,),
                )

    def operations(self) -> Iterator[Item]:
        for port_type in children(self._root, "portType"):
            for operation in children(port_type, "operation"):
                name = operation.get("name", "")
                parts = list(children(operation, *_ROLES))
                one_way = all(tag(part) != "output" for part in parts)
                yield Item(
                    name,
                    self._anchors.of("operation", name),
                    kind="one-way" if one_way else "request-response",
                    doc=doc_of(operation, self._language),
                    groups=tuple(group for part in parts for group in self._message(part)),
                )

    def _message(self, part: etree._Element) -> Iterator[Group]:
        role = _ROLES[tag(part)]
        message = self._messages.get(local(part.get("message")))
        if message is None:
            raise ValueError(f"no message {part.get('message')!r:.60}")
        for one in children(message, "part"):
            if one.get("element"):
                yield self.types.group(role, local(one.get("element")))
            else:
                yield Group(role, type_name=f"{one.get('name', '')}: {one.get('type', '')}")

    def bindings(self) -> Iterator[Item]:
        for binding in children(self._root, "binding"):
            name = binding.get("name", "")
            soap = next((node for node in children(binding) if tag(node) == "binding"), None)
            style = "" if soap is None else soap.get("style", "document")
            yield Item(
                name,
                self._anchors.of("binding", name),
                kind="" if soap is None else f"{_soap(soap)} · {style}",
                address="" if soap is None else soap.get("transport", ""),
                doc=doc_of(binding, self._language),
                groups=tuple(self._actions(binding)),
            )

    def _actions(self, binding: etree._Element) -> Iterator[Group]:
        fields = []
        for operation in children(binding, "operation"):
            name = operation.get("name", "")
            soap = next((node for node in children(operation) if tag(node) == "operation"), None)
            action = "" if soap is None else soap.get("soapAction", "")
            fields.append(Field(name, action, rule=self._headers(operation)))
        if fields:
            yield Group("actions", tuple(fields))

    def _headers(self, operation: etree._Element) -> str:
        found = [
            f"{tag(header)} {local(header.get('message'))}"
            for part in children(operation, "input", "output")
            for header in children(part, "header")
        ]
        return " · ".join(found)


def _soap(node: etree._Element) -> str:
    return _SOAP.get(etree.QName(node).namespace or "", "")
