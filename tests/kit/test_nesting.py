"""Pieces by their paths become a tree whose leaves are in the same order."""

from stend.kit.fields import Field, Meaning, leaves
from stend.kit.languages import Text
from stend.kit.nesting import Span, Steps, nested

_NOTHING = Meaning(Text(ru="поле", en="field"), "here")


def _tree(*pieces: tuple[str, str]) -> tuple[Field, ...]:
    found = [Span(path, name, "int8", 0, at, at + 1) for at, (path, name) in enumerate(pieces)]

    def leaf(_: Steps, piece: Span) -> Field:
        return Field(piece.name, piece.type, piece.value, piece.start, piece.end, _NOTHING)

    return nested(found, leaf, lambda _: _NOTHING)


def _shape(fields: tuple[Field, ...]) -> list[object]:
    return [(one.name, _shape(one.children)) if one.children else one.name for one in fields]


def test_structures_and_arrays_become_groups() -> None:
    tree = _tree(
        ("acks", "acks"),
        ("topics", "count"),
        ("topics[0].name", "length"),
        ("topics[0].name", "name"),
        ("topics[0].partitions", "count"),
        ("topics[0].partitions[0]", "partitions"),
        ("topics[0].partitions[1]", "partitions"),
        ("topics[0]", "tagged fields"),
        ("", "tagged fields"),
    )
    element = (
        "[0]",
        [("name", ["length", "name"]), ("partitions", ["count", "[0]", "[1]"]), "tagged fields"],
    )
    assert _shape(tree) == ["acks", ("topics", ["count", element]), "tagged fields"]
    assert [one.start for one in leaves(tree)] == list(range(9))


def test_a_field_with_only_a_length_is_a_group() -> None:
    assert _shape(_tree(("name", "length"))) == [("name", ["length"])]


def test_nothing_becomes_nothing() -> None:
    assert _tree() == ()
