"""Exchanges, units and trees of fields as JSON: what the HTTP API, the command line and files hold.

Meanings stand once, in a table beside the trees: a hundred fields of one message share a few.
"""

from datetime import UTC, datetime

from stend.kit.clock import rfc3339
from stend.kit.fields import Field, Inner, Meaning, Value
from stend.kit.json import JsonObject, JsonValue
from stend.kit.languages import Text
from stend.tap.reading import Moments, Reading, Seen
from stend.tap.recording import Recording
from stend.wire.decoding import Direction, Unit

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000
# A value is for reading; its bytes are beside it.
_VALUE_LIMIT = 4096


def summary(reading: Reading, seen: Seen) -> JsonObject:
    """An exchange as a list shows it."""
    first, exchange = seen.exchange.first, seen.exchange
    place = seen.connection.place
    return {
        "id": seen.id,
        "version": seen.version,
        "connection": f"c{seen.connection.number}",
        "source": place.source,
        "target": place.target,
        "protocol": first.protocol,
        "name": first.name,
        "summary": first.summary,
        "role": first.role,
        "direction": first.direction,
        "is_complete": exchange.is_complete,
        "error": exchange.error,
        "trace": trace_of(exchange.context),
        "context": exchange.context,
        "began_at": moment(reading.recording, seen.began_ns),
        "took_ms": (seen.ended_ns - seen.began_ns) / _NS_PER_MS,
        "bytes_to_server": seen.size(Direction.TO_SERVER),
        "bytes_to_client": seen.size(Direction.TO_CLIENT),
        "units": len(exchange.units),
        "is_background": seen.is_background,
        "facts": dict(first.facts),
    }


def detail(reading: Reading, seen: Seen) -> JsonObject:
    """An exchange whole: every unit with its bytes and its tree."""
    table = _Meanings()
    units: list[JsonValue] = [
        _unit(reading, seen, unit, moments, table)
        for unit, moments in zip(seen.exchange.units, seen.moments, strict=True)
    ]
    return summary(reading, seen) | {
        "peer": seen.connection.peer,
        "notes": _notes(reading.recording, seen),
        "parts": units,
        "meanings": table.rows,
    }


def moment(recording: Recording, at_ns: int) -> str:
    return rfc3339(datetime.fromtimestamp(recording.wall_ns(at_ns) / _NS_PER_S, UTC))


class _Meanings:
    """Each meaning once; fields name it by its number."""

    def __init__(self) -> None:
        self.rows: list[JsonValue] = []
        self._known: dict[Meaning, int] = {}

    def number(self, meaning: Meaning) -> int:
        known = self._known.get(meaning)
        if known is None:
            known = self._known[meaning] = len(self.rows)
            self.rows.append(_text(meaning.text) | {"source": meaning.source})
        return known


def _unit(
    reading: Reading, seen: Seen, unit: Unit, moments: Moments, table: _Meanings
) -> JsonObject:
    data = reading.data(seen, unit)
    fields = () if data is None else unit.fields(data)
    return {
        "protocol": unit.protocol,
        "name": unit.name,
        "summary": unit.summary,
        "direction": unit.direction,
        "role": unit.role,
        "error": unit.error,
        "start": unit.start,
        "end": unit.end,
        "began_at": moment(reading.recording, moments.began_ns),
        "offset_ms": (moments.ended_ns - seen.began_ns) / _NS_PER_MS,
        "facts": dict(unit.facts),
        # None: the ring has let it go.
        "hex": None if data is None else data.hex(),
        "fields": [_field(one, table) for one in fields],
    }


def _field(one: Field, table: _Meanings) -> JsonObject:
    shown: JsonObject = {
        "name": one.name,
        "type": one.type,
        "value": _value(one.value),
        "start": one.start,
        "end": one.end,
        "meaning": table.number(one.meaning),
    }
    if one.children:
        shown["children"] = [_field(child, table) for child in one.children]
    if one.inner:
        shown["inner"] = _inner(one.inner, table)
    if one.why_not:
        shown["why_not"] = _text(one.why_not)
    return shown


def _inner(inner: Inner, table: _Meanings) -> JsonObject:
    return {
        "how": _text(inner.how),
        "hex": inner.data.hex(),
        "fields": [_field(one, table) for one in inner.fields],
    }


def _value(value: Value) -> JsonValue:
    if isinstance(value, bytes):
        return {"hex": value[:_VALUE_LIMIT].hex()}
    if isinstance(value, str):
        return value[:_VALUE_LIMIT]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 53:
        # A reader of JSON in a browser would round it.
        return str(value)
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    return value


def _text(text: Text) -> JsonObject:
    return {"ru": text.ru, "en": text.en}


def _notes(recording: Recording, seen: Seen) -> list[JsonValue]:
    return [
        {"at": moment(recording, one.at_ns), "text": one.text}
        for one in seen.connection.notes
        if seen.began_ns <= one.at_ns
    ]


def trace_of(context: str | None) -> str | None:
    """The trace id of a `traceparent` (W3C Trace Context §3.2.2)."""
    parts = (context or "").split("-")
    return parts[1] if len(parts) >= 4 else None
