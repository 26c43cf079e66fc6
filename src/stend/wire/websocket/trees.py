"""The tree of a frame, with the message that it completes."""

from typing import NamedTuple

from stend.kit.fields import Field, Inner, Meaning, group, undecoded
from stend.kit.languages import Text
from stend.wire.content.bodies import body_fields
from stend.wire.websocket import meanings
from stend.wire.websocket.frames import Frame, Opcode, payload_of, read_frame

_UNMASKED = Text(ru="маска снята", en="unmasked")
_INFLATED = Text(ru="распаковано (permessage-deflate)", en="inflated (permessage-deflate)")
_JOINED = Text(ru="фрагменты сложены в сообщение", en="the fragments put together")
_JOINED_INFLATED = Text(
    ru="фрагменты сложены в сообщение и распакованы",
    en="the fragments put together and inflated",
)
_RESERVED = Text(
    ru="этот opcode никто не определил",
    en="nobody has defined this opcode",
)
_NOT_AGREED = Text(
    ru="RSV1 стоит, хотя о сжатии не договаривались",
    en="RSV1 is set, though no compression was agreed on",
)
_CUT = Text(
    ru="показано начало: сообщение слишком длинное",
    en="the beginning is shown: the message is too long",
)


class Message(NamedTuple):
    """What a frame tells beyond its own bytes, as the connection was then.

    Attributes:
        opcode: of the message that the frame belongs to.
        is_compressed: the payload is a piece of a compressed message.
        is_fragment: the payload is not the whole message.
        whole: the message that ends with the frame, where it is not the payload itself.
        is_cut: `whole` is only the beginning.
        why_not: why there is no `whole`.
    """

    opcode: int
    is_compressed: bool = False
    is_fragment: bool = False
    whole: bytes | None = None
    is_cut: bool = False
    why_not: Text | None = None


def frame_fields(data: bytes, message: Message) -> tuple[Field, ...]:
    """The tree of a whole frame."""
    frame = read_frame(data)
    fields = _header(data, frame)
    start, end = frame.payload, len(data)
    if not frame.masked:
        inside = _payload(data, start, end, frame, message)
        if inside:
            fields.append(group("Payload data", _about(frame, message), inside))
        return tuple(fields)
    if end > start or message.whole is not None:
        plain = payload_of(frame, data)
        inner = Inner(_UNMASKED, plain, _payload(plain, 0, len(plain), frame, message))
        about = _about(frame, message)
        fields.append(Field("Payload data", "masked", None, start, end, about, inner=inner))
    return tuple(fields)


def _header(data: bytes, frame: Frame) -> list[Field]:
    flags = ["FIN"] if frame.fin else []
    flags += [name for bit, name in ((4, "RSV1"), (2, "RSV2"), (1, "RSV3")) if frame.rsv & bit]
    told = ", ".join([*flags, f"opcode={frame.name}"])
    length = ", ".join([*(["MASK"] if frame.masked else []), f"Payload len={data[1] & 0x7F}"])
    fields = [
        Field("FIN, RSV, opcode", "bits", told, 0, 1, meanings.FIRST_OCTET),
        Field("MASK, Payload len", "bits", length, 1, 2, meanings.SECOND_OCTET),
    ]
    if frame.key_start > 2:
        kind = f"uint{8 * (frame.key_start - 2)}"
        fields.append(
            Field(
                "Extended payload length",
                kind,
                frame.length,
                2,
                frame.key_start,
                meanings.EXTENDED_LENGTH,
            )
        )
    if frame.masked:
        key = data[frame.key_start : frame.payload]
        fields.append(
            Field(
                "Masking-key", "4 octets", key, frame.key_start, frame.payload, meanings.MASKING_KEY
            )
        )
    return fields


def _about(frame: Frame, message: Message) -> Meaning:
    if frame.is_control:
        return meanings.CONTROL
    return meanings.FRAGMENT if message.is_fragment else meanings.PAYLOAD


def _payload(
    data: bytes, start: int, end: int, frame: Frame, message: Message
) -> tuple[Field, ...]:
    """The pieces of a payload without mask."""
    if frame.is_control:
        return _control(data, start, end, frame.opcode)
    if message.opcode not in (Opcode.TEXT, Opcode.BINARY):
        return (undecoded(start, end, message.why_not or _RESERVED),)
    if not message.is_compressed and not message.is_fragment:
        if frame.rsv & 4:
            return (undecoded(start, end, _NOT_AGREED),)
        return message_fields(data, start, end, message.opcode)
    return _piece(start, end, message)


def _piece(start: int, end: int, message: Message) -> tuple[Field, ...]:
    """A payload that says something only with others, or inflated."""
    name, about = "fragment", meanings.FRAGMENT
    if message.is_compressed:
        name, about = "compressed data", meanings.COMPRESSED
    piece = Field(name, "bytes", None, start, end, about)
    if message.why_not is not None:
        return (piece, undecoded(end, end, message.why_not))
    if message.whole is None:
        return (piece,)
    how = _JOINED_INFLATED if message.is_compressed else _JOINED
    if not message.is_fragment:
        how = _INFLATED
    whole = message.whole
    fields = message_fields(whole, 0, len(whole), message.opcode)
    if message.is_cut:
        fields = (*fields, undecoded(len(whole), len(whole), _CUT))
    return (piece._replace(inner=Inner(how, whole, fields)),)


def message_fields(data: bytes, start: int, end: int, opcode: int) -> tuple[Field, ...]:
    """The tree of a whole message."""
    if opcode == Opcode.BINARY:
        return body_fields("application/octet-stream", data, start, end)
    if data[start : start + 64].lstrip()[:1] in (b"{", b"["):
        return body_fields("application/json", data, start, end)
    if start >= end:
        return ()
    told = data[start:end].decode("utf-8", "backslashreplace")
    return (Field("text", "UTF-8", told, start, end, meanings.TEXT),)


def _control(data: bytes, start: int, end: int, opcode: int) -> tuple[Field, ...]:
    if start >= end:
        return ()
    if opcode == Opcode.PING:
        return (_application_data(data, start, end, meanings.PING),)
    if opcode == Opcode.PONG:
        return (_application_data(data, start, end, meanings.PONG),)
    if opcode != Opcode.CLOSE or end - start < 2:
        return (undecoded(start, end, _RESERVED),)
    code = int.from_bytes(data[start : start + 2], "big")
    status = Field("status code", "uint16", code, start, start + 2, meanings.close_meaning(code))
    if end == start + 2:
        return (status,)
    told = data[start + 2 : end].decode("utf-8", "backslashreplace")
    return (status, Field("reason", "UTF-8", told, start + 2, end, meanings.REASON))


def _application_data(data: bytes, start: int, end: int, meaning: Meaning) -> Field:
    return Field("Application data", "bytes", data[start:end], start, end, meaning)
