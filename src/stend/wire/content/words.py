"""How it is written down what fields are for, and vocabularies of known documents."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from stend.kit.fields import Field, Meaning
from stend.kit.languages import Text
from stend.kit.sentences import sentences


def said(source: str, ru: str, en: str) -> Meaning:
    """What a field is for, as a row of a table.

    Args:
        source: the specification and its section.
    """
    return Meaning(Text(ru=ru, en=en), source)


def meanings_of(source: str, table: str) -> dict[str, Meaning]:
    """What the fields of a table of sentences are for.

    Args:
        source: of those that name none of their own.
    """
    found = sentences(table)
    return {name: Meaning(one.text, one.source or source) for name, one in found.items()}


class Word(NamedTuple):
    """A name that a specification gives a sense.

    Attributes:
        inside: names inside it, where it is an object or an array of objects.
    """

    meaning: Meaning
    inside: "Words" = MappingProxyType({})


Words = Mapping[str, Word]


def explained(fields: Iterable[Field], words: Words) -> tuple[Field, ...]:
    """The same tree, with the meanings of `words` where their names stand.

    It goes only as deep as `words` do.
    """
    return tuple(_explained(one, words) for one in fields)


def _explained(one: Field, words: Words) -> Field:
    word = words.get(one.name)
    if word is not None and one.children:
        return one._replace(meaning=word.meaning, children=_inside(one, word))
    if words and one.children and one.name[:1] == "[":
        # An element of an array is what its array is an array of.
        return one._replace(children=tuple(_member(piece, words) for piece in one.children))
    return one


def _member(one: Field, words: Words) -> Field:
    word = words.get(one.name)
    if word is None or not one.children:
        return one
    return one._replace(meaning=word.meaning, children=_inside(one, word))


def _inside(one: Field, word: Word) -> tuple[Field, ...]:
    return tuple(
        piece._replace(meaning=word.meaning)
        if piece.name == "value" and not piece.children
        else _explained(piece, word.inside)
        for piece in one.children
    )
