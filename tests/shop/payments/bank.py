"""The bank as its customers call it: stock zeep, and bytes by hand."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
import requests
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from stend.chassis.soap.envelope import SoapVersion
from stend.chassis.soap.security import PASSWORD_TEXT, WSSE
from stend.kit.ids import encode_ulid
from tests.fakes.orders import MORNING

NS = "urn:lavka:bank:v1"
PORTS = {SoapVersion.SOAP_11: "BankSoap11", SoapVersion.SOAP_12: "BankSoap12"}
TOKEN = (
    f'<w:Security xmlns:w="{WSSE}"><w:UsernameToken><w:Username>orders</w:Username>'
    f'<w:Password Type="{PASSWORD_TEXT}">orders</w:Password></w:UsernameToken></w:Security>'
)


def fresh_ref() -> str:
    return f"ord_{encode_ulid(os.urandom(16))}"


@cache
def http() -> httpx.Client:
    """One for all: each reads every root certificate when it is made, which takes longer than
    a test.
    """
    return httpx.Client(trust_env=False)


@cache
def sessions() -> requests.Session:
    """The connections of every zeep; it closes only those of a session that it made itself."""
    return requests.Session()


@cache
def bank(url: str, version: SoapVersion) -> Any:
    """The operations as methods. Signed with a digest for the moment of the bank's clock."""
    token = UsernameToken("orders", "orders", use_digest=True, created=MORNING, zulu_timestamp=True)
    return bank_of(url, version, token)


def hang_up() -> None:
    """Ends what the tests have kept open between them."""
    http().close()
    sessions().close()
    for made_once in (http, sessions, bank):
        made_once.cache_clear()


def bank_of(url: str, version: SoapVersion, token: UsernameToken) -> Any:
    transport = zeep.Transport(session=sessions())
    client = zeep.Client(f"{url}?wsdl", port_name=PORTS[version], wsse=token, transport=transport)
    return client.service


def error_code(fault: zeep.exceptions.Fault) -> str:
    code: str = fault.detail.findtext(f"{{{NS}}}error/{{{NS}}}code")
    return code


def envelope(body: str, header: str = TOKEN, version: SoapVersion = SoapVersion.SOAP_11) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{version.namespace}"><s:Header>{header}</s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def request(operation: str, **members: object) -> str:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in members.items())
    return f'<{operation} xmlns="{NS}">{inside}</{operation}>'


def headers_for(operation: str, version: SoapVersion = SoapVersion.SOAP_11) -> dict[str, str]:
    action = f"{NS}:{operation}"
    if version is SoapVersion.SOAP_11:
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    return {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}


def post(url: str, raw: bytes, headers: Mapping[str, str]) -> httpx.Response:
    return http().post(url, content=raw, headers=dict(headers))


def told(response: httpx.Response) -> tuple[int, str, str]:
    """Status of HTTP, the fault's own code, and our stable one."""
    root = etree.fromstring(response.content)
    fault = root.findtext(".//faultcode") or root.findtext(".//{*}Code/{*}Value") or ""
    return response.status_code, fault, root.findtext(f".//{{{NS}}}code") or ""
