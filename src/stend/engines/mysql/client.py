"""A client's session beside its transaction: database, variables, what came last. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from stend.engines.mysql.backend.levels import Isolation
from stend.engines.mysql.backend.waits import Waits
from stend.engines.mysql.catalog.ddl import Note
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.facts import Facts, Value
from stend.engines.mysql.variables import Variables

SYSTEM_ZONE = "SYSTEM"
_NO_ROW_COUNT = -1


@dataclass(slots=True)
class Client:
    """
    Attributes:
        counts_found_rows: CLIENT_FOUND_ROWS: an UPDATE tells the rows that it matched.
        database: the default one.
        last_insert_id: the first value that the last INSERT has generated.
        row_count: of the statement before.
        notes: what it warned of.
        next_isolation, next_read_only: of SET TRANSACTION, for the next transaction only.
    """

    id: int
    user: str
    host: str
    version: str
    variables: Variables
    database: str | None = None
    counts_found_rows: bool = False
    user_variables: dict[str, Value] = field(default_factory=dict)
    last_insert_id: int = 0
    row_count: int = 0
    notes: Sequence[Note] = ()
    next_isolation: Isolation | None = None
    next_read_only: bool | None = None

    @property
    def has_autocommit(self) -> bool:
        return self.number("autocommit") != 0

    @property
    def isolation(self) -> Isolation:
        """Of the next transaction."""
        if self.next_isolation is not None:
            return self.next_isolation
        return Isolation(str(self.variables.get("transaction_isolation")))

    @property
    def is_read_only(self) -> bool:
        """Whether the next transaction only reads."""
        if self.next_read_only is not None:
            return self.next_read_only
        return self.number("transaction_read_only") != 0

    @property
    def waits(self) -> Waits:
        return Waits(
            rows_s=self.number("innodb_lock_wait_timeout"),
            tables_s=self.number("lock_wait_timeout"),
            select_ms=self.number("max_execution_time"),
        )

    @property
    def zone(self) -> tzinfo:
        """The session's time zone; the server's own is UTC."""
        name = str(self.variables.get("time_zone"))
        if name == SYSTEM_ZONE:
            return UTC
        if name[0] in "+-":
            hours, minutes = name[1:].split(":")
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-offset if name[0] == "-" else offset)
        return ZoneInfo(name)

    def number(self, name: str) -> int:
        """Of a system variable that is a number."""
        value = self.variables.get(name)
        if isinstance(value, int):
            return value
        raise TypeError(f"the variable {name} is {value!r}, and no number")

    def facts(self, now: datetime, *, is_strict: bool) -> Facts:
        """
        Args:
            now: the moment of the statement, with a time zone.
            is_strict: it changes rows.
        """
        name = str(self.variables.get("time_zone"))
        return Facts(
            database=self.database,
            user=f"{self.user}@{self.host}",
            connection_id=self.id,
            version=self.version,
            now=now,
            time_zone="+00:00" if name == SYSTEM_ZONE else name,
            utc_offset=now.astimezone(self.zone).utcoffset() or timedelta(),
            last_insert_id=self.last_insert_id,
            row_count=self.row_count,
            user_variables=self.user_variables,
            system_variables=self.variables.all(),
            global_variables=self.variables.all(is_global=True),
            is_strict=is_strict,
            group_concat_max_len=self.number("group_concat_max_len"),
        )

    def begin_transaction(self) -> tuple[Isolation, bool]:
        """Level of the transaction that begins, and whether it only reads."""
        begun = self.isolation, self.is_read_only
        self.next_isolation = self.next_read_only = None
        return begun

    def remember_error(self, error: MySqlError) -> None:
        """What SHOW WARNINGS and ROW_COUNT() tell of it."""
        self.notes = (Note("Error", error.error.number, error.message),)
        self.row_count = _NO_ROW_COUNT

    def remember_rows(self) -> None:
        """A statement has given rows."""
        self.row_count = _NO_ROW_COUNT

    def reset(self, variables: Variables) -> None:
        """As a new session: COM_RESET_CONNECTION."""
        self.variables = variables
        self.user_variables = {}
        self.last_insert_id = self.row_count = 0
        self.notes = ()
        self.next_isolation = self.next_read_only = None
