"""What each method says, and what it changes in its channel."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pamqp import base

from stend.wire.amqp import spans
from stend.wire.amqp.content import decode_content_header, header_items, text_property
from stend.wire.amqp.conversation import Channel, Consumer, Content, Waiting
from stend.wire.amqp.frames import AmqpSyntaxError
from stend.wire.amqp.values import read_value
from stend.wire.content.trace_context import traceparent
from stend.wire.decoding import Direction, Role
from stend.wire.told import Told, shortened

_OK = 200
# Arguments that other parts look for.
_FACTS = frozenset(
    (
        *("exchange", "routing_key", "queue", "source", "destination", "exchange_type"),
        *("delivery_tag", "redelivered", "consumer_tag", "multiple", "requeue", "mandatory"),
        *("reply_code", "reply_text", "message_count", "no_ack", "virtual_host"),
        *("prefetch_count", "passive"),
    )
)
_PROPERTIES = (
    *("message_id", "correlation_id", "reply_to", "type", "app_id", "expiration"),
    *("content_type", "content_encoding"),
)
_ONE_WAY = frozenset(
    {"Basic.RecoverAsync", "Connection.Blocked", "Connection.Unblocked", "Connection.CloseOk"}
)
_ANSWERS = {"Basic.GetOk": "Basic.Get", "Basic.GetEmpty": "Basic.Get"}


def told(channel: Channel, direction: Direction, index: int, one: base.Frame) -> Told:
    """
    Args:
        index: class and number of the method, as they stand on the wire.
        one: an instance of pamqp's class, its arguments read.
    """
    facts = _facts(channel, one)
    teller = _TELLERS.get(one.name)
    if teller:
        return teller(channel, direction, one, facts)
    asked = _ANSWERS.get(one.name) or (one.name[:-2] if one.name.endswith("Ok") else None)
    if asked:
        return _answer(channel, direction, one, facts, asked)
    return _question(channel, direction, index, one, facts)


def _facts(channel: Channel, one: base.Frame) -> dict[str, str]:
    facts = {"channel": str(channel.number), "method": one.name}
    for name in one.__slots__:
        if name in _FACTS:
            value: Any = getattr(one, name)
            facts[name] = str(value).lower() if isinstance(value, bool) else str(value)
    # An empty name means the queue that was declared last (§1.7 queue.bind, §1.8 basic.consume).
    if facts.get("queue") == "" and one.name != "Queue.Declare":
        facts["queue"] = channel.last_queue
    return facts


def _is_control(one: base.Frame) -> bool:
    return one.name.startswith("Connection.")


def _question(
    channel: Channel, direction: Direction, index: int, one: base.Frame, facts: dict[str, str]
) -> Told:
    exchange = channel.question()
    is_alone = one.name in _ONE_WAY or bool(getattr(one, "nowait", False))
    if one.name == "Channel.Open":
        channel.open()
    if one.name == "Confirm.Select":
        channel.confirm()
    if one.name == "Basic.Consume" and facts["consumer_tag"]:
        _consume(channel, facts["consumer_tag"], facts)
    if one.name == "Queue.Declare" and facts["queue"]:
        channel.last_queue = facts["queue"]
    if not is_alone:
        channel.waiting[direction].append(Waiting(one.name, index, exchange, facts))
    role = Role.MESSAGE if is_alone else Role.REQUEST
    role = Role.CONTROL if _is_control(one) else role
    summary = _summary(one, facts)
    # An exchange of the connection is over with what ends it, not with what begins it.
    is_last = is_alone or role is Role.REQUEST
    return Told(one.name, role, exchange, spans.method, is_last, summary, facts=facts)


def _summary(one: base.Frame, facts: dict[str, str]) -> str:
    """The names that a method is about."""
    if one.name in {"Queue.Bind", "Queue.Unbind"}:
        return shortened(f"{facts['exchange']} → {facts['routing_key']} → {facts['queue']}")
    if one.name in {"Exchange.Bind", "Exchange.Unbind"}:
        return shortened(f"{facts['source']} → {facts['routing_key']} → {facts['destination']}")
    names = ("queue", "exchange", "consumer_tag", "virtual_host", "prefetch_count", "reply_text")
    return shortened(" ".join(facts[name] for name in names if facts.get(name)))


def _consume(channel: Channel, tag: str, facts: dict[str, str]) -> None:
    channel.consumers[tag] = Consumer(facts["queue"], facts["no_ack"] == "true")


def _answer(
    channel: Channel, direction: Direction, one: base.Frame, facts: dict[str, str], asked: str
) -> Told:
    question = channel.answered(direction.other, lambda waiting: waiting.name == asked)
    role = Role.CONTROL if _is_control(one) else Role.RESPONSE
    if question:
        facts = {**{k: v for k, v in question.facts.items() if k == "queue"}, **facts}
    if one.name == "Basic.ConsumeOk" and question:
        _consume(channel, facts["consumer_tag"], {**question.facts})
    if one.name == "Basic.CancelOk":
        channel.consumers.pop(facts["consumer_tag"], None)
    if one.name == "Queue.DeclareOk":
        channel.last_queue = facts["queue"]
    exchange = question.exchange if question else None
    if one.name == "Basic.GetOk":
        return _fetched(channel, direction, facts, question)
    summary = _summary(one, facts)
    return Told(one.name, role, exchange, spans.method, True, summary, facts=facts)


def _fetched(
    channel: Channel, direction: Direction, facts: dict[str, str], question: Waiting | None
) -> Told:
    tag = int(facts["delivery_tag"])
    no_ack = bool(question and question.facts.get("no_ack") == "true")
    exchange = question.exchange if question else channel.delivery(tag)
    channel.last_delivery = tag
    if question and not no_ack:
        channel.fetched[tag] = exchange
    summary = shortened(f"{facts.get('queue', facts['routing_key'])} · {tag}")
    channel.contents[direction] = Content(exchange, Role.RESPONSE, no_ack, facts, summary)
    return Told("Basic.GetOk", Role.RESPONSE, exchange, spans.method, False, summary, facts=facts)


def _publish(
    channel: Channel, direction: Direction, one: base.Frame, facts: dict[str, str]
) -> Told:
    to, key = facts["exchange"], facts["routing_key"]
    is_mandatory = facts["mandatory"] == "true"
    exchange, tag = channel.publish(to, key, is_mandatory=is_mandatory)
    if tag is not None:
        facts["delivery_tag"] = str(tag)
    summary = shortened(f"{to or '(AMQP default)'} → {key}")
    channel.contents[direction] = Content(exchange, Role.MESSAGE, tag is None, facts, summary)
    return Told(one.name, Role.MESSAGE, exchange, spans.method, False, summary, facts=facts)


def _deliver(
    channel: Channel, direction: Direction, one: base.Frame, facts: dict[str, str]
) -> Told:
    tag = int(facts["delivery_tag"])
    consumer = channel.consumers.get(facts["consumer_tag"])
    if consumer:
        facts["queue"] = consumer.queue
    channel.last_delivery = tag
    exchange = channel.delivery(tag)
    ends = not channel.awaits_ack(facts["consumer_tag"])
    summary = shortened(f"{facts.get('queue') or facts['consumer_tag']} · {tag}")
    channel.contents[direction] = Content(exchange, Role.MESSAGE, ends, facts, summary)
    return Told(one.name, Role.MESSAGE, exchange, spans.method, False, summary, facts=facts)


def _return(channel: Channel, direction: Direction, one: base.Frame, facts: dict[str, str]) -> Told:
    exchange, has_confirm = channel.returning(facts["exchange"], facts["routing_key"])
    error = f"{facts['reply_code']} {facts['reply_text']}"
    summary = shortened(f"{facts['exchange'] or '(AMQP default)'} → {facts['routing_key']}")
    channel.contents[direction] = Content(exchange, Role.MESSAGE, not has_confirm, facts, summary)
    return Told(one.name, Role.MESSAGE, exchange, spans.method, False, summary, error, facts=facts)


def _settle(channel: Channel, direction: Direction, one: base.Frame, facts: dict[str, str]) -> Told:
    """Ack, Nack or Reject: of a consumer, or the broker's confirm of what was published."""
    tag, multiple = int(facts["delivery_tag"]), facts.get("multiple") == "true"
    error = None
    if direction is Direction.TO_SERVER:
        exchange: str | None = channel.settled(tag, multiple=multiple)
    else:
        exchange, tags = channel.confirmed(tag, multiple=multiple)
        error = one.name if one.name != "Basic.Ack" else None
        if len(tags) > 1:
            facts["delivery_tags"] = f"{tags[0]}-{tags[-1]}"
    shown = ("≤ " if multiple else "") + str(tag)
    if facts.get("requeue") == "true":
        shown += " requeue"
    return Told(one.name, Role.MESSAGE, exchange, spans.method, True, shown, error, facts=facts)


def _close(channel: Channel, direction: Direction, one: base.Frame, facts: dict[str, str]) -> Told:
    """It answers the method that it names, where that one waits; else it is a question itself."""
    index = int(getattr(one, "class_id", 0)) << 16 | int(getattr(one, "method_id", 0))
    failed = channel.answered(direction.other, lambda waiting: waiting.number == index != 0)
    exchange = failed.exchange if failed else channel.question()
    # What else waited is never answered.
    channel.waiting[direction.other].clear()
    channel.waiting[direction].append(Waiting(one.name, 0, exchange, facts))
    code, text = facts["reply_code"], facts["reply_text"]
    error = None if int(code) == _OK else f"{code} {text}".strip()
    role = Role.RESPONSE if failed else Role.REQUEST
    role = Role.CONTROL if _is_control(one) else role
    summary = shortened(f"{code} {text}")
    is_last = role is Role.REQUEST
    return Told(one.name, role, exchange, spans.method, is_last, summary, error, facts=facts)


_TELLERS: dict[str, Callable[[Channel, Direction, base.Frame, dict[str, str]], Told]] = {
    "Basic.Publish": _publish,
    "Basic.Deliver": _deliver,
    "Basic.Return": _return,
    "Basic.Ack": _settle,
    "Basic.Nack": _settle,
    "Basic.Reject": _settle,
    "Channel.Close": _close,
    "Connection.Close": _close,
}


def header(channel: Channel, direction: Direction, payload: bytes) -> Told:
    """A content header: it belongs to the method before it on its channel."""
    content = channel.contents.get(direction)
    if content is None:
        return Told("header", Role.MESSAGE, None, spans.content_header, is_last=True)
    size = int.from_bytes(payload[4:12], "big")
    facts, context = _properties(payload)
    content.rest = content.size = size
    content.media_type = facts.get("content_type", ""), facts.get("content_encoding", "")
    if not size:
        del channel.contents[direction]
    return Told(
        "header",
        content.role,
        content.exchange,
        spans.content_header,
        is_last=content.ends and not size,
        summary=f"{content.summary} · {size} B",
        context=context,
        facts={**content.facts, **facts},
    )


def _properties(payload: bytes) -> tuple[dict[str, str], str | None]:
    """Facts and trace context of a message; none where its header is damaged."""
    try:
        properties = decode_content_header(payload).properties
        texts = {name: text_property(properties, name) for name in _PROPERTIES}
        facts = {name: text for name, text in texts.items() if text is not None}
        headers = dict(header_items(properties))
        if "x-death" in headers:
            facts["x_death"] = str(_deaths(read_value(headers["x-death"])))
        context = read_value(headers["traceparent"]) if "traceparent" in headers else None
    except AmqpSyntaxError:
        return {}, None
    return facts, traceparent(context)


def _deaths(entries: object) -> int:
    """How often a message died: the counts of all entries of x-death."""
    found = entries if isinstance(entries, list) else []
    counts = [one.get("count", 1) for one in found if isinstance(one, dict)]
    return sum(int(count) for count in counts if isinstance(count, int))


def body(channel: Channel, direction: Direction, size: int) -> Told:
    """A body frame: the last one, where nothing of the message is missing any more."""
    content = channel.contents.get(direction)
    if content is None or content.rest is None:
        return Told("body", Role.MESSAGE, None, spans.body, is_last=True, summary=f"{size} B")
    payload = spans.body
    if size == content.size:
        media_type, codings = content.media_type
        payload = partial(spans.whole_body, media_type=media_type, codings=codings)
    content.rest -= size
    is_whole = content.rest <= 0
    if is_whole:
        del channel.contents[direction]
    return Told(
        "body",
        content.role,
        content.exchange,
        payload,
        is_last=is_whole and content.ends,
        summary=f"{size} B",
        facts=content.facts,
    )
