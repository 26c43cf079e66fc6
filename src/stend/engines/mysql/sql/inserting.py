"""INSERT and REPLACE."""

from collections.abc import Sequence
from enum import Enum, auto

from sqlglot import exp

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.changes import changing
from stend.engines.mysql.sql.insert_rows import NEW, InsertRows, Row, given_columns
from stend.engines.mysql.sql.selecting import select_query
from stend.engines.mysql.sql.targets import Target, cast, keys_to_itself, target_of
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.typed import quoted_text
from stend.engines.mysql.sql.upserting import Upserting, replace_rows, upsert_each
from stend.engines.mysql.sql.work import Env, understood
from stend.engines.mysql.tables.model import Column
from stend.engines.mysql.tables.naming import counter, quoted

# Beside the columns of a table, which may have any other name.
_ID, _PLACE, _NEW = '"#id"', '"#place"', '"#new"'


class _Numbers(Enum):
    """Where the values of the AUTO_INCREMENT column come from."""

    NONE = auto()
    NEW = auto()
    GIVEN = auto()
    MIXED = auto()


def insert(node: exp.Insert, env: Env, *, is_replace: bool, is_ignore: bool) -> Translated:
    """
    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    understood(node, "this", "expression", "conflict", "with_")
    if node.args.get("with_") is not None:
        raise not_supported("WITH before INSERT")
    schema = node.this if isinstance(node.this, exp.Schema) else None
    named = schema.this if schema is not None else node.this
    understood(named, "this", "db")
    table = target_of(named, env.work, "INSERT")
    target = Target(table, named.name, env.work.alias())
    columns = given_columns(table, schema)
    inserting = _Inserting(target, columns, env, is_ignore=is_ignore)
    conflict = node.args.get("conflict")
    if is_replace and (conflict is not None or is_ignore):
        raise not_supported("REPLACE with IGNORE or ON DUPLICATE KEY UPDATE")
    source = node.args.get("expression")
    if isinstance(source, exp.Values):
        rows = InsertRows(target, columns, env).rows(source)
        sql = inserting.rows(rows, source, conflict, is_replace=is_replace)
    elif isinstance(source, exp.Select | exp.SetOperation | exp.Subquery):
        if is_replace:
            raise not_supported("REPLACE … SELECT")
        sql = inserting.query(source, conflict)
    else:
        raise not_supported("INSERT without values")
    return changing(StatementKind.INSERT, sql, [table], env.work)


class _Inserting:
    def __init__(
        self, target: Target, columns: Sequence[Column], env: Env, *, is_ignore: bool
    ) -> None:
        self._target = target
        self._columns = columns
        self._env = env
        self._ignore = " ON CONFLICT DO NOTHING" if is_ignore else ""

    def rows(
        self,
        rows: Sequence[Row],
        source: exp.Values,
        conflict: exp.Expression | None,
        *,
        is_replace: bool,
    ) -> str:
        understood(source, "expressions", "alias")
        if conflict is None and source.args.get("alias") is not None and is_replace:
            raise not_supported("An alias in REPLACE")
        if is_replace:
            return replace_rows(self._target, rows, is_referenced=self._is_referenced())
        if conflict is not None:
            upserting = Upserting(self._target, self._columns, self._env, source.args.get("alias"))
            return upserting.sql(rows, conflict, is_ignore=bool(self._ignore))
        numbers = _numbers(rows)
        takes_turns = self._ignore and numbers is _Numbers.NEW
        if len(rows) > 1 and (takes_turns or keys_to_itself(self._target.table)):
            return self._one_by_one(rows)
        if numbers is _Numbers.MIXED:
            return self._numbered(_values(rows), list(rows[0].values))
        values = ", ".join(f"({', '.join(row.inserted(self._target))})" for row in rows)
        names = ", ".join(quoted(name) for name in rows[0].values)
        insert_sql = (
            f"INSERT INTO {self._target.relation} AS {self._target.pg_alias} ({names}) "  # noqa: S608
            f"VALUES {values}{self._ignore} RETURNING {self._target.number} AS id"
        )
        if not rows[0].values:
            insert_sql = (
                f"INSERT INTO {self._target.relation} AS {self._target.pg_alias} DEFAULT VALUES "  # noqa: S608
                f"RETURNING {self._target.number} AS id"
            )
        return _answer(insert_sql, str(len(rows)), numbers)

    def _one_by_one(self, rows: Sequence[Row]) -> str:
        """A row may refer to those before it; a number that a duplicate leaves is the next's."""
        return upsert_each(self._target, rows, fails=not self._ignore)

    def _is_referenced(self) -> bool:
        name = self._target.table.name
        tables = self._env.work.catalog.tables()
        return any(key.target == name for table in tables for key in table.foreign_keys)

    def query(self, source: exp.Expression, conflict: exp.Expression | None) -> str:
        """INSERT … SELECT."""
        if keys_to_itself(self._target.table):
            raise not_supported("INSERT … SELECT into a table that refers to itself")
        self._env.work.root = source
        selected = select_query(source, self._env, None)
        rows = InsertRows(self._target, self._columns, self._env)
        row, from_ = rows.of_query(selected)
        if conflict is not None:
            upserting = Upserting(self._target, self._columns, self._env)
            return upserting.of_query(row, from_, conflict, is_ignore=bool(self._ignore))
        names = list(row.values)
        numbers = _numbers([row])
        values = [
            row.number(self._target) if value == NEW else value for value in row.values.values()
        ]
        if numbers is _Numbers.MIXED:
            listed = ", ".join(
                f"{value} AS {quoted(name)}"
                for name, value in zip(names, row.values.values(), strict=True)
            )
            return self._numbered(f"SELECT {listed} FROM {from_}", names)  # noqa: S608
        insert_sql = (
            f"INSERT INTO {self._target.relation} AS {self._target.pg_alias} "  # noqa: S608
            f"({', '.join(quoted(name) for name in names)}) "
            f"SELECT {', '.join(values)} FROM {from_}{self._ignore} "
            f"RETURNING {self._target.number} AS id"
        )
        return _answer(insert_sql, "count(*)", numbers)

    def _numbered(self, rows: str, names: list[str]) -> str:
        """Rows where NULL and 0 get a number, and others keep theirs."""
        column = self._target.table.auto_increment
        if column is None:
            raise LookupError("no AUTO_INCREMENT column")
        name = quoted(column.pg_name)
        number = f"my.counted({quoted_text(counter(self._target.table.name))}, {name})"
        others = [quoted(one) for one in names]
        kept = ", ".join(cast(_ID, column) if one == name else one for one in others)
        inserted = (
            f"INSERT INTO {self._target.relation} AS {self._target.pg_alias} "  # noqa: S608
            f"({', '.join(others)}) SELECT {kept} FROM numbered ORDER BY {_PLACE}{self._ignore} "
            f"RETURNING {self._target.number} AS id"
        )
        return (
            f"WITH given AS MATERIALIZED ({rows}), numbered AS MATERIALIZED (SELECT *, "  # noqa: S608
            f"row_number() OVER () AS {_PLACE}, coalesce({name}, 0) = 0 AS {_NEW}, "
            f"{number} AS {_ID} "
            f"FROM given), changes AS ({inserted}) SELECT (SELECT count(*) FROM numbered), "
            f"(SELECT count(*) FROM changes), (min(changes.id) FILTER (WHERE {_NEW}))::bigint, "
            f"(array_agg(changes.id ORDER BY {_PLACE} DESC))[1] "
            f"FROM changes LEFT JOIN numbered ON numbered.{_ID} = changes.id"
        )


def _numbers(rows: Sequence[Row]) -> _Numbers:
    kinds = {row.numbers for row in rows}
    if kinds == {None}:
        return _Numbers.NONE
    if kinds == {NEW}:
        return _Numbers.NEW
    if kinds == {"given"}:
        return _Numbers.GIVEN
    return _Numbers.MIXED


def _values(rows: Sequence[Row]) -> str:
    selects = []
    for row in rows:
        listed = ", ".join(
            f"{'NULL::numeric' if value == NEW else value} AS {quoted(name)}"
            for name, value in row.values.items()
        )
        selects.append(f"SELECT {listed}")
    return " UNION ALL ".join(selects)


def _answer(insert_sql: str, given: str, numbers: _Numbers) -> str:
    generated = "min(id)::bigint" if numbers is _Numbers.NEW else "NULL::bigint"
    last = "(array_agg(id))[count(*)]" if numbers is _Numbers.GIVEN else "NULL::numeric"
    return (
        f"WITH changes AS ({insert_sql}) SELECT {given}, count(*), {generated}, {last} FROM changes"  # noqa: S608
    )
