"""Who is let in, and what is no protocol: without sockets."""

from dataclasses import dataclass, field
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from stend.engines.mysql.auth import NATIVE, SHA2, PasswordKey, native_proof, sha2_proof
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.session import OFFERED, Asked, Entered, Session
from stend.wire.mysql.handshake import Login
from stend.wire.mysql.numbers import Capability, Command
from stend.wire.mysql.packets import MAX_PAYLOAD, PacketReader, packets

CHALLENGE = bytes(range(1, 21))
USERS = {"anna": "secret", "open": ""}
_CAPABILITIES = int(OFFERED & ~Capability.CONNECT_WITH_DB & ~Capability.CONNECT_ATTRS)


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@dataclass
class Peer:
    """A client at the other end of a session."""

    session: Session = field(
        default_factory=lambda: Session(7, CHALLENGE, USERS, PasswordKey(_key), "10.0.0.1")
    )
    _reader: PacketReader = field(default_factory=lambda: PacketReader(1 << 20))

    def __post_init__(self) -> None:
        self.session.greet()
        self.heard()

    def heard(self) -> list[bytes]:
        """Payloads that the server has sent."""
        found = []
        for part in self.session.take_output():
            self._reader.feed(part)
            self._reader.sequence = part[3]
            while (payload := self._reader.next_payload()) is not None:
                found.append(payload)
        return found

    def say(self, payload: bytes) -> Entered | Asked | None:
        data, self._reader.sequence = packets(payload, self._reader.sequence)
        self.session.receive(data)
        return self.session.advance()

    def login(
        self, user: str, proof: bytes, plugin: str = SHA2, capabilities: int = _CAPABILITIES
    ) -> Entered | Asked | None:
        return self.say(Login(capabilities, 1 << 24, 45, user, proof, None, plugin).encode())

    def ask(self, command: int, payload: bytes = b"") -> Entered | Asked | None:
        self._reader.sequence = 0
        return self.say(bytes([command]) + payload)

    def refused(self) -> int:
        (payload,) = self.heard()
        assert payload[0] == 0xFF
        return int.from_bytes(payload[1:3], "little")


def _entered(peer: Peer) -> Peer:
    assert isinstance(peer.login("open", b""), Entered)
    peer.session.accept()
    peer.heard()
    return peer


@pytest.mark.parametrize(
    ("user", "plugin", "proof"),
    [
        ("anna", SHA2, sha2_proof(b"secret", CHALLENGE)),
        ("anna", NATIVE, native_proof(b"secret", CHALLENGE)),
        ("open", SHA2, b""),
        ("open", NATIVE, b""),
    ],
)
def test_who_proves_himself_enters(user: str, plugin: str, proof: bytes) -> None:
    peer = Peer()
    assert peer.login(user, proof, plugin) == Entered(user, None, is_change=False)
    assert peer.heard() == ([b"\x01\x03"] if plugin == SHA2 and proof else [])


@pytest.mark.parametrize(
    ("user", "plugin", "proof", "using"),
    [
        ("anna", NATIVE, native_proof(b"wrong", CHALLENGE), "YES"),
        ("anna", NATIVE, b"", "NO"),
        ("anna", SHA2, b"", "NO"),
        ("open", SHA2, b"x" * 32, "YES"),
        ("nobody", SHA2, b"", "NO"),
        ("nobody", SHA2, b"x" * 32, "YES"),
        ("", NATIVE, b"", "NO"),
    ],
)
def test_who_does_not_is_denied(user: str, plugin: str, proof: bytes, using: str) -> None:
    peer = Peer()
    assert peer.login(user, proof, plugin) is None
    heard = peer.heard()
    if heard == [b"\x01\x04"]:
        # He is asked for the password itself, and has another.
        assert peer.say(b"x" * 256) is None
        heard = peer.heard()
    (payload,) = heard
    assert f"Access denied for user '{user}'@'10.0.0.1'".encode() in payload
    assert f"(using password: {using})".encode() in payload
    assert peer.session.is_closed


@pytest.mark.parametrize(("password", "is_let_in"), [("secret", True), ("wrong", False)])
def test_a_password_under_the_servers_key(password: str, is_let_in: bool) -> None:
    peer = Peer()
    assert peer.login("anna", b"y" * 32) is None
    assert peer.heard() == [b"\x01\x04"]
    assert peer.say(b"\x02") is None
    (pem,) = peer.heard()
    key = serialization.load_pem_public_key(pem[1:])
    assert isinstance(key, rsa.RSAPublicKey)
    plain = password.encode() + b"\0"
    hidden = bytes(one ^ CHALLENGE[at % 20] for at, one in enumerate(plain))
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
    done = peer.say(key.encrypt(hidden, oaep))
    assert (done == Entered("anna", None, is_change=False)) is is_let_in
    assert peer.session.is_closed is not is_let_in


def test_a_client_with_an_unknown_plugin_is_asked_for_another() -> None:
    peer = Peer()
    assert peer.login("anna", b"whatever", "dialog") is None
    (payload,) = peer.heard()
    assert payload == b"\xfecaching_sha2_password\0" + CHALLENGE + b"\0"
    assert isinstance(peer.say(sha2_proof(b"secret", CHALLENGE)), Entered)


def test_a_switched_client_without_a_password() -> None:
    peer = Peer()
    peer.login("open", b"", "dialog")
    peer.heard()
    assert isinstance(peer.say(b"\0"), Entered)


def test_commands_come_behind_the_login() -> None:
    peer = _entered(Peer())
    assert peer.ask(Command.QUERY, b"SELECT 1") == Asked(Command.QUERY, b"SELECT 1")
    assert peer.ask(99) is None
    assert peer.refused() == MyError.ER_UNKNOWN_COM_ERROR.number
    assert not peer.session.is_closed
    peer.ask(Command.PING)


def test_change_of_user() -> None:
    peer = _entered(Peer())
    proof = sha2_proof(b"secret", CHALLENGE)
    rest = b"anna\0" + bytes([len(proof)]) + proof + b"shop\0" + b"\x2d\0" + SHA2.encode() + b"\0"
    assert peer.ask(Command.CHANGE_USER, rest) == Entered("anna", "shop", is_change=True)


def test_the_server_may_refuse_who_has_entered() -> None:
    peer = Peer()
    peer.login("open", b"")
    peer.session.refuse(MySqlError(MyError.ER_BAD_DB_ERROR, "Unknown database 'x'"))
    assert peer.refused() == MyError.ER_BAD_DB_ERROR.number
    assert peer.session.is_closed


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x05\0\0\x01abcde", MyError.ER_HANDSHAKE_ERROR),
        (b"\x05\0\0\x02abcde", MyError.ER_NET_PACKETS_OUT_OF_ORDER),
        (b"\xff\xff\xff\x01", MyError.ER_NET_PACKET_TOO_LARGE),
    ],
)
def test_what_is_no_login_ends_the_connection(data: bytes, error: MyError) -> None:
    peer = Peer()
    peer.session.receive(data)
    assert peer.session.advance() is None
    assert peer.refused() == error.number
    assert peer.session.is_closed


@pytest.mark.parametrize(
    ("capabilities", "collation"),
    [(_CAPABILITIES, 8), (_CAPABILITIES | Capability.SSL, 45), (0, 45)],
    ids=["latin1", "tls", "old protocol"],
)
def test_logins_that_are_refused(capabilities: int, collation: int) -> None:
    peer = Peer()
    peer.say(Login(capabilities, 1, collation, "open", b"", None, SHA2).encode())
    assert peer.refused() == MyError.ER_HANDSHAKE_ERROR.number


def test_a_command_without_a_byte_ends_the_connection() -> None:
    peer = _entered(Peer())
    peer.session.receive(b"\0\0\0\0")
    assert peer.session.advance() is None
    assert peer.session.is_closed


def test_a_command_of_two_packets() -> None:
    peer = _entered(Peer())
    text = b"x" * MAX_PAYLOAD
    assert peer.ask(Command.QUERY, text) == Asked(Command.QUERY, text)


def test_a_packet_beyond_the_bound() -> None:
    peer = _entered(Peer())
    for number in range(4):
        peer.session.receive(b"\xff\xff\xff" + bytes([number]) + b"x" * MAX_PAYLOAD)
        assert peer.session.advance() is None
    peer.session.receive(b"\xff\xff\xff\x04")
    assert peer.session.advance() is None
    assert peer.refused() == MyError.ER_NET_PACKET_TOO_LARGE.number
