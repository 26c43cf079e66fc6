"""TLS (RFC 8446, RFC 5246): both directions of a connection as records."""

from dataclasses import replace
from functools import partial

from stend.wire.content.pieces import MessageCutter, Piece
from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.tls import codes
from stend.wire.tls.handshake import PREFIX, Hello, hello_of, is_retry, message_name
from stend.wire.tls.records import HEADER_SIZE, read_record

# RFC 5246 §6.2.3: 2^14 and what compression and encryption may add.
_RECORD_LIMIT = 2**14 + 2048
_ALERT_SIZE = 2
# close_notify and user_canceled (RFC 8446 §6.1): a connection ends, and nothing is wrong.
_ENDS = (0, 90)


class _Side:
    """What one direction has said so far."""

    def __init__(self) -> None:
        self.cutter = MessageCutter(PREFIX)
        self.has_changed = False


class TlsDecoder(StreamDecoder):
    """Records of one connection; what is encrypted is told as such."""

    protocol = "tls"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._sides = {direction: _Side() for direction in Direction}
        # As the ServerHello has chosen them.
        self._chosen = Hello()

    def _cut(self, half: Half) -> Unit | None:
        if half.rest < HEADER_SIZE:
            half.wanted = HEADER_SIZE
            return None
        kind, major = half.data[half.at], half.data[half.at + 1]
        size = int.from_bytes(half.data[half.at + 3 : half.at + HEADER_SIZE], "big")
        if kind not in codes.CONTENT_TYPES or major != 3 or size > _RECORD_LIMIT:
            raise Undecodable(
                "здесь должна начинаться запись TLS, а стоит другое",
                "a record of TLS should begin here; this is something else",
            )
        if half.rest < HEADER_SIZE + size:
            half.wanted = HEADER_SIZE + size
            return None
        return self._record(half, kind, half.take(HEADER_SIZE + size))

    def _record(self, half: Half, kind: int, data: bytes) -> Unit:
        side = self._sides[half.direction]
        fragment = data[HEADER_SIZE:]
        is_encrypted = self._is_encrypted(side, kind, fragment)
        pieces: tuple[Piece, ...] = ()
        if kind == codes.HANDSHAKE and not is_encrypted:
            pieces = side.cutter.cut(fragment)
        unit = Unit(
            protocol=self.protocol,
            name=codes.CONTENT_TYPES[kind],
            direction=half.direction,
            start=half.start,
            end=half.start + len(data),
            role=Role.MESSAGE if kind == codes.APPLICATION_DATA else Role.CONTROL,
            read=partial(read_record, pieces, self._chosen.cipher_suite, is_encrypted),
            summary=f"{len(fragment)} B",
            facts={"content_type": codes.CONTENT_TYPES[kind]},
        )
        if is_encrypted:
            return replace(unit, summary=f"{len(fragment)} B, encrypted")
        if kind == codes.ALERT:
            return _alert(unit, fragment)
        if kind == codes.CHANGE_CIPHER_SPEC:
            side.has_changed = True
        return self._handshake(unit, pieces, fragment) if pieces else unit

    def _is_encrypted(self, side: _Side, kind: int, fragment: bytes) -> bool:
        if kind == codes.APPLICATION_DATA:
            return True
        if kind == codes.ALERT:
            return len(fragment) > _ALERT_SIZE
        if kind != codes.HANDSHAKE or not side.has_changed:
            return False
        # In TLS 1.3 the change means nothing, and a second ClientHello may follow it (§D.4).
        return self._chosen.version != codes.TLS_13 and fragment[:2] != b"\x01\x00"

    def _handshake(self, unit: Unit, pieces: tuple[Piece, ...], fragment: bytes) -> Unit:
        names: list[str] = []
        shown: list[str] = []
        facts = dict(unit.facts)
        for piece in pieces:
            if not piece.is_last or not piece.is_kept:
                names.append("handshake")
                shown.append(f"part {piece.part} of a message")
                continue
            data = b"".join((*piece.before, fragment[piece.start : piece.end]))
            names.append(_name(data))
            if data[0] in (codes.CLIENT_HELLO, codes.SERVER_HELLO):
                hello = hello_of(data)
                if data[0] == codes.SERVER_HELLO:
                    self._chosen = hello
                facts |= {name: text for name, text in hello._asdict().items() if text}
                shown.append(_line(hello))
        return replace(
            unit, name=", ".join(dict.fromkeys(names)), summary=", ".join(shown[:3]), facts=facts
        )


def _name(data: bytes) -> str:
    return "HelloRetryRequest" if is_retry(data) else message_name(data[0])


def _line(hello: Hello) -> str:
    return " ".join(
        one for one in (hello.sni, hello.version, hello.cipher_suite, hello.alpn) if one
    )


def _alert(unit: Unit, fragment: bytes) -> Unit:
    if len(fragment) < _ALERT_SIZE:
        return unit
    level = {1: "warning", 2: "fatal"}.get(fragment[0], str(fragment[0]))
    name = codes.ALERTS.get(fragment[1], str(fragment[1]))
    is_error = fragment[1] not in _ENDS
    return replace(
        unit,
        summary=f"{level} {name}",
        error=name if is_error else None,
        facts={**unit.facts, "description": name},
    )
