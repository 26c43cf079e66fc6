"""Trees as rows, and which of their bytes are the user's payload."""

import json
from base64 import b64decode

import pytest

from stend.kit.fields import Field, Inner, Meaning, undecoded
from stend.kit.languages import Language, Text
from stend.portal.units.payload import payload_size
from stend.portal.units.rows import Tree, hex_lines, packed, shown, tree_of

WHY = Meaning(Text("Зачем", "What for"), "RFC 1 §2")


def leaf(name: str, start: int, end: int, value: str = "") -> Field:
    return Field(name, "", value, start, end, WHY)


def around(name: str, *children: Field, inner: Inner | None = None) -> Field:
    return Field(name, "", None, children[0].start, children[-1].end, WHY, children, inner)


def packed_in(name: str, start: int, end: int, *inside: Field) -> Field:
    inner = Inner(Text("распаковано", "unpacked"), b"x" * inside[-1].end, inside)
    return Field(name, "", None, start, end, WHY, inner=inner)


def payload(protocol: str, *fields: Field) -> int:
    return payload_size(protocol, fields)


def rows_of(tree: Tree) -> list[tuple[int, str, int, bool]]:
    return [(row.depth, row.key, row.space, row.is_payload) for row in tree.rows]


HEAD = around("header section", leaf("value", 0, 10))


@pytest.mark.parametrize(
    ("protocol", "fields", "size"),
    [
        ("http1", (HEAD, around("object", leaf("a", 10, 14))), 0),
        ("http1", (HEAD, around("message body", around("object", leaf("a", 10, 14)))), 4),
        (
            "http1",
            (
                around(
                    "message body",
                    around(
                        "chunk", leaf("chunk-size", 0, 1), leaf("chunk-data", 1, 6), leaf("C", 6, 8)
                    ),
                    around("last-chunk", leaf("chunk-size", 8, 9)),
                    leaf("CRLF", 9, 11),
                ),
            ),
            5,
        ),
        (
            "http2",
            (
                around(
                    "message",
                    leaf("compressed_flag", 0, 1),
                    leaf("message_length", 1, 5),
                    leaf("id", 5, 9),
                ),
            ),
            4,
        ),
        (
            "kafka",
            (around("records", around("headers", leaf("value", 0, 3)), leaf("value", 3, 8)),),
            5,
        ),
        # A batch that is compressed as a whole: its bytes are payload where its content has some.
        ("kafka", (packed_in("records in gzip", 0, 9, around("[0]", leaf("value", 0, 30))),), 9),
        ("kafka", (packed_in("records in gzip", 0, 9, around("[0]", leaf("key", 0, 30))),), 0),
        ("dns", (around("message body", leaf("a", 0, 4)),), 0),
    ],
)
def test_payload_is_told_from_the_tree(protocol: str, fields: tuple[Field, ...], size: int) -> None:
    assert payload(protocol, *fields) == size


def test_rows_stand_in_the_order_of_the_tree_and_inner_ones_below_their_owner() -> None:
    body = around(
        "message body", packed_in("encoded content", 4, 9, leaf("a", 0, 2), leaf("a", 2, 5))
    )
    tree = tree_of("http1", b"GET 12345", (around("line", leaf("SP", 0, 4)), body))
    assert rows_of(tree) == [
        (0, "line", 0, False),
        (1, "SP", 0, False),
        (0, "message body", 0, True),
        (1, "encoded content", 0, True),
        (2, "a", 1, True),
        (2, "a~2", 1, True),
    ]
    assert [(space.owner, len(space.data)) for space in tree.spaces] == [(-1, 9), (3, 5)]


def test_what_has_no_room_is_counted() -> None:
    fields = tuple(around(f"[{at}]", leaf("a", at, at + 1)) for at in range(10))
    tree = tree_of("http1", b"x" * 10, fields, limit=5)
    assert len(tree.rows) == 5
    assert tree.left_off == 15


def test_tree_is_packed_in_one_language_with_each_meaning_once() -> None:
    fields = (leaf("a", 0, 1, "é"), leaf("b", 1, 2), undecoded(2, 3, Text("нечем", "by nothing")))
    tree = tree_of("http1", b"\0\x01\xff", fields)
    found = json.loads(packed(tree, Language.RU))
    assert found["meanings"][0] == ["Зачем", "RFC 1 §2"]
    assert [row[6] for row in found["rows"]] == [0, 0, 1]
    assert [row[10] for row in found["rows"]] == [0, 0, "нечем"]
    assert json.loads(packed(tree, Language.EN))["rows"][2][10] == "by nothing"
    assert b64decode(found["spaces"][0]["data"]) == b"\0\x01\xff"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        (b"\0\xff", "00 ff"),
        (b"\0" * 100, "00 " * 47 + "00…"),
        ("a\r\nb\x7f", "a␍␊b␡"),
        ("x" * 500, "x" * 160 + "…"),
    ],
)
def test_value_is_one_line(value: object, text: str) -> None:
    assert shown(value) == text  # type: ignore[arg-type] # parametrize knows no better


def test_dump_has_sixteen_bytes_to_a_row() -> None:
    lines = list(hex_lines(b"GET / HTTP/1.1\r\nHost", 100))
    assert [line.start for line in lines] == [0, 16]
    assert lines[0].characters == "GET / HTTP/1.1··"
    assert lines[1].pairs == "48 6f 73 74"
