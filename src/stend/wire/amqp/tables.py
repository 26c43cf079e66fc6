"""Field tables and arrays as trees (section 4.2.5.5; the types of values are RabbitMQ's)."""

from decimal import Decimal
from struct import Struct

from stend.kit.fields import Meaning, Value
from stend.wire.amqp.meanings import ENTRIES
from stend.wire.amqp.values import MAX_DEPTH
from stend.wire.decoding import Undecodable
from stend.wire.reading import Reader, text_of

_DECIMAL = Struct(">Bi")
# Types of a fixed size: what they are called, and how they are laid out.
_FIXED: dict[str, tuple[str, Struct]] = {
    "t": ("boolean", Struct(">?")),
    "b": ("byte", Struct(">b")),
    "B": ("unsignedbyte", Struct(">B")),
    "s": ("short", Struct(">h")),
    "u": ("unsignedshort", Struct(">H")),
    "I": ("signedint", Struct(">i")),
    "i": ("unsignedint", Struct(">I")),
    "l": ("long", Struct(">q")),
    "L": ("long", Struct(">q")),
    "f": ("float", Struct(">f")),
    "d": ("double", Struct(">d")),
    "T": ("timestamp", Struct(">Q")),
}
_SIZED = {"S": "longstr", "x": "binary"}
_NESTED = {"F": "table", "A": "array"}
_NAMES = {
    **{letter: name for letter, (name, _) in _FIXED.items()},
    **_SIZED,
    **_NESTED,
    "D": "decimal",
    "V": "void",
}


def short_text(reader: Reader, name: str, why: Meaning) -> None:
    """An octet of length and as many octets of text."""
    with reader.group(name, why):
        size = reader.integer("length", "octet", 1)
        reader.show(reader.text("text", "shortstr", size), "shortstr")


def table(reader: Reader, depth: int) -> None:
    """A size and entries that take as many bytes."""
    size = reader.integer("table_size", "long", 4)
    with reader.within(size, "table_size"):
        while reader.rest:
            _entry(reader, depth)


def _entry(reader: Reader, depth: int) -> None:
    size = reader.peek(1, "name_length")[0]
    name = text_of(reader.peek(1 + size, "name")[1:])
    shown = name if isinstance(name, str) and name else repr(name)
    with reader.group(shown, ENTRIES.get(shown, reader.meanings["entry"])):
        reader.integer("name_length", "octet", 1)
        reader.text("name", "shortstr", size)
        _value(reader, depth)


def _array(reader: Reader, depth: int) -> None:
    size = reader.integer("array_size", "long", 4)
    with reader.within(size, "array_size"):
        place = 0
        while reader.rest:
            with reader.group(f"[{place}]", reader.meanings["element"]):
                _value(reader, depth)
            place += 1


def _value(reader: Reader, depth: int) -> None:
    letter = reader.peek(1, "value_type").decode("latin-1")
    kind = _NAMES.get(letter)
    if kind is None:
        raise Undecodable(
            f"типа {letter!r} у значений таблицы нет",
            f"there is no type {letter!r} of values in tables",
            reader.at,
        )
    reader.leaf("value_type", "octet", 1, f"{letter} {kind}")
    if letter in _NESTED:
        _nested(reader, letter, depth + 1)
    elif letter == "V":
        reader.show("void", kind)
    else:
        shown = _scalar(reader, letter, kind)
        reader.show(shown, kind)


def _nested(reader: Reader, letter: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Undecodable(
            f"таблица вложена глубже {MAX_DEPTH} уровней",
            f"a table is nested deeper than {MAX_DEPTH} levels",
            reader.at,
        )
    if letter == "F":
        table(reader, depth)
    else:
        _array(reader, depth)
    reader.show(None, _NESTED[letter])


def _scalar(reader: Reader, letter: str, kind: str) -> Value:
    if letter in _SIZED:
        size = reader.integer("value_length", "long", 4)
        if letter == "S":
            return reader.text("value", kind, size)
        raw = reader.peek(size, "value")
        reader.leaf("value", kind, size, raw)
        return raw
    if letter == "D":
        scale, number = _DECIMAL.unpack(reader.peek(_DECIMAL.size, "value"))
        shown = str(Decimal(number).scaleb(-scale))
        reader.leaf("scale", "octet", 1, scale)
        reader.leaf("value", kind, 4, shown)
        return shown
    layout = _FIXED[letter][1]
    value: Value = layout.unpack(reader.peek(layout.size, "value"))[0]
    reader.leaf("value", kind, layout.size, value)
    return value
