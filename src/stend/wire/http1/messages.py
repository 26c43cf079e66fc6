"""What is known of a message while its body comes."""

from dataclasses import dataclass, field
from typing import NamedTuple

from stend.wire.content.bodies import media_type_of
from stend.wire.decoding import Role, Undecodable
from stend.wire.http1.framing import Body, ChunkScan, Framing
from stend.wire.http1.heads import Head

EVENTS = "text/event-stream"
# Their parts are wanted at once: each says something by itself.
STREAMS = (
    EVENTS,
    "application/x-ndjson",
    "application/jsonl",
    "application/json-seq",
    "multipart/x-mixed-replace",
)


class Agreed(NamedTuple):
    """What a handshake of WebSocket has settled.

    Attributes:
        extensions: value of Sec-WebSocket-Extensions in the response.
        subprotocol: value of Sec-WebSocket-Protocol in the response.
    """

    extensions: str
    subprotocol: str


@dataclass(slots=True)
class Asked:
    """A request that an answer is expected to.

    Attributes:
        api: which kind of API it belongs to, as far as that is known.
        wants_upgrade: what follows it may be of another protocol.
        is_answered: its final response has begun.
    """

    exchange: str
    method: str
    api: str = ""
    wants_upgrade: bool = False
    is_answered: bool = False


@dataclass(slots=True)
class Message:
    """A message whose head has come.

    Attributes:
        is_held: no unit has been made of it yet.
        left: bytes of a body of known length that are in no unit yet.
        chunk_left: bytes of data of a long chunk that are in no unit yet.
        in_line: what was cut last ended in the middle of a line of an event stream.
        after_cr: what was cut last ended with a CR, whose LF may still come.
        searched: so many bytes of what comes now were looked through for an end.
        wrong: why the end of the body cannot be known.
    """

    head: Head
    asked: Asked
    framing: Framing
    role: Role
    wrong: Undecodable | None = None
    is_held: bool = True
    left: int = 0
    chunk_left: int = 0
    in_line: bool = False
    after_cr: bool = False
    searched: int = 0
    scan: ChunkScan = field(default_factory=ChunkScan)

    @property
    def media_type(self) -> str:
        return media_type_of(self.head.headers.get("content-type", ""))

    @property
    def codings(self) -> str:
        return self.head.headers.get("content-encoding", "")

    @property
    def is_stream(self) -> bool:
        """Each of its parts is told of at once."""
        if self.role is not Role.RESPONSE or self.media_type not in STREAMS:
            return False
        body = self.framing.body
        return body is Body.CHUNKED or (body is Body.UNTIL_CLOSE and self.media_type == EVENTS)

    @property
    def is_interim(self) -> bool:
        """A final response is still to come."""
        return self.role is Role.RESPONSE and self.head.status < 200 and self.head.status != 101
