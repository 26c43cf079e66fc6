"""Whose collation a comparison takes, as section 12.8.4 of MySQL's manual rules."""

from collections.abc import Sequence
from dataclasses import replace

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.typed import BIN_COLLATION, Coercibility, Typed
from stend.engines.mysql.tables.types import BYTES, Kind, SqlType

CI_COLLATION = "utf8mb4_general_ci"
COLLATIONS = frozenset({CI_COLLATION, BIN_COLLATION})


def known_collation(name: str) -> str:
    """The collation's name in lower case.

    Raises:
        MySqlError: ER_UNKNOWN_COLLATION, of MySQL's other collations too.
    """
    wanted = name.lower()
    if wanted not in COLLATIONS:
        raise MySqlError(MyError.ER_UNKNOWN_COLLATION, f"Unknown collation: '{name}'")
    return wanted


def collated(typed: Typed, name: str) -> Typed:
    """`typed COLLATE name`.

    Args:
        typed: a text.
    """
    collation = known_collation(name)
    return replace(
        typed,
        type=replace(typed.type, collation=collation),
        coercibility=Coercibility.EXPLICIT,
        constant=None,
        is_column=False,
    )


def combined(parts: Sequence[Typed]) -> tuple[str, Coercibility]:
    """The collation of what is made of several texts, and how strongly it holds.

    Raises:
        MySqlError: ER_CANT_AGGREGATE_2COLLATIONS.
    """
    texts = [one for one in parts if one.type.is_text]
    if not texts:
        return CI_COLLATION, Coercibility.NUMBER
    strongest = min(one.coercibility for one in texts)
    named = {one.type.collation for one in texts if one.coercibility == strongest}
    if len(named) == 1:
        return named.pop(), strongest
    if strongest is Coercibility.EXPLICIT:
        raise MySqlError(
            MyError.ER_CANT_AGGREGATE_2COLLATIONS,
            f"Illegal mix of collations ({CI_COLLATION},EXPLICIT) and ({BIN_COLLATION},EXPLICIT)",
        )
    # Of one character set, the binary collation wins.
    return BIN_COLLATION, strongest


def text_type(parts: Sequence[Typed], length: int | None = None) -> SqlType:
    """The type of a text that a function makes of others; of bytes, if one of them is bytes."""
    if any(one.type.kind in BYTES for one in parts):
        return SqlType(Kind.VARBINARY if length is not None else Kind.LONGBLOB, length=length)
    collation, _ = combined(parts)
    return SqlType(
        Kind.VARCHAR if length is not None else Kind.LONGTEXT, length=length, collation=collation
    )
