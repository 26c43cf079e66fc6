"""Three brokers to teach with: one is stopped, others lead, acknowledgements need replicas."""

import pytest

from stend.engines.kafka.handlers.broker_configs import STOPPED
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.asking import (
    TOPIC,
    code_of,
    create,
    fetch,
    fetch_request,
    fetched,
    produce,
    put,
    values,
)
from tests.engines.kafka.peer import Peer, Stand, batch
from tests.fakes.volume import MemoryVolume

BROKER = 4
ACKS_ALL = -1
SET = 0


@pytest.fixture
def stand() -> Stand:
    return Stand(MemoryVolume(), brokers=3)


@pytest.fixture
def peers(stand: Stand) -> dict[int, Peer]:
    return {number: Peer(stand, number) for number in (1, 2, 3)}


def metadata(peer: Peer) -> Fields:
    topics = [{"topic_id": None, "name": TOPIC}]
    asked = [{"name": one["name"]} for one in topics]
    return peer.call(ApiKey.METADATA, 8, {"topics": asked})


def partition(peer: Peer, index: int = 0) -> Fields:
    (topic,) = metadata(peer)["topics"]
    return dict(topic["partitions"][index])


def turn(peer: Peer, broker_id: int, value: str) -> tuple[ErrorCode, str | None]:
    """Sets the config that stops and starts a broker."""
    config = {"name": STOPPED, "config_operation": SET, "value": value}
    resource = {
        "resource_type": BROKER,
        "resource_name": str(broker_id),
        "configs": [config],
    }
    fields = {"resources": [resource], "validate_only": False}
    (answer,) = peer.call(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, fields)["responses"]
    return code_of(answer["error_code"]), answer["error_message"]


def test_leaders_are_spread(peers: dict[int, Peer]) -> None:
    create(peers[1], partitions=3, replicas=3)
    told = [partition(peers[1], index) for index in range(3)]
    assert [one["leader_id"] for one in told] == [1, 2, 3]
    assert [one["replica_nodes"] for one in told] == [[1, 2, 3], [2, 3, 1], [3, 1, 2]]


def test_who_does_not_lead_says_so_and_who_does(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    answer = produce(peers[2], batch(b"1"))
    assert answer["error_code"] == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert answer["current_leader"] == {"leader_id": 1, "leader_epoch": 0}
    answer = fetch(peers[3])
    assert answer["error_code"] == ErrorCode.NOT_LEADER_OR_FOLLOWER


def test_when_a_leader_stops_another_of_the_isr_leads(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    put(peers[1], b"1")
    assert turn(peers[2], 1, "true") == (ErrorCode.NONE, None)
    told = partition(peers[2])
    assert told["leader_id"] == 2
    assert told["leader_epoch"] == 1
    assert told["isr_nodes"] == [2, 3]
    assert told["offline_replicas"] == [1]
    assert put(peers[2], b"2") == 1
    assert values(fetch(peers[2])["records"]) == [b"1", b"2"]


def test_a_stopped_broker_is_told_to_nobody(peers: dict[int, Peer]) -> None:
    turn(peers[2], 1, "true")
    told = metadata(peers[2])
    assert [one["node_id"] for one in told["brokers"]] == [2, 3]
    assert told["controller_id"] == 2


def test_a_broker_that_is_back_follows(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    turn(peers[2], 1, "true")
    turn(peers[2], 1, "false")
    told = partition(peers[2])
    assert told["leader_id"] == 2
    assert told["isr_nodes"] == [1, 2, 3]
    fields: Fields = {
        "election_type": 0,
        "topic_partitions": [{"topic": TOPIC, "partitions": [0]}],
    }
    peers[2].call(ApiKey.ELECT_LEADERS, 2, fields)
    assert partition(peers[2])["leader_id"] == 1
    assert partition(peers[2])["leader_epoch"] == 2


def test_acks_all_needs_replicas_in_sync(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3, configs={"min.insync.replicas": "2"})
    turn(peers[1], 2, "true")
    assert produce(peers[1], batch(b"1"), acks=ACKS_ALL)["error_code"] == ErrorCode.NONE
    turn(peers[1], 3, "true")
    answer = produce(peers[1], batch(b"2"), acks=ACKS_ALL)
    assert answer["error_code"] == ErrorCode.NOT_ENOUGH_REPLICAS
    assert "requirement of 2" in answer["error_message"]
    # Who asks for less gets it.
    assert produce(peers[1], batch(b"3"), acks=1)["error_code"] == ErrorCode.NONE


def test_without_another_replica_nobody_leads(peers: dict[int, Peer]) -> None:
    create(peers[1], partitions=2, replicas=1)
    turn(peers[1], 2, "true")
    told = partition(peers[1], 1)
    assert told["error_code"] == ErrorCode.LEADER_NOT_AVAILABLE
    assert (told["leader_id"], told["isr_nodes"]) == (-1, [2])
    turn(peers[1], 2, "false")
    assert partition(peers[1], 1)["leader_id"] == 2


def test_the_last_broker_is_not_stopped(peers: dict[int, Peer]) -> None:
    turn(peers[1], 2, "true")
    turn(peers[1], 3, "true")
    code, message = turn(peers[1], 1, "true")
    assert code is ErrorCode.INVALID_REQUEST
    assert "the last one that is alive" in str(message)


@pytest.mark.parametrize("value", ["yes", "TRUE", ""])
def test_stopped_is_true_or_false(peers: dict[int, Peer], value: str) -> None:
    code, _ = turn(peers[1], 1, value)
    assert code is ErrorCode.INVALID_CONFIG


def test_no_other_broker_is_known(peers: dict[int, Peer]) -> None:
    code, message = turn(peers[1], 4, "true")
    assert code is ErrorCode.INVALID_REQUEST
    assert "expected 1 or 2 or 3" in str(message)


def test_a_client_with_an_old_epoch_is_fenced(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    turn(peers[2], 1, "true")
    answer = fetched(peers[2].call(ApiKey.FETCH, 12, fetch_request(leader_epoch=0)))
    assert answer["error_code"] == ErrorCode.FENCED_LEADER_EPOCH
    answer = fetched(peers[2].call(ApiKey.FETCH, 12, fetch_request(leader_epoch=9)))
    assert answer["error_code"] == ErrorCode.UNKNOWN_LEADER_EPOCH


def test_where_an_epoch_ended(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    put(peers[1], b"1", b"2")
    turn(peers[2], 1, "true")
    put(peers[2], b"3")

    def end_of(epoch: int) -> tuple[int, int]:
        asked = {"partition": 0, "current_leader_epoch": -1, "leader_epoch": epoch}
        fields: Fields = {
            "replica_id": -1,
            "topics": [{"topic": TOPIC, "partitions": [asked]}],
        }
        (topic,) = peers[2].call(ApiKey.OFFSET_FOR_LEADER_EPOCH, 4, fields)["topics"]
        (one,) = topic["partitions"]
        return one["leader_epoch"], one["end_offset"]

    assert [end_of(epoch) for epoch in (0, 1, 5)] == [(0, 2), (1, 3), (-1, -1)]


def test_a_waiting_reader_learns_that_its_leader_stopped(peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    peers[1].send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=60_000))
    assert not peers[1].read()
    turn(peers[2], 1, "true")
    (answer,) = peers[1].read()
    assert fetched(answer)["error_code"] == ErrorCode.NOT_LEADER_OR_FOLLOWER


def test_leaders_survive_a_restart(stand: Stand, peers: dict[int, Peer]) -> None:
    create(peers[1], replicas=3)
    put(peers[1], b"1")
    turn(peers[2], 1, "true")
    stand.start()
    told = partition(Peer(stand, 2))
    # All brokers are back after a restart, and who led goes on.
    assert told["leader_id"] == 2
    assert told["isr_nodes"] == [1, 2, 3]


def test_groups_and_transactions_have_their_coordinators(peers: dict[int, Peer]) -> None:
    keys = [f"group-{number}" for number in range(12)]
    fields: Fields = {"key_type": 0, "coordinator_keys": keys}
    found = peers[1].call(ApiKey.FIND_COORDINATOR, 4, fields)["coordinators"]
    assert {one["node_id"] for one in found} == {1, 2, 3}
    assert all(one["port"] == 9000 + one["node_id"] for one in found)
    key, owner = found[0]["key"], found[0]["node_id"]
    other = next(number for number in peers if number != owner)
    fields = {"group_id": key, "generation_id": 1, "member_id": "m"}
    assert peers[other].call(ApiKey.HEARTBEAT, 3, fields)["error_code"] == (
        ErrorCode.NOT_COORDINATOR
    )
    assert peers[owner].call(ApiKey.HEARTBEAT, 3, fields)["error_code"] == (
        ErrorCode.UNKNOWN_MEMBER_ID
    )


def test_each_broker_lists_its_own_groups(peers: dict[int, Peer]) -> None:
    create(peers[1])
    for number in range(6):
        key = f"group-{number}"
        owner = peers[1].stand.state.brokers.coordinator_of(key)
        one = {
            "partition_index": 0,
            "committed_offset": 1,
            "committed_leader_epoch": -1,
            "committed_metadata": "",
        }
        fields: Fields = {
            "group_id": key,
            "generation_id_or_member_epoch": -1,
            "member_id": "",
            "topics": [{"name": TOPIC, "partitions": [one]}],
        }
        peers[owner].call(ApiKey.OFFSET_COMMIT, 7, fields)
    asked: Fields = {"states_filter": [], "types_filter": []}
    listed = [
        group["group_id"]
        for peer in peers.values()
        for group in peer.call(ApiKey.LIST_GROUPS, 4, asked)["groups"]
    ]
    assert sorted(listed) == [f"group-{number}" for number in range(6)]
    described = peers[1].call(ApiKey.DESCRIBE_GROUPS, 5, {"groups": sorted(listed)})["groups"]
    assert {one["error_code"] for one in described} == {
        ErrorCode.NONE,
        ErrorCode.NOT_COORDINATOR,
    }
