"""A client without a socket: speaks to a pure session, reads what the session would send."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from pamqp import base, commands

from stend.engines.amqp.session import Session
from stend.engines.amqp.state import DEFAULT_VHOST, Broker, Limits
from stend.engines.amqp.users import Permission, User, hash_password
from stend.wire.amqp.content import encode_body, encode_content_header
from stend.wire.amqp.frames import PROTOCOL_HEADER, Frame, FrameReader, FrameType, frame
from stend.wire.amqp.methods import decode_method, encode_method

FRAME_MAX = 131_072
START_MS = 1_795_000_000_000
CAPABILITIES = ("consumer_cancel_notify", "connection.blocked", "authentication_failure_close")


def new_broker(limits: Limits | None = None) -> Broker:
    """With the virtual host `/` and the user lavka, whose password is lavka."""
    names = count(1)
    broker = Broker(limits or Limits(), lambda: str(next(names)))
    broker.now_ms = START_MS
    broker.add_vhost(DEFAULT_VHOST)
    password = hash_password("lavka", b"salt")
    broker.put_user(User("lavka", password, ("administrator",), {DEFAULT_VHOST: Permission()}))
    return broker


class Peer:
    """One connection. Methods that expect an answer return it; nothing waits for anything."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.woken = 0
        self.session = Session("127.0.0.1:1 -> 127.0.0.1:2", broker, self._wake)
        self._reader = FrameReader(FRAME_MAX)
        self._names = count(1)

    def connect(self, vhost: str = DEFAULT_VHOST) -> "Peer":
        """Through the handshake, with channel 1 open."""
        self.send_bytes(PROTOCOL_HEADER)
        self.start_ok()
        self.send(0, commands.Connection.TuneOk, channel_max=2047, frame_max=FRAME_MAX, heartbeat=0)
        self.send(0, commands.Connection.Open, virtual_host=vhost, capabilities="", insist=False)
        self.read()
        self.send(1, commands.Channel.Open, out_of_band="")
        (opened,) = self.read()
        assert isinstance(opened, commands.Channel.OpenOk)
        return self

    def start_ok(self, mechanism: str = "PLAIN", response: bytes = b"\0lavka\0lavka") -> None:
        self.send(
            0,
            commands.Connection.StartOk,
            client_properties={"capabilities": dict.fromkeys(CAPABILITIES, True)},
            mechanism=mechanism,
            response=response,
            locale="en_US",
        )

    def send(self, channel: int, kind: type[base.Frame], **arguments: Any) -> None:
        self.send_bytes(encode_method(channel, kind, **arguments))

    def send_bytes(self, data: bytes) -> None:
        self.session.receive(data)

    def read(self) -> list[base.Frame | Frame]:
        """Methods decoded, other frames as they are; protocol headers are not expected here."""
        return list(self._decoded(b"".join(self.session.take_output())))

    def call(self, kind: type[base.Frame], channel: int = 1, **arguments: Any) -> base.Frame:
        """Sends a method and returns the one method that came back."""
        self.read()
        self.send(channel, kind, **arguments)
        (answer,) = self.read()
        assert isinstance(answer, base.Frame), answer
        return answer

    def declare(self, queue: str, channel: int = 1, **arguments: Any) -> base.Frame:
        """`arguments` beside those of Queue.Declare are x-arguments, `_` for `-`."""
        known = {"passive", "durable", "exclusive", "auto_delete"}
        table = {
            name.replace("_", "-"): value for name, value in arguments.items() if name not in known
        }
        flags = {name: arguments.get(name, False) for name in known}
        kind = commands.Queue.Declare
        return self.call(
            kind, channel, ticket=0, queue=queue, nowait=False, arguments=table, **flags
        )

    def publish(
        self,
        key: str,
        body: bytes = b"",
        exchange: str = "",
        properties: dict[str, bytes] | None = None,
        channel: int = 1,
        *,
        mandatory: bool = False,
    ) -> None:
        self.send(
            channel,
            commands.Basic.Publish,
            ticket=0,
            exchange=exchange,
            routing_key=key,
            mandatory=mandatory,
            immediate=False,
        )
        header = encode_content_header(len(body), properties or {})
        self.send_bytes(frame(FrameType.HEADER, channel, header))
        self.send_bytes(encode_body(channel, body, FRAME_MAX))

    def get(self, queue: str, channel: int = 1, *, no_ack: bool = False) -> bytes | None:
        """The body of the next message; None from an empty queue."""
        self.read()
        self.send(channel, commands.Basic.Get, ticket=0, queue=queue, no_ack=no_ack)
        answer, *content = self.read()
        if isinstance(answer, commands.Basic.GetEmpty):
            return None
        assert isinstance(answer, commands.Basic.GetOk), answer
        self.last = answer
        return b"".join(
            one.payload for one in content if isinstance(one, Frame) and one.kind == FrameType.BODY
        )

    def consume(self, queue: str, channel: int = 1, **arguments: Any) -> list[base.Frame | Frame]:
        """What came back: Basic.ConsumeOk and the first deliveries."""
        self.read()
        wanted = {
            "consumer_tag": f"tag-{next(self._names)}",
            "no_local": False,
            "no_ack": False,
            "exclusive": False,
            "nowait": False,
            "arguments": {},
            **arguments,
        }
        self.send(channel, commands.Basic.Consume, ticket=0, queue=queue, **wanted)
        return self.read()

    def _wake(self, _: Session) -> None:
        self.woken += 1

    def _decoded(self, data: bytes) -> Iterator[base.Frame | Frame]:
        for one in self._reader.feed(data):
            yield decode_method(one.payload) if one.kind == FrameType.METHOD else one


def bodies(frames: list[base.Frame | Frame]) -> list[bytes]:
    """The bodies of what was delivered; each fits into one frame here."""
    return [one.payload for one in frames if isinstance(one, Frame) and one.kind == FrameType.BODY]


def tags(frames: list[base.Frame | Frame]) -> list[int]:
    """The delivery tags."""
    return [int(one.delivery_tag or 0) for one in frames if isinstance(one, commands.Basic.Deliver)]
