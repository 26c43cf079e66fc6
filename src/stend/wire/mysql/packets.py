"""Packets: three bytes of length, one number, and a payload that may go on in the next packet."""

from stend.wire.mysql.errors import OutOfOrderError, TooLargeError

HEADER_BYTES = 4
MAX_PAYLOAD = 0xFFFFFF


class PacketReader:
    """Cuts a stream into payloads. Holds at most one unfinished payload.

    Args:
        max_bytes: of one payload; MySQL's max_allowed_packet.

    Attributes:
        sequence: the number that the next packet has to have, in either direction.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.sequence = 0
        self._rest = bytearray()
        # Packets of the payload that is not complete yet.
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Takes more bytes of the stream."""
        self._rest += data

    def next_payload(self) -> bytes | None:
        """The next payload, or None until more bytes have come.

        Raises:
            TooLargeError: it is longer than the bound; its bytes are not waited for.
            OutOfOrderError: its packets are not numbered one after another.
        """
        while len(self._rest) >= HEADER_BYTES:
            size = int.from_bytes(self._rest[:3], "little")
            number = self._rest[3]
            if number != self.sequence:
                raise OutOfOrderError(f"packet {number}, where {self.sequence} follows")
            if self._size + size > self.max_bytes:
                raise TooLargeError(f"more than {self.max_bytes} bytes in a packet")
            end = HEADER_BYTES + size
            if len(self._rest) < end:
                return None
            part = bytes(memoryview(self._rest)[HEADER_BYTES:end])
            del self._rest[:end]
            self.sequence = (number + 1) & 0xFF
            if not self._parts and size < MAX_PAYLOAD:
                return part
            self._parts.append(part)
            self._size += size
            if size < MAX_PAYLOAD:
                whole = b"".join(self._parts)
                self._parts, self._size = [], 0
                return whole
        return None

    def begin(self) -> None:
        """A new command is numbered from 0; one whose payload is not complete goes on."""
        if not self._parts:
            self.sequence = 0

    @property
    def held_bytes(self) -> int:
        """Bytes that came and are not handed out."""
        return len(self._rest) + self._size


def packets(payload: bytes, sequence: int) -> tuple[bytes, int]:
    """A payload as packets.

    Args:
        sequence: the number of the first one.

    Returns:
        The bytes, and the number that follows.
    """
    size = len(payload)
    if size < MAX_PAYLOAD:
        head = size | sequence << 24
        return head.to_bytes(4, "little") + payload, (sequence + 1) & 0xFF
    parts: list[bytes] = []
    for at in range(0, size + 1, MAX_PAYLOAD):
        part = payload[at : at + MAX_PAYLOAD]
        parts += [(len(part) | sequence << 24).to_bytes(4, "little"), part]
        sequence = (sequence + 1) & 0xFF
    return b"".join(parts), sequence
