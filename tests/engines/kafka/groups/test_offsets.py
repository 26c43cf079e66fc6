"""OffsetCommit, OffsetFetch, OffsetDelete, TxnOffsetCommit: who may, and what is remembered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import GROUP, Member, join_all, settle, state
from tests.engines.kafka.groups.world import SETTINGS, Answer, World

DAY_MS = 86_400_000
COMMITS, FETCHES, IN_TRANSACTION = range(2, 10), range(1, 10), range(5)
Offsets = Mapping[tuple[str, int], int]


def topics(offsets: Offsets, **fields: Any) -> list[dict[str, object]]:
    return [
        {
            "name": topic,
            "partitions": [{"partition_index": index, "committed_offset": offset, **fields}],
        }
        for (topic, index), offset in offsets.items()
    ]


def commit(
    world: World, offsets: Offsets, version: int = 9, group: str = GROUP, **fields: Any
) -> Answer:
    """By somebody who is no member, unless the fields say otherwise."""
    asked = {"group_id": group, "topics": topics(offsets), **fields}
    return world.ask(ApiKey.OFFSET_COMMIT, version, **asked)


def commit_of(member: Member, offsets: Offsets, version: int = 9, **fields: Any) -> Answer:
    who = {
        "generation_id_or_member_epoch": member.generation,
        "member_id": member.id,
        "group_instance_id": member.instance,
    }
    return commit(member.world, offsets, version, **{**who, **fields})


def in_transaction(
    world: World, producer_id: int, offsets: Offsets, version: int = 3, **fields: Any
) -> Answer:
    who = {"transactional_id": "t", "producer_id": producer_id, "producer_epoch": 0}
    asked = {"group_id": GROUP, "topics": topics(offsets), **who, **fields}
    return world.ask(ApiKey.TXN_OFFSET_COMMIT, version, **asked)


def codes(answer: Answer) -> list[int]:
    return [
        partition["error_code"] for topic in answer["topics"] for partition in topic["partitions"]
    ]


def fetched(
    world: World,
    *places: tuple[str, int],
    version: int = 9,
    group: str = GROUP,
    stable: bool = True,
) -> dict[tuple[str, int], int]:
    """The offset of each place; of all that are known if none is named; minus the code if one."""
    asked = [{"name": topic, "partition_indexes": [index]} for topic, index in places] or None
    groups = [{"group_id": group, "topics": asked}]
    fields = {"groups": groups} if version >= 8 else groups[0]
    answer = world.ask(ApiKey.OFFSET_FETCH, version, require_stable=stable, **fields)
    told = answer["groups"][0] if version >= 8 else answer.fields
    assert told.get("error_code", 0) == 0
    return {
        (topic["name"], each["partition_index"]): -each["error_code"] or each["committed_offset"]
        for topic in told["topics"]
        for each in topic["partitions"]
    }


# To commit and to fetch


@pytest.mark.parametrize("version", COMMITS)
def test_a_consumer_without_a_group_keeps_its_offsets_here(version: int) -> None:
    world = World()
    answer = commit(world, {("orders", 0): 7, ("bills", 1): 9}, version)
    assert codes(answer) == [0, 0]
    assert fetched(world) == {("orders", 0): 7, ("bills", 1): 9}
    assert state(world) == "Empty"


@pytest.mark.parametrize("version", FETCHES)
def test_offsets_are_fetched(version: int) -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    told = fetched(world, ("orders", 0), ("orders", 1), ("nothing", 5), version=version)
    assert told == {("orders", 0): 7, ("orders", 1): -1, ("nothing", 5): -1}
    assert fetched(world, ("orders", 0), version=version, group="others") == {("orders", 0): -1}


@pytest.mark.parametrize("version", range(2, 10))
def test_all_offsets_are_fetched(version: int) -> None:
    world = World()
    commit(world, {("orders", 0): 7, ("bills", 1): 9})
    assert fetched(world, version=version) == {("orders", 0): 7, ("bills", 1): 9}
    assert fetched(world, version=version, group="others") == {}


@pytest.mark.parametrize("version", [8, 9])
def test_offsets_of_many_groups_are_fetched_at_once(version: int) -> None:
    world = World()
    commit(world, {("orders", 0): 7}, group="a")
    groups = [
        {"group_id": "a", "topics": None},
        {"group_id": "b", "topics": [{"name": "orders", "partition_indexes": [0]}]},
    ]
    answer = world.ask(ApiKey.OFFSET_FETCH, version, groups=groups)
    assert [each["group_id"] for each in answer["groups"]] == ["a", "b"]
    told = [each["topics"][0]["partitions"][0]["committed_offset"] for each in answer["groups"]]
    assert told == [7, -1]


def test_metadata_and_leader_epoch_come_back() -> None:
    world = World()
    asked = topics({("orders", 0): 7}, committed_metadata="here", committed_leader_epoch=4)
    asked += topics({("orders", 1): 7}, committed_metadata=None)
    world.ask(ApiKey.OFFSET_COMMIT, 9, group_id=GROUP, topics=asked)
    groups = [{"group_id": GROUP, "topics": None}]
    answer = world.ask(ApiKey.OFFSET_FETCH, 9, groups=groups)
    told = answer["groups"][0]["topics"][0]["partitions"]
    assert [(each["metadata"], each["committed_leader_epoch"]) for each in told] == [
        ("here", 4),
        ("", -1),
    ]


@pytest.mark.parametrize("version", COMMITS)
def test_each_partition_is_answered_for_itself(version: int) -> None:
    world = World()
    asked = [
        *topics({("orders", 0): 1, ("orders", 3): 1, ("orders", -1): 1, ("nothing", 0): 1}),
        *topics({("orders", 1): 1}, committed_metadata="m" * 4096),
        *topics({("orders", 2): 1}, committed_metadata="m" * 4097),
    ]
    answer = world.ask(ApiKey.OFFSET_COMMIT, version, group_id=GROUP, topics=asked)
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert codes(answer) == [0, *[unknown] * 3, 0, ErrorCode.OFFSET_METADATA_TOO_LARGE]
    assert fetched(world) == {("orders", 0): 1, ("orders", 1): 1}


def test_a_commit_and_what_is_fetched_are_told_when_safe() -> None:
    world = World()
    world.is_disk_slow = True
    committed = commit(world, {("orders", 0): 7})
    groups = [{"group_id": GROUP, "topics": None}]
    read = world.ask(ApiKey.OFFSET_FETCH, 9, groups=groups)
    written = in_transaction(world, 5, {("orders", 1): 3})
    assert not any(answer.is_there for answer in (committed, read, written))
    world.sync_disk()
    assert codes(committed) == codes(written) == [0]
    assert read["groups"][0]["topics"][0]["partitions"][0]["committed_offset"] == 7


# Who may commit


@pytest.mark.parametrize("version", COMMITS)
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, ErrorCode.NONE),
        ({"member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation_id_or_member_epoch": 2}, ErrorCode.ILLEGAL_GENERATION),
        ({"generation_id_or_member_epoch": -1}, ErrorCode.ILLEGAL_GENERATION),
        ({"generation_id_or_member_epoch": -1, "member_id": ""}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation_id_or_member_epoch": 1, "member_id": ""}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation_id_or_member_epoch": 0}, ErrorCode.ILLEGAL_GENERATION),
    ],
    ids=str,
)
def test_only_members_of_this_generation_commit(
    version: int, fields: dict[str, object], code: ErrorCode
) -> None:
    world = World()
    member = Member(world)
    settle(member)
    assert codes(commit_of(member, {("orders", 0): 7}, version, **fields)) == [code]
    assert fetched(world) == ({("orders", 0): 7} if code is ErrorCode.NONE else {})


@pytest.mark.parametrize("generation", [0, 1])
@pytest.mark.parametrize("version", COMMITS)
def test_nobody_commits_for_a_generation_of_an_unknown_group(version: int, generation: int) -> None:
    who: dict[str, Any] = {"member_id": "m", "generation_id_or_member_epoch": generation}
    answer = commit(World(), {("orders", 0): 7}, version, **who)
    late = ErrorCode.GROUP_ID_NOT_FOUND if version >= 9 else ErrorCode.ILLEGAL_GENERATION
    assert codes(answer) == [late]


@pytest.mark.parametrize("version", [7, 9])
@pytest.mark.parametrize(
    ("instance", "code"),
    [("pump", ErrorCode.FENCED_INSTANCE_ID), ("valve", ErrorCode.UNKNOWN_MEMBER_ID)],
)
def test_a_fenced_member_does_not_commit(version: int, instance: str, code: ErrorCode) -> None:
    world = World()
    old = Member(world, instance="pump")
    settle(old)
    new = Member(world, instance="pump")
    new.joined(new.join())
    offsets = {("orders", 0): 7}
    assert codes(commit_of(old, offsets, version, group_instance_id=instance)) == [code]
    assert codes(commit_of(new, offsets, version)) == [0]


def test_commits_in_the_states_of_a_rebalance() -> None:
    world = World()
    old, new = Member(world), Member(world)
    settle(old)
    answer = new.join()
    # While others join, what was read until now may be committed.
    assert codes(commit_of(old, {("orders", 0): 7})) == [0]
    old.joined(old.join())
    new.joined(answer)
    refused = commit_of(old, {("orders", 0): 8})
    assert codes(refused) == [ErrorCode.REBALANCE_IN_PROGRESS]
    assert fetched(world) == {("orders", 0): 7}


def test_members_of_an_empty_group_are_unknown() -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    who: dict[str, Any] = {"member_id": "m", "generation_id_or_member_epoch": 0}
    assert codes(commit(world, {("orders", 0): 8}, **who)) == [ErrorCode.UNKNOWN_MEMBER_ID]


def test_without_a_topic_that_exists_nobody_is_asked() -> None:
    answer = commit(World(), {("nothing", 0): 1}, generation_id_or_member_epoch=3)
    assert codes(answer) == [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]


def test_a_commit_is_a_sign_of_life() -> None:
    world = World()
    member = Member(world)
    settle(member)
    for offset in range(3):
        world.sleep(9_000)
        assert codes(commit_of(member, {("orders", 0): offset})) == [0]
    assert state(world) == "Stable"


# In transactions


@pytest.mark.parametrize("version", IN_TRANSACTION)
@pytest.mark.parametrize("is_commit", [True, False], ids=["commit", "abort"])
def test_offsets_of_a_transaction_count_when_it_is_committed(version: int, is_commit: bool) -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    answer = in_transaction(world, 5, {("orders", 0): 9, ("orders", 1): 3}, version)
    assert codes(answer) == [0, 0]
    places = ("orders", 0), ("orders", 1), ("orders", 2)
    unstable = -ErrorCode.UNSTABLE_OFFSET_COMMIT
    assert fetched(world, *places) == dict(zip(places, (unstable, unstable, -1), strict=True))
    assert fetched(world) == {("orders", 0): unstable}
    assert fetched(world, *places, stable=False) == dict(zip(places, (7, -1, -1), strict=True))
    world.groups.end_transaction(5, is_commit=is_commit)
    world.groups.end_transaction(5, is_commit=is_commit)
    world.groups.end_transaction(6, is_commit=is_commit)
    after = (9, 3, -1) if is_commit else (7, -1, -1)
    assert fetched(world, *places) == dict(zip(places, after, strict=True))


@pytest.mark.parametrize("version", range(1, 7))
def test_older_clients_do_not_ask_for_stable_offsets(version: int) -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    in_transaction(world, 5, {("orders", 0): 9})
    assert fetched(world, ("orders", 0), version=version, stable=False) == {("orders", 0): 7}


def test_the_newest_commit_counts_whenever_it_becomes_valid() -> None:
    world = World()
    in_transaction(world, 5, {("orders", 0): 3, ("orders", 1): 3})
    commit(world, {("orders", 0): 9})
    world.groups.end_transaction(5, is_commit=True)
    assert fetched(world) == {("orders", 0): 9, ("orders", 1): 3}


def test_two_transactions_hold_the_same_partition() -> None:
    world = World()
    in_transaction(world, 5, {("orders", 0): 3})
    in_transaction(world, 6, {("orders", 0): 4})
    world.groups.end_transaction(6, is_commit=True)
    unstable = -ErrorCode.UNSTABLE_OFFSET_COMMIT
    assert fetched(world, ("orders", 0)) == {("orders", 0): unstable}
    world.groups.end_transaction(5, is_commit=True)
    assert fetched(world) == {("orders", 0): 4}


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"group_id": ""}, ErrorCode.INVALID_GROUP_ID),
        ({}, ErrorCode.NONE),
        ({"generation_id": 1, "member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation_id": 2, "member_id": "OWN"}, ErrorCode.ILLEGAL_GENERATION),
        ({"generation_id": 1, "member_id": "OWN"}, ErrorCode.NONE),
        ({"group_instance_id": "pump"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"group_id": "others", "generation_id": 1}, ErrorCode.ILLEGAL_GENERATION),
        ({"group_id": "others", "generation_id": 0}, ErrorCode.ILLEGAL_GENERATION),
        ({"group_id": "others"}, ErrorCode.NONE),
    ],
    ids=str,
)
def test_who_may_commit_in_a_transaction(
    version: int, fields: dict[str, object], code: ErrorCode
) -> None:
    world = World()
    member = Member(world)
    settle(member)
    asked = {**fields, **({"member_id": member.id} if fields.get("member_id") == "OWN" else {})}
    answer = in_transaction(world, 5, {("orders", 0): 9, ("nothing", 0): 1}, version, **asked)
    assert codes(answer) == [code, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]


def test_a_transaction_is_not_disturbed_by_a_rebalance() -> None:
    world = World()
    member = Member(world)
    join_all(member)
    answer = in_transaction(
        world, 5, {("orders", 0): 9}, generation_id=member.generation, member_id=member.id
    )
    assert codes(answer) == [0]


# To delete


def delete(world: World, *places: tuple[str, int], group: str = GROUP) -> Answer:
    asked = [{"name": topic, "partitions": [{"partition_index": index}]} for topic, index in places]
    return world.ask(ApiKey.OFFSET_DELETE, 0, group_id=group, topics=asked)


def test_offsets_are_deleted() -> None:
    world = World()
    commit(world, {("orders", 0): 7, ("bills", 1): 9})
    in_transaction(world, 5, {("orders", 0): 8, ("orders", 1): 8})
    answer = delete(world, ("orders", 0), ("orders", 1), ("orders", 9), ("nothing", 0))
    assert answer.code is ErrorCode.NONE
    assert codes(answer) == [0, 0, 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]
    world.groups.end_transaction(5, is_commit=True)
    assert fetched(world) == {("bills", 1): 9}


def test_offsets_in_use_are_not_deleted() -> None:
    world = World()
    commit(world, {("orders", 0): 7, ("bills", 1): 9})
    settle(Member(world, topics=("orders",)))
    answer = delete(world, ("orders", 0), ("bills", 1))
    assert codes(answer) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 0]
    assert fetched(world) == {("orders", 0): 7}


@pytest.mark.parametrize("said", [b"", b"\0", b"something else", b"\xff\xff" + b"\0" * 8], ids=repr)
def test_offsets_that_may_be_in_use_are_not_deleted(said: bytes) -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    member = Member(world)
    member.protocols = [("range", said)]
    settle(member)
    answer = delete(world, ("orders", 0))
    assert codes(answer) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]


def test_offsets_are_not_deleted_under_members_of_another_kind() -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    member = Member(world)
    answer = member.ask_to_join(protocol_type="connect")
    member.id = answer["member_id"]
    member.ask_to_join(protocol_type="connect")
    assert delete(world, ("orders", 0)).code is ErrorCode.NON_EMPTY_GROUP


@pytest.mark.parametrize(
    ("group", "code"),
    [("", ErrorCode.INVALID_GROUP_ID), ("others", ErrorCode.GROUP_ID_NOT_FOUND)],
)
def test_a_deletion_is_refused(group: str, code: ErrorCode) -> None:
    answer = delete(World(), ("orders", 0), group=group)
    assert answer.code is code
    assert answer["topics"] == []


def test_offsets_of_a_deleted_topic_are_gone() -> None:
    world = World()
    commit(world, {("orders", 0): 7, ("orders", 1): 8, ("bills", 1): 9})
    in_transaction(world, 5, {("orders", 2): 8, ("bills", 0): 8})
    del world.topics["orders"]
    world.groups.topic_deleted("orders")
    world.groups.end_transaction(5, is_commit=True)
    assert fetched(world) == {("bills", 0): 8, ("bills", 1): 9}


# What nobody uses


def test_offsets_expire_after_their_group_has_been_empty_for_long() -> None:
    world = World()
    member = Member(world)
    settle(member)
    commit_of(member, {("orders", 0): 7})
    for _ in range(10):
        world.sleep(DAY_MS)
        settle(member := Member(world))
    # It was in use until now.
    assert fetched(world) == {("orders", 0): 7}
    member.leave()
    world.sleep(7 * DAY_MS - 1)
    assert fetched(world) == {("orders", 0): 7}
    world.sleep(SETTINGS.retention_check_interval_ms + 1)
    assert fetched(world) == {}
    assert state(world) == "Dead"
    assert world.disk == {}


def test_offsets_of_topics_that_are_not_subscribed_expire_under_a_stable_group() -> None:
    world = World()
    commit(world, {("orders", 0): 7, ("bills", 0): 9})
    member = Member(world, session_ms=1_800_000)
    settle(member)
    for _ in range(7 * 24 * 2 + 2):
        world.sleep(1_799_999)
        assert member.heartbeat() is ErrorCode.NONE
    assert fetched(world) == {("orders", 0): 7}


def test_offsets_of_a_consumer_without_a_group_expire_after_the_commit() -> None:
    world = World()
    commit(world, {("orders", 0): 7})
    world.sleep(DAY_MS)
    commit(world, {("orders", 1): 8})
    world.sleep(6 * DAY_MS + SETTINGS.retention_check_interval_ms)
    assert fetched(world) == {("orders", 1): 8}


@pytest.mark.parametrize("version", range(2, 5))
def test_older_clients_say_how_long_to_keep_an_offset(version: int) -> None:
    world = World()
    commit(world, {("orders", 0): 7}, version, retention_time_ms=DAY_MS)
    world.sleep(DAY_MS - 1)
    assert fetched(world) == {("orders", 0): 7}
    world.sleep(SETTINGS.retention_check_interval_ms + 1)
    assert fetched(world) == {}


def test_an_offset_a_transaction_is_about_to_replace_does_not_expire() -> None:
    world = World(replace(SETTINGS, offsets_retention_ms=1_000))
    commit(world, {("orders", 0): 7})
    in_transaction(world, 5, {("orders", 0): 9, ("orders", 1): 9})
    world.sleep(DAY_MS)
    assert fetched(world, stable=False) == {("orders", 0): 7}
    world.groups.end_transaction(5, is_commit=False)
    world.sleep(DAY_MS)
    assert state(world) == "Dead"
