"""ALTER TABLE: each action on the draft of a table, in their order."""

from collections.abc import Callable
from dataclasses import replace
from functools import singledispatch

from stend.engines.mysql.catalog.plans.columns import (
    base_column,
    complete,
    default_expression,
    plain_default,
    with_expression,
)
from stend.engines.mysql.catalog.plans.constraints import add_check, add_foreign_key
from stend.engines.mysql.catalog.plans.creating import add_column, add_column_keys
from stend.engines.mysql.catalog.plans.draft import Draft, Slot
from stend.engines.mysql.catalog.plans.keys import (
    add_key,
    check_auto_increment,
    fit_keys,
    serving_key,
)
from stend.engines.mysql.catalog.syntax.definitions import (
    Action,
    AddColumn,
    AddElement,
    ChangeColumn,
    CheckSpec,
    ConvertTexts,
    DefaultKind,
    DropCheck,
    DropColumn,
    DropConstraint,
    DropForeignKey,
    DropKey,
    EnforceCheck,
    ForeignKeySpec,
    Position,
    RenameColumn,
    RenameKey,
    SetDefault,
    SetOptions,
)
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.model import Check, Column, Key, TableName
from stend.engines.mysql.tables.naming import check_name

# MySQL drops first, whatever the order is in which the actions stand.
_FIRST = (DropForeignKey, DropCheck, DropConstraint, DropKey, DropColumn)
_LAST = (AddElement,)


def alter(draft: Draft, actions: tuple[Action, ...]) -> None:
    """
    Args:
        actions: but for RENAME TO, which is no change of the table itself.

    Raises:
        MySqlError: what is wrong with them.
    """
    firsts = [one for one in actions if isinstance(one, _FIRST)]
    lasts = [one for one in actions if isinstance(one, _LAST)]
    others = [one for one in actions if not isinstance(one, _FIRST + _LAST)]
    for action in (*firsts, *others, *lasts):
        _apply(action, draft)
    if not draft.slots:
        raise MySqlError(
            MyError.ER_CANT_REMOVE_ALL_FIELDS,
            "You can't delete all columns with ALTER TABLE; use DROP TABLE instead",
        )
    check_auto_increment(draft)
    _check_foreign_keys_served(draft)


@singledispatch
def _apply(action: object, draft: Draft) -> None:
    raise not_supported(f"The action {type(action).__name__} of {draft.name.table}")


def cannot_drop(name: str) -> MySqlError:
    return MySqlError(
        MyError.ER_CANT_DROP_FIELD_OR_KEY,
        f"Can't DROP '{name}'; check that column/key exists",
    )


@_apply.register
def _add_column(action: AddColumn, draft: Draft) -> None:
    at = _place(draft, action.position, len(draft.slots))
    slot = add_column(draft, action.column, at)
    add_column_keys(draft, action.column)
    complete(slot, action.column, draft)
    for check in action.column.checks:
        add_check(draft, check)


def _place(draft: Draft, position: Position | None, otherwise: int) -> int:
    if position is None:
        return otherwise
    if position.after is None:
        return 0
    return draft.slots.index(draft.needed_slot(position.after)) + 1


@_apply.register
def _change_column(action: ChangeColumn, draft: Draft) -> None:
    slot = draft.needed_slot(action.name)
    old, spec = slot.column, action.column
    if spec.name.lower() != old.pg_name:
        _check_renamable(draft, old, spec.name)
    new = base_column(spec, draft)
    if _is_in_primary_key(draft, old):
        if spec.nullable:
            raise MySqlError(
                MyError.ER_PRIMARY_CANT_HAVE_NULL,
                "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use "
                "UNIQUE instead",
            )
        new = replace(new, nullable=False)
        if new.default_sql == "NULL":
            new = replace(new, default_sql=None, default_pg=None)
    if (spec.generated is None) != (old.generated_sql is None):
        raise not_supported("MODIFY between generated and other columns")
    slot.column = new
    _rename_in_keys(draft, old.name, new.name)
    complete(slot, spec, draft)
    slot.fill = slot.must_be_empty = None
    _check_new_type(draft, old, slot.column)
    _move(draft, slot, action.position)
    add_column_keys(draft, replace(spec, is_primary=spec.is_primary and not _has_primary(draft)))
    for check in spec.checks:
        add_check(draft, check)


def _has_primary(draft: Draft) -> bool:
    return draft.key("PRIMARY") is not None


def _is_in_primary_key(draft: Draft, column: Column) -> bool:
    key = draft.key("PRIMARY")
    return key is not None and _names(key, column.name)


def _names(key: Key, column: str) -> bool:
    return column.lower() in {one.lower() for one in key.columns}


def _move(draft: Draft, slot: Slot, position: Position | None) -> None:
    if position is None:
        return
    draft.slots.remove(slot)
    draft.slots.insert(_place(draft, position, 0), slot)


def _check_new_type(draft: Draft, old: Column, new: Column) -> None:
    if old.type == new.type:
        return
    fit_keys(draft, new)
    for key in draft.foreign_keys:
        if new.name.lower() in {one.lower() for one in key.columns}:
            _check_same_reference(old, new, key.name, MyError.ER_FK_COLUMN_CANNOT_CHANGE)
    for table in draft.catalog.tables():
        for key in table.foreign_keys:
            names = {one.lower() for one in key.target_columns}
            if key.target == draft.name and old.pg_name in names:
                error = MyError.ER_FK_COLUMN_CANNOT_CHANGE_CHILD
                _check_same_reference(old, new, f"{key.name}' of table '{table.name.table}", error)
    if any(new.pg_name in check.columns for check in draft.checks):
        raise not_supported(f"Another type of column '{new.name}', which a CHECK names,")
    if _generated_from(draft, new.pg_name):
        raise not_supported(f"Another type of column '{new.name}', which is the source of another,")


def _check_same_reference(old: Column, new: Column, constraint: str, error: MyError) -> None:
    # A longer text refers as well as a shorter one.
    same = (old.type.kind, old.type.collation) == (new.type.kind, new.type.collation)
    if old.type.is_text and same:
        return
    message = f"Cannot change column '{old.name}': used in a foreign key constraint"
    raise MySqlError(error, f"{message} '{constraint}'")


@_apply.register
def _rename_column(action: RenameColumn, draft: Draft) -> None:
    slot = draft.needed_slot(action.name)
    check_name(action.new_name, "column", 2)
    if action.new_name.lower() != slot.column.pg_name:
        _check_renamable(draft, slot.column, action.new_name)
    old = slot.column.name
    slot.column = replace(slot.column, name=action.new_name)
    _rename_in_keys(draft, old, action.new_name)


def _check_renamable(draft: Draft, column: Column, new_name: str) -> None:
    if draft.column(new_name) is not None:
        raise MySqlError(MyError.ER_DUP_FIELDNAME, f"Duplicate column name '{new_name}'")
    _check_independent(draft, column)
    if "#" in new_name:
        raise not_supported("A # in the name of a column")


def _check_independent(draft: Draft, column: Column) -> None:
    for check in draft.checks:
        if column.pg_name in check.columns:
            raise MySqlError(
                MyError.ER_DEPENDENT_BY_CHECK_CONSTRAINT,
                f"Check constraint '{check.name}' uses column '{column.name}', hence column "
                "cannot be dropped or renamed.",
            )
    if _generated_from(draft, column.pg_name):
        message = f"Column '{column.name}' has a generated column dependency."
        raise MySqlError(MyError.ER_DEPENDENT_BY_GENERATED_COLUMN, message)


def _generated_from(draft: Draft, pg_name: str) -> bool:
    mark = '"' + pg_name.replace('"', '""') + '"'
    return any(mark in (one.generated_pg or "") for one in draft.columns)


def _rename_in_keys(draft: Draft, old: str, new: str) -> None:
    def follow(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if one.lower() == old.lower() else one for one in names)

    draft.keys = [replace(key, columns=follow(key.columns)) for key in draft.keys]
    draft.foreign_keys = [
        replace(
            key,
            columns=follow(key.columns),
            target_columns=follow(key.target_columns)
            if key.target == draft.name
            else key.target_columns,
        )
        for key in draft.foreign_keys
    ]


@_apply.register
def _drop_column(action: DropColumn, draft: Draft) -> None:
    slot = draft.slot(action.name)
    if slot is None:
        raise cannot_drop(action.name)
    column = slot.column
    # A check of this column alone goes with it.
    draft.checks = [one for one in draft.checks if one.columns != (column.pg_name,)]
    _check_independent(draft, column)
    _check_unreferenced(draft, column)
    draft.slots.remove(slot)
    kept = (_without_column(key, column.name, draft) for key in draft.keys)
    draft.keys = [key for key in kept if key.columns]


def _check_unreferenced(draft: Draft, column: Column) -> None:
    for key in draft.foreign_keys:
        if column.pg_name in {one.lower() for one in key.columns}:
            raise MySqlError(
                MyError.ER_FK_COLUMN_CANNOT_DROP,
                f"Cannot drop column '{column.name}': needed in a foreign key constraint "
                f"'{key.name}'",
            )
    for table in draft.catalog.tables():
        for key in table.foreign_keys:
            names = {one.lower() for one in key.target_columns}
            if key.target == draft.name and column.pg_name in names:
                raise MySqlError(
                    MyError.ER_FK_COLUMN_CANNOT_DROP_CHILD,
                    f"Cannot drop column '{column.name}': needed in a foreign key constraint "
                    f"'{key.name}' of table '{table.name.table}'",
                )


def _without_column(key: Key, name: str, draft: Draft) -> Key:
    """A key loses the column; it is another one then."""
    if not _names(key, name):
        return key
    kept = [index for index, one in enumerate(key.columns) if one.lower() != name.lower()]
    return replace(
        key,
        columns=tuple(key.columns[index] for index in kept),
        descending=tuple(key.descending[index] for index in kept),
        prefixes=tuple(key.prefixes[index] for index in kept),
        pg_name=f"k#{draft.number()}",
    )


@_apply.register
def _set_default(action: SetDefault, draft: Draft) -> None:
    slot = draft.needed_slot(action.name)
    column = slot.column
    if column.generated_sql is not None or column.auto_increment:
        message = f"Invalid default value for '{column.name}'"
        raise MySqlError(MyError.ER_INVALID_DEFAULT, message)
    if action.default is None:
        # "If the column can be NULL, the new default is NULL" (section 15.1.9).
        none = "NULL" if column.nullable else None
        slot.column = replace(column, default_sql=none, default_pg=none)
        return
    if action.default.kind is DefaultKind.EXPRESSION:
        expression = default_expression(action.default, draft.facts)
        slot.column = with_expression(column, expression, draft.facts)
        return
    default = plain_default(column, action.default, may_lack=column.nullable)
    slot.column = replace(column, default_sql=default.sql, default_pg=default.pg)


@_apply.register
def _add_element(action: AddElement, draft: Draft) -> None:
    element = action.element
    if isinstance(element, ForeignKeySpec):
        add_foreign_key(draft, element)
    elif isinstance(element, CheckSpec):
        add_check(draft, element)
    else:
        add_key(draft, element)


@_apply.register
def _drop_key(action: DropKey, draft: Draft) -> None:
    key = draft.key(action.name)
    if key is None:
        raise cannot_drop(action.name)
    draft.keys.remove(key)


@_apply.register
def _rename_key(action: RenameKey, draft: Draft) -> None:
    key = draft.key(action.name)
    if key is None:
        raise MySqlError(
            MyError.ER_KEY_DOES_NOT_EXITS,
            f"Key '{action.name}' doesn't exist in table '{draft.name.table}'",
        )
    for name in (action.name, action.new_name):
        if name.upper() == "PRIMARY":
            message = f"Incorrect index name '{name}'"
            raise MySqlError(MyError.ER_WRONG_NAME_FOR_INDEX, message)
    other = draft.key(action.new_name)
    if other is not None and other is not key:
        message = f"Duplicate key name '{action.new_name}'"
        raise MySqlError(MyError.ER_DUP_KEYNAME, message)
    check_name(action.new_name, "index")
    draft.keys[draft.keys.index(key)] = replace(key, name=action.new_name, is_generated=False)


@_apply.register
def _drop_foreign_key(action: DropForeignKey, draft: Draft) -> None:
    wanted = action.name.lower()
    kept = [one for one in draft.foreign_keys if one.name.lower() != wanted]
    if len(kept) == len(draft.foreign_keys):
        raise cannot_drop(action.name)
    draft.foreign_keys = kept


def _check_of(draft: Draft, name: str) -> Check:
    wanted = name.lower()
    found = next((one for one in draft.checks if one.name.lower() == wanted), None)
    if found is None:
        raise MySqlError(
            MyError.ER_CHECK_CONSTRAINT_NOT_FOUND,
            f"Check constraint '{name}' is not found in the table.",
        )
    return found


@_apply.register
def _drop_check(action: DropCheck, draft: Draft) -> None:
    draft.checks.remove(_check_of(draft, action.name))


@_apply.register
def _enforce_check(action: EnforceCheck, draft: Draft) -> None:
    check = _check_of(draft, action.name)
    draft.checks[draft.checks.index(check)] = replace(check, enforced=action.enforced)


@_apply.register
def _drop_constraint(action: DropConstraint, draft: Draft) -> None:
    wanted = action.name.lower()
    found: list[Callable[[], None]] = []
    if any(one.name.lower() == wanted for one in draft.foreign_keys):
        found.append(lambda: _drop_foreign_key(DropForeignKey(action.name), draft))
    if any(one.name.lower() == wanted for one in draft.checks):
        found.append(lambda: _drop_check(DropCheck(action.name), draft))
    if any(one.unique and one.name.lower() == wanted for one in draft.keys):
        found.append(lambda: _drop_key(DropKey(action.name), draft))
    if not found:
        message = f"Constraint '{action.name}' does not exist."
        raise MySqlError(MyError.ER_CONSTRAINT_NOT_FOUND, message)
    if len(found) > 1:
        raise MySqlError(
            MyError.ER_MULTIPLE_CONSTRAINTS_WITH_SAME_NAME,
            f"Table has multiple constraints with the name '{action.name}'. Please use "
            "constraint specific 'DROP' clause.",
        )
    found[0]()


@_apply.register
def _set_options(action: SetOptions, draft: Draft) -> None:
    options = action.options
    if options.comment is not None:
        draft.comment = options.comment
    if options.auto_increment is not None:
        draft.auto_increment = options.auto_increment
    if options.collation is not None:
        draft.collation = options.collation


@_apply.register
def _convert_texts(action: ConvertTexts, draft: Draft) -> None:
    draft.collation = action.collation
    for slot in draft.slots:
        old = slot.column
        if old.type.is_text and old.type.collation != action.collation:
            type_ = replace(old.type, collation=action.collation)
            slot.column = replace(old, type=type_)
            _check_new_type(draft, old, slot.column)


def _check_foreign_keys_served(draft: Draft) -> None:
    """Every foreign key needs its index, and what refers to this table its unique key."""
    before = draft.catalog.table(draft.name)
    gone = [
        one
        for one in (before.keys if before is not None else ())
        if all(key.name != one.name for key in draft.keys)
    ]
    for key in draft.foreign_keys:
        if serving_key(draft.keys, key.columns) is None:
            raise _needed(gone, key.columns)
    for target, columns in _references(draft):
        if target == draft.name and not _has_unique(draft, columns):
            raise _needed(gone, columns)


def _references(draft: Draft) -> list[tuple[TableName, tuple[str, ...]]]:
    others = [
        (key.target, key.target_columns)
        for table in draft.catalog.tables()
        if table.name != draft.name
        for key in table.foreign_keys
    ]
    return others + [(key.target, key.target_columns) for key in draft.foreign_keys]


def _has_unique(draft: Draft, columns: tuple[str, ...]) -> bool:
    origins = {slot.origin: slot.column.pg_name for slot in draft.slots}
    wanted = [origins.get(one.lower(), one.lower()) for one in columns]
    return any(key.unique and [one.lower() for one in key.columns] == wanted for key in draft.keys)


def _needed(gone: list[Key], columns: tuple[str, ...]) -> MySqlError:
    wanted = [one.lower() for one in columns]
    name = next(
        (
            one.name
            for one in gone
            if [column.lower() for column in one.columns][: len(wanted)] == wanted
        ),
        columns[0],
    )
    return MySqlError(
        MyError.ER_DROP_INDEX_FK,
        f"Cannot drop index '{name}': needed in a foreign key constraint",
    )
