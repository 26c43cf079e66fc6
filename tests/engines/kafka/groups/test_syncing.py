"""SyncGroup, Heartbeat, LeaveGroup: from a generation to its assignment, and out of the group."""

import pytest

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import (
    GROUP,
    Member,
    join_all,
    member_ids,
    settle,
    state,
)
from tests.engines.kafka.groups.world import World


@pytest.mark.parametrize("version", range(3, 10))
def test_followers_wait_for_the_leaders_assignment(version: int) -> None:
    world = World()
    leader, follower = Member(world, version=version), Member(world, version=version)
    join_all(leader, follower)
    waiting = follower.sync()
    assert not waiting.is_there
    assert state(world) == "CompletingRebalance"
    told = leader.sync({leader.id: b"0", follower.id: b"1", "nobody": b"2"})
    assert (told["assignment"], waiting["assignment"]) == (b"0", b"1")
    assert told.fields.get("protocol_name") == ("range" if version >= 5 else None)
    assert state(world) == "Stable"
    # Whoever lost the answer asks again.
    assert follower.sync()["assignment"] == b"1"


def test_who_is_left_out_by_the_leader_gets_an_empty_assignment() -> None:
    world = World()
    leader, follower = Member(world), Member(world)
    join_all(leader, follower)
    waiting = follower.sync()
    leader.sync({leader.id: b"0"})
    assert (waiting.code, waiting["assignment"]) == (ErrorCode.NONE, b"")


def test_the_assignment_is_told_when_it_is_safe() -> None:
    world = World()
    leader, follower = Member(world), Member(world)
    join_all(leader, follower)
    world.is_disk_slow = True
    answers = [follower.sync(), leader.sync({follower.id: b"1"})]
    assert not any(answer.is_there for answer in answers)
    assert state(world) == "CompletingRebalance"
    world.sync_disk()
    assert answers[0]["assignment"] == b"1"
    assert answers[1].is_there
    assert state(world) == "Stable"


def test_an_assignment_that_becomes_safe_too_late_is_dropped() -> None:
    world = World()
    leader, follower, new = Member(world), Member(world), Member(world)
    join_all(leader, follower)
    world.is_disk_slow = True
    answers = [follower.sync(), leader.sync({follower.id: b"1"})]
    new.join()
    assert [answer.code for answer in answers] == [ErrorCode.REBALANCE_IN_PROGRESS] * 2
    world.sync_disk()
    assert state(world) == "PreparingRebalance"


def test_a_newcomer_fails_the_syncs_that_wait() -> None:
    world = World()
    leader, follower, new = Member(world), Member(world), Member(world)
    join_all(leader, follower)
    waiting = follower.sync()
    joining = new.join()
    assert waiting.code is ErrorCode.REBALANCE_IN_PROGRESS
    assert leader.sync({}).code is ErrorCode.REBALANCE_IN_PROGRESS
    settled = [leader.join(), follower.join()]
    leader.joined(settled[0])
    follower.joined(settled[1])
    new.joined(joining)
    assert {leader.generation, follower.generation, new.generation} == {2}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"group_id": ""}, ErrorCode.INVALID_GROUP_ID),
        ({"group_id": "others"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"group_instance_id": "left-pump"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation_id": 2}, ErrorCode.ILLEGAL_GENERATION),
        ({"generation_id": 0}, ErrorCode.ILLEGAL_GENERATION),
        ({"protocol_type": None}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol_name": None}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol_type": "connect"}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol_name": "sticky"}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_stable", [False, True], ids=["completing", "stable"])
def test_a_sync_is_refused(fields: dict[str, object], code: ErrorCode, is_stable: bool) -> None:
    member = Member(World())
    (settle if is_stable else join_all)(member)
    answer = member.sync({}, **fields)
    assert answer.code is code
    assert answer["assignment"] == b""


def test_a_second_sync_of_the_same_member_gives_the_first_one_up() -> None:
    world = World()
    leader, follower = Member(world), Member(world)
    join_all(leader, follower)
    first, second = follower.sync(), follower.sync()
    assert first.code is ErrorCode.REBALANCE_IN_PROGRESS
    leader.sync({follower.id: b"1"})
    assert second["assignment"] == b"1"


@pytest.mark.parametrize("silent", ["leader", "follower"])
def test_who_does_not_sync_in_time_is_out(silent: str) -> None:
    world = World()
    leader, follower = Member(world, rebalance_ms=20_000), Member(world, rebalance_ms=20_000)
    join_all(leader, follower)
    waiting = follower.sync() if silent == "leader" else leader.sync({})
    for _ in range(2):
        world.sleep(9_999)
        assert leader.heartbeat() is ErrorCode.NONE
        assert follower.heartbeat() is ErrorCode.NONE
    assert waiting.is_there is (silent == "follower")
    world.sleep(2)
    assert state(world) == "PreparingRebalance"
    stays = follower if silent == "leader" else leader
    assert member_ids(world) == [stays.id]
    if silent == "leader":
        assert waiting.code is ErrorCode.REBALANCE_IN_PROGRESS
    assert stays.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    stays.joined(stays.join())
    assert (stays.generation, stays.is_leader) == (2, True)


# Heartbeats


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"group_id": ""}, ErrorCode.INVALID_GROUP_ID),
        ({"group_id": "others"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"group_instance_id": "left-pump"}, ErrorCode.UNKNOWN_MEMBER_ID),
        ({"generation_id": 2}, ErrorCode.ILLEGAL_GENERATION),
        ({}, ErrorCode.NONE),
    ],
    ids=str,
)
def test_heartbeats(fields: dict[str, object], code: ErrorCode) -> None:
    member = Member(World())
    settle(member)
    assert member.heartbeat(**fields) is code


def test_heartbeats_keep_a_session_alive_and_silence_ends_it() -> None:
    world = World()
    lively, silent = Member(world), Member(world)
    settle(lively, silent)
    for _ in range(3):
        world.sleep(3_000)
        assert lively.heartbeat() is ErrorCode.NONE
    world.sleep(1_000)
    assert lively.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    assert member_ids(world) == [lively.id]
    lively.joined(lively.join())
    lively.sync({})
    world.sleep(10_000)
    assert state(world) == "Empty"
    assert lively.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID


def test_who_waits_for_the_group_needs_no_heartbeat() -> None:
    world = World()
    old, other, new = (Member(world, rebalance_ms=50_000) for _ in range(3))
    settle(old, other)
    answers = [new.join(), old.join()]
    for _ in range(4):
        world.sleep(9_000)
        assert other.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    answers.append(other.join())
    for member, answer in zip((new, old, other), answers, strict=True):
        member.joined(answer)
    leader = next(each for each in (new, old, other) if each.is_leader)
    followers = [each for each in (new, old, other) if each is not leader]
    waiting = [each.sync() for each in followers]
    for _ in range(4):
        world.sleep(9_000)
        assert leader.heartbeat() is ErrorCode.NONE
    leader.sync({})
    assert all(answer.code is ErrorCode.NONE for answer in waiting)
    world.sleep(9_999)
    assert state(world) == "Stable"
    # From the answer on they need them again, though their session ran out while they waited.
    world.sleep(1)
    assert state(world) == "Empty"


# Leaving


def test_who_leaves_makes_the_others_rejoin() -> None:
    world = World()
    leaver, stayer = Member(world), Member(world)
    settle(leaver, stayer)
    assert leaver.leave() is ErrorCode.NONE
    assert stayer.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    stayer.joined(stayer.join())
    assert (stayer.generation, stayer.is_leader) == (2, True)
    stayer.sync({})
    assert stayer.leave() is ErrorCode.NONE
    assert state(world) == "Empty"
    assert stayer.leave() is ErrorCode.UNKNOWN_MEMBER_ID


@pytest.mark.parametrize("version", range(3))
@pytest.mark.parametrize("member_id", ["known", "unknown"])
def test_older_clients_leave_alone(version: int, member_id: str) -> None:
    world = World()
    member = Member(world)
    settle(member)
    asked = member.id if member_id == "known" else "nobody"
    answer = world.ask(ApiKey.LEAVE_GROUP, version, group_id=GROUP, member_id=asked)
    is_known = member_id == "known"
    assert answer.code is (ErrorCode.NONE if is_known else ErrorCode.UNKNOWN_MEMBER_ID)
    assert state(world) == ("Empty" if is_known else "Stable")


@pytest.mark.parametrize("version", range(3, 6))
def test_many_leave_at_once_each_with_an_answer_of_its_own(version: int) -> None:
    world = World()
    dynamic, static = Member(world), Member(world, instance="pump")
    pending, stayer = Member(world), Member(world)
    settle(dynamic, static, stayer)
    pending.id = pending.ask_to_join()["member_id"]
    leaving = [
        {"member_id": dynamic.id},
        {"member_id": "", "group_instance_id": "pump"},
        {"member_id": pending.id},
        {"member_id": "nobody"},
        {"member_id": "", "group_instance_id": "valve"},
        {"member_id": ""},
    ]
    answer = world.ask(ApiKey.LEAVE_GROUP, version, group_id=GROUP, members=leaving)
    assert answer.code is ErrorCode.NONE
    unknown = ErrorCode.UNKNOWN_MEMBER_ID
    codes = [each["error_code"] for each in answer["members"]]
    assert codes == [0, 0, 0, unknown, unknown, unknown]
    named = [(each["member_id"], each["group_instance_id"]) for each in answer["members"]]
    assert named == [(each["member_id"], each.get("group_instance_id")) for each in leaving]
    assert member_ids(world) == [stayer.id]
    assert state(world) == "PreparingRebalance"
    # Nobody is waited for any more.
    stayer.joined(stayer.join())


@pytest.mark.parametrize(
    ("group", "code", "of_member"),
    [
        ("", ErrorCode.INVALID_GROUP_ID, None),
        ("others", ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID),
    ],
)
def test_a_leave_is_refused(group: str, code: ErrorCode, of_member: ErrorCode | None) -> None:
    members = [{"member_id": "nobody"}]
    answer = World().ask(ApiKey.LEAVE_GROUP, 5, group_id=group, members=members)
    assert answer.code is code
    assert [each["error_code"] for each in answer["members"]] == (
        [] if of_member is None else [of_member]
    )


def test_the_last_one_that_was_waited_for_leaves() -> None:
    world = World()
    old, new = Member(world), Member(world)
    settle(old)
    answer = new.join()
    assert not answer.is_there
    assert old.leave() is ErrorCode.NONE
    new.joined(answer)
    assert new.is_leader


def test_replies_that_a_removed_member_waits_for_fail() -> None:
    world = World()
    leader, pump = Member(world), Member(world, instance="pump")
    join_all(leader, pump)
    syncing = pump.sync()
    members = [{"member_id": "", "group_instance_id": "pump"}]
    world.ask(ApiKey.LEAVE_GROUP, 5, group_id=GROUP, members=members)
    assert syncing.code is ErrorCode.UNKNOWN_MEMBER_ID
    pump.id = ""
    joining = pump.join()
    world.ask(ApiKey.LEAVE_GROUP, 5, group_id=GROUP, members=members)
    assert joining.code is ErrorCode.UNKNOWN_MEMBER_ID
    assert joining["member_id"] == ""


def test_a_leave_that_empties_the_group_is_told_when_it_is_safe() -> None:
    world = World()
    member = Member(world)
    settle(member)
    world.is_disk_slow = True
    members = [{"member_id": member.id}]
    answer = world.ask(ApiKey.LEAVE_GROUP, 5, group_id=GROUP, members=members)
    assert not answer.is_there
    world.sync_disk()
    assert answer.code is ErrorCode.NONE


def test_everybody_leaves_while_an_id_is_given_out() -> None:
    world = World()
    member, pending = Member(world), Member(world)
    settle(member)
    pending.id = pending.ask_to_join()["member_id"]
    member.leave()
    world.sleep(0)
    assert state(world) == "Empty"
    answer = pending.ask_to_join()
    world.sleep(0)
    pending.joined(answer)
    assert pending.is_leader
