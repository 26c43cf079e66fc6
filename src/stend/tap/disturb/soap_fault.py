"""SOAP: a call is answered with a Fault of its own version, and the server never sees it."""

from stend.kit.languages import Text
from stend.tap.disturb.choosing import message_kind
from stend.tap.disturb.http_answering import DETAIL, HttpFault, content_of_request, response_of
from stend.wire.content.soap import SOAP_11, SOAP_12
from stend.wire.decoding import Unit
from stend.wire.http1.heads import Head

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:soap="{space}"><soap:Body><soap:Fault>{fault}'
    "</soap:Fault></soap:Body></soap:Envelope>"
)
# SOAP 1.1 §4.4; SOAP 1.2 part 1 §5.4.
_FAULT_11 = "<faultcode>soap:Server</faultcode><faultstring>{text}</faultstring>"
_FAULT_12 = (
    "<soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code>"
    '<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason>'
)


class _SoapFault(HttpFault):
    def response(self, unit: Unit, head: Head, data: bytes) -> bytes | None:
        if unit.facts.get("api") != "soap" or head.method != "POST":
            return None
        content = content_of_request(head, data)
        is_12 = SOAP_12.encode() in content
        # The namespace decides the version, not the media type (SOAP 1.2 part 1 §A).
        if not is_12 and SOAP_11.encode() not in content:
            return None
        if not self.is_struck():
            return None
        fault = (_FAULT_12 if is_12 else _FAULT_11).format(text=DETAIL)
        body = _ENVELOPE.format(space=SOAP_12 if is_12 else SOAP_11, fault=fault).encode()
        media_type = "application/soap+xml" if is_12 else "text/xml"
        return response_of(500, f"{media_type}; charset=utf-8", body)


SOAP_FAULT = message_kind(
    "soap_fault",
    Text(ru="Отказ SOAP (Fault)", en="SOAP Fault"),
    Text(
        ru="Вместо сервиса отвечает сбой: статус 500 и Fault с кодом Server (SOAP 1.1) или "
        "Receiver (SOAP 1.2) — в той версии, в которой спросили.",
        en="The fault answers in the service's place: status 500 and a Fault with the code Server "
        "(SOAP 1.1) or Receiver (SOAP 1.2), in the version of the request.",
    ),
    _SoapFault,
    "http",
)
