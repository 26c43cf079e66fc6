"""JSON as a tree: every token has its place, whatever the text is."""

import json
import random

import pytest

from stend.kit.fields import Field, every
from stend.wire.content.documents import document_fields
from stend.wire.content.json import MAX_DEPTH, MAX_FIELDS, json_fields
from tests.wire.checking import demand_accounting, demand_meanings, find


def tree(text: str | bytes) -> tuple[Field, ...]:
    data = text.encode() if isinstance(text, str) else text
    fields = document_fields(data, 0, len(data))
    demand_accounting(fields, len(data))
    demand_meanings(fields)
    return fields


def reasons(fields: tuple[Field, ...]) -> list[str]:
    return [one.why_not.en for one in every(fields) if one.why_not is not None]


def value_of(one: Field) -> object:
    """The value that a tree tells, as `json.loads` would."""
    marks = {piece.name for piece in one.children}
    if "begin-object" in marks:
        members = [piece for piece in one.children if piece.children]
        return {piece.name: value_of(piece) for piece in members}
    if "begin-array" in marks:
        return [value_of(piece) for piece in one.children if piece.name[:1] == "["]
    return one.value


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        " [ ] ",
        '{"a":{}}',
        '"x"',
        "-0.5e+3",
        "true",
        '{"a": [1, {"b": null}, "\\u044f\\n"], "c": false}\n',
        "[[[]], 10000000000000000000000, 1.5]",
    ],
)
def test_a_tree_says_what_the_text_does(text: str) -> None:
    fields = tree(text)
    assert reasons(fields) == []
    (root,) = [one for one in fields if one.name != "ws"]
    assert value_of(root) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":1,}', "} cannot stand here"),
        ("[1 2]", "2 cannot stand here"),
        ('{"a" 1}', "1 cannot stand here"),
        ("[1", "the JSON text is not finished"),
        ('{"a"', "the JSON text is not finished"),
        ('["abc', "the string is not closed"),
        ("[tru]", "there is no token of JSON here"),
        ("{} {}", "{ cannot stand here"),
        ('["\\x"]', "the string is not UTF-8, or has an unknown escape"),
        (b'["\xff"]', "the string is not UTF-8, or has an unknown escape"),
        ("[" * 200, f"it is deeper than {MAX_DEPTH} levels"),
        ("[" + "1," * MAX_FIELDS, f"not decoded further: there are more than {MAX_FIELDS} fields"),
    ],
)
def test_what_is_no_json_is_shown_with_a_reason(text: str | bytes, reason: str) -> None:
    assert reasons(tree(text)) == [reason]


def test_numbers_that_are_none_of_a_computer_stay_as_written() -> None:
    assert find(tree("[1e400]"), "[0]").value == "1e400"
    assert find(tree(f"[{'9' * 400}]"), "[0]").value == "9" * 400


def test_a_string_that_does_not_end_is_looked_at_once() -> None:
    # Each backslash could begin the search anew; it would take minutes.
    text = '["' + '\\"' * 500_000
    assert reasons(json_fields(text.encode(), 0, len(text))) == ["the string is not closed"]


def test_any_bytes_give_a_tree() -> None:
    chance = random.Random(7)
    for _ in range(3000):
        text = "".join(chance.choices('{}[]",:1e-. \\ntrue', k=chance.randrange(30)))
        tree(text)


@pytest.mark.parametrize(
    ("text", "path", "source"),
    [
        ('{"jsonrpc":"2.0","id":1,"error":{"code":1}}', ("error", "code"), "JSON-RPC 2.0 §5.1"),
        ('[{"jsonrpc":"2.0","id":1,"method":"m"}]', ("[0]", "method"), "JSON-RPC 2.0 §4"),
        (
            '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{}}}',
            ("params", "arguments"),
            "MCP §Tools, Calling Tools",
        ),
        ('{"query":"{a}","variables":null}', ("variables",), "GraphQL over HTTP §5.1"),
        ('{"data":null,"errors":[{"path":[]}]}', ("errors", "[0]", "path"), "GraphQL §7.1.2"),
        ('{"type":"a","title":"b","status":404}', ("type",), "RFC 9457 §3.1.1"),
        ('{"access_token":"x","token_type":"Bearer"}', ("token_type",), "RFC 6749 §7.1"),
        ('{"keys":[{"kid":"a"}]}', ("keys", "kid"), "RFC 7517 §4.5"),
        (
            '{"type":"x","timestamp":"t","data":{}}',
            ("data",),
            "Standard Webhooks §Payload structure",
        ),
        (
            '{"specversion":"1.0","id":"1","source":"s","type":"t"}',
            ("source",),
            "CloudEvents 1.0 §3.1.1 source",
        ),
        (
            '{"id":"1","type":"next","payload":{"data":{}}}',
            ("payload", "data"),
            "GraphQL §7.1.1",
        ),
        ('{"order_id":"7"}', ("order_id",), "RFC 8259 §4"),
    ],
)
def test_members_of_known_documents_have_their_own_sentence(
    text: str, path: tuple[str, ...], source: str
) -> None:
    member = find(tree(text), *path)
    assert member.meaning.source == source
    told = [piece for piece in member.children if piece.name == "value"]
    assert all(piece.meaning.source == source for piece in told)


def test_the_tokens_of_a_query_are_inside_its_string() -> None:
    fields = tree('{"query": "query A($я: ID!) {\\n  order(id: $я) { id }  # so\\n}"}')
    value = find(fields, "query", "value")
    assert value.inner is not None
    told = [one.value for one in value.inner.fields if one.name == "Name"]
    assert told == ["query", "A"]
    assert reasons(value.inner.fields) == ["there is no token of GraphQL here"]
