"""What a statement knows of its session. Pure: the moment, the ids are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

# A value of a user variable, of a system variable or of a parameter.
Value = int | Decimal | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Attributes:
        database: the default one.
        user: as CURRENT_USER() gives it: `name@host`.
        now: the moment of the statement, with a time zone; all of NOW(), CURDATE()… are of it.
        time_zone: as PostgreSQL takes it in AT TIME ZONE: a name, or `+03:00`.
        utc_offset: of that zone at `now`.
        row_count: of the statement before, as ROW_COUNT() gives it.
        user_variables: by name in lower case, without `@`.
        system_variables: by name in lower case, as the session sees them.
        global_variables: the same for `@@global.x`.
        is_strict: the statement changes rows, so what a SELECT warns of is an error.
        group_concat_max_len: bytes.
    """

    database: str | None
    user: str
    connection_id: int
    version: str
    now: datetime
    time_zone: str = "+00:00"
    utc_offset: timedelta = timedelta()
    last_insert_id: int = 0
    row_count: int = -1
    user_variables: Mapping[str, Value] = field(default_factory=dict)
    system_variables: Mapping[str, Value] = field(default_factory=dict)
    global_variables: Mapping[str, Value] = field(default_factory=dict)
    is_strict: bool = False
    group_concat_max_len: int = 1024

    @property
    def local_now(self) -> datetime:
        """The session's wall clock, without a zone."""
        return self.utc_now + self.utc_offset

    @property
    def utc_now(self) -> datetime:
        """UTC's wall clock, without a zone."""
        offset = self.now.utcoffset() or timedelta()
        return self.now.replace(tzinfo=None) - offset
