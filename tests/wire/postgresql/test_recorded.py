"""What real clients and a real server say to each other, decoded."""

import pytest

from stend.kit.fields import Field
from stend.wire.decoding import Direction, Role, Unit
from stend.wire.exchanges import Exchange, Grouping
from stend.wire.postgresql.decoder import PostgresqlDecoder
from stend.wire.reading import MASK
from tests.wire.checking import Heard, check, demand_survival, find
from tests.wire.gaps import behind_gap
from tests.wire.postgresql.talking import TRACEPARENT, Talk

Talks = dict[str, Talk]


def heard(talks: Talks, name: str) -> Heard:
    return check(PostgresqlDecoder, talks[name])


def exchanges(units: list[Unit]) -> list[Exchange]:
    grouping = Grouping()
    found: dict[int, Exchange] = {}
    for one in units:
        for exchange in grouping.add([one]):
            found[exchange.number] = exchange
    return list(found.values())


def of_sql(units: list[Unit], start: str) -> list[Exchange]:
    return [
        one
        for one in exchanges(units)
        if any(unit.facts.get("sql", "").startswith(start) for unit in one.units)
    ]


def row(told: Heard, exchange: Exchange) -> dict[str, object]:
    """The values of its first row by their columns."""
    unit = next(one for one in exchange.units if one.name == "DataRow")
    columns = [one for one in told.tree(unit) if one.children]
    return {one.name: one.value for one in columns}


@pytest.mark.parametrize("name", ["psycopg_talk", "psycopg2_talk", "wrong_password"])
def test_everything_is_decoded_and_every_exchange_is_answered(talks: Talks, name: str) -> None:
    told = heard(talks, name)
    assert not [one for one in told.units if one.role is Role.BROKEN]
    assert not [one for one in told.units if any(_undecoded(told.tree(one)))]
    assert all(one.is_complete for one in exchanges(told.units))


def _undecoded(tree: tuple[Field, ...]) -> list[Field]:
    return [one for one in tree if one.why_not is not None]


def test_the_start_of_a_connection_is_one_exchange_without_its_secrets(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    start = [one for one in told.units if one.exchange == "startup"]
    assert {one.role for one in start} == {Role.CONTROL}
    assert start[0].facts == {"user": "orders", "database": start[0].facts["database"]}
    assert [one.name for one in start[:6]] == [
        "StartupMessage",
        "AuthenticationSASL",
        "SASLInitialResponse",
        "AuthenticationSASLContinue",
        "SASLResponse",
        "AuthenticationSASLFinal",
    ]
    assert start[-1].name == "ReadyForQuery"
    proof = find(told.tree(start[4]), "data")
    assert isinstance(proof.value, str)
    assert proof.value.endswith(f",p={MASK}")
    assert "•".encode() not in told.data(start[4])


def test_a_simple_query_carries_its_trace_in_a_comment(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    (first,) = of_sql(told.units, "SELECT 1")
    assert first.key == "q1"
    assert first.context == TRACEPARENT
    assert first.first.summary == "SELECT 1"
    assert [one.name for one in first.units] == [
        "Query",
        "RowDescription",
        "DataRow",
        "CommandComplete",
        "ReadyForQuery",
    ]
    assert first.units[3].facts == {"rows": "SELECT 1", "sql": "SELECT 1"}
    assert first.units[4].facts == {"transaction_status": "I"}


def test_values_are_read_by_the_types_of_their_columns(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    as_text, as_binary = of_sql(told.units, "SELECT * FROM lines")
    assert row(told, as_text) == {
        "id": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        "sku": "tea",
        "quantity": "2",
        "price": "1234.50",
        "weight": "0.25",
        "paid": "t",
        "at": "2026-11-28 10:20:30.5+00",
        "day": "2026-11-28",
        "extra": '{"a": [1]}',
        "raw": "\\x00ff",
        "tags": "{x,NULL}",
        "big": "-7",
    }
    binary = row(told, as_binary)
    assert binary.pop("tags") is None, "an array is a tree of its own"
    assert binary == {
        "id": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        "sku": "tea",
        "quantity": 2,
        "price": "1234.50",
        "weight": 0.25,
        "paid": True,
        "at": "2026-11-28 10:20:30.500000+00",
        "day": "2026-11-28",
        "extra": '{"a": [1]}',
        "raw": b"\x00\xff",
        "big": -7,
    }


def test_json_in_a_column_is_opened(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    for exchange in of_sql(told.units, "SELECT * FROM lines"):
        unit = next(one for one in exchange.units if one.name == "DataRow")
        assert find(told.tree(unit), "extra", "value", "a", "[0]").value == 1


def test_parameters_are_read_by_the_types_that_parse_told(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    first = of_sql(told.units, "SELECT * FROM lines")[0]
    bind = told.tree(next(one for one in first.units if one.name == "Bind"))
    number, text = find(bind, "$1", "value"), find(bind, "$2", "value")
    assert (number.value, number.type) == (1, "int2, binary")
    assert (text.value, text.type) == ("tea", "text")


def test_a_prepared_statement_is_known_by_its_name_in_later_cycles(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    cycles = of_sql(told.units, "SELECT sku FROM lines")
    names = [[one.name for one in cycle.units if one.role is Role.REQUEST] for cycle in cycles]
    assert names[0] == ["Parse", "Sync"]
    assert names[1:] == [["Bind", "Describe", "Execute", "Sync"]] * 3
    binds = [cycle.first for cycle in cycles[1:]]
    assert {one.facts["statement"] for one in binds} == {"_pg3_0"}
    assert {one.summary for one in binds} == {"SELECT sku FROM lines WHERE big < $1"}
    assert find(told.tree(binds[2]), "$1", "value").value == 1


def test_an_error_says_its_sqlstate_and_what_it_is_about(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    (failed,) = of_sql(told.units, "UPDATE lines")
    assert failed.error is not None
    assert failed.error.startswith('23514 new row for relation "lines" violates')
    error = next(one for one in failed.units if one.error)
    assert error.facts["sqlstate"] == "23514"
    assert error.facts["constraint"] == "lines_quantity_check"
    assert find(told.tree(error), "constraint", "field_value").value == "lines_quantity_check"


def test_a_pipeline_is_one_cycle_with_two_answers(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    (both,) = [
        one for one in of_sql(told.units, "SELECT $1") if one.first.direction is Direction.TO_SERVER
    ]
    assert [one.name for one in both.units].count("Execute") == 2
    assert [one.name for one in both.units].count("CommandComplete") == 2
    rows = [one for one in both.units if one.name == "DataRow"]
    assert [find(told.tree(one), "value").value for one in rows] == ["1", "два"]


def test_copy_and_what_comes_unasked(talks: Talks) -> None:
    told = heard(talks, "psycopg_talk")
    (copied,) = of_sql(told.units, "COPY lines (id")
    assert [one.name for one in copied.units] == [
        "Query",
        "CopyInResponse",
        "CopyData",
        "CopyDone",
        "CommandComplete",
        "ReadyForQuery",
    ]
    (noted,) = [one for one in told.units if one.name == "NotificationResponse"]
    assert (noted.role, noted.exchange, noted.facts) == (
        Role.MESSAGE,
        None,
        {"channel": "orders"},
    )
    (notice,) = [one for one in told.units if one.name == "NoticeResponse"]
    assert notice.summary == "00000 noted"


def test_a_transaction_is_followed(talks: Talks) -> None:
    told = heard(talks, "psycopg2_talk")
    ready = [one for one in told.units if one.name == "ReadyForQuery"]
    assert {one.facts["transaction_status"] for one in ready} == {"I", "T", "E"}
    (failed,) = of_sql(told.units, "SELECT * FROM nowhere")
    assert failed.error == '42P01 relation "nowhere" does not exist'


def test_a_wrong_password_ends_the_start(talks: Talks) -> None:
    told = heard(talks, "wrong_password")
    last = told.units[-1]
    assert (last.exchange, last.role, last.is_last) == ("startup", Role.CONTROL, True)
    assert last.error == '28P01 password authentication failed for user "orders"'


@pytest.mark.parametrize("name", ["psycopg_talk", "psycopg2_talk"])
def test_damage_never_raises(talks: Talks, name: str) -> None:
    demand_survival(PostgresqlDecoder, talks[name], rounds=60)


def test_behind_a_gap_cycles_are_read_again(talks: Talks) -> None:
    talk = talks["psycopg_talk"]
    # With the first chunk alone goes the question that one byte answers.
    for gone in range(2, len(talk) - 4):
        units = behind_gap(PostgresqlDecoder, talk, gone)
        assert not [one for one in units if one.role is Role.BROKEN]
        # The cycle in which the gap ends lacks its question, those behind it lack nothing.
        cycles = [one for one in exchanges(units) if one.first.role is Role.REQUEST]
        assert all(one.is_complete for one in cycles[1:])
        assert all(one.units[-1].name == "ReadyForQuery" for one in cycles[1:])


def test_a_gap_between_two_cycles_loses_no_other(talks: Talks) -> None:
    talk = talks["psycopg_talk"]
    for gone in range(1, len(talk) - 14):
        units = behind_gap(PostgresqlDecoder, talk, gone, 9)
        assert not [one for one in units if one.role is Role.BROKEN]
        last = [one for one in exchanges(units) if one.first.role is Role.REQUEST][-1]
        assert [one.name for one in last.units] == ["Query", "EmptyQueryResponse", "ReadyForQuery"]
