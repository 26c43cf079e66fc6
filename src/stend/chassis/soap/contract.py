"""A WSDL 1.1 document and its XML Schema, as a server reads them. Pure but for the files.

Validation is libxml2's (`lxml.etree.XMLSchema`): a request of GetOrder takes it 2 µs and an order
9, where the package `xmlschema`, which knows XSD 1.1 and explains better, takes 70 and 560. The
tests put the same messages through both.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, cast

from lxml import etree

from stend.chassis.soap.envelope import SoapVersion
from stend.kit.errors import EdgeErrorCode, Violation, broken_rules

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
# The namespaces of the bindings (WSDL 1.1, section 3; its submission for SOAP 1.2).
_BINDINGS = {
    SoapVersion.SOAP_11: "{http://schemas.xmlsoap.org/wsdl/soap/}",
    SoapVersion.SOAP_12: "{http://schemas.xmlsoap.org/wsdl/soap12/}",
}
_STEP = re.compile(r"(?:\*|(?:[^:/\[]+:)?(?P<name>[^:/\[]+))(?:\[(?P<number>\d+)\])?")
# Of what may come next in a sequence the last is what must: those before it are optional.
_MISSING = re.compile(r"Missing child element\(s\)\..*\}(\w+) \)")
# How libxml2 begins: it names the element, which the violation does better, and the facet.
_PREAMBLE = re.compile(r"^Element '[^']*'(?:, attribute '[^']*')?: (?:\[facet '\w+'\] )?")
_LONGEST_RULE = 300
_Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SoapOperation:
    """
    Attributes:
        element: the one child of the request's body (document/literal wrapped), Clark notation.
        answer: the same of the answer.
        action: what SOAPAction or the parameter `action` says.
    """

    name: str
    element: str
    answer: str
    action: str


class Contract:
    """
    Args:
        package: of the folder `contract`, such as `stend.shop.orders.api.soap`.
        wsdl, xsd: names of the files in it.

    Attributes:
        namespace: of the messages.
        operations: by the name of their request's element.
    """

    def __init__(self, package: str, wsdl: str, xsd: str) -> None:
        folder = files(package).joinpath("contract")
        self._wsdl = folder.joinpath(wsdl).read_bytes()
        self._documents = {xsd: folder.joinpath(xsd).read_bytes()}
        schema = etree.fromstring(self._documents[xsd])
        self._schema = etree.XMLSchema(schema)
        self._repeated = _repeated(schema)
        self.namespace = schema.get("targetNamespace", "")
        self.operations: Mapping[str, SoapOperation] = _operations(etree.fromstring(self._wsdl))

    def check(self, message: etree._Element) -> None:
        """
        Raises:
            StendError: INVALID_ARGUMENT, with the place of each broken rule.
        """
        if self._schema.validate(message):
            return
        # One value may break a pattern and its type, and is then told twice.
        found: dict[str, Violation] = {}
        # The stubs do not know that a log can be iterated over.
        for entry in cast("Any", self._schema.error_log):
            violation = self._violation(message, entry.path or "", entry.message)
            found.setdefault(violation.where, violation)
        raise broken_rules(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The message breaks the contract.",
            tuple(found.values()),
            "Compare these fields with the contract, ?wsdl.",
        )

    def wsdl(self, address: str) -> bytes:
        """The WSDL for a client that reached us at this address: what it names is there, too."""
        root = etree.fromstring(self._wsdl)
        for namespace in _BINDINGS.values():
            for element in root.iter(f"{namespace}address"):
                element.set("location", address)
        for imported in root.iter(f"{_XSD}import"):
            imported.set("schemaLocation", f"{address}?xsd={imported.get('schemaLocation')}")
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    def document(self, name: str) -> bytes | None:
        """A schema that the WSDL imports."""
        return self._documents.get(name)

    def _violation(self, message: etree._Element, path: str, said: str) -> Violation:
        where = _pointer(message, path, self._repeated)
        if missing := _MISSING.search(said):
            return Violation(f"{where}/{missing[1]}", "is required")
        return Violation(where or "/", _PREAMBLE.sub("", said).removesuffix(".")[:_LONGEST_RULE])


def _pointer(message: etree._Element, path: str, repeated: frozenset[_Names]) -> str:
    """`/*/*[2]/*[1]/*[1]` of libxml2 as `/lines/0/sku`."""
    pointer = ""
    element = message
    for step in path.split("/")[2:]:
        matched = _STEP.fullmatch(step)
        if matched is None:
            # An attribute: the element is near enough.
            break
        wanted = matched["name"]
        children = [child for child in element if wanted in {None, etree.QName(child).localname}]
        number = int(matched["number"] or 1)
        if number > len(children):
            break
        parent, element = etree.QName(element).localname, children[number - 1]
        name = etree.QName(element).localname
        pointer += f"/{_index(element) if (parent, name) in repeated else name}"
    return pointer


def _index(element: etree._Element) -> int:
    return sum(1 for _ in element.itersiblings(element.tag, preceding=True))


def _repeated(schema: etree._Element) -> frozenset[_Names]:
    """Items of lists, each with the element that wraps it: `order` is also an only child."""
    return frozenset(
        (wrapper.get("name", ""), element.get("name", ""))
        for element in schema.iter(f"{_XSD}element")
        if element.get("maxOccurs", "1") != "1"
        for wrapper in itertools.islice(element.iterancestors(f"{_XSD}element"), 1)
    )


def _operations(wsdl: etree._Element) -> dict[str, SoapOperation]:
    elements = {
        message.get("name", ""): _resolved(message[0], message[0].get("element", ""))
        for message in wsdl.iter(f"{_WSDL}message")
    }
    actions = _actions(wsdl)
    found = {}
    for operation in wsdl.iterfind(f"{_WSDL}portType/{_WSDL}operation"):
        name = operation.get("name", "")
        request, answer = (
            elements[_local(operation.find(f"{_WSDL}{part}"), "message")]
            for part in ("input", "output")
        )
        found[request] = SoapOperation(name, request, answer, actions[name])
    return found


def _actions(wsdl: etree._Element) -> dict[str, str]:
    """The same in both bindings, which the tests of each contract demand."""
    actions = {}
    for operation in wsdl.iterfind(f"{_WSDL}binding/{_WSDL}operation"):
        for namespace in _BINDINGS.values():
            bound = operation.find(f"{namespace}operation")
            if bound is not None:
                actions[operation.get("name", "")] = bound.get("soapAction", "")
    return actions


def _local(element: etree._Element | None, attribute: str) -> str:
    if element is None:
        raise ValueError("an operation of the WSDL has no input or no output")
    return element.get(attribute, "").rpartition(":")[2]


def _resolved(element: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"
