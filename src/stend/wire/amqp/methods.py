"""Methods: the arguments of each come from pamqp's classes, the bytes are read here.

pamqp's own reader forgets the types of numbers in field tables, recurses without a bound and copies
the rest of the frame for every field; its classes are the schema and the messages.
"""

from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from typing import Any

from pamqp import base, commands

from stend.wire.amqp.frames import FRAME, FRAME_END, AmqpSyntaxError, FrameType
from stend.wire.amqp.values import (
    Value,
    encode_table,
    long_string,
    read_long_string,
    read_short_string,
    read_table,
    short_string,
    syntax_error,
)

_INDEX = Struct(">I")
_NUMBERS = {"octet": Struct(">B"), "short": Struct(">H"), "long": _INDEX, "longlong": Struct(">Q")}
_UNKNOWN_METHOD = 503
_BITS_IN_OCTET = 8


# pamqp types its values as `type`, which hides what they have in common.
_METHODS: dict[int, type[base.Frame]] = dict(commands.INDEX_MAPPING)


def method_name(index: int) -> str | None:
    """`Basic.Publish` for 0x003C0028; None where the specification has no such method."""
    known = _METHODS.get(index)
    return known.name if known else None


def decode_method(payload: bytes) -> base.Frame:
    """
    Returns:
        An instance of one of pamqp's classes, its table arguments as `values.Table`.

    Raises:
        AmqpSyntaxError: 503 for an unknown method, 501 where the arguments are cut off or wrong.
    """
    try:
        (index,) = _INDEX.unpack_from(payload)
    except StructError:
        raise syntax_error("a method frame without a method") from None
    known = _METHODS.get(index)
    if known is None:
        text = f"there is no method {index & 0xFFFF} in class {index >> 16}"
        raise AmqpSyntaxError(_UNKNOWN_METHOD, text)
    method: base.Frame = known.__new__(known)
    at, bit = 4, 0
    for name in known.__slots__:
        kind = known.amqp_type(name)
        if kind != "bit":
            at += bool(bit)
            bit = 0
            value, at = _argument(kind, payload, at)
        else:
            if bit == _BITS_IN_OCTET:
                at, bit = at + 1, 0
            if at >= len(payload):
                raise syntax_error(f"{known.name} has no bit {name}")
            value, bit = bool(payload[at] >> bit & 1), bit + 1
        setattr(method, name, value)
    return method


def encode_method(channel: int, kind: type[base.Frame], **arguments: Any) -> bytes:
    """A method frame. Names outside of pamqp's own pattern are allowed, as RabbitMQ allows them.

    Args:
        arguments: every argument of the method by its name.
    """
    parts = [_INDEX.pack(kind.index)]
    octet, bit = 0, 0
    for name in kind.__slots__:
        declared = kind.amqp_type(name)
        if declared == "bit":
            octet |= bool(arguments[name]) << bit
            bit += 1
            continue
        if bit:
            parts.append(bytes((octet,)))
            octet, bit = 0, 0
        parts.append(_encoded(declared, arguments[name]))
    if bit:
        parts.append(bytes((octet,)))
    payload = b"".join(parts)
    return b"".join((FRAME.pack(FrameType.METHOD, channel, len(payload)), payload, FRAME_END))


def _argument(kind: str, payload: bytes, at: int) -> tuple[Value, int]:
    if kind == "shortstr":
        return read_short_string(payload, at)
    if kind == "table":
        return read_table(payload, at)
    if kind == "longstr":
        return read_long_string(payload, at)
    number = _NUMBERS[kind]
    try:
        value: int = number.unpack_from(payload, at)[0]
    except StructError:
        raise syntax_error(f"an argument of {number.size} bytes is cut off") from None
    return value, at + number.size


def _encoded(kind: str, value: Any) -> bytes:
    if kind == "shortstr":
        return short_string(value)
    if kind == "table":
        return encode_table(value)
    if kind == "longstr":
        return long_string(value)
    return _NUMBERS[kind].pack(value)
