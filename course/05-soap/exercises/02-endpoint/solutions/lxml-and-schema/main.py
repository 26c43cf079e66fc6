"""Counterparties over SOAP on lxml: the schema of the WSDL judges what comes in."""

import os
import threading
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import uvicorn
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

WSDL = Path(__file__).with_name("counterparty.wsdl").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8092/counterparty"
CP = "urn:example:counterparty:v1"
XSD = "http://www.w3.org/2001/XMLSchema"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MOST_BYTES = 1_000_000


class Version(Enum):
    """Namespace of the envelope, media type."""

    SOAP_11 = ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml")
    SOAP_12 = ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml")

    @property
    def namespace(self) -> str:
        return self.value[0]

    @property
    def media_type(self) -> str:
        return self.value[1]


class Code(Enum):
    """Of a fault, as 1.1 and 1.2 call it."""

    VERSION = ("VersionMismatch", "VersionMismatch")
    UNDERSTAND = ("MustUnderstand", "MustUnderstand")
    SENDER = ("Client", "Sender")
    RECEIVER = ("Server", "Receiver")


class Fault(Exception):
    def __init__(self, code: Code, reason: str, detail: etree._Element | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.detail = detail


@dataclass
class Company:
    fields: dict[str, str]
    revision: int


companies: dict[str, Company] = {}
lock = threading.Lock()
schema = etree.XMLSchema(etree.fromstring(WSDL.encode()).find(f".//{{{XSD}}}schema"))


def element(name: str, fields: dict[str, str]) -> etree._Element:
    made = etree.Element(f"{{{CP}}}{name}", nsmap={"cp": CP})
    for field, text in fields.items():
        etree.SubElement(made, f"{{{CP}}}{field}").text = text
    return made


def register(fields: dict[str, str]) -> etree._Element:
    inn = fields["inn"]
    with lock:
        revision = companies[inn].revision + 1 if inn in companies else 1
        companies[inn] = Company(fields, revision)
    return element("RegisterResponse", {"inn": inn, "revision": str(revision)})


def check(fields: dict[str, str]) -> etree._Element:
    inn = fields["inn"]
    company = companies.get(inn)
    if company is None:
        detail = element("UnknownCounterparty", {"inn": inn})
        raise Fault(Code.SENDER, f"no counterparty {inn}", detail)
    return element("CheckResponse", {**company.fields, "revision": str(company.revision)})


OPERATIONS = {"Register": register, "Check": check}


def parsed(body: bytes) -> etree._Element:
    # Comments leave, or a text around one would be cut into two.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Fault(Code.SENDER, f"no XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Fault(Code.SENDER, "a document type declaration is not allowed")
    return root


def version_of(envelope: etree._Element) -> Version:
    for version in Version:
        if envelope.tag == f"{{{version.namespace}}}Envelope":
            return version
    raise Fault(Code.VERSION, f"this is no envelope of SOAP 1.1 or 1.2: {envelope.tag}")


def message_of(envelope: etree._Element, version: Version) -> etree._Element:
    soap = f"{{{version.namespace}}}"
    for header in envelope.iterfind(f"{soap}Header/*"):
        if header.get(f"{soap}mustUnderstand") in {"1", "true"}:
            raise Fault(Code.UNDERSTAND, f"unknown header: {header.tag}")
    messages = envelope.findall(f"{soap}Body/*")
    if len(messages) != 1:
        raise Fault(Code.SENDER, f"one element in the Body, not {len(messages)}")
    return messages[0]


def performed(message: etree._Element, action: str) -> etree._Element:
    name = etree.QName(message)
    if name.namespace != CP or name.localname not in OPERATIONS:
        raise Fault(Code.SENDER, f"no operation {message.tag}")
    if action not in {"", f"{CP}:{name.localname}"}:
        raise Fault(Code.SENDER, f"the action is {action}, and the body is {name.localname}")
    if not schema.validate(message):
        raise Fault(Code.SENDER, str(schema.error_log.last_error))
    fields = {etree.QName(one).localname: one.text or "" for one in message}
    return OPERATIONS[name.localname](fields)


def fault_element(fault: Fault, version: Version) -> etree._Element:
    soap = f"{{{version.namespace}}}"
    made = etree.Element(f"{soap}Fault", nsmap={"soap": version.namespace})
    if version is Version.SOAP_11:
        # Its children have no namespace (section 4.4).
        etree.SubElement(made, "faultcode").text = f"soap:{fault.code.value[0]}"
        etree.SubElement(made, "faultstring").text = fault.reason
        name = "detail"
    else:
        code = etree.SubElement(made, f"{soap}Code")
        etree.SubElement(code, f"{soap}Value").text = f"soap:{fault.code.value[1]}"
        reason = etree.SubElement(made, f"{soap}Reason")
        etree.SubElement(reason, f"{soap}Text", {LANG: "en"}).text = fault.reason
        name = f"{soap}Detail"
    if fault.detail is not None:
        etree.SubElement(made, name).append(fault.detail)
    return made


def answered(content: etree._Element, version: Version, status: int) -> Response:
    envelope = etree.Element(f"{{{version.namespace}}}Envelope", nsmap={"soap": version.namespace})
    etree.SubElement(envelope, f"{{{version.namespace}}}Body").append(content)
    body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return Response(body, status, media_type=f"{version.media_type}; charset=utf-8")


def answer(body: bytes, action: str) -> Response:
    version = Version.SOAP_11
    try:
        envelope = parsed(body)
        version = version_of(envelope)
        return answered(performed(message_of(envelope, version), action), version, 200)
    except Fault as fault:
        by_sender = version is Version.SOAP_12 and fault.code is Code.SENDER
        return answered(fault_element(fault, version), version, 400 if by_sender else 500)


def action_of(request: Request) -> str:
    """SOAP 1.1 has a header for it, 1.2 a parameter of the media type."""
    content_type = request.headers.get("Content-Type", "")
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "action":
            return value.strip('"')
    return request.headers.get("SOAPAction", "").strip().strip('"')


async def call(request: Request) -> Response:
    media_type = request.headers.get("Content-Type", "").split(";")[0].strip()
    if media_type not in {version.media_type for version in Version}:
        return Response(status_code=415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return Response(status_code=413, headers={"Connection": "close"})
    return answer(body, action_of(request))


def contract(request: Request) -> Response:
    here = str(request.url.replace(query=""))
    return Response(WSDL.replace(ADDRESS, here), media_type="text/xml; charset=utf-8")


app = Starlette(
    routes=[
        Route("/counterparty", call, methods=["POST"]),
        Route("/counterparty", contract, methods=["GET"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
