"""SOAP: curl with the whole envelope, and zeep, which writes it itself. Pure."""

from collections.abc import Mapping

from stend.chassis.soap.envelope import SoapVersion, write_answer
from stend.portal.highlight import indented_xml
from stend.portal.snippets import shell
from stend.portal.snippets.python import literal, program
from stend.portal.snippets.snippet import Call, Snippet
from stend.shop.orders.api.soap.translate import (
    NAMESPACE,
    arguments_of,
    operation_of,
    request_markup,
)

_PATH = "/soap/orders"


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    return (
        Snippet("curl-soap", "curl", "soap", _curl(call)),
        Snippet("zeep", "Python, zeep", "soap", _zeep(call)),
    )


def _curl(call: Call) -> str:
    envelope = write_answer(SoapVersion.SOAP_11, request_markup(call.request)).decode()
    headers: Mapping[str, str] = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{NAMESPACE}:{operation_of(call.request)}"',
        **call.headers,
    }
    # The declaration says nothing that Content-Type does not, and its quotes are hard to read here.
    body = indented_xml(envelope.partition("?>")[2])
    return shell.curl("POST", call.places.http_url + _PATH, headers.items(), body)


def _zeep(call: Call) -> str:
    session = [f"client.transport.session.headers.update({call.headers!r})"] if call.headers else []
    return program(
        "import zeep",
        "",
        f"client = zeep.Client({call.places.http_url + _PATH + '?wsdl'!r})",
        *session,
        f"answer = client.service.{operation_of(call.request)}(",
        f"    **{literal(arguments_of(call.request), 6)}",
        ")",
        "print(answer)",
    )
