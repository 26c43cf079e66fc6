"""TLS that ends at the tap: what is inside is seen, and both sides notice nothing."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stend.engines.nginx.authority import Authority
from stend.tap.pump import Tap
from stend.tap.recording import Place, Recording
from stend.tap.tls import Keys
from stend.wire.decoding import Direction
from stend.wire.stacks.choosing import decoder_for
from tests.wire.captures import talk_of
from tests.wire.checking import hear

HOST = "127.0.0.1"
PLACE = Place("client", "nginx", "tls")
# More than all buffers on the way hold, and a part of it.
_MUCH, _CHUNK = 32 << 20, 256 << 10


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls"), ("localhost",), _Now())
    made.ensure()
    return made


@pytest.fixture
def keys(authority: Authority) -> Keys:
    return Keys(authority.ca_path, authority.gateway_path, authority.partner_path)


@pytest.fixture
def recording() -> Recording:
    return Recording(1 << 20, time.time_ns)


class Server:
    """Says who has come, in which protocol, and what was said."""

    def __init__(self, keys: Keys) -> None:
        self._context = keys.for_clients()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, HOST, 0, ssl=self._context)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        has_certificate = bool(session.getpeercert(binary_form=True))
        said = await reader.readline()
        facts = f"{session.selected_alpn_protocol()} {has_certificate} ".encode()
        writer.write(facts + said)
        writer.close()
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def tap_port(keys: Keys, recording: Recording) -> AsyncIterator[int]:
    server = Server(keys)
    port = await server.start()
    tap = Tap(HOST, 0, HOST, port, place=PLACE, recording=recording, keys=keys)
    await tap.start()
    yield tap.port
    await tap.stop()
    server.stop()


def trusting(keys: Keys, *protocols: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(keys.authority))
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


async def said_back(port: int, context: ssl.SSLContext, line: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(
        HOST, port, ssl=context, server_hostname="localhost"
    )
    writer.write(line)
    answer = await reader.read()
    writer.close()
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        await writer.wait_closed()
    return answer


async def test_the_plain_bytes_are_recorded_beside_the_encrypted_ones(
    tap_port: int, keys: Keys, recording: Recording
) -> None:
    answer = await said_back(tap_port, trusting(keys, "h2"), b"hello\n")
    assert answer == b"h2 False hello\n"
    outer, inner = recording.connections.values()
    assert [outer.place.protocol, inner.place.protocol] == ["tls", "http"]
    assert inner.to_server.bytes_between(0, 6) == b"hello\n"
    assert inner.to_client.bytes_between(0, len(answer)) == answer
    assert "inside of c1" in inner.notes[0].text
    names = [unit.name for unit in hear(decoder_for("tls"), talk_of(outer), ends=False).units]
    assert names[:2] == ["ClientHello", "ServerHello"]


@pytest.mark.parametrize("protocols", [(), ("http/1.1",), ("h2", "http/1.1"), ("http/1.1", "h2")])
async def test_both_sides_speak_the_protocol_that_the_client_would_have_got(
    tap_port: int, keys: Keys, protocols: tuple[str, ...]
) -> None:
    answer = await said_back(tap_port, trusting(keys, *protocols), b"x\n")
    # The server's order counts, as without the tap.
    expected = "None" if not protocols else "h2" if "h2" in protocols else "http/1.1"
    assert answer.split()[0].decode() == expected


async def test_the_partners_certificate_is_shown_to_the_server(tap_port: int, keys: Keys) -> None:
    context = trusting(keys)
    context.load_cert_chain(keys.client)
    assert await said_back(tap_port, context, b"x\n") == b"None True x\n"


async def test_much_is_carried_whole(keys: Keys, recording: Recording) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0, ssl=keys.for_clients())
    port = server.sockets[0].getsockname()[1]
    tap = Tap(HOST, 0, HOST, port, place=PLACE, recording=recording, keys=keys)
    await tap.start()
    sent = bytes(range(256)) * 8_000
    reader, writer = await asyncio.open_connection(
        HOST, tap.port, ssl=trusting(keys), server_hostname="localhost"
    )
    writer.write(sent)
    assert await reader.readexactly(len(sent)) == sent
    writer.close()
    await tap.stop()
    server.close()


async def test_who_does_not_trust_the_stand_is_told_by_an_alert(
    tap_port: int, recording: Recording
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await said_back(tap_port, ssl.create_default_context(), b"x\n")
    outer, inner = recording.connections.values()
    assert outer.stream(Direction.TO_SERVER).total > 0
    assert inner.to_server.total == 0


async def test_bytes_that_are_no_tls_end_the_connection(
    tap_port: int, recording: Recording
) -> None:
    reader, writer = await asyncio.open_connection(HOST, tap_port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    # The alert says why; nothing else comes.
    assert (await reader.read())[:1] in (b"", b"\x15")
    writer.close()
    (_, inner) = recording.connections.values()
    assert any(note.text.startswith("TLS: ") for note in inner.notes)


async def test_without_keys_what_is_encrypted_passes_as_it_is(
    keys: Keys, recording: Recording, tmp_path: Path
) -> None:
    server = Server(keys)
    port = await server.start()
    missing = Keys(tmp_path / "a", tmp_path / "b", tmp_path / "c")
    tap = Tap(HOST, 0, HOST, port, place=PLACE, recording=recording, keys=missing)
    await tap.start()
    assert await said_back(tap.port, trusting(keys), b"x\n") == b"None False x\n"
    (only,) = recording.connections.values()
    assert only.place.protocol == "tls"
    await tap.stop()
    server.stop()


async def test_what_waits_for_the_servers_handshake_is_bounded(
    keys: Keys, recording: Recording
) -> None:
    listening = socket.create_server((HOST, 0))
    written = 0
    heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(written)
        heard.set_result(None)
        writer.close()

    port = listening.getsockname()[1]
    tap = Tap(HOST, 0, HOST, port, place=PLACE, recording=recording, keys=keys)
    await tap.start()
    _, writer = await asyncio.open_connection(
        HOST, tap.port, ssl=trusting(keys), server_hostname="localhost"
    )
    with contextlib.suppress(TimeoutError):
        while written < _MUCH:
            writer.write(bytes(_CHUNK))
            written += _CHUNK
            async with asyncio.timeout(0.5):
                await writer.drain()
    (link,) = tap._open
    assert link.server.tls is not None
    assert link.server.tls.waiting_bytes < 4 * _CHUNK
    # Only now somebody takes the connection, and shakes hands.
    server = await asyncio.start_server(read, sock=listening, ssl=keys.for_clients())
    async with asyncio.timeout(10):
        await heard
    writer.close()
    await tap.stop()
    server.close()
