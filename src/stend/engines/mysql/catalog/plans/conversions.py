"""MODIFY and CHANGE: values of one type as values of another, as ALTER TABLE converts them."""

from stend.engines.mysql.catalog.model import Column
from stend.engines.mysql.catalog.naming import literal
from stend.engines.mysql.catalog.types import BYTES, INTEGERS, TEXTS, Kind, SqlType
from stend.engines.mysql.errors import MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts

_EXACT = (INTEGERS - {Kind.YEAR}) | {Kind.DECIMAL}
_MOMENTS = frozenset({Kind.DATETIME, Kind.TIMESTAMP})


def conversion(name: str, old: Column, new: Column, facts: Facts) -> str | MySqlError | None:
    """
    Args:
        name: the column, as PostgreSQL names it.

    Returns:
        An expression of PostgreSQL; None: the values stay as they are, within the new range, or
        are cast; or the refusal that is right if there are rows.
    """
    given, wanted = old.type, new.type
    if new.auto_increment and not old.auto_increment and given.kind not in INTEGERS:
        return _refusal(old, new)
    if given.kind is wanted.kind:
        return _same_kind(name, given, wanted, old, new)
    if given.kind in _EXACT and wanted.kind in _EXACT:
        return None
    if {given.kind, wanted.kind} == {Kind.FLOAT, Kind.DOUBLE} or (
        given.kind in _EXACT and wanted.kind is Kind.DOUBLE
    ):
        return None
    if wanted.kind in TEXTS:
        return _as_text(name, given, wanted) or _refusal(old, new)
    if given.kind in BYTES and wanted.kind in BYTES - {Kind.BINARY}:
        return None
    return _moment(name, given, wanted, facts) or _refusal(old, new)


def _same_kind(
    name: str, given: SqlType, wanted: SqlType, old: Column, new: Column
) -> str | MySqlError | None:
    if given.kind in {Kind.TIME, *_MOMENTS} and (given.precision or 0) > (wanted.precision or 0):
        # PostgreSQL rounds halves of negative intervals otherwise than MySQL does.
        return _refusal(old, new)
    if given.kind is Kind.BINARY:
        return _refusal(old, new)
    if given.kind is Kind.ENUM:
        return _as_text(name, given, wanted)
    return None


def _as_text(name: str, given: SqlType, wanted: SqlType) -> str | None:
    if given.kind in TEXTS:
        text = name
    elif given.kind in _EXACT:
        text = f"{name}::text"
    elif given.kind is Kind.DATE:
        text = f"to_char({name}, 'YYYY-MM-DD')"
    elif given.kind is Kind.YEAR:
        text = f"lpad({name}::text, 4, '0')"
    else:
        return None
    if wanted.kind is Kind.ENUM:
        return _as_member(text, wanted) if given.kind in TEXTS else None
    return f"rtrim({text}, ' ')" if wanted.kind is Kind.CHAR else text


def _as_member(text: str, wanted: SqlType) -> str:
    """The member that a text equals; a text that equals none stays and is out of range."""
    members = " ".join(
        f"WHEN my.weight({literal(one)}) THEN {literal(one)}" for one in wanted.members
    )
    return f"CASE my.weight({text}) {members} ELSE {text} END"


def _moment(name: str, given: SqlType, wanted: SqlType, facts: Facts) -> str | None:
    zone = literal(facts.time_zone)
    if given.kind is Kind.DATE and wanted.kind is Kind.DATETIME:
        return f"{name}::timestamp"
    if given.kind is Kind.DATE and wanted.kind is Kind.TIMESTAMP:
        return f"{name}::timestamp AT TIME ZONE {zone}"
    if wanted.kind is Kind.DATE and given.kind in _MOMENTS and not given.precision:
        moment = name if given.kind is Kind.DATETIME else f"({name} AT TIME ZONE {zone})"
        return f"{moment}::date"
    if {given.kind, wanted.kind} == _MOMENTS and (given.precision or 0) <= (wanted.precision or 0):
        return f"{name} AT TIME ZONE {zone}"
    return None


def _refusal(old: Column, new: Column) -> MySqlError:
    return not_supported(
        f"The conversion of column '{old.name}' with its rows from {old.type.kind.value.upper()} "
        f"to {new.type.kind.value.upper()}"
    )
