"""Which reply answers which command, and what answers none."""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from stend.wire.decoding import Role

_SUBSCRIBED = {
    "subscribe": ("channels", True),
    "psubscribe": ("patterns", True),
    "ssubscribe": ("shards", True),
    "unsubscribe": ("channels", False),
    "punsubscribe": ("patterns", False),
    "sunsubscribe": ("shards", False),
}
# How many elements each has (Redis pub/sub: format of pushed messages).
_MESSAGES = {"message": 3, "pmessage": 4, "smessage": 3}
_TRANSACTIONS = {"MULTI": True, "EXEC": False, "DISCARD": False, "RESET": False}
_MONITORED = re.compile(rb"\d+\.\d+ \[")


@dataclass(slots=True)
class Asked:
    """A command that is not answered.

    Attributes:
        missing: how many replies are; None where only the first one will tell.
    """

    exchange: str
    command: str
    role: Role
    facts: Mapping[str, str]
    missing: int | None = 1


@dataclass
class Conversation:
    """
    Attributes:
        asked: commands that the server has not answered, in their order.
        is_monitoring: every command that the server runs is told of here.
        is_replica: what follows is the stream of replication.
        is_queueing: MULTI was sent: commands wait for EXEC.
    """

    asked: deque[Asked] = field(default_factory=deque)
    is_monitoring: bool = False
    is_replica: bool = False
    is_queueing: bool = False
    _is_silent: bool = False
    _is_next_silent: bool = False
    _count: int = 0
    _names: dict[str, set[bytes]] = field(
        default_factory=lambda: {"channels": set(), "patterns": set(), "shards": set()}
    )

    def ask(self, command: str, words: list[bytes], size: int, facts: Mapping[str, str]) -> Asked:
        """A command was sent.

        Args:
            command: its name, and what it is divided into.
            words: the first arguments, the name included.
            size: how many there are.

        Returns:
            It, with nothing missing where the server will not answer.
        """
        self._count += 1
        one = Asked(f"r{self._count}", command, _role(command), facts)
        if command in _TRANSACTIONS:
            self.is_queueing = _TRANSACTIONS[command]
        if command.lower() in _SUBSCRIBED:
            one.missing = size - 1 or None
        if not self._is_answered(command, words):
            one.missing = 0
            return one
        self.asked.append(one)
        return one

    def forget(self) -> None:
        """Something was not heard: what is asked now is not known, nor the mode of replies."""
        self.asked.clear()
        self._is_silent = self._is_next_silent = False

    def _is_answered(self, command: str, words: list[bytes]) -> bool:
        """CLIENT REPLY switches replies off, for good or for the next command."""
        if command == "CLIENT REPLY":
            mode = words[2].upper() if len(words) > 2 else b""
            self._is_next_silent = mode == b"SKIP"
            if mode in {b"ON", b"OFF"}:
                self._is_silent = mode == b"OFF"
            return mode not in {b"OFF", b"SKIP"}
        if command == "RESET":
            self._is_silent = False
        is_silent = self._is_silent or self._is_next_silent
        self._is_next_silent = False
        return not is_silent

    def is_unasked(self, kind: int, first: bytes, count: int | None) -> bool:
        """Whether a value that came answers no command.

        Args:
            kind: its type octet.
            first: its first element, or itself.
            count: how many elements it has.
        """
        name = first.decode(errors="replace")
        if kind == ord(">"):
            return name not in _SUBSCRIBED or not self._confirms(name)
        if kind == ord("+") and self.is_monitoring:
            return _MONITORED.match(first) is not None
        is_subscribed = any(self._names.values())
        return kind == ord("*") and is_subscribed and _MESSAGES.get(name) == count

    def _confirms(self, name: str) -> bool:
        return bool(self.asked) and self.asked[0].command.lower() == name

    def answer(self, kind: int, words: list[bytes]) -> tuple[Asked | None, bool]:
        """The command that a reply belongs to, and whether that is its last one.

        Args:
            words: the first elements of the reply.
        """
        if not self.asked:
            return None, False
        one = self.asked[0]
        name = words[0].decode(errors="replace") if words else ""
        if kind in b"*>" and name in _SUBSCRIBED and self._confirms(name):
            self._confirmed(one, name, words[1] if len(words) > 1 else b"")
        else:
            one.missing = 0
        if one.missing:
            return one, False
        self.asked.popleft()
        if one.command == "MONITOR" and kind == ord("+"):
            self.is_monitoring = True
        elif one.command == "RESET":
            self.is_monitoring = False
            for names in self._names.values():
                names.clear()
        elif one.command in {"PSYNC", "SYNC"}:
            self.is_replica = True
        return one, True

    def _confirmed(self, one: Asked, name: str, about: bytes) -> None:
        """One channel more or less; without names a command is about all that there are."""
        kind, is_more = _SUBSCRIBED[name]
        names = self._names[kind]
        if one.missing is None:
            one.missing = max(len(names), 1)
        one.missing -= 1
        if is_more:
            names.add(about)
        else:
            names.discard(about)


def _role(command: str) -> Role:
    """What keeps the connection is no operation of anybody."""
    word = command.partition(" ")[0]
    keeps = {"HELLO", "AUTH", "CLIENT", "SELECT", "PING", "QUIT", "RESET"}
    return Role.CONTROL if word in keeps else Role.REQUEST
