"""Calls of gRPC that end with a status of a fault, while others of the connection go on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import TYPE_CHECKING, TypeAlias, cast

import grpc
import hpack
import pytest
from grpc_health.v1 import health_pb2

from stend.wire.content.grpc import methods_of
from stend.wire.stacks.choosing import decoder_for
from tests.engines.servers import HOST
from tests.tap.disturb.talking import DOWN, UP, Talk
from tests.tap.disturb.tapped import Tapped, tapped

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    size = len(payload).to_bytes(3, "big")
    return size + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def frames(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """Type, flags, stream and payload of each."""
    found = []
    while data:
        size = int.from_bytes(data[:3], "big")
        stream = int.from_bytes(data[5:9], "big")
        found.append((data[3], data[4], stream, data[9 : 9 + size]))
        data = data[9 + size :]
    return found


def read(decoder: hpack.Decoder, block: bytes) -> dict[str, str]:
    return {str(name): str(value) for name, value in decoder.decode(block, raw=False)}


class Peers:
    """What both sides say, with their tables of HPACK."""

    def __init__(self) -> None:
        self.client, self.server = hpack.Encoder(), hpack.Encoder()

    def call(self, stream: int, method: str = "Get", flags: int = END_HEADERS) -> bytes:
        fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", f"/shop.Orders/{method}"),
            ("content-type", "application/grpc"),
        ]
        return frame(HEADERS, self.client.encode(fields), flags, stream)

    def head(self, stream: int, flags: int = END_HEADERS) -> bytes:
        fields = [(":status", "200"), ("content-type", "application/grpc"), ("x-own", "value")]
        return frame(HEADERS, self.server.encode(fields), flags, stream)


HELLO = PREFACE + frame(SETTINGS)
SERVER_HELLO = frame(SETTINGS) + frame(SETTINGS, flags=ACK)
BODY = b"\0\0\0\0\x02hi"
ACKED = frame(SETTINGS, flags=ACK)


@pytest.fixture(params=[1_000_000, 1], ids=["whole", "byte by byte"])
def pieces(request: pytest.FixtureRequest) -> int:
    size: int = request.param
    return size


def begun(pieces: int) -> Talk:
    return Talk("grpc", [(UP, HELLO), (DOWN, SERVER_HELLO), (UP, ACKED)], piece_bytes=pieces)


def test_a_call_is_cancelled_at_the_server_and_answered_to_the_client(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    talk.set("grpc_status", code=8)
    head = peers.call(1)
    talk.up(head + frame(DATA, BODY, END_STREAM, 1))
    assert frames(talk.to_server) == [
        *frames(head),
        (RST_STREAM, 0, 1, b"\0\0\0\x08"),
        (SETTINGS, 0, 0, b""),
    ]
    # The credit for what was swallowed comes at once, the answer behind all of the server's.
    assert frames(talk.to_client) == [(WINDOW_UPDATE, 0, 0, b"\0\0\0\x07")]
    talk.down(ACKED)
    _, answer, fence = frames(talk.to_client)
    assert answer[:3] == (HEADERS, END_STREAM | END_HEADERS, 1)
    fields = read(hpack.Decoder(), answer[3])
    assert fields[":status"] == "200"
    assert fields["grpc-status"] == "8"
    assert fields["grpc-message"].startswith("RESOURCE_EXHAUSTED")
    assert fence == (SETTINGS, 0, 0, b"")
    before = talk.to_server
    talk.up(ACKED)
    assert talk.to_server == before
    talk.clear()
    assert talk.line.is_idle
    talk.close()


def test_the_tables_of_both_sides_stay_right(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    at_server, at_client = hpack.Decoder(), hpack.Decoder()
    talk.set("grpc_status", every=2)
    for number in range(6):
        stream = 2 * number + 1
        sent, got = len(talk.to_server), len(talk.to_client)
        talk.up(peers.call(stream, f"Get{number // 2}"))
        up = frames(talk.to_server[sent:])
        fields = read(at_server, up[0][3])
        assert fields[":path"] == f"/shop.Orders/Get{number // 2}"
        if number % 2:
            talk.down(ACKED)
            talk.up(ACKED)
        else:
            talk.down(peers.head(stream))
        down = frames(talk.to_client[got:])
        fields = read(at_client, down[0][3])
        assert fields.get("x-own") == (None if number % 2 else "value")
    talk.close()


def test_what_the_server_had_said_already_reaches_the_table_of_the_client(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    talk.set("grpc_status")
    talk.up(peers.call(1))
    talk.down(peers.head(1) + frame(DATA, BODY, 0, 1) + ACKED)
    kinds = [(kind, flags) for kind, flags, _, _ in frames(talk.to_client)]
    # Its header block, then the end that the fault gives; its data are swallowed.
    assert kinds[:3] == [(HEADERS, 4), (HEADERS, 5), (RST_STREAM, 0)]
    assert frames(talk.to_server)[-1] == (WINDOW_UPDATE, 0, 0, b"\0\0\0\x07")
    talk.close()


def test_a_call_that_was_open_when_the_fault_was_set_goes_on(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    head, data = peers.call(1), frame(DATA, BODY, END_STREAM, 1)
    talk.up(head + data[:5])
    talk.set("grpc_status")
    talk.up(data[5:])
    answer = peers.head(1) + frame(DATA, BODY, END_STREAM, 1)
    talk.down(answer)
    assert talk.to_server == head + data
    assert talk.to_client == answer
    talk.close()


def test_a_block_in_two_frames_is_not_interrupted(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    talk.set("grpc_status")
    whole = frames(peers.call(1))[0][3]
    first = frame(HEADERS, whole[:5], 0, 1)
    talk.up(first)
    assert talk.to_server == first
    rest = frame(CONTINUATION, whole[5:], END_HEADERS, 1)
    talk.up(rest)
    assert talk.to_server.startswith(first + rest)
    assert frames(talk.to_server)[2][0] == RST_STREAM
    talk.close()


def test_a_client_that_resets_first_gets_no_answer(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    talk.set("grpc_status")
    talk.up(peers.call(1) + frame(RST_STREAM, b"\0\0\0\x08", 0, 1))
    talk.down(ACKED)
    assert frames(talk.to_client) == [(SETTINGS, 0, 0, b"")]
    assert [kind for kind, *_ in frames(talk.to_server)].count(RST_STREAM) == 1
    talk.close()


def test_what_is_owed_is_done_though_the_fault_is_lifted(pieces: int) -> None:
    talk, peers = begun(pieces), Peers()
    talk.set("grpc_status")
    talk.up(peers.call(1))
    talk.clear()
    call = peers.call(3)
    talk.up(frame(DATA, BODY, END_STREAM, 1) + call)
    assert talk.to_server.endswith(call)
    talk.down(ACKED)
    talk.up(ACKED)
    assert [one[:3] for one in frames(talk.to_client)] == [
        (WINDOW_UPDATE, 0, 0),
        (HEADERS, 5, 1),
        (SETTINGS, 0, 0),
    ]
    assert talk.line.is_idle
    talk.close()


Unary: TypeAlias = "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]"


class _Handler(grpc.GenericRpcHandler):
    """Echoes, counts and gathers bytes."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def service(
        self, details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        name = details.method.rpartition("/")[2]
        if name == "Echo":
            return grpc.unary_unary_rpc_method_handler(self._echo)
        if name == "Count":
            return grpc.unary_stream_rpc_method_handler(self._count)
        return grpc.stream_unary_rpc_method_handler(self._gather)

    async def _echo(self, request: bytes, _: object) -> bytes:
        self.seen.append(request)
        return request

    async def _count(self, request: bytes, _: object) -> AsyncIterator[bytes]:
        for number in range(int(request)):
            yield str(number).encode() * 1000
            await asyncio.sleep(0)

    async def _gather(self, requests: AsyncIterator[bytes], _: object) -> bytes:
        return str(sum([len(one) async for one in requests])).encode()


@contextlib.asynccontextmanager
async def served(handler: _Handler) -> AsyncIterator[tuple[Tapped, grpc.aio.Channel]]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port(f"{HOST}:0")
    await server.start()
    try:
        async with tapped(port, "grpc") as tap:
            options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
            address = f"{HOST}:{tap.port}"
            async with grpc.aio.insecure_channel(address, options) as channel:
                yield tap, channel
    finally:
        await server.stop(None)


async def test_grpc_aio_gets_the_status_and_the_channel_goes_on() -> None:
    handler = _Handler()
    async with served(handler) as (tap, channel):
        echo: Unary = channel.unary_unary("/shop.Test/Echo")
        assert await echo(b"first") == b"first"
        for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
            fault = tap.set("grpc_status", code=code.value[0])
            for _ in range(20):
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await echo(b"struck")
                assert raised.value.code() is code
                assert "a fault of the stand" in str(raised.value.details())
            tap.faults.clear(fault.id)
            assert await echo(b"after") == b"after"
        assert b"struck" not in handler.seen
        assert len(tap.recording.connections) == 1


async def test_streams_beside_a_struck_call_are_whole() -> None:
    async with served(_Handler()) as (tap, channel):
        echo: Unary = channel.unary_unary("/shop.Test/Echo")
        count: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(
            "/shop.Test/Count"
        )

        async def counted() -> int:
            return len([one async for one in count(b"300")])

        async def asked(number: int) -> grpc.StatusCode:
            try:
                assert await echo(b"%d" % number) == b"%d" % number
            except grpc.aio.AioRpcError as error:
                return error.code()
            return grpc.StatusCode.OK

        assert await echo(b"first") == b"first"
        streams = [asyncio.create_task(counted()) for _ in range(3)]
        tap.set("grpc_status", every=2)
        codes = await asyncio.gather(*(asked(number) for number in range(100)))
        assert codes.count(grpc.StatusCode.UNAVAILABLE) in range(48, 53)
        assert codes.count(grpc.StatusCode.OK) == 100 - codes.count(grpc.StatusCode.UNAVAILABLE)
        done = await asyncio.gather(*streams, return_exceptions=True)
        assert all(one == 300 or isinstance(one, grpc.aio.AioRpcError) for one in done)


async def test_credit_for_swallowed_uploads_is_given_back() -> None:
    """Otherwise the window of the connection, 64 KB and what the peer grants, would be used up."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(60_000)

    async with served(_Handler()) as (tap, channel):
        gather: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(
            "/shop.Test/Gather"
        )
        fault = tap.set("grpc_status", code=14)
        for _ in range(30):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await gather(chunks())
            # grpc.aio says INTERNAL where it was writing when the end came, whoever ends the call.
            assert raised.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL)
        tap.faults.clear(fault.id)
        async with asyncio.timeout(10):
            assert await gather(chunks()) == b"1200000"


def test_a_decoder_is_forked_in_the_middle_of_a_call_whose_contract_is_known() -> None:
    """Descriptors of protobuf cannot be copied, and need not be."""
    file = cast("FileDescriptor", health_pb2.DESCRIPTOR)
    decoder = decoder_for("grpc", methods_of((file,)))
    fields = [
        (":method", "POST"),
        (":path", "/grpc.health.v1.Health/Watch"),
        ("content-type", "application/grpc"),
    ]
    decoder.feed(UP, HELLO + frame(HEADERS, hpack.Encoder().encode(fields), END_HEADERS, 1))
    forked = deepcopy(decoder)
    (unit,) = forked.feed(UP, frame(DATA, b"\0\0\0\0\x03\x0a\x01x", END_STREAM, 1))
    assert "HealthCheckRequest" in unit.summary
