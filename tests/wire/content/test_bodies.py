"""Bodies that are not JSON: XML and SOAP, forms, streams of events, compressed ones."""

import gzip
import random
import zlib
from collections.abc import Callable

import cramjam
import pytest

from stend.kit.fields import Field, every
from stend.wire.content.bodies import body_fields, encoded_fields
from stend.wire.content.encoding import MAX_BYTES, decoded
from stend.wire.content.operations import of_request, of_response
from stend.wire.content.soap import SOAP_11, SOAP_12, WSSE, envelope
from tests.wire.checking import demand_accounting, demand_meanings, find

ENVELOPE = f"""<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="{SOAP_11}">
  <s:Header><w:Security xmlns:w="{WSSE}"><w:BinarySecurityToken>abc</w:BinarySecurityToken>
  </w:Security><traceparent xmlns="urn:x">00-1</traceparent></s:Header>
  <s:Body><!-- so --><PlaceOrder xmlns="urn:lavka:orders:v1" mode='a&lt;b'>
    <note><![CDATA[<&>]]></note><empty /></PlaceOrder></s:Body>
</s:Envelope>"""
FAULT_12 = (
    f'<e:Envelope xmlns:e="{SOAP_12}"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>'
    "<e:Subcode><e:Value>o:OutOfStock</e:Value></e:Subcode></e:Code>"
    '<e:Reason><e:Text xml:lang="en">no</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>'
)


def tree(media_type: str, text: str | bytes) -> tuple[Field, ...]:
    data = text.encode() if isinstance(text, str) else text
    fields = body_fields(media_type, data)
    demand_accounting(fields, len(data))
    demand_meanings(fields)
    return fields


def reasons(fields: tuple[Field, ...]) -> list[str]:
    return [one.why_not.en for one in every(fields) if one.why_not is not None]


def test_an_envelope_has_its_sentences_by_namespace() -> None:
    fields = tree("text/xml; charset=utf-8", ENVELOPE)
    assert reasons(fields) == []
    assert find(fields, "s:Envelope").meaning.source == "SOAP 1.1 §4.1"
    assert find(fields, "w:BinarySecurityToken").meaning.source == "WS-Security 1.1 §6.3"
    assert find(fields, "w:BinarySecurityToken").value == "abc"
    assert find(fields, "PlaceOrder").meaning.source == "WSDL 1.1 §3.5"
    assert find(fields, "PlaceOrder", "mode").value == "a<b"
    assert find(fields, "note").value == "<&>"


def test_a_fault_of_soap_12_tells_its_subcode() -> None:
    fields = tree("application/soap+xml", FAULT_12)
    assert find(fields, "e:Fault", "e:Code", "e:Value").meaning.source == "SOAP 1.2 §5.4.1"
    told = envelope(FAULT_12.encode())
    assert told is not None
    assert (told.operation, told.fault) == ("Fault", "OutOfStock")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<a><b></a>", "the element that is closed is not the one that is open"),
        ("<a>", "the document is not finished"),
        ("<a", "there is no markup of XML here"),
        ("<!-- ", "there is no markup of XML here"),
        ("<a b></a>", "there is no attribute of XML here"),
        ("<a>" * 200, "it is deeper than 128 levels"),
        ("\ufeff<a/>".encode("utf-16"), "the document is in UTF-16, not UTF-8"),
    ],
)
def test_what_is_no_xml_is_shown_with_a_reason(text: str | bytes, reason: str) -> None:
    assert reasons(tree("application/xml", text)) == [reason]


def test_entities_are_shown_and_never_expanded() -> None:
    text = '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;&#x41;</a>'
    fields = tree("text/xml", text)
    assert find(fields, "doctypedecl").value == '<!DOCTYPE a [<!ENTITY x "y">]>'
    assert find(fields, "a").value == "&x;A"


def test_a_form_is_pairs() -> None:
    fields = tree(
        "application/x-www-form-urlencoded", "grant_type=client_credentials&&scope=a+b%21&x"
    )
    assert find(fields, "grant_type").meaning.source == "RFC 6749 §4"
    assert find(fields, "scope").value == "a b!"
    assert find(fields, "x").value is None


def test_events_of_a_stream() -> None:
    text = ': hi\r\n\r\nid: 3\nevent: moved\ndata: {"a":\ndata:  1}\nretry: 10\rodd: x\n\ndata: end'
    fields = tree("text/event-stream", text)
    assert len(fields) == 3
    assert find(fields[1:], "id").value == "3"
    joined = fields[1].inner
    assert joined is not None
    assert find(joined.fields, "a").value == 1
    assert find(fields[2:], "data").value == "end"


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", gzip.compress(b'{"a":1}', mtime=0)),
        ("deflate", zlib.compress(b'{"a":1}')),
        ("deflate", zlib.compress(b'{"a":1}')[2:-4]),
        ("br", bytes(cramjam.brotli.compress(b'{"a":1}'))),
        ("zstd", bytes(cramjam.zstd.compress(b'{"a":1}'))),
        ("deflate, gzip", gzip.compress(zlib.compress(b'{"a":1}'), mtime=0)),
        ("identity", b'{"a":1}'),
    ],
)
def test_codings_are_undone(coding: str, data: bytes) -> None:
    fields = encoded_fields("application/json", coding, data)
    demand_accounting(fields, len(data))
    demand_meanings(fields)
    assert find(fields, "a").value == 1


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_bounded(coding: str) -> None:
    zeros = b"\0" * (4 * MAX_BYTES)
    bombs: dict[str, Callable[[], bytes]] = {
        "gzip": lambda: gzip.compress(zeros),
        "deflate": lambda: zlib.compress(zeros),
        "br": lambda: bytes(cramjam.brotli.compress(zeros)),
        "zstd": lambda: bytes(cramjam.zstd.compress(zeros)),
    }
    told = decoded(coding, bombs[coding]())
    assert len(told.data) <= MAX_BYTES
    assert told.why_not is not None


def test_a_window_of_zstd_that_is_too_large_is_refused() -> None:
    # A frame header that asks for a window of 2 GB (RFC 8878 §3.1.1.1.2).
    told = decoded("zstd", b"\x28\xb5\x2f\xfd\x00\xa8" + b"\0" * 20)
    assert told.why_not is not None
    assert "window" in told.why_not.en


def test_any_bytes_give_a_tree() -> None:
    chance = random.Random(3)
    kinds = {"text/xml": ENVELOPE, "text/event-stream": "data: a\n\n", "application/json": "{}"}
    for media_type, text in kinds.items():
        for _ in range(400):
            damaged = bytearray(text.encode() * 2)
            for _ in range(3):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            del damaged[chance.randrange(len(damaged)) :]
            fields = body_fields(media_type, bytes(damaged))
            demand_accounting(fields, len(damaged))


JSON = {"content-type": "application/json"}
EVENT = {"content-type": "application/cloudevents+json", "webhook-id": "m1"}


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "api", "facts"),
    [
        ("GET", "/a", {}, b"", "rest", {}),
        ("GET", "/a", {"accept": "text/html,*/*"}, b"", "", {}),
        ("GET", "/a", {"accept": "text/event-stream"}, b"", "sse", {}),
        ("GET", "/a", {"upgrade": "websocket"}, b"", "websocket", {}),
        ("POST", "/a", JSON, b'{"jsonrpc":"2.0","method":"m"}', "jsonrpc", {"rpc_method": "m"}),
        ("POST", "/a", JSON, b'{"jsonrpc":"2.0","method":"tools/list"}', "mcp", {}),
        ("POST", "/a", JSON | {"webhook-id": "m1"}, b"{}", "webhook", {"webhook_id": "m1"}),
        ("POST", "/a", EVENT, b"{", "webhook", {"webhook_id": "m1"}),
        ("POST", "/a", EVENT, b"[]", "webhook", {"webhook_id": "m1"}),
        (
            "POST",
            "/a",
            EVENT,
            b'{"specversion":"1.0","id":"ord_1:1","type":"OrderPlaced"}',
            "webhook",
            {"webhook_id": "m1", "ce_id": "ord_1:1", "ce_type": "OrderPlaced"},
        ),
        (
            "POST",
            "/a",
            JSON,
            b'{"query":"mutation P { place { id } }"}',
            "graphql",
            {"graphql_operation": "mutation P"},
        ),
        ("POST", "/a", JSON, b'{"query":"{ me }"}', "graphql", {"graphql_operation": "query me"}),
        (
            "GET",
            "/graphql?query=%7Bme%7D",
            {},
            b"",
            "graphql",
            {"graphql_operation": "query me"},
        ),
        (
            "POST",
            "/a",
            {"content-type": "text/xml", "soapaction": '"urn:p"'},
            ENVELOPE.encode(),
            "soap",
            {"soap_operation": "PlaceOrder", "soap_action": "urn:p"},
        ),
        ("POST", "/a", JSON, b"[" * 100_000, "rest", {}),
    ],
)
def test_the_kind_of_api_is_judged(
    method: str, target: str, headers: dict[str, str], body: bytes, api: str, facts: dict[str, str]
) -> None:
    told = of_request(method, target, headers, body)
    assert told.api == api
    assert told.facts.items() >= facts.items()


def test_errors_inside_of_a_success_are_told() -> None:
    assert of_response("jsonrpc", JSON, b'{"jsonrpc":"2.0","error":{"code":-1}}').error == "-1"
    failed = b'{"data":null,"errors":[{"extensions":{"code":"GONE"}}]}'
    assert of_response("graphql", JSON, failed).error == "GONE"
    assert (
        of_response("soap", {"content-type": "text/xml"}, FAULT_12.encode()).error == "OutOfStock"
    )
