"""Errors as faults of SOAP 1.1 (section 4.4) and SOAP 1.2 (Part 1, section 5.4). Pure."""

from dataclasses import dataclass
from enum import Enum

from lxml import etree

from stend.chassis.soap.envelope import HeaderError, SoapVersion, write_envelope
from stend.chassis.soap.xml import NOT_OF_XML
from stend.kit.errors import StendError

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Side(Enum):
    """Who has to act before it is worth to send the message again. Values: 1.1, 1.2."""

    CLIENT = ("Client", "Sender")
    SERVER = ("Server", "Receiver")


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """
    Attributes:
        status: of HTTP.
        body: the whole envelope.
    """

    status: int
    body: bytes


def answer_of(version: SoapVersion, error: StendError, side: Side, namespace: str) -> FaultAnswer:
    """
    Args:
        namespace: of the service; its contract has the element `error`.
    """
    if version is SoapVersion.SOAP_11:
        return FaultAnswer(500, _fault_11(error, side, namespace))
    # SOAP 1.2 Part 2, table 20: 400 when the sender is at fault, 500 for every other code.
    is_sender = side is Side.CLIENT and not _is_of_envelope(error)
    return FaultAnswer(400 if is_sender else 500, _fault_12(error, side, namespace))


def error_element(error: StendError, namespace: str) -> etree._Element:
    """The element `error` of the contract: code, detail, and what more there is to say."""
    root = etree.Element(f"{{{namespace}}}error", nsmap={"e": namespace})
    members = {
        "code": error.code.value,
        "detail": error.detail,
        "value": error.value,
        "expected": error.expected,
        "next_step": error.next_step,
    }
    for name, text in members.items():
        if text:
            _add(root, f"{{{namespace}}}{name}", text)
    if error.violations:
        violations = etree.SubElement(root, f"{{{namespace}}}violations")
        for violation in error.violations:
            item = etree.SubElement(violations, f"{{{namespace}}}violation")
            _add(item, f"{{{namespace}}}where", violation.where)
            _add(item, f"{{{namespace}}}rule", violation.rule)
    return root


def _fault_11(error: StendError, side: Side, namespace: str) -> bytes:
    version = SoapVersion.SOAP_11
    fault = etree.Element(version.name_of("Fault"))
    # The children of the fault are in no namespace (section 4.4).
    _add_name(fault, "faultcode", _code(version, error, side.value[0]))
    _add(fault, "faultstring", error.detail).set(_XML_LANG, "en")
    told = error_element(error, namespace)
    # What is wrong with the header must not stand in `detail`, which tells of the body only.
    if isinstance(error, HeaderError):
        return write_envelope(version, fault, [told])
    etree.SubElement(fault, "detail").append(told)
    return write_envelope(version, fault)


def _fault_12(error: StendError, side: Side, namespace: str) -> bytes:
    version = SoapVersion.SOAP_12
    fault = etree.Element(version.name_of("Fault"))
    code = etree.SubElement(fault, version.name_of("Code"))
    value = version.name_of("Value")
    if _is_of_envelope(error):
        _add_name(code, value, _code(version, error, side.value[1]))
    else:
        _add_name(code, value, ("soap", version.namespace, side.value[1]))
        subcode = etree.SubElement(code, version.name_of("Subcode"))
        is_named = isinstance(error, HeaderError)
        own = ("e", namespace, error.code.value)
        _add_name(subcode, value, _code(version, error, side.value[1]) if is_named else own)
    reason = etree.SubElement(fault, version.name_of("Reason"))
    _add(reason, version.name_of("Text"), error.detail).set(_XML_LANG, "en")
    detail = etree.SubElement(fault, version.name_of("Detail"))
    detail.append(error_element(error, namespace))
    return write_envelope(version, fault, _headers_12(error))


def _headers_12(error: StendError) -> list[etree._Element]:
    """`NotUnderstood` (Part 1, section 5.4.8) and `Upgrade` (section 5.4.7)."""
    version = SoapVersion.SOAP_12
    if not isinstance(error, HeaderError):
        return []
    blocks = []
    for name in error.not_understood:
        block = etree.Element(version.name_of("NotUnderstood"), nsmap=_prefixed(_namespace(name)))
        _set_qname(block, _namespace(name), etree.QName(name).localname)
        blocks.append(block)
    if error.name == "VersionMismatch":
        upgrade = etree.Element(version.name_of("Upgrade"))
        for spoken in SoapVersion:
            tag = version.name_of("SupportedEnvelope")
            one = etree.SubElement(upgrade, tag, nsmap=_prefixed(spoken.namespace))
            _set_qname(one, spoken.namespace, "Envelope")
        blocks.append(upgrade)
    return blocks


def _prefixed(namespace: str) -> dict[str, str]:
    # The envelope declares its own namespace as `soap`; lxml drops a second prefix for it.
    return {"soap" if namespace == SoapVersion.SOAP_12.namespace else "other": namespace}


def _set_qname(block: etree._Element, namespace: str, local: str) -> None:
    (prefix,) = _prefixed(namespace)
    block.set("qname", f"{prefix}:{local}")


def _code(version: SoapVersion, error: StendError, side: str) -> tuple[str, str, str]:
    if not isinstance(error, HeaderError):
        return ("soap", version.namespace, side)
    if error.namespace is None:
        return ("soap", version.namespace, error.name)
    return (error.prefix, error.namespace, error.name)


def _is_of_envelope(error: StendError) -> bool:
    return isinstance(error, HeaderError) and error.namespace is None


def _namespace(name: str) -> str:
    # A header block has to have a namespace; one without it gets a name that says so.
    return etree.QName(name).namespace or "urn:none"


def _add_name(parent: etree._Element, tag: str, name: tuple[str, str, str]) -> None:
    """A child whose content is a QName, so that its prefix has to be declared.

    Args:
        name: prefix, namespace, local name.
    """
    prefix, namespace, local = name
    etree.SubElement(parent, tag, nsmap={prefix: namespace}).text = f"{prefix}:{local}"


def _add(parent: etree._Element, name: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, name)
    child.text = _carried(text)
    return child


def _carried(text: str) -> str:
    # A detail quotes what the caller sent, and XML cannot carry every character.
    return NOT_OF_XML.sub("\ufffd", text)
