"""Which exchanges nobody has asked for: what is repeated by the clock, story or no story. Pure.

An exchange is background while all of this holds, by its bytes alone: no unit carries a trace
context, none is an error or could not be decoded, its first unit is in one of the tables below, and
no answer brings work: a record of Kafka, a row to a relay. What is in doubt is shown.
"""

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
# How statements begin that the shop repeats by the clock, whatever they find: how far a relay is
# behind, who leads, when the next one is due.
_SQL_READINGS = (
    "SELECT count(*), min(occurred_at) FROM orders.outbox ",
    "SELECT pg_try_advisory_lock(",
    "SELECT min(orders.sagas.due_at) ",
    "SELECT min(greatest(notifications.deliveries.due_at,",
)
# And those that take work where there is some: background only while they find none.
_SQL_TAKING = (
    "SELECT outbox_id, order_id, version, type, occurred_at, payload::text,",
    "UPDATE orders.sagas SET due_at=",
    "UPDATE orders.reconciliations SET state=",
    "WITH under_way AS ( SELECT webhook_id,",
    "SELECT notifications.inbox.event_id, notifications.inbox.place,",
)
_SQL_POLLS = (*_SQL_READINGS, *_SQL_TAKING)


def begins_background(first: Unit) -> bool:
    """Whether an exchange that begins with this unit is background until more is known."""
    return _is_plain(first) and _is_poll(first)


def stays_background(first: Unit, unit: Unit) -> bool:
    """Whether a background exchange is one still, now that this unit has come.

    Args:
        first: that it began with.
    """
    if not _is_plain(unit):
        return False
    if unit.protocol == "kafka":
        return "records" not in unit.facts
    if "sql" in unit.facts and unit.direction is Direction.TO_SERVER:
        # Several statements may go together.
        return _is_sql_poll(unit)
    taken = unit.facts.get("rows")
    return taken is None or not _sql(first).startswith(_SQL_TAKING) or taken.endswith(" 0")


def _is_plain(unit: Unit) -> bool:
    return unit.context is None and unit.error is None and unit.role is not Role.BROKEN


def _is_poll(unit: Unit) -> bool:
    if unit.protocol == "kafka":
        return unit.facts.get("api") in _KAFKA and "records" not in unit.facts
    return unit.name in _PINGS.get(unit.protocol, ()) or _is_sql_poll(unit)


def _is_sql_poll(unit: Unit) -> bool:
    if "sql" not in unit.facts:
        return False
    sql = _sql(unit)
    return sql in _SQL_PINGS or sql.startswith(_SQL_POLLS)


def _sql(unit: Unit) -> str:
    return " ".join(unit.facts.get("sql", "").split())
