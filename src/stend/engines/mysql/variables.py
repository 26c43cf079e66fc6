"""System variables: their values, which may be set and to what."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.session import MAX_ALLOWED_PACKET, SERVER_VERSION
from stend.engines.mysql.sql.facts import Value

SQL_MODE = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)
# All tables are transactional, so this mode means what STRICT_TRANS_TABLES does.
_HARMLESS_MODES = frozenset({"STRICT_ALL_TABLES"})
_CHARSET = "utf8mb4"
_COLLATION = "utf8mb4_general_ci"
_COLLATIONS = (_COLLATION, "utf8mb4_bin")
_LEVELS = ("READ-UNCOMMITTED", "READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE")
_ON = frozenset({"ON", "TRUE", "1"})
_OFF = frozenset({"OFF", "FALSE", "0"})


@dataclass(frozen=True, slots=True)
class Default:
    """SET x = DEFAULT."""


class _Scope(Enum):
    BOTH = auto()
    GLOBAL = auto()


Check = Callable[[str, Value], Value]


@dataclass(frozen=True, slots=True)
class _Variable:
    """
    Attributes:
        check: gives the value as it is kept, or raises; None: it is read only.
        is_flag: shown as ON and OFF.
    """

    value: Value
    check: Check | None = None
    scope: _Scope = _Scope.BOTH
    is_flag: bool = False


def _shown(value: Value) -> str:
    return "NULL" if value is None else str(value)


def _wrong_value(name: str, value: Value) -> MySqlError:
    message = f"Variable '{name}' can't be set to the value of '{_shown(value)}'"
    return MySqlError(MyError.ER_WRONG_VALUE_FOR_VAR, message)


def _wrong_type(name: str) -> MySqlError:
    return MySqlError(
        MyError.ER_WRONG_TYPE_FOR_VAR, f"Incorrect argument type to variable '{name}'"
    )


def _flag(name: str, value: Value) -> int:
    if isinstance(value, float | Decimal):
        raise _wrong_type(name)
    word = _shown(value).upper()
    if word in _ON | _OFF:
        return int(word in _ON)
    raise _wrong_value(name, value)


def _number(least: int, most: int) -> Check:
    """MySQL cuts what is out of range and warns of it; here it is an error."""

    def check(name: str, value: Value) -> int:
        if not isinstance(value, int):
            raise _wrong_type(name)
        if not least <= value <= most:
            raise _wrong_value(name, value)
        return int(value)

    return check


def _one_of(*names: str) -> Check:
    def check(name: str, value: Value) -> str:
        if not isinstance(value, str):
            raise _wrong_type(name) if value is not None else _wrong_value(name, value)
        wanted = next((one for one in names if one.upper() == value.upper()), None)
        if wanted is None:
            raise _wrong_value(name, value)
        return wanted

    return check


def _only(known: Value, read: Check) -> Check:
    """A variable whose other values would change what statements mean."""

    def check(name: str, value: Value) -> Value:
        if read(name, value) != known:
            raise not_supported(f"SET {name} = {_shown(value)}")
        return known

    return check


def _text(_name: str, value: Value) -> Value:
    return value


def _charset(name: str, value: Value) -> str:
    if not isinstance(value, str):
        raise _wrong_value(name, value)
    if value.lower() in {"utf8", "utf8mb3", "latin1", "ascii", "binary", "cp1251", "koi8r"}:
        raise not_supported(f"The character set {value.lower()}")
    if value.lower() != _CHARSET:
        raise MySqlError(MyError.ER_UNKNOWN_CHARACTER_SET, f"Unknown character set: '{value}'")
    return _CHARSET


def _charset_or_null(name: str, value: Value) -> str | None:
    # NULL: results are not converted; they are UTF-8 either way.
    return None if value is None else _charset(name, value)


def _collation(name: str, value: Value) -> str:
    if not isinstance(value, str):
        raise _wrong_value(name, value)
    if value.lower() not in _COLLATIONS:
        raise MySqlError(MyError.ER_UNKNOWN_COLLATION, f"Unknown collation: '{value}'")
    return value.lower()


def _sql_mode(name: str, value: Value) -> str:
    if not isinstance(value, str):
        raise _wrong_type(name)
    modes = {one.strip().upper() for one in value.split(",") if one.strip()}
    if modes - _HARMLESS_MODES != set(SQL_MODE.split(",")):
        raise not_supported(f"SET sql_mode = '{value}' (another one than the default of MySQL 8.4)")
    return SQL_MODE


def _time_zone(name: str, value: Value) -> str:
    if not isinstance(value, str):
        raise _wrong_value(name, value)
    if value.upper() == "SYSTEM":
        return "SYSTEM"
    offset = _offset(value)
    if offset is not None:
        return offset
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"Unknown or incorrect time zone: '{value}'"
        raise MySqlError(MyError.ER_UNKNOWN_TIME_ZONE, message) from error
    return value


def _offset(value: str) -> str | None:
    """`+3:00` as `+03:00`, from -13:59 to +14:00; None: it is none."""
    sign, clock = value[:1], value[1:]
    hours, _, minutes = clock.partition(":")
    if sign not in {"+", "-"} or not (hours.isdigit() and minutes.isdigit()):
        return None
    span = int(hours) * 60 + int(minutes)
    most = 14 * 60 if sign == "+" else 13 * 60 + 59
    if len(hours) > 2 or len(minutes) != 2 or int(minutes) > 59 or span > most:
        return None
    return f"{sign}{int(hours):02d}:{minutes}"


def _on(check: Check = _flag) -> _Variable:
    return _Variable(1, check, is_flag=True)


def _off(check: Check = _flag) -> _Variable:
    return _Variable(0, check, is_flag=True)


_YEAR_S = 31_536_000
_NO_LIMIT = (1 << 64) - 1
_KEPT_ON = _only(1, _flag)
_KEPT_OFF = _only(0, _flag)


def _kept(value: Value) -> _Variable:
    """It may be set, but to what it is already."""
    return _Variable(value, _only(value, _text))


def _fixed(value: Value) -> _Variable:
    return _Variable(value, scope=_Scope.GLOBAL)


def _fixed_flag(*, is_on: bool) -> _Variable:
    return _Variable(int(is_on), scope=_Scope.GLOBAL, is_flag=True)


_VARIABLES: dict[str, _Variable] = {
    "auto_increment_increment": _kept(1),
    "auto_increment_offset": _kept(1),
    "autocommit": _on(),
    "big_tables": _off(_KEPT_OFF),
    "character_set_client": _Variable(_CHARSET, _charset),
    "character_set_connection": _Variable(_CHARSET, _charset),
    "character_set_database": _Variable(_CHARSET, _charset),
    "character_set_filesystem": _kept("binary"),
    "character_set_results": _Variable(_CHARSET, _charset_or_null),
    "character_set_server": _Variable(_CHARSET, _charset),
    "character_set_system": _fixed(_CHARSET),
    "collation_connection": _Variable(_COLLATION, _only(_COLLATION, _collation)),
    "collation_database": _Variable(_COLLATION, _only(_COLLATION, _collation)),
    "collation_server": _Variable(_COLLATION, _only(_COLLATION, _collation)),
    "completion_type": _kept("NO_CHAIN"),
    "cte_max_recursion_depth": _kept(1000),
    "default_collation_for_utf8mb4": _kept(_COLLATION),
    "default_storage_engine": _Variable("InnoDB", _one_of("InnoDB")),
    "default_tmp_storage_engine": _Variable("InnoDB", _one_of("InnoDB")),
    "default_week_format": _kept(0),
    "div_precision_increment": _kept(4),
    "event_scheduler": _fixed("DISABLED"),
    "explicit_defaults_for_timestamp": _on(_KEPT_ON),
    "foreign_key_checks": _on(_KEPT_ON),
    "general_log": _fixed_flag(is_on=False),
    "group_concat_max_len": _Variable(1024, _number(4, 1 << 30)),
    "gtid_mode": _fixed("OFF"),
    "innodb_lock_wait_timeout": _Variable(50, _number(1, 1_073_741_824)),
    "innodb_strict_mode": _on(_KEPT_ON),
    "innodb_version": _fixed(SERVER_VERSION),
    "interactive_timeout": _Variable(28800, _number(1, _YEAR_S)),
    "lc_messages": _kept("en_US"),
    "lc_time_names": _kept("en_US"),
    "local_infile": _fixed_flag(is_on=False),
    "lock_wait_timeout": _Variable(_YEAR_S, _number(1, _YEAR_S)),
    "log_bin": _fixed_flag(is_on=False),
    "lower_case_file_system": _fixed_flag(is_on=False),
    "lower_case_table_names": _fixed(0),
    "max_allowed_packet": _Variable(MAX_ALLOWED_PACKET),
    "max_connections": _fixed(151),
    "max_error_count": _kept(1024),
    "max_execution_time": _Variable(0, _number(0, (1 << 31) - 1)),
    "net_buffer_length": _Variable(16384),
    "net_read_timeout": _Variable(30, _number(1, _YEAR_S)),
    "net_write_timeout": _Variable(60, _number(1, _YEAR_S)),
    "performance_schema": _fixed_flag(is_on=False),
    "protocol_version": _fixed(10),
    "read_only": _fixed_flag(is_on=False),
    "require_secure_transport": _fixed_flag(is_on=False),
    "restrict_fk_on_non_standard_key": _on(_KEPT_ON),
    "secure_file_priv": _fixed(None),
    "server_id": _fixed(1),
    "skip_name_resolve": _fixed_flag(is_on=True),
    "sql_auto_is_null": _off(_KEPT_OFF),
    "sql_big_selects": _on(_KEPT_ON),
    "sql_generate_invisible_primary_key": _off(_KEPT_OFF),
    "sql_mode": _Variable(SQL_MODE, _sql_mode),
    "sql_notes": _on(_KEPT_ON),
    "sql_quote_show_create": _on(_KEPT_ON),
    "sql_require_primary_key": _off(_KEPT_OFF),
    "sql_safe_updates": _off(_KEPT_OFF),
    "sql_select_limit": _kept(_NO_LIMIT),
    "sql_warnings": _off(),
    "super_read_only": _fixed_flag(is_on=False),
    "system_time_zone": _fixed("UTC"),
    "time_zone": _Variable("SYSTEM", _time_zone),
    "transaction_isolation": _Variable("REPEATABLE-READ", _one_of(*_LEVELS)),
    "transaction_read_only": _off(),
    "unique_checks": _on(),
    "version": _fixed(SERVER_VERSION),
    "version_comment": _fixed("stend: MySQL's protocol over PostgreSQL"),
    "wait_timeout": _Variable(28800, _number(1, _YEAR_S)),
}
_REFUSED_LEVEL = "READ-UNCOMMITTED"


class Variables:
    """
    The variables of a session over those of the server.

    Args:
        server: the server's; None makes the server's own.

    Attributes:
        values: of this scope alone, by name in lower case.
    """

    def __init__(self, server: "Variables | None" = None) -> None:
        self._server = self if server is None else server
        if server is None:
            self.values: dict[str, Value] = {name: one.value for name, one in _VARIABLES.items()}
        else:
            self.values = {
                name: value
                for name, value in server.all(is_global=True).items()
                if _VARIABLES[name].scope is _Scope.BOTH
            }

    def get(self, name: str, *, is_global: bool = False) -> Value:
        """
        Raises:
            MySqlError: there is no such variable.
        """
        found = name.lower()
        if found in self.values and not is_global:
            return self.values[found]
        _known(name)
        return self._server.values[found]

    def set(self, name: str, value: Value | Default, *, is_global: bool = False) -> None:
        """
        Raises:
            MySqlError: unknown, read-only, of the other scope, of a wrong type, or a value that
                would change what statements mean.
        """
        variable = _known(name)
        key = name.lower()
        if variable.check is None:
            raise MySqlError(
                MyError.ER_INCORRECT_GLOBAL_LOCAL_VAR, f"Variable '{key}' is a read only variable"
            )
        if isinstance(value, Default):
            value = variable.value if is_global else self._server.values[key]
        kept = variable.check(key, value)
        if key == "transaction_isolation" and kept == _REFUSED_LEVEL:
            raise not_supported("The isolation level READ UNCOMMITTED")
        target = self._server if is_global else self
        target.values[key] = kept

    def all(self, *, is_global: bool = False) -> dict[str, Value]:
        """Every variable that the scope has, by name in lower case, for `Facts` and SHOW."""
        if is_global:
            return dict(self._server.values)
        return {**self._server.values, **self.values}


def _known(name: str) -> _Variable:
    found = _VARIABLES.get(name.lower())
    if found is None:
        message = f"Unknown system variable '{name}'"
        raise MySqlError(MyError.ER_UNKNOWN_SYSTEM_VARIABLE, message)
    return found


def text_of(name: str, value: Value) -> str:
    """A variable's value as SHOW VARIABLES has it."""
    if _VARIABLES[name].is_flag:
        return "ON" if value else "OFF"
    return "" if value is None else str(value)
