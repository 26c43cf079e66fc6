"""Texts that no contract is: each gets the declared error or problems, soon, and nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stend.course.formats import (
    asyncapi,
    graphql,
    json_schema,
    openapi,
    openrpc,
    protobuf,
    wsdl,
    xsd,
)
from stend.course.formats.contract import Contract, UnreadableError
from stend.course.formats.source import read_source

_ROOT = Path(__file__).resolve().parents[2]
_BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
_XML_BOMB = (
    '<!DOCTYPE l [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    + "]><l>&a8;</l>"
)
_XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
_AROUND = """openapi: 3.1.0
info: {title: T, version: "1"}
paths: {/a: {get: {responses: {"200": {$ref: "#/components/responses/A"}}}}}
components:
  responses: {A: {$ref: "#/components/responses/B"}, B: {$ref: "#/components/responses/A"}}
  schemas: {A: {$ref: "#/components/schemas/B"}, B: {$ref: "#/components/schemas/A"}}
"""
_ITSELF = """openapi: 3.1.0
info: {title: T, version: "1"}
paths: {/a: {$ref: "#/paths/~1a"}}
"""
_HOSTILE = {
    "empty": "",
    "nothing": "\n# a comment\n",
    "null": "null",
    "a number": "5",
    "a list": "[1, 2]",
    "a text": "hello",
    "zero byte": "a: \x00",
    "half of a pair": "a: \ud800",
    "a bomb of aliases": _BOMB,
    "an alias of itself": "a: &a [*a]",
    "an unknown alias": "a: *b",
    "deep": "[" * 5_000,
    "deep and closed": "[" * 500 + "]" * 500,
    "deep mappings": "".join(" " * n + "a:\n" for n in range(500)),
    "3 MB": "a: " + "x" * 3_000_000,
    "many values": "[" + "1," * 100_000 + "1]",
    "a tag": "!!python/object/apply:os.system ['true']",
    "two documents": "a: 1\n---\nb: 2\n",
    "keys that repeat": "a: 1\na: 2\n",
    "keys that are no text": "? [1]\n: 2\n",
    "a merge of nothing": "a: {<<: 5}",
    "a large number": "a: 1e999",
    "a long number": "a: " + "9" * 5_000,
    "around": _AROUND,
    "itself": _ITSELF,
    "an XML bomb": _XML_BOMB,
    "XXE": _XXE,
    "deep XML": "<a>" * 300 + "</a>" * 300,
    "wide XML": "<a>" + "<b/>" * 30_000 + "</a>",
    "deep GraphQL": "type Query { a: " + "[" * 3_000 + "Int" + "]" * 3_000 + " }",
    "an open GraphQL": "{" * 3_000,
    "deep protobuf": 'syntax = "proto3"; ' + "message A {" * 2_000 + "}" * 2_000,
    "an import of a file": 'syntax = "proto3"; import "/etc/passwd";',
    "an include of a file": '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    '<xs:include schemaLocation="/etc/passwd"/></xs:schema>',
    "openapi of nothing": "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: null}\n",
    "openrpc of nothing": "openrpc: 1.3.2\ninfo: {title: T, version: '1'}\nmethods: [null]\n",
    "asyncapi of nothing": "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {a: 5}\n",
}
_READERS: dict[str, Callable[[str, str], Contract]] = {
    "asyncapi": asyncapi.read,
    "graphql": graphql.read,
    "json_schema": json_schema.read,
    "openapi": openapi.read,
    "openrpc": openrpc.read,
    "protobuf": protobuf.read,
    "wsdl": wsdl.read,
    "xsd": xsd.read,
}
_NOT_PROTOC = {name: one for name, one in _READERS.items() if name != "protobuf"}


@pytest.mark.parametrize("text", _HOSTILE.values(), ids=_HOSTILE)
@pytest.mark.parametrize("read", _READERS.values(), ids=_READERS)
def test_only_the_declared_error_escapes(read: Callable[[str, str], Contract], text: str) -> None:
    _ask(read, text)


@pytest.mark.parametrize("name", ["a bomb of aliases", "an alias of itself", "deep", "3 MB"])
def test_bounds_are_told_in_both_languages(name: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_source(_HOSTILE[name], "a.yaml")
    problem = caught.value.problem
    assert problem.where.startswith("a.yaml:")
    assert problem.sentence.ru != problem.sentence.en


def test_what_a_pattern_may_cost_is_bounded() -> None:
    contract = json_schema.read('{"type": "string", "pattern": "^(a+)+(?=b)c$"}', "a.json")
    assert contract.problems() == ()
    assert not contract.judge("value", "a" * 20_000 + "!").accepted


@pytest.mark.parametrize(
    "pattern", ["(a{900}){900}", "((a{90}){90}){90}", "(?<=a+)b", "\\\\p{Nope}"]
)
def test_a_pattern_that_cannot_be_used_is_a_problem(pattern: str) -> None:
    contract = json_schema.read(f'{{"pattern": "{pattern}"}}', "a.json")
    if contract.problems():
        with pytest.raises(UnreadableError):
            contract.judge("value", "a")
    else:
        contract.judge("value", "a" * 1_000)


def test_a_message_may_be_hostile_too() -> None:
    deep: Any = []
    for _ in range(200_000):
        deep = [deep]
    contract = json_schema.read('{"type": "array"}', "a.json")
    assert not contract.judge("value", deep).accepted
    assert not graphql.read("type Query { a: Int }", "a").judge("operation", "{a" * 9_000).accepted
    xml = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>'
    )
    for document in (_XXE, _XML_BOMB, "<a", "<a>" * 300, ""):
        assert not xsd.read(xml, "a.xsd").judge("a", document).accepted


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", _NOT_PROTOC)
def test_torn_contracts_of_the_shop_are_told(name: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(_seeds(name)))
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 200))
    put = data.draw(
        st.sampled_from(["", "{", "]", "null", '"', "$ref: '#'", "&a", "*a", "<", ": "])
    )
    _ask(_NOT_PROTOC[name], text[:start] + put + text[start + length :])


def _seeds(name: str) -> list[str]:
    shop = _ROOT / "src/stend/shop"
    patterns = {
        "asyncapi": "webhook/contract/asyncapi.yaml",
        "graphql": "catalog/api/graphql/contract/schema.graphql",
        "json_schema": "",
        "openapi": "analytics/api/rest/contract/openapi.yaml",
        "openrpc": "loyalty/api/jsonrpc/contract/openrpc.json",
        "wsdl": "soap/contract/bank.wsdl",
        "xsd": "soap/contract/bank.xsd",
    }
    if not patterns[name]:
        return ['{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}']
    return [one.read_text(encoding="utf-8") for one in shop.rglob(patterns[name])]


def _ask(read: Callable[[str, str], Contract], text: str) -> None:
    try:
        contract = read(text, "a")
    except UnreadableError:
        return
    if contract.problems():
        with pytest.raises(UnreadableError):
            list(_told(contract))
    else:
        list(_told(contract))


def _told(contract: Contract) -> Iterator[object]:
    yield from contract.operations()
    for message in contract.messages():
        values: list[object] = [{}, [], "<a/>", None, 5]
        yield from (contract.judge(message.name, value) for value in values)
