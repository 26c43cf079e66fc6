"""Keys of a table: from what is declared to what is kept."""

from dataclasses import replace

from stend.engines.mysql.catalog.plans.draft import Draft
from stend.engines.mysql.catalog.syntax.definitions import KeyPart, KeySpec
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.model import Column, Key
from stend.engines.mysql.tables.naming import KEY_PREFIX, check_name
from stend.engines.mysql.tables.types import BYTES, Kind

_MAX_BYTES = 3072
_MAX_PARTS = 16
_SIZES = {
    Kind.TINYINT: 1,
    Kind.SMALLINT: 2,
    Kind.MEDIUMINT: 3,
    Kind.INT: 4,
    Kind.BIGINT: 8,
    Kind.YEAR: 1,
    Kind.FLOAT: 4,
    Kind.ENUM: 2,
    Kind.DATE: 3,
    Kind.TIME: 3,
}
_DEFAULT_SIZE = 8
_LOBS = frozenset(
    {
        Kind.TINYTEXT,
        Kind.TEXT,
        Kind.MEDIUMTEXT,
        Kind.LONGTEXT,
        Kind.TINYBLOB,
        Kind.BLOB,
        Kind.MEDIUMBLOB,
        Kind.LONGBLOB,
    }
)


def add_key(draft: Draft, spec: KeySpec, *, is_generated: bool = False) -> Key:
    """
    Raises:
        MySqlError: what is wrong with it.
    """
    columns = tuple(_column(draft, part) for part in spec.parts)
    _check_parts(spec, columns)
    if spec.is_primary:
        _make_not_null(draft, columns)
    _drop_superseded(draft, spec)
    key = Key(
        name=_name(draft, spec),
        columns=tuple(column.name for column in columns),
        unique=spec.is_unique or spec.is_primary,
        descending=tuple(part.is_descending for part in spec.parts),
        prefixes=tuple(map(_prefix, spec.parts, columns)),
        comment=spec.comment,
        is_generated=is_generated,
        pg_name=f"{KEY_PREFIX}{draft.number()}",
    )
    if key.unique and any(key.prefixes):
        raise not_supported("A unique key on a prefix of a column")
    draft.keys.append(key)
    return key


def fit_keys(draft: Draft, changed: Column) -> None:
    """A column has another type now: prefixes of it go where it has none any more.

    Raises:
        MySqlError: a column of this type cannot be in its keys.
    """
    draft.keys = [
        _fitted(draft, key, changed) if _names(key, changed) else key for key in draft.keys
    ]


def _names(key: Key, column: Column) -> bool:
    return column.pg_name in {one.lower() for one in key.columns}


def _fitted(draft: Draft, key: Key, changed: Column) -> Key:
    prefixes = key.prefixes or (None,) * len(key.columns)
    kept = tuple(
        None
        if prefix is not None
        and name.lower() == changed.pg_name
        and not _takes_prefix(prefix, changed)
        else prefix
        for name, prefix in zip(key.columns, prefixes, strict=True)
    )
    parts = tuple(KeyPart(name, prefix) for name, prefix in zip(key.columns, kept, strict=True))
    _check_parts(KeySpec(key.name, parts), tuple(_column(draft, part) for part in parts))
    return replace(key, prefixes=kept)


def _column(draft: Draft, part: KeyPart) -> Column:
    column = draft.column(part.column)
    if column is None:
        raise MySqlError(
            MyError.ER_KEY_COLUMN_DOES_NOT_EXITS,
            f"Key column '{part.column}' doesn't exist in table",
        )
    return column


def _check_parts(spec: KeySpec, columns: tuple[Column, ...]) -> None:
    if len(columns) > _MAX_PARTS:
        message = f"Too many key parts specified; max {_MAX_PARTS} parts allowed"
        raise MySqlError(MyError.ER_TOO_MANY_KEY_PARTS, message)
    seen: set[str] = set()
    for part, column in zip(spec.parts, columns, strict=True):
        if column.pg_name in seen:
            message = f"Duplicate column name '{column.name}'"
            raise MySqlError(MyError.ER_DUP_FIELDNAME, message)
        seen.add(column.pg_name)
        _check_part(part, column)
    if sum(map(_size, spec.parts, columns)) > _MAX_BYTES:
        message = f"Specified key was too long; max key length is {_MAX_BYTES} bytes"
        raise MySqlError(MyError.ER_TOO_LONG_KEY, message)


def _check_part(part: KeyPart, column: Column) -> None:
    kind = column.type.kind
    if kind is Kind.JSON:
        raise MySqlError(
            MyError.ER_JSON_USED_AS_KEY,
            f"JSON column '{column.name}' supports indexing only via generated columns on a "
            "specified JSON path.",
        )
    if kind in _LOBS and part.prefix is None:
        raise MySqlError(
            MyError.ER_BLOB_KEY_WITHOUT_LENGTH,
            f"BLOB/TEXT column '{column.name}' used in key specification without a key length",
        )
    if part.prefix is not None and not _takes_prefix(part.prefix, column):
        raise MySqlError(
            MyError.ER_WRONG_SUB_KEY,
            "Incorrect prefix key; the used key part isn't a string, the used length is longer "
            "than the key part, or the storage engine doesn't support unique prefix keys",
        )


def _takes_prefix(prefix: int, column: Column) -> bool:
    type_ = column.type
    if type_.kind is Kind.ENUM or not (type_.is_text or type_.kind in BYTES):
        return False
    return prefix > 0 and (type_.length is None or prefix <= type_.length)


def _prefix(part: KeyPart, column: Column) -> int | None:
    """A prefix as long as the column is none."""
    return None if part.prefix == column.type.length else part.prefix


def _size(part: KeyPart, column: Column) -> int:
    type_ = column.type
    if type_.kind is Kind.DECIMAL:
        return (type_.precision or 0) // 2 + 1
    if type_.kind is not Kind.ENUM and (type_.is_text or type_.kind in BYTES):
        length = part.prefix or type_.length or 0
        return length * (4 if type_.is_text else 1)
    return _SIZES.get(type_.kind, _DEFAULT_SIZE)


def _make_not_null(draft: Draft, columns: tuple[Column, ...]) -> None:
    if draft.key("PRIMARY") is not None:
        raise MySqlError(MyError.ER_MULTIPLE_PRI_KEY, "Multiple primary key defined")
    for column in columns:
        slot = draft.needed_slot(column.name)
        if column.generated_sql is not None:
            raise not_supported("A generated column in a primary key")
        slot.column = replace(column, nullable=False)
        if column.default_sql == "NULL":
            slot.column = replace(slot.column, default_sql=None, default_pg=None)


def _name(draft: Draft, spec: KeySpec) -> str:
    if spec.is_primary:
        return "PRIMARY"
    if spec.name is None:
        return _made_name(draft, spec.parts[0].column)
    check_name(spec.name, "index")
    if spec.name.upper() == "PRIMARY":
        message = f"Incorrect index name '{spec.name}'"
        raise MySqlError(MyError.ER_WRONG_NAME_FOR_INDEX, message)
    if draft.key(spec.name) is not None:
        raise MySqlError(MyError.ER_DUP_KEYNAME, f"Duplicate key name '{spec.name}'")
    return spec.name


def _made_name(draft: Draft, column: str) -> str:
    """The first column's; `_2`, `_3`… behind it where that is taken."""
    name = found.name if (found := draft.column(column)) else column
    if draft.key(name) is None and name.upper() != "PRIMARY":
        return name
    number = 2
    while draft.key(f"{name}_{number}") is not None:
        number += 1
    return f"{name}_{number}"


def _drop_superseded(draft: Draft, spec: KeySpec) -> None:
    """A key that was made for a foreign key goes when one is declared that serves as well."""
    names = [part.column.lower() for part in spec.parts if part.prefix is None]
    draft.keys = [
        one
        for one in draft.keys
        if not one.is_generated or names[: len(one.columns)] != [c.lower() for c in one.columns]
    ]


def _begins_with(key: Key, columns: tuple[str, ...]) -> bool:
    head = key.columns[: len(columns)]
    return not any(key.prefixes) and [one.lower() for one in head] == [
        one.lower() for one in columns
    ]


def serving_key(keys: list[Key], columns: tuple[str, ...]) -> Key | None:
    """A key that begins with these columns."""
    return next((one for one in keys if _begins_with(one, columns)), None)


def check_auto_increment(draft: Draft) -> None:
    """
    Raises:
        MySqlError: ER_WRONG_AUTO_KEY.
    """
    found = [column for column in draft.columns if column.auto_increment]
    if not found:
        return
    keyed = {key.columns[0].lower() for key in draft.keys}
    if len(found) > 1 or found[0].pg_name not in keyed:
        raise MySqlError(
            MyError.ER_WRONG_AUTO_KEY,
            "Incorrect table definition; there can be only one auto column and it must be "
            "defined as a key",
        )
