"""Which exchanges nobody has asked for: what is repeated by the clock, story or no story. Pure.

An exchange is background while all of this holds, by its bytes alone: no unit carries a trace
context, none is an error or could not be decoded, its first unit is a ping or what a service has
told to be a poll, and no answer brings work: a record of Kafka, a row to a relay. The end of a
transaction in which there was nothing else is background with it. What is in doubt is shown.
"""

from stend.kit.polls import Polls
from stend.wire.decoding import Direction, Role, Unit

# Kafka, by the names of its APIs: consumers' fetches and heartbeats, and who reads their lag.
_KAFKA = frozenset(
    ("Fetch", "Heartbeat", "ConsumerGroupHeartbeat", "ListOffsets", "OffsetFetch", "Metadata")
)
# By protocol, names of units: whether the other side is alive.
_PINGS = {
    "amqp": frozenset({"heartbeat"}),
    "http1": frozenset(f"GET /{one}" for one in ("health", "healthz", "livez", "readyz")),
    "http2": frozenset(
        {"PING", *(f"POST /grpc.health.v1.Health/{one}" for one in ("Check", "Watch"))}
    ),
    "mongodb": frozenset({"ping", "hello"}),
    "mysql": frozenset({"COM_PING"}),
    "resp": frozenset({"PING"}),
}
# Statements that ask for nothing: of pools and of readiness.
_SQL_PINGS = frozenset({"", ";", "SELECT 1"})
# How answers of Redis are summed up in which there is nothing.
_EMPTY = frozenset({"[0]", "[-1]", "null"})
_SQL_ENDS = frozenset({"COMMIT", "ROLLBACK"})


class Background:
    """Of one recording.

    Args:
        polls: of everybody who is recorded.
    """

    def __init__(self, polls: Polls) -> None:
        self._takings = polls.takings
        self._polls = (*polls.readings, *polls.takings)
        # Connections on which something else has passed since the last transaction ended.
        self._busy: set[int] = set()

    def begins(self, connection: int, first: Unit) -> bool:
        """Whether an exchange that begins with this unit is background until more is known.

        Args:
            connection: its number; its exchanges come in the order in which they began.
        """
        if _is_end(first):
            is_background = _is_plain(first) and connection not in self._busy
            self._busy.discard(connection)
            return is_background
        is_background = _is_plain(first) and self._is_poll(first)
        if not is_background and "sql" in first.facts:
            self._busy.add(connection)
        return is_background

    def stays(self, connection: int, first: Unit, unit: Unit) -> bool:
        """Whether a background exchange is one still, now that this unit has come.

        Args:
            first: that it began with.
        """
        stays = self._stays(first, unit)
        if not stays and "sql" in first.facts and not _is_end(first):
            self._busy.add(connection)
        return stays

    def forget(self, connection: int) -> None:
        """Nothing more comes of it."""
        self._busy.discard(connection)

    def _stays(self, first: Unit, unit: Unit) -> bool:
        if not _is_plain(unit):
            return False
        if unit.protocol == "kafka":
            return "records" not in unit.facts
        if unit.direction is Direction.TO_SERVER:
            # Several statements may go together.
            return "sql" not in unit.facts or self._is_poll(unit)
        if not _said(first).startswith(self._takings):
            return True
        return _finds_nothing(unit)

    def _is_poll(self, unit: Unit) -> bool:
        if unit.protocol == "kafka":
            return unit.facts.get("api") in _KAFKA and "records" not in unit.facts
        if unit.name in _PINGS.get(unit.protocol, ()):
            return True
        if unit.name == "Queue.Declare":
            # It makes nothing: it asks whether the queue is there (AMQP 0-9-1, queue.declare).
            return unit.facts.get("passive") == "true"
        said = _said(unit)
        return ("sql" in unit.facts and said in _SQL_PINGS) or said.startswith(self._polls)


def _is_plain(unit: Unit) -> bool:
    return unit.context is None and unit.error is None and unit.role is not Role.BROKEN


def _is_end(unit: Unit) -> bool:
    return "sql" in unit.facts and _said(unit).upper() in _SQL_ENDS


def _finds_nothing(answer: Unit) -> bool:
    if answer.protocol == "resp":
        return answer.summary in _EMPTY
    # Of SQL, units before the last one tell no count.
    taken = answer.facts.get("rows")
    return taken is None or taken.endswith(" 0")


def _said(unit: Unit) -> str:
    """The statement, or the command with its first arguments."""
    if unit.protocol == "resp":
        return unit.summary
    return " ".join(unit.facts.get("sql", "").split())
