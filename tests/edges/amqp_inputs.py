"""What a hostile AMQP client may send: noise, a broken recording, valid frames that mean anything.

Each input is made by one number, which a failing test names.
"""

import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

from pamqp import base, commands
from pamqp import frame as pamqp_frame
from pamqp.body import ContentBody
from pamqp.common import FieldTable
from pamqp.header import ContentHeader, ProtocolHeader
from pamqp.heartbeat import Heartbeat

VHOST = "fuzz"
USER = "lavka"
_HEADER = b"AMQP\x00\x00\x09\x01"
_MAX_NOISE = 3000
_NAMES = ("q1", "q2", "q3", "new", "x1", "x2", "", "amq.direct", "amq.rabbitmq.reply-to")
_TYPES = ("direct", "fanout", "topic", "headers", "x-delayed-message")
_ARGUMENTS = (
    "x-message-ttl",
    "x-expires",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-priority",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-overflow",
    "x-queue-type",
    "x-single-active-consumer",
    "x-delivery-limit",
    "x-match",
    "alternate-exchange",
    "x-priority",
    "CC",
    "BCC",
    "x-death",
)
_WORDS = ("quorum", "classic", "reject-publish", "reject-publish-dlx", "drop-head", "all", "any")
_SMALL_NUMBERS = (0, 1, 2, 3, 127, 128, 255, 256, 1000)
_NUMBERS = (*_SMALL_NUMBERS, 65_535, 65_536, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
_METHODS: tuple[type[Any], ...] = tuple(commands.INDEX_MAPPING.values())
# What a client may send at any time. Other methods end the connection at once.
_SENSIBLE: tuple[type[Any], ...] = (
    commands.Exchange.Declare,
    commands.Exchange.Delete,
    commands.Exchange.Bind,
    commands.Exchange.Unbind,
    commands.Queue.Declare,
    commands.Queue.Declare,
    commands.Queue.Declare,
    commands.Queue.Bind,
    commands.Queue.Bind,
    commands.Queue.Unbind,
    commands.Queue.Purge,
    commands.Queue.Delete,
    commands.Basic.Qos,
    commands.Basic.Consume,
    commands.Basic.Consume,
    commands.Basic.Cancel,
    commands.Basic.Get,
    commands.Basic.Get,
    commands.Basic.Ack,
    commands.Basic.Nack,
    commands.Basic.Reject,
    commands.Tx.Commit,
    commands.Tx.Rollback,
)


def input_of(seed: int) -> bytes:
    """One connection's bytes."""
    choice = random.Random(seed)
    kinds: tuple[Callable[[random.Random], bytes], ...] = (_noise, _mutated, _mutated, _any_frames)
    return choice.choice(kinds)(choice)


def recording() -> list[bytes]:
    """The frames of a client that uses most of the protocol, as its library would send them."""
    return [*_HANDSHAKE, *_frames(1, _first_channel()), *_frames(2, _second_channel()), *_GOODBYE]


def odd_things() -> bytes:
    """A client that is still there, with things that JSON has no words for, and a message of them.

    All of it is allowed: floats that are no number, decimals, bytes, text that is no UTF-8.
    """
    table = _long(b"".join(_text(name) + value for name, value in _ODD.items()))
    start = struct.pack(">I", commands.Connection.StartOk.index) + table + _text("PLAIN")
    start += _long(f"\x00{USER}\x00{USER}".encode()) + _text("en_US")
    declare = struct.pack(">IH", commands.Queue.Declare.index, 0) + _text("odd") + b"\x00" + table
    bind = struct.pack(">IH", commands.Queue.Bind.index, 0) + _text("odd") + _text("amq.headers")
    consume = (
        struct.pack(">IH", commands.Basic.Consume.index, 0) + _text("odd") + _text("c") + b"\x00"
    )
    flags = 1 << 15 | 1 << 13 | 1 << 6
    header = struct.pack(">HHQH", 60, 0, 3, flags) + b"\x01\xff" + table + b"\xff" * 8
    publish = (
        struct.pack(">IH", commands.Basic.Publish.index, 0) + _text("") + _text("odd") + b"\x00"
    )
    methods = (declare, bind + _text("k") + b"\x00" + table, publish)
    return b"".join(
        (
            _HEADER,
            _frame(1, 0, start),
            *_HANDSHAKE[2:],
            *_frames(1, [commands.Channel.Open(), commands.Basic.Qos(prefetch_count=1)]),
            *(_frame(1, 1, method) for method in methods),
            *(_frame(2, 1, header), _frame(3, 1, b"\xff\xfe\xfd")),
            *(_frame(1, 1, publish), _frame(2, 1, header), _frame(3, 1, b"\xff\xfe\xfd")),
            _frame(1, 1, consume + b"\x00" + table),
        )
    )


_ODD = {
    "x-not-a-number": b"d" + struct.pack(">d", float("nan")),
    "x-infinite": b"f" + struct.pack(">f", float("inf")),
    "x-decimal": b"D\xff\x7f\xff\xff\xff",
    "x-bytes": b"x\x00\x00\x00\x02\xff\xfe",
    "x-no-text": b"S\x00\x00\x00\x01\xff",
    "x-far": b"T" + b"\xff" * 8,
    "x-void": b"V",
    "x-deep": b"F\x00\x00\x00\x0c\x01aA\x00\x00\x00\x05f\x7f\xc0\x00\x00",
}


def _frames(channel: int, parts: Sequence[Any]) -> list[bytes]:
    return [pamqp_frame.marshal(part, channel) for part in parts]


_HANDSHAKE = (
    pamqp_frame.marshal(ProtocolHeader(0, 9, 1), 0),
    *_frames(
        0,
        [
            commands.Connection.StartOk(
                {"product": "fuzz", "capabilities": {"connection.blocked": True}},
                "PLAIN",
                f"\x00{USER}\x00{USER}",
                "en_US",
            ),
            commands.Connection.TuneOk(2047, 131_072, 60),
            commands.Connection.Open(VHOST),
        ],
    ),
)
_GOODBYE = _frames(0, [commands.Connection.Close(200, "", 0, 0)])


def _first_channel() -> list[Any]:
    return [
        commands.Channel.Open(),
        commands.Confirm.Select(),
        commands.Exchange.Declare(exchange="x1", exchange_type="topic", durable=True),
        commands.Exchange.Declare(exchange="x2", exchange_type="headers"),
        commands.Queue.Declare(queue="q1", durable=True, arguments=_QUEUE),
        commands.Queue.Declare(queue="q2", arguments={"x-max-priority": 5}),
        commands.Queue.Bind(queue="q1", exchange="x1", routing_key="order.#"),
        commands.Queue.Bind(queue="q2", exchange="x2", arguments={"x-match": "all", "a": 1}),
        commands.Exchange.Bind(destination="x2", source="x1", routing_key="*.placed"),
        commands.Basic.Qos(prefetch_count=3),
        commands.Basic.Consume(queue="q1", consumer_tag="c1"),
        *_publish("x1", "order.placed", b"hello", {"a": 1, "CC": ["order.two"]}),
        *_publish("x1", "order.placed", b"x" * 9000, None),
        *_publish("", "q2", b"", {"list": [1, "two", None, {"three": 3.0}]}),
        commands.Basic.Ack(delivery_tag=1),
        commands.Basic.Nack(delivery_tag=2, requeue=True),
        commands.Basic.Get(queue="q2"),
        commands.Basic.Recover(requeue=True),
        commands.Basic.Cancel(consumer_tag="c1"),
        Heartbeat(),
        commands.Queue.Purge(queue="q1"),
        commands.Queue.Unbind(queue="q1", exchange="x1", routing_key="order.#"),
        commands.Exchange.Unbind(destination="x2", source="x1", routing_key="*.placed"),
    ]


def _second_channel() -> list[Any]:
    return [
        commands.Channel.Open(),
        commands.Tx.Select(),
        *_publish("", "q2", b"in a transaction", None),
        commands.Basic.Get(queue="q2", no_ack=True),
        commands.Tx.Commit(),
        *_publish("", "q1", b"never", None),
        commands.Tx.Rollback(),
        commands.Queue.Delete(queue="q2"),
        commands.Exchange.Delete(exchange="x2"),
        commands.Channel.Close(200, "", 0, 0),
    ]


_QUEUE: FieldTable = {
    "x-message-ttl": 1000,
    "x-max-length": 10,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "q2",
}


def _publish(exchange: str, key: str, body: bytes, headers: dict[str, Any] | None) -> list[Any]:
    properties = commands.Basic.Properties(
        content_type="text/plain",
        delivery_mode=2,
        priority=3,
        headers=headers,
        message_id="m",
        expiration="500",
        correlation_id="c",
    )
    parts: list[Any] = [
        commands.Basic.Publish(exchange=exchange, routing_key=key, mandatory=True),
        ContentHeader(0, len(body), properties),
    ]
    step = 4000
    return parts + [ContentBody(body[at : at + step]) for at in range(0, len(body), step)]


_RECORDING = recording()


def _noise(choice: random.Random) -> bytes:
    before = choice.choice((b"", _HEADER, b"AMQP", b"".join(_HANDSHAKE)))
    return before + choice.randbytes(choice.randrange(_MAX_NOISE))


def _mutated(choice: random.Random) -> bytes:
    frames = list(_RECORDING)
    for _ in range(choice.randrange(1, 4)):
        _mutate_frames(choice, frames)
    data = bytearray(b"".join(frames))
    for _ in range(choice.choice((0, 0, 0, 1, 3))):
        _mutate_bytes(choice, data)
    return bytes(data)


def _mutate_frames(choice: random.Random, frames: list[bytes]) -> None:
    # What breaks the handshake is over soon: most go for what is behind it.
    first = 0 if choice.random() < 0.1 else len(_HANDSHAKE)
    at, other = choice.randrange(first, len(frames)), choice.randrange(first, len(frames))
    match choice.randrange(5):
        case 0:
            frames.pop(at)
        case 1:
            frames.insert(other, frames[at])
        case 2:
            frames[at], frames[other] = frames[other], frames[at]
        case 3:
            changed = bytearray(frames[at])
            changed[choice.randrange(len(changed))] = choice.randrange(256)
            frames[at] = bytes(changed)
        case _:
            frames[at] = _reframed(choice, frames[at])


def _reframed(choice: random.Random, frame: bytes) -> bytes:
    """The same frame with another payload, its size in order."""
    payload = bytearray(frame[7:-1])
    for _ in range(choice.randrange(1, 5)):
        if payload:
            _mutate_bytes(choice, payload)
    return frame[:3] + struct.pack(">I", len(payload)) + bytes(payload) + b"\xce"


def _mutate_bytes(choice: random.Random, data: bytearray) -> None:
    at = choice.randrange(len(data))
    match choice.randrange(4):
        case 0:
            data[at] ^= 1 << choice.randrange(8)
        case 1:
            data[at:at] = choice.randbytes(choice.randrange(1, 20))
        case 2:
            del data[at : at + choice.randrange(1, 20)]
        case _:
            del data[max(at, 1) :]


def _any_frames(choice: random.Random) -> bytes:
    """A few channels: what ends one with an error leaves the next ones something to do."""
    parts = [*_HANDSHAKE, *_frames(1, _TOPOLOGY)]
    for number in range(2, choice.randrange(3, 10)):
        parts += _frames(number, [commands.Channel.Open(), *choice.choice(_MODES)])
        for _ in range(choice.randrange(1, 8)):
            content = choice.random() < 0.5
            parts.append(_any_content(choice, number) if content else _any_method(choice, number))
    return b"".join(parts)


_TOPOLOGY: tuple[Any, ...] = (
    commands.Channel.Open(),
    commands.Exchange.Declare(exchange="x1", exchange_type="topic", durable=True),
    commands.Exchange.Declare(exchange="x2", exchange_type="headers"),
    commands.Queue.Declare(queue="q1", durable=True, arguments=_QUEUE),
    commands.Queue.Declare(queue="q2", arguments={"x-max-priority": 5}),
    commands.Queue.Declare(queue="q3", durable=True, arguments={"x-queue-type": "quorum"}),
    commands.Queue.Bind(queue="q1", exchange="x1", routing_key="#"),
    commands.Queue.Bind(queue="q3", exchange="x1", routing_key="#"),
)
_MODES: tuple[tuple[Any, ...], ...] = (
    (),
    (commands.Confirm.Select(),),
    (commands.Tx.Select(),),
    (commands.Basic.Consume(queue="q1"), commands.Basic.Recover(requeue=True)),
    (commands.Basic.Consume(queue="q3"), commands.Basic.Reject(delivery_tag=1)),
    (commands.Basic.Qos(prefetch_count=1), commands.Basic.Consume(queue="q2")),
)


def _any_method(choice: random.Random, channel: int) -> bytes:
    kind = choice.choice(_SENSIBLE if choice.random() < 0.98 else _METHODS)
    payload = struct.pack(">I", kind.index) + _any_arguments(choice, kind)
    return _frame(1, channel if choice.random() < 0.98 else choice.randrange(12), payload)


def _any_arguments(choice: random.Random, kind: type[base.Frame]) -> bytes:
    parts, bits = [], 0
    for name in kind.__slots__:
        declared = kind.amqp_type(name)
        if declared == "bit":
            bits += 1
            continue
        if bits:
            parts.append(_bits(choice, bits))
            bits = 0
        parts.append(_named_argument(choice, name) or _any_argument(choice, declared))
    if bits:
        parts.append(_bits(choice, bits))
    return b"".join(parts)


def _named_argument(choice: random.Random, name: str) -> bytes:
    """One that is likely to be taken; empty for no opinion."""
    if choice.random() < 0.1:
        return b""
    if name == "exchange_type":
        return _text(choice.choice(_TYPES))
    if name in ("exchange", "source", "destination"):
        return _text(choice.choice(("x1", "x2", "x3", "amq.topic", "amq.headers")))
    if name == "queue":
        return _text(choice.choice(("q1", "q2", "q3", "q4", "q5")))
    if name == "delivery_tag":
        return choice.choice((0, 1, 1, 2, 3)).to_bytes(8, "big")
    return b"\x00\x00\x00\x00" if name == "prefetch_size" else b""


def _text(text: str) -> bytes:
    raw = text.encode()
    return bytes((len(raw),)) + raw


def _bits(choice: random.Random, count: int) -> bytes:
    # Few of them set: most together make no sense and end the channel at once.
    return bytes((choice.randrange(1 << count) & choice.randrange(256),))


def _any_argument(choice: random.Random, declared: str) -> bytes:
    match declared:
        case "shortstr":
            return _short(choice)
        case "longstr":
            return _long(choice.randbytes(choice.randrange(50)))
        case "table":
            return _table(choice, 0)
    size = {"octet": 1, "short": 2, "long": 4, "longlong": 8}[declared]
    number: int = choice.choice(_NUMBERS) % (1 << 8 * size)
    return number.to_bytes(size, "big")


def _short(choice: random.Random) -> bytes:
    raw = choice.choice(_NAMES).encode()
    if choice.random() < 0.1:
        raw = choice.choice(("имя", "x" * 255, "\x00")).encode()
    if choice.random() < 0.005:
        raw = choice.randbytes(choice.randrange(20))
    return bytes((len(raw),)) + raw


def _long(raw: bytes) -> bytes:
    return struct.pack(">I", len(raw)) + raw


def _table(choice: random.Random, depth: int) -> bytes:
    parts = []
    for _ in range(choice.choice((0, 0, 1, 1, 2, 5))):
        name = choice.choice(_ARGUMENTS)
        parts.append(_text(name) + (_fitting_value(choice, name) or _value(choice, depth)))
    return _long(b"".join(parts))


def _fitting_value(choice: random.Random, name: str) -> bytes:
    """One of the type that the argument wants; empty for no opinion."""
    if choice.random() < 0.25:
        return b""
    if name in ("x-overflow", "x-queue-type", "x-match"):
        return b"S" + _long(choice.choice(_WORDS).encode())
    if name in ("alternate-exchange", "x-dead-letter-exchange"):
        return b"S" + _long(choice.choice((b"", b"x1", b"x2", b"x3")))
    if name == "x-dead-letter-routing-key":
        return b"S" + _long(choice.choice((b"q1", b"q2", b"q3", b"k" * 255, b"k" * 256)))
    if name == "x-single-active-consumer":
        return b"t\x01"
    if name in ("CC", "BCC"):
        return b"A" + _long(b"S" + _long(choice.choice((b"q1", b"q2", b"k" * 300))))
    if name.startswith("x-") and name != "x-death":
        return b"I" + choice.choice((0, 1, 2, 5, 50)).to_bytes(4, "big")
    return b""


def _value(choice: random.Random, depth: int) -> bytes:
    tag = choice.choice("tbBsuIilLfdTDSxFAV" if depth < 3 else "tIlSV")
    sizes = {"t": 1, "b": 1, "B": 1, "s": 2, "u": 2, "I": 4, "i": 4, "f": 4, "D": 5}
    match tag:
        case "V":
            raw = b""
        case "S" | "x":
            word = choice.choice((*_NAMES, *_WORDS, "y" * 300))
            raw = _long(word.encode() if choice.random() < 0.9 else choice.randbytes(9))
        case "F":
            raw = _table(choice, depth + 1)
        case "A":
            raw = _long(b"".join(_value(choice, depth + 1) for _ in range(choice.randrange(3))))
        case "l" | "L":
            raw = (choice.choice(_NUMBERS) % 2**64).to_bytes(8, "big")
        case _:
            size = sizes.get(tag, 8)
            small = choice.choice(_NUMBERS) % 256**size
            raw = small.to_bytes(size, "big") if choice.random() < 0.7 else choice.randbytes(size)
    return tag.encode() + raw


def _any_content(choice: random.Random, channel: int) -> bytes:
    body = choice.randbytes(choice.choice((0, 1, 10, 500)))
    told = len(body) if choice.random() < 0.99 else choice.choice(_NUMBERS)
    properties, flags = b"", 0
    if choice.random() < 0.6:
        flags |= 1 << 13
        properties += _table(choice, 0)
    if choice.random() < 0.6:
        flags |= 1 << 12
        properties += bytes((choice.choice((0, 1, 2, 2, 2, 255)),))
    if choice.random() < 0.2:
        flags |= 1 << 8
        expiration = choice.choice((b"0", b"1", b"5", b"100", b"-1", b"99999999999", b"\xff"))
        properties += bytes((len(expiration),)) + expiration
    header = struct.pack(">HHQH", 60, 0, told % 2**64, flags) + properties
    frames = [_frame(1, channel, _publish_payload(choice)), _frame(2, channel, header)]
    return b"".join([*frames, _frame(3, channel, body) if body else b""])


def _publish_payload(choice: random.Random) -> bytes:
    exchange = choice.choice(("", "", "x1", "x1", "x2", "x3", "amq.headers"))
    names = _text(exchange) + _short(choice)
    mandatory = bytes((choice.randrange(2),))
    return struct.pack(">IH", commands.Basic.Publish.index, 0) + names + mandatory


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"
