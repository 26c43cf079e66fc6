"""How long a statement may wait and run, as a session's variables say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waits:
    """
    Attributes:
        rows_s: innodb_lock_wait_timeout.
        tables_s: lock_wait_timeout.
        select_ms: max_execution_time; 0: no bound.
    """

    rows_s: int = 50
    tables_s: int = 31_536_000
    select_ms: int = 0

    def bounds(self, *, is_select: bool) -> tuple[int, int]:
        """For a lock of a row and for the statement, in milliseconds."""
        return self.rows_s * 1000, self.select_ms if is_select else 0


DEFAULT_WAITS = Waits()
