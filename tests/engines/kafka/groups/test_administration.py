"""DescribeGroups, ListGroups, DeleteGroups."""

from typing import Any

import pytest

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import GROUP, Member, join_all, settle, state
from tests.engines.kafka.groups.test_offsets import commit, fetched, in_transaction
from tests.engines.kafka.groups.world import World


def describe(world: World, version: int, group: str = GROUP, **fields: Any) -> Fields:
    answer = world.ask(ApiKey.DESCRIBE_GROUPS, version, groups=[group], **fields)
    told: Fields = answer["groups"][0]
    return told


@pytest.mark.parametrize("version", range(7))
def test_a_stable_group_is_described(version: int) -> None:
    world = World()
    member = Member(world, client="clerk", instance="pump")
    settle(member)
    told = describe(world, version)
    assert told["error_code"] == 0
    assert (told["group_id"], told["group_state"]) == (GROUP, "Stable")
    assert (told["protocol_type"], told["protocol_data"]) == ("consumer", "range")
    assert told.get("authorized_operations", -(2**31)) == -(2**31)
    [who] = told["members"]
    assert who.get("group_instance_id") == ("pump" if version >= 4 else None)
    assert (who["member_id"], who["client_id"]) == (member.id, "clerk")
    assert who["client_host"] == "/127.0.0.1"
    assert who["member_metadata"] == member.protocols[0][1]
    assert who["member_assignment"] == member.id.encode()


@pytest.mark.parametrize("version", range(7))
def test_what_members_say_is_not_told_while_they_still_say_it(version: int) -> None:
    world = World()
    member = Member(world)
    join_all(member)
    told = describe(world, version)
    assert told["group_state"] == "CompletingRebalance"
    assert told["protocol_data"] == ""
    assert [who["member_metadata"] for who in told["members"]] == [b""]


@pytest.mark.parametrize("version", range(7))
def test_an_unknown_group_is_dead(version: int) -> None:
    told = describe(World(), version)
    assert told["group_state"] == "Dead"
    if version >= 6:
        assert told["error_code"] == ErrorCode.GROUP_ID_NOT_FOUND
        assert told["error_message"] == "Group readers not found."
    else:
        assert told["error_code"] == 0


@pytest.mark.parametrize("version", range(3, 7))
def test_operations_are_told_when_asked_for(version: int) -> None:
    world = World()
    settle(Member(world))
    told = describe(world, version, include_authorized_operations=True)
    assert told["authorized_operations"] == 0b110101001000
    unknown = describe(world, 6, "others", include_authorized_operations=True)
    assert unknown["authorized_operations"] == -(2**31)


@pytest.mark.parametrize("version", range(6))
def test_groups_are_listed(version: int) -> None:
    world = World()
    commit(world, {("orders", 0): 1}, group="simple")
    settle(Member(world))
    answer = world.ask(ApiKey.LIST_GROUPS, version)
    assert answer.code is ErrorCode.NONE
    told = {each["group_id"]: each for each in answer["groups"]}
    assert {name: each["protocol_type"] for name, each in told.items()} == {
        "simple": "",
        GROUP: "consumer",
    }
    assert told[GROUP].get("group_state") == ("Stable" if version >= 4 else None)
    assert told[GROUP].get("group_type") == ("classic" if version >= 5 else None)


@pytest.mark.parametrize(
    ("states", "kinds", "names"),
    [
        ([], [], {"simple", GROUP}),
        (["Stable"], [], {GROUP}),
        (["stable", "EMPTY"], [], {"simple", GROUP}),
        (["Dead"], [], set()),
        (["nonsense"], [], set()),
        ([], ["classic"], {"simple", GROUP}),
        ([], ["Classic"], {"simple", GROUP}),
        ([], ["consumer"], set()),
        ([], ["nonsense"], set()),
        (["Empty"], ["classic"], {"simple"}),
    ],
    ids=lambda one: "+".join(sorted(one)),
)
def test_lists_are_filtered(states: list[str], kinds: list[str], names: set[str]) -> None:
    world = World()
    commit(world, {("orders", 0): 1}, group="simple")
    settle(Member(world))
    answer = world.ask(ApiKey.LIST_GROUPS, 5, states_filter=states, types_filter=kinds)
    assert {each["group_id"] for each in answer["groups"]} == names


@pytest.mark.parametrize("version", range(3))
def test_groups_are_deleted(version: int) -> None:
    world = World()
    settle(Member(world))
    commit(world, {("orders", 0): 1}, group="simple")
    commit(world, {("orders", 0): 1}, group="kept")
    commit(world, {("orders", 0): 1}, group="")
    names = ["simple", GROUP, "unknown", ""]
    answer = world.ask(ApiKey.DELETE_GROUPS, version, groups_names=names)
    assert {each["group_id"]: each["error_code"] for each in answer["results"]} == {
        "simple": 0,
        GROUP: ErrorCode.NON_EMPTY_GROUP,
        "unknown": ErrorCode.GROUP_ID_NOT_FOUND,
        "": 0,
    }
    assert fetched(world, group="simple") == {}
    assert fetched(world, group="kept") == {("orders", 0): 1}
    assert state(world, "simple") == "Dead"
    assert set(world.groups.ids()) == {GROUP, "kept"}


def test_a_deleted_group_is_gone_for_its_transactions_too() -> None:
    world = World()
    commit(world, {("orders", 0): 1})
    in_transaction(world, 5, {("orders", 0): 2, ("orders", 1): 2})
    world.ask(ApiKey.DELETE_GROUPS, 2, groups_names=[GROUP])
    assert fetched(world, ("orders", 0)) == {("orders", 0): -1}
    world.groups.end_transaction(5, is_commit=True)
    assert fetched(world) == {}
    assert world.disk == {}


def test_a_group_nobody_uses_is_gone_after_a_while() -> None:
    world = World()
    member = Member(world)
    settle(member)
    member.leave()
    assert state(world) == "Empty"
    world.sleep(600_000)
    assert state(world) == "Dead"
    assert world.disk == {}


def test_an_id_given_out_by_a_group_that_is_gone_is_unknown() -> None:
    world = World()
    member = Member(world)
    member.id = member.ask_to_join()["member_id"]
    world.ask(ApiKey.DELETE_GROUPS, 2, groups_names=[GROUP])
    assert member.ask_to_join().code is ErrorCode.UNKNOWN_MEMBER_ID
    world.sleep(60_000)
    assert state(world) == "Dead"
