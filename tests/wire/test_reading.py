"""A message that is read from front to back, and what becomes of it where it is damaged."""

import pytest

from stend.kit.fields import Field, every
from stend.wire.content.words import said
from stend.wire.decoding import Undecodable
from stend.wire.reading import FIELDS_LIMIT, OPENED_LIMIT, Reader
from tests.wire.checking import demand_accounting, demand_meanings, find

NAMES = ("size", "name", "value", "group", "document")
MEANINGS = {name: said("§1", f"Поле {name}.", f"The field {name}.") for name in NAMES}


def sized(reader: Reader) -> None:
    """Groups of a length and as many octets of text."""
    while reader.rest:
        with reader.group("group"):
            size = reader.integer("size", "octet", 1)
            with reader.within(size, "value"):
                reader.until_zero("name", "String")
                reader.show(reader.text("value", "text", reader.rest), "pair")


def tree_of(data: bytes) -> tuple[Field, ...]:
    tree = Reader(data, MEANINGS).tree(sized)
    demand_accounting(tree, len(data))
    demand_meanings(tree)
    return tree


def test_pieces_are_fields_and_a_group_says_what_they_say_together() -> None:
    first, second = tree_of(b"\4a\0bc\3d\0e")
    assert (first.value, first.type) == ("bc", "pair")
    assert [(one.name, one.value) for one in second.children] == [
        ("size", 3),
        ("name", "d"),
        ("value", "e"),
    ]


def test_damage_ends_with_what_is_around_it() -> None:
    first, second = tree_of(b"\2xx\3d\0e")
    assert [one.name for one in first.children] == ["size", "not decoded"]
    assert second.value == "e"


def test_what_is_cut_off_says_so_even_where_nothing_is_left() -> None:
    tree = tree_of(b"\3d\0e\5")
    last = tree[-1]
    assert last.start == last.end
    assert last.why_not is not None
    assert "5 bytes are needed, 0 are left" in last.why_not.en


def test_what_is_left_over_is_shown() -> None:
    tree = Reader(b"ab", MEANINGS).tree(lambda reader: reader.leaf("name", "text", 1, "a"))
    assert [one.name for one in tree] == ["name", "not decoded"]


def test_text_that_is_none_is_bytes() -> None:
    assert find(tree_of(b"\3\0\xff\xfe"), "value").value == b"\xff\xfe"


def test_fields_have_a_limit() -> None:
    data = b"\2\0x" * FIELDS_LIMIT
    tree = Reader(data, MEANINGS).tree(sized)
    demand_accounting(tree, len(data))
    assert sum(1 for one in every(tree) if not one.children) <= FIELDS_LIMIT + 2
    assert find(tree[-1:], "not decoded").why_not is not None


def test_a_document_is_opened_as_far_as_the_limit_goes() -> None:
    def parts(data: bytes, start: int, end: int) -> tuple[Field, ...]:
        return (Field("value", "text", None, start, end, MEANINGS["value"]),)

    def read(reader: Reader) -> None:
        while reader.rest:
            reader.document("document", "text", size, None, parts)

    size = OPENED_LIMIT // 2
    opened = [one.children for one in Reader(b"x" * (3 * size), MEANINGS).tree(read)]
    assert [len(one) for one in opened] == [1, 1, 0]


def test_a_reader_refuses_what_is_not_there() -> None:
    reader = Reader(b"ab", MEANINGS)
    for size in (3, -1):
        with pytest.raises(Undecodable):
            reader.peek(size, "name")
    with pytest.raises(Undecodable):
        reader.until_zero("name", "String")
