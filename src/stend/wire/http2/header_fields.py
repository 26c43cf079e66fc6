"""Trees of field blocks: every representation with its index, its name and its value."""

from stend.kit.fields import Field, Inner
from stend.kit.languages import Text
from stend.wire.content.cursor import Cursor
from stend.wire.content.header_values import value_inner
from stend.wire.content.headers import header_meaning
from stend.wire.decoding import Undecodable
from stend.wire.http2.field_block import (
    INDEXED,
    SIZE_UPDATE,
    STATIC_LENGTH,
    FieldBlock,
    Literal,
    Representation,
)
from stend.wire.http2.meanings import MEANINGS, PSEUDO

_HUFFMAN = Text(ru="раскодировано по Хаффману", en="decoded from the Huffman code")


def block_fields(block: FieldBlock, at: Cursor) -> None:
    """Put the fields of a block that begins at `at`.

    Raises:
        Undecodable: the rest of the block could not be decoded when it came.
    """
    shift = at.at
    for step in block.steps:
        at.put(_step_field(step, shift))
        at.at = shift + step.end
    if block.why is not None:
        raise Undecodable(block.why.ru, block.why.en, at.at)


def text_of(data: bytes) -> str:
    """A name or a value as text: UTF-8, else Latin-1, which every octet has a letter of."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _step_field(step: Representation, shift: int) -> Field:
    start, end = step.start + shift, step.end + shift
    if step.kind == SIZE_UPDATE:
        name = "dynamic_table_size_update"
        return Field(name, "5-bit prefix integer", step.number, start, end, MEANINGS[name])
    name = text_of(step.name)
    meaning = PSEUDO.get(name) or header_meaning(name)
    children = [
        Field(
            "index",
            f"{step.kind}, prefix integer",
            _where(step),
            start,
            step.number_end + shift,
            MEANINGS[step.kind],
        )
    ]
    if step.key is not None:
        children.append(_literal("name", step.key, shift, None))
    if step.text is not None:
        children.append(_literal("value", step.text, shift, name))
    return Field(name, step.kind, text_of(step.value), start, end, meaning, tuple(children))


def _where(step: Representation) -> str:
    if not step.number:
        return "0"
    table = "static" if step.number <= STATIC_LENGTH else "dynamic"
    if step.kind == INDEXED:
        return f"{step.number} ({table}: {text_of(step.name)}: {text_of(step.value)})"
    return f"{step.number} ({table}: {text_of(step.name)})"


def _literal(name: str, one: Literal, shift: int, header: str | None) -> Field:
    """Length and string.

    Args:
        header: the name of the field, where the string is its value.
    """
    start, body, end = one.start + shift, one.body + shift, one.end + shift
    size = one.end - one.body
    said = f"{'H, ' if one.is_huffman else ''}{size}"
    length = Field(
        "length", "H + 7-bit prefix integer", said, start, body, MEANINGS["string length"]
    )
    text = text_of(one.plain)
    inner = value_inner(header, one.plain) if header else None
    meaning = MEANINGS[f"header {name}"]
    if one.is_huffman:
        plain = Field("string", "octets", text, 0, len(one.plain), meaning, (), inner)
        inner = Inner(_HUFFMAN, one.plain, (plain,) if one.plain else ())
    string = Field("string", "octets", text, body, end, meaning, (), inner)
    return Field(name, "string literal", text, start, end, meaning, (length, string))
