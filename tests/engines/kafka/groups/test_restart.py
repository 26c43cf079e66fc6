"""A broker that is killed comes back with the groups it had."""

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import Member, join_all, member_ids, settle, state
from tests.engines.kafka.groups.test_offsets import (
    codes,
    commit,
    commit_of,
    delete,
    fetched,
    in_transaction,
)
from tests.engines.kafka.groups.world import World


def test_members_go_on_as_if_nothing_had_been() -> None:
    world = World()
    leader, pump = Member(world), Member(world, instance="pump", client="pumps")
    settle(leader, pump)
    before = world.ask(ApiKey.DESCRIBE_GROUPS, 6, groups=["readers"]).fields
    world.restart()
    assert world.ask(ApiKey.DESCRIBE_GROUPS, 6, groups=["readers"]).fields == before
    for member in (leader, pump):
        assert member.heartbeat() is ErrorCode.NONE
        assert member.sync()["assignment"] == member.id.encode()
        assert codes(commit_of(member, {("orders", 0): 1})) == [0]
    new = Member(world, instance="pump")
    new.joined(new.join())
    assert pump.heartbeat() is ErrorCode.FENCED_INSTANCE_ID
    other = Member(world)
    answer = other.join()
    assert leader.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS
    answers = [leader.join(), new.join()]
    leader.joined(answers[0])
    new.joined(answers[1])
    other.joined(answer)
    assert {leader.generation, new.generation, other.generation} == {2}
    assert other.leader == leader.id


def test_sessions_are_timed_from_the_restart_on() -> None:
    world = World()
    lively, silent = Member(world), Member(world)
    settle(lively, silent)
    world.sleep(9_000)
    world.restart()
    world.sleep(9_000)
    assert lively.heartbeat() is ErrorCode.NONE
    assert len(member_ids(world)) == 2
    world.sleep(1_000)
    assert member_ids(world) == [lively.id]


def test_an_unfinished_rebalance_is_forgotten() -> None:
    world = World()
    old, new = Member(world), Member(world)
    settle(old)
    answer = new.join()
    old.joined(old.join())
    new.joined(answer)
    assert old.generation == 2
    world.restart()
    assert state(world) == "Stable"
    assert member_ids(world) == [old.id]
    assert old.heartbeat() is ErrorCode.ILLEGAL_GENERATION
    assert new.heartbeat() is ErrorCode.UNKNOWN_MEMBER_ID
    new.id = old.id = ""
    answers = [new.join(), old.join()]
    world.sleep(10_000)
    new.joined(answers[0])
    old.joined(answers[1])
    assert new.generation == old.generation == 2
    assert sorted(member_ids(world)) == sorted((new.id, old.id))


def test_a_first_rebalance_is_forgotten_with_its_members() -> None:
    world = World()
    member = Member(world)
    join_all(member)
    world.restart()
    assert state(world) == "Empty"
    assert member.sync({}).code is ErrorCode.UNKNOWN_MEMBER_ID


def test_an_assignment_that_was_not_safe_may_be_there_or_not() -> None:
    world = World()
    member = Member(world)
    join_all(member)
    world.is_disk_slow = True
    answer = member.sync({member.id: b"1"})
    world.restart()
    assert not answer.is_there
    assert member.heartbeat() is ErrorCode.NONE
    assert member.sync()["assignment"] == b"1"


def test_an_empty_group_stays_empty_with_its_generation() -> None:
    world = World()
    member = Member(world)
    settle(member)
    member.leave()
    world.restart()
    assert state(world) == "Empty"
    member.id = ""
    settle(member)
    assert member.generation == 3


def test_offsets_are_all_there() -> None:
    world = World()
    commit(world, {("orders", 0): 1, ("orders", 1): 1})
    commit(world, {("orders", 0): 2}, group="with/slashes/9")
    world.restart()
    assert fetched(world) == {("orders", 0): 1, ("orders", 1): 1}
    assert fetched(world, group="with/slashes/9") == {("orders", 0): 2}
    assert state(world) == "Empty"


def test_who_leads_is_known() -> None:
    world = World()
    old, follower = Member(world, instance="pump"), Member(world)
    settle(old, follower)
    leader = Member(world, instance="pump")
    leader.joined(leader.join())
    world.restart()
    assert follower.join()["leader"] == leader.id
    # Only its rejoining divides the partitions anew.
    assert not leader.join().is_there


def test_what_members_subscribe_to_is_known() -> None:
    world = World()
    commit(world, {("orders", 0): 1, ("bills", 0): 1})
    settle(Member(world, topics=("orders",)))
    world.restart()
    answer = delete(world, ("orders", 0), ("bills", 0))
    assert codes(answer) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 0]


def test_offsets_of_open_transactions_wait_on() -> None:
    world = World()
    commit(world, {("orders", 0): 1})
    in_transaction(world, 5, {("orders", 0): 2, ("orders", 1): 2, ("orders", 2): 2})
    in_transaction(world, 6, {("bills", 0): 6})
    commit(world, {("orders", 1): 9})
    world.restart()
    unstable = -ErrorCode.UNSTABLE_OFFSET_COMMIT
    assert fetched(world, ("orders", 0)) == {("orders", 0): unstable}
    # What is committed now is newer than all before the restart.
    commit(world, {("orders", 2): 8})
    world.groups.end_transaction(5, is_commit=True)
    world.groups.end_transaction(6, is_commit=False)
    assert fetched(world) == {("orders", 0): 2, ("orders", 1): 9, ("orders", 2): 8}
    world.restart()
    assert fetched(world) == {("orders", 0): 2, ("orders", 1): 9, ("orders", 2): 8}


def test_a_group_known_by_an_open_transaction_only() -> None:
    world = World()
    in_transaction(world, 5, {("orders", 0): 2})
    world.restart()
    assert state(world) == "Empty"
    world.groups.end_transaction(5, is_commit=True)
    assert fetched(world) == {("orders", 0): 2}


def test_ids_given_out_are_forgotten() -> None:
    world = World()
    member = Member(world)
    member.id = member.ask_to_join()["member_id"]
    world.restart()
    assert member.ask_to_join().code is ErrorCode.UNKNOWN_MEMBER_ID
