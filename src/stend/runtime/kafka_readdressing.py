"""Keeps a client of Kafka at the relay: brokers tell their clients where to go on.

Only the four bytes of a port are changed, so what is counted is what would have been there.
"""

from collections.abc import Mapping
from struct import Struct

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import read_request_header, response_header

_MAX_BYTES = 100 * 1024 * 1024
_INT = Struct(">i")
_TELLS_ADDRESSES = frozenset({ApiKey.METADATA, ApiKey.FIND_COORDINATOR})


class KafkaReaddressing:
    """Of one connection.

    Args:
        ports: of a broker, to the relay's in front of it.
    """

    def __init__(self, ports: Mapping[int, int]) -> None:
        self._ports = ports
        self._requests = FrameReader(_MAX_BYTES)
        self._responses = FrameReader(_MAX_BYTES)
        # Correlation ids of requests whose answer will tell addresses: API key and version.
        self._asked: dict[int, tuple[int, int]] = {}

    def up(self, chunk: bytes) -> bytes:
        """
        Raises:
            WireError: it is no Kafka.
        """
        for one in self._requests.feed(chunk):
            header = read_request_header(one)
            if header.api_key in _TELLS_ADDRESSES:
                self._asked[header.correlation_id] = header.api_key, header.version
        return chunk

    def down(self, chunk: bytes) -> bytes:
        """Whole responses only.

        Raises:
            WireError: it is no Kafka.
        """
        return b"".join(frame(self._moved(one)) for one in self._responses.feed(chunk))

    def _moved(self, response: bytes) -> bytes:
        (correlation_id,) = _INT.unpack_from(response)
        asked = self._asked.pop(correlation_id, None)
        if asked is None:
            return response
        head = response_header(*asked, correlation_id)
        message = codec.response(*asked)
        fields, _ = message.decode(response, len(head))
        # A coordinator stands alone in older versions.
        for one in (*fields.get("brokers", ()), *fields.get("coordinators", ()), fields):
            if "port" in one:
                one["port"] = self._ports.get(one["port"], one["port"])
        return head + message.encode(fields)
