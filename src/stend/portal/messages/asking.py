"""Questions to brokers of Kafka over plain sockets, all of them within one time. Blocks."""

import socket
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.portal.messages.answers import NoBrokerAnswerError
from stend.wire.kafka import codec
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import request_header, response_tags

Fields = Mapping[str, Any]
_MOST_BYTES = 8 * 1024 * 1024
_CORRELATION_BYTES = 4
_CLIENT_ID = "stend.portal"


class Line:
    """Connections that are kept until the end of the block, one to a broker.

    Args:
        within_s: for everything that is asked.
    """

    def __init__(self, within_s: float, security: KafkaSecurity = PLAINTEXT) -> None:
        self._security = security
        self._within_s = within_s
        self._until = time.monotonic() + within_s
        self._open: dict[str, socket.socket] = {}
        self._number = 0

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for one in self._open.values():
            one.close()

    def ask(self, address: str, api_key: int, version: int, fields: dict[str, Any]) -> Fields:
        """
        Args:
            address: `host:port`.

        Raises:
            NoBrokerAnswerError: nobody answers there in time, or what answers is no Kafka.
        """
        try:
            return self._ask(address, api_key, version, fields)
        except (OSError, WireError) as error:
            said = str(error) or type(error).__name__
            raise NoBrokerAnswerError("away", f"{address}: {said}") from None

    def _ask(self, address: str, api_key: int, version: int, fields: dict[str, Any]) -> Fields:
        connection = self._open.get(address)
        if connection is None:
            host, _, port = address.rpartition(":")
            connection = self._security.connected(host.strip("[]"), int(port), self._left_s())
            self._open[address] = connection
        self._number += 1
        header = request_header(api_key, version, self._number, _CLIENT_ID)
        body = codec.request(api_key, version).encode(fields)
        connection.settimeout(self._left_s())
        connection.sendall(frame(header, body))
        answer = self._answer(connection)
        at = _CORRELATION_BYTES + len(response_tags(api_key, version))
        return codec.response(api_key, version).decode(answer, at)[0]

    def _answer(self, connection: socket.socket) -> bytes:
        reader = FrameReader(_MOST_BYTES)
        while True:
            connection.settimeout(self._left_s())
            data = connection.recv(65_536)
            if not data:
                raise ConnectionError("closed the connection without an answer")
            for answer in reader.feed(data):
                return bytes(answer)

    def _left_s(self) -> float:
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError(f"no answer within {self._within_s:g} s")
        return left_s
