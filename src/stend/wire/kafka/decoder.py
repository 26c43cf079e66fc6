"""Decodes a connection of Kafka's protocol: frames of requests, and of what answers them."""

from functools import partial
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from stend.kit.languages import Text
from stend.wire.decoding import (
    HELD_BYTES_LIMIT,
    Direction,
    Half,
    Role,
    StreamDecoder,
    Undecodable,
    Unit,
)
from stend.wire.kafka import codec, trees
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode, UnknownMessageError, WireError
from stend.wire.kafka.facts import Facts, topic_ids
from stend.wire.kafka.headers import RequestHeader, read_request_header, skip_tags
from stend.wire.kafka.values import api_name
from stend.wire.latest import Latest

_LENGTH = Struct(">i")
_CORRELATION_ID = Struct(">i")
_FIRST_ERROR = Struct(">h")
_LONGEST_NAME = 250

_NOT_SEEN = Text(
    ru="запрос, на который это ответ, в записи не виден: не известны ни API, ни версия",
    en="the request that this answers was not seen: neither API nor version is known",
)
_TOKEN = Text(
    ru="токен SASL без заголовка Kafka (SaslHandshake v0): его формат задаёт механизм",
    en="a SASL token without a header of Kafka (SaslHandshake v0): its mechanism defines the form",
)
_NO_REQUEST = Text(
    ru="это не заголовок запроса Kafka",
    en="this is no header of a request of Kafka",
)


class _Asked(NamedTuple):
    """A request that waits for its response; `api_key` is -1 for a raw token of SASL."""

    api_key: int
    version: int


class KafkaDecoder(StreamDecoder):
    """Requests are remembered: what a response is stands in its request only."""

    protocol = "kafka"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._asked: Latest[int, _Asked] = Latest()
        self._topics: Latest[UUID, str] = Latest()
        self._has_raw_tokens = False
        # Tokens have no numbers of their own; theirs are above those of requests.
        self._tokens = 0

    def awaited(self) -> tuple[str, ...]:
        return tuple(map(str, self._asked))

    def withdraw(self, exchange: str) -> None:
        self._asked.pop(int(exchange), None)

    def _begins_unit(self, half: Half) -> bool:
        """A request, or the answer to one that was heard; what was cut off tells by its header."""
        head = half.take(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return False
        (size,) = _LENGTH.unpack(head)
        if not _CORRELATION_ID.size <= size <= HELD_BYTES_LIMIT:
            return False
        frame = half.take(_LENGTH.size + size)
        if half.direction is Direction.TO_CLIENT:
            return self._number_of(frame) in self._asked
        return _begins_request(frame[_LENGTH.size :], is_whole=len(frame) == _LENGTH.size + size)

    def _forget(self, direction: Direction) -> None:
        self._asked.clear()

    def _cut(self, half: Half) -> Unit | None:
        if half.rest < _LENGTH.size:
            half.wanted = _LENGTH.size
            return None
        (size,) = _LENGTH.unpack_from(half.data, half.at)
        if not 0 <= size <= HELD_BYTES_LIMIT:
            raise Undecodable(
                f"длина кадра {size}: это не протокол Kafka",
                f"a frame of {size} bytes: this is not Kafka's protocol",
                0,
            )
        if half.rest < _LENGTH.size + size:
            half.wanted = _LENGTH.size + size
            return None
        frame = half.take(_LENGTH.size + size)
        if half.direction is Direction.TO_SERVER:
            return self._request(half, frame)
        return self._response(half, frame)

    def _request(self, half: Half, frame: bytes) -> Unit:
        body = frame[_LENGTH.size :]
        try:
            header = read_request_header(body)
        except WireError:
            return self._stranger(half, frame)
        if not _is_known(header.api_key) and self._has_raw_tokens:
            return self._token(half, frame)
        facts = {
            "api": api_name(header.api_key),
            "version": str(header.version),
            "correlation_id": str(header.correlation_id),
        }
        if header.client_id is not None:
            facts["client_id"] = header.client_id[:_LONGEST_NAME]
        gathered = Facts(self._topics, is_response=False)
        is_silent = self._read_request(body, header, gathered)
        if not is_silent:
            self._asked[header.correlation_id] = _Asked(header.api_key, header.version)
        return Unit(
            protocol=self.protocol,
            name=f"{api_name(header.api_key)} v{header.version}",
            direction=half.direction,
            start=half.start,
            end=half.start + len(frame),
            role=Role.MESSAGE if is_silent else Role.REQUEST,
            read=partial(trees.request_tree, api_key=header.api_key),
            exchange=str(header.correlation_id),
            is_last=True,
            summary=gathered.summary(),
            context=gathered.context,
            facts=facts | gathered.told(),
        )

    def _read_request(self, body: bytes, header: RequestHeader, gathered: Facts) -> bool:
        """Returns whether no response will come."""
        try:
            fields, _ = codec.request(header.api_key, header.version).decode(body, header.body_at)
        except WireError:
            # The tree tells how far it can be read.
            return False
        gathered.gather(fields)
        if header.api_key == ApiKey.SASL_HANDSHAKE and header.version == 0:
            self._has_raw_tokens = True
        return header.api_key == ApiKey.PRODUCE and fields["acks"] == 0

    def _response(self, half: Half, frame: bytes) -> Unit:
        number = self._number_of(frame)
        asked = self._asked.pop(number, None) if number is not None else None
        if asked is None or number is None:
            if self._asked and next(iter(self._asked.values())).api_key < 0:
                number, _ = self._asked.popitem(last=False)
                return self._raw(half, frame, _TOKEN, "SASL token", str(number))
            return self._raw(half, frame, _NOT_SEEN, "not decoded", None)
        version = _version_of_answer(asked, frame)
        gathered = Facts(self._topics, is_response=True)
        self._read_response(frame, asked.api_key, version, gathered)
        return Unit(
            protocol=self.protocol,
            name=f"{api_name(asked.api_key)} v{version}",
            direction=half.direction,
            start=half.start,
            end=half.start + len(frame),
            role=Role.RESPONSE,
            read=partial(trees.response_tree, api_key=asked.api_key, version=version),
            exchange=str(number),
            is_last=True,
            summary=gathered.summary(),
            error=gathered.error,
            context=gathered.context,
            facts={
                "api": api_name(asked.api_key),
                "version": str(version),
                "correlation_id": str(number),
            }
            | ({"error_code": gathered.error} if gathered.error else {})
            | gathered.told(),
        )

    def _read_response(self, frame: bytes, api_key: int, version: int, gathered: Facts) -> None:
        try:
            message = codec.response(api_key, version)
            at = _LENGTH.size + _CORRELATION_ID.size
            if message.is_flexible and api_key != ApiKey.API_VERSIONS:
                at = skip_tags(frame, at)
            fields, _ = message.decode(frame, at)
        except WireError:
            return
        gathered.gather(fields)
        for topic_id, name in topic_ids(api_key, fields):
            self._topics[topic_id] = name

    def _stranger(self, half: Half, frame: bytes) -> Unit:
        if self._has_raw_tokens:
            return self._token(half, frame)
        return self._raw(half, frame, _NO_REQUEST, "not decoded", None)

    def _token(self, half: Half, frame: bytes) -> Unit:
        self._tokens += 1
        # No correlation id is so large.
        number = (1 << 32) + self._tokens
        self._asked[number] = _Asked(-1, 0)
        return self._raw(half, frame, _TOKEN, "SASL token", str(number))

    def _raw(self, half: Half, frame: bytes, why: Text, name: str, exchange: str | None) -> Unit:
        role = Role.BROKEN
        if exchange is not None:
            is_request = half.direction is Direction.TO_SERVER
            role = Role.REQUEST if is_request else Role.RESPONSE
        return Unit(
            protocol=self.protocol,
            name=name,
            direction=half.direction,
            start=half.start,
            end=half.start + len(frame),
            role=role,
            read=partial(trees.raw_tree, why=why),
            exchange=exchange,
            is_last=exchange is not None,
        )

    @staticmethod
    def _number_of(frame: bytes) -> int | None:
        if len(frame) < _LENGTH.size + _CORRELATION_ID.size:
            return None
        (number,) = _CORRELATION_ID.unpack_from(frame, _LENGTH.size)
        return int(number)


def _is_known(api_key: int) -> bool:
    try:
        codec.versions(api_key)
    except UnknownMessageError:
        return False
    return True


def _begins_request(body: bytes, *, is_whole: bool) -> bool:
    try:
        header = read_request_header(body)
        known = codec.versions(header.api_key)
    except WireError:
        return False
    if header.version not in known:
        return False
    if not is_whole:
        return True
    try:
        _, end = codec.request(header.api_key, header.version).decode(body, header.body_at)
    except WireError:
        return False
    return end == len(body)


def _version_of_answer(asked: _Asked, frame: bytes) -> int:
    """Who asks for versions in one that the broker lacks is answered in version 0 (KIP-511)."""
    at = _LENGTH.size + _CORRELATION_ID.size
    if asked.api_key == ApiKey.API_VERSIONS and len(frame) >= at + _FIRST_ERROR.size:
        (code,) = _FIRST_ERROR.unpack_from(frame, at)
        if code == ErrorCode.UNSUPPORTED_VERSION:
            return 0
    return asked.version
