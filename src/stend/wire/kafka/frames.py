"""Frames of Kafka's protocol: four bytes of length, then a header and a message."""

from struct import Struct

from stend.wire.kafka.errors import WireError

LENGTH = Struct(">i")


class FrameReader:
    """Cuts a stream into frames. Holds at most one unfinished frame.

    Args:
        max_bytes: of one frame without its length; Kafka's socket.request.max.bytes.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        # Grows with what comes, not with the length that somebody tells.
        self._rest = bytearray()
        # Of the rest, with its length; four bytes until that is there.
        self._wanted = LENGTH.size

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes, without their lengths.

        Raises:
            WireError: a length that is negative or too large; frames before it are lost, as the
                connection is.
        """
        if not self._rest:
            return self._cut(data)
        self._rest += data
        if len(self._rest) < self._wanted:
            return []
        return self._cut(self._rest)

    def _cut(self, data: bytes | bytearray) -> list[bytes]:
        frames: list[bytes] = []
        at, length = 0, len(data)
        self._wanted = LENGTH.size
        with memoryview(data) as view:
            while length - at >= LENGTH.size:
                (size,) = LENGTH.unpack_from(view, at)
                if not 0 <= size <= self.max_bytes:
                    raise WireError(f"a frame of {size} bytes, where {self.max_bytes} are the most")
                end = at + LENGTH.size + size
                if end > length:
                    self._wanted = end - at
                    break
                frames.append(bytes(view[at + LENGTH.size : end]))
                at = end
            self._rest = bytearray(view[at:])
        return frames


def frame(*parts: bytes) -> bytes:
    return b"".join((LENGTH.pack(sum(map(len, parts))), *parts))
