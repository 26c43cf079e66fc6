"""INSERT … ON DUPLICATE KEY UPDATE, and REPLACE."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.assignments import Assigner, Assignments
from stend.engines.mysql.sql.insert_rows import NEW, Row
from stend.engines.mysql.sql.scope import ColumnRef, Source
from stend.engines.mysql.sql.selecting import base_scope
from stend.engines.mysql.sql.tables import source_of
from stend.engines.mysql.sql.targets import (
    Target,
    cast,
    changed,
    key_columns,
    same_key,
    unique_keys,
)
from stend.engines.mysql.sql.typed import quoted_text
from stend.engines.mysql.sql.work import Env, understood
from stend.engines.mysql.tables.model import Column, Key
from stend.engines.mysql.tables.naming import counter, key_expressions, quoted

# The row that was to be inserted, as PostgreSQL calls it in ON CONFLICT.
_EXCLUDED = "excluded"
_UNLESS_THERE = " ON CONFLICT DO NOTHING"
_VOLATILE = ("random(", "gen_random_uuid(", "pg_sleep(")


class Upserting:
    """
    Args:
        columns: that the INSERT names, in its order.
        alias: that the new row may have, with names of its columns.
    """

    def __init__(
        self,
        target: Target,
        columns: Sequence[Column],
        env: Env,
        alias: exp.Expression | None = None,
    ) -> None:
        self._target = target
        self._columns = columns
        self._env = env
        self._alias = alias

    def sql(self, rows: Sequence[Row], conflict: exp.Expression, *, is_ignore: bool) -> str:
        """
        Raises:
            MySqlError: as MySQL raises it, or a refusal.
        """
        assignments = self._assignments(conflict, rows, is_ignore=is_ignore)
        keys = [possible_keys(self._target, row) for row in rows]
        if len(rows) == 1 and len(keys[0]) <= 1:
            return self._at_once(rows[0], keys[0], assignments)
        check_repeatable(rows)
        order = unique_keys(self._target.table)
        updates = [
            quoted_text(self._update(row, key, assignments)) if key in possible else "NULL"
            for row, possible in zip(rows, keys, strict=True)
            for key in order
        ]
        listed = f"ARRAY[{', '.join(updates)}]::text[]"
        return upsert_each(self._target, rows, listed)

    def of_query(self, row: Row, from_: str, conflict: exp.Expression, *, is_ignore: bool) -> str:
        """INSERT … SELECT: at once, so no two of its rows may have the same key.

        Args:
            row: in terms of the query's columns.
            from_: the query.

        Raises:
            MySqlError: as MySQL raises it, or a refusal.
        """
        assignments = self._assignments(conflict, [row], is_ignore=is_ignore)
        keys = possible_keys(self._target, row)
        if len(keys) > 1:
            raise not_supported(
                "INSERT … SELECT … ON DUPLICATE KEY UPDATE where several keys may be duplicate"
            )
        given = {name: value for name, value in row.values.items() if value != NEW}
        listed = ", ".join(f"{value} AS {quoted(name)}" for name, value in given.items())
        values = {
            name: NEW if value == NEW else f"given.{quoted(name)}"
            for name, value in row.values.items()
        }
        once = self._once(keys[0]) if keys else "true"
        insert = self._insert(
            replace(row, values=values), keys, assignments, f"FROM given WHERE {once}"
        )
        counts = self._counts("(SELECT count(*) FROM given)", row, assignments)
        return (
            f"WITH given AS MATERIALIZED (SELECT {listed} FROM {from_}), "  # noqa: S608
            f"changes AS ({insert}) {counts}"
        )

    def _once(self, key: Key) -> str:
        """Holds; raises where a row has the same key as another one."""
        same = same_key(self._target.table, key, "given", "other")
        message = quoted_text(
            "INSERT … SELECT … ON DUPLICATE KEY UPDATE of rows that are duplicates of each other "
            "is not supported by this server"
        )
        count = f"(SELECT count(*) FROM given AS other WHERE {same})"  # noqa: S608
        return (
            f"CASE WHEN {count} > 1 THEN my.fail(1235, {message} || left({count}::text, 0)) "
            "IS NULL ELSE true END"
        )

    def _assignments(
        self, conflict: exp.Expression, rows: Sequence[Row], *, is_ignore: bool
    ) -> Assignments:
        understood(conflict, "duplicate", "expressions", "action")
        if not conflict.args.get("duplicate") or is_ignore:
            raise not_supported("ON CONFLICT, or IGNORE with ON DUPLICATE KEY UPDATE,")
        table = self._target.table
        new = {
            column.pg_name: ColumnRef(
                f"{_EXCLUDED}.{quoted(column.pg_name)}", column.type, column.nullable
            )
            for column in table.columns
            if column.generated_sql is None and all(_has(row, column) for row in rows)
        }
        sources = [source_of(table, self._target.alias, self._target.pg_alias)]
        if self._alias is not None:
            sources.append(Source(self._alias.name, self._renamed(new, self._alias)))
        scope = replace(base_scope(self._env, None), sources=tuple(sources), inserted=new)
        (done,) = Assigner([self._target], scope, self._env.work).run(conflict.expressions)
        return done

    def _renamed(self, new: dict[str, ColumnRef], alias: exp.Expression) -> dict[str, ColumnRef]:
        understood(alias, "this", "columns")
        if alias.name == self._target.alias:
            raise MySqlError(MyError.ER_NONUNIQ_TABLE, f"Not unique table/alias: '{alias.name}'")
        names = alias.args.get("columns")
        if not names:
            return new
        if len(names) != len(self._columns):
            raise MySqlError(
                MyError.ER_VIEW_WRONG_LIST,
                "In definition of view, derived table or common table expression, SELECT list and "
                "column names list have different column counts",
            )
        return {
            name.name.lower(): new[column.pg_name]
            for name, column in zip(names, self._columns, strict=True)
            if column.pg_name in new
        }

    def _at_once(self, row: Row, keys: Sequence[Key], assignments: Assignments) -> str:
        """One row and one key: PostgreSQL does it in one statement."""
        insert = self._insert(row, keys, assignments, "")
        return f"WITH changes AS ({insert}) {self._counts('1', row, assignments)}"

    def _insert(self, row: Row, keys: Sequence[Key], assignments: Assignments, from_: str) -> str:
        target = self._target
        names = ", ".join(quoted(name) for name in row.values)
        insert = (
            f"INSERT INTO {target.relation} AS {target.pg_alias} ({names}) "
            f"SELECT {', '.join(row.inserted(target))} {from_}"
        )
        if not keys:
            return (
                f"{insert} RETURNING true AS is_inserted, true AS is_changed, {target.number} AS id"
            )
        on = ", ".join(key_expressions(target.table, keys[0]))
        key = key_columns(target.table, keys[0])[0]
        return (
            f"{insert} ON CONFLICT ({on}) DO UPDATE SET {assignments.sql(self._env.work)} "
            f"RETURNING old.{quoted(key.pg_name)} IS NULL AS is_inserted, "
            f"({changed(assignments.columns)}) AS is_changed, "
            f"{target.number.replace(target.pg_alias, 'new')} AS id"
        )

    def _counts(self, given: str, row: Row, assignments: Assignments) -> str:
        told = "is_inserted" if row.numbers == NEW else "false"
        told = f"{told} OR NOT is_inserted" if assignments.tells_id else told
        return (
            f"SELECT {given}, coalesce(sum(CASE WHEN is_inserted THEN 1 WHEN is_changed THEN 2 "  # noqa: S608
            f"ELSE 0 END), 0)::bigint, (min(id) FILTER (WHERE {told}))::bigint, "
            "(array_agg(id) FILTER (WHERE is_inserted OR is_changed))"
            "[count(*) FILTER (WHERE is_inserted OR is_changed)] FROM changes"
        )

    def _update(self, row: Row, key: Key, assignments: Assignments) -> str:
        target = self._target
        return (
            f"UPDATE {target.relation} AS {target.pg_alias} SET "  # noqa: S608
            f"{assignments.sql(self._env.work)} FROM ({new_row(row)}) AS {_EXCLUDED} "
            f"WHERE {same_key(target.table, key, target.pg_alias, _EXCLUDED)} "
            f"RETURNING ({changed(assignments.columns)}), {target.number}, "
            f"{'true' if assignments.tells_id else 'false'}"
        )


def _has(row: Row, column: Column) -> bool:
    return row.values.get(column.pg_name, NEW) != NEW


def new_row(row: Row) -> str:
    """The row as a query; numbers that are yet to be given are left out."""
    listed = ", ".join(
        f"{value} AS {quoted(name)}" for name, value in row.values.items() if value != NEW
    )
    return f"SELECT {listed}"


def possible_keys(target: Target, row: Row) -> list[Key]:
    """The unique keys that another row may have in common with this one."""
    found = []
    for key in unique_keys(target.table):
        columns = key_columns(target.table, key)
        if any(column.generated_sql is not None for column in columns):
            raise not_supported("A duplicate of a generated column")
        if all(_has(row, one) and one.pg_name not in row.nulls for one in columns):
            found.append(key)
    return found


def check_repeatable(rows: Sequence[Row]) -> None:
    """What is asked for twice must give the same twice."""
    for row in rows:
        if any(name in value for value in row.values.values() for name in _VOLATILE):
            raise not_supported("A value by chance where duplicates of several keys are looked for")


def upsert_each(
    target: Target, rows: Sequence[Row], updates: str = "NULL", *, fails: bool = False
) -> str:
    """The rows are inserted one after the other; a duplicate is updated, or left out, or fails.

    Args:
        updates: for each row and each unique key, or NULL; an array of PostgreSQL.
    """
    conflict = "" if fails else _UNLESS_THERE
    inserts = ", ".join(quoted_text(_insert_of_row(target, row, conflict, "$1")) for row in rows)
    takes = ", ".join("true" if row.numbers == NEW else "false" for row in rows)
    has_counter = target.table.auto_increment is not None
    numbers = quoted_text(counter(target.table.name)) if has_counter else "NULL"
    return (
        f"SELECT * FROM my.upsert_each(ARRAY[{inserts}]::text[], {updates}, "  # noqa: S608
        f"{numbers}::regclass, ARRAY[{takes}])"
    )


def _insert_of_row(target: Target, row: Row, conflict: str, number: str | None = None) -> str:
    """
    Args:
        number: what gives a new one; None: the counter.
    """
    names = ", ".join(quoted(name) for name in row.values)
    column = target.table.auto_increment
    values = row.inserted(target)
    if number is not None and column is not None and row.numbers == NEW:
        values[list(row.values).index(column.pg_name)] = cast(number, column)
    return (
        f"INSERT INTO {target.relation} AS {target.pg_alias} ({names}) "  # noqa: S608
        f"VALUES ({', '.join(values)}){conflict} "
        f"RETURNING {target.number}, {'true' if row.numbers == NEW else 'false'}"
    )


def replace_rows(target: Target, rows: Sequence[Row], *, is_referenced: bool) -> str:
    """REPLACE: every row that has a unique key in common goes, then the new one comes.

    Args:
        is_referenced: by a foreign key. Without one, a row that is the same is not counted.
    """
    check_repeatable(rows)
    order = unique_keys(target.table)
    inserts = ", ".join(quoted_text(_insert_of_row(target, row, _UNLESS_THERE)) for row in rows)
    deletes = [
        quoted_text(_delete(target, row, key, is_kept=not is_referenced and key is order[-1]))
        if key in possible
        else "NULL"
        for row, possible in ((row, possible_keys(target, row)) for row in rows)
        for key in order
    ]
    listed = f"ARRAY[{', '.join(deletes)}]::text[]"
    return f"SELECT * FROM my.replace_each(ARRAY[{inserts}]::text[], {listed})"  # noqa: S608


def _delete(target: Target, row: Row, key: Key, *, is_kept: bool) -> str:
    differs = " OR ".join(
        f"{target.pg_alias}.{quoted(name)} IS DISTINCT FROM {_EXCLUDED}.{quoted(name)}"
        for name, value in row.values.items()
        if value != NEW
    )
    counted = f"({differs})" if is_kept and NEW not in row.values.values() else "true"
    return (
        f"DELETE FROM {target.relation} AS {target.pg_alias} USING ({new_row(row)}) AS {_EXCLUDED} "  # noqa: S608
        f"WHERE {same_key(target.table, key, target.pg_alias, _EXCLUDED)} RETURNING {counted}"
    )
