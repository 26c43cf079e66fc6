"""Prepared statements of one connection. Pure."""

from dataclasses import dataclass, field, replace

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.statements import actions, reading
from stend.engines.mysql.statements.queries import Query, read_query, values
from stend.wire.mysql.commands import (
    ParameterType,
    read_execute,
    read_long_data,
    read_parameters,
)

# max_prepared_stmt_count of MySQL is of the server; this is of a connection.
_MAX_STATEMENTS = 16_382
_MAX_LONG_DATA = 64 * 1024 * 1024


@dataclass(slots=True)
class Prepared:
    """
    Attributes:
        query: what it says, if it is one.
        types: of the parameters of the last execution.
        long_data: parameters that were sent ahead, by their places.
    """

    id: int
    source: Source
    query: Query | None
    types: tuple[ParameterType, ...] = ()
    long_data: dict[int, bytes] = field(default_factory=dict)
    is_too_long: bool = False

    @property
    def parameters(self) -> int:
        return self.query.statement.placeholders if self.query else 0


class PreparedStatements:
    """By their numbers."""

    def __init__(self) -> None:
        self._known: dict[int, Prepared] = {}
        self._last = 0

    def prepare(self, source: Source) -> Prepared:
        """
        Raises:
            MySqlError: it cannot be read, is refused, or there are too many.
        """
        if len(self._known) >= _MAX_STATEMENTS:
            raise MySqlError(
                MyError.ER_MAX_PREPARED_STMT_COUNT_REACHED,
                "Can't create more than max_prepared_stmt_count statements "
                f"(current value: {_MAX_STATEMENTS})",
            )
        action = reading.read(source)
        query = read_query(source) if action is actions.Text.QUERY else None
        self._last += 1
        prepared = Prepared(self._last, source, query)
        self._known[prepared.id] = prepared
        return prepared

    def execution(self, payload: bytes) -> tuple[Source, Query | None]:
        """What COM_STMT_EXECUTE runs, with its parameters.

        Raises:
            MySqlError: there is no such statement, or it wants a cursor.
            WireError: the parameters are wrong.
        """
        asked = read_execute(payload)
        prepared = self._required(asked.statement_id, "mysqld_stmt_execute")
        if asked.cursor:
            raise not_supported("A cursor of a prepared statement")
        long_data, prepared.long_data = prepared.long_data, {}
        if prepared.is_too_long:
            prepared.is_too_long = False
            raise MySqlError(
                MyError.ER_NET_PACKET_TOO_LARGE,
                "Parameter of prepared statement which is set through "
                "mysql_send_long_data() is longer than 'max_allowed_packet' bytes",
            )
        if prepared.query is None:
            return prepared.source, None
        found, prepared.types = read_parameters(
            asked.rest, prepared.parameters, prepared.types, long_data
        )
        return prepared.source, replace(prepared.query, parameters=values(found))

    def add_long_data(self, payload: bytes) -> None:
        """COM_STMT_SEND_LONG_DATA, which has no answer: what is wrong shows when it is executed."""
        piece = read_long_data(payload)
        prepared = self._known.get(piece.statement_id)
        if prepared is None or piece.parameter >= prepared.parameters:
            return
        held = sum(map(len, prepared.long_data.values()))
        if held + len(piece.data) > _MAX_LONG_DATA:
            prepared.is_too_long = True
            return
        before = prepared.long_data.get(piece.parameter, b"")
        prepared.long_data[piece.parameter] = before + piece.data

    def close(self, payload: bytes) -> None:
        """COM_STMT_CLOSE, which has no answer."""
        self._known.pop(int.from_bytes(payload[:4], "little"), None)

    def reset(self, payload: bytes) -> None:
        """
        Raises:
            MySqlError: there is no such statement.
        """
        number = int.from_bytes(payload[:4], "little")
        prepared = self._required(number, "mysqld_stmt_reset")
        prepared.long_data = {}
        prepared.is_too_long = False

    def _required(self, number: int, asked: str) -> Prepared:
        prepared = self._known.get(number)
        if prepared is None:
            raise MySqlError(
                MyError.ER_UNKNOWN_STMT_HANDLER,
                f"Unknown prepared statement handler ({number}) given to {asked}",
            )
        return prepared
