"""What is sent to PostgreSQL."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PgStatement:
    """One statement with parameters in PostgreSQL's text format."""

    sql: str
    parameters: tuple[str | None, ...] = ()
