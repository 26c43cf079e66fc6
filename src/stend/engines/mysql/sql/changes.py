"""What the statements that change rows have in common."""

from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.work import Work
from stend.engines.mysql.tables.model import Table

NOTHING_GENERATED = "NULL::bigint, NULL::bigint"


def changing(kind: StatementKind, sql: str, tables: list[Table], work: Work) -> Translated:
    """The statement for PostgreSQL; its rows are counts.

    Args:
        tables: that it changes.
    """
    writes = frozenset(table.name for table in tables)
    return Translated(
        kind, sql, reads=frozenset(work.reads) - writes, writes=writes, is_locking=work.is_locking
    )
