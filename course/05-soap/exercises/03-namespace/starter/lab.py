"""A service that checks counterparties, and the five clients that it has. SOAP 1.1.

Messages are real: zeep and lxml write and read them. There is no network between, so that nothing
but the contract can go wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE = "urn:example:check:v1"
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = Path(__file__).with_name("check.wsdl").read_text(encoding="utf-8")


class Broken(Exception):
    """A client has not got its answer.

    Args:
        who: "client": it noticed by itself, and nothing was sent; "server": the service refused;
            "reader": the answer came, and the client could not read it.
    """

    def __init__(self, who: str, told: str) -> None:
        super().__init__(f"{who}: {told}")
        self.who = who
        self.told = told


@dataclass(frozen=True)
class Change:
    """What the service changes over night.

    Attributes:
        wsdl: the contract from now on.
        prefix: that the service writes before the names of the contract.
        more: what it adds to an answer, after the status.
    """

    wsdl: str = WSDL
    prefix: str = "c"
    more: str = ""

    @property
    def namespace(self) -> str:
        return str(_parsed(self.wsdl.encode()).get("targetNamespace"))


def _parsed(text: bytes) -> etree._Element:
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))


def schema_of(wsdl: str) -> etree.XMLSchema:
    found = _parsed(wsdl.encode()).find(f".//{XSD}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


# ---- the service -------------------------------------------------------------------------------


class Service:
    """Validates what comes by its schema, and answers."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._schema = schema_of(change.wsdl)

    def answer(self, envelope: bytes) -> bytes:
        root = _parsed(envelope)
        if root.tag != f"{{{SOAP}}}Envelope":
            return _fault("VersionMismatch", f"no envelope of SOAP 1.1: {root.tag}")
        message = root.find(f"{{{SOAP}}}Body/*")
        if message is None:
            return _fault("Client", "the Body is empty")
        if not self._schema.validate(message):
            return _fault("Client", self._schema.error_log.last_error.message)
        namespace, prefix = self._change.namespace, self._change.prefix
        inn = message.findtext(f"{{{namespace}}}inn")
        rows = f"<{prefix}:inn>{inn}</{prefix}:inn><{prefix}:status>active</{prefix}:status>"
        rows += self._change.more
        name = f"{prefix}:CheckResponse"
        return _enveloped(f'<{name} xmlns:{prefix}="{namespace}">{rows}</{name}>')


def _enveloped(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def _fault(code: str, told: str) -> bytes:
    reason = f"<faultcode>s:{code}</faultcode><faultstring>{escape(told)}</faultstring>"
    return _enveloped(f"<s:Fault>{reason}</s:Fault>")


# ---- its clients -------------------------------------------------------------------------------


def zeep_of_yesterday(service: Service, change: Change) -> str:
    """zeep, built from the WSDL as it was; it asks by inn alone."""
    return _by_zeep(service, WSDL)


def zeep_of_today(service: Service, change: Change) -> str:
    """The same code, and zeep reads the new WSDL when it starts."""
    return _by_zeep(service, change.wsdl)


def strict_reader(service: Service, change: Change) -> str:
    """Validates answers by the schema of yesterday; sends a kpp, too."""
    asked = f'<Check xmlns="{NAMESPACE}"><inn>7707083893</inn><kpp>770701001</kpp></Check>'
    message = _body(service.answer(_enveloped(asked)))
    schema = schema_of(WSDL)
    if not schema.validate(message):
        raise Broken("reader", schema.error_log.last_error.message)
    return str(message.findtext(f"{{{NAMESPACE}}}status"))


def local_reader(service: Service, change: Change) -> str:
    """Looks for local names alone, whatever their namespace; asks by inn alone."""
    asked = f'<Check xmlns="{NAMESPACE}"><inn>7707083893</inn></Check>'
    message = _body(service.answer(_enveloped(asked)))
    for one in message.iter("{*}status"):
        return str(one.text)
    raise Broken("reader", "there is no status")


def text_reader(service: Service, change: Change) -> str:
    """Has no parser: it looks for a piece of text; asks by inn alone."""
    asked = f'<Check xmlns="{NAMESPACE}"><inn>7707083893</inn></Check>'
    answer = service.answer(_enveloped(asked)).decode()
    found = re.search(r"<c:status>(\w+)</c:status>", answer)
    if "Fault" in answer:
        raise Broken("server", answer)
    if found is None:
        raise Broken("reader", "there is no <c:status>")
    return found[1]


CLIENTS: dict[str, Callable[[Service, Change], str]] = {
    "zeep-old": zeep_of_yesterday,
    "zeep-new": zeep_of_today,
    "strict": strict_reader,
    "local": local_reader,
    "text": text_reader,
}


def _body(answer: bytes) -> etree._Element:
    message = _parsed(answer).find(f"{{{SOAP}}}Body/*")
    if message is None or message.tag == f"{{{SOAP}}}Fault":
        raise Broken("server", answer.decode())
    return message


class _InMemory(Transport):
    """Hands envelopes over to the service."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def post_xml(
        self, address: str, envelope: etree._Element, headers: object
    ) -> requests.Response:
        answer = requests.Response()
        told = self._service.answer(etree.tostring(envelope))
        answer._content = told  # noqa: SLF001 - requests has no other way
        answer.status_code = 500 if b":Fault>" in told else 200
        answer.headers["Content-Type"] = "text/xml; charset=utf-8"
        return answer


def _by_zeep(service: Service, wsdl: str) -> str:
    client = zeep.Client(BytesIO(wsdl.encode()), transport=_InMemory(service))
    try:
        return str(client.service.Check(inn="7707083893").status)
    except zeep.exceptions.Fault as fault:
        raise Broken("server", f"{fault.code}: {fault.message}") from None
    except zeep.exceptions.ValidationError as error:
        raise Broken("client", str(error)) from None
    except zeep.exceptions.XMLParseError as error:
        raise Broken("reader", str(error)) from None
