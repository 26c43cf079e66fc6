"""The protocol of groups (KIP-345, 394, 448) as members speak it: generations and errors."""

from collections.abc import Callable

import pytest
from kafka.errors import (
    FencedInstanceIdError,
    IllegalGenerationError,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    MemberIdRequiredError,
    RebalanceInProgressError,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
)
from kafka.protocol.admin import DescribeGroupsRequest

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.asking import GroupWire
from tests.engines.suite.kafka.wire import Wire
from tests.waiting import until

NOBODY, STALE = UnknownMemberIdError.errno, IllegalGenerationError.errno
OpenWire = Callable[[], Wire]


@check(
    ru="JoinGroup без номера члена: MEMBER_ID_REQUIRED и номер; со старой версии — сразу",
    en="JoinGroup without a member id: MEMBER_ID_REQUIRED and the id; at once in old versions",
)
def test_member_id(wire: Wire, name: str, group: str) -> None:
    told = GroupWire(wire, group).join()
    assert told.error_code == MemberIdRequiredError.errno
    assert told.member_id.startswith("suite-")
    old = GroupWire(wire, f"{name}-old").join(version=3)
    assert (old.error_code, old.generation_id, old.leader) == (0, 1, old.member_id)
    assert GroupWire(wire, f"{name}-old").leave(old.member_id) == 0


@check(
    ru="JoinGroup: чужой номер, пустая группа, ни одного протокола, негодный session.timeout",
    en="JoinGroup: an unknown id, an empty group, no protocol, a bad session.timeout",
)
def test_join_errors(wire: Wire, group: str) -> None:
    ours = GroupWire(wire, group)
    assert ours.join("nobody").error_code == NOBODY
    assert GroupWire(wire, "").join().error_code == InvalidGroupIdError.errno
    inconsistent = InconsistentGroupProtocolError.errno
    assert ours.join(protocols={}).error_code == inconsistent
    assert ours.join(kind="").error_code == inconsistent
    timeout = ours.join(session_timeout_ms=5)
    assert timeout.error_code == InvalidSessionTimeoutError.errno


@check(
    ru="Поколение: SyncGroup отдаёт долю, повтор её же, старое поколение отвергается",
    en="A generation: SyncGroup gives the share, asked again the same; an old one is refused",
)
def test_generation(wire: Wire, group: str) -> None:
    ours = GroupWire(wire, group)
    generation, member = ours.become_member()
    assert ours.sync(generation, member).assignment == b"all"
    assert ours.heartbeat(generation, member) == 0
    assert ours.heartbeat(generation - 1, member) == STALE
    assert ours.heartbeat(generation, "nobody") == NOBODY
    assert ours.sync(generation - 1, member).error_code == STALE
    assert ours.sync(generation, "nobody").error_code == NOBODY
    assert GroupWire(wire, f"{group}-none").heartbeat(1, member) == NOBODY


@check(
    ru="Смещения: чужого поколения, чужого члена и неизвестного топика не сохраняются",
    en="Offsets of another generation, another member or an unknown topic are not kept",
)
def test_commit_errors(wire: Wire, topic: str, group: str) -> None:
    ours = GroupWire(wire, group)
    generation, member = ours.become_member()
    assert ours.commit(generation, member, topic, offset=5) == 0
    assert ours.commit(generation - 1, member, topic) == STALE
    assert ours.commit(generation, "nobody", topic) == NOBODY
    assert ours.commit(-1, "", topic) == NOBODY
    unknown = ours.commit(generation, member, f"{topic}-none")
    assert unknown == UnknownTopicOrPartitionError.errno
    assert GroupWire(wire, f"{group}-none").commit(4, "nobody", topic) == STALE
    assert ours.committed(topic) == (0, 5)


@check(
    ru="LeaveGroup: ушедшего больше нет, второй раз и чужому — UNKNOWN_MEMBER_ID",
    en="LeaveGroup: who left is gone; twice, or for a stranger, it is UNKNOWN_MEMBER_ID",
)
def test_leave(wire: Wire, group: str) -> None:
    ours = GroupWire(wire, group)
    generation, member = ours.become_member()
    assert ours.leave("nobody") == NOBODY
    assert ours.leave(member) == 0
    assert ours.leave(member) == NOBODY
    assert ours.heartbeat(generation, member) == NOBODY


@check(
    ru="Новый член: прежний узнаёт о ребалансировке из пульса, лидер видит обоих",
    en="A new member: the former learns of the rebalance by heartbeat, the leader sees both",
)
def test_rebalance(open_wire: OpenWire, group: str) -> None:
    first, second = (GroupWire(open_wire(), group) for _ in range(2))
    generation, leader = first.become_member()
    newcomer = second.join().member_id
    second.send_join(newcomer)
    until(lambda: first.heartbeat(generation, leader) == RebalanceInProgressError.errno)
    told = first.join(leader)
    joined = second.joined()
    assert told.generation_id == joined.generation_id == generation + 1
    assert told.leader == joined.leader == leader
    assert {one.member_id for one in told.members} == {leader, newcomer}
    assert joined.members == []
    shares = {leader: b"left", newcomer: b"right"}
    assert first.sync(generation + 1, leader, shares).assignment == b"left"
    assert second.sync(generation + 1, newcomer).assignment == b"right"
    assert first.leave(leader) == second.leave(newcomer) == 0


@check(
    ru="Кто не вернулся за rebalance.timeout, исключён: остальные продолжают без него",
    en="Who is not back within rebalance.timeout is out: the others go on without it",
)
def test_rebalance_timeout(open_wire: OpenWire, group: str) -> None:
    first, second = (GroupWire(open_wire(), group) for _ in range(2))
    slow = first.join(rebalance_timeout_ms=500).member_id
    generation = first.join(slow, rebalance_timeout_ms=500).generation_id
    first.sync(generation, slow, {slow: b"all"})
    newcomer = second.join(rebalance_timeout_ms=500).member_id
    told = second.join(newcomer, rebalance_timeout_ms=500)
    assert (told.error_code, told.leader) == (0, newcomer)
    assert [one.member_id for one in told.members] == [newcomer]
    assert first.heartbeat(generation, slow) == NOBODY
    assert second.leave(newcomer) == 0


@check(
    ru="Общий протокол выбирают все: побеждает тот, что поддержан каждым",
    en="The protocol is chosen by all: the one that each of them supports wins",
)
def test_protocol_is_chosen(open_wire: OpenWire, group: str) -> None:
    first, second = (GroupWire(open_wire(), group) for _ in range(2))
    both, one = {"sticky": b"1", "range": b"2"}, {"range": b"3"}
    member = first.join(protocols=both).member_id
    first.send_join(member, protocols=both)
    other = second.join(protocols=one).member_id
    second.send_join(other, protocols=one)
    told = [first.joined(), second.joined()]
    assert {answer.protocol_name for answer in told} == {"range"}
    leader = next(answer for answer in told if answer.member_id == answer.leader)
    found = {one.member_id: one.metadata for one in leader.members}
    assert found == {member: b"2", other: b"3"}
    assert first.leave(member) == second.leave(other) == 0


@check(
    ru="Статический член: прежний номер после возвращения отгорожен (FENCED_INSTANCE_ID)",
    en="A static member: its former id is fenced after its return (FENCED_INSTANCE_ID)",
)
def test_static_member(wire: Wire, topic: str, group: str) -> None:
    ours = GroupWire(wire, group, instance="one")
    first = ours.join()
    assert (first.error_code, first.member_id.startswith("one-")) == (0, True)
    ours.sync(first.generation_id, first.member_id, {first.member_id: b"all"})
    again = ours.join()
    assert again.error_code == 0
    assert again.member_id != first.member_id
    assert again.generation_id == first.generation_id
    fenced = FencedInstanceIdError.errno
    assert ours.heartbeat(first.generation_id, first.member_id) == fenced
    assert ours.commit(first.generation_id, first.member_id, topic) == fenced
    assert ours.sync(again.generation_id, again.member_id).assignment == b"all"
    assert ours.leave("") == 0


@check(
    ru="Описание неизвестной группы: Dead без ошибки до версии 5, GROUP_ID_NOT_FOUND с шестой",
    en="An unknown group described: Dead without an error up to version 5, an error from 6 on",
)
@pytest.mark.parametrize(("version", "code"), [(5, 0), (6, 69)])
def test_unknown_group(wire: Wire, group: str, version: int, code: int) -> None:
    told = wire.ask(
        DescribeGroupsRequest, version, groups=[group], include_authorized_operations=False
    )
    (one,) = told.groups
    assert (one.error_code, one.group_state) == (code, "Dead")
