"""What groups of KIP-848 have in common with others: offsets, lists, a restart."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import Member, state
from tests.engines.kafka.groups.members import settle as settle_classic
from tests.engines.kafka.groups.readers import GROUP, Reader, described, settle
from tests.engines.kafka.groups.test_offsets import (
    codes,
    commit,
    delete,
    fetched,
    in_transaction,
)
from tests.engines.kafka.groups.world import SETTINGS, World

ORDERS, BILLS = UUID(int=1), UUID(int=2)


def read(reader: Reader) -> set[tuple[UUID, int]]:
    return set(reader.owned)


@pytest.mark.parametrize(
    ("epoch", "member", "code"),
    [
        (1, "a", ErrorCode.NONE),
        (0, "a", ErrorCode.STALE_MEMBER_EPOCH),
        (2, "a", ErrorCode.STALE_MEMBER_EPOCH),
        (-1, "", ErrorCode.UNKNOWN_MEMBER_ID),
        (1, "b", ErrorCode.UNKNOWN_MEMBER_ID),
    ],
)
def test_commits_go_by_the_members_epoch(epoch: int, member: str, code: ErrorCode) -> None:
    world = World()
    settle(Reader(world, "a"))
    who: dict[str, Any] = {"member_id": member, "generation_id_or_member_epoch": epoch}
    assert codes(commit(world, {("orders", 0): 7}, 9, **who)) == [code]
    old = ErrorCode.UNKNOWN_MEMBER_ID if member != "a" else ErrorCode.UNSUPPORTED_VERSION
    assert codes(commit(world, {("orders", 0): 7}, 8, **who)) == [old]
    answer = in_transaction(world, 5, {("orders", 1): 7}, member_id=member, generation_id=epoch)
    is_stale = code is ErrorCode.STALE_MEMBER_EPOCH
    assert codes(answer) == [ErrorCode.ILLEGAL_GENERATION if is_stale else code]


@pytest.mark.parametrize(
    ("epoch", "member", "code"),
    [
        (1, "a", ErrorCode.NONE),
        (0, "a", ErrorCode.STALE_MEMBER_EPOCH),
        (-1, None, ErrorCode.NONE),
        (-1, "", ErrorCode.UNKNOWN_MEMBER_ID),
        (1, "b", ErrorCode.UNKNOWN_MEMBER_ID),
    ],
)
def test_fetches_go_by_the_members_epoch(epoch: int, member: str | None, code: ErrorCode) -> None:
    world = World()
    settle(Reader(world, "a"))
    asked = [{"name": "orders", "partition_indexes": [0]}]
    groups = [{"group_id": GROUP, "member_id": member, "member_epoch": epoch, "topics": asked}]
    answer = world.ask(ApiKey.OFFSET_FETCH, 9, groups=groups)
    told = answer["groups"][0]
    assert told["error_code"] == code
    assert bool(told["topics"]) == (code is ErrorCode.NONE)


def test_offsets_in_use_are_not_deleted() -> None:
    world = World()
    reader = Reader(world, "a", topics=("orders",))
    settle(reader)
    reader.leave()
    commit(world, {("orders", 0): 7, ("bills", 0): 7})
    settle(Reader(world, "b", topics=("orders",)))
    answer = delete(world, ("orders", 0), ("bills", 0))
    assert codes(answer) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 0]


def test_offsets_of_topics_that_nobody_reads_expire() -> None:
    world = World(replace(SETTINGS, consumer_session_timeout_ms=3_600_000))
    commit(world, {("orders", 0): 7, ("bills", 0): 7})
    reader = Reader(world, "a")
    settle(reader)
    for _ in range(7 * 24 + 1):
        world.sleep(3_599_999)
        assert reader.ping() is ErrorCode.NONE
    assert fetched(world) == {("orders", 0): 7}


# Administration


def test_a_group_is_described() -> None:
    world = World()
    reader = Reader(world, "a", instance="pump", assignor="range", pattern="o.*")
    settle(reader)
    told = described(world, include_authorized_operations=True)
    [member] = told["members"]
    partitions = [
        {"topic_id": ORDERS, "topic_name": "orders", "partitions": [0, 1, 2]},
    ]
    assert told["error_code"] == 0
    assert (told["group_epoch"], told["assignment_epoch"]) == (1, 1)
    assert told["authorized_operations"] == 0b110101001000
    assert member["assignment"]["topic_partitions"] == partitions
    assert member["target_assignment"]["topic_partitions"] == partitions
    assert (member["member_id"], member["instance_id"]) == ("a", "pump")
    assert (member["member_epoch"], member["member_type"]) == (1, 1)
    assert member["subscribed_topic_names"] == ["orders"]
    assert member["subscribed_topic_regex"] == "o.*"
    assert (member["client_id"], member["client_host"]) == ("app", "/127.0.0.1")
    del world.topics["orders"]
    assert described(world)["members"][0]["assignment"]["topic_partitions"] == []


@pytest.mark.parametrize(
    ("group", "code", "text"),
    [
        ("others", ErrorCode.GROUP_ID_NOT_FOUND, "Group others not found."),
        ("classic", ErrorCode.GROUP_ID_NOT_FOUND, "Group classic is not a consumer group."),
        ("", ErrorCode.INVALID_GROUP_ID, None),
    ],
)
def test_other_groups_are_not_described(group: str, code: ErrorCode, text: str | None) -> None:
    world = World()
    commit(world, {("orders", 0): 1}, group="classic")
    told = described(world, group, include_authorized_operations=True)
    assert (told["error_code"], told["error_message"]) == (code, text)
    assert told["authorized_operations"] == -(2**31)


def test_groups_of_both_kinds_are_listed_and_deleted() -> None:
    world = World()
    reader = Reader(world, "a")
    settle(reader)
    settle_classic(Member(world, group="old"))

    def listed(**fields: Any) -> set[str]:
        answer = world.ask(ApiKey.LIST_GROUPS, 5, **fields)
        return {f"{each['group_id']} {each['group_type']}" for each in answer["groups"]}

    assert listed() == {"readers consumer", "old classic"}
    assert listed(types_filter=["Consumer"]) == {"readers consumer"}
    assert listed(states_filter=["stable"], types_filter=["classic"]) == {"old classic"}
    [full] = world.ask(ApiKey.DELETE_GROUPS, 2, groups_names=[GROUP])["results"]
    assert full["error_code"] == ErrorCode.NON_EMPTY_GROUP
    reader.leave()
    [empty] = world.ask(ApiKey.DELETE_GROUPS, 2, groups_names=[GROUP])["results"]
    assert empty["error_code"] == 0
    assert listed() == {"old classic"}


def test_one_kind_is_no_other() -> None:
    world = World()
    settle(Reader(world, "a"))
    answer = world.ask(ApiKey.DESCRIBE_GROUPS, 6, groups=[GROUP])["groups"][0]
    assert answer["error_code"] == ErrorCode.GROUP_ID_NOT_FOUND
    assert answer["error_message"] == "Group readers is not a classic group."
    assert state(world) == "Dead"
    member = Member(world)
    assert member.ask_to_join().code is ErrorCode.INCONSISTENT_GROUP_PROTOCOL
    member.id, member.generation = "a", 1
    assert member.sync({}).code is ErrorCode.UNKNOWN_MEMBER_ID
    assert member.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    assert member.leave() is ErrorCode.UNKNOWN_MEMBER_ID


def leaves_classic(world: World) -> Callable[[], ErrorCode]:
    member = Member(world)
    settle_classic(member)
    return member.leave


def leaves_consumer(world: World) -> Callable[[], ErrorCode]:
    reader = Reader(world, "z")
    settle(reader)
    return reader.leave


def test_an_empty_classic_group_becomes_one_of_the_new_protocol() -> None:
    world = World()
    leave = leaves_classic(world)
    commit(world, {("orders", 0): 7}, generation_id_or_member_epoch=-1)
    reader = Reader(world, "a")
    answer = reader.ask()
    assert answer.code is ErrorCode.GROUP_ID_NOT_FOUND
    assert answer["error_message"] == "Group readers is not a consumer group."
    leave()
    commit(world, {("orders", 0): 7})
    settle(reader)
    assert fetched(world) == {("orders", 0): 7}
    world.restart()
    assert reader.go_on() is ErrorCode.NONE


def test_an_empty_consumer_group_becomes_a_classic_one() -> None:
    world = World()
    leave = leaves_consumer(world)
    leave()
    commit(world, {("orders", 0): 7})
    member = Member(world)
    assert member.ask_to_join(member_id="nobody").code is ErrorCode.UNKNOWN_MEMBER_ID
    settle_classic(member)
    assert fetched(world) == {("orders", 0): 7}
    world.restart()
    assert member.heartbeat() is ErrorCode.NONE


def test_an_empty_group_that_nobody_uses_is_gone_after_a_while() -> None:
    world = World()
    leaves_consumer(world)()
    world.sleep(600_000)
    assert world.disk == {}


# A restart


def test_members_go_on_as_if_nothing_had_been() -> None:
    world = World()
    first, second = Reader(world, "a"), Reader(world, "b", instance="pump", assignor="range")
    settle(first)
    second.heartbeat()
    first.heartbeat()
    before = described(world)
    world.restart()
    assert described(world) == before
    settle(first, second)
    assert sorted(first.indexes + second.indexes) == [0, 1, 2]
    third = Reader(world, "c")
    third.heartbeat()
    third.leave()
    world.restart()
    assert third.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    world.sleep(44_999)
    world.restart()
    world.sleep(44_999)
    assert first.heartbeat() is ErrorCode.NONE
    world.sleep(1)
    assert second.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID


def test_who_was_to_give_back_has_its_time_anew() -> None:
    world = World()
    stubborn, waiting = Reader(world, "a", rebalance_ms=20_000), Reader(world, "b")
    settle(stubborn)
    waiting.heartbeat()
    stubborn.ping()
    world.sleep(19_999)
    world.restart()
    world.sleep(19_999)
    assert stubborn.ping() is ErrorCode.NONE
    world.sleep(1)
    assert stubborn.ping() is ErrorCode.UNKNOWN_MEMBER_ID


def test_an_assignment_is_told_when_it_is_safe() -> None:
    world = World()
    world.is_disk_slow = True
    reader = Reader(world, "a")
    answer = reader.ask()
    assert not answer.is_there
    world.sync_disk()
    reader.learn(answer)
    reader.take()
    # Nothing changes: there is nothing to wait for.
    assert reader.ping() is ErrorCode.NONE
