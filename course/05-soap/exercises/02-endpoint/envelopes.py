"""Messages of the contract in every writing that XML allows, and what came back, read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from stend.kit.languages import Text

CP = "urn:example:counterparty:v1"
_XML = "http://www.w3.org/XML/1998/namespace"
_WSDL = Path(__file__).parent / "starter" / "counterparty.wsdl"


class Version(Enum):
    """Namespace of the envelope, media type, what the sender's fault is called."""

    SOAP_11 = ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml", "Client")
    SOAP_12 = ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml", "Sender")

    @property
    def soap(self) -> str:
        """As it stands before a local name."""
        return f"{{{self.value[0]}}}"

    @property
    def media_type(self) -> str:
        return self.value[1]

    @property
    def sender(self) -> str:
        return self.value[2]

    @property
    def shown(self) -> str:
        return "SOAP 1.1" if self is Version.SOAP_11 else "SOAP 1.2"


@dataclass(frozen=True, slots=True)
class Fault:
    """As it was read, in either version."""

    version: Version
    code: str
    detail: etree._Element | None


class NotSoapError(Exception):
    """What was read is not what the specification says.

    Attributes:
        ru, en: which rule it breaks.
    """

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(en)
        self.ru = ru
        self.en = en


# ---- written ------------------------------------------------------------------------------------


def register(fields: Mapping[str, str], escaped: bool = True) -> str:
    rows = (
        f"<cp:{name}>{escape(text) if escaped else text}</cp:{name}>"
        for name, text in fields.items()
    )
    return f'<cp:Register xmlns:cp="{CP}">{"".join(rows)}</cp:Register>'


def check(inn: str) -> str:
    return f'<cp:Check xmlns:cp="{CP}"><cp:inn>{inn}</cp:inn></cp:Check>'


def enveloped(prefix: str, version: Version | str, body: str, header: str = "") -> str:
    """`SOAP:` in the header becomes the prefix of the envelope."""
    namespace = version.value[0] if isinstance(version, Version) else version
    told = f"<{prefix}:Header>{header}</{prefix}:Header>" if header else ""
    return (
        f'<{prefix}:Envelope xmlns:{prefix}="{namespace}">{told.replace("SOAP:", f"{prefix}:")}'
        f"<{prefix}:Body>{body}</{prefix}:Body></{prefix}:Envelope>"
    )


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a message."""

    what: Text
    body: str


def spellings(version: Version, one: str, two: str, inn: str, name: str) -> Sequence[Spelling]:
    """One message, Register, in many writings.

    Args:
        one, two: prefixes.
    """
    soap = version.value[0]
    rows = f"<inn>{inn}</inn><name>{name}</name><status>active</status>"
    prefixed = rows.replace("<", f"<{two}:").replace(f"<{two}:/", f"</{two}:")
    plain = f'<Register xmlns="{CP}">{rows}</Register>'
    wrapped = f'<Envelope xmlns="{soap}"><Body>{{}}</Body></Envelope>'
    spread = plain.replace("><", ">\n <!-- x -->\n <")
    return (
        Spelling(Text(ru="без префиксов", en="without prefixes"), wrapped.format(plain)),
        Spelling(
            Text(ru="все префиксы у корня", en="all prefixes at the root"),
            f'<{one}:Envelope xmlns:{one}="{soap}" xmlns:{two}="{CP}"><{one}:Body>'
            f"<{two}:Register>{prefixed}</{two}:Register></{one}:Body></{one}:Envelope>",
        ),
        Spelling(
            Text(ru="префикс cp у конверта", en="with cp for the envelope's prefix"),
            f'<cp:Envelope xmlns:cp="{soap}"><cp:Body>{plain}</cp:Body></cp:Envelope>',
        ),
        Spelling(
            Text(ru="с переводами строк и комментариями", en="with newlines and comments"),
            '<?xml version="1.0"?>\n' + wrapped.format(f"\n <!-- < -->\n {spread}\n"),
        ),
        Spelling(
            Text(ru="с комментарием внутри текста", en="with a comment inside of a text"),
            wrapped.format(plain.replace(name, f"{name[:3]}<!-- c -->{name[3:]}")),
        ),
        Spelling(
            Text(ru="с CDATA", en="with CDATA"),
            wrapped.format(plain.replace(name, f"<![CDATA[{name}]]>")),
        ),
        Spelling(
            Text(ru="с числовыми ссылками", en="with character references"),
            wrapped.format(plain.replace("active", "&#97;ct&#x69;ve")),
        ),
    )


def doctypes(path: str, address: str) -> Sequence[tuple[Spelling, str]]:
    """What must not stand before an envelope, and the name that makes use of it.

    Args:
        path: of a file of the server, as a URL.
        address: that nobody should ask for.
    """
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    inner = (
        ("внутренняя сущность", "an internal entity", '<!ENTITY e "x">', "&e;"),
        ("файл сервера", "a file of the server", f'<!ENTITY e SYSTEM "{path}">', "&e;"),
        (
            "сущность из сети",
            "an entity from the network",
            f'<!ENTITY % p SYSTEM "{address}"> %p;',
            "",
        ),
        ("миллиард строк", "a billion laughs", f'<!ENTITY e0 "ha">{laughs}', "&e9;"),
    )
    return (
        (
            Spelling(
                Text(ru="DOCTYPE без сущностей", en="a DOCTYPE without entities"), "<!DOCTYPE x>"
            ),
            "",
        ),
        (
            Spelling(
                Text(ru="DTD из сети", en="a DTD from the network"),
                f'<!DOCTYPE x SYSTEM "{address}">',
            ),
            "",
        ),
        *(
            (Spelling(Text(ru=ru, en=en), f"<!DOCTYPE x [{dtd}]>"), name)
            for ru, en, dtd, name in inner
        ),
    )


# ---- read ----------------------------------------------------------------------------------------


@cache
def _schema() -> etree.XMLSchema:
    found = etree.parse(_WSDL).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(found)


def parsed(body: bytes) -> etree._Element:
    """
    Raises:
        NotSoapError: it is no XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotSoapError(f"ответ не XML: {error}", f"the answer is no XML: {error}") from None


def version_of(envelope: etree._Element) -> Version:
    """
    Raises:
        NotSoapError: it is no envelope.
    """
    for version in Version:
        if envelope.tag == f"{version.soap}Envelope":
            return version
    raise NotSoapError(
        f"в ответе не конверт, а {envelope.tag}", f"the answer is no envelope but {envelope.tag}"
    )


def content_of(body: bytes) -> tuple[Version, etree._Element]:
    """The version of an envelope, and the one element in its Body.

    Raises:
        NotSoapError: it has none, or the schema does not know it.
    """
    envelope = parsed(body)
    version = version_of(envelope)
    inside = envelope.findall(f"{version.soap}Body/*")
    if len(inside) != 1:
        raise NotSoapError(
            f"в Body должен быть один элемент, а их {len(inside)}",
            f"the Body has {len(inside)} elements, not one",
        )
    if inside[0].tag != f"{version.soap}Fault":
        _check_schema(inside[0])
    return version, inside[0]


def fault_of(version: Version, element: etree._Element) -> Fault:
    """
    Raises:
        NotSoapError: it has not the shape that its version gives a fault.
    """
    return _fault_11(element) if version is Version.SOAP_11 else _fault_12(element)


def _fault_11(element: etree._Element) -> Fault:
    code, text = element.find("faultcode"), element.findtext("faultstring")
    if code is None or not text:
        raise NotSoapError(
            "в Fault версии 1.1 есть faultcode и faultstring, оба без пространства имён (4.4)",
            "a Fault of 1.1 has faultcode and faultstring, both without a namespace (4.4)",
        )
    return _fault(Version.SOAP_11, code, element.find("detail"))


def _fault_12(element: etree._Element) -> Fault:
    soap = Version.SOAP_12.soap
    code = element.find(f"{soap}Code/{soap}Value")
    text = element.find(f"{soap}Reason/{soap}Text")
    if code is None or text is None or not text.text or not text.get(f"{{{_XML}}}lang"):
        raise NotSoapError(
            "в Fault версии 1.2 есть Code/Value и Reason/Text с xml:lang (часть 1, раздел 5.4)",
            "a Fault of 1.2 has Code/Value and Reason/Text with xml:lang (part 1, section 5.4)",
        )
    return _fault(Version.SOAP_12, code, element.find(f"{soap}Detail"))


def _fault(version: Version, code: etree._Element, detail: etree._Element | None) -> Fault:
    prefix, _, local = (code.text or "").strip().rpartition(":")
    if code.nsmap.get(prefix or None) != version.value[0]:
        raise NotSoapError(
            f"код {code.text!r} — имя не из пространства имён конверта: нужен его префикс",
            f"the code {code.text!r} is no name of the envelope's namespace: it needs its prefix",
        )
    for one in detail if detail is not None else ():
        _check_schema(one)
    return Fault(version, local, detail)


def _check_schema(element: etree._Element) -> None:
    if not _schema().validate(element):
        told = _schema().error_log.last_error.message
        raise NotSoapError(
            f"ответ не подходит под схему из WSDL: {told}",
            f"the answer does not fit the schema of the WSDL: {told}",
        )
