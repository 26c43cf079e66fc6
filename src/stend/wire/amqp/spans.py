"""What stands where in a frame: methods, content headers, field tables (sections 4.2.2 to 4.2.6).

The classes of pamqp say which arguments a method has; tables are read piece by piece, so that a
damaged entry leaves those before it readable.
"""

from functools import partial

from pamqp import base, commands

from stend.kit.fields import Field, Meaning
from stend.kit.languages import Text
from stend.wire.amqp.argument_meanings import argument_meaning
from stend.wire.amqp.content import BASIC, NAMES
from stend.wire.amqp.frames import FRAME_OVERHEAD, FrameType
from stend.wire.amqp.meanings import FIELDS
from stend.wire.amqp.method_meanings import METHODS
from stend.wire.amqp.tables import short_text, table
from stend.wire.content.bodies import encoded_fields
from stend.wire.content.unnamed import json_inside
from stend.wire.decoding import Undecodable
from stend.wire.reading import MASK, Parts, Reader, text_of
from stend.wire.told import Body

_METHODS: dict[int, type[base.Frame]] = dict(commands.INDEX_MAPPING)
_CLASSES = {index >> 16: kind.name.partition(".")[0] for index, kind in _METHODS.items()}
_SIZES = {"octet": 1, "short": 2, "long": 4, "longlong": 8}
_BITS_IN_OCTET = 8
# What logs in.
_SECRETS = frozenset({"response", "new_secret"})
_OCTETS = frozenset({"delivery_mode", "priority"})
_MODES = {1: "1 transient", 2: "2 persistent"}


def protocol_header(data: bytes) -> tuple[Field, ...]:
    """The eight octets before all frames."""

    def read(reader: Reader) -> None:
        reader.text("protocol_id", "octet ×4", 4)
        version = ".".join(str(octet) for octet in reader.peek(4, "protocol_version"))
        reader.leaf("protocol_version", "octet ×4", 4, version)

    return Reader(data, FIELDS).tree(read)


def frame_tree(payload: Body, data: bytes) -> tuple[Field, ...]:
    """
    Args:
        payload: reads what is between the size and the end octet.
    """

    def read(reader: Reader) -> None:
        reader.integer("type", "octet", 1, shown=_kind)
        reader.integer("channel", "short", 2)
        size = reader.integer("size", "long", 4)
        with reader.within(min(size, len(data) - FRAME_OVERHEAD), "size"):
            payload(reader)
        reader.integer("frame_end", "octet", 1, shown=lambda octet: f"{octet:#04x}")

    return Reader(data, FIELDS).tree(read)


def body(reader: Reader) -> None:
    """A part of a body, or one of which nobody said what it is."""
    shown = text_of(reader.peek(reader.rest, "body"))
    reader.leaf("body", "octet", reader.rest, shown)


def whole_body(reader: Reader, media_type: str, codings: str) -> None:
    """A body that is one frame.

    Args:
        media_type: its content type; `` where none was said.
        codings: its content encoding.
    """
    shown = text_of(reader.peek(reader.rest, "body"))
    if media_type or codings:
        parts: Parts = partial(_encoded, media_type, codings)
    else:
        parts = json_inside
    reader.document("body", "octet", reader.rest, shown, parts)


def _encoded(media_type: str, codings: str, data: bytes, start: int, end: int) -> tuple[Field, ...]:
    return encoded_fields(media_type, codings, data, start, end)


def method(reader: Reader) -> None:
    index = int.from_bytes(reader.peek(4, "class"), "big")
    known = _METHODS.get(index)
    reader.integer("class", "short", 2, shown=lambda one: f"{one} {_CLASSES.get(one, '?')}")
    if known is None:
        raise Undecodable(
            f"в классе {index >> 16} нет метода {index & 0xFFFF}",
            f"there is no method {index & 0xFFFF} in class {index >> 16}",
        )
    verb = known.name.partition(".")[2]
    reader.integer("method", "short", 2, shown=lambda one: f"{one} {verb}", why=METHODS[known.name])
    names = list(known.__slots__)
    while names:
        bits = _bits_before(known, names)
        if bits:
            _flags(reader, known.name, names[:bits])
            del names[:bits]
        else:
            _argument(reader, known, names.pop(0))


def _kind(octet: int) -> str:
    known = FrameType(octet).name.lower() if octet in set(FrameType) else "?"
    return f"{octet} {known}"


def _bits_before(known: type[base.Frame], names: list[str]) -> int:
    """How many of the next arguments share an octet."""
    for place, name in enumerate(names[:_BITS_IN_OCTET]):
        if known.amqp_type(name) != "bit":
            return place
    return min(len(names), _BITS_IN_OCTET)


def _flags(reader: Reader, owner: str, names: list[str]) -> None:
    """An octet, its lowest bit the first argument (section 4.2.5.2)."""
    octet = reader.peek(1, names[0])[0]
    whys = [argument_meaning(owner, name) for name in names]
    if len(names) == 1:
        reader.leaf(names[0].rstrip("_"), "bit", 1, bool(octet & 1), whys[0])
        return
    shown = " ".join(f"{name.rstrip('_')}={octet >> bit & 1}" for bit, name in enumerate(names))
    told = list(zip((name.rstrip("_") for name in names), whys, strict=True))
    text = Text(
        ru=" ".join(f"{name}: {why.text.ru}" for name, why in told),
        en=" ".join(f"{name}: {why.text.en}" for name, why in told),
    )
    reader.leaf("bits", f"bit ×{len(names)}", 1, shown, Meaning(text, whys[0].source))


def _argument(reader: Reader, known: type[base.Frame], name: str) -> None:
    why = argument_meaning(known.name, name)
    kind = known.amqp_type(name)
    if size := _SIZES.get(kind):
        reader.integer(name, kind, size, why=why)
    elif kind == "shortstr":
        short_text(reader, name, why)
    elif kind == "table":
        with reader.group(name, why):
            table(reader, 0)
            reader.show(None, "table")
    else:
        _long_text(reader, name, why)


def _long_text(reader: Reader, name: str, why: Meaning) -> None:
    with reader.group(name, why):
        size = reader.integer("length", "long", 4)
        if name in _SECRETS:
            reader.leaf("text", "longstr", size, MASK)
            reader.show(MASK, "longstr")
        else:
            reader.show(reader.text("text", "longstr", size), "longstr")


def content_header(reader: Reader) -> None:
    kind = reader.integer(
        "class",
        "short",
        2,
        shown=lambda one: f"{one} {_CLASSES.get(one, '?')}",
        why=FIELDS["content_class"],
    )
    reader.integer("weight", "short", 2)
    reader.integer("body_size", "longlong", 8)
    flags = reader.integer("property_flags", "short", 2, shown=_set_flags)
    if kind != BASIC:
        raise Undecodable(
            f"у класса {kind} нет свойств содержимого",
            f"the class {kind} has no properties of content",
        )
    for place, name in enumerate(NAMES):
        if flags >> (15 - place) & 1:
            _property(reader, name)


def _set_flags(flags: int) -> str:
    names = [name for place, name in enumerate(NAMES) if flags >> (15 - place) & 1]
    return f"{flags:#06x} {' '.join(names)}".rstrip()


def _property(reader: Reader, name: str) -> None:
    why = FIELDS["type_property" if name == "type" else name]
    if name in _OCTETS:
        shown = _MODES.get if name == "delivery_mode" else None
        reader.integer(
            name, "octet", 1, shown=shown and (lambda one: shown(one, str(one))), why=why
        )
    elif name == "timestamp":
        reader.integer(name, "timestamp", 8, why=why)
    elif name == "headers":
        with reader.group(name, why):
            table(reader, 0)
            reader.show(None, "table")
    else:
        short_text(reader, name, why)
