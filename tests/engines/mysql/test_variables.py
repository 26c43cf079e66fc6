"""System variables: which may be set, to what, and how they are told."""

import pytest

from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.variables import SQL_MODE, Default, Variables, text_of


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("autocommit", "OFF", 0),
        ("AUTOCOMMIT", 1, 1),
        ("time_zone", "+3:00", "+03:00"),
        ("time_zone", "Europe/Moscow", "Europe/Moscow"),
        ("time_zone", "system", "SYSTEM"),
        ("transaction_isolation", "read-committed", "READ-COMMITTED"),
        ("innodb_lock_wait_timeout", 3, 3),
        ("sql_mode", ",".join(reversed(SQL_MODE.split(","))), SQL_MODE),
        ("sql_mode", f"{SQL_MODE},STRICT_ALL_TABLES", SQL_MODE),
        ("foreign_key_checks", "on", 1),
        ("character_set_results", None, None),
        ("character_set_client", "UTF8MB4", "utf8mb4"),
        ("default_storage_engine", "innodb", "InnoDB"),
        ("wait_timeout", Default(), 28800),
        ("sql_select_limit", Default(), (1 << 64) - 1),
    ],
)
def test_a_value_that_a_variable_takes(name: str, value: Value | Default, kept: Value) -> None:
    variables = Variables(Variables())
    variables.set(name, value)
    assert variables.get(name) == kept


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("nope", 1, 1193),
        ("version", "x", 1238),
        ("max_connections", 5, 1238),
        ("autocommit", "maybe", 1231),
        ("autocommit", 0.5, 1232),
        ("wait_timeout", "x", 1232),
        ("wait_timeout", 0, 1231),
        ("time_zone", "Mars/Phobos", 1298),
        ("time_zone", "+15:00", 1298),
        ("transaction_isolation", "nope", 1231),
        ("transaction_isolation", "READ-UNCOMMITTED", 1235),
        ("sql_mode", "", 1235),
        ("sql_mode", "TRADITIONAL", 1235),
        ("foreign_key_checks", 0, 1235),
        ("sql_safe_updates", 1, 1235),
        ("sql_select_limit", 10, 1235),
        ("character_set_client", "latin1", 1235),
        ("character_set_client", "nope", 1115),
        ("collation_connection", "utf8mb4_unicode_ci", 1273),
        ("collation_connection", "utf8mb4_bin", 1235),
        ("default_storage_engine", "MyISAM", 1231),
    ],
)
def test_a_value_that_is_refused(name: str, value: Value, number: int) -> None:
    variables = Variables(Variables())
    with pytest.raises(MySqlError) as raised:
        variables.set(name, value)
    assert raised.value.error.number == number


def test_a_session_has_its_own_over_those_of_the_server() -> None:
    server = Variables()
    first, second = Variables(server), Variables(server)
    first.set("wait_timeout", 5)
    second.set("wait_timeout", 7, is_global=True)
    assert [one.get("wait_timeout") for one in (first, second, Variables(server))] == [5, 28800, 7]
    assert first.get("wait_timeout", is_global=True) == 7
    assert first.all()["wait_timeout"] == 5
    assert first.all(is_global=True)["wait_timeout"] == 7
    first.set("wait_timeout", Default())
    assert first.get("wait_timeout") == 7


def test_values_are_told_as_words() -> None:
    known = Variables().all()
    told = {name: text_of(name, value) for name, value in known.items()}
    assert told["autocommit"] == "ON"
    assert told["secure_file_priv"] == ""
    assert told["wait_timeout"] == "28800"
