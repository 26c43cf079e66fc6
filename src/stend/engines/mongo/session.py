"""One connection: bytes in, commands out one by one, replies in. Pure.

As in mongod, the next command of a connection is begun when the one before is answered. What is no
message ends the connection; a document that is no BSON is answered.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import Timestamp
from bson.errors import BSONError

from stend.engines.mongo.commands.running import error_reply
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import encode, received
from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import FrameReader, OpCode, read_header
from stend.wire.mongo.messages import (
    MORE_TO_COME,
    OpMsg,
    read_msg,
    read_query,
    write_msg,
    write_reply,
)

Document = dict[str, Any]

# Messages that came before their turn; beyond it the socket is not read.
_MAX_QUEUED = 32
_MAX_REQUEST_ID = 2**31
# A reply has room for 16 MB of documents and what is around them (BSONObjMaxInternalSize).
_MAX_REPLY_BYTES = 16 * 1024 * 1024 + 16 * 1024
# Commands that a connection may begin with in the form of before OP_MSG.
_HANDSHAKES = frozenset({"hello", "isMaster", "ismaster"})
# A document may be 200 levels deep, a command around it a little more.
_MAX_DEPTH = 220
_LEVEL_BYTES = 7


class RefusedError(Exception):
    """What came is no message that could be answered: the connection ends."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command that waits for its answer."""

    document: Document
    request_id: int
    is_query: bool = False
    is_silent: bool = False


@dataclass(slots=True)
class Session:
    """
    Attributes:
        is_closed: nothing is taken any more.
        is_busy: a job was taken and is not yet answered.
    """

    is_closed: bool = False
    is_busy: bool = False
    _frames: FrameReader = field(default_factory=FrameReader)
    _queued: deque[bytes] = field(default_factory=deque)
    _output: list[bytes] = field(default_factory=list)
    _request_id: int = 0

    @property
    def is_listening(self) -> bool:
        """Whether more bytes are wanted."""
        return len(self._queued) < _MAX_QUEUED

    @property
    def is_idle(self) -> bool:
        """Nothing was asked that is not answered."""
        return not self.is_busy and not self._queued

    def receive(self, data: bytes) -> None:
        """
        Raises:
            RefusedError: these bytes are no messages.
        """
        try:
            self._queued.extend(self._frames.feed(data))
        except WireError as error:
            raise RefusedError(str(error)) from error

    def take(self, cluster_time: Timestamp) -> Job | None:
        """The next command, if its turn has come.

        Raises:
            RefusedError: it is no message.
        """
        while self._queued and not self.is_busy and not self.is_closed:
            if (job := self._read(self._queued.popleft(), cluster_time)) is not None:
                self.is_busy = True
                return job
        return None

    def answer(self, job: Job, reply: Document, cluster_time: Timestamp) -> None:
        """
        Args:
            reply: what the command is answered, with `ok`.
        """
        self.is_busy = False
        if job.is_silent or self.is_closed:
            return
        body = encode(reply)
        if len(body) > _MAX_REPLY_BYTES:
            told = f"the reply has {len(body)} bytes, more than a document may have"
            body = encode(error_reply(MongoError(Code.BSONObjectTooLarge, told), cluster_time))
        self._send(body, job.request_id, is_query=job.is_query)

    def take_output(self) -> list[bytes]:
        output, self._output = self._output, []
        return output

    def close(self) -> None:
        """What is still to come goes nowhere."""
        self.is_closed = True
        self._queued.clear()
        self._output.clear()

    def _send(self, body: bytes, response_to: int, *, is_query: bool) -> None:
        self._request_id = (self._request_id + 1) % _MAX_REQUEST_ID
        write = write_reply if is_query else write_msg
        self._output.append(write(self._request_id, response_to, body))

    def _read(self, frame: bytes, cluster_time: Timestamp) -> Job | None:
        header = read_header(frame)
        try:
            if header.op_code == OpCode.OP_MSG:
                message = read_msg(frame)
                return self._read_msg(message, header.request_id, cluster_time)
            if header.op_code == OpCode.OP_QUERY:
                return self._read_query(frame, header.request_id, cluster_time)
        except WireError as error:
            raise RefusedError(str(error)) from error
        raise RefusedError(f"a message of op code {header.op_code}, which is not served")

    def _read_msg(self, message: OpMsg, request_id: int, time: Timestamp) -> Job | None:
        is_silent = bool(message.flags & MORE_TO_COME)
        try:
            return Job(_document(message), request_id, is_silent=is_silent)
        except MongoError as error:
            if not is_silent:
                self._send(encode(error_reply(error, time)), request_id, is_query=False)
            return None

    def _read_query(self, frame: bytes, request_id: int, time: Timestamp) -> Job | None:
        query = read_query(frame)
        try:
            document = _decoded(query.query)
            name = next(iter(document), "")
            if not query.collection.endswith(".$cmd") or name not in _HANDSHAKES:
                raise MongoError(
                    Code.UnsupportedOpQueryCommand,
                    f"Unsupported OP_QUERY command: {name}. The client driver may require an "
                    "upgrade. For more details see https://dochub.mongodb.org/core/legacy-opcode-"
                    "removal",
                )
        except MongoError as error:
            self._send(encode(error_reply(error, time)), request_id, is_query=True)
            return None
        database = query.collection.removesuffix(".$cmd")
        return Job({**document, "$db": database}, request_id, is_query=True)


def _document(message: OpMsg) -> Document:
    document = _decoded(message.body)
    for name, parts in message.sequences:
        if name in document:
            raise MongoError(
                Code.InvalidBSON, f"Field '{name}' is in the body and in a document sequence"
            )
        document[name] = [_decoded(part) for part in parts]
    return document


def _decoded(data: bytes) -> Document:
    try:
        document = received(data)
    except (BSONError, ValueError, RecursionError, OverflowError) as error:
        raise MongoError(Code.InvalidBSON, f"invalid BSON: {error}") from None
    if len(data) > _MAX_DEPTH * _LEVEL_BYTES and _is_deeper(document):
        raise MongoError(
            Code.Overflow, f"BSONObj exceeds maximum nested object depth: {_MAX_DEPTH}"
        )
    return document


def _is_deeper(document: Document) -> bool:
    """Whether it has more levels than anything in this server is ready for."""
    level: list[Any] = [document]
    for _ in range(_MAX_DEPTH):
        level = [inner for one in level for inner in _inner(one)]
        if not level:
            return False
    return True


def _inner(value: Any) -> Iterator[Any]:
    items = value.values() if isinstance(value, dict) else value
    return (one for one in items if isinstance(one, dict | list))
