"""HTTP/1.1 as units: a message each, and a stream that does not end piece by piece.

A message of up to a megabyte is one unit. A longer one, and one that is a stream of events, is a
unit of its head and then one for each chunk or part, so that nothing waits for an end.
"""

import re
from collections import deque
from collections.abc import Callable
from functools import partial

from stend.kit.languages import Text
from stend.wire.decoding import Direction, Half, Read, Role, StreamDecoder, Undecodable, Unit
from stend.wire.http1.framing import Body, Framing, request_framing, response_framing
from stend.wire.http1.heads import Head, begins_message, demand_beginning, head_end, read_head
from stend.wire.http1.messages import EVENTS, Agreed, Asked, Message
from stend.wire.http1.parts import PART_BYTES, Part, next_part, plain_part
from stend.wire.http1.telling import Told, content_of, told_of_request, told_of_response
from stend.wire.http1.trees import head_fields, message_fields

_EVENT_NAME = re.compile(rb"(?:^|[\r\n])event: ?([^\r\n]{1,80})")
_EVENT_DATA = re.compile(rb"(?:^|[\r\n])data")
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_EVENT_ID = re.compile(rb"(?:^|[\r\n])id: ?([^\r\n]{1,80})")

_TUNNEL = Text(
    ru="прокси передаёт чужое соединение (CONNECT): что в нём, прокси не знает",
    en="a proxy passes somebody else's connection (CONNECT): it does not know what is in it",
)
_OTHER_PROTOCOL = Text(
    ru="после 101 идёт другой протокол, его здесь не разбирают",
    en="another protocol follows behind 101, which is not decoded here",
)


# Makes the decoder that goes on from these offsets, to the server and to the client.
Upgraded = Callable[[tuple[int, int], Agreed], StreamDecoder]


class Http1Decoder(StreamDecoder):
    """Decodes a connection of HTTP/1.1, pipelined or not, up to a change of protocol.

    Args:
        upgraded: makes the decoder for what follows 101 with Upgrade: websocket; without it that
            is not decoded.
    """

    protocol = "http1"

    def __init__(self, begins: tuple[int, int] = (0, 0), upgraded: Upgraded | None = None) -> None:
        super().__init__(begins)
        self._upgraded = upgraded
        self._messages: dict[Direction, Message] = {}
        self._searched = dict.fromkeys(Direction, 0)
        self._asked: deque[Asked] = deque()
        self._count = 0
        # The request that decides which protocol the bytes to the server are of.
        self._undecided: Asked | None = None
        self._is_decided = False
        self._agreed: Agreed | None = None
        self._after: StreamDecoder | None = None
        self._skipped: set[Direction] = set()

    def feed(self, direction: Direction, data: bytes) -> list[Unit]:
        if self._after is not None:
            return self._after.feed(direction, data)
        self._find_again(direction, data)
        found = super().feed(direction, data)
        while self._is_decided:
            # What waited for the answer is of HTTP, and is asked before the next answer is read.
            self._is_decided = False
            for one in Direction:
                found += self._units(self._halves[one])
        return found + self._switched()

    def end(self, direction: Direction) -> list[Unit]:
        return super().end(direction) if self._after is None else self._after.end(direction)

    def skip(self, direction: Direction, count: int) -> list[Unit]:
        if self._after is not None:
            return self._after.skip(direction, count)
        found = super().skip(direction, count)
        self._messages.pop(direction, None)
        self._searched[direction] = 0
        self._undecided = None
        if direction is Direction.TO_CLIENT:
            # Which of the answers were lost nobody knows: none is given to a wrong request.
            self._asked.clear()
        self._skipped.add(direction)
        return found

    def reached(self, direction: Direction) -> int:
        after = self._after
        return super().reached(direction) if after is None else after.reached(direction)

    def unfinished(self, direction: Direction) -> int:
        after = self._after
        return super().unfinished(direction) if after is None else after.unfinished(direction)

    def awaited(self) -> tuple[str, ...]:
        answering = self._messages.get(Direction.TO_CLIENT)
        begun = (answering.asked.exchange,) if answering and not answering.is_interim else ()
        return begun + tuple(one.exchange for one in self._asked)

    def withdraw(self, exchange: str) -> None:
        for asked in tuple(self._asked):
            if asked.exchange == exchange:
                self._asked.remove(asked)
                asked.is_answered = True
                if self._undecided is asked:
                    self._undecided = None

    def _find_again(self, direction: Direction, data: bytes) -> None:
        """Goes on behind a gap where a message begins with what has come."""
        is_request = direction is Direction.TO_SERVER
        if direction in self._skipped and begins_message(data, is_request=is_request):
            self._skipped.discard(direction)
            half = self._halves[direction]
            half.has_gap, half.lost, half.wanted = False, None, 1

    def _switched(self) -> list[Unit]:
        """The units of the next protocol in what has come, if it has been changed to."""
        if self._agreed is None:
            return []
        halves = self._halves
        if self._upgraded is None:
            for half in halves.values():
                half.lost = _OTHER_PROTOCOL
            self._agreed = None
            return [unit for half in halves.values() for unit in self._units(half)]
        to_server, to_client = halves[Direction.TO_SERVER], halves[Direction.TO_CLIENT]
        self._after = self._upgraded((to_server.start, to_client.start), self._agreed)
        return [
            unit
            for half in (to_server, to_client)
            for unit in self._after.feed(half.direction, half.take(half.rest))
        ]

    def _cut(self, half: Half) -> Unit | None:
        is_request = half.direction is Direction.TO_SERVER
        if self._agreed is not None or (is_request and self._undecided is not None):
            return None
        message = self._messages.get(half.direction)
        if message is None and (is_request or not self._is_decided):
            message = self._begun(half, is_request)
        if message is None:
            return None
        return self._held(half, message) if message.is_held else self._part(half, message)

    def _begun(self, half: Half, is_request: bool) -> Message | None:
        """The message that begins now, when its head is complete."""
        size = head_end(half.data, half.at, self._searched[half.direction])
        if size is None:
            demand_beginning(half.data, half.at, is_request=is_request)
            self._searched[half.direction] = half.rest
            return None
        self._searched[half.direction] = 0
        head = read_head(half.take(size), is_request=is_request)
        asked = self._new(head) if is_request else self._answered(head)
        role = Role.REQUEST if is_request else Role.RESPONSE
        message = Message(head, asked, Framing(Body.NONE), role)
        try:
            message.framing = (
                request_framing(head) if is_request else response_framing(head, asked.method)
            )
        except Undecodable as error:
            message.wrong = error
        message.left = message.framing.length
        self._messages[half.direction] = message
        return message

    def _new(self, head: Head) -> Asked:
        self._count += 1
        asked = Asked(str(self._count), head.method)
        asked.wants_upgrade = "upgrade" in head.headers.get("connection", "").lower()
        if not self._hears(Direction.TO_CLIENT):
            self._asked.clear()
        self._asked.append(asked)
        return asked

    def _answered(self, head: Head) -> Asked:
        if not self._asked:
            # Its request was before the recording began.
            self._count += 1
            return Asked(str(self._count), "")
        is_interim = head.status < 200 and head.status != 101
        if is_interim:
            return self._asked[0]
        asked = self._asked.popleft()
        asked.is_answered = True
        if self._undecided is asked and head.status != 101:
            self._undecided = None
            self._is_decided = True
        return asked

    def _held(self, half: Half, message: Message) -> Unit | None:
        """The whole message as a unit, or its head where the rest is not to be waited for."""
        size = self._size(half, message)
        if size is None:
            return None
        if size > PART_BYTES or size < 0:
            message.is_held = False
            return self._unit(half, message, message.head.end, is_last=False)
        return self._unit(half, message, size, is_last=True)

    def _size(self, half: Half, message: Message) -> int | None:
        """Of the message in bytes; -1 for one that is a stream, None while it is not known."""
        head_size = message.head.end
        match message.framing.body:
            case _ if message.wrong is not None or message.is_stream:
                return -1
            case Body.LENGTH:
                size = head_size + message.framing.length
                if size > PART_BYTES or half.rest >= size:
                    return size
                half.wanted = size
                return None
            case Body.CHUNKED:
                return self._chunked_size(half, message)
            case Body.UNTIL_CLOSE:
                if half.rest > PART_BYTES:
                    return -1
                half.wanted = PART_BYTES + 1
                return None
            case _:
                return head_size

    def _chunked_size(self, half: Half, message: Message) -> int | None:
        begin = half.at + message.head.end
        try:
            size = message.scan.end(half.data, begin)
        except Undecodable:
            # The chunks before the wrong one are units of their own.
            return -1
        if size is not None:
            return message.head.end + size
        if half.rest > PART_BYTES:
            return -1
        half.wanted = min(message.head.end + message.scan.wanted, PART_BYTES + 1)
        return None

    def _part(self, half: Half, message: Message) -> Unit | None:
        if message.wrong is not None:
            raise message.wrong
        part = next_part(half, message)
        return None if part is None else self._unit_of_part(half, message, part)

    def _unit_of_part(self, half: Half, message: Message, part: Part) -> Unit:
        if part.is_last:
            self._finish(half, message)
        name, facts = part.name, {"api": message.asked.api} if message.asked.api else {}
        if message.media_type == EVENTS:
            facts |= _of_event(part.inside)
        if "event" in facts:
            name = f"event {facts['event']}"
        # The end answers the request; what comes before is told without being asked for again.
        is_message = message.is_stream and not part.is_last
        return Unit(
            protocol=self.protocol,
            name=name,
            direction=half.direction,
            start=half.start,
            end=half.start + part.size,
            role=Role.MESSAGE if is_message else message.role,
            read=part.read,
            exchange=message.asked.exchange,
            is_last=part.is_last,
            summary=f"{part.size} B",
            facts=facts,
        )

    def _unit(self, half: Half, message: Message, size: int, *, is_last: bool) -> Unit:
        """The unit of a whole message, or of its head."""
        body = message.framing.body
        told = self._told(half, message, size)
        is_request = message.role is Role.REQUEST
        if is_last:
            read: Read = partial(message_fields, is_request=is_request, body=body)
            self._finish(half, message)
        else:
            read = partial(head_fields, is_request=is_request)
        return Unit(
            protocol=self.protocol,
            name=told.name,
            direction=half.direction,
            start=half.start,
            end=half.start + size,
            role=message.role,
            read=read,
            exchange=message.asked.exchange,
            is_last=is_last and not message.is_interim,
            summary=told.summary,
            error=told.error,
            context=told.context,
            facts=told.facts,
        )

    @staticmethod
    def _told(half: Half, message: Message, size: int) -> Told:
        head = message.head
        known = message.framing.length if message.framing.body is Body.LENGTH else None
        content = b""
        if size > head.end:
            known = size - head.end
            content = content_of(head, message.framing.body, half.take(size))
        if message.role is Role.REQUEST:
            known = 0 if message.framing.body is Body.NONE else known
            told = told_of_request(head, content, known)
        else:
            told = told_of_response(head, message.asked.api, content, known)
        message.asked.api = told.api
        return told

    def _finish(self, half: Half, message: Message) -> None:
        """The next message of this direction may begin."""
        self._messages.pop(half.direction, None)
        if message.role is Role.REQUEST:
            if message.asked.wants_upgrade and not message.asked.is_answered:
                self._undecided = message.asked
        elif message.framing.body is Body.UPGRADE:
            headers = message.head.headers
            self._agreed = Agreed(
                headers.get("sec-websocket-extensions", ""),
                headers.get("sec-websocket-protocol", ""),
            )
            if headers.get("upgrade", "").lower() != "websocket":
                self._upgraded = None
        elif message.framing.body is Body.TUNNEL:
            for one in self._halves.values():
                one.lost = _TUNNEL

    def _at_end(self, half: Half) -> list[Unit]:
        message = self._messages.get(half.direction)
        if message is None or half.lost is not None:
            return []
        found = []
        if message.framing.body is Body.UNTIL_CLOSE:
            if message.is_held:
                found.append(self._unit(half, message, half.rest, is_last=True))
            else:
                part = plain_part(half, message, half.rest, is_last=True)
                found.append(self._unit_of_part(half, message, part))
        elif message.is_held:
            # The head is known, though the body was cut off, and so are complete chunks.
            message.is_held = False
            found.append(self._unit(half, message, message.head.end, is_last=False))
        for unit in found:
            self._consume(half, unit.end - unit.start)
        half.wanted = 1
        return found + self._units(half)


def _of_event(inside: bytes) -> dict[str, str]:
    """Type and identifier of the first event in a part of a stream, and how many end there."""
    found = {"event": _EVENT_NAME.search(inside), "id": _EVENT_ID.search(inside)}
    told = {
        name: one[1].decode("utf-8", "replace") for name, one in found.items() if one is not None
    }
    # What only sets the time to reconnect or keeps the line alive reaches nobody's listener.
    ended = sum(_EVENT_DATA.search(one) is not None for one in _EVENT_END.split(inside)[:-1])
    return told | ({"messages": str(ended)} if ended else {})
