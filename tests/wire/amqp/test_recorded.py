"""What real clients and the stand's broker say to each other, decoded."""

import pytest

from stend.wire.amqp.decoder import AmqpDecoder
from stend.wire.decoding import Direction, Role, Unit
from stend.wire.exchanges import Exchange, Grouping
from stend.wire.reading import MASK
from tests.wire.amqp.talking import BODY, TALKS, TRACEPARENT, Talk
from tests.wire.checking import Heard, check, demand_survival, find
from tests.wire.gaps import behind_gap

Talks = dict[str, Talk]
NAMES = [one.__name__ for one in TALKS]


def exchanges(units: list[Unit]) -> dict[str, Exchange]:
    grouping = Grouping()
    found: dict[str, Exchange] = {}
    for one in units:
        for exchange in grouping.add([one]):
            found[exchange.key] = exchange
    return found


def heard(talks: Talks, name: str) -> tuple[Heard, dict[str, Exchange]]:
    told = check(AmqpDecoder, talks[name])
    return told, exchanges(told.units)


def names(exchange: Exchange) -> list[str]:
    return [one.name for one in exchange.units]


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_decoded(talks: Talks, name: str) -> None:
    told, _ = heard(talks, name)
    assert not [one for one in told.units if one.role is Role.BROKEN]
    assert not [one for unit in told.units for one in told.tree(unit) if one.why_not]


def test_a_login_is_control_and_its_secret_is_masked(talks: Talks) -> None:
    told, known = heard(talks, "pika_talk")
    assert names(known["c0.q1"]) == ["Connection.Start", "Connection.StartOk"]
    login = known["c0.q1"].units[1]
    assert login.role is Role.CONTROL
    assert find(told.tree(login), "response").value == MASK
    assert b"lavka" in told.data(login)
    assert find(told.tree(login), "client_properties", "capabilities", "basic.nack").value is True


def test_a_publish_is_its_method_header_and_bodies(talks: Talks) -> None:
    told, known = heard(talks, "pika_talk")
    small, large = known["c1.p1"], known["c1.p2"]
    assert names(small) == ["Basic.Publish", "header", "body"]
    assert names(large) == ["Basic.Publish", "header", "body", "body", "body"]
    assert small.is_complete
    assert large.is_complete
    assert small.context == TRACEPARENT
    assert small.first.summary == "events → order.placed"
    assert small.units[1].facts == {
        "channel": "1",
        "method": "Basic.Publish",
        "exchange": "events",
        "routing_key": "order.placed",
        "mandatory": "false",
        "content_type": "application/json",
        "correlation_id": "c-1",
        "reply_to": "answers",
        "expiration": "60000",
        "message_id": "m-1",
        "type": "OrderPlaced",
        "app_id": "orders",
    }
    assert find(told.tree(small.units[2]), "body").value == BODY.decode()


def test_properties_and_headers_have_their_own_fields(talks: Talks) -> None:
    told, known = heard(talks, "pika_talk")
    tree = told.tree(known["c1.p1"].units[1])
    shown = {name: find(tree, name).value for name in ("content_type", "priority", "timestamp")}
    assert shown == {"content_type": "application/json", "priority": 1, "timestamp": 1_795_000_000}
    assert find(tree, "delivery_mode").value == "2 persistent"
    assert find(tree, "headers", "traceparent").value == TRACEPARENT
    assert find(tree, "headers", "tries").value == 3
    listed = find(tree, "headers", "deep", "list")
    assert [find(listed.children, f"[{place}]").value for place in range(3)] == [1, "x", "void"]


def test_flags_that_share_an_octet_are_one_leaf(talks: Talks) -> None:
    told, known = heard(talks, "pika_talk")
    bits = find(told.tree(known["c1.q2"].first), "bits")
    assert bits.value == "passive=0 durable=1 auto_delete=0 internal=0 nowait=0"
    assert "durable:" in bits.meaning.text.en


def test_what_get_fetched_ends_with_its_acknowledgement(talks: Talks) -> None:
    _, known = heard(talks, "pika_talk")
    refused, buried, nothing, automatic = (known[f"c1.q{one}"] for one in (8, 9, 10, 11))
    assert names(refused) == ["Basic.Get", "Basic.GetOk", "header", "body", "Basic.Reject"]
    assert names(buried) == ["Basic.Get", "Basic.GetOk", "header", "body", "Basic.Ack"]
    assert buried.units[2].facts["x_death"] == "1"
    assert names(nothing) == ["Basic.Get", "Basic.GetEmpty"]
    assert names(automatic)[:3] == ["Basic.Get", "Basic.GetOk", "header"]
    assert all(one.is_complete for one in (refused, buried, nothing, automatic))


def test_a_closed_channel_answers_the_method_that_it_names(talks: Talks) -> None:
    _, known = heard(talks, "pika_talk")
    failed = known["c1.q13"]
    assert names(failed) == ["Queue.Declare", "Channel.Close", "Channel.CloseOk"]
    assert failed.error == "404 NOT_FOUND - no queue 'nowhere' in vhost '/'"
    assert failed.is_complete


def test_confirms_and_returns_belong_to_their_publish(talks: Talks) -> None:
    _, known = heard(talks, "confirms_talk")
    taken, returned, empty = (known[f"c1.p{one}"] for one in (1, 2, 3))
    assert names(taken) == ["Basic.Publish", "header", "body", "Basic.Ack"]
    assert names(returned) == ["Basic.Publish", "header", "Basic.Return", "header", "Basic.Ack"]
    assert names(empty) == ["Basic.Publish", "header", "Basic.Ack"]
    assert returned.error == "312 NO_ROUTE"
    assert [one.first.facts["delivery_tag"] for one in (taken, returned, empty)] == ["1", "2", "3"]
    assert all(one.is_complete for one in (taken, returned, empty))


def test_a_delivery_ends_with_its_acknowledgement(talks: Talks) -> None:
    _, known = heard(talks, "consuming_talk")
    assert names(known["c1.d1"]) == ["Basic.Deliver", "header", "body", "Basic.Ack"]
    assert names(known["c1.d3"])[-1] == "Basic.Ack"
    assert names(known["c1.d4"])[-1] == "Basic.Nack"
    assert known["c1.d4"].error is None, "a consumer may refuse"
    first = known["c1.d1"].first
    assert first.facts["queue"] == "letters"
    assert (first.summary, known["c1.d1"].units[1].summary) == ("letters · 1", "letters · 1 · 1 B")
    automatic = known["c1.d5"]
    assert names(automatic) == ["Basic.Deliver", "header", "body"]
    assert automatic.is_complete


def test_the_broker_tells_a_consumer_that_its_queue_is_gone(talks: Talks) -> None:
    told, _ = heard(talks, "consuming_talk")
    cancels = [one for one in told.of(Direction.TO_CLIENT) if one.name == "Basic.Cancel"]
    assert [(one.role, one.is_last) for one in cancels] == [(Role.MESSAGE, True)]


def test_transactions_are_questions_and_answers(talks: Talks) -> None:
    _, known = heard(talks, "transactions_talk")
    assert [names(known[f"c1.q{one}"]) for one in (2, 3, 4)] == [
        ["Tx.Select", "Tx.SelectOk"],
        ["Tx.Commit", "Tx.CommitOk"],
        ["Tx.Rollback", "Tx.RollbackOk"],
    ]


def test_a_refused_login_says_why(talks: Talks) -> None:
    told, _ = heard(talks, "refused_talk")
    (close,) = [one for one in told.units if one.name == "Connection.Close"]
    assert (close.error or "").startswith("403 ACCESS_REFUSED")


@pytest.mark.parametrize("name", NAMES)
def test_damage_never_raises(talks: Talks, name: str) -> None:
    demand_survival(AmqpDecoder, talks[name], rounds=60)


@pytest.mark.parametrize("name", ["pika_talk", "confirms_talk", "consuming_talk"])
def test_behind_a_gap_frames_are_read_again(talks: Talks, name: str) -> None:
    talk = talks[name]
    for heard_before in (0, 11):
        for gone in range(1, len(talk) - heard_before - 2):
            units = behind_gap(AmqpDecoder, talk, gone, heard_before)
            broken = [one for one in units if one.role is Role.BROKEN]
            # A chunk may begin in the midst of a frame; the next one does not.
            assert len(broken) <= 2
            assert units[-1].name == "Connection.CloseOk"
