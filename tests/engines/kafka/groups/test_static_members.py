"""Members with a `group.instance.id` (KIP-345, KIP-814): new processes take over."""

import pytest

from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import Member, join_all, member_ids, settle, state
from tests.engines.kafka.groups.world import World


def pump(world: World, **options: object) -> Member:
    return Member(world, instance="pump", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", range(5, 10))
def test_a_static_member_is_in_at_once_and_named_by_its_instance(version: int) -> None:
    world = World()
    member = pump(world, version=version)
    answer = member.ask_to_join()
    world.sleep(0)
    member.joined(answer)
    assert member.id.startswith("pump-")
    assert answer["members"][0]["group_instance_id"] == "pump"


@pytest.mark.parametrize("version", range(5, 10))
def test_its_new_process_takes_over_without_a_rebalance(version: int) -> None:
    world = World()
    leader, old = Member(world), pump(world)
    settle(leader, old)
    new = pump(world, version=version)
    new.joined(new.join())
    assert new.id != old.id
    assert new.generation == old.generation
    assert new.leader == leader.id
    assert state(world) == "Stable"
    assert new.sync()["assignment"] == old.id.encode()
    assert new.heartbeat() is ErrorCode.NONE
    assert leader.heartbeat() is ErrorCode.NONE
    assert old.heartbeat() is ErrorCode.FENCED_INSTANCE_ID
    assert old.sync().code is ErrorCode.FENCED_INSTANCE_ID
    assert old.ask_to_join().code is ErrorCode.FENCED_INSTANCE_ID
    assert old.leave() is ErrorCode.FENCED_INSTANCE_ID


@pytest.mark.parametrize("version", range(5, 10))
def test_a_leader_that_comes_back_does_not_divide_anew(version: int) -> None:
    world = World()
    old = pump(world)
    settle(old)
    new = pump(world, version=version)
    answer = new.join()
    assert answer["generation_id"] == 1
    if version >= 9:
        # KIP-814: it leads, and is told not to assign.
        assert answer["leader"] == answer["member_id"]
        assert answer["skip_assignment"] is True
        assert [each["member_id"] for each in answer["members"]] == [answer["leader"]]
    else:
        assert answer["leader"] == old.id
        assert answer["members"] == []
    new.joined(answer)
    assert new.sync()["assignment"] == old.id.encode()


def test_the_new_process_is_to_sync_in_place_of_the_old_one() -> None:
    world = World()
    leader, old = Member(world), pump(world)
    join_all(leader, old)
    leader.sync({old.id: b"1"})
    new = pump(world)
    new.joined(new.join())
    assert new.sync()["assignment"] == b"1"
    for _ in range(9):
        world.sleep(9_000)
        assert leader.heartbeat() is ErrorCode.NONE
        assert new.heartbeat() is ErrorCode.NONE


def test_the_new_process_is_told_when_its_id_is_safe() -> None:
    world = World()
    settle(pump(world))
    world.is_disk_slow = True
    new = pump(world)
    answer = new.join()
    assert not answer.is_there
    world.sync_disk()
    new.joined(answer)
    world.is_disk_slow = False
    world.restart()
    assert new.heartbeat() is ErrorCode.NONE


def test_a_rebalance_overtakes_the_answer_about_the_taken_place() -> None:
    world = World()
    leader = Member(world)
    settle(leader, pump(world))
    world.is_disk_slow = True
    new, other = pump(world), Member(world)
    answers = [new.join(), other.join(), leader.join()]
    for member, answer in zip((new, other, leader), answers, strict=True):
        member.joined(answer)
        assert member.generation == 2
    world.sync_disk()


def test_with_another_protocol_it_begins_a_rebalance() -> None:
    world = World()
    leader, old = (
        Member(world, protocols=("range", "sticky")),
        pump(world, protocols=("range", "sticky")),
    )
    settle(leader, old)
    new = pump(world, protocols=("sticky",))
    answer = new.join()
    assert not answer.is_there
    leader.joined(leader.join())
    assert answer["protocol_name"] == "sticky"


def test_while_the_leader_divides_it_begins_a_rebalance() -> None:
    world = World()
    leader, old = Member(world), pump(world)
    join_all(leader, old)
    waiting = old.sync()
    new = pump(world)
    answer = new.join()
    assert waiting.code is ErrorCode.FENCED_INSTANCE_ID
    assert not answer.is_there
    leader.joined(leader.join())
    new.joined(answer)
    assert new.generation == leader.generation == 2


def test_the_old_process_that_waits_to_join_is_fenced() -> None:
    world = World()
    leader, old = Member(world), pump(world)
    settle(leader)
    waiting = old.join()
    new = pump(world)
    answer = new.join()
    assert waiting.code is ErrorCode.FENCED_INSTANCE_ID
    assert not answer.is_there
    leader.joined(leader.join())
    new.joined(answer)


def test_it_keeps_its_place_while_it_is_away_in_a_rebalance() -> None:
    world = World()
    old, away, new = Member(world), pump(world, session_ms=30_000), Member(world)
    settle(old, away)
    answer = new.join()
    old_answer = old.join()
    world.sleep(29_000)
    away.heartbeat()
    world.sleep(29_000)
    away.heartbeat()
    world.sleep(2_000)
    # The rebalance timeout is over: the group goes on with it.
    new.joined(answer)
    old.joined(old_answer)
    assert away.id in member_ids(world)
    new.sync({away.id: b"still"})
    (new if new.is_leader else old).sync({away.id: b"still"})
    away.generation = new.generation
    assert away.sync()["assignment"] == b"still"


def test_its_new_process_may_be_the_last_one_that_is_waited_for() -> None:
    world = World()
    leader, old = Member(world), pump(world)
    settle(leader, old)
    waiting = leader.join()
    new = pump(world)
    answer = new.join()
    leader.joined(waiting)
    new.joined(answer)
    assert new.generation == 2


def test_a_leader_that_is_away_leads_no_longer() -> None:
    world = World()
    away, other = pump(world, session_ms=100_000), Member(world)
    settle(away, other)
    assert away.is_leader
    new = Member(world)
    answers = [new.join(), other.join()]
    world.sleep(60_000)
    new.joined(answers[0])
    other.joined(answers[1])
    assert other.leader == other.id
    assert {each["member_id"] for each in answers[1]["members"]} == {away.id, other.id, new.id}


def test_a_group_of_static_members_that_are_all_away_waits_for_their_sessions() -> None:
    world = World()
    one, two = (
        Member(world, instance=name, session_ms=60_000, rebalance_ms=1_000)
        for name in ("pump", "valve")
    )
    settle(one, two)
    leaver = Member(world, rebalance_ms=1_000)
    leaver.join()
    assert leaver.leave() is ErrorCode.NONE
    world.sleep(50_000)
    assert state(world) == "PreparingRebalance"
    assert len(member_ids(world)) == 2
    world.sleep(10_000)
    assert state(world) == "Empty"


def test_it_does_not_leave_by_closing_but_by_its_session() -> None:
    world = World()
    member = pump(world)
    settle(member)
    world.sleep(9_999)
    assert state(world) == "Stable"
    world.sleep(1)
    assert state(world) == "Empty"


def test_an_unknown_instance_is_no_member() -> None:
    world = World()
    member = pump(world)
    settle(member)
    answer = member.ask_to_join(group_instance_id="valve")
    assert answer.code is ErrorCode.UNKNOWN_MEMBER_ID
