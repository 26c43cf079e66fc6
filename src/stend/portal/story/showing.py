"""A story as JSON."""

from stend.kit.json import JsonObject, JsonValue
from stend.portal.story.model import Message, Section, Story
from stend.portal.story.views import Shown

_NS_PER_MS = 1_000_000


def story_to_json(story: Story, what: Shown) -> JsonObject:
    rows: list[JsonValue] = [
        _message(story, row) if isinstance(row, Message) else _section(story, row)
        for row in what.rows
    ]
    return {
        "trace_id": story.trace_id,
        "root": story.root,
        "order_ids": list(story.order_ids),
        "duration_ms": story.duration_ns / _NS_PER_MS,
        "spans": story.spans,
        "running": story.is_running,
        "error": story.has_error,
        "lifelines": [{"name": one.name, "kind": one.kind.value} for one in what.lines],
        "rows": rows,
    }


def _section(story: Story, one: Section) -> JsonObject:
    return {
        "kind": "step",
        "after_ms": (one.at_ns - story.start_ns) / _NS_PER_MS,
        "step": one.step,
        "compensation": one.is_compensation,
        "attempt": one.attempt,
        "error": one.error or None,
    }


def _message(story: Story, one: Message) -> JsonObject:
    return {
        "kind": one.kind.value,
        "number": one.number,
        "of": one.of or None,
        "source": one.source,
        "target": one.target,
        "after_ms": (one.at_ns - story.start_ns) / _NS_PER_MS,
        "took_ms": (one.until_ns - one.at_ns) / _NS_PER_MS if one.until_ns else None,
        "wire": one.wire or None,
        "label": one.label,
        "count": one.count,
        "spans": list(one.spans),
        "exchanges": list(one.exchanges),
        "no_bytes_because": one.missing.value if one.missing else None,
        "error": one.error or None,
        "lost": one.is_lost,
        "waiting": one.is_waiting,
        "messages_sent": one.sent,
        "messages_came": one.came,
        "attempt": one.attempt,
        "redelivered": one.is_redelivered,
        "compensation": one.is_compensation,
    }
