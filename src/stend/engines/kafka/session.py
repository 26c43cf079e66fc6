"""One connection: bytes in, requests to their handlers, answers in the order of requests. Pure.

As Kafka does, a connection's next request waits for the answer to the one before; only behind a
Produce, whose batches are appended at once, the next one is taken while the disk is waited for.
What is no request of Kafka's ends the connection: there is nothing to answer to (KafkaChannel).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.handlers.serving import (
    API_VERSIONS_HIGHEST,
    SERVED,
    UNNAMED_CLIENT,
    api_versions,
    names_itself,
)
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode, WireError
from stend.wire.kafka.frames import FrameReader
from stend.wire.kafka.headers import RequestHeader, read_request_header, response_header

# socket.request.max.bytes of Kafka.
MAX_REQUEST_BYTES = 104_857_600
# Requests that came before their turn; beyond it the socket is not read.
_MAX_QUEUED = 32
_MAX_UNSENT_BYTES = 16 * 1024 * 1024
_LENGTH = Struct(">i")
_NO_ANSWER = 0


class RefusedError(Exception):
    """What came is no request that could be answered: the connection ends."""


@dataclass(slots=True)
class _Slot:
    """A request that was taken, and its answer once it is there."""

    api_key: int
    version: int
    correlation_id: int
    is_silent: bool
    answer: list[bytes] | None = None


@dataclass(slots=True)
class Session:
    """
    Args:
        wake: called when there is something to send, though no bytes came.

    Attributes:
        is_writable: told by the server: whether the socket takes what is sent.
        bug: an answer that cannot be sent; the connection is closed then.
    """

    state: State
    broker_id: int
    listener: int
    client_host: str
    wake: Callable[["Session"], None]
    is_writable: bool = True
    is_closed: bool = False
    bug: WireError | None = None
    _frames: FrameReader = field(default_factory=lambda: FrameReader(MAX_REQUEST_BYTES))
    _queued: deque[bytes] = field(default_factory=deque)
    _slots: deque[_Slot] = field(default_factory=deque)
    _output: list[bytes] = field(default_factory=list)
    _unsent: int = 0
    _is_pumping: bool = False

    @property
    def is_listening(self) -> bool:
        """Whether more bytes are wanted."""
        return len(self._queued) < _MAX_QUEUED

    @property
    def is_idle(self) -> bool:
        """Nothing was asked that is not answered."""
        return not self._slots and not self._queued

    def receive(self, data: bytes, now_ms: int) -> None:
        """
        Raises:
            RefusedError: these bytes are no requests.
        """
        try:
            self._queued.extend(self._frames.feed(data))
        except WireError as error:
            raise RefusedError(str(error)) from error
        self.pump(now_ms)

    def pump(self, now_ms: int) -> None:
        """Takes requests whose turn it is.

        Raises:
            RefusedError: one of them is none.
        """
        if self._is_pumping:
            return
        self._is_pumping = True
        try:
            while self._queued and self._may_take:
                self._take(self._queued.popleft(), now_ms)
        finally:
            self._is_pumping = False

    def take_output(self) -> list[bytes]:
        output, self._output = self._output, []
        self._unsent = 0
        return output

    def close(self) -> None:
        """Answers that are still to come go nowhere."""
        self.is_closed = True
        self._queued.clear()
        self._slots.clear()
        self._output.clear()

    @property
    def _may_take(self) -> bool:
        if self.is_closed or not self.is_writable or self._unsent > _MAX_UNSENT_BYTES:
            return False
        if len(self._slots) >= _MAX_QUEUED:
            return False
        return all(slot.api_key == ApiKey.PRODUCE for slot in self._slots)

    def _take(self, frame: bytes, now_ms: int) -> None:
        try:
            header = read_request_header(frame)
            if header.api_key == ApiKey.API_VERSIONS:
                self._tell_versions(header, frame)
                return
            api = SERVED.get(header.api_key)
            if api is None or not api.lowest <= header.version <= api.highest:
                raise RefusedError(
                    f"request of key {header.api_key} in version {header.version} is not served"
                )
            # Bytes behind it are let be, as Kafka does: librdkafka's newest Metadata has three.
            fields, _ = codec.request(header.api_key, header.version).decode(frame, header.body_at)
        except WireError as error:
            raise RefusedError(str(error)) from error
        is_silent = header.api_key == ApiKey.PRODUCE and fields["acks"] == _NO_ANSWER
        slot = self._open_slot(header, is_silent=is_silent)
        try:
            api.handle(self.state, self._request(header, fields, now_ms, slot))
        except BrokerError as error:
            # Of a request as a whole, for which its answer has no field.
            raise RefusedError(str(error)) from error

    def _request(self, header: RequestHeader, fields: Fields, now_ms: int, slot: _Slot) -> Request:
        return Request(
            header.api_key,
            header.version,
            fields,
            header.client_id or "",
            self.client_host,
            self.broker_id,
            now_ms,
            lambda answer: self._answer(slot, answer),
            self.listener,
        )

    def _open_slot(self, header: RequestHeader, *, is_silent: bool = False) -> _Slot:
        slot = _Slot(header.api_key, header.version, header.correlation_id, is_silent)
        self._slots.append(slot)
        return slot

    def _answer(self, slot: _Slot, fields: Fields) -> None:
        if self.is_closed:
            return
        if slot.is_silent:
            slot.answer = []
            if _has_failed(fields):
                # Nobody waits for an answer: as in Kafka the producer learns of it by this.
                self.close()
        else:
            try:
                slot.answer = _encoded(slot, fields)
            except WireError as error:
                # Whoever is answered next must not suffer from it.
                self.close()
                self.bug = error
        self._flush()

    def _flush(self) -> None:
        while self._slots and self._slots[0].answer is not None:
            answer = self._slots.popleft().answer
            if answer:
                size = sum(map(len, answer))
                self._output.append(_LENGTH.pack(size))
                self._output += answer
                self._unsent += size
        self.wake(self)

    def _tell_versions(self, header: RequestHeader, frame: bytes) -> None:
        slot = self._open_slot(header)
        if header.version > API_VERSIONS_HIGHEST or header.version < 0:
            # In the form of version 0, which every client reads, with the list to choose from.
            slot.version = 0
            self._answer(slot, api_versions(ErrorCode.UNSUPPORTED_VERSION))
            return
        fields, _ = codec.request(header.api_key, header.version).decode(frame, header.body_at)
        self._answer(slot, api_versions() if names_itself(fields) else UNNAMED_CLIENT)


def _encoded(slot: _Slot, fields: Fields) -> list[bytes]:
    head = response_header(slot.api_key, slot.version, slot.correlation_id)
    return [head, *codec.response(slot.api_key, slot.version).encode_parts(fields)]


def _has_failed(fields: Fields) -> bool:
    return any(
        one["error_code"] != ErrorCode.NONE
        for topic in fields["responses"]
        for one in topic["partition_responses"]
    )
