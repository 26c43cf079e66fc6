"""Messages of gRPC in the data of HTTP/2: each has five octets in front of it.

Messages and frames have nothing to do with each other: a frame may hold several messages, and a
message may go over several frames.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from stend.kit.fields import Field, Inner, undecoded
from stend.kit.languages import Text
from stend.wire.content.pieces import JOINED_LIMIT, Piece
from stend.wire.content.protobuf import message_fields
from stend.wire.content.protobuf_contract import NO_COMMENTS
from stend.wire.content.words import said

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FileDescriptor

PREFIX = 5
SHOWN_LIMIT = 1024 * 1024


class Method(NamedTuple):
    """What a method takes and gives, each once or as a stream.

    Attributes:
        comments: what the contract says of fields, by their full names.
        streams: there is a stream in either direction.
    """

    request: "Descriptor"
    response: "Descriptor"
    comments: Mapping[str, str] = NO_COMMENTS
    streams: bool = False


# The method of a path: `/lavka.orders.v1.Orders/GetOrder`; None where there is no contract.
Descriptors = Callable[[str], Method | None]

# google/rpc/code.proto
STATUS_CODES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)

_MEANINGS = {
    "message": said(
        "gRPC over HTTP/2 §Length-Prefixed-Message",
        "Одно сообщение gRPC: признак сжатия, длина и сам protobuf. В унарном вызове оно "
        "одно в каждую сторону, в потоке их сколько угодно.",
        "One message of gRPC: whether it is compressed, its length, and the protobuf. A "
        "unary call has one in each direction, a stream any number.",
    ),
    "compressed_flag": said(
        "gRPC over HTTP/2 §Length-Prefixed-Message",
        "Сжато ли сообщение: 0 — нет, 1 — тем способом, который назван в `grpc-encoding`.",
        "Whether the message is compressed: 0 is no, 1 means in the way that `grpc-encoding` "
        "names.",
    ),
    "message_length": said(
        "gRPC over HTTP/2 §Length-Prefixed-Message",
        "Длина сообщения без этих пяти байт: границы кадров DATA с границами сообщений не связаны.",
        "The length of the message without these five bytes: the boundaries of DATA frames "
        "have nothing to do with those of messages.",
    ),
    "compressed_message": said(
        "gRPC over HTTP/2 §Compressed-Flag",
        "Сообщение в сжатом виде: protobuf виден после распаковки.",
        "The message as it is compressed: the protobuf is seen when it is unpacked.",
    ),
    "message_part": said(
        "gRPC over HTTP/2 §Length-Prefixed-Message",
        "Часть сообщения, которое не поместилось в один кадр DATA: декодировать можно только "
        "целое, оно показано у последней части.",
        "A part of a message that did not fit into one DATA frame: only the whole can be "
        "decoded, and is shown with the last part.",
    ),
}


class Subject(NamedTuple):
    """What the messages of one direction of a stream are.

    Attributes:
        kind: their type; None where there is no contract.
        encoding: of compressed ones, as `grpc-encoding` says.
        comments: of the contract, by the full names of fields.
    """

    kind: "Descriptor | None"
    encoding: str
    comments: Mapping[str, str] = NO_COMMENTS

    @property
    def name(self) -> str:
        return self.kind.name if self.kind is not None else "message"

    def __deepcopy__(self, memo: object) -> "Subject":
        """Itself: nothing of it changes, and protobuf's descriptors cannot be copied."""
        return self


def methods_of(
    files: "Iterable[FileDescriptor]", comments: Mapping[str, str] = NO_COMMENTS
) -> Descriptors:
    """The methods of all services of these contracts.

    Args:
        files: `DESCRIPTOR` of the modules that protoc made.
        comments: what the contracts say of fields, by their full names.
    """
    known = {
        f"/{service.full_name}/{method.name}": Method(
            method.input_type,
            method.output_type,
            comments,
            method.client_streaming or method.server_streaming,
        )
        for file in files
        for service in file.services_by_name.values()
        for method in service.methods
    }
    return known.get


def piece_field(piece: Piece, subject: Subject, data: bytes, shift: int) -> Field:
    """The tree of a piece, which stands at `piece.start + shift` of `data`."""
    start, end = piece.start + shift, piece.end + shift
    if piece.is_last and piece.part == 1:
        return _message(subject, data, start, end)
    said = f"part {piece.part} of message {piece.number}"
    inner = None
    if piece.is_last and piece.is_kept:
        said += ", the last"
        inner = _joined(piece, subject, data[start:end])
    elif piece.is_last:
        why = Text(
            ru=f"сообщение в {piece.size} байт не собирается: предел {JOINED_LIMIT}",
            en=f"a message of {piece.size} bytes is not put together: the limit is {JOINED_LIMIT}",
        )
        return undecoded(start, end, why)
    kind = "bytes"
    return Field("message_part", kind, said, start, end, _MEANINGS["message_part"], (), inner)


def summary(pieces: tuple[Piece, ...], subject: Subject) -> str:
    """What a list shows for a DATA frame: `GetOrderRequest 38 B`, `part 2 of Order`."""
    shown = []
    for one in pieces[:3]:
        if one.is_last and one.part == 1:
            shown.append(f"{subject.name} {one.size} B")
        else:
            shown.append(f"part {one.part} of {subject.name}")
    more = f", … ×{len(pieces)}" if len(pieces) > 3 else ""
    return ", ".join(shown) + more


def _joined(piece: Piece, subject: Subject, last: bytes) -> Inner:
    data = b"".join((*piece.before, last))
    how = Text(
        ru=f"сообщение собрано из кадров DATA: {piece.part}",
        en=f"the message put together from {piece.part} DATA frames",
    )
    return Inner(how, data, (_message(subject, data, 0, len(data)),))


def _message(subject: Subject, data: bytes, start: int, end: int) -> Field:
    body = start + PREFIX
    flag = data[start]
    size = end - body
    name = subject.kind.full_name if subject.kind is not None else ""
    children = [
        Field("compressed_flag", "uint8", flag, start, start + 1, _MEANINGS["compressed_flag"]),
        Field("message_length", "uint32", size, start + 1, body, _MEANINGS["message_length"]),
    ]
    if size and flag:
        children.append(_compressed(subject, data, body, end))
    elif size:
        children += message_fields(data, body, end, subject.kind, subject.comments)
    return Field("message", name, None, start, end, _MEANINGS["message"], tuple(children))


def _compressed(subject: Subject, data: bytes, start: int, end: int) -> Field:
    # 16 + MAX_WBITS: a gzip header; MAX_WBITS: that of zlib, which HTTP calls deflate.
    bits = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}.get(subject.encoding)
    if bits is None:
        why = Text(
            ru=f"сообщение сжато, а способ `{subject.encoding}` здесь не описан",
            en=f"the message is compressed, and `{subject.encoding}` is not described here",
        )
        return undecoded(start, end, why)
    unpacking = zlib.decompressobj(bits)
    try:
        plain = unpacking.decompress(data[start:end], SHOWN_LIMIT)
    except zlib.error:
        why = Text(
            ru=f"байты не распаковываются: это не {subject.encoding}",
            en=f"the bytes cannot be unpacked: they are not {subject.encoding}",
        )
        return undecoded(start, end, why)
    how = Text(ru=f"распаковано: {subject.encoding}", en=f"unpacked: {subject.encoding}")
    inner = Inner(how, plain, _unpacked(subject, plain, is_whole=unpacking.eof))
    meaning = _MEANINGS["compressed_message"]
    return Field("compressed_message", subject.encoding, None, start, end, meaning, (), inner)


def _unpacked(subject: Subject, plain: bytes, *, is_whole: bool) -> tuple[Field, ...]:
    if not plain:
        return ()
    if is_whole:
        return message_fields(plain, 0, len(plain), subject.kind, subject.comments)
    why = Text(
        ru=f"сообщение обрывается или больше {SHOWN_LIMIT} байт",
        en=f"the message breaks off, or has more than {SHOWN_LIMIT} bytes",
    )
    return (undecoded(0, len(plain), why),)
