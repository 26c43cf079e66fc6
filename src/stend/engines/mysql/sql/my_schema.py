"""The schema `my` of the server's PostgreSQL: functions that do what PostgreSQL's own do not.

An error that they raise has the SQLSTATE `M` with MySQL's number in four digits, and MySQL's
message.
"""

import hashlib
from functools import cache
from importlib.resources import files

_PARTS = (
    "errors",
    "weights",
    "texts",
    "numbers",
    "moments",
    "json",
    "aggregates",
    "storing",
    "changing",
)

# Gives no row where the functions are not there yet.
STAMP_QUERY = (
    "SELECT description FROM pg_namespace JOIN pg_description ON objoid = pg_namespace.oid "
    "WHERE nspname = 'my' AND classoid = 'pg_namespace'::regclass"
)


@cache
def schema_sql() -> str:
    """Everything, to be run as one transaction; running it again changes nothing."""
    folder = files("stend.engines.mysql.sql") / "schema"
    parts = [(folder / f"{name}.sql").read_text(encoding="utf-8") for name in _PARTS]
    return "\n".join(
        ["CREATE SCHEMA IF NOT EXISTS my;", *parts, f"COMMENT ON SCHEMA my IS '{_digest(parts)}';"]
    )


def schema_stamp() -> str:
    """What STAMP_QUERY answers once `schema_sql` has been run."""
    return schema_sql().rsplit("'", 2)[1]


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
