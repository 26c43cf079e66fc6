"""Foreign keys and checks of a table: from what is declared to what is kept."""

import re
from collections.abc import Iterable

from stend.engines.mysql.catalog.plans.draft import Draft
from stend.engines.mysql.catalog.plans.expressions import read_condition, refuse_function
from stend.engines.mysql.catalog.plans.keys import add_key, serving_key
from stend.engines.mysql.catalog.syntax.definitions import (
    CheckSpec,
    ForeignKeySpec,
    KeyPart,
    KeySpec,
)
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.tables.model import Check, Column, ForeignKey, Table, TableName
from stend.engines.mysql.tables.naming import CHECK_PREFIX, FOREIGN_KEY_PREFIX, check_name
from stend.engines.mysql.tables.types import INTEGERS, Kind, SqlType

_CHARS = frozenset({Kind.CHAR, Kind.VARCHAR})
_BINARIES = frozenset({Kind.BINARY, Kind.VARBINARY})


def add_foreign_key(draft: Draft, spec: ForeignKeySpec) -> None:
    """
    Raises:
        MySqlError: what is wrong with it.
    """
    name = spec.name or _made_name(draft, "ibfk", [one.name for one in draft.foreign_keys])
    _check_constraint_name(draft, name)
    target_name = TableName(spec.target.database or draft.name.database, spec.target.table)
    target = draft.table() if target_name == draft.name else draft.catalog.table(target_name)
    if target is None or target.view_sql is not None:
        message = f"Failed to open the referenced table '{target_name.table}'"
        raise MySqlError(MyError.ER_FK_CANNOT_OPEN_PARENT, message)
    if len(spec.columns) != len(spec.target_columns):
        message = f"Incorrect foreign key definition for '{name}': Key reference and table "
        raise MySqlError(MyError.ER_WRONG_FK_DEF, message + "reference don't match")
    columns = [_own_column(draft, one) for one in spec.columns]
    targets = [_target_column(target, one, name) for one in spec.target_columns]
    for column, other in zip(columns, targets, strict=True):
        _check_pair(column, other, name)
    _check_actions(spec, columns, name)
    _check_target_key(target, targets, name)
    _serve(draft, spec, columns)
    draft.foreign_keys.append(
        ForeignKey(
            name=name,
            columns=tuple(one.name for one in columns),
            target=target_name,
            target_columns=tuple(one.name for one in targets),
            on_delete=spec.on_delete,
            on_update=spec.on_update,
            pg_name=f"{FOREIGN_KEY_PREFIX}{draft.number()}",
        )
    )


def _made_name(draft: Draft, kind: str, taken: Iterable[str]) -> str:
    """`table_ibfk_1`: one more than the greatest there is."""
    pattern = re.compile(re.escape(draft.name.table) + f"_{kind}_(\\d+)", re.IGNORECASE)
    numbers = (int(found[1]) for name in taken if (found := pattern.fullmatch(name)))
    return f"{draft.name.table}_{kind}_{max(numbers, default=0) + 1}"


def _check_constraint_name(draft: Draft, name: str) -> None:
    check_name(name, "constraint")
    others = (
        key.name
        for table in draft.catalog.databases[draft.name.database].values()
        if table.name != draft.name
        for key in table.foreign_keys
    )
    own = (key.name for key in draft.foreign_keys)
    if name.lower() in {one.lower() for one in (*others, *own)}:
        message = f"Duplicate foreign key constraint name '{name}'"
        raise MySqlError(MyError.ER_FK_DUP_NAME, message)


def _own_column(draft: Draft, name: str) -> Column:
    column = draft.column(name)
    if column is None:
        message = f"Key column '{name}' doesn't exist in table"
        raise MySqlError(MyError.ER_KEY_COLUMN_DOES_NOT_EXITS, message)
    return column


def _target_column(target: Table, name: str, constraint: str) -> Column:
    column = target.column(name)
    if column is None:
        raise MySqlError(
            MyError.ER_FK_MISSING_COLUMN,
            f"Failed to add the foreign key constraint. Missing column '{name}' for constraint "
            f"'{constraint}' in the referenced table '{target.name.table}'",
        )
    return column


def _check_pair(column: Column, target: Column, constraint: str) -> None:
    if not _is_alike(column.type, target.type):
        raise MySqlError(
            MyError.ER_FK_INCOMPATIBLE_COLUMNS,
            f"Referencing column '{column.name}' and referenced column '{target.name}' in "
            f"foreign key constraint '{constraint}' are incompatible.",
        )


def _is_alike(one: SqlType, other: SqlType) -> bool:
    kinds = {one.kind, other.kind}
    if kinds <= _CHARS:
        return one.collation == other.collation
    if kinds <= _BINARIES:
        return True
    if len(kinds) > 1:
        return False
    if one.kind is Kind.DECIMAL:
        return (one.precision, one.scale, one.unsigned) == (
            other.precision,
            other.scale,
            other.unsigned,
        )
    return one.unsigned == other.unsigned or one.kind not in INTEGERS


def _check_actions(spec: ForeignKeySpec, columns: list[Column], constraint: str) -> None:
    if "SET NULL" not in {spec.on_delete, spec.on_update}:
        return
    for column in columns:
        if not column.nullable:
            raise MySqlError(
                MyError.ER_FK_COLUMN_NOT_NULL,
                f"Column '{column.name}' cannot be NOT NULL: needed in a foreign key "
                f"constraint '{constraint}' SET NULL",
            )


def _check_target_key(target: Table, columns: list[Column], constraint: str) -> None:
    # restrict_fk_on_non_standard_key is ON in 8.4.
    wanted = [one.pg_name for one in columns]
    for key in target.keys:
        if key.unique and [one.lower() for one in key.columns] == wanted:
            return
    raise MySqlError(
        MyError.ER_FK_NO_UNIQUE_INDEX_PARENT,
        "Failed to add the foreign key constraint. Missing unique key for constraint "
        f"'{constraint}' in the referenced table '{target.name.table}'",
    )


def _serve(draft: Draft, spec: ForeignKeySpec, columns: list[Column]) -> None:
    """InnoDB makes an index for a foreign key that has none."""
    names = tuple(one.name for one in columns)
    if serving_key(draft.keys, names) is None:
        parts = tuple(KeyPart(one) for one in names)
        add_key(draft, KeySpec(spec.name or spec.index_name, parts), is_generated=True)


def add_check(draft: Draft, spec: CheckSpec) -> None:
    """
    Raises:
        MySqlError: what is wrong with it.
    """
    name = spec.name or _made_name(draft, "chk", [one.name for one in draft.checks])
    _check_check_name(draft, name)
    where = f"check constraint {name} expression"
    condition = read_condition(spec.expression, draft.columns, draft.facts, where)
    if condition.is_of_session or condition.is_volatile:
        error = MyError.ER_CHECK_CONSTRAINT_FUNCTION_IS_NOT_ALLOWED
        raise refuse_function(error, f"An expression of a check constraint '{name}'")
    _check_named(draft, spec, condition.columns, name)
    draft.checks.append(
        Check(
            name=name,
            condition_sql=condition.shown,
            enforced=spec.enforced,
            columns=tuple(sorted(condition.columns)),
            condition_pg=condition.typed.sql,
            pg_name=f"{CHECK_PREFIX}{draft.number()}",
        )
    )


def _check_check_name(draft: Draft, name: str) -> None:
    check_name(name, "constraint")
    others = (
        check.name
        for table in draft.catalog.databases[draft.name.database].values()
        if table.name != draft.name
        for check in table.checks
    )
    own = (check.name for check in draft.checks)
    if name.lower() in {one.lower() for one in (*others, *own)}:
        message = f"Duplicate check constraint name '{name}'."
        raise MySqlError(MyError.ER_CHECK_CONSTRAINT_DUP_NAME, message)


def _check_named(draft: Draft, spec: CheckSpec, names: frozenset[str], check: str) -> None:
    for name in sorted(names):
        column = draft.column(name)
        if column is not None and column.auto_increment:
            raise MySqlError(
                MyError.ER_CHECK_CONSTRAINT_REFERS_AUTO_INCREMENT_COLUMN,
                f"Check constraint '{check}' cannot refer to an auto-increment column.",
            )
    if spec.column is not None and names - {spec.column.lower()}:
        raise MySqlError(
            MyError.ER_COLUMN_CHECK_CONSTRAINT_REFERENCES_OTHER_COLUMN,
            f"Column check constraint '{check}' references other column.",
        )
