"""One connection's protocol: bytes in, commands out, answers back as bytes. Pure.

A client is let in (Connection Phase), then asks one thing after another (Command Phase). What the
commands do is the connection's part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from stend.engines.mysql.auth import NATIVE, PLUGINS, SHA2, PasswordKey, proves
from stend.engines.mysql.errors import MyError, MySqlError
from stend.wire.mysql import replies
from stend.wire.mysql.errors import OutOfOrderError, TooLargeError, WireError
from stend.wire.mysql.handshake import (
    ChangeUser,
    Greeting,
    Login,
    auth_more,
    auth_switch,
    read_change_user,
    read_login,
)
from stend.wire.mysql.numbers import Capability, Collation, Command, Status
from stend.wire.mysql.packets import PacketReader, packets

SERVER_VERSION = "8.4.0-stend"
MAX_ALLOWED_PACKET = 64 * 1024 * 1024
# Nobody who is not let in has much to say.
_MAX_LOGIN_BYTES = 64 * 1024
OFFERED = (
    Capability.LONG_PASSWORD
    | Capability.FOUND_ROWS
    | Capability.LONG_FLAG
    | Capability.CONNECT_WITH_DB
    | Capability.ODBC
    | Capability.IGNORE_SPACE
    | Capability.PROTOCOL_41
    | Capability.INTERACTIVE
    | Capability.IGNORE_SIGPIPE
    | Capability.TRANSACTIONS
    | Capability.RESERVED
    | Capability.SECURE_CONNECTION
    | Capability.MULTI_STATEMENTS
    | Capability.MULTI_RESULTS
    | Capability.PS_MULTI_RESULTS
    | Capability.PLUGIN_AUTH
    | Capability.CONNECT_ATTRS
    | Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA
    | Capability.DEPRECATE_EOF
)
# What stands for UTF-8, which is all that is spoken here. The collations that a client names in
# the handshake are what its library was built with; what it wants, it says by SET NAMES.
_UTF8 = frozenset(
    {
        Collation.UTF8_GENERAL_CI,
        Collation.UTF8MB4_GENERAL_CI,
        Collation.UTF8MB4_BIN,
        Collation.UTF8MB4_UNICODE_CI,
        Collation.UTF8MB4_0900_AI_CI,
        Collation.BINARY,
    }
)
_FAST_AUTH_OK = b"\x03"
_FULL_AUTH = b"\x04"
_WANTS_PUBLIC_KEY = b"\x02"


class _Phase(Enum):
    LOGIN = auto()
    PROOF = auto()
    PASSWORD = auto()
    ENTERING = auto()
    COMMANDS = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody has proved who he is: `accept` or `refuse` him.

    Attributes:
        is_change: of a session that was open: by COM_CHANGE_USER.
    """

    user: str
    database: str | None
    is_change: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A command and what stands behind its byte."""

    command: Command
    payload: bytes


@dataclass(slots=True)
class Session:
    """
    Args:
        challenge: twenty random bytes, none of them zero.
        users: passwords by name.
        host: the client's, for messages.

    Attributes:
        capabilities: agreed on.
    """

    connection_id: int
    challenge: bytes
    users: Mapping[str, str]
    key: PasswordKey
    host: str
    capabilities: int = 0
    _phase: _Phase = _Phase.LOGIN
    _reader: PacketReader = field(default_factory=lambda: PacketReader(_MAX_LOGIN_BYTES))
    _output: list[bytes] = field(default_factory=list)
    _unsent: int = 0
    # Who wants to enter, and by which plugin he proves himself.
    _user: str = ""
    _database: str | None = None
    _plugin: str = SHA2
    _is_change: bool = False

    def greet(self) -> None:
        """The server speaks first."""
        greeting = Greeting(
            SERVER_VERSION,
            self.connection_id,
            self.challenge,
            OFFERED,
            Collation.UTF8MB4_GENERAL_CI,
            Status.AUTOCOMMIT,
            SHA2,
        )
        self.send(greeting.encode())

    @property
    def is_closed(self) -> bool:
        return self._phase is _Phase.CLOSED

    @property
    def held_bytes(self) -> int:
        """Bytes that came and were not taken yet."""
        return self._reader.held_bytes

    @property
    def unsent_bytes(self) -> int:
        return self._unsent

    def has(self, capability: Capability) -> bool:
        return bool(self.capabilities & capability)

    def receive(self, data: bytes) -> None:
        self._reader.feed(data)

    def advance(self) -> Entered | Asked | None:
        """What is to be done next; None: more bytes are needed, or it is closed."""
        try:
            return self._advance()
        except TooLargeError as error:
            self._close_by(MyError.ER_NET_PACKET_TOO_LARGE, _too_large(error))
        except OutOfOrderError:
            self._close_by(MyError.ER_NET_PACKETS_OUT_OF_ORDER, "Got packets out of order")
        except WireError as error:
            self._close_by(MyError.ER_HANDSHAKE_ERROR, f"Bad handshake: {error}")
        return None

    def accept(self) -> None:
        """The one who entered is let in."""
        self._phase = _Phase.COMMANDS
        self._reader.max_bytes = MAX_ALLOWED_PACKET

    def refuse(self, error: MySqlError) -> None:
        """He is told why not, and the connection ends."""
        self._close_by(error.error, error.message)

    def send(self, payload: bytes) -> None:
        data, self._reader.sequence = packets(payload, self._reader.sequence)
        self._output.append(data)
        self._unsent += len(data)

    def send_error(self, error: MySqlError) -> None:
        self.send(replies.err(error.error.number, error.error.sql_state, error.message))

    def take_output(self) -> list[bytes]:
        output, self._output = self._output, []
        self._unsent = 0
        return output

    def close(self) -> None:
        self._phase = _Phase.CLOSED

    def _advance(self) -> Entered | Asked | None:
        while self._phase not in {_Phase.CLOSED, _Phase.ENTERING}:
            if self._phase is _Phase.COMMANDS:
                self._reader.begin()
            payload = self._reader.next_payload()
            if payload is None:
                return None
            if done := self._take(payload):
                return done
        return None

    def _take(self, payload: bytes) -> Entered | Asked | None:
        match self._phase:
            case _Phase.LOGIN:
                return self._take_login(payload)
            case _Phase.PROOF:
                return self._take_proof(payload)
            case _Phase.PASSWORD:
                return self._take_password(payload)
        return self._take_command(payload)

    def _take_command(self, payload: bytes) -> Entered | Asked | None:
        if not payload:
            self._close_by(MyError.ER_UNKNOWN_COM_ERROR, "Unknown command")
            return None
        try:
            command = Command(payload[0])
        except ValueError:
            self.send_error(MySqlError(MyError.ER_UNKNOWN_COM_ERROR, "Unknown command"))
            return None
        if command is Command.CHANGE_USER:
            return self._change_user(read_change_user(payload[1:], self.capabilities))
        return Asked(command, payload[1:])

    def _take_login(self, payload: bytes) -> Entered | None:
        login = read_login(payload)
        if login.capabilities & Capability.SSL:
            raise WireError("TLS is not offered")
        self.capabilities = login.capabilities & OFFERED
        self._check_collation(login.collation)
        self._user, self._database = login.user, login.database
        return self._begin(login)

    def _change_user(self, asked: ChangeUser) -> Entered | None:
        if asked.collation is not None:
            self._check_collation(asked.collation)
        self._user, self._database, self._is_change = asked.user, asked.database, True
        return self._begin(asked)

    def _begin(self, asked: Login | ChangeUser) -> Entered | None:
        # Who names no plugin is older than plugins.
        plugin = asked.plugin or NATIVE
        if plugin in PLUGINS:
            self._plugin = plugin
            return self._take_proof(asked.proof)
        self._plugin = SHA2
        self._phase = _Phase.PROOF
        self.send(auth_switch(SHA2, self.challenge))
        return None

    def _take_proof(self, proof: bytes) -> Entered | None:
        password = self.users.get(self._user)
        if password is None:
            self._deny(has_password=bool(proof))
            return None
        # A switched client without a password sends one zero byte.
        given = b"" if proof == b"\0" else proof
        if proves(self._plugin, password, self.challenge, given):
            if self._plugin == SHA2 and password:
                self.send(auth_more(_FAST_AUTH_OK))
            return self._enter()
        if self._plugin == SHA2 and given:
            self._phase = _Phase.PASSWORD
            self.send(auth_more(_FULL_AUTH))
            return None
        self._deny(has_password=bool(given))
        return None

    def _take_password(self, payload: bytes) -> Entered | None:
        if payload == _WANTS_PUBLIC_KEY:
            self.send(auth_more(self.key.public_pem()))
            return None
        if self.key.opens(payload, self.users[self._user], self.challenge):
            return self._enter()
        self._deny(has_password=True)
        return None

    def _enter(self) -> Entered:
        self._phase = _Phase.ENTERING
        return Entered(self._user, self._database, self._is_change)

    def _deny(self, *, has_password: bool) -> None:
        using = "YES" if has_password else "NO"
        message = f"Access denied for user '{self._user}'@'{self.host}' (using password: {using})"
        self._close_by(MyError.ER_ACCESS_DENIED_ERROR, message)

    def _check_collation(self, number: int) -> None:
        if number not in _UTF8:
            text = f"collation {number} of another character set than UTF-8"
            raise WireError(text)

    def _close_by(self, error: MyError, message: str) -> None:
        self.send_error(MySqlError(error, message))
        self._phase = _Phase.CLOSED


def _too_large(error: TooLargeError) -> str:
    return f"Got a packet bigger than 'max_allowed_packet' bytes: {error}"
