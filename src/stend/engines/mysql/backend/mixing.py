"""What InnoDB shows of a table that a transaction and others have changed since its snapshot. Pure.

Row by row, by its primary key: the transaction's own version, if it has written one; nothing, if it
has deleted it; else the version of the snapshot. PostgreSQL shows the own versions and what is
committed now to the writing connection, the versions of the snapshot to the other one. So a SELECT
runs on the writing connection over each such table less what others have committed since (`_KEPT`),
with the snapshot's versions of rows that are not there then.

A version is told from another by its place (`ctid`), which stays while a snapshot sees it. Numbers
of transactions (`xmin`) only say which versions are surely old: savepoints have numbers of their
own, which snapshots do not name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Template

from stend.engines.mysql.backend.statement import PgStatement
from stend.engines.mysql.tables.model import Catalog, Table, TableName
from stend.engines.mysql.tables.naming import quoted, relation

# More rows than this in a table that were locked or changed of late are not looked through.
MAX_ROWS = 5000
# `xmin` has 32 bits: beyond them it begins anew.
_MAX_NUMBER = 2**32
_KEPT = Template(
    "(x.xmin::text::bigint < $horizon OR x.ctid = ANY ($places::tid[])"
    " OR pg_xact_status(x.xmin::text::xid8) = 'in progress')"
)
HORIZON = PgStatement("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
_OF_SNAPSHOT = Template(
    "SELECT"
    " coalesce(array_agg(x.ctid) FILTER (WHERE x.xmin::text::bigint >= $horizon), '{}')::text,"
    " coalesce(array_agg(x) FILTER (WHERE x.xmax::text <> '0'), '{}')::text,"
    " count(*) FILTER (WHERE x.xmin::text::bigint >= $horizon OR x.xmax::text <> '0')"
    " FROM $relation AS x"
)
_OF_LATEST = Template(
    "SELECT coalesce(array_agg(r), '{}')::text FROM unnest($$1::$relation[]) AS r"
    " WHERE EXISTS (SELECT 1 FROM $relation AS x WHERE $same)"
)
# A row that others still see and the transaction does not is one that it has deleted.
_NOT_DELETED = Template(
    "SELECT coalesce(array_agg(r), '{}')::text FROM unnest($$1::$relation[]) AS r"
    " WHERE EXISTS (SELECT 1 FROM $relation AS x WHERE $same)"
    " OR NOT EXISTS (SELECT 1 FROM unnest($$2::$relation[]) AS x WHERE $same)"
)
_MIXED = Template(
    "(SELECT x.* FROM $relation AS x WHERE $kept"
    " UNION ALL SELECT r.* FROM unnest($rows::$relation[]) AS r"
    " WHERE NOT EXISTS (SELECT 1 FROM $relation AS x WHERE $same AND $kept))"
)
# A string is not to be changed, whatever stands in it.
_PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"(?:\."(?:[^"]|"")*")*""")


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of one table, in PostgreSQL's own texts.

    Attributes:
        places: of recent versions that the snapshot sees.
        rows: of the snapshot that are to be shown unless there is an own version.
    """

    table: Table
    horizon: int
    places: str = "{}"
    rows: str = "{}"


def mixable(catalog: Catalog, sql: str, reads: Iterable[TableName]) -> list[Table] | None:
    """The tables, if the statement reads them by their own names and their rows have keys.

    Args:
        sql: of the statement.
        reads: those that were changed.
    """
    found = [catalog.table(one) for one in reads]
    named = set(_PIECE.findall(sql))
    tables = [
        one for one in found if one is not None and one.primary_key and relation(one.name) in named
    ]
    return tables if len(tables) == len(found) else None


def horizon_of(text: str) -> int | None:
    """Below it every number is of a transaction that had ended before the snapshot."""
    number = int(text)
    return number if number < _MAX_NUMBER else None


def of_snapshot(table: Table, horizon: int) -> PgStatement:
    """For the snapshot: places, rows that somebody has locked or changed, how many there are."""
    return PgStatement(_OF_SNAPSHOT.substitute(horizon=horizon, relation=relation(table.name)))


def of_latest(table: Table, rows: str) -> PgStatement:
    """For a connection outside of the transaction: which of the rows are there."""
    text = _OF_LATEST.substitute(relation=relation(table.name), same=_same(table))
    return PgStatement(text, (rows,))


def not_deleted(table: Table, rows: str, latest: str) -> PgStatement:
    """For the writing connection: the rows less those that the transaction has deleted."""
    text = _NOT_DELETED.substitute(relation=relation(table.name), same=_same(table))
    return PgStatement(text, (rows, latest))


def mixed(sql: str, pieces: Iterable[Piece]) -> PgStatement:
    """A statement without parameters over what the tables are for the transaction."""
    parameters: list[str] = []
    tables: dict[str, str] = {}
    for one in pieces:
        places, rows = f"${len(parameters) + 1}", f"${len(parameters) + 2}"
        parameters += [one.places, one.rows]
        name = relation(one.table.name)
        tables[name] = _MIXED.substitute(
            relation=name,
            rows=rows,
            same=_same(one.table),
            kept=_KEPT.substitute(horizon=one.horizon, places=places),
        )
    return PgStatement(_replaced(sql, tables), tuple(parameters))


def _replaced(sql: str, tables: Mapping[str, str]) -> str:
    return _PIECE.sub(lambda found: tables.get(found[0], found[0]), sql)


def _same(table: Table) -> str:
    """Whether `x` and `r` have one key."""
    key = table.primary_key
    if key is None:
        raise LookupError(f"{table.name} has no primary key")
    names = [quoted(name.lower()) for name in key.columns]
    return " AND ".join(f"x.{one} = r.{one}" for one in names)
