"""Groups of the protocol of KIP-848: ConsumerGroupHeartbeat and what comes with it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import state
from tests.engines.kafka.groups.readers import Reader, described, in_topics, settle
from tests.engines.kafka.groups.world import SETTINGS, World

ORDERS, BILLS = UUID(int=1), UUID(int=2)


def read(reader: Reader) -> set[tuple[UUID, int]]:
    return set(reader.owned)


# Joining and dividing


def test_who_is_alone_reads_all() -> None:
    world = World()
    reader = Reader(world, "a", topics=("orders", "bills", "not yet there"))
    answer = reader.ask()
    assert answer.code is ErrorCode.NONE
    assert (answer["member_id"], answer["member_epoch"]) == ("a", 1)
    assert answer["heartbeat_interval_ms"] == 5_000
    reader.learn(answer)
    assert reader.told == {(ORDERS, 0), (ORDERS, 1), (ORDERS, 2), (BILLS, 0), (BILLS, 1)}
    reader.take()
    assert reader.ping() is ErrorCode.NONE
    assert described(world)["group_state"] == "Stable"


def test_older_clients_are_given_an_id() -> None:
    reader = Reader(World(), version=0)
    assert reader.heartbeat() is ErrorCode.NONE
    assert reader.id == str(UUID(int=1))


def test_an_assignment_is_told_when_it_is_another_or_asked_for() -> None:
    world = World()
    first, second = Reader(world, "a"), Reader(world, "b")
    settle(first)
    quiet = {"topic_partitions": None}
    assert first.ask(**quiet)["assignment"] is None
    assert first.ask()["assignment"] is not None
    second.heartbeat()
    assert first.ask(**quiet)["assignment"] is not None


def test_what_one_gives_back_another_gets_and_not_before() -> None:
    world = World()
    first, second = Reader(world, "a"), Reader(world, "b")
    settle(first)
    assert second.heartbeat() is ErrorCode.NONE
    assert (second.epoch, second.told) == (2, frozenset())
    assert described(world)["group_state"] == "Reconciling"
    # Its epoch stays: it is to give back one partition first.
    first.heartbeat()
    assert (first.epoch, len(first.told)) == (1, 2)
    second.heartbeat()
    assert second.told == frozenset()
    # It has not yet given it back, as it says itself.
    first.heartbeat()
    assert first.epoch == 1
    first.revoke()
    first.heartbeat()
    assert first.epoch == 2
    second.heartbeat()
    second.take()
    assert first.indexes == [0, 1]
    assert second.indexes == [2]
    assert described(world)["group_state"] == "Stable"


def test_a_member_that_says_nothing_may_still_have_all() -> None:
    world = World()
    first, second = Reader(world, "a"), Reader(world, "b")
    settle(first)
    second.heartbeat()
    first.heartbeat()
    for _ in range(3):
        first.ping()
        assert first.epoch == 1
        second.ping()
        assert second.told == frozenset()


def test_a_new_subscription_while_giving_back() -> None:
    world = World()
    first, second = Reader(world, "a", topics=("orders", "bills")), Reader(world, "b")
    settle(first)
    second.heartbeat()
    first.heartbeat()
    first.topics = ("bills",)
    first.heartbeat()
    assert {topic for topic, _ in first.told} <= {BILLS}
    first.take()
    settle(first, second)
    assert read(first) == {(BILLS, 0), (BILLS, 1)}
    assert read(second) == {(ORDERS, index) for index in range(3)}


def test_more_partitions_and_topics_divide_anew() -> None:
    world = World()
    reader = Reader(world, "a", topics=("orders", "later"))
    settle(reader)
    world.topics["orders"] = (ORDERS, 4)
    assert reader.ping() is ErrorCode.NONE
    assert (reader.epoch, len(reader.told)) == (2, 4)
    world.topics["later"] = (UUID(int=9), 1)
    reader.go_on()
    assert (UUID(int=9), 0) in reader.owned
    world.topics["of no interest"] = (UUID(int=10), 1)
    reader.go_on()
    assert reader.epoch == 3
    del world.topics["orders"]
    reader.go_on()
    reader.go_on()
    assert read(reader) == {(UUID(int=9), 0)}


def test_members_that_wait_get_all_that_becomes_free() -> None:
    world = World()
    first, second, third = (Reader(world, name) for name in "abc")
    settle(first)
    second.heartbeat()
    third.heartbeat()
    settle(first, second, third)
    assert [len(each.owned) for each in (first, second, third)] == [1, 1, 1]
    first.leave()
    settle(second, third)
    assert sorted(second.indexes + third.indexes) == [0, 1, 2]


@pytest.mark.parametrize("assignor", ["uniform", "range", None])
def test_the_assignor_most_members_ask_for_divides(assignor: str | None) -> None:
    world = World()
    topics = ("orders", "bills")
    readers = [Reader(world, name, topics=topics, assignor=assignor) for name in "ab"]
    settle(*readers)
    sizes = sorted(len(reader.owned) for reader in readers)
    assert sizes == [2, 3]
    assert described(world)["assignor_name"] == (assignor or "uniform")
    if assignor == "range":
        # Of each topic the first part goes to the first member.
        assert read(readers[0]) == {(ORDERS, 0), (ORDERS, 1), (BILLS, 0)}


# Patterns


def test_topics_by_pattern() -> None:
    world = World()
    world.topics |= {"eu.sales": (UUID(int=3), 1), "eu.stock": (UUID(int=4), 1)}
    reader = Reader(world, "a", topics=(), pattern=r"eu\..*")
    settle(reader)
    assert {topic for topic, _ in reader.owned} == {UUID(int=3), UUID(int=4)}
    world.topics["eu.new"] = (UUID(int=5), 1)
    reader.go_on()
    assert len(reader.owned) == 3
    reader.pattern = ""
    reader.topics = ("orders",)
    settle(reader)
    assert {topic for topic, _ in reader.owned} == {ORDERS}


def test_a_pattern_that_cannot_be_read_is_refused_and_changes_nothing() -> None:
    world = World()
    reader = Reader(world, "a", topics=None, pattern="(unclosed")
    answer = reader.ask()
    assert answer.code is ErrorCode.INVALID_REGULAR_EXPRESSION
    assert "missing `)`" in answer["error_message"]
    assert state(world) == "Dead"


# What is refused


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"member_id": ""}, ErrorCode.INVALID_REQUEST, "MemberId can't be empty."),
        ({"group_id": " "}, ErrorCode.INVALID_REQUEST, "GroupId can't be empty."),
        ({"instance_id": ""}, ErrorCode.INVALID_REQUEST, "InstanceId can't be empty."),
        ({"rack_id": ""}, ErrorCode.INVALID_REQUEST, "RackId can't be empty."),
        ({"rebalance_timeout_ms": -1}, ErrorCode.INVALID_REQUEST, "RebalanceTimeoutMs"),
        ({"topic_partitions": None}, ErrorCode.INVALID_REQUEST, "TopicPartitions must be empty"),
        (
            {"topic_partitions": in_topics({(ORDERS, 1)})},
            ErrorCode.INVALID_REQUEST,
            "TopicPartitions must be empty",
        ),
        ({"subscribed_topic_names": None}, ErrorCode.INVALID_REQUEST, "must be non-null"),
        ({"member_epoch": -2}, ErrorCode.INVALID_REQUEST, "InstanceId can't be null."),
        ({"member_epoch": -3}, ErrorCode.INVALID_REQUEST, "MemberEpoch is invalid."),
        ({"server_assignor": "best"}, ErrorCode.UNSUPPORTED_ASSIGNOR, "uniform, range"),
        ({"member_epoch": 1}, ErrorCode.GROUP_ID_NOT_FOUND, "Group readers not found."),
        ({"member_epoch": -1}, ErrorCode.GROUP_ID_NOT_FOUND, "Group readers not found."),
    ],
    ids=str,
)
def test_a_heartbeat_is_refused(fields: dict[str, Any], code: ErrorCode, text: str) -> None:
    world = World()
    answer = Reader(world, "a").ask(**fields)
    assert answer.code is code
    assert text in answer["error_message"]
    assert world.disk == {}


def test_strangers_are_refused() -> None:
    world = World()
    settle(Reader(world, "a"))
    stranger = Reader(world, "b")
    stranger.epoch = 1
    assert stranger.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    assert stranger.leave() is ErrorCode.UNKNOWN_MEMBER_ID


def test_epochs_are_fenced() -> None:
    world = World()
    first, second = Reader(world, "a"), Reader(world, "b")
    settle(first)
    settle(second, first)
    assert first.epoch == 2
    early = first.ask(member_epoch=3)
    assert early.code is ErrorCode.FENCED_MEMBER_EPOCH
    assert "a greater member epoch (3) than" in early["error_message"]
    # The epoch before, by one that may have lost our answer: it has no more than it may have.
    assert first.ask(member_epoch=1).code is ErrorCode.NONE
    greedy = in_topics({(ORDERS, index) for index in range(3)})
    late = first.ask(member_epoch=1, topic_partitions=greedy)
    assert late.code is ErrorCode.FENCED_MEMBER_EPOCH
    assert first.ask(member_epoch=1, topic_partitions=None).code is ErrorCode.FENCED_MEMBER_EPOCH
    settle(Reader(world, "c"), first, second)
    assert first.ask(member_epoch=1).code is ErrorCode.FENCED_MEMBER_EPOCH
    # Fenced, it begins anew with nothing.
    first.epoch, first.owned = 0, frozenset()
    assert first.heartbeat() is ErrorCode.NONE
    assert (first.epoch, len(first.told)) == (3, 1)


def test_the_epoch_before_is_not_accepted_while_giving_back() -> None:
    world = World()
    first, second, third = (Reader(world, name) for name in "abc")
    settle(first)
    settle(second, first)
    assert first.epoch == 2
    third.heartbeat()
    first.heartbeat()
    assert (first.epoch, len(first.told)) == (2, 1)
    late = first.ask(member_epoch=1, topic_partitions=in_topics(first.told))
    assert late.code is ErrorCode.FENCED_MEMBER_EPOCH


def test_a_full_group_takes_nobody() -> None:
    world = World(replace(SETTINGS, consumer_max_size=1))
    reader = Reader(world, "a")
    settle(reader)
    assert Reader(world, "b").heartbeat() is ErrorCode.GROUP_MAX_SIZE_REACHED
    assert reader.go_on() is ErrorCode.NONE


# Going


def test_who_leaves_is_gone() -> None:
    world = World()
    first, second = Reader(world, "a"), Reader(world, "b")
    settle(first, second)
    answer = first.ask(member_epoch=-1, topic_partitions=None)
    assert (answer.code, answer["member_epoch"]) == (ErrorCode.NONE, -1)
    assert described(world)["group_state"] == "Assigning"
    settle(second)
    assert second.indexes == [0, 1, 2]
    assert second.leave() is ErrorCode.NONE
    assert described(world)["group_state"] == "Empty"


def test_silence_ends_a_session() -> None:
    world = World()
    lively, silent = Reader(world, "a"), Reader(world, "b")
    settle(lively, silent)
    for _ in range(8):
        world.sleep(5_000)
        assert lively.go_on() is ErrorCode.NONE
    world.sleep(5_000)
    assert silent.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    settle(lively)
    assert lively.indexes == [0, 1, 2]


def test_who_gives_nothing_back_in_time_is_out() -> None:
    world = World()
    stubborn, waiting = Reader(world, "a", rebalance_ms=20_000), Reader(world, "b")
    settle(stubborn)
    waiting.heartbeat()
    stubborn.ping()
    for _ in range(4):
        world.sleep(4_999)
        assert stubborn.ping() is ErrorCode.NONE
        assert waiting.ping() is ErrorCode.NONE
    world.sleep(4)
    assert stubborn.ping() is ErrorCode.UNKNOWN_MEMBER_ID
    settle(waiting)
    assert waiting.indexes == [0, 1, 2]


def test_who_gave_back_in_time_stays() -> None:
    world = World()
    first, second = Reader(world, "a", rebalance_ms=20_000), Reader(world, "b")
    settle(first)
    second.heartbeat()
    for _ in range(10):
        settle(first, second)
        world.sleep(4_000)
    assert first.indexes == [0, 1]


# Static members


def test_a_static_member_comes_back_to_what_it_had() -> None:
    world = World()
    other, old = Reader(world, "a"), Reader(world, "b", instance="pump")
    settle(other, old)
    had, epoch = old.owned, old.epoch
    assert old.leave(-2) is ErrorCode.NONE
    assert other.go_on() is ErrorCode.NONE
    assert len(other.owned) == 3 - len(had)
    new = Reader(world, "c", instance="pump")
    assert new.go_on() is ErrorCode.NONE
    assert (new.owned, new.epoch) == (had, epoch)
    assert other.go_on() is ErrorCode.NONE
    assert other.epoch == epoch
    assert old.heartbeat() is ErrorCode.FENCED_INSTANCE_ID
    assert old.leave() is ErrorCode.FENCED_INSTANCE_ID
    assert [each["member_id"] for each in described(world)["members"]] == ["a", "c"]


def test_the_session_of_the_old_process_is_over() -> None:
    world = World()
    old = Reader(world, "a", instance="pump")
    settle(old)
    old.leave(-2)
    new = Reader(world, "b", instance="pump")
    for _ in range(12):
        assert new.go_on() is ErrorCode.NONE
        world.sleep(5_000)
    assert new.indexes == [0, 1, 2]


def test_who_goes_away_has_given_back_what_it_was_to_give_back() -> None:
    world = World()
    static, other = Reader(world, "a", instance="pump"), Reader(world, "b")
    settle(static)
    other.heartbeat()
    static.heartbeat()
    other.go_on()
    assert other.indexes == []
    static.leave(-2)
    other.go_on()
    assert other.indexes == [2]


def test_what_a_member_tells_of_itself_stays_until_it_says_otherwise() -> None:
    world = World()
    reader = Reader(world, "a", assignor="range")

    def told() -> tuple[Any, Any]:
        group = described(world)
        return group["members"][0]["rack_id"], group["assignor_name"]

    reader.heartbeat(rack_id="left")
    assert told() == ("left", "range")
    reader.heartbeat()
    reader.ping()
    assert told() == ("left", "range")
    reader.heartbeat(rack_id="right", server_assignor="uniform")
    assert told() == ("right", "uniform")
    world.restart()
    assert told() == ("right", "uniform")


def test_a_place_that_is_taken_is_not_given_away() -> None:
    world = World()
    reader = Reader(world, "a", instance="pump")
    settle(reader)
    assert Reader(world, "b", instance="pump").heartbeat() is ErrorCode.UNRELEASED_INSTANCE_ID
    # The same process may ask twice: the answer may have been lost.
    assert reader.ask(member_epoch=0, topic_partitions=[]).code is ErrorCode.NONE
    stranger = Reader(world, "c", instance="valve")
    stranger.epoch = 1
    assert stranger.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    assert stranger.leave(-2) is ErrorCode.UNKNOWN_MEMBER_ID


def test_a_static_member_that_stays_away_loses_its_place() -> None:
    world = World()
    other, away = Reader(world, "a"), Reader(world, "b", instance="pump")
    settle(other, away)
    away.leave(-2)
    for _ in range(9):
        world.sleep(5_000)
        other.go_on()
    settle(other)
    assert other.indexes == [0, 1, 2]
    assert Reader(world, "c", instance="pump").heartbeat() is ErrorCode.NONE


def test_a_static_member_can_leave_for_good() -> None:
    world = World()
    reader = Reader(world, "a", instance="pump")
    settle(reader)
    assert reader.leave(-1) is ErrorCode.NONE
    assert described(world)["group_state"] == "Empty"


# Offsets
