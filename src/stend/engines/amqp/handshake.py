"""From Connection.Start to Connection.OpenOk (section 2.2.4). Pure."""

from pamqp import base, commands

from stend import __version__
from stend.engines.amqp.errors import AmqpError, ReplyCode
from stend.engines.amqp.state import Broker
from stend.engines.amqp.users import User
from stend.engines.amqp.vhost import VHost
from stend.wire.amqp.frames import MIN_FRAME_SIZE, AmqpSyntaxError
from stend.wire.amqp.methods import encode_method
from stend.wire.amqp.values import Table, Value, long_string, read_table

PRODUCT = "stend"
_MECHANISMS = b"PLAIN AMQPLAIN"
# https://www.rabbitmq.com/docs/amqp-0-9-1-extensions: the ones there are here.
_CAPABILITIES: Table = dict.fromkeys(
    (
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "consumer_priorities",
        "authentication_failure_close",
        "per_consumer_qos",
        "direct_reply_to",
    ),
    True,
)
_PLAIN_PARTS = 3


class Handshake:
    """Asks who the client is, settles the limits, lets it into its virtual host."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._awaited: type[base.Frame] = commands.Connection.StartOk
        self._user: User | None = None
        self._vhost: VHost | None = None
        self.client_properties: Table = {}
        self.mechanism = ""
        self.is_refused = False
        self.is_tuned = False
        self.frame_max = MIN_FRAME_SIZE
        self.channel_max = 0
        self.heartbeat_s = 0

    @property
    def is_open(self) -> bool:
        return self._vhost is not None

    @property
    def opened(self) -> tuple[User, VHost]:
        if self._user is None or self._vhost is None:
            raise RuntimeError("the connection is not open yet")
        return self._user, self._vhost

    def can(self, capability: str) -> bool:
        """Whether the client has told so in its properties."""
        capabilities = self.client_properties.get("capabilities")
        return isinstance(capabilities, dict) and capabilities.get(capability) is True

    def start(self) -> bytes:
        properties: dict[str, Value] = {
            "capabilities": _CAPABILITIES,
            "cluster_name": "stend",
            "information": "An AMQP 0-9-1 broker for learning; see docs/engines.md",
            "platform": "Python",
            "product": PRODUCT,
            "version": __version__,
        }
        return encode_method(
            0,
            commands.Connection.Start,
            version_major=0,
            version_minor=9,
            server_properties=properties,
            mechanisms=_MECHANISMS,
            locales=b"en_US",
        )

    def answer(self, method: base.Frame) -> bytes:
        """What the next step of the client is answered with; empty for nothing.

        Raises:
            AmqpError: the step is out of turn or asks for what cannot be.
        """
        if not isinstance(method, self._awaited):
            raise AmqpError(
                ReplyCode.COMMAND_INVALID,
                f"{method.name} in the handshake, where {self._awaited.name} is expected",
            )
        if isinstance(method, commands.Connection.StartOk):
            return self._authenticate(method)
        if isinstance(method, commands.Connection.TuneOk):
            self._tune(method)
            return b""
        if isinstance(method, commands.Connection.Open):
            return self._open(method)
        raise RuntimeError(f"no answer to {method.name}")

    def _authenticate(self, method: commands.Connection.StartOk) -> bytes:
        properties: Table = dict(method.client_properties)  # type: ignore[arg-type]
        self.client_properties, self.mechanism = properties, method.mechanism
        # The long string comes as bytes, whatever pamqp's class says.
        response = bytes(method.response)  # type: ignore[arg-type]
        try:
            name, password = _credentials(method.mechanism, response)
            self._user = self._broker.authenticated(name, password)
        except AmqpError as refusal:
            if refusal.code is not ReplyCode.ACCESS_REFUSED:
                raise
            return self._refuse(method.mechanism)
        self._awaited = commands.Connection.TuneOk
        limits = self._broker.limits
        return encode_method(
            0,
            commands.Connection.Tune,
            channel_max=limits.channels,
            frame_max=limits.frame_bytes,
            heartbeat=limits.heartbeat_s,
        )

    def _refuse(self, mechanism: str) -> bytes:
        self.is_refused = True
        # An older client takes the closed socket for the answer.
        if not self.can("authentication_failure_close"):
            return b""
        text = f"Login was refused using authentication mechanism {mechanism}. "
        text += "For details see the broker logfile."
        error = AmqpError(ReplyCode.ACCESS_REFUSED, text)
        return encode_method(
            0,
            commands.Connection.Close,
            reply_code=error.code,
            reply_text=error.reply_text,
            class_id=0,
            method_id=0,
        )

    def _tune(self, method: commands.Connection.TuneOk) -> None:
        limits = self._broker.limits
        _negotiate("frame_max", method.frame_max, limits.frame_bytes, least=MIN_FRAME_SIZE)
        _negotiate("channel_max", method.channel_max, limits.channels)
        self.frame_max, self.channel_max = method.frame_max, method.channel_max
        self.heartbeat_s = method.heartbeat
        self.is_tuned = True
        self._awaited = commands.Connection.Open

    def _open(self, method: commands.Connection.Open) -> bytes:
        name = method.virtual_host
        vhost = self._broker.vhost(name)
        if vhost is None:
            raise AmqpError(ReplyCode.NOT_ALLOWED, f"vhost {name} not found")
        if self._user is None or name not in self._user.permissions:
            user = self._user.name if self._user else ""
            text = f"access to vhost '{name}' refused for user '{user}'"
            raise AmqpError(ReplyCode.NOT_ALLOWED, text)
        most = self._broker.limits.connections
        if self._broker.connections >= most:
            text = f"connection refused: node connection limit ({most}) is reached"
            raise AmqpError(ReplyCode.NOT_ALLOWED, text)
        self._broker.connections += 1
        self._vhost = vhost
        return encode_method(0, commands.Connection.OpenOk, known_hosts="")


def _negotiate(name: str, wanted: int, most: int, least: int = 0) -> None:
    """Zero stands for no limit, which is more than the server offers."""
    shown = f"{wanted} (no limit)" if wanted == 0 else str(wanted)
    if wanted == 0 or wanted > most:
        text = f"negotiated {name} = {shown} is higher than the maximum allowed value ({most})"
        raise AmqpError(ReplyCode.NOT_ALLOWED, text)
    if wanted < least:
        text = f"negotiated {name} = {shown} is lower than the minimum allowed value ({least})"
        raise AmqpError(ReplyCode.NOT_ALLOWED, text)


def _credentials(mechanism: str, response: bytes) -> tuple[str, str]:
    """PLAIN is RFC 4616; AMQPLAIN is a table without its size."""
    refusal = AmqpError(ReplyCode.ACCESS_REFUSED, "the response cannot be read")
    if mechanism == "PLAIN":
        parts = response.split(b"\x00")
        if len(parts) != _PLAIN_PARTS:
            raise refusal
        try:
            return parts[1].decode(), parts[2].decode()
        except UnicodeDecodeError:
            raise refusal from None
    if mechanism == "AMQPLAIN":
        try:
            table, _ = read_table(long_string(response))
        except AmqpSyntaxError:
            raise refusal from None
        return str(table.get("LOGIN")), str(table.get("PASSWORD"))
    raise AmqpError(ReplyCode.COMMAND_INVALID, f"unknown authentication mechanism '{mechanism}'")
