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
        self._pieces: list[bytes] = []
        self._held = 0
        # With the length; unknown until four bytes are there.
        self._wanted = LENGTH.size

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes, without their lengths.

        Raises:
            WireError: a length that is negative or too large; frames before it are lost, as the
                connection is.
        """
        if self._pieces:
            self._pieces.append(data)
            self._held += len(data)
            if self._held < self._wanted:
                return []
            # Joined once per frame: a large one comes in many pieces.
            data = b"".join(self._pieces)
        return self._cut(data)

    def _cut(self, data: bytes) -> list[bytes]:
        frames: list[bytes] = []
        at, length = 0, len(data)
        wanted = LENGTH.size
        while length - at >= LENGTH.size:
            (size,) = LENGTH.unpack_from(data, at)
            if not 0 <= size <= self.max_bytes:
                raise WireError(f"a frame of {size} bytes, where {self.max_bytes} are the most")
            wanted = LENGTH.size + size
            if length - at < wanted:
                break
            frames.append(data[at + LENGTH.size : at + wanted])
            at += wanted
            wanted = LENGTH.size
        self._pieces = [data[at:]] if at < length else []
        self._held = length - at
        self._wanted = wanted
        return frames


def frame(*parts: bytes) -> bytes:
    return b"".join((LENGTH.pack(sum(map(len, parts))), *parts))
