"""What the broker does not do it refuses, and each line of its LIMITATIONS is true."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from struct import pack

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from stend.engines.kafka.asking import ask
from stend.engines.kafka.cluster import MAX_PARTITIONS
from stend.engines.kafka.handlers.fetch import MAX_UNREAD_BYTES
from stend.engines.kafka.launcher import KafkaConfig
from stend.engines.kafka.server import MAX_CONNECTIONS
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.frames import frame
from tests.engines.kafka.asking import TOPIC, create, fetch_request, put, seen
from tests.engines.kafka.peer import Peer, Stand
from tests.engines.kafka.running import bootstrap_of, config_in, running
from tests.engines.kafka.test_brokers import turn
from tests.engines.servers import HOST
from tests.fakes.volume import MemoryVolume

_READ_BYTES = 65_536


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaConfig]:
    config = config_in(tmp_path_factory.mktemp("kafka"))
    with running(config):
        yield config


@pytest.fixture
def port(config: KafkaConfig) -> int:
    return config.brokers[0][0].port


def served(port: int) -> dict[int, tuple[int, int]]:
    """Lowest and highest version of each request that is told of."""
    answer = ask(HOST, port, ApiKey.API_VERSIONS, 0, {})
    return {one["api_key"]: (one["min_version"], one["max_version"]) for one in answer["api_keys"]}


def answer_to(port: int, data: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=5) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := client.recv(_READ_BYTES):
                answer += part
        return answer


@pytest.mark.limitation("kafka", "replicas")
def test_a_new_leader_has_everything() -> None:
    stand = Stand(MemoryVolume(), brokers=3)
    first, second = Peer(stand, 1), Peer(stand, 2)
    create(first, replicas=3)
    put(first, b"1")
    turn(second, 1, "true")
    assert seen(second) == [b"1"]


@pytest.mark.limitation("kafka", "security")
def test_there_is_no_tls_and_no_sasl(port: int) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection((HOST, port), timeout=5) as client,
        # The end of the stream or a reset, whichever comes first.
        pytest.raises((ssl.SSLEOFError, ConnectionError)),
    ):
        context.wrap_socket(client, server_hostname="localhost")
    handshake = pack(">hhih", ApiKey.SASL_HANDSHAKE, 1, 1, -1) + pack(">h", 5) + b"PLAIN"
    assert answer_to(port, frame(handshake)) == b""
    security = {
        ApiKey.SASL_HANDSHAKE,
        ApiKey.SASL_AUTHENTICATE,
        ApiKey.DESCRIBE_ACLS,
        ApiKey.CREATE_ACLS,
        ApiKey.DESCRIBE_CLIENT_QUOTAS,
        ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
    }
    assert not security & set(served(port))


@pytest.mark.limitation("kafka", "transaction-version")
def test_transactions_are_of_version_1(port: int) -> None:
    told = served(port)
    assert told[ApiKey.PRODUCE][1] == 11
    assert told[ApiKey.ADD_PARTITIONS_TO_TXN][1] == 3
    assert told[ApiKey.END_TXN][1] == 4
    assert told[ApiKey.TXN_OFFSET_COMMIT][1] == 4


@pytest.mark.limitation("kafka", "internal-topics")
def test_committed_offsets_are_in_no_topic(config: KafkaConfig) -> None:
    address = bootstrap_of(config)
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_topics([NewTopic(TOPIC, 1)])[TOPIC].result(10)
    consumer = Consumer({"bootstrap.servers": address, "group.id": "billing"})
    consumer.commit(offsets=[TopicPartition(TOPIC, 0, 0)], asynchronous=False)
    consumer.close()
    assert "__consumer_offsets" not in admin.list_topics(timeout=10).topics


@pytest.mark.limitation("kafka", "other-groups")
def test_share_and_streams_groups_are_not_told(port: int) -> None:
    share = set(range(ApiKey.SHARE_GROUP_HEARTBEAT, ApiKey.SHARE_ACKNOWLEDGE + 1))
    streams = {ApiKey.STREAMS_GROUP_HEARTBEAT, ApiKey.STREAMS_GROUP_DESCRIBE}
    assert not (share | streams) & set(served(port))


@pytest.mark.limitation("kafka", "group-conversion")
def test_a_group_with_members_keeps_its_protocol() -> None:
    stand = Stand(MemoryVolume())
    peer = Peer(stand)
    create(peer)
    joining: Fields = {
        "group_id": "billing",
        "session_timeout_ms": 10_000,
        "rebalance_timeout_ms": 10_000,
        "member_id": "",
        "protocol_type": "consumer",
        "protocols": [{"name": "range", "metadata": b""}],
    }
    peer.send(ApiKey.JOIN_GROUP, 3, joining)
    stand.pass_ms(1)
    (joined,) = peer.read()[-1:]
    assert joined["error_code"] == ErrorCode.NONE
    beat: Fields = {
        "group_id": "billing",
        "member_id": "newer",
        "member_epoch": 0,
        "rebalance_timeout_ms": 10_000,
        "subscribed_topic_names": [TOPIC],
        "topic_partitions": [],
    }
    answer = peer.call(ApiKey.CONSUMER_GROUP_HEARTBEAT, 0, beat)
    assert answer["error_code"] == ErrorCode.GROUP_ID_NOT_FOUND
    beat["group_id"] = "other"
    answer = peer.call(ApiKey.CONSUMER_GROUP_HEARTBEAT, 0, beat)
    assert answer["error_code"] == ErrorCode.NONE
    joining["group_id"] = "other"
    answer = peer.call(ApiKey.JOIN_GROUP, 3, joining)
    assert answer["error_code"] == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


@pytest.mark.limitation("kafka", "fetch-sessions")
def test_no_session_is_begun() -> None:
    peer = Peer(Stand(MemoryVolume()))
    create(peer)
    answer = peer.call(ApiKey.FETCH, 12, fetch_request() | {"session_epoch": 0})
    assert (answer["error_code"], answer["session_id"]) == (ErrorCode.NONE, 0)


@pytest.mark.limitation("kafka", "old-formats")
def test_the_produce_of_before_2017_is_refused(port: int) -> None:
    body = pack(">hii", 1, 1000, 0)
    assert answer_to(port, frame(pack(">hhih", ApiKey.PRODUCE, 2, 5, -1), body)) == b""


@pytest.mark.limitation("kafka", "patterns")
@pytest.mark.parametrize("pattern", ["(?i)a", "a(?=b)", r"\ba", "[[:alpha:]]"])
def test_a_pattern_that_is_not_read_is_refused(pattern: str) -> None:
    peer = Peer(Stand(MemoryVolume()))
    beat: Fields = {
        "group_id": "billing",
        "member_id": "m",
        "member_epoch": 0,
        "rebalance_timeout_ms": 10_000,
        "subscribed_topic_regex": pattern,
        "topic_partitions": [],
    }
    answer = peer.call(ApiKey.CONSUMER_GROUP_HEARTBEAT, 1, beat)
    assert answer["error_code"] == ErrorCode.INVALID_REGULAR_EXPRESSION


@pytest.mark.limitation("kafka", "fixed-configs")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("preallocate", "true"),
        ("segment.jitter.ms", "1000"),
        ("unclean.leader.election.enable", "true"),
        ("remote.storage.enable", "true"),
    ],
)
def test_a_config_without_effect_is_refused(config: KafkaConfig, name: str, value: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap_of(config)})
    made = admin.create_topics([NewTopic("refused", 1, config={name: value})])["refused"]
    with pytest.raises(KafkaException) as refusal:
        made.result(10)
    assert refusal.value.args[0].code() == ErrorCode.INVALID_CONFIG


@pytest.mark.limitation("kafka", "sizes")
def test_there_are_only_so_many_partitions() -> None:
    peer = Peer(Stand(MemoryVolume()))
    assert create(peer, partitions=MAX_PARTITIONS + 1) is ErrorCode.INVALID_PARTITIONS
    create(peer, partitions=2)
    assert create(peer, "more", partitions=MAX_PARTITIONS - 1) is ErrorCode.INVALID_PARTITIONS


@pytest.mark.limitation("kafka", "sizes")
def test_there_are_only_so_many_connections(config: KafkaConfig, port: int) -> None:
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection((HOST, port), timeout=5))
            for _ in range(MAX_CONNECTIONS + 1)
        ]
        # The stand asks from time to time too, so the last one finds no room.
        with contextlib.suppress(ConnectionError):
            assert clients[-1].recv(1) == b""


@pytest.mark.limitation("kafka", "sizes")
def test_with_too_much_unread_a_fetch_gets_one_batch() -> None:
    stand = Stand(MemoryVolume())
    peer = Peer(stand)
    create(peer)
    put(peer, b"1")
    put(peer, b"2")
    stand.state.unread_bytes = MAX_UNREAD_BYTES
    assert seen(peer) == [b"1"]
    assert seen(peer, 1) == [b"2"]


@pytest.mark.limitation("kafka", "reassignment")
def test_partitions_are_not_moved(port: int) -> None:
    told = served(port)
    assert ApiKey.ALTER_PARTITION_REASSIGNMENTS not in told
    assert ApiKey.LIST_PARTITION_REASSIGNMENTS not in told


def test_what_is_served_is_more_than_this(port: int) -> None:
    fields: Fields = {"topics": None}
    assert "brokers" in ask(HOST, port, ApiKey.METADATA, 1, fields)
