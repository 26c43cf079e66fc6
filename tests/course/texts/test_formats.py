"""A fence is what it says it is, and a program prints what the text tells."""

import pytest

from stend.course.texts.prose import Fence, Notation
from stend.course.texts.snippets import commands, output_difference, wrong_format

_JSON = "Content-Type: application/json"


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("python", "print(1)\n"),
        ("json", '{"a": [1, null]}'),
        ("yaml", "a: 1\n---\nb: 2\n"),
        ("toml", "a = 1\n"),
        ("xml", '<?xml version="1.0"?>\n<a xmlns:b="urn:b"><b:c/></a>\n'),
        ("xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        ("graphql", "type Order { id: ID! }"),
        ("graphql", "query Q($id: ID!) { order(id: $id) { id } }"),
        ("http", "GET /orders HTTP/1.1\nHost: lavka\n"),
        ("http", f"POST / HTTP/1.1\nHost: lavka\nContent-Length: 2\n{_JSON}\n\n{{}}\n"),
        ("http", 'GET / HTTP/1.1\nHost: lavka\n\n---\n\nHTTP/1.1 304 Not Modified\nETag: "1"\n'),
        ("http", "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 99\n\n{…}\n"),
        ("mermaid", "flowchart LR\n  a --> b\n"),
        (
            "console",
            "# first\n$ ./stend call PlaceOrder --over rest lines.0.sku='MILK-001' # an order\n",
        ),
        ("text", "anything ("),
        ("sql", "only a server can tell"),
        ("proto", "only a compiler can tell"),
    ],
)
def test_what_a_parser_takes(language: str, content: str) -> None:
    assert wrong_format(Fence(Notation(language), (), content, "a", 1)) is None


@pytest.mark.parametrize(
    ("language", "content", "told"),
    [
        ("python", "print(", "never closed"),
        ("json", "{'a': 1}", "property name"),
        ("json", '{"a": 1, "a": 2}', "the name a is there twice"),
        ("json", '{"a": NaN}', "NaN is no JSON"),
        ("json", '{"a": 1} // no', "Extra data"),
        ("yaml", "a: [", "expected"),
        ("yaml", "a: 1\na: 2\n", "the key a is there twice"),
        ("toml", "a = ", "Invalid value"),
        ("xml", "<a>", "EndTag|Premature end"),
        ("xml", "<b:c/>", "prefix b"),
        ("graphql", "type Order {", "Syntax Error"),
        ("http", "GET / HTTP/1.1\n", "Host"),
        ("http", "GET /\nHost: lavka\n", "illegal request line"),
        ("http", "HTTP/1.1 OK\n", "illegal status line"),
        ("http", "GET / HTTP/1.1\nHost lavka\n", "illegal header line"),
        (
            "http",
            "HTTP/1.1 200 OK\nContent-Length: 5\n\n{}\n",
            "Content-Length is 5, the body has 2|3",
        ),
        (
            "http",
            "HTTP/1.1 200 OK\nContent-Type: application/problem+json\n\n{x}\n",
            "property name",
        ),
        ("http", "GET / HTTP/1.1\nHost: a\n\n---\n", "an empty message"),
        ("mermaid", "pie\n", "sequenceDiagram, flowchart or erDiagram"),
        ("console", "$ curl http://127.0.0.1\n", "`\\$ ./stend …` expected"),
        ("console", "./stend status\n", "`\\$ ./stend …` expected"),
        ("console", "$ ./stend status | grep x\n", "'\\|' is for a shell"),
        ("console", "$ ./stend status && ./stend call\n", "'&&' is for a shell"),
        ("console", "$ ./stend down\n", "stays as it is"),
        ("console", "$ ./stend call 'x\n", "No closing quotation"),
        ("console", "# nothing\n", "without a command"),
    ],
)
def test_what_it_refuses(language: str, content: str, told: str) -> None:
    found = wrong_format(Fence(Notation(language), (), content, "a", 1))
    assert found is not None
    assert any(one in found for one in told.replace("\\", "").split("|") if one)


def test_the_words_of_a_command() -> None:
    assert commands("$ ./stend call GetOrder 'a b'  # one\n\n$ ./stend status\n") == (
        ("call", "GetOrder", "a b"),
        ("status",),
    )


@pytest.mark.parametrize(
    ("told", "printed"),
    [
        ("a\nb\n", "a\nb\n"),
        ("a\n", "a   \n\n"),
        ("order ord_… at …\n", "order ord_01 at 12:00\n"),
        ("a\n…\nz\n", "a\nb\nc\nz\n"),
        ("a\n…\nz\n", "a\nz\n"),
        ("…", ""),
        ("a.b\n", "a.b\n"),
    ],
)
def test_what_is_printed_as_told(told: str, printed: str) -> None:
    assert output_difference(told, printed) is None


@pytest.mark.parametrize(
    ("told", "printed", "difference"),
    [
        ("a\nb\n", "a\nc\n", "told: 'b', printed: 'c'"),
        ("a\n", "a\nb\n", "told:\na\n"),
        ("a\nb\n", "a\n", "told:\na\nb\n"),
        ("a.b\n", "axb\n", "told: 'a.b', printed: 'axb'"),
        ("a\n…\nz\n", "a\nb\n", "told:\na\n"),
        ("a … z\n", "a\nz\n", "told: 'a … z', printed: 'a'"),
    ],
)
def test_what_is_printed_otherwise(told: str, printed: str, difference: str) -> None:
    found = output_difference(told, printed)
    assert found is not None
    assert found.startswith(difference)
