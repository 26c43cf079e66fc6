"""Readers of contracts: what they find, and that nothing but ValueError ever comes out of them."""

import contextlib
import json
import re
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.kit.languages import Language
from stend.portal.readers.contract_files import FORMATS, Contract, ContractFiles, document_of
from stend.portal.readers.document import Anchors, Document, Field, Group, Item, flowed
from stend.portal.texts import TEXTS

SHOP = list(ContractFiles(files("stend.shop")).all())
BY_NAME = {one.name: one for one in FORMATS}


def read(format_name: str, text: str, language: Language = Language.EN, **others: str) -> Document:
    beside = tuple((name.replace("_", "."), other) for name, other in others.items())
    return document_of(Contract("s", "p", "f", BY_NAME[format_name], text, beside), language)


def items(document: Document, section: str) -> dict[str, Item]:
    return {
        item.name: item for one in document.sections if one.key == section for item in one.items
    }


def group(item: Item, role: str) -> Group:
    return next(one for one in item.groups if one.role == role)


def fields(item: Item, role: str = "fields") -> dict[str, Field]:
    return {field.name: field for field in group(item, role).fields}


def anchors_of(document: Document) -> list[str]:
    return [item.anchor for section in document.sections for item in section.items]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "contract", SHOP, ids=lambda one: f"{one.service}-{one.protocol}-{one.name}"
)
def test_contract_of_the_shop_is_read(contract: Contract, language: Language) -> None:
    document = document_of(contract, language)
    assert items(document, "operations")
    assert contract.format in FORMATS
    given_anchors = anchors_of(document)
    assert len(given_anchors) == len(set(given_anchors))
    for section in document.sections:
        assert f"contracts.section.{section.key}" in TEXTS
        for item in section.items:
            for one in item.groups:
                assert f"contracts.group.{one.role}" in TEXTS
                used = {one.anchor, *(field.anchor for field in one.fields)} - {None}
                assert used <= set(given_anchors)


def test_every_contract_file_of_the_shop_is_shown_or_stands_beside_one() -> None:
    shown = {(one.service, one.protocol, one.name) for one in SHOP}
    shown |= {(one.service, one.protocol, name) for one in SHOP for name, _ in one.others}
    there = set()
    for service in files("stend.shop").iterdir():
        api = service.joinpath("api")
        for protocol in api.iterdir() if api.is_dir() else ():
            folder = protocol.joinpath("contract")
            for file in folder.iterdir() if folder.is_dir() else ():
                there.add((service.name, protocol.name, file.name))
    assert there == shown


# ---- OpenRPC -----------------------------------------------------------------------------------

OPENRPC = {
    "openrpc": "1.3.2",
    "info": {"title": "T", "version": "2", "description": "One.\nTwo.", "x-ru": "Раз."},
    "methods": [
        {
            "name": "a.b",
            "params": [
                {
                    "name": "who",
                    "required": True,
                    "schema": {"$ref": "#/components/schemas/Who"},
                },
                {
                    "name": "how",
                    "schema": {
                        "type": "object",
                        "required": ["deep"],
                        "properties": {
                            "deep": {"type": "array", "items": {"type": "integer", "minimum": 1}}
                        },
                    },
                },
            ],
            "result": {"name": "r", "schema": {"enum": ["x", "y"]}},
            "errors": [{"code": -32000, "message": "No.", "data": {"code": "no"}}],
            "examples": [
                {
                    "name": "e",
                    "params": [{"name": "who", "value": "me"}],
                    "result": {"name": "r", "value": "x"},
                }
            ],
        },
        {"name": "note", "params": []},
    ],
    "components": {"schemas": {"Who": {"type": "string", "pattern": "^w"}}},
}


def test_openrpc() -> None:
    document = read("OpenRPC", json.dumps(OPENRPC))
    assert (document.title, document.version, document.doc) == ("T", "2", "One. Two.")
    assert read("OpenRPC", json.dumps(OPENRPC), Language.RU).doc == "Раз."
    methods = items(document, "operations")
    params = fields(methods["a.b"], "params")
    assert params["who"] == Field("who", "Who", "type-Who", "required")
    assert params["how"].rule == "optional"
    assert fields(methods["a.b"], "errors")["-32000"].doc == "No."
    assert group(methods["a.b"], "result").fields[0].rule == '"x" | "y"'
    asked = json.loads(group(methods["a.b"], "example_request").example)
    assert asked == {"jsonrpc": "2.0", "id": 1, "method": "a.b", "params": {"who": "me"}}
    assert json.loads(group(methods["a.b"], "example_response").example)["result"] == "x"
    assert methods["note"].kind == "notification"
    assert fields(items(document, "types")["Who"])[""].rule == "pattern ^w"


def test_nested_members_stand_deeper() -> None:
    schema = {
        "type": "object",
        "properties": {
            "lines": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
            }
        },
    }
    changed = {**OPENRPC, "components": {"schemas": {"Who": schema}}}
    who = fields(items(read("OpenRPC", json.dumps(changed)), "types")["Who"])
    assert (who["lines"].type_name, who["lines"].depth) == ("object[]", 0)
    assert (who["sku"].type_name, who["sku"].depth) == ("string", 1)


@pytest.mark.parametrize(
    "pointer", ["#/nowhere", "#/components/schemas/Who", "#/components/schemas/Who/x", "#"]
)
def test_reference_that_leads_nowhere_or_to_itself_is_refused(pointer: str) -> None:
    broken = {**OPENRPC, "methods": [{"$ref": pointer}]}
    broken["components"] = {"schemas": {"Who": {"$ref": "#/components/schemas/Who"}}}
    with pytest.raises(ValueError, match=r"reference|nothing|KeyError"):
        read("OpenRPC", json.dumps(broken))


def test_reference_to_elsewhere_is_told_and_not_followed() -> None:
    method = {"name": "m", "params": [], "result": {"schema": {"$ref": "http://127.0.0.1:9/s"}}}
    document = read("OpenRPC", json.dumps({**OPENRPC, "methods": [method]}))
    result = group(items(document, "operations")["m"], "result")
    assert (result.type_name, result.anchor, result.fields) == ("http://127.0.0.1:9/s", None, ())


# ---- AsyncAPI ----------------------------------------------------------------------------------

ASYNCAPI = """
asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
defaultContentType: application/json
servers:
  main: {host: "h:1", protocol: amqp, protocolVersion: 0.9.1}
channels:
  commands:
    address: q.commands
    messages: {Do: {$ref: '#/components/messages/Do'}}
  replies:
    address: null
    messages: {Done: {$ref: '#/components/messages/Done'}}
operations:
  Do:
    action: receive
    channel: {$ref: '#/channels/commands'}
    messages: [{$ref: '#/channels/commands/messages/Do'}]
    reply:
      address: {location: $message.header#/reply_to}
      channel: {$ref: '#/channels/replies'}
components:
  messages:
    Do:
      headers: {type: object, properties: {id: {type: string}}}
      payload: {$ref: '#/components/schemas/Do'}
      examples: [{name: e, payload: {a: 1}}]
      bindings: {amqp: {bindingVersion: 0.3.0}}
    Done: {payload: {type: boolean}}
  schemas:
    Do: {type: object, required: [a], properties: {a: {type: integer, maximum: 9}}}
"""


def test_asyncapi() -> None:
    document = read("AsyncAPI", ASYNCAPI)
    assert document.facts == (("defaultContentType", "application/json"),)
    server = items(document, "servers")["main"]
    assert (server.kind, server.address) == ("amqp 0.9.1", "h:1")
    assert items(document, "channels")["commands"].address == "q.commands"
    assert items(document, "channels")["replies"].address == ""
    do = items(document, "operations")["Do"]
    assert do.kind == "receive"
    assert [(one.role, one.type_name) for one in do.groups] == [
        ("channel", "commands"),
        ("messages", ""),
        ("reply_channel", "replies"),
        ("reply_address", ""),
        ("reply", ""),
    ]
    assert group(do, "messages").fields[0].anchor == "message-Do"
    assert group(do, "reply").fields[0].anchor == "message-Done"
    message = items(document, "messages")["Do"]
    assert fields(message, "headers")["id"].type_name == "string"
    assert group(message, "payload").anchor == "type-Do"
    assert fields(items(document, "types")["Do"])["a"].rule == "required · maximum 9"


def test_other_version_of_asyncapi_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("asyncapi: 3.")):
        read("AsyncAPI", ASYNCAPI.replace("3.0.0", "2.6.0"))


# ---- WSDL --------------------------------------------------------------------------------------

WSDL = """<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/"
  xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" name="N" targetNamespace="urn:t">
  <w:documentation><en>English.</en><ru>Русский.</ru></w:documentation>
  <w:message name="AskMessage"><w:part name="p" element="t:Ask"/></w:message>
  <w:portType name="P"><w:operation name="Ask"><w:input message="t:AskMessage"/></w:operation>
  </w:portType>
  <w:binding name="B" type="t:P"><s:binding style="document" transport="urn:http"/>
    <w:operation name="Ask"><s:operation soapAction="urn:t:Ask"/></w:operation></w:binding>
  <w:service name="S"><w:port name="Q" binding="t:B"><s:address location="http://h/"/></w:port>
  </w:service>
</w:definitions>"""
XSD = """<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t">
  <x:element name="Ask"><x:annotation>
      <x:documentation xml:lang="en">Asks.</x:documentation>
      <x:documentation xml:lang="ru">Спрашивает.</x:documentation></x:annotation>
    <x:complexType><x:sequence>
      <x:element name="what" type="t:What"/>
      <x:element name="many" minOccurs="0" maxOccurs="unbounded"><x:complexType><x:sequence>
        <x:element name="one" type="x:int" minOccurs="0"/></x:sequence></x:complexType></x:element>
      <x:choice><x:element name="left" type="x:int"/>
        <x:element name="right" type="x:int"/></x:choice>
    </x:sequence><x:attribute name="id" use="required" type="x:ID"/></x:complexType></x:element>
  <x:simpleType name="What"><x:restriction base="x:string"><x:enumeration value="a"/>
    <x:enumeration value="b"/></x:restriction></x:simpleType>
</x:schema>"""


def test_wsdl_with_its_schema() -> None:
    document = read("WSDL", WSDL, t_xsd=XSD)
    assert (document.title, document.doc) == ("N", "English.")
    assert read("WSDL", WSDL, Language.RU, t_xsd=XSD).doc == "Русский."
    port = items(document, "services")["S.Q"]
    assert (port.kind, port.address) == ("SOAP 1.1", "http://h/")
    assert items(document, "bindings")["B"].kind == "SOAP 1.1 · document"
    ask = items(document, "operations")["Ask"]
    assert ask.kind == "one-way"
    assert group(ask, "request").doc == "Asks."
    told = fields(ask, "request")
    assert told["what"] == Field("what", "What", "type-What", "required")
    assert told["many"].rule == "0..*"
    assert (told["one"].depth, told["one"].rule) == (1, "optional")
    assert told["left"].depth == told["right"].depth == 1
    assert told["@id"].rule == "required"
    assert list(fields(items(document, "types")["What"])) == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a/>",
        WSDL.replace("t:AskMessage", "t:Other"),
        WSDL,
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + WSDL.replace("English", "&e;"),
    ],
    ids=["empty", "other root", "no message", "no element", "entity"],
)
def test_wsdl_that_does_not_hold_together_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read("WSDL", text)


# ---- Protocol Buffers --------------------------------------------------------------------------

PROTO = """// What it is.
syntax = "proto3";
package a.v1;

// Lost: an empty line below, and another one.


import "b.proto";

service S {
  // Asks
  // once.
  rpc Ask(Q) returns (a.v1.Q.Inner);
  rpc Watch(stream Q) returns (stream Q) { option deprecated = true; }
}

message Q {
  message Inner { int32 n = 1 [deprecated = true, json_name = "m"]; }
  /* Names. */
  map<string, Inner> by_name = 1;
  oneof pick { string x = 2; Inner y = 3; }
  repeated E e = 4;
  reserved 9, 10 to 12;
  reserved "old";
}

enum E { option allow_alias = true; E_A = 0; E_B = -1; }
"""


def test_proto() -> None:
    document = read("Protocol Buffers", PROTO)
    assert (document.title, document.version, document.doc) == ("a.v1", "v1", "What it is.")
    assert document.facts == (("package", "a.v1"), ("import", "b.proto"))
    methods = items(document, "operations")
    assert methods["S.Ask"].doc == "Asks once."
    assert methods["S.Ask"].kind == "unary"
    assert methods["S.Ask"].address == "/a.v1.S/Ask"
    assert group(methods["S.Ask"], "response").anchor == "type-Q.Inner"
    assert methods["S.Watch"].kind == "bidirectional streaming"
    types = items(document, "types")
    q = fields(types["Q"])
    assert q["by_name"].type_name == "map<string,Inner>"
    assert q["by_name"].anchor == "type-Q.Inner"
    assert q["by_name"].doc == "Names."
    assert (q["x"].depth, q["y"].anchor) == (1, "type-Q.Inner")
    assert q["e"].rule == "= 4 · repeated"
    assert "deprecated = true" in fields(types["Q.Inner"])["n"].rule
    assert [field.rule for field in fields(types["E"]).values()] == ["= 0", "= -1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "message M {}",
        'syntax = "proto3"; message M {',
        'syntax = "proto3"; }',
        'syntax = "proto3"; message M { string a = 1',
        'syntax = "proto3"; service S { rpc A() returns (B); }',
        'syntax = "proto3"; service S { rpc A; }',
        'syntax = "proto3"; message M { = ; }',
        'syntax = "proto3"; §',
    ],
)
def test_proto_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read("Protocol Buffers", text)


# ---- GraphQL -----------------------------------------------------------------------------------

SDL = r"""
schema { query: Root }
"Asks."
directive @once repeatable on FIELD | QUERY
type Root { "One\nthing." thing(id: ID!, deep: [In!] = []): Thing! }
interface Named { name: String }
type Thing implements Named { name: String self(of: E = A): Thing any: Any old: Int @deprecated }
input In { a: Int = 1 }
enum E { "First." A B }
union Any = Thing | Root
scalar When
"""


def test_graphql() -> None:
    document = read("GraphQL", SDL)
    thing = items(document, "operations")["thing"]
    assert thing.kind == "query"
    assert thing.doc == "One thing."
    assert group(thing, "result").anchor == "type-Thing"
    deep = fields(thing, "params")["deep"]
    assert (deep.type_name, deep.anchor, deep.rule) == ("[In!]", "type-In", "= []")
    types = items(document, "types")
    assert "Root" not in types
    assert fields(types["Thing"])["implements"].anchor == "type-Named"
    assert fields(types["Thing"])["of"].depth == 1
    assert fields(types["Thing"])["old"].rule.startswith("@deprecated")
    assert fields(types["E"])["A"].doc == "First."
    assert items(document, "directives")["@once"].address == "FIELD | QUERY"


# ---- MCP ---------------------------------------------------------------------------------------

MCP = {
    "serverInfo": {"name": "n", "title": "T", "version": "1"},
    "instructions": "Ask first.",
    "tools": [
        {
            "name": "do",
            "title": "Do it",
            "description": "Does it.",
            "inputSchema": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"$ref": "#/$defs/Id", "description": "Which."}},
            },
            "outputSchema": {"$ref": "#/$defs/Id"},
            "annotations": {"readOnlyHint": True, "destructiveHint": False},
        }
    ],
    "resourceTemplates": [{"name": "one", "uriTemplate": "a://{id}", "mimeType": "text/plain"}],
    "prompts": [{"name": "p", "arguments": [{"name": "a", "required": True}]}],
    "$defs": {"Id": {"type": "string"}},
}


def test_mcp() -> None:
    document = read("MCP", json.dumps(MCP))
    assert (document.title, document.version, document.doc) == ("T", "1", "Ask first.")
    tool = items(document, "operations")["do"]
    assert tool.kind == "readOnly"
    assert fields(tool, "params")["id"] == Field("id", "Id", "type-Id", "required", "Which.")
    assert group(tool, "result").anchor == "type-Id"
    assert items(document, "resources")["one"].address == "a://{id}"
    assert fields(items(document, "prompts")["p"], "params")["a"].rule == "required"


# ---- all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", BY_NAME)
@settings(max_examples=40)
@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(format_name: str, text: str) -> None:
    starts = {"OpenRPC": '{"openrpc": ', "Protocol Buffers": 'syntax = "proto3"; '}
    for whole in (text, starts.get(format_name, "") + text):
        with contextlib.suppress(ValueError):
            read(format_name, whole)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just({"$ref": "#/info"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["$ref", "type", "items", "properties", "oneOf", "name", "schema", "enum"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_MEMBERS = ("info", "methods", "servers", "components", "channels", "operations", "paths", "tools")


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON, max_size=4))
def test_any_json_is_read_or_refused(members: dict[str, object]) -> None:
    for format_name, mark in (
        ("OpenRPC", {"openrpc": "1.3.2"}),
        ("AsyncAPI", {"asyncapi": "3.0.0"}),
        ("OpenAPI", {"openapi": "3.1.0"}),
        ("MCP", {"serverInfo": {}}),
    ):
        with contextlib.suppress(ValueError):
            read(format_name, json.dumps({**members, **mark}))


def test_anchors_differ_where_names_do() -> None:
    anchors = Anchors()
    names = ["a b", "a-b", "a+b", "a b", "<b>", "я", "ю"]
    given_anchors = [anchors.of("type", name) for name in names]
    assert given_anchors[0] == given_anchors[3]
    assert len(set(given_anchors)) == 6
    assert all(re.fullmatch(r"type-[A-Za-z0-9_.-]*", anchor) for anchor in given_anchors)


def test_line_breaks_within_a_paragraph_are_none() -> None:
    assert flowed("a\nb  \n  c\n\nd\n- x\n- y\n1. z\n") == "a b c\n\nd\n- x\n- y\n1. z"
