"""Bytes in, answers in their order out; what is no request ends the connection."""

from struct import pack

import pytest

from stend.engines.kafka.handlers.serving import SERVED
from stend.engines.kafka.session import RefusedError
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import request_header
from tests.engines.kafka.asking import (
    create,
    fetch_request,
    fetched,
    produce_request,
    put,
    seen,
    values,
)
from tests.engines.kafka.peer import Peer, Stand, batch
from tests.fakes.volume import MemoryVolume


@pytest.fixture
def stand() -> Stand:
    return Stand(MemoryVolume())


@pytest.fixture
def peer(stand: Stand) -> Peer:
    peer = Peer(stand)
    create(peer)
    return peer


class TestApiVersions:
    def test_all_that_is_served_is_told(self, peer: Peer) -> None:
        asked = {"client_software_name": "test", "client_software_version": "1"}
        answer = peer.call(ApiKey.API_VERSIONS, 3, asked)
        told = {one["api_key"]: one for one in answer["api_keys"]}
        assert set(told) == {*SERVED, ApiKey.API_VERSIONS}
        # KAFKA-18659: without version 0 old librdkafkas do not compress.
        assert told[ApiKey.PRODUCE]["min_version"] == 0

    def test_each_version_that_is_told_has_a_codec(self) -> None:
        for key, api in SERVED.items():
            for version in range(api.lowest, api.highest + 1):
                codec.request(key, version)
                codec.response(key, version)

    @pytest.mark.parametrize("version", [5, 99, 32_767, -1])
    def test_an_unknown_version_gets_the_oldest_form(self, peer: Peer, version: int) -> None:
        header = pack(">hhih", ApiKey.API_VERSIONS, version, 7, -1)
        peer.send_bytes(frame(header, b"\0whatever"))
        (answer,) = FrameReader(10_000).feed(b"".join(peer.session.take_output()))
        assert answer[:4] == pack(">i", 7)
        fields, _ = codec.response(ApiKey.API_VERSIONS, 0).decode(answer, 4)
        assert fields["error_code"] == ErrorCode.UNSUPPORTED_VERSION
        assert fields["api_keys"]

    @pytest.mark.parametrize("name", ["", "a b", "-a", "a-", "клиент"])
    def test_a_client_that_names_itself_oddly(self, peer: Peer, name: str) -> None:
        asked = {"client_software_name": name, "client_software_version": "1"}
        answer = peer.call(ApiKey.API_VERSIONS, 3, asked)
        assert answer["error_code"] == ErrorCode.INVALID_REQUEST
        assert answer["api_keys"] == []


class TestOrder:
    def test_answers_come_in_the_order_of_requests(self, stand: Stand, peer: Peer) -> None:
        peer.send(ApiKey.PRODUCE, 11, produce_request(batch(b"1")))
        peer.send(ApiKey.API_VERSIONS, 0, {})
        assert not peer.read()
        stand.settle()
        produced, versions = peer.read()
        assert "responses" in produced
        assert "api_keys" in versions

    def test_behind_a_waiting_fetch_everything_waits(self, stand: Stand, peer: Peer) -> None:
        peer.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=500))
        peer.send(ApiKey.API_VERSIONS, 0, {})
        assert not peer.read()
        stand.pass_ms(500)
        assert len(peer.read()) == 1
        peer.session.pump(stand.now_ms)
        assert len(peer.read()) == 1

    def test_produces_share_one_wait_for_the_disk(self, stand: Stand, peer: Peer) -> None:
        for number in range(5):
            peer.send(ApiKey.PRODUCE, 11, produce_request(batch(str(number).encode())))
        stand.sync()
        assert len(peer.read()) == 5
        assert seen(peer) == [b"0", b"1", b"2", b"3", b"4"]

    def test_byte_by_byte(self, stand: Stand, peer: Peer) -> None:
        header = request_header(ApiKey.PRODUCE, 11, 3, "drop by drop")
        body = codec.request(ApiKey.PRODUCE, 11).encode(produce_request(batch(b"1")))
        for byte in frame(header, body):
            peer.send_bytes(bytes([byte]))
        stand.settle()
        assert b"".join(peer.session.take_output())[4:8] == pack(">i", 3)
        assert seen(peer) == [b"1"]


class TestSilence:
    def test_acks_0_has_no_answer(self, stand: Stand, peer: Peer) -> None:
        peer.send(ApiKey.PRODUCE, 11, produce_request(batch(b"1"), acks=0))
        stand.settle()
        assert not peer.session.take_output()
        assert not peer.session.is_closed

    def test_a_failed_produce_with_acks_0_ends_the_connection(self, peer: Peer) -> None:
        peer.send(ApiKey.PRODUCE, 11, produce_request(batch(b"1"), acks=0, index=9))
        assert peer.session.is_closed

    @pytest.mark.parametrize("acks", [2, -2, 100])
    def test_other_acks_are_refused(self, peer: Peer, acks: int) -> None:
        answer = peer.call(ApiKey.PRODUCE, 11, produce_request(batch(b"1"), acks=acks))
        (partition,) = answer["responses"][0]["partition_responses"]
        assert partition["error_code"] == ErrorCode.INVALID_REQUIRED_ACKS


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"GET / HTTP/1.1\r\n\r\n", "a frame of 1195725856 bytes"),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "a frame of 369295618 bytes"),
            (b"\xff\xff\xff\xff", "a frame of -1 bytes"),
            (frame(b"\0"), "has no header"),
            (frame(pack(">hhih", 9999, 0, 1, -1)), "request of key 9999 in version 0"),
            (frame(pack(">hhih", 1, 99, 1, -1)), "request of key 1 in version 99"),
            (frame(pack(">hhih", 4, 0, 1, -1)), "request of key 4"),
            (frame(pack(">hhih", 17, 1, 1, -1)), "request of key 17"),
        ],
        ids=["http", "tls", "negative", "short", "unknown", "newer", "internal", "sasl"],
    )
    def test_what_is_no_request_is_told(self, peer: Peer, data: bytes, told: str) -> None:
        with pytest.raises(RefusedError, match=told):
            peer.send_bytes(data)

    @pytest.mark.parametrize(
        ("version", "count", "told"),
        [
            (1, b"\x7f\xff\xff\xff", "2147483647 elements of 2 bytes or more, where 20 are left"),
            (8, b"\x10\0\0\0", "268435456 elements of 2 bytes or more, where 20 are left"),
            (12, b"\xff\xff\xff\x7f", "268435454 elements of 18 bytes or more, where 20 are left"),
            (12, b"\xff\xff\xff\xff\x0f", "a varint of more than 31 bits"),
        ],
        ids=["largest", "large", "large-varint", "largest-varint"],
    )
    def test_arrays_that_cannot_be_there(
        self, peer: Peer, version: int, count: bytes, told: str
    ) -> None:
        header = request_header(ApiKey.METADATA, version, 1, "bomb")
        with pytest.raises(RefusedError, match=told):
            peer.send_bytes(frame(header, count + bytes(20)))

    def test_bytes_behind_a_request_are_let_be(self, peer: Peer) -> None:
        header = request_header(ApiKey.HEARTBEAT, 0, 1, "x")
        body = codec.request(ApiKey.HEARTBEAT, 0).encode(
            {"group_id": "g", "generation_id": 1, "member_id": "m"}
        )
        peer.send_bytes(frame(header, body, b"abc"))
        assert b"".join(peer.session.take_output())[4:8] == pack(">i", 1)

    @pytest.mark.parametrize("version", [0, 1, 2])
    def test_produce_of_before_2017(self, peer: Peer, version: int) -> None:
        header = pack(">hhih", ApiKey.PRODUCE, version, 5, -1)
        with pytest.raises(RefusedError, match=f"of key 0 in version {version} is not served"):
            peer.send_bytes(frame(header, pack(">hii", 1, 1000, 0)))

    def test_requests_that_come_too_fast_wait_outside(self, peer: Peer) -> None:
        peer.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=500))
        for _ in range(40):
            peer.send(ApiKey.API_VERSIONS, 0, {})
        assert not peer.session.is_listening

    def test_who_does_not_read_is_not_answered(self, peer: Peer) -> None:
        peer.session.is_writable = False
        peer.send(ApiKey.API_VERSIONS, 0, {})
        assert not peer.read()
        peer.session.is_writable = True
        peer.session.pump(peer.stand.now_ms)
        assert len(peer.read()) == 1


class TestFetch:
    def test_nobody_sees_what_is_not_safe(self, stand: Stand, peer: Peer) -> None:
        peer.send(ApiKey.PRODUCE, 11, produce_request(batch(b"1")))
        reader = Peer(stand)
        reader.send(ApiKey.FETCH, 12, fetch_request())
        (answer,) = reader.read()
        assert fetched(answer)["records"] == b""
        stand.sync()
        assert seen(reader) == [b"1"]

    def test_a_waiting_reader_gets_it_at_once(self, stand: Stand, peer: Peer) -> None:
        reader = Peer(stand)
        reader.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=60_000))
        put(peer, b"1")
        (answer,) = reader.read()
        assert values(fetched(answer)["records"]) == [b"1"]

    def test_a_reader_may_wait_for_more(self, stand: Stand, peer: Peer) -> None:
        reader = Peer(stand)
        least = 3 * len(batch(b"1"))
        reader.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=60_000, min_bytes=least))
        put(peer, b"1")
        put(peer, b"2")
        assert not reader.read()
        put(peer, b"3")
        (answer,) = reader.read()
        assert values(fetched(answer)["records"]) == [b"1", b"2", b"3"]

    def test_after_its_time_it_gets_what_there_is(self, stand: Stand, peer: Peer) -> None:
        reader = Peer(stand)
        reader.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=500, min_bytes=10_000))
        put(peer, b"1")
        stand.pass_ms(499)
        assert not reader.read()
        stand.pass_ms(1)
        (answer,) = reader.read()
        assert values(fetched(answer)["records"]) == [b"1"]

    def test_a_batch_larger_than_asked_for_is_given_all_the_same(self, peer: Peer) -> None:
        put(peer, b"x" * 5000)
        put(peer, b"y")
        asked = fetch_request(max_bytes=10, partition_max_bytes=10)
        answer = fetched(peer.call(ApiKey.FETCH, 12, asked))
        assert values(answer["records"]) == [b"x" * 5000]

    @pytest.mark.parametrize("isolation", [-1, 2, 7])
    def test_an_isolation_that_is_none(self, peer: Peer, isolation: int) -> None:
        with pytest.raises(RefusedError, match=f"isolation level {isolation}, not 0 or 1"):
            peer.send(ApiKey.FETCH, 12, fetch_request(isolation=isolation))

    @pytest.mark.parametrize("offset", [-1, 2, 1000])
    def test_an_offset_that_is_not_there(self, peer: Peer, offset: int) -> None:
        put(peer, b"1")
        answer = fetched(peer.call(ApiKey.FETCH, 12, fetch_request(offset)))
        assert answer["error_code"] == ErrorCode.OFFSET_OUT_OF_RANGE

    @pytest.mark.parametrize(
        ("session", "epoch", "code"),
        [
            (5, 1, ErrorCode.FETCH_SESSION_ID_NOT_FOUND),
            (0, 3, ErrorCode.INVALID_FETCH_SESSION_EPOCH),
            (0, 0, ErrorCode.NONE),
        ],
    )
    def test_sessions_are_not_kept(
        self, peer: Peer, session: int, epoch: int, code: ErrorCode
    ) -> None:
        asked = fetch_request() | {"session_id": session, "session_epoch": epoch}
        answer = peer.call(ApiKey.FETCH, 12, asked)
        assert (answer["error_code"], answer["session_id"]) == (code, 0)
