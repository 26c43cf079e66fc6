"""Records: what every byte of a connection stands in (RFC 8446 §5)."""

from functools import partial

from stend.kit.fields import Field, Inner
from stend.kit.languages import Text
from stend.wire.content.cursor import Cursor, read_all
from stend.wire.content.pieces import Piece
from stend.wire.decoding import Undecodable
from stend.wire.tls import codes
from stend.wire.tls.handshake import read_message
from stend.wire.tls.meanings import MEANINGS

HEADER_SIZE = 5


def read_record(
    pieces: tuple[Piece, ...], suite: str, is_encrypted: bool, data: bytes
) -> tuple[Field, ...]:
    """The tree of one record.

    Args:
        pieces: of handshake messages, where it holds those in the clear.
        suite: the cipher suite that was chosen before it.
    """

    def whole(at: Cursor) -> None:
        kind = at.number("type", 1, lambda one: codes.of_octet(codes.CONTENT_TYPES, one))
        at.number("legacy_record_version", 2, codes.version)
        at.number("length", 2, key="record length")
        if not at.rest:
            return
        if is_encrypted:
            at.octets("encrypted_record", at.rest)
        elif kind == codes.HANDSHAKE:
            _handshake(pieces, suite, at)
        elif kind == codes.ALERT:
            at.number("level", 1, lambda one: codes.of_octet({1: "warning", 2: "fatal"}, one))
            at.number("description", 1, partial(codes.of_octet, codes.ALERTS))
        elif kind == codes.CHANGE_CIPHER_SPEC:
            at.number("change_cipher_spec", 1)
        else:
            at.octets("fragment", at.rest)

    return read_all(data, MEANINGS, whole)


def _handshake(pieces: tuple[Piece, ...], suite: str, at: Cursor) -> None:
    for piece in pieces:
        size = piece.end - piece.start
        if piece.is_last and piece.part == 1:
            read_message(suite, at)
            continue
        said = f"part {piece.part} of a message"
        inner = None
        if piece.is_last:
            said += ", the last"
            inner = _joined(piece, suite, at.peek(size, "handshake_part"))
        at.octets("handshake_part", size, "opaque", said, inner=inner)


def _joined(piece: Piece, suite: str, last: bytes) -> Inner:
    if not piece.is_kept:
        raise Undecodable(
            f"сообщение в {piece.size} байт не собирается: оно слишком длинное",
            f"a message of {piece.size} bytes is not put together: it is too long",
        )
    data = b"".join((*piece.before, last))
    how = Text(
        ru=f"сообщение собрано из записей: {piece.part}",
        en=f"the message put together from {piece.part} records",
    )
    return Inner(how, data, read_all(data, MEANINGS, partial(read_message, suite)))
