"""What stands where: the kinds of packets as pieces of bytes, and what they mean.

Each function reads the payload of one kind. `conversation` says which packet is of which kind.
"""

from collections.abc import Callable, Sequence

from stend.wire.mysql.numbers import Capability, ColumnType, Command
from stend.wire.mysql.walking import Walker

_NULL = 0xFB
_FIXED = {
    ColumnType.TINY: 1,
    ColumnType.SHORT: 2,
    ColumnType.YEAR: 2,
    ColumnType.LONG: 4,
    ColumnType.INT24: 4,
    ColumnType.FLOAT: 4,
    ColumnType.LONGLONG: 8,
    ColumnType.DOUBLE: 8,
}
_KNOWN_TYPES = frozenset(int(one) for one in ColumnType)
_SHORT_SIZED = frozenset(
    {ColumnType.DATE, ColumnType.TIME, ColumnType.DATETIME, ColumnType.TIMESTAMP}
)
_FIELDS: dict[Command, tuple[tuple[str, int], ...]] = {
    Command.STMT_CLOSE: (("statement_id", 4),),
    Command.STMT_RESET: (("statement_id", 4),),
    Command.STMT_EXECUTE: (("statement_id", 4), ("flags", 1), ("iteration_count", 4)),
    Command.STMT_SEND_LONG_DATA: (("statement_id", 4), ("parameter", 2)),
    Command.STMT_FETCH: (("statement_id", 4), ("num_rows", 4)),
    Command.PROCESS_KILL: (("connection_id", 4),),
    Command.SET_OPTION: (("option", 2),),
}
_REST = {
    Command.QUERY: "query",
    Command.STMT_PREPARE: "query",
    Command.INIT_DB: "database",
    # How many there are was said when the statement was prepared.
    Command.STMT_EXECUTE: "parameters",
    Command.STMT_SEND_LONG_DATA: "data",
}


def rest(path: str) -> Callable[[Walker], object]:
    """A payload that is one piece."""
    return lambda walker: walker.remaining(path)


def greeting(walker: Walker) -> None:
    """HandshakeV10."""
    walker.integer(1, "protocol_version")
    walker.until_zero("server_version")
    walker.integer(4, "thread_id")
    walker.fixed(8, "auth_plugin_data_part_1")
    walker.integer(1, "filler")
    walker.integer(2, "capability_flags_1")
    walker.integer(1, "character_set")
    walker.integer(2, "status_flags")
    walker.integer(2, "capability_flags_2")
    size = walker.integer(1, "auth_plugin_data_len")
    walker.fixed(10, "reserved")
    walker.fixed(max(13, size - 8), "auth_plugin_data_part_2")
    if walker.rest:
        walker.until_zero("auth_plugin_name")


def login(walker: Walker) -> int:
    """HandshakeResponse41. Returns the capabilities of the client."""
    capabilities = walker.integer(4, "capabilities")
    walker.integer(4, "max_packet_size")
    walker.integer(1, "character_set")
    walker.fixed(23, "filler")
    walker.until_zero("user")
    if capabilities & Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA:
        walker.sized("auth_response")
    else:
        size = walker.integer(1, "auth_response_length")
        walker.fixed(size, "auth_response")
    if capabilities & Capability.CONNECT_WITH_DB and walker.rest:
        walker.until_zero("database")
    if capabilities & Capability.PLUGIN_AUTH and walker.rest:
        walker.until_zero("client_plugin")
    if capabilities & Capability.CONNECT_ATTRS and walker.rest:
        _attributes(walker)
    return capabilities


def command(walker: Walker, kind: Command) -> None:
    """What a client asks."""
    walker.integer(1, "command")
    for name, size in _FIELDS.get(kind, ()):
        walker.integer(size, name)
    if walker.rest:
        walker.remaining(_REST.get(kind, "data"))


def auth_more(walker: Walker) -> None:
    """AuthMoreData."""
    walker.integer(1, "header")
    walker.remaining("data")


def auth_switch(walker: Walker) -> None:
    """AuthSwitchRequest."""
    walker.integer(1, "header")
    walker.until_zero("plugin_name")
    walker.remaining("plugin_data")


def ok(walker: Walker) -> None:
    """OK, also in the place of EOF."""
    walker.integer(1, "header")
    walker.varied("affected_rows")
    walker.varied("last_insert_id")
    walker.integer(2, "status_flags")
    walker.integer(2, "warnings")
    if walker.rest:
        walker.sized("info")


def eof(walker: Walker) -> None:
    """EOF."""
    walker.integer(1, "header")
    walker.integer(2, "warnings")
    walker.integer(2, "status_flags")


def err(walker: Walker) -> None:
    """ERR."""
    walker.integer(1, "header")
    walker.integer(2, "error_code")
    if walker.rest and walker.peek() == ord("#"):
        walker.fixed(1, "sql_state_marker")
        walker.fixed(5, "sql_state")
    walker.remaining("error_message")


def prepare_ok(walker: Walker) -> tuple[int, int]:
    """COM_STMT_PREPARE_OK. Returns how many columns and how many parameters follow."""
    walker.integer(1, "status")
    walker.integer(4, "statement_id")
    columns = walker.integer(2, "num_columns")
    parameters = walker.integer(2, "num_params")
    walker.integer(1, "filler")
    walker.integer(2, "warning_count")
    return columns, parameters


def definition(walker: Walker) -> int:
    """A column definition. Returns the column's type."""
    for name in ("catalog", "schema", "table", "org_table", "name", "org_name"):
        walker.sized(name)
    walker.varied("length_of_fixed_fields")
    walker.integer(2, "character_set")
    walker.integer(4, "column_length")
    kind = walker.integer(1, "type")
    walker.integer(2, "flags")
    walker.integer(1, "decimals")
    walker.integer(2, "filler")
    return kind


def text_row(walker: Walker, columns: int) -> None:
    """A row of the text protocol."""
    for index in range(columns):
        if walker.rest and walker.peek() == _NULL:
            walker.null(f"row[{index}]")
        else:
            walker.sized(f"row[{index}]")


def binary_row(walker: Walker, types: Sequence[int]) -> None:
    """A row of the binary protocol."""
    walker.integer(1, "header")
    # The first two bits are not used.
    bitmap = walker.raw((len(types) + 9) // 8, "null_bitmap")
    for index, kind in enumerate(types):
        at = index + 2
        if not bitmap[at // 8] >> at % 8 & 1:
            _binary_value(walker, kind, f"row[{index}]")


def _attributes(walker: Walker) -> None:
    end = walker.varied("attributes", "length") + walker.at
    index = 0
    while walker.at < end:
        walker.sized(f"attributes[{index}].key")
        walker.sized(f"attributes[{index}].value")
        index += 1


def _binary_value(walker: Walker, kind: int, path: str) -> None:
    known = ColumnType(kind) if kind in _KNOWN_TYPES else ColumnType.VAR_STRING
    if size := _FIXED.get(known):
        walker.raw(size, path)
    elif known in _SHORT_SIZED:
        walker.raw(walker.integer(1, f"{path}.length"), path)
    else:
        walker.sized(path)
