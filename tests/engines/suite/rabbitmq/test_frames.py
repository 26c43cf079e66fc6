"""What is wrong with a frame, told by code: section 4.2 of AMQP 0-9-1, seen on the socket."""

import pytest
from pamqp import commands, frame, header

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.wire import Closed, Wire, published, raw_frame

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
_NO_PROPERTIES = b"\x00\x3c\x00\x00" + bytes(10)
_ANY_DECLARE = commands.Queue.Declare(queue="any", passive=True)


def content_header(size: int, class_id: int = 60, weight: int = 0) -> bytes:
    """Of a message without properties."""
    head = class_id.to_bytes(2, "big") + weight.to_bytes(2, "big") + size.to_bytes(8, "big")
    return raw_frame(HEADER, 1, head + bytes(2))


def publishing() -> bytes:
    return frame.marshal(commands.Basic.Publish(routing_key="nowhere"), 1)


BAD_FRAMES = {
    "wrong end octet": (raw_frame(METHOD, 1, b"\x00\x14\x00\x0a\x00", end=0), 501),
    "unknown type": (raw_frame(5, 1, b"abc"), 501),
    "heartbeat with a payload": (raw_frame(HEARTBEAT, 0, b"abc"), 501),
    "method cut off": (raw_frame(METHOD, 1, b"\x00"), 501),
    "arguments cut off": (raw_frame(METHOD, 1, b"\x00\x32\x00\x0a\x00\x00\x05ab"), 501),
    "name is not UTF-8": (
        raw_frame(METHOD, 1, b"\x00\x32\x00\x0a\x00\x00\x02\xff\xfe\x00\x00\x00\x00\x00"),
        501,
    ),
    "larger than frame-max": (raw_frame(BODY, 1, bytes(131_073)), 501),
    "server's method": (frame.marshal(commands.Queue.DeclareOk("q", 0, 0), 1), 503),
    "method of the connection on a channel": (
        frame.marshal(commands.Connection.Open("/"), 1),
        503,
    ),
    "channel opened twice": (frame.marshal(commands.Channel.Open(), 1), 504),
    "channel never opened": (frame.marshal(_ANY_DECLARE, 7), 504),
    "method of a channel on channel 0": (frame.marshal(_ANY_DECLARE, 0), 504),
    "connection opened twice": (frame.marshal(commands.Connection.Open("/"), 0), 504),
    "content header on channel 0": (raw_frame(HEADER, 0, _NO_PROPERTIES), 505),
    "body on channel 0": (raw_frame(BODY, 0, b"abc"), 505),
    "content header without a method": (raw_frame(HEADER, 1, _NO_PROPERTIES), 505),
    "body without a method": (raw_frame(BODY, 1, b"abc"), 505),
    "content on a channel never opened": (raw_frame(BODY, 7, b"abc"), 505),
    "heartbeat on a channel": (raw_frame(HEARTBEAT, 1, b""), 505),
    "method instead of a content header": (publishing() + frame.marshal(_ANY_DECLARE, 1), 505),
    "body instead of a content header": (publishing() + raw_frame(BODY, 1, b"abc"), 505),
    "content header of another class": (publishing() + content_header(3, class_id=50), 505),
    "content header with a weight": (publishing() + content_header(3, weight=5), 505),
    "content header twice": (publishing() + content_header(3) + content_header(3), 505),
    "flow stopped": (frame.marshal(commands.Channel.Flow(False), 1), 540),
}


@pytest.mark.parametrize("what", BAD_FRAMES)
@check(
    ru="Негодный кадр закрывает соединение: 501, 503, 504, 505 или 540 по виду ошибки",
    en="A bad frame closes the connection: 501, 503, 504, 505 or 540 by what is wrong",
)
def test_bad_frames(wire: Wire, what: str) -> None:
    data, code = BAD_FRAMES[what]
    wire.send_raw(data)
    told = wire.expect(commands.Connection.Close)
    assert told.reply_code == code, told.reply_text


@pytest.mark.parametrize(
    "data",
    [b"AMQP\x00\x00\x08\x00", b"AMQP\x00\x01\x00\x00", b"GET / HTTP/1.1\r\n\r\n"],
    ids=["AMQP 0-8", "AMQP 1.0", "HTTP"],
)
@check(
    ru="Другой протокол: в ответ заголовок AMQP 0-0-9-1, и соединение закрыто",
    en="Another protocol: the header AMQP 0-0-9-1 comes back, and the connection is closed",
)
def test_other_protocols(url: str, data: bytes) -> None:
    with Wire(url) as wire:
        wire.send_raw(data)
        assert isinstance(wire.receive()[1], header.ProtocolHeader)
        with pytest.raises(Closed):
            wire.receive()


@check(
    ru="Тело в нескольких кадрах, один из них пустой: сообщение целое",
    en="A body in several frames, one of them empty: the message is whole",
)
def test_split_body(wire: Wire, name: str) -> None:
    wire.call(commands.Queue.Declare(queue=name), commands.Queue.DeclareOk)
    wire.send(commands.Basic.Publish(routing_key=name))
    wire.send_raw(content_header(6))
    for part in (b"ab", b"", b"cdef"):
        wire.send_raw(raw_frame(BODY, 1, part))
    wire.send(commands.Basic.Get(queue=name, no_ack=True))
    _, _, content = wire.message(commands.Basic.GetOk)
    assert content == b"abcdef"


@check(
    ru="Кадры двух каналов вперемешку: каждое сообщение на своём месте",
    en="Frames of two channels interleaved: each message stays whole",
)
def test_interleaved_channels(wire: Wire, name: str) -> None:
    wire.call(commands.Queue.Declare(queue=name), commands.Queue.DeclareOk)
    wire.call(commands.Channel.Open(), commands.Channel.OpenOk, 2)
    wire.send(commands.Basic.Publish(routing_key=name))
    wire.send_raw(content_header(6) + raw_frame(BODY, 1, b"one"))
    wire.send_raw(published("", name, b"two", channel=2))
    wire.send_raw(raw_frame(BODY, 1, b"one"))
    wire.call(commands.Channel.Close(200, "", 0, 0), commands.Channel.CloseOk, 2)
    found = set()
    for _ in range(2):
        wire.send(commands.Basic.Get(queue=name, no_ack=True))
        found.add(wire.message(commands.Basic.GetOk)[2])
    assert found == {b"two", b"oneone"}


@check(
    ru="Ошибка канала закрывает канал: соединение и другие каналы работают",
    en="A channel's error closes the channel: the connection and its other channels work",
)
def test_channel_error(wire: Wire, name: str, vhost: str) -> None:
    wire.call(commands.Channel.Open(), commands.Channel.OpenOk, 2)
    passive = commands.Queue.Declare(queue=name, passive=True)
    expected = (404, f"NOT_FOUND - no queue '{name}' in vhost '{vhost}'")
    wire.send(passive)
    # Until the close is answered, the channel passes everything over.
    wire.send(commands.Queue.Declare(queue=f"{name}-late"))
    assert wire.channel_end() == expected
    wire.call(commands.Queue.Declare(queue=name), commands.Queue.DeclareOk, 2)
    wire.reopen()
    assert wire.refusal(commands.Queue.Declare(queue=f"{name}-late", passive=True))[0] == 404
