"""Counterparties over SOAP with the standard library alone: expat reads, rules by hand judge."""

import os
import re
import threading
from collections.abc import Callable
from datetime import date
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

WSDL = Path(__file__).with_name("counterparty.wsdl").read_text(encoding="utf-8")
CP = "urn:example:counterparty:v1"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
MEDIA_TYPES = {SOAP_11: "text/xml", SOAP_12: "application/soap+xml"}
CODES_12 = {"Client": "Sender", "Server": "Receiver"}
MOST_BYTES = 1_000_000
DEEPEST = 50
INN = re.compile(r"([0-9]{10}|[0-9]{12})")


class Fault(Exception):
    """With the code of SOAP 1.1; `CODES_12` has the names that 1.2 has changed."""

    def __init__(self, code: str, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.detail = detail


def parse(body: bytes) -> Element:
    """Names come as `{namespace}local`; a document type declaration ends it at once."""
    builder, depth = TreeBuilder(), 0
    # With a separator expat resolves prefixes by itself.
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def named(name: str) -> str:
        return "{" + name if "}" in name else name

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Fault("Client", "nested too deeply")
        builder.start(named(name), {named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(named(name))

    def doctype(*_: Any) -> None:
        raise Fault("Client", "a document type declaration is not allowed")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Fault("Client", f"no XML: {error}") from None
    return builder.close()


# ---- the messages, by hand ---------------------------------------------------------------------


def is_name(text: str) -> bool:
    return 1 <= len(text) <= 200


def is_status(text: str) -> bool:
    return text in {"active", "liquidating", "liquidated"}


def is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def is_inn(text: str) -> bool:
    return INN.fullmatch(text) is not None


# In the order of xs:sequence; whether it has to be there.
RULES: dict[str, list[tuple[str, Callable[[str], bool], bool]]] = {
    "Check": [("inn", is_inn, True)],
    "Register": [
        ("inn", is_inn, True),
        ("name", is_name, True),
        ("status", is_status, True),
        ("founded", is_date, False),
    ],
}


def fields_of(message: Element, operation: str) -> dict[str, str]:
    """The fields of a valid message."""
    if message.attrib or (message.text or "").strip():
        raise Fault("Client", f"{operation} has neither attributes nor a text of its own")
    rest = list(message)
    fields: dict[str, str] = {}
    for name, holds, is_required in RULES[operation]:
        if rest and rest[0].tag == f"{{{CP}}}{name}":
            one = rest.pop(0)
            text = one.text or ""
            if len(one) or one.attrib or (one.tail or "").strip() or not holds(text):
                raise Fault("Client", f"{name} is not as the schema wants it: {text!r}")
            fields[name] = text
        elif is_required:
            raise Fault("Client", f"{name} is missing, or not in its place")
    if rest:
        raise Fault("Client", f"{rest[0].tag} is not expected here")
    return fields


def written(name: str, fields: dict[str, str]) -> str:
    inner = "".join(f"<cp:{key}>{escape(text)}</cp:{key}>" for key, text in fields.items())
    return f'<cp:{name} xmlns:cp="{CP}">{inner}</cp:{name}>'


# ---- the register ------------------------------------------------------------------------------


class Register:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rows: dict[str, dict[str, str]] = {}

    def put(self, fields: dict[str, str]) -> str:
        inn = fields["inn"]
        with self.lock:
            revision = int(self.rows.get(inn, {}).get("revision", "0")) + 1
            self.rows[inn] = {**fields, "revision": str(revision)}
        return written("RegisterResponse", {"inn": inn, "revision": str(revision)})

    def check(self, fields: dict[str, str]) -> str:
        row = self.rows.get(fields["inn"])
        if row is None:
            detail = written("UnknownCounterparty", {"inn": fields["inn"]})
            raise Fault("Client", "no such counterparty", detail)
        return written("CheckResponse", row)


# ---- envelopes ---------------------------------------------------------------------------------


def enveloped(soap: str, content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<env:Envelope xmlns:env="{soap}"><env:Body>{content}</env:Body></env:Envelope>'
    ).encode()


def fault_in(soap: str, fault: Fault) -> str:
    reason = escape(fault.reason)
    if soap == SOAP_11:
        detail = f"<detail>{fault.detail}</detail>" if fault.detail else ""
        code = f"<faultcode>env:{fault.code}</faultcode>"
        return f"<env:Fault>{code}<faultstring>{reason}</faultstring>{detail}</env:Fault>"
    detail = f"<env:Detail>{fault.detail}</env:Detail>" if fault.detail else ""
    code = f"<env:Code><env:Value>env:{CODES_12.get(fault.code, fault.code)}</env:Value></env:Code>"
    text = f'<env:Reason><env:Text xml:lang="en">{reason}</env:Text></env:Reason>'
    return f"<env:Fault>{code}{text}{detail}</env:Fault>"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one write.
    wbufsize = -1
    register = Register()

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        text = WSDL.replace("http://127.0.0.1:8092/", f"http://127.0.0.1:{port}/")
        self.send(200, text.encode(), "text/xml")

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > MOST_BYTES:
            self.close_connection = True
            self.send(413, b"", "text/plain")
            return
        body = self.rfile.read(size)
        if self.headers.get_content_type() not in MEDIA_TYPES.values():
            self.send(415, b"", "text/plain")
            return
        soap = SOAP_11
        try:
            envelope = parse(body)
            if envelope.tag == f"{{{SOAP_12}}}Envelope":
                soap = SOAP_12
            elif envelope.tag != f"{{{SOAP_11}}}Envelope":
                raise Fault("VersionMismatch", f"no envelope: {envelope.tag}")
            content, status = self.performed(envelope, soap), 200
        except Fault as fault:
            content = fault_in(soap, fault)
            status = 400 if soap == SOAP_12 and fault.code == "Client" else 500
        self.send(status, enveloped(soap, content), MEDIA_TYPES[soap])

    def performed(self, envelope: Element, soap: str) -> str:
        for header in envelope.iterfind(f"{{{soap}}}Header/*"):
            if header.get(f"{{{soap}}}mustUnderstand") in ("1", "true"):
                raise Fault("MustUnderstand", f"unknown header {header.tag}")
        messages = envelope.findall(f"{{{soap}}}Body/*")
        if len(messages) != 1:
            raise Fault("Client", f"{len(messages)} elements in the Body")
        message = messages[0]
        operation = message.tag.removeprefix(f"{{{CP}}}")
        if operation not in RULES:
            raise Fault("Client", f"no operation {message.tag}")
        action = self.action(soap)
        if action and action != f"{CP}:{operation}":
            raise Fault("Client", f"the action {action} is not that of {operation}")
        fields = fields_of(message, operation)
        if operation == "Register":
            return self.register.put(fields)
        return self.register.check(fields)

    def action(self, soap: str) -> str:
        if soap == SOAP_11:
            return self.headers.get("SOAPAction", "").strip('" ')
        told = Message()
        told["Content-Type"] = self.headers.get("Content-Type", "")
        return str(told.get_param("action", ""))

    def send(self, status: int, data: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Every request on the screen would be noise."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
