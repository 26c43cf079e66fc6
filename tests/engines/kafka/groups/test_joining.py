"""JoinGroup: who comes in, and when a generation begins."""

from dataclasses import replace

import pytest

from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import Member, join_all, member_ids, settle, state
from tests.engines.kafka.groups.world import SETTINGS, World


@pytest.mark.parametrize("version", range(4, 10))
def test_a_new_member_is_given_an_id_and_joins_with_it(version: int) -> None:
    world = World()
    member = Member(world, client="clerk", version=version)
    refused = member.ask_to_join()
    assert refused.code is ErrorCode.MEMBER_ID_REQUIRED
    assert refused["member_id"] == "clerk-00000000-0000-0000-0000-000000000001"
    assert state(world) == "Empty"
    member.id = refused["member_id"]
    answer = member.ask_to_join()
    assert not answer.is_there
    world.sleep(0)
    member.joined(answer)
    assert (member.generation, member.leader) == (1, member.id)


@pytest.mark.parametrize("version", range(4))
def test_older_clients_join_without_knowing_their_id(version: int) -> None:
    world = World()
    member = Member(world, version=version)
    answer = member.ask_to_join()
    world.sleep(0)
    member.joined(answer)
    assert member.id.startswith("app-")
    assert member.is_leader


@pytest.mark.parametrize("version", range(10))
def test_what_a_join_is_told(version: int) -> None:
    world = World()
    leader = Member(world, version=version)
    follower = Member(world, version=version)
    answers = [leader.join(), follower.join()]
    world.sleep(0)
    leader.joined(answers[0])
    follower.joined(answers[1])
    told = answers[0].fields
    assert [each["member_id"] for each in told["members"]] == [leader.id, follower.id]
    assert all(each["metadata"] == leader.protocols[0][1] for each in told["members"])
    assert answers[1]["members"] == []
    assert told["protocol_name"] == "range"
    assert told.get("protocol_type") == ("consumer" if version >= 7 else None)
    assert told.get("skip_assignment", False) is False
    assert answers[1]["leader"] == leader.id


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"group_id": ""}, ErrorCode.INVALID_GROUP_ID),
        ({"session_timeout_ms": 5_999}, ErrorCode.INVALID_SESSION_TIMEOUT),
        ({"session_timeout_ms": 1_800_001}, ErrorCode.INVALID_SESSION_TIMEOUT),
        ({"member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"protocol_type": ""}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocols": []}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
    ],
    ids=str,
)
@pytest.mark.parametrize("version", range(10))
def test_a_join_is_refused(version: int, fields: dict[str, object], code: ErrorCode) -> None:
    answer = Member(World(), version=version).ask_to_join(**fields)
    assert answer.code is code
    assert answer["member_id"] == fields.get("member_id", "")
    assert answer["generation_id"] == -1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"protocol_type": "connect"}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        (
            {"protocols": [{"name": "sticky", "metadata": b""}]},
            ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
        ),
    ],
    ids=str,
)
def test_a_join_to_a_group_with_members_is_refused(
    fields: dict[str, object], code: ErrorCode
) -> None:
    world = World()
    settle(Member(world))
    assert Member(world).ask_to_join(**fields).code is code
    assert state(world) == "Stable"


@pytest.mark.parametrize("session_ms", [6_000, 1_800_000])
def test_the_bounds_of_a_session_are_within(session_ms: int) -> None:
    settle(Member(World(), session_ms=session_ms))


def test_the_protocol_most_members_prefer_among_those_all_support_is_selected() -> None:
    world = World()
    members = [
        Member(world, protocols=("sticky", "range", "roundrobin")),
        Member(world, protocols=("roundrobin", "range")),
        Member(world, protocols=("range", "roundrobin")),
        Member(world, protocols=("roundrobin", "range", "sticky")),
    ]
    answers = [member.join() for member in members]
    world.sleep(0)
    # Votes: range 2 (the first one cannot have sticky), roundrobin 2; range was voted for first.
    assert {answer["protocol_name"] for answer in answers} == {"range"}


def test_the_first_rebalance_waits_as_long_as_members_keep_coming() -> None:
    world = World(replace(SETTINGS, initial_rebalance_delay_ms=3_000))
    first, second, third = Member(world), Member(world), Member(world)
    answers = [first.join()]
    world.sleep(2_999)
    answers.append(second.join())
    world.sleep(2_999)
    answers.append(third.join())
    assert not any(answer.is_there for answer in answers)
    world.sleep(3_002)
    for member, answer in zip((first, second, third), answers, strict=True):
        member.joined(answer)
        assert member.generation == 1


def test_the_first_rebalance_waits_no_longer_than_a_rebalance_timeout() -> None:
    world = World(replace(SETTINGS, initial_rebalance_delay_ms=3_000))
    answers = [Member(world, rebalance_ms=7_000).join()]
    for _ in range(6):
        world.sleep(1_000)
        answers.append(Member(world, rebalance_ms=7_000).join())
    assert not any(answer.is_there for answer in answers)
    world.sleep(1_000)
    assert all(answer.is_there for answer in answers)


def test_a_newcomer_begins_a_rebalance_and_all_are_to_rejoin() -> None:
    world = World()
    old, new = Member(world), Member(world)
    settle(old)
    answer = new.join()
    assert state(world) == "PreparingRebalance"
    assert old.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    assert not answer.is_there
    old.joined(old.join())
    new.joined(answer)
    assert (old.generation, new.generation) == (2, 2)
    assert new.leader == old.id


def test_who_does_not_rejoin_in_time_is_out() -> None:
    world = World()
    old, new = Member(world, rebalance_ms=30_000), Member(world, rebalance_ms=20_000)
    settle(old)
    answer = new.join()
    for _ in range(3):
        world.sleep(9_900)
        assert old.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    assert not answer.is_there
    world.sleep(300)
    new.joined(answer)
    assert new.is_leader
    assert member_ids(world) == [new.id]
    assert old.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    assert old.join().code is ErrorCode.UNKNOWN_MEMBER_ID


def test_an_id_given_out_is_waited_for_as_long_as_a_session() -> None:
    world = World()
    old, new = Member(world), Member(world)
    settle(old)
    assert new.ask_to_join().code is ErrorCode.MEMBER_ID_REQUIRED
    answer = old.join()
    assert not answer.is_there
    world.sleep(9_999)
    assert not answer.is_there
    world.sleep(1)
    old.joined(answer)
    assert old.generation == 2


def test_an_id_given_out_can_be_joined_with_after_the_first_member_is_in() -> None:
    world = World()
    first, second = Member(world), Member(world)
    refused = second.ask_to_join()
    settle(first)
    second.id = refused["member_id"]
    answer = second.ask_to_join()
    first.joined(first.join())
    second.joined(answer)
    assert sorted(member_ids(world)) == sorted((first.id, second.id))


def test_ids_given_out_are_not_for_static_members() -> None:
    world = World()
    member = Member(world)
    member.id = member.ask_to_join()["member_id"]
    answer = member.ask_to_join(group_instance_id="left-pump")
    assert answer.code is ErrorCode.UNKNOWN_SERVER_ERROR


def test_a_new_member_that_never_comes_back_is_not_waited_for_for_ever() -> None:
    world = World()
    lost = Member(world, version=3, rebalance_ms=2_000_000)
    old = Member(world, session_ms=600_000, rebalance_ms=2_000_000)
    settle(old)
    answer = lost.join()
    world.sleep(299_999)
    assert old.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    assert not answer.is_there
    world.sleep(1)
    assert answer.code is ErrorCode.UNKNOWN_MEMBER_ID
    old.joined(old.join())
    assert member_ids(world) == [old.id]


def test_rejoining_with_nothing_new_to_say_changes_nothing() -> None:
    world = World()
    leader, follower = Member(world), Member(world)
    settle(leader, follower)
    answer = follower.join()
    assert answer["generation_id"] == 1
    assert answer["members"] == []
    assert state(world) == "Stable"


@pytest.mark.parametrize("who", ["leader", "follower with other topics"])
def test_rejoining_begins_a_rebalance(who: str) -> None:
    world = World()
    leader, follower = Member(world), Member(world)
    settle(leader, follower)
    if who == "leader":
        answer = leader.join()
    else:
        follower.protocols = Member(world, topics=("bills",)).protocols
        answer = follower.join()
    assert not answer.is_there
    assert state(world) == "PreparingRebalance"


def test_a_join_whose_answer_was_lost_can_be_repeated_until_the_sync() -> None:
    world = World()
    leader, follower = Member(world), Member(world)
    join_all(leader, follower)
    again = leader.join()
    assert again["generation_id"] == leader.generation
    assert len(again["members"]) == 2
    assert follower.join()["members"] == []
    assert state(world) == "CompletingRebalance"
    follower.protocols = Member(world, topics=("bills",)).protocols
    assert not follower.join().is_there
    assert state(world) == "PreparingRebalance"


def test_a_second_join_of_the_same_member_gives_the_first_one_up() -> None:
    world = World()
    old, new = Member(world), Member(world)
    settle(old)
    first = new.join()
    second = new.ask_to_join()
    assert first.code is ErrorCode.REBALANCE_IN_PROGRESS
    assert not second.is_there
    old.joined(old.join())
    new.joined(second)


@pytest.mark.parametrize("version", [3, 9])
def test_a_full_group_takes_nobody(version: int) -> None:
    world = World(replace(SETTINGS, max_size=2))
    first, second, third = (Member(world, version=version) for _ in range(3))
    settle(first, second)
    answer = third.join()
    assert answer.code is ErrorCode.GROUP_MAX_SIZE_REACHED
    assert answer["member_id"] == ""
    assert state(world) == "Stable"
    assert second.heartbeat() is ErrorCode.NONE


def test_of_a_group_that_is_too_large_the_last_to_rejoin_stays_out() -> None:
    world = World()
    members = [Member(world) for _ in range(3)]
    settle(*members)
    world.restart(max_size=2)
    assert members[1].heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    answers = [member.join() for member in (members[0], members[2])]
    assert members[1].join().code is ErrorCode.GROUP_MAX_SIZE_REACHED
    members[0].joined(answers[0])
    members[2].joined(answers[1])
    assert member_ids(world) == [members[0].id, members[2].id]


def test_a_leader_that_does_not_rejoin_is_replaced() -> None:
    world = World()
    leader, follower = Member(world, rebalance_ms=5_000), Member(world, rebalance_ms=5_000)
    settle(leader, follower)
    follower.protocols = Member(world, topics=("bills",)).protocols
    answer = follower.join()
    world.sleep(5_000)
    follower.joined(answer)
    assert follower.is_leader
