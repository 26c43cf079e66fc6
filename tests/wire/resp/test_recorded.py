"""What a real client and a real server say to each other, decoded."""

from itertools import pairwise

import pytest

from stend.wire.decoding import Direction, Role, Unit
from stend.wire.exchanges import Exchange, Grouping
from stend.wire.reading import MASK
from stend.wire.resp.decoder import RespDecoder
from tests.wire.checking import Heard, check, demand_survival, find
from tests.wire.gaps import behind_gap
from tests.wire.resp.talking import TALKS, TRACEPARENT, Talk

Talks = dict[str, list[Talk]]
NAMES = [f"{talk.__name__}-{protocol}" for talk in TALKS for protocol in (2, 3)]


def units_of(talks: Talks, name: str) -> list[tuple[Heard, Unit]]:
    """Of all connections of a talk."""
    heard = [check(RespDecoder, talk) for talk in talks[name]]
    return [(one, unit) for one in heard for unit in one.units]


def exchanges(units: list[tuple[Heard, Unit]]) -> list[tuple[Heard, Exchange]]:
    found: dict[tuple[int, int], tuple[Heard, Exchange]] = {}
    groupings: dict[int, Grouping] = {}
    for heard, unit in units:
        grouping = groupings.setdefault(id(heard), Grouping())
        for one in grouping.add([unit]):
            found[id(heard), one.number] = heard, one
    return list(found.values())


def of_command(talks: Talks, name: str, command: str) -> list[tuple[Heard, Exchange]]:
    known = exchanges(units_of(talks, name))
    return [(heard, one) for heard, one in known if one.first.name == command]


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_decoded_and_every_command_is_answered(talks: Talks, name: str) -> None:
    units = units_of(talks, name)
    assert units
    assert not [unit for _, unit in units if unit.role is Role.BROKEN]
    assert not [one for heard, unit in units for one in heard.tree(unit) if one.why_not]
    assert all(one.is_complete for _, one in exchanges(units))


@pytest.mark.parametrize("name", NAMES)
def test_damage_never_raises(talks: Talks, name: str) -> None:
    for talk in talks[name]:
        demand_survival(RespDecoder, [(one, data[:5000]) for one, data in talk], rounds=20)


def test_arguments_are_called_by_their_names(talks: Talks) -> None:
    ((heard, geo),) = of_command(talks, "everything-2", "GEOADD")
    tree = heard.tree(geo.first)
    shown = [(one.name, one.value) for one in tree[0].children if one.children]
    assert shown == [
        ("command", "GEOADD"),
        ("key", "couriers"),
        ("longitude", "37.6"),
        ("latitude", "55.7"),
        ("member", "anna"),
    ]
    assert "точки" in find(tree, "command").meaning.text.ru
    assert find(tree, "key").meaning.source == "Redis commands: GEOADD"


def test_the_same_reply_has_another_type_in_resp3(talks: Talks) -> None:
    shown = []
    for protocol in (2, 3):
        ((heard, one),) = of_command(talks, f"everything-{protocol}", "HGETALL")
        reply = one.units[1]
        shown.append((reply.name, heard.tree(reply)))
    (array, flat), (mapped, paired) = shown
    assert (array, mapped) == ("array", "map")
    assert find(flat, "[3]").value == "2"
    assert find(paired, "quantity", "value").value == "2"


@pytest.mark.parametrize(("protocol", "name"), [(2, "bulk string"), (3, "null")])
def test_what_is_not_there_is_null(talks: Talks, protocol: int, name: str) -> None:
    found = of_command(talks, f"everything-{protocol}", "GET")
    (reply,) = [one.units[1] for _, one in found if one.first.facts["key"] == "nothing"]
    assert (reply.name, reply.summary) == (name, "null")


def test_an_error_is_told_in_the_words_of_the_server(talks: Talks) -> None:
    alone, queued = of_command(talks, "everything-3", "LPUSH")
    assert (alone[1].error or "").startswith("WRONGTYPE Operation")
    assert queued[1].units[1].summary == "QUEUED"
    ((_, execution),) = of_command(talks, "everything-3", "EXEC")
    assert (execution.error or "").startswith("WRONGTYPE Operation")


def test_an_entry_of_a_stream_carries_its_trace_there_and_back(talks: Talks) -> None:
    for protocol in (2, 3):
        name = f"everything-{protocol}"
        ((_, added),) = of_command(talks, name, "XADD")
        assert added.first.context == TRACEPARENT
        assert added.first.facts == {"command": "XADD", "key": "events", "stream": "events"}
        read, waited = of_command(talks, name, "XREADGROUP")
        assert read[1].units[1].context == TRACEPARENT
        assert waited[1].units[1].summary == "null"


def test_a_pipeline_is_answered_in_its_order(talks: Talks) -> None:
    units = [unit for _, unit in units_of(talks, "everything-2")]
    asked = [
        (first.name, second.name)
        for first, second in pairwise(units)
        if {first.direction, second.direction} == {Direction.TO_SERVER}
    ]
    assert ("GET", "EXISTS") in asked
    last = of_command(talks, "everything-2", "GET")[-1][1]
    assert (last.first.facts["key"], last.units[1].summary) == ("tea", "зелёный")


def test_a_password_is_masked_wherever_it_is_shown(talks: Talks) -> None:
    ((heard, one),) = of_command(talks, "everything-2", "CONFIG SET")
    assert one.first.summary == f"CONFIG SET requirepass {MASK}"
    assert heard.tree(one.first)[0].children[-1].value == MASK


@pytest.mark.parametrize("protocol", [2, 3])
def test_subscriptions(talks: Talks, protocol: int) -> None:
    name = f"subscriptions-{protocol}"
    confirmed = [
        (command, len(one.units) - 1)
        for command in ("SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE")
        for _, one in of_command(talks, name, command)
    ]
    assert confirmed == [
        ("SUBSCRIBE", 2),
        ("PSUBSCRIBE", 1),
        ("UNSUBSCRIBE", 2),
        ("PUNSUBSCRIBE", 1),
    ]
    messages = [unit for _, unit in units_of(talks, name) if unit.role is Role.MESSAGE]
    assert [unit.facts for unit in messages] == [
        {"kind": "message", "channel": "orders"},
        {"kind": "pmessage", "pattern": "del*", "channel": "delivery"},
    ]
    assert {unit.exchange for unit in messages} == {None}


@pytest.mark.parametrize("protocol", [2, 3])
def test_what_a_monitor_sees_answers_nothing(talks: Talks, protocol: int) -> None:
    units = [unit for _, unit in units_of(talks, f"monitoring-{protocol}")]
    (seen,) = [one for one in units if one.role is Role.MESSAGE]
    assert '"SET" "seen" "yes"' in seen.summary


@pytest.mark.parametrize("protocol", [2, 3])
def test_behind_a_gap_commands_find_their_replies_again(talks: Talks, protocol: int) -> None:
    talk = talks[f"everything-{protocol}"][-1]
    for heard_before in (0, 5):
        for gone in range(1, len(talk) - heard_before - 2):
            units = behind_gap(RespDecoder, talk, gone, heard_before)
            assert not [one for one in units if one.role is Role.BROKEN]
            last = [one for one in units if one.name == "EXISTS"]
            assert [one.name for one in units if one.exchange == last[0].exchange] == [
                "EXISTS",
                "integer",
            ]
