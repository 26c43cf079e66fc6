"""What stands where: the kinds of packets as pieces of bytes, and what they mean.

Each function reads the payload of one kind. `conversation` says which packet is of which kind.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from stend.kit.languages import Text
from stend.wire.mysql import naming
from stend.wire.mysql.columns import Column, binary_value
from stend.wire.mysql.numbers import (
    UNSIGNED_PARAMETER,
    Capability,
    ColumnFlag,
    ColumnType,
    Command,
)
from stend.wire.mysql.walking import Walker

_NULL = 0xFB
_LOGIN_HEAD = 32
_FIELDS: dict[Command, tuple[tuple[str, int], ...]] = {
    Command.STMT_CLOSE: (("statement_id", 4),),
    Command.STMT_RESET: (("statement_id", 4),),
    Command.STMT_SEND_LONG_DATA: (("statement_id", 4), ("parameter", 2)),
    Command.STMT_FETCH: (("statement_id", 4), ("num_rows", 4)),
    Command.PROCESS_KILL: (("connection_id", 4),),
    Command.SET_OPTION: (("option", 2),),
    Command.BINLOG_DUMP: (("binlog_position", 4), ("flags", 2), ("server_id", 4)),
    Command.REFRESH: (("sub_command", 1),),
}
_REST = {
    Command.QUERY: "query",
    Command.STMT_PREPARE: "query",
    Command.INIT_DB: "database",
    Command.CREATE_DB: "database",
    Command.DROP_DB: "database",
    Command.BINLOG_DUMP: "binlog_filename",
}
_NOT_PREPARED = Text(
    ru="подготовка этого запроса в записи не видна: сколько у него параметров, не известно",
    en="the preparation of this statement was not seen: nobody knows how many parameters it has",
)
_NO_TYPES = Text(
    ru="типы параметров сказаны при прежнем выполнении, которого в записи нет",
    en="the types of the parameters were told with an execution that was not seen",
)
_NO_COLUMNS = Text(
    ru="описания колонок этого ответа не присланы или не видны: значения не разобрать",
    en="definitions of the columns were not sent or not seen: values cannot be read",
)
_FOREIGN = Text(
    ru="события журнала репликации: их формат описан отдельно и здесь не разбирается",
    en="events of the replication's log: their form is defined apart and not read here",
)


class Statement(NamedTuple):
    """A prepared statement.

    Attributes:
        parameters: how many it has.
        types: as the client told them with its last execution.
        columns: of its last result, which a cursor fetches.
    """

    sql: str
    parameters: int
    types: tuple[Column, ...] = ()
    columns: tuple[Column, ...] = ()


def rest(path: str) -> Callable[[Walker], object]:
    """A payload that is one piece."""
    return lambda walker: walker.remaining(path)


def secret(walker: Walker) -> None:
    """What proves who the client is."""
    walker.secret(walker.rest, "auth_data")


def events(walker: Walker) -> None:
    """What a replica is sent."""
    walker.undecoded(_FOREIGN)


def greeting(walker: Walker) -> int:
    """HandshakeV10. Returns the capabilities of the server."""
    walker.integer(1, "protocol_version")
    walker.until_zero("server_version")
    walker.integer(4, "thread_id")
    walker.raw(8, "auth_plugin_data_part_1")
    walker.integer(1, "filler")
    low = walker.integer(2, "capability_flags_1")
    walker.show(naming.capabilities(low))
    walker.show_number(1, "character_set", naming.collation)
    walker.show_number(2, "status_flags", naming.status)
    high = walker.integer(2, "capability_flags_2")
    walker.show(naming.capabilities_above(high))
    size = walker.integer(1, "auth_plugin_data_len")
    walker.raw(10, "reserved")
    walker.raw(max(13, size - 8), "auth_plugin_data_part_2")
    if walker.rest:
        walker.until_zero("auth_plugin_name")
    return low | high << 16


def login(walker: Walker) -> int:
    """HandshakeResponse41, or SSLRequest, which is its beginning. Returns the capabilities."""
    is_request = walker.rest == _LOGIN_HEAD
    capabilities = walker.integer(4, "capabilities")
    walker.show(naming.capabilities(capabilities))
    walker.integer(4, "max_packet_size")
    walker.show_number(1, "character_set", naming.collation)
    walker.raw(23, "filler")
    if is_request:
        return capabilities
    walker.until_zero("user")
    if capabilities & Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA:
        walker.secret(walker.varied("auth_response", "length"), "auth_response")
    else:
        walker.secret(walker.integer(1, "auth_response", "length"), "auth_response")
    if capabilities & Capability.CONNECT_WITH_DB and walker.rest:
        walker.until_zero("database")
    if capabilities & Capability.PLUGIN_AUTH and walker.rest:
        walker.until_zero("client_plugin")
    if capabilities & Capability.CONNECT_ATTRS and walker.rest:
        _attributes(walker)
    if walker.rest == 1:
        walker.integer(1, "zstd_compression_level")
    return capabilities


def command(walker: Walker, kind: Command, capabilities: int) -> None:
    """What a client asks."""
    walker.show_number(1, "command", naming.command)
    for name, size in _FIELDS.get(kind, ()):
        walker.integer(size, name)
    if kind is Command.CHANGE_USER:
        _change_user(walker, capabilities)
        return
    if kind is Command.QUERY and capabilities & Capability.QUERY_ATTRIBUTES:
        _attributes_of_query(walker)
    if kind is Command.FIELD_LIST:
        walker.until_zero("table")
    if walker.rest:
        walker.remaining(_REST.get(kind, "data"))


def text_behind_attributes(walker: Walker) -> int:
    """Where the text of COM_QUERY begins that attributes stand before."""
    walker.integer(1, "command")
    _attributes_of_query(walker)
    return walker.at


def _attributes_of_query(walker: Walker) -> None:
    count = walker.varied("parameter_count")
    walker.varied("parameter_set_count")
    _parameters(walker, Statement("", count), frozenset(), has_names=True)


def execute(
    walker: Walker, statement: Statement | None, apart: frozenset[int], capabilities: int
) -> tuple[Column, ...]:
    """COM_STMT_EXECUTE.

    Args:
        apart: places of parameters that COM_STMT_SEND_LONG_DATA has sent before.

    Returns:
        The types that the client tells, or told before.
    """
    walker.show_number(1, "command", naming.command)
    walker.integer(4, "statement_id")
    flags = walker.integer(1, "flags")
    walker.show(naming.cursor(flags))
    walker.integer(4, "iteration_count")
    if statement is None:
        walker.undecoded(_NOT_PREPARED)
        return ()
    has_names = bool(capabilities & Capability.QUERY_ATTRIBUTES)
    if has_names and (statement.parameters or flags & 8):
        statement = statement._replace(parameters=walker.varied("parameter_count"))
    return _parameters(walker, statement, apart, has_names=has_names)


def auth_more(walker: Walker) -> None:
    """AuthMoreData."""
    walker.integer(1, "header")
    walker.remaining("auth_more_data")


def auth_switch(walker: Walker) -> None:
    """AuthSwitchRequest."""
    walker.integer(1, "header")
    if walker.rest:
        walker.until_zero("plugin_name")
    walker.raw(walker.rest, "plugin_data")


def ok(walker: Walker) -> tuple[int, int]:
    """OK, also in the place of EOF. Returns the rows that were affected, and the status."""
    walker.integer(1, "header")
    rows = walker.varied("affected_rows")
    walker.varied("last_insert_id")
    status = walker.integer(2, "status_flags")
    walker.show(naming.status(status))
    walker.integer(2, "warnings")
    if walker.rest:
        walker.sized("info")
    if walker.rest:
        walker.sized("session_state_info")
    return rows, status


def eof(walker: Walker) -> int:
    """EOF. Returns the status."""
    walker.integer(1, "header")
    walker.integer(2, "warnings")
    status = walker.integer(2, "status_flags")
    walker.show(naming.status(status))
    return status


def err(walker: Walker) -> tuple[int, str, str]:
    """ERR. Returns its number, the SQLSTATE and the text."""
    walker.integer(1, "header")
    number, state = walker.integer(2, "error_code"), b""
    if walker.rest and walker.peek() == ord("#"):
        walker.fixed(1, "sql_state_marker")
        state = walker.fixed(5, "sql_state")
    text = walker.remaining("error_message")
    return number, state.decode(errors="replace"), text.decode(errors="replace")


def prepare_ok(walker: Walker) -> tuple[int, int, int, bool]:
    """COM_STMT_PREPARE_OK.

    Returns:
        The statement's id, how many columns and parameters, whether their definitions follow.
    """
    walker.integer(1, "status")
    number = walker.integer(4, "statement_id")
    columns = walker.integer(2, "num_columns")
    parameters = walker.integer(2, "num_params")
    walker.integer(1, "filler")
    walker.integer(2, "warning_count")
    follows = bool(walker.integer(1, "metadata_follows")) if walker.rest else True
    return number, columns, parameters, follows


def definition(walker: Walker) -> Column:
    """A column definition."""
    name = b""
    for one in ("catalog", "schema", "table", "org_table", "name", "org_name"):
        found = walker.sized(one)
        name = found if one == "name" else name
    walker.varied("length_of_fixed_fields")
    walker.show_number(2, "character_set", naming.collation)
    walker.integer(4, "column_length")
    kind = walker.integer(1, "type")
    walker.show(naming.column_type(kind))
    flags = walker.integer(2, "flags")
    walker.show(naming.column_flags(flags))
    walker.integer(1, "decimals")
    walker.integer(2, "filler")
    if walker.rest:
        walker.sized("default_value")
    return Column(kind, bool(flags & ColumnFlag.UNSIGNED), name.decode(errors="replace"))


def text_row(walker: Walker, columns: Sequence[Column], count: int) -> None:
    """A row of the text protocol."""
    for index in range(count):
        if walker.rest and walker.peek() == _NULL:
            walker.null(f"row[{index}]")
        elif walker.sized(f"row[{index}]") and index < len(columns):
            value = walker.spans[-1].value
            walker.show(value, f"{naming.column_type(columns[index].type)} string<lenenc>")


def binary_row(walker: Walker, columns: Sequence[Column], count: int) -> None:
    """A row of the binary protocol."""
    walker.integer(1, "header")
    # The first two bits are not used.
    bitmap = walker.raw((count + 9) // 8, "null_bitmap")
    if len(columns) != count:
        walker.undecoded(_NO_COLUMNS)
        return
    for index, column in enumerate(columns):
        at = index + 2
        if not bitmap[at // 8] >> at % 8 & 1:
            binary_value(walker, column, f"row[{index}]")


def _parameters(
    walker: Walker, statement: Statement, apart: frozenset[int], *, has_names: bool
) -> tuple[Column, ...]:
    """The parameters of a statement: which are NULL, their types, their values."""
    count, types = statement.parameters, statement.types
    if not count:
        return ()
    bitmap = walker.raw((count + 7) // 8, "null_bitmap")
    if walker.integer(1, "new_params_bind_flag"):
        walker.check_count(count, 2)
        types = tuple(_type(walker, index, has_name=has_names) for index in range(count))
    if len(types) != count:
        walker.undecoded(_NO_TYPES)
        return ()
    for index, one in enumerate(types):
        is_null = bitmap[index // 8] >> index % 8 & 1 or one.type == ColumnType.NULL
        if not is_null and index not in apart:
            binary_value(walker, one, f"parameters[{index}].value")
    return types


def _type(walker: Walker, index: int, *, has_name: bool) -> Column:
    path = f"types[{index}]"
    kind = walker.integer(1, f"{path}.type")
    walker.show(naming.column_type(kind))
    flags = walker.integer(1, f"{path}.flags")
    walker.show("unsigned" if flags & UNSIGNED_PARAMETER else flags)
    name = walker.sized(f"{path}.name") if has_name else b""
    return Column(kind, bool(flags & UNSIGNED_PARAMETER), name.decode(errors="replace"))


def _change_user(walker: Walker, capabilities: int) -> None:
    walker.until_zero("user")
    walker.secret(walker.integer(1, "auth_response", "length"), "auth_response")
    walker.until_zero("database")
    if walker.rest:
        walker.show_number(2, "character_set", naming.collation)
    if capabilities & Capability.PLUGIN_AUTH and walker.rest:
        walker.until_zero("client_plugin")
    if capabilities & Capability.CONNECT_ATTRS and walker.rest:
        _attributes(walker)


def _attributes(walker: Walker) -> None:
    end = walker.varied("attributes", "length") + walker.at
    index = 0
    while walker.at < end:
        walker.sized(f"attributes[{index}].key")
        walker.sized(f"attributes[{index}].value")
        index += 1
