"""A recording as pcapng, for Wireshark (draft-ietf-opsawg-pcapng §4).

TCP around the bytes is made: a handshake, segments with the right numbers, FIN. Two reads of the
tap are two segments, whatever the segments on the wire were.
"""

import struct
from collections.abc import Iterator, Mapping
from heapq import merge
from typing import NamedTuple

from stend.tap.files.addresses import Addresses, Sockets
from stend.tap.files.segments import SEGMENT_BYTES, Flag, packet
from stend.tap.reading import Reading
from stend.tap.recording import Chunk, Connection, Recording
from stend.wire.decoding import Direction

_SECTION_HEADER, _INTERFACE = 0x0A0D0D0A, 1
_NAME_RESOLUTION, _ENHANCED_PACKET = 4, 6
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_UNKNOWN_SECTION_LENGTH = -1
# Packets begin with their IP header (tcpdump.org/linktypes.html).
_LINKTYPE_RAW = 101
_OPT_COMMENT, _OPT_USER_APPLICATION, _OPT_NAME, _OPT_RESOLUTION = 1, 4, 2, 9
_NANOSECONDS = 9
_NAME_OF_IPV4 = 1
_COMMENT_LIMIT = 1000

# What is said beside a packet: by connection, direction and the offset that it holds.
Comments = Mapping[tuple[int, Direction, int], str]


def comments_of(reading: Reading) -> Comments:
    """The id and the name of each exchange, at the packet in which it begins."""
    return {
        (one.connection.number, one.exchange.first.direction, one.exchange.first.start): (
            f"{one.id} {one.exchange.first.name}"
        )
        for one in reading.all()
    }


class _Packet(NamedTuple):
    at_ns: int
    data: bytes
    comment: str = ""


def save(recording: Recording, comments: Comments) -> bytes:
    """All that is kept, in the order in which it passed.

    Args:
        recording: that nothing is added to meanwhile: a copy, where the taps go on.
    """
    connections = sorted(recording.connections.values(), key=lambda one: one.number)
    connections = [one for one in connections if one.kept_bytes]
    addresses = Addresses(connections)
    told: dict[int, list[tuple[Direction, int, str]]] = {}
    for (number, direction, offset), text in comments.items():
        told.setdefault(number, []).append((direction, offset, text))
    talks = (
        _Talk(one, addresses.of(one), told.get(one.number, ())).packets() for one in connections
    )
    packets = merge(*talks, key=lambda packet: packet.at_ns)
    made = [_section(), _interface(), _names(addresses)]
    made += (_enhanced(one, recording.wall_ns(one.at_ns)) for one in packets)
    return b"".join(made)


class _Talk:
    """One connection, told in packets. Both sides count from 0; a stream's offset is 1 less."""

    def __init__(
        self,
        connection: Connection,
        sockets: Sockets,
        comments: "list[tuple[Direction, int, str]] | tuple[()]",
    ) -> None:
        self._connection = connection
        client = (sockets.client, sockets.client_port)
        server = (sockets.server, sockets.server_port)
        self._ends = {
            Direction.TO_SERVER: (client, server),
            Direction.TO_CLIENT: (server, client),
        }
        self._sent = {way: connection.stream(way).first + 1 for way in Direction}
        self._comments: dict[Direction, list[tuple[int, str]]] = {way: [] for way in Direction}
        for way, offset, text in sorted(comments, key=lambda one: one[1], reverse=True):
            self._comments[way].append((offset, text))

    def packets(self) -> Iterator[_Packet]:
        if not any(self._connection.stream(way).first for way in Direction):
            yield from self._handshake()
        reached = self._connection.opened_ns
        for chunk, way in merge(*map(self._events, Direction), key=lambda one: one[0].at_ns):
            reached = max(reached, chunk.at_ns)
            if not chunk.data:
                yield _Packet(reached, self._packet(way, Flag.FIN | Flag.ACK))
                self._sent[way] += 1
                yield _Packet(reached, self._packet(way.other, Flag.ACK))
            for at in range(0, len(chunk.data), SEGMENT_BYTES):
                yield self._data(way, reached, chunk.data[at : at + SEGMENT_BYTES])

    def _events(self, way: Direction) -> Iterator[tuple[Chunk, Direction]]:
        """What passed that way; an empty chunk is its end."""
        stream = self._connection.stream(way)
        for chunk in stream.kept():
            yield chunk, way
        if stream.ended_ns is not None:
            yield Chunk(stream.total, stream.ended_ns, b""), way

    def _handshake(self) -> Iterator[_Packet]:
        at_ns = self._connection.opened_ns
        there, back = Direction.TO_SERVER, Direction.TO_CLIENT
        self._sent = {there: 0, back: 0}
        yield _Packet(at_ns, self._packet(there, Flag.SYN))
        self._sent[there] = 1
        yield _Packet(at_ns, self._packet(back, Flag.SYN | Flag.ACK))
        self._sent[back] = 1
        yield _Packet(at_ns, self._packet(there, Flag.ACK))

    def _data(self, way: Direction, at_ns: int, data: bytes) -> _Packet:
        made = self._packet(way, Flag.PSH | Flag.ACK, data)
        self._sent[way] += len(data)
        return _Packet(at_ns, made, self._comment(way))

    def _packet(self, way: Direction, flags: Flag, data: bytes = b"") -> bytes:
        source, target = self._ends[way]
        return packet(source, target, self._sent[way], self._sent[way.other], flags, data)

    def _comment(self, way: Direction) -> str:
        """What is said of bytes before the next one to be sent, and was not said yet."""
        waiting, words = self._comments[way], []
        while waiting and waiting[-1][0] + 1 < self._sent[way]:
            words.append(waiting.pop()[1])
        text = " ".join(words)
        return text if len(text) <= _COMMENT_LIMIT else f"{text[:_COMMENT_LIMIT]}…"


def _section() -> bytes:
    body = struct.pack("<IHHq", _BYTE_ORDER_MAGIC, 1, 0, _UNKNOWN_SECTION_LENGTH)
    return _block(_SECTION_HEADER, body + _options((_OPT_USER_APPLICATION, b"stend")))


def _interface() -> bytes:
    # No limit to what a packet holds.
    body = struct.pack("<HHI", _LINKTYPE_RAW, 0, 0)
    options = _options((_OPT_NAME, b"stend"), (_OPT_RESOLUTION, bytes([_NANOSECONDS])))
    return _block(_INTERFACE, body + options)


def _names(addresses: Addresses) -> bytes:
    records = [
        _option(_NAME_OF_IPV4, address.packed + name.encode() + b"\0")
        for address, name in addresses.names()
    ]
    return _block(_NAME_RESOLUTION, b"".join(records) + struct.pack("<HH", 0, 0))


def _enhanced(one: _Packet, at_ns: int) -> bytes:
    head = struct.pack("<IIIII", 0, at_ns >> 32, at_ns & 0xFFFFFFFF, len(one.data), len(one.data))
    options = _options((_OPT_COMMENT, one.comment.encode())) if one.comment else b""
    return _block(_ENHANCED_PACKET, head + _padded(one.data) + options)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _options(*options: tuple[int, bytes]) -> bytes:
    return b"".join(_option(*one) for one in options) + struct.pack("<HH", 0, 0)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
