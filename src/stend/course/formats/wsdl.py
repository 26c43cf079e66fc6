"""WSDL 1.1 with its XSD: read by zeep, as a client of the learner's will."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, NoReturn

from lxml import etree

from stend.course.formats.contract import (
    Comparison,
    Message,
    Operation,
    Problem,
    Role,
    Rule,
    UnknownMessageError,
    UnreadableError,
    Verdict,
    joined,
)
from stend.course.formats.xml_source import read_xml
from stend.course.formats.xsd import XS, Xsd
from stend.course.formats.xsd import breaking as breaking_xsd
from stend.kit.languages import Text

WSDL = "http://schemas.xmlsoap.org/wsdl/"
_ENVELOPES = (
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
)


@dataclass(frozen=True, slots=True)
class SoapOperation(Operation):
    """
    Attributes:
        binding: its name.
        soap: `1.1` or `1.2`.
        action: SOAPAction; empty where there is none.
        style: `document` or `rpc`.
        request, response: `{namespace}name` of the elements in the body; None for none.
        faults: names of the declared faults.
        address: where the port is.
    """

    binding: str = ""
    soap: str = ""
    action: str = ""
    style: str = ""
    request: str | None = None
    response: str | None = None
    faults: tuple[str, ...] = ()
    address: str = ""


class Wsdl:
    def __init__(self, file: str, root: Any) -> None:
        self._file = file
        # Of lxml, for what is not asked often enough to be a method.
        self.root = root
        self.types = Xsd(file, root.findall(f"{{{WSDL}}}types/{{{XS}}}schema"))

    @property
    def file(self) -> str:
        return self._file

    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def operations(self) -> tuple[SoapOperation, ...]:
        self._check()
        return tuple(self._operations())

    def messages(self) -> tuple[Message, ...]:
        """`CheckCounterparty request`, `CheckCounterparty response`."""
        return tuple(self._named)

    def judge(self, where: str, message: object) -> Verdict:
        """
        Args:
            message: a document as a text: an envelope, or what stands in its body.
        """
        found = next((one for one in self._named if one.name == where), None)
        if found is None:
            raise UnknownMessageError(where, (one.name for one in self._named))
        try:
            root = read_xml(str(message), "message")
        except UnreadableError as error:
            return Verdict(error.problem.sentence)
        return self.types.judge_element(found.pointer, _body_of(root))

    def _check(self) -> None:
        if self._problems:
            raise UnreadableError(self._problems[0])

    @cached_property
    def _named(self) -> Sequence[Message]:
        made: dict[str, Message] = {}
        for one in self.operations():
            for message in one.messages:
                made.setdefault(message.name, message)
        return tuple(made.values())

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        return tuple(self._found())

    def _found(self) -> Iterator[Problem]:
        if self.root.tag != f"{{{WSDL}}}definitions":
            yield self._problem(f"{self.root.tag} is not wsdl:definitions", 1)
            return
        for one in self.root.iter(f"{{{WSDL}}}import"):
            yield self._problem("wsdl:import is not read; keep it in one file", one.sourceline)
            return
        if not self.types.schemas:
            yield self._problem("there is no xs:schema in wsdl:types", self.root.sourceline)
            return
        if inner := self.types.problems():
            yield from inner
            return
        # zeep leaves out what it does not find, with a warning or without one.
        if broken := tuple(self._broken_links()):
            yield from broken
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)
                document = self._document
        except Exception as error:  # noqa: BLE001 - zeep has an error of its own, and raises any
            line = getattr(error, "sourceline", None) or self.root.sourceline
            yield self._problem(f"zeep: {type(error).__name__}: {error}", line)
            return
        if not document.services:
            yield self._problem("there is no wsdl:service", self.root.sourceline)

    def _broken_links(self) -> Iterator[Problem]:
        elements = {one.name for one in self.types.messages()}
        target = self.root.get("targetNamespace")
        known = {
            word: {
                f"{{{target}}}{one.get('name')}" for one in self.root.findall(f"{{{WSDL}}}{word}")
            }
            for word in ("message", "portType", "binding")
        }
        links = (
            ("part", "element", elements),
            ("input", "message", known["message"]),
            ("output", "message", known["message"]),
            ("fault", "message", known["message"]),
            ("binding", "type", known["portType"]),
            ("port", "binding", known["binding"]),
        )
        for word, attribute, there in links:
            for one in self.root.iter(f"{{{WSDL}}}{word}"):
                value = one.get(attribute)
                if value is not None and _expanded(one, value) not in there:
                    told = f'{word} {attribute}="{value}" leads nowhere'
                    yield self._problem(told, one.sourceline)

    def _problem(self, told: str, line: int) -> Problem:
        text = Text(ru=f"WSDL не читается: {told}", en=f"The WSDL cannot be read: {told}")
        return Problem(Rule.FORM, text, "", f"{self._file}:{line}")

    @cached_property
    def _document(self) -> Any:
        from zeep import Settings
        from zeep.wsdl import Document

        settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
        transport: Any = _NoTransport()
        return Document(BytesIO(etree.tostring(self.root)), transport, settings=settings)

    def _operations(self) -> Iterator[SoapOperation]:
        for service in self._document.services.values():
            for port in service.ports.values():
                for operation in port.binding.all().values():
                    yield self._operation(port, operation)

    def _operation(self, port: Any, operation: Any) -> SoapOperation:
        name = str(operation.name)
        request = _element_of(operation.input)
        response = _element_of(operation.output)
        where = self._where(name)
        messages = [
            Message(f"{name} {role.value}", role, element, where)
            for role, element in ((Role.REQUEST, request), (Role.RESPONSE, response))
            if element is not None
        ]
        kind = type(port.binding).__name__
        return SoapOperation(
            name,
            f"{port.name}.{name}",
            where,
            tuple(messages),
            binding=str(port.binding.name.localname),
            soap="1.2" if kind == "Soap12Binding" else "1.1" if kind == "Soap11Binding" else "",
            action=str(getattr(operation, "soapaction", "") or ""),
            style=str(getattr(operation, "style", "") or ""),
            request=request,
            response=response,
            faults=tuple(operation.faults),
            address=str(port.binding_options.get("address", "")),
        )

    def _where(self, name: str) -> str:
        for one in self.root.iter(f"{{{WSDL}}}operation"):
            if one.get("name") == name:
                return f"{self._file}:{one.sourceline}"
        return f"{self._file}:1"


class _NoTransport:
    """zeep asks a transport for what is elsewhere; nothing is."""

    def load(self, url: str) -> NoReturn:
        raise ValueError(f"{url} is outside of the file and is not read")


def _expanded(element: Any, name: str) -> str:
    """A QName in an attribute as `{namespace}name`."""
    prefix, colon, local = name.strip().rpartition(":")
    return f"{{{element.nsmap.get(prefix if colon else None)}}}{local}"


def _element_of(message: Any) -> str | None:
    body = getattr(message, "body", None)
    qname = getattr(body, "qname", None)
    return str(qname.text) if qname is not None else None


def _body_of(root: Any) -> Any:
    for namespace in _ENVELOPES:
        if root.tag == f"{{{namespace}}}Envelope":
            body = root.find(f"{{{namespace}}}Body")
            if body is not None and len(body) == 1:
                return body[0]
    return root


def read(text: str, file: str) -> Wsdl:
    """
    Raises:
        UnreadableError: it is no XML, has a DTD, or is out of bounds.
    """
    return Wsdl(file, read_xml(text, file))


def breaking(
    old: Wsdl,
    new: Wsdl,
    *,
    requests: Mapping[str, Sequence[str]],
    responses: Mapping[str, Sequence[str]],
) -> Comparison:
    """
    Args:
        requests, responses: by operation, documents of the body that clients of the old version
            send, and that the new version sends to them.

    Raises:
        UnreadableError: one of the documents has problems.
    """
    parts = []
    for operation in old.operations():
        for role, documents in ((Role.REQUEST, requests), (Role.RESPONSE, responses)):
            name = f"{operation.name} {role.value}"
            element = next((one.pointer for one in operation.messages if one.name == name), None)
            given = documents.get(operation.name, ())
            if element is None or not given:
                continue
            parts.append(_of_message(old, new, element, role, given))
    return joined(parts)


def _of_message(
    old: Wsdl, new: Wsdl, element: str, role: Role, documents: Sequence[str]
) -> Comparison:
    if role is Role.REQUEST:
        return breaking_xsd(old.types, new.types, element, requests=documents)
    return breaking_xsd(old.types, new.types, element, responses=documents)
