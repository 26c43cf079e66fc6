"""Decodes both directions of a connection to Redis: RESP2, RESP3 and commands typed by hand."""

import re

from stend.wire.content.trace_context import PATTERN
from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.reading import MASK
from stend.wire.resp.commands import argument_names, command_name, secret_places
from stend.wire.resp.conversation import Conversation
from stend.wire.resp.meanings import TYPE_NAMES
from stend.wire.resp.scanning import Scan
from stend.wire.resp.trees import command_tree, inline_tree, reply_tree, words_of
from stend.wire.told import LOOKED_AT, Told, nothing, shortened

_WORDS_SHOWN = 24
# The server takes no longer line (PROTO_INLINE_MAX_SIZE).
_INLINE_LIMIT = 64 * 1024
_LOOKED_AT = 64 * 1024
_TRACEPARENT = re.compile(PATTERN.encode())
_ENTRY = re.compile(rb"traceparent\r\n\$55\r\n(" + _TRACEPARENT.pattern + rb")\r\n")
_ERRORS = frozenset(b"-!")


class RespDecoder(StreamDecoder):
    """One connection, from its first byte."""

    protocol = "resp"

    def __init__(self, begins: tuple[int, int] = (0, 0)) -> None:
        super().__init__(begins)
        self._conversation = Conversation()
        self._scans: dict[Direction, Scan] = {}

    def awaited(self) -> tuple[str, ...]:
        return tuple(one.exchange for one in self._conversation.asked)

    def withdraw(self, exchange: str) -> None:
        asked = self._conversation.asked
        for one in tuple(asked):
            if one.exchange == exchange:
                asked.remove(one)

    def _cut(self, half: Half) -> Unit | None:
        if self._conversation.is_replica:
            raise Undecodable(
                "после SYNC и PSYNC идёт поток репликации: здесь его не разбирают",
                "the stream of replication follows SYNC and PSYNC: it is not decoded here",
            )
        is_request = half.direction is Direction.TO_SERVER
        if is_request and half.data[half.at] != ord("*"):
            return self._inline(half)
        scan = self._scans.get(half.direction)
        if scan is None:
            scan = self._scans[half.direction] = Scan(is_request=is_request)
        if not scan.go_on(half.data, half.at):
            half.wanted = scan.wanted
            return None
        del self._scans[half.direction]
        data = half.take(scan.at)
        if is_request:
            words = [data[head.start : head.end] for head in scan.heads]
            told = self._asked(words, scan.count or 0)
            return told.unit(self.protocol, half, len(data), command_tree)
        told = self._answered(scan, data)
        return told.unit(self.protocol, half, len(data), reply_tree)

    def _begins_unit(self, half: Half) -> bool:
        """A whole command or a whole value, and what follows looks like the next."""
        scan = Scan(is_request=half.direction is Direction.TO_SERVER)
        try:
            is_whole = scan.go_on(half.data, half.at)
        except Undecodable:
            return False
        following = half.data[half.at + scan.at : half.at + scan.at + 1]
        return is_whole and (not following or following[0] in TYPE_NAMES)

    def _forget(self, direction: Direction) -> None:
        self._conversation.forget()
        self._scans.clear()

    def _inline(self, half: Half) -> Unit | None:
        scan = self._scans.setdefault(half.direction, Scan())
        end = half.data.find(b"\n", half.at + scan.at) - half.at
        if end < 0:
            scan.at = half.rest
            half.wanted = half.rest + 1
            if half.rest > _INLINE_LIMIT:
                raise Undecodable(
                    f"ни команды, ни строки короче {_INLINE_LIMIT} байт: это не RESP",
                    f"no command, and no line of less than {_INLINE_LIMIT} bytes: it is not RESP",
                )
            return None
        del self._scans[half.direction]
        data = half.take(end + 1)
        words = words_of(data)
        told = self._asked(words, len(words))
        return told.unit(self.protocol, half, len(data), inline_tree)

    def _asked(self, words: list[bytes], size: int) -> Told:
        if not words:
            # The server passes over an empty command without a reply.
            return Told("empty command", Role.CONTROL, None, is_last=True)
        command = command_name(words)
        facts = _facts(command, words)
        if self._conversation.is_queueing:
            facts["transaction"] = "MULTI"
        one = self._conversation.ask(command, words, size, facts)
        if not self._hears(Direction.TO_CLIENT):
            self._conversation.asked.clear()
        # Nothing answers where replies are switched off.
        role = Role.MESSAGE if one.missing == 0 else one.role
        return Told(
            command,
            role,
            one.exchange,
            is_last=role is not Role.CONTROL,
            summary=_line_of(words, size),
            context=_context(words),
            facts=facts,
        )

    def _answered(self, scan: Scan, data: bytes) -> Told:
        words = [data[head.start : head.end] for head in scan.heads]
        first = words[0] if words else b""
        name, summary = TYPE_NAMES[scan.kind], _summary(scan, words)
        if self._conversation.is_unasked(scan.kind, first, scan.count):
            facts = _pushed(words) if scan.count else {}
            return Told(name, Role.MESSAGE, None, is_last=True, summary=summary, facts=facts)
        one, is_last = self._conversation.answer(scan.kind, words)
        error = _error(scan, words, one.command if one else "")
        context = _read_context(data) if scan.count else None
        if one is None:
            # It came before any command, or for one that nobody saw.
            return Told(name, Role.MESSAGE, None, nothing, True, summary, error, context)
        role = Role.CONTROL if one.role is Role.CONTROL else Role.RESPONSE
        return Told(name, role, one.exchange, nothing, is_last, summary, error, context, one.facts)


def _text(raw: bytes) -> str:
    return raw[:LOOKED_AT].decode(errors="replace")


def _line_of(words: list[bytes], size: int) -> str:
    secrets = secret_places(words)
    shown = [
        MASK if place in secrets else _text(word) for place, word in enumerate(words[:_WORDS_SHOWN])
    ]
    return shortened(" ".join(shown) + (" …" if size > _WORDS_SHOWN else ""))


def _facts(command: str, words: list[bytes]) -> dict[str, str]:
    """The command, and the first key and channel that it names."""
    facts = {"command": command}
    for name, word in zip(argument_names(words), words[1:], strict=False):
        if name in {"key", "channel", "pattern"} and name not in facts:
            facts[name] = _text(word)
    if "key" in facts and command.startswith("X"):
        facts["stream"] = facts["key"]
    return facts


def _pushed(words: list[bytes]) -> dict[str, str]:
    """What a message of pub/sub says of itself: its kind, its channel."""
    texts = [_text(word) for word in words[:3]]
    facts = {"kind": texts[0]} if texts else {}
    if texts[:1] in (["message"], ["smessage"]) and len(texts) > 1:
        facts["channel"] = texts[1]
    elif texts[:1] == ["pmessage"] and len(texts) > 2:
        facts |= {"pattern": texts[1], "channel": texts[2]}
    return facts


def _context(words: list[bytes]) -> str | None:
    """A field named traceparent among the arguments."""
    for place, word in enumerate(words[:-1]):
        if word == b"traceparent" and _TRACEPARENT.fullmatch(words[place + 1]):
            return words[place + 1].decode()
    return None


def _read_context(data: bytes) -> str | None:
    """That of an entry which was read; none where entries of several traces came."""
    found = set(_ENTRY.findall(data[:_LOOKED_AT]))
    return found.pop().decode() if len(found) == 1 else None


def _summary(scan: Scan, words: list[bytes]) -> str:
    if scan.count is not None:
        shown = ", ".join(_text(word) for word in words[:4] if word)
        return shortened(f"[{scan.count}] {shown}".strip())
    return (
        "null"
        if scan.heads and scan.heads[0].kind == ord("_")
        else shortened(" ".join(_text(word) for word in words[:4]))
    )


def _error(scan: Scan, words: list[bytes], command: str) -> str | None:
    """The text of an error; of EXEC, that of the first command that failed."""
    if scan.kind in _ERRORS or command == "EXEC":
        for head, word in zip(scan.heads, words, strict=True):
            if head.kind in _ERRORS:
                return shortened(_text(word))
    return None
