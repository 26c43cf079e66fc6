"""The packets until a client is let in (Connection Phase of the protocol's documentation)."""

from dataclasses import dataclass, field

from stend.wire.mysql.errors import WireError
from stend.wire.mysql.numbers import AUTH_MORE_DATA, AUTH_SWITCH, Capability
from stend.wire.mysql.source import Source, sized

PROTOCOL_VERSION = 10
CHALLENGE_BYTES = 20
_FIRST_PART = 8
_MAX_ATTRIBUTES = 200


@dataclass(frozen=True, slots=True)
class Greeting:
    """HandshakeV10: the server's first words.

    Attributes:
        challenge: twenty random bytes without a zero byte.
    """

    server_version: str
    connection_id: int
    challenge: bytes
    capabilities: int
    collation: int
    status: int
    plugin: str

    def encode(self) -> bytes:
        return b"".join(
            (
                bytes([PROTOCOL_VERSION]),
                self.server_version.encode() + b"\0",
                self.connection_id.to_bytes(4, "little"),
                self.challenge[:_FIRST_PART] + b"\0",
                (self.capabilities & 0xFFFF).to_bytes(2, "little"),
                bytes([self.collation]),
                self.status.to_bytes(2, "little"),
                (self.capabilities >> 16).to_bytes(2, "little"),
                bytes([len(self.challenge) + 1]),
                b"\0" * 10,
                self.challenge[_FIRST_PART:] + b"\0",
                self.plugin.encode() + b"\0",
            )
        )


@dataclass(frozen=True, slots=True)
class Login:
    """HandshakeResponse41: who the client is and what it can do."""

    capabilities: int
    max_packet: int
    collation: int
    user: str
    proof: bytes
    database: str | None = None
    plugin: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """As a client sends it; its capabilities have to name what it has."""
        parts = [
            self.capabilities.to_bytes(4, "little"),
            self.max_packet.to_bytes(4, "little"),
            bytes([self.collation]),
            b"\0" * 23,
            self.user.encode() + b"\0",
        ]
        if self.capabilities & Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA:
            parts.append(sized(self.proof))
        else:
            parts += [bytes([len(self.proof)]), self.proof]
        if self.capabilities & Capability.CONNECT_WITH_DB:
            parts.append((self.database or "").encode() + b"\0")
        if self.capabilities & Capability.PLUGIN_AUTH:
            parts.append((self.plugin or "").encode() + b"\0")
        if self.capabilities & Capability.CONNECT_ATTRS:
            pairs = self.attributes.items()
            parts.append(sized(b"".join(sized(one.encode()) for pair in pairs for one in pair)))
        return b"".join(parts)


def read_login(payload: bytes) -> Login:
    """
    Raises:
        WireError: it is no HandshakeResponse41.
    """
    source = Source(payload)
    capabilities = source.integer(4)
    if not capabilities & Capability.PROTOCOL_41:
        raise WireError("a client that does not speak the protocol of MySQL 4.1", at=0)
    max_packet = source.integer(4)
    collation = source.integer(1)
    source.take(23)
    user = source.text(source.until_zero(), "the user's name")
    proof = _proof(source, capabilities)
    database = plugin = None
    if capabilities & Capability.CONNECT_WITH_DB and source.rest:
        database = source.text(source.until_zero(), "the database") or None
    if capabilities & Capability.PLUGIN_AUTH and source.rest:
        plugin = source.text(source.until_zero(), "the plugin")
    attributes = {}
    if capabilities & Capability.CONNECT_ATTRS and source.rest:
        attributes = _attributes(source)
    return Login(capabilities, max_packet, collation, user, proof, database, plugin, attributes)


@dataclass(frozen=True, slots=True)
class ChangeUser:
    """COM_CHANGE_USER: a login in a session that is open."""

    user: str
    proof: bytes
    database: str | None
    collation: int | None = None
    plugin: str | None = None


def read_change_user(payload: bytes, capabilities: int) -> ChangeUser:
    """
    Args:
        payload: behind the byte of the command.
        capabilities: of the session.

    Raises:
        WireError: it is none.
    """
    source = Source(payload)
    user = source.text(source.until_zero(), "the user's name")
    proof = source.take(source.integer(1))
    database = source.text(source.until_zero(), "the database") or None
    if not source.rest:
        return ChangeUser(user, proof, database)
    collation = source.integer(2)
    plugin = None
    if capabilities & Capability.PLUGIN_AUTH and source.rest:
        plugin = source.text(source.until_zero(), "the plugin")
    if capabilities & Capability.CONNECT_ATTRS and source.rest:
        _attributes(source)
    return ChangeUser(user, proof, database, collation, plugin)


def auth_switch(plugin: str, challenge: bytes) -> bytes:
    """Asks the client to prove itself by another plugin."""
    return bytes([AUTH_SWITCH]) + plugin.encode() + b"\0" + challenge + b"\0"


def auth_more(data: bytes) -> bytes:
    """What the plugin of the server says to the client's."""
    return bytes([AUTH_MORE_DATA]) + data


def _proof(source: Source, capabilities: int) -> bytes:
    if capabilities & Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA:
        return source.sized()
    if capabilities & Capability.SECURE_CONNECTION:
        return source.take(source.integer(1))
    return source.until_zero()


def _attributes(source: Source) -> dict[str, str]:
    size = source.varied()
    inner = Source(source.take(size))
    found: dict[str, str] = {}
    while inner.rest:
        name = inner.sized().decode(errors="replace")
        found[name] = inner.sized().decode(errors="replace")
        if len(found) > _MAX_ATTRIBUTES:
            raise WireError(f"more than {_MAX_ATTRIBUTES} attributes", at=source.at)
    return found
