"""AMQP: refused, doubled and reordered messages, closed channels and connections."""

import asyncio
from collections.abc import Iterator
from typing import Any

import aio_pika
import pika
import pytest
from aio_pika.exceptions import ChannelPreconditionFailed, DeliveryError
from pamqp import commands
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker, NackError

from stend.tap.disturb.amqp_numbers import Confirm, Numbers
from stend.wire.amqp.content import encode_body, encode_content_header
from stend.wire.amqp.frames import HEARTBEAT, PROTOCOL_HEADER, FrameType, frame
from stend.wire.amqp.methods import encode_method
from stend.wire.decoding import Direction
from tests.engines.amqp.running import config_in, running
from tests.engines.servers import HOST
from tests.folders import open_folder
from tests.tap.disturb.talking import DOWN, UP, Talk
from tests.tap.disturb.tapped import Tapped, tapped
from tests.waiting import until_async


def content(channel: int, body: bytes) -> bytes:
    header = encode_content_header(len(body), {})
    return frame(FrameType.HEADER, channel, header) + encode_body(channel, body, 4096)


def publish(body: bytes, channel: int = 1) -> bytes:
    method = encode_method(
        channel,
        commands.Basic.Publish,
        ticket=0,
        exchange="",
        routing_key="orders",
        mandatory=False,
        immediate=False,
    )
    return method + content(channel, body)


def deliver(tag: int, body: bytes, channel: int = 1) -> bytes:
    method = encode_method(
        channel,
        commands.Basic.Deliver,
        consumer_tag="me",
        delivery_tag=tag,
        redelivered=False,
        exchange="",
        routing_key="orders",
    )
    return method + content(channel, body)


def ack(tag: int, channel: int = 1, *, multiple: bool = False) -> bytes:
    return encode_method(channel, commands.Basic.Ack, delivery_tag=tag, multiple=multiple)


def nack(tag: int) -> bytes:
    flags = {"delivery_tag": tag, "multiple": False, "requeue": False}
    return encode_method(1, commands.Basic.Nack, **flags)


def close(code: int, text: str, index: int = 0, channel: int = 1) -> bytes:
    kind: Any = commands.Channel.Close if channel else commands.Connection.Close
    return encode_method(
        channel,
        kind,
        reply_code=code,
        reply_text=text,
        class_id=index >> 16,
        method_id=index & 0xFFFF,
    )


OPEN = encode_method(1, commands.Channel.Open, out_of_band="0")
OPENED = encode_method(1, commands.Channel.OpenOk, channel_id=b"")
SELECT = encode_method(1, commands.Confirm.Select, nowait=False)
SELECTED = encode_method(1, commands.Confirm.SelectOk)
CLOSE_OK = encode_method(1, commands.Channel.CloseOk)
BEFORE: list[tuple[Direction, bytes]] = [
    (UP, PROTOCOL_HEADER),
    (UP, OPEN),
    (DOWN, OPENED),
    (UP, SELECT),
    (DOWN, SELECTED),
]
A, B, C = publish(b"a"), publish(b"b"), publish(b"")


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def talk(request: pytest.FixtureRequest) -> Iterator[Talk]:
    made = Talk("amqp", BEFORE, piece_bytes=request.param)
    yield made
    made.close()


def test_a_refused_publish_shifts_the_numbers_of_the_others(talk: Talk) -> None:
    talk.set("amqp_nack", every=2)
    talk.up(A + B + C + A)
    assert talk.to_server == A + C
    assert talk.to_client == nack(2) + nack(4)
    before = talk.to_client
    talk.down(ack(1) + ack(2))
    assert talk.to_client == before + ack(1) + ack(3)
    talk.clear()
    talk.up(B)
    talk.down(ack(3))
    assert talk.to_client == before + ack(1) + ack(3) + ack(5)
    # The channel begins anew, and so do the numbers.
    talk.up(OPEN)
    assert talk.line.is_idle


def test_confirms_of_several_are_told_in_the_numbers_of_the_client(talk: Talk) -> None:
    talk.set("amqp_nack", every=2)
    talk.up(A * 5)
    talk.down(ack(3, multiple=True))
    assert talk.to_client == nack(2) + nack(4) + ack(5, multiple=True)


def test_a_nack_waits_until_a_message_to_the_client_has_ended(talk: Talk) -> None:
    talk.set("amqp_nack")
    delivered = deliver(1, b"x" * 5000)
    talk.down(delivered[:100])
    talk.up(A)
    assert nack(1) not in talk.to_client
    talk.down(delivered[100:])
    assert talk.to_client == delivered + nack(1)


def test_without_confirms_nothing_can_be_refused() -> None:
    talk = Talk("amqp", BEFORE[:3])
    talk.set("amqp_nack")
    talk.up(A + B)
    assert talk.to_server == A + B
    assert talk.struck == 0
    talk.close()


def test_a_publish_that_had_begun_passes_and_is_counted() -> None:
    for at in (1, 10, len(A) - 3):
        talk = Talk("amqp", BEFORE)
        talk.up(A + B[:at])
        talk.set("amqp_nack", first=1)
        talk.up(B[at:] + A + C)
        assert talk.to_server == A + B + C
        assert talk.to_client == nack(3)
        talk.down(ack(3))
        assert talk.to_client == nack(3) + ack(4)
        talk.close()


def test_a_doubled_publish_is_confirmed_once(talk: Talk) -> None:
    talk.set("amqp_duplicate", first=1)
    talk.up(A + B)
    assert talk.to_server == A + A + B
    talk.down(ack(1) + ack(2) + ack(3))
    assert talk.to_client == ack(1) + ack(2)


def test_two_publishes_change_places(talk: Talk) -> None:
    talk.set("amqp_reorder", first=1)
    talk.up(A)
    assert talk.to_server == b""
    talk.up(B + C)
    assert talk.to_server == B + A + C
    # The broker's first is the client's second.
    talk.down(ack(1) + ack(2))
    assert talk.to_client == ack(2) + ack(1)
    talk.clear()
    talk.down(ack(3))
    assert talk.to_client == ack(2) + ack(1) + ack(3)
    assert talk.line.is_idle


def test_who_waits_alone_goes_on_after_a_while(talk: Talk) -> None:
    talk.set("amqp_reorder", wait_ms=100)
    talk.up(A)
    talk.loop.pass_by(0.09)
    assert talk.to_server == b""
    talk.loop.pass_by(0.02)
    assert talk.to_server == A
    talk.up(B)
    talk.loop.pass_by(0.05)
    talk.up(C)
    assert talk.to_server == A + C + B


@pytest.mark.parametrize("after", [OPEN, HEARTBEAT, None])
def test_nothing_but_a_publish_overtakes_it(talk: Talk, after: bytes | None) -> None:
    talk.set("amqp_reorder")
    talk.up(A)
    if after is None:
        talk.clear()
        assert talk.to_server == A
    else:
        talk.up(after)
        assert talk.to_server == (HEARTBEAT if after is HEARTBEAT else A + after)


def test_a_channel_is_closed_on_both_sides(talk: Talk) -> None:
    talk.set("amqp_channel_close", code=404, first=1)
    talk.up(A + B)
    assert talk.to_server == close(200, "")
    told = close(404, "NOT_FOUND - a fault of the stand", 0x003C0028)
    assert talk.to_client == told
    talk.down(deliver(1, b"late") + CLOSE_OK + OPENED)
    talk.up(CLOSE_OK + OPEN + C)
    assert talk.to_server == close(200, "") + OPEN + C
    assert talk.to_client == told + OPENED


def test_a_connection_is_closed_on_both_sides(talk: Talk) -> None:
    talk.set("amqp_connection_close")
    talk.up(A + B)
    assert talk.to_server == close(200, "", channel=0)
    assert talk.to_client == close(320, "CONNECTION_FORCED - a fault of the stand", channel=0)
    talk.down(deliver(1, b"late"))
    talk.up(encode_method(0, commands.Connection.CloseOk))
    assert [one[2] for one in talk.ends.log if one[1] == "fin"] == [UP, DOWN]
    assert talk.to_client == close(320, "CONNECTION_FORCED - a fault of the stand", channel=0)


def test_numbers_that_were_swapped_are_confirmed_one_by_one() -> None:
    numbers = Numbers(3)
    for client in (3, 5, 4, 6):
        numbers.sent(client)
    told = numbers.confirmed(Confirm(4, multiple=True))
    assert told == [Confirm(2, multiple=True), Confirm(3, False), Confirm(5, False)]
    assert numbers.confirmed(Confirm(0, multiple=True)) == [Confirm(6, multiple=True)]
    assert not numbers.differ


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with open_folder() as folder:
        config = config_in(folder)
        with running(config):
            yield config.port


def url(tap: Tapped) -> str:
    return f"amqp://lavka:lavka@{HOST}:{tap.port}/"


async def send(channel: aio_pika.abc.AbstractChannel, queue: str, body: bytes) -> None:
    await channel.default_exchange.publish(aio_pika.Message(body), queue)


async def bodies(queue: aio_pika.abc.AbstractQueue, count: int) -> list[bytes]:
    found = []
    for _ in range(count):
        message = await queue.get(timeout=5)
        assert message is not None
        await message.ack()
        found.append(message.body)
    return found


async def test_aio_pika_is_refused_and_goes_on_with_right_numbers(port: int) -> None:
    async with tapped(port, "amqp") as tap, await aio_pika.connect(url(tap)) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("refused", exclusive=True)
        await send(channel, "refused", b"0")
        fault = tap.set("amqp_nack", every=2)
        sends = [send(channel, "refused", b"%d" % number) for number in range(1, 9)]
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert [isinstance(one, DeliveryError) for one in outcomes] == [False, True] * 4
        tap.faults.clear(fault.id)
        for number in range(9, 12):
            await asyncio.wait_for(send(channel, "refused", b"%d" % number), 5)
        found = await bodies(queue, 8)
        assert found == [b"0", b"1", b"3", b"5", b"7", b"9", b"10", b"11"]


async def test_a_consumer_sees_doubles_and_another_order(port: int) -> None:
    async with tapped(port, "amqp") as tap, await aio_pika.connect(url(tap)) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("mixed", exclusive=True)
        fault = tap.set("amqp_duplicate", first=1)
        await send(channel, "mixed", b"a")
        await send(channel, "mixed", b"b")
        assert await bodies(queue, 3) == [b"a", b"a", b"b"]
        tap.faults.clear(fault.id)
        fault = tap.set("amqp_reorder", first=1, wait_ms=5000)
        await asyncio.gather(*(send(channel, "mixed", one) for one in (b"1", b"2", b"3")))
        assert await bodies(queue, 3) == [b"2", b"1", b"3"]
        tap.faults.clear(fault.id)
        tap.set("amqp_reorder", wait_ms=50)
        await asyncio.wait_for(send(channel, "mixed", b"alone"), 5)
        assert await bodies(queue, 1) == [b"alone"]


async def test_aio_pika_loses_its_channel_and_opens_another(port: int) -> None:
    async with tapped(port, "amqp") as tap, await aio_pika.connect(url(tap)) as connection:
        channel = await connection.channel()
        await channel.declare_queue("closed", exclusive=True)
        fault = tap.set("amqp_channel_close", code=406)
        with pytest.raises(ChannelPreconditionFailed):
            await send(channel, "closed", b"x")
        await until_async(lambda: channel.is_closed)
        tap.faults.clear(fault.id)
        other = await connection.channel()
        await send(other, "closed", b"y")
        assert not connection.is_closed


async def test_pika_sees_each_of_them(port: int) -> None:
    async with tapped(port, "amqp") as tap:
        login = pika.PlainCredentials("lavka", "lavka")
        parameters = pika.ConnectionParameters(HOST, tap.port, "/", login)
        connection = await asyncio.to_thread(pika.BlockingConnection, parameters)

        def opened() -> Any:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.queue_declare("by-pika", exclusive=True)
            return channel

        channel = await asyncio.to_thread(opened)
        fault = tap.set("amqp_nack")
        with pytest.raises(NackError):
            await asyncio.to_thread(channel.basic_publish, "", "by-pika", b"x")
        tap.faults.clear(fault.id)
        await asyncio.to_thread(channel.basic_publish, "", "by-pika", b"x")
        fault = tap.set("amqp_channel_close", code=404)
        with pytest.raises(ChannelClosedByBroker) as closed:
            await asyncio.to_thread(channel.basic_publish, "", "by-pika", b"x")
        assert closed.value.reply_code == 404
        tap.faults.clear(fault.id)
        channel = await asyncio.to_thread(connection.channel)
        fault = tap.set("amqp_connection_close")
        with pytest.raises(ConnectionClosedByBroker) as ended:
            await asyncio.to_thread(channel.queue_declare, "by-pika", passive=True)
        assert ended.value.reply_code == 320
        tap.faults.clear(fault.id)
        await until_async(lambda: tap.tap.open_count == 0)
        connection = await asyncio.to_thread(pika.BlockingConnection, parameters)
        await asyncio.to_thread(connection.close)
