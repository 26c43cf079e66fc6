"""The bytes of an event stream to events: HTML Living Standard, section 9.2.6. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from stend.shop.orders.usecases import TrackOrder

MEDIA_TYPE = "text/event-stream"
# A line ends with CR LF, LF or CR; a CR at the end of what has come may be half of a CR LF.
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    event: str
    data: str


class EventStreamReader:
    """What a browser's EventSource does with the bytes.

    Attributes:
        last_event_id: of the newest event; a client that comes back sends it.
        retry_ms: how long to wait before that, as the server said last.
    """

    def __init__(self, retry_ms: int) -> None:
        self.last_event_id = ""
        self.retry_ms = retry_ms
        self._rest = b""
        self._data: list[str] = []
        self._event = ""
        self._id = ""

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """The events that are whole now."""
        *lines, self._rest = _LINE_END.split(self._rest + chunk)
        for line in lines:
            # Lenient where the standard is: whatever is not UTF-8 becomes U+FFFD.
            if (event := self._line(line.decode("utf-8", "replace"))) is not None:
                yield event

    def begin_anew(self) -> None:
        """On a new connection: what was half read before is gone."""
        self._rest, self._data, self._event, self._id = b"", [], "", self.last_event_id

    def _line(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdecimal():
            self.retry_ms = int(value)
        # A comment begins with a colon; other fields are ignored, as the standard wants it.
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        self.last_event_id = self._id
        data, event = self._data, self._event or "message"
        self._data, self._event = [], ""
        return ServerSentEvent(event, "\n".join(data)) if data else None


def path_of(request: TrackOrder) -> str:
    return f"/api/v1/orders/{quote(request.order_id, safe='')}/events"
