"""One connection without a socket: the handshake, errors, confirms, room, the end."""

import pytest
from pamqp import commands

from stend.engines.amqp.handshake import PRODUCT
from stend.engines.amqp.session import MAX_UNREAD_BYTES, ROOM_BYTES, Phase
from stend.engines.amqp.state import Limits
from stend.engines.amqp.users import Permission
from stend.wire.amqp.content import encode_text
from stend.wire.amqp.frames import HEARTBEAT, PROTOCOL_HEADER, FrameType, frame
from tests.engines.amqp.peer import FRAME_MAX, Peer, bodies, new_broker, tags

PERSISTENT = {"delivery_mode": b"\x02"}
CLOSE = (commands.Connection.Close, commands.Channel.Close)


def refusal(peer: Peer) -> tuple[int, str]:
    """Code and text of the last frame, which must end a channel or the connection."""
    last = peer.read()[-1]
    assert isinstance(last, CLOSE), last
    return int(last.reply_code or 0), last.reply_text


def test_the_handshake_tells_who_is_there() -> None:
    peer = Peer(new_broker())
    for byte in PROTOCOL_HEADER:
        peer.send_bytes(bytes((byte,)))
    (start,) = peer.read()
    assert isinstance(start, commands.Connection.Start)
    assert start.server_properties["product"] == PRODUCT
    assert as_words(start.mechanisms) == ["PLAIN", "AMQPLAIN"]
    peer.start_ok()
    (tune,) = peer.read()
    assert isinstance(tune, commands.Connection.Tune)
    assert (tune.channel_max, tune.frame_max, tune.heartbeat) == (2047, 131_072, 60)


def as_words(raw: object) -> list[str]:
    assert isinstance(raw, bytes)
    return raw.decode().split()


@pytest.mark.parametrize(
    "hello",
    [b"GET / HTTP/1.1\r\n", b"AMQP\x00\x01\x00\x00", b"\x16\x03\x01", b"AMQP\x03\x01\x00\x00"],
)
def test_another_protocol_is_told_which_one_is_spoken(hello: bytes) -> None:
    peer = Peer(new_broker())
    peer.send_bytes(hello)
    assert b"".join(peer.session.take_output()) == PROTOCOL_HEADER
    assert peer.session.phase is Phase.CLOSED


def test_amqplain_is_a_table_without_its_size() -> None:
    peer = Peer(new_broker())
    peer.send_bytes(PROTOCOL_HEADER)
    login = b"\x05LOGINS\x00\x00\x00\x05lavka\x08PASSWORDS\x00\x00\x00\x05lavka"
    peer.start_ok("AMQPLAIN", login)
    assert isinstance(peer.read()[-1], commands.Connection.Tune)


@pytest.mark.parametrize("response", [b"\0lavka\0wrong", b"\0nobody\0lavka", b"", b"\0\xff\0\xff"])
def test_a_wrong_password_is_refused(response: bytes) -> None:
    peer = Peer(new_broker())
    peer.send_bytes(PROTOCOL_HEADER)
    peer.start_ok(response=response)
    code, text = refusal(peer)
    assert (code, text[:14]) == (403, "ACCESS_REFUSED")


def test_a_client_that_cannot_be_told_gets_a_closed_socket() -> None:
    peer = Peer(new_broker())
    peer.send_bytes(PROTOCOL_HEADER)
    peer.read()
    peer.send(
        0,
        commands.Connection.StartOk,
        client_properties={},
        mechanism="PLAIN",
        response=b"\0lavka\0wrong",
        locale="en_US",
    )
    assert peer.read() == []
    assert peer.session.phase is Phase.CLOSED


@pytest.mark.parametrize(
    ("channel_max", "frame_max", "told"),
    [
        (2048, 131_072, "negotiated channel_max = 2048 is higher than the maximum"),
        (0, 131_072, "channel_max = 0 (no limit) is higher"),
        (2047, 131_073, "negotiated frame_max = 131073 is higher"),
        (2047, 4095, "negotiated frame_max = 4095 is lower than the minimum"),
    ],
)
def test_limits_are_negotiated_downwards(channel_max: int, frame_max: int, told: str) -> None:
    peer = Peer(new_broker())
    peer.send_bytes(PROTOCOL_HEADER)
    peer.start_ok()
    kind = commands.Connection.TuneOk
    peer.send(0, kind, channel_max=channel_max, frame_max=frame_max, heartbeat=0)
    code, text = refusal(peer)
    assert code == 530
    assert told in text


def test_a_virtual_host_must_be_there_and_open_to_the_user() -> None:
    broker = new_broker()
    broker.add_vhost("closed")
    for name, told in (("missing", "vhost missing not found"), ("closed", "refused for user")):
        peer = Peer(broker)
        peer.send_bytes(PROTOCOL_HEADER)
        peer.start_ok()
        kind = commands.Connection.TuneOk
        peer.send(0, kind, channel_max=1, frame_max=FRAME_MAX, heartbeat=0)
        opened = commands.Connection.Open
        peer.send(0, opened, virtual_host=name, capabilities="", insist=False)
        code, text = refusal(peer)
        assert code == 530
        assert told in text


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        (frame(1, 1, b"\x00\x3c\x00\x63"), 503, "no method 99 in class 60"),
        (frame(1, 1, b"\x00"), 501, "without a method"),
        (frame(1, 7, b"\x00\x3c\x00\x0a" + bytes(7)), 504, "expected 'channel.open'"),
        (frame(1, 1, b"\x00\x14\x00\x0a\x00"), 504, "second 'channel.open' seen"),
        (frame(2, 1, bytes(14)), 505, "expected method frame"),
        (frame(3, 1, b"x"), 505, "expected method frame"),
        (frame(2, 0, bytes(14)), 505, "type 2 on channel 0"),
        (frame(1, 1, b"\x00\x0a\x00\x32"), 501, "cut off"),
        (
            frame(1, 0, b"\x00\x0a\x00\x0a" + bytes(14)),
            504,
            "unexpected method in connection state running",
        ),
        (frame(1, 1, b"\x00\x3c\x00\x48\x00"), 503, "unimplemented method"),
        (frame(5, 1, b"abc"), 501, "type 5 with 3 bytes: unknown_frame"),
        (frame(8, 0, b"x"), 501, "type 8 with 1 bytes: unknown_frame"),
        (frame(8, 1, b""), 505, "type 8 on channel 1"),
        (frame(2, 7, bytes(14)), 505, "expected method frame"),
        (b"\x01\x00\x01\x00\x00\x00\x00\x00", 501, "end octet"),
        (b"\x01\x00\x01\xff\xff\xff\xff\x00", 501, "too large"),
    ],
)
def test_what_breaks_the_protocol_ends_the_connection(data: bytes, code: int, told: str) -> None:
    peer = Peer(new_broker()).connect()
    peer.send_bytes(data)
    got, text = refusal(peer)
    assert got == code
    assert told in text
    assert peer.session.phase is Phase.CLOSING
    # Nothing more is listened to, but for the answer.
    peer.send_bytes(HEARTBEAT + frame(1, 1, b"\x00\x3c\x00\x63"))
    assert peer.read() == []
    peer.send(0, commands.Connection.CloseOk)
    assert peer.session.phase.value == "closed"


@pytest.mark.parametrize(
    ("frames", "code", "told"),
    [
        ([frame(3, 1, b"x")], 505, "expected content header for class 60, got non content header"),
        ([frame(1, 1, b"")], 505, "got non content header frame instead"),
        ([frame(2, 1, b"\x00\x3c\x00\x00" + bytes(7) + b"\x01\x00\x00")] * 2, 505, "content body"),
        (
            [
                frame(2, 1, b"\x00\x3c\x00\x00" + bytes(7) + b"\x01\x00\x00"),
                frame(3, 1, b"xx"),
            ],
            501,
            "content of 1 bytes has more",
        ),
        (
            [frame(2, 1, b"\x00\x0a\x00\x00" + bytes(8) + b"\x00\x00")],
            505,
            "got one for class 10",
        ),
    ],
)
def test_content_comes_in_its_order(frames: list[bytes], code: int, told: str) -> None:
    peer = Peer(new_broker()).connect()
    kind = commands.Basic.Publish
    peer.send(1, kind, ticket=0, exchange="", routing_key="q", mandatory=False, immediate=False)
    peer.send_bytes(b"".join(frames))
    got, text = refusal(peer)
    assert got == code
    assert told in text


def test_a_channel_that_failed_is_deaf_until_it_is_closed_and_the_others_go_on() -> None:
    peer = Peer(new_broker()).connect()
    peer.call(commands.Channel.Open, 2, out_of_band="")
    peer.send(1, commands.Basic.Ack, delivery_tag=1, multiple=False)
    assert refusal(peer) == (406, "PRECONDITION_FAILED - unknown delivery tag 1")
    peer.send(1, commands.Basic.Ack, delivery_tag=1, multiple=False)
    assert peer.read() == []
    assert isinstance(peer.declare("q", 2), commands.Queue.DeclareOk)
    peer.send(1, commands.Channel.CloseOk)
    assert isinstance(peer.call(commands.Channel.Open, 1, out_of_band=""), commands.Channel.OpenOk)


def test_a_message_that_is_too_large_is_refused_before_it_is_held() -> None:
    peer = Peer(new_broker(Limits(message_bytes=10))).connect()
    peer.publish("q", b"12345678901")
    code, text = refusal(peer)
    assert code == 406
    assert "message size 11 is larger than configured max size 10" in text
    assert peer.session.phase is Phase.RUNNING


def test_confirms_wait_for_the_journal_and_no_longer() -> None:
    broker = new_broker()
    peer = Peer(broker).connect()
    peer.declare("q", durable=True)
    broker.journal.take()
    peer.call(commands.Confirm.Select, nowait=False)
    peer.publish("q", b"1", properties=PERSISTENT)
    peer.publish("q", b"2", properties=PERSISTENT)
    peer.publish("q", b"3")
    (early,) = peer.read()
    assert isinstance(early, commands.Basic.Ack)
    assert (early.delivery_tag, early.multiple) == (3, False)
    position = broker.journal.position
    broker.journal.take()
    peer.publish("q", b"4", properties=PERSISTENT)
    assert peer.read() == []
    assert peer.session.is_waiting
    peer.session.synced(position)
    (ack,) = peer.read()
    assert isinstance(ack, commands.Basic.Ack)
    assert (ack.delivery_tag, ack.multiple) == (2, True)
    assert peer.session.is_waiting
    peer.session.synced(position + 1)
    (ack,) = peer.read()
    assert isinstance(ack, commands.Basic.Ack)
    assert (ack.delivery_tag, ack.multiple) == (4, False)
    assert not peer.session.is_waiting


def test_an_answer_about_something_durable_waits_for_the_journal() -> None:
    broker = new_broker()
    peer = Peer(broker).connect()
    peer.read()
    peer.declare("q")
    assert peer.session.output.gate == 0
    kind = commands.Queue.Declare
    arguments = {"passive": False, "exclusive": False, "auto_delete": False, "arguments": {}}
    peer.send(1, kind, ticket=0, queue="d", durable=True, nowait=False, **arguments)
    assert peer.session.output.gate == broker.journal.position


def test_a_reader_that_does_not_read_is_passed_over() -> None:
    broker = new_broker()
    slow, quick = Peer(broker).connect(), Peer(broker).connect()
    slow.declare("q")
    slow.consume("q", no_ack=True)
    body = bytes(ROOM_BYTES // 4)
    for _ in range(12):
        quick.publish("q", body)
    assert broker.vhosts["/"].queues["q"].ready > 0
    assert slow.session.output.size_bytes < 2 * ROOM_BYTES
    taken = 0
    while frames := slow.read():
        taken += len(bodies(frames))
        slow.session.resume()
    assert taken == 12 * -(-len(body) // (FRAME_MAX - 8))
    slow.session.set_writable(False)
    quick.publish("q", b"later")
    assert slow.read() == []
    slow.session.set_writable(True)
    slow.session.resume()
    assert bodies(slow.read()) == [b"later"]


def test_who_does_not_read_the_answers_is_not_listened_to() -> None:
    peer = Peer(new_broker()).connect()
    session = peer.session
    peer.declare("q")
    body = bytes(100_000)
    peer.publish("q", body)
    get = {"ticket": 0, "queue": "q", "no_ack": False}
    back = {"delivery_tag": 0, "multiple": True, "requeue": True}
    asked = 500
    for _ in range(asked):
        peer.send(1, commands.Basic.Get, **get)
        peer.send(1, commands.Basic.Nack, **back)
    listening = [session.is_listening]
    assert MAX_UNREAD_BYTES < session.output.size_bytes < MAX_UNREAD_BYTES + 2 * len(body)
    answered = 0
    while not listening[-1]:
        answered += sum(isinstance(one, commands.Basic.GetOk) for one in peer.read())
        session.go_on()
        listening.append(session.is_listening)
    assert len(listening) == 3
    assert answered + len(bodies(peer.read())) == asked


def test_a_publisher_is_blocked_while_the_memory_is_full() -> None:
    broker = new_broker(Limits(memory_bytes=10_000))
    publisher, consumer = Peer(broker).connect(), Peer(broker).connect()
    publisher.declare("q")
    for _ in range(20):
        publisher.publish("q", bytes(1000))
    assert broker.alarmed
    publisher.session.see_alarm()
    consumer.session.see_alarm()
    (blocked,) = publisher.read()
    assert isinstance(blocked, commands.Connection.Blocked)
    assert publisher.session.is_blocked
    assert not consumer.session.is_blocked
    assert len(bodies(consumer.consume("q", no_ack=True))) == 20
    publisher.session.see_alarm()
    (unblocked,) = publisher.read()
    assert isinstance(unblocked, commands.Connection.Unblocked)
    assert broker.memory_bytes == 0


def test_what_a_lost_connection_held_goes_back_in_order_and_its_own_queues_go() -> None:
    broker = new_broker()
    first, second = Peer(broker).connect(), Peer(broker).connect()
    first.declare("q")
    first.declare("own", exclusive=True)
    first.declare("auto", auto_delete=True)
    first.consume("auto")
    for number in range(6):
        first.publish("q", b"%d" % number)
    deliveries = first.consume("q")
    assert tags(deliveries) == [1, 2, 3, 4, 5, 6]
    first.send(1, commands.Basic.Ack, delivery_tag=2, multiple=False)
    first.session.lost()
    assert list(broker.vhosts["/"].queues) == ["q"]
    got = second.consume("q")
    assert bodies(got) == [b"0", b"2", b"3", b"4", b"5"]
    assert all(one.redelivered for one in got if isinstance(one, commands.Basic.Deliver))


def test_permissions_are_asked_for_by_name() -> None:
    broker = new_broker()
    broker.permit(broker.users["lavka"], "/", Permission("^mine", "^mine|amq\\.default", "^mine"))
    peer = Peer(broker).connect()
    peer.declare("mine.q")
    peer.send(1, commands.Basic.Get, ticket=0, queue="yours", no_ack=False)
    code, text = refusal(peer)
    assert code == 403
    assert "read access to queue 'yours' in vhost '/' refused for user 'lavka'" in text


def test_time_drops_what_has_expired_and_queues_that_nobody_uses() -> None:
    broker = new_broker()
    peer = Peer(broker).connect()
    peer.declare("dead")
    peer.declare(
        "q", x_message_ttl=100, x_dead_letter_exchange="", x_dead_letter_routing_key="dead"
    )
    peer.declare("unused", x_expires=50)
    peer.publish("q", b"old")
    broker.now_ms += 60
    peer.publish("q", b"younger")
    broker.tick()
    assert "unused" not in broker.vhosts["/"].queues
    broker.now_ms += 40
    broker.tick()
    assert peer.get("dead") == b"old"
    assert peer.get("dead") is None
    assert broker.next_moment_ms() == broker.now_ms + 60
    broker.now_ms += 60
    broker.tick()
    assert peer.get("dead") == b"younger"


def test_deleted_queues_are_not_waited_for() -> None:
    broker = new_broker()
    peer = Peer(broker).connect()
    peer.declare("kept", x_expires=50)
    for _ in range(3000):
        peer.declare("short-lived", x_expires=3_600_000)
        peer.send(
            1,
            commands.Queue.Delete,
            ticket=0,
            queue="short-lived",
            if_unused=False,
            if_empty=False,
            nowait=True,
        )
        peer.read()
    assert len(broker._watched) <= 1000
    broker.now_ms += 50
    broker.tick()
    assert broker.vhosts["/"].queues == {}


def test_the_time_of_a_message_counts_from_when_it_heads_its_queue() -> None:
    broker = new_broker()
    peer = Peer(broker).connect()
    peer.declare("dead")
    peer.declare("q", x_dead_letter_exchange="", x_dead_letter_routing_key="dead")
    for body, ttl_ms in ((b"live", None), (b"young", "50"), (b"live", None), (b"overdue", "50")):
        told = {} if ttl_ms is None else {"expiration": encode_text(ttl_ms)}
        peer.publish("q", body, "", told)
    assert peer.get("q") == b"live"
    broker.now_ms += 50
    broker.tick()
    assert peer.get("dead") == b"young"
    assert peer.get("q") == b"live"
    assert peer.get("dead") == b"overdue"


def test_heartbeats_are_sent_when_asked_for() -> None:
    peer = Peer(new_broker()).connect()
    peer.session.send_heartbeat()
    (beat,) = peer.read()
    assert beat == (FrameType.HEARTBEAT, 0, b"")
