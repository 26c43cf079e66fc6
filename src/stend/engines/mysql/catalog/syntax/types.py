"""The type of a column, as it is written in a definition."""

from collections.abc import Callable
from dataclasses import replace

from stend.engines.mysql.catalog.syntax.charsets import Charset, read_charset
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.tables.types import Kind, SqlType

MAX_CHARACTERS = 16383
MAX_CHAR = 255
MAX_BYTES = 65535
MAX_PRECISION = 65
MAX_SCALE = 30
MAX_FRACTION = 6
_MAX_FLOAT_BITS = 24
_MAX_DOUBLE_BITS = 53
_MAX_MEMBERS = 65535

_INTEGERS = {
    "TINYINT": Kind.TINYINT,
    "INT1": Kind.TINYINT,
    "SMALLINT": Kind.SMALLINT,
    "INT2": Kind.SMALLINT,
    "MEDIUMINT": Kind.MEDIUMINT,
    "INT3": Kind.MEDIUMINT,
    "MIDDLEINT": Kind.MEDIUMINT,
    "INT": Kind.INT,
    "INTEGER": Kind.INT,
    "INT4": Kind.INT,
    "BIGINT": Kind.BIGINT,
    "INT8": Kind.BIGINT,
}
_TEXTS = {
    "TINYTEXT": Kind.TINYTEXT,
    "MEDIUMTEXT": Kind.MEDIUMTEXT,
    "LONGTEXT": Kind.LONGTEXT,
}
_TIMES = {"TIME": Kind.TIME, "DATETIME": Kind.DATETIME, "TIMESTAMP": Kind.TIMESTAMP}
_PLAIN = {
    "DATE": Kind.DATE,
    "JSON": Kind.JSON,
    "TINYBLOB": Kind.TINYBLOB,
    "MEDIUMBLOB": Kind.MEDIUMBLOB,
    "LONGBLOB": Kind.LONGBLOB,
}
_REFUSED = frozenset(
    {
        "BIT",
        "SET",
        "NCHAR",
        "NVARCHAR",
        "NATIONAL",
        "GEOMETRY",
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "GEOMCOLLECTION",
        "VECTOR",
    }
)


def read_type(tokens: Tokens, column: str) -> tuple[SqlType, bool]:
    """
    Args:
        column: its name, for errors.

    Returns:
        The type, and whether its collation was said.

    Raises:
        MySqlError: ER_PARSE_ERROR, limits of the types, a refusal.
    """
    word = tokens.peek.upper
    if word in _REFUSED:
        raise not_supported(f"The type {word}")
    if word in _INTEGERS:
        tokens.next()
        return _integer(tokens, _INTEGERS[word]), False
    if word in _TIMES:
        tokens.next()
        return SqlType(_TIMES[word], precision=_fraction(tokens, column)), False
    if word in _PLAIN:
        tokens.next()
        return SqlType(_PLAIN[word]), False
    reader = _READERS.get(word)
    if reader is not None:
        tokens.next()
        return reader(tokens, column), False
    return _read_string(tokens, column)


def _integer(tokens: Tokens, kind: Kind) -> SqlType:
    width = _length(tokens)
    unsigned = _signs(tokens)
    is_flag = kind is Kind.TINYINT and width == 1 and not unsigned
    return SqlType(kind, unsigned=unsigned, display_width=1 if is_flag else None)


def _signs(tokens: Tokens) -> bool:
    unsigned = False
    while word := tokens.accept_any("UNSIGNED", "SIGNED", "ZEROFILL"):
        if word == "ZEROFILL":
            raise not_supported("ZEROFILL")
        unsigned = unsigned or word == "UNSIGNED"
    return unsigned


def _length(tokens: Tokens) -> int | None:
    if not tokens.accept_symbol("("):
        return None
    length = tokens.number()
    tokens.expect_symbol(")")
    return length


def _fraction(tokens: Tokens, column: str) -> int:
    digits = _length(tokens) or 0
    if digits > MAX_FRACTION:
        raise _too_precise(digits, column, MAX_FRACTION)
    return digits


def _too_precise(digits: int, column: str, most: int) -> MySqlError:
    return MySqlError(
        MyError.ER_TOO_BIG_PRECISION,
        f"Too-big precision {digits} specified for '{column}'. Maximum is {most}.",
    )


def _decimal(tokens: Tokens, column: str) -> SqlType:
    precision, scale = 10, 0
    if tokens.accept_symbol("("):
        precision = tokens.number()
        scale = tokens.number() if tokens.accept_symbol(",") else 0
        tokens.expect_symbol(")")
    precision = precision or 10
    if scale > MAX_SCALE:
        raise MySqlError(
            MyError.ER_TOO_BIG_SCALE,
            f"Too big scale {scale} specified for column '{column}'. Maximum is {MAX_SCALE}.",
        )
    if precision > MAX_PRECISION:
        raise _too_precise(precision, column, MAX_PRECISION)
    if scale > precision:
        raise MySqlError(
            MyError.ER_M_BIGGER_THAN_D,
            f"For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '{column}').",
        )
    return SqlType(Kind.DECIMAL, unsigned=_signs(tokens), precision=precision, scale=scale)


def _float(tokens: Tokens, column: str) -> SqlType:
    kind = Kind.FLOAT
    if tokens.accept_symbol("("):
        bits = tokens.number()
        if tokens.accept_symbol(","):
            raise not_supported("FLOAT(M,D)")
        tokens.expect_symbol(")")
        if bits > _MAX_DOUBLE_BITS:
            message = f"Incorrect column specifier for column '{column}'"
            raise MySqlError(MyError.ER_WRONG_FIELD_SPEC, message)
        kind = Kind.FLOAT if bits <= _MAX_FLOAT_BITS else Kind.DOUBLE
    if _signs(tokens):
        raise not_supported("FLOAT UNSIGNED")
    return SqlType(kind)


def _double(tokens: Tokens, _column: str) -> SqlType:
    tokens.accept("PRECISION")
    if tokens.is_symbol("("):
        raise not_supported("DOUBLE(M,D)")
    if _signs(tokens):
        raise not_supported("DOUBLE UNSIGNED")
    return SqlType(Kind.DOUBLE)


def _boolean(_tokens: Tokens, _column: str) -> SqlType:
    return SqlType(Kind.TINYINT, display_width=1)


def _year(tokens: Tokens, _column: str) -> SqlType:
    if _length(tokens) not in {None, 4}:
        raise not_supported("YEAR of another width than 4")
    return SqlType(Kind.YEAR)


def _binary(tokens: Tokens, column: str) -> SqlType:
    length = _length(tokens)
    length = 1 if length is None else length
    if length > MAX_CHAR:
        raise _too_long(column, MAX_CHAR)
    return SqlType(Kind.BINARY, length=length)


def _varbinary(tokens: Tokens, column: str) -> SqlType:
    return SqlType(Kind.VARBINARY, length=_needed_length(tokens, column, MAX_BYTES))


def _blob(tokens: Tokens, column: str) -> SqlType:
    return SqlType(_sized(tokens, column, _BLOB_SIZES))


_BLOB_SIZES = (
    (255, Kind.TINYBLOB),
    (65535, Kind.BLOB),
    (16777215, Kind.MEDIUMBLOB),
    (4294967295, Kind.LONGBLOB),
)
_TEXT_SIZES = (
    (255, Kind.TINYTEXT),
    (65535, Kind.TEXT),
    (16777215, Kind.MEDIUMTEXT),
    (4294967295, Kind.LONGTEXT),
)


def _sized(tokens: Tokens, column: str, sizes: tuple[tuple[int, Kind], ...]) -> Kind:
    """The smallest kind that holds so many; a text's character may take four bytes."""
    length = _length(tokens)
    if length is None:
        return sizes[1][1]
    needed = length * (4 if sizes is _TEXT_SIZES else 1)
    kind = next((kind for most, kind in sizes if needed <= most), None)
    if kind is None:
        raise _too_long(column, sizes[-1][0])
    return kind


def _needed_length(tokens: Tokens, column: str, most: int) -> int:
    if not tokens.is_symbol("("):
        raise tokens.fail()
    length = _length(tokens) or 0
    if length > most:
        raise _too_long(column, most)
    return length


def _too_long(column: str, most: int) -> MySqlError:
    return MySqlError(
        MyError.ER_TOO_BIG_FIELDLENGTH,
        f"Column length too big for column '{column}' (max = {most}); use BLOB or TEXT instead",
    )


_READERS: dict[str, Callable[[Tokens, str], SqlType]] = {
    "DECIMAL": _decimal,
    "DEC": _decimal,
    "NUMERIC": _decimal,
    "FIXED": _decimal,
    "FLOAT": _float,
    "FLOAT4": _float,
    "DOUBLE": _double,
    "FLOAT8": _double,
    "REAL": _double,
    "BOOL": _boolean,
    "BOOLEAN": _boolean,
    "YEAR": _year,
    "BINARY": _binary,
    "VARBINARY": _varbinary,
    "BLOB": _blob,
}


def _read_string(tokens: Tokens, column: str) -> tuple[SqlType, bool]:
    type_ = _string(tokens, column)
    charset = read_charset(tokens)
    if charset is Charset.BINARY:
        raise not_supported("CHARACTER SET binary of a column")
    if charset is None:
        return type_, False
    return replace(type_, collation=charset.value), True


def _string(tokens: Tokens, column: str) -> SqlType:
    if tokens.accept("LONG"):
        if tokens.accept("VARBINARY"):
            raise not_supported("LONG VARBINARY")
        if not tokens.accept("VARCHAR"):
            tokens.accept("CHAR", "VARYING")
        return SqlType(Kind.MEDIUMTEXT)
    word = tokens.expect_any(
        "CHAR", "CHARACTER", "VARCHAR", "VARCHARACTER", "TEXT", "ENUM", *_TEXTS
    )
    if word in _TEXTS:
        return SqlType(_TEXTS[word])
    if word == "TEXT":
        return SqlType(_sized(tokens, column, _TEXT_SIZES))
    if word == "ENUM":
        return SqlType(Kind.ENUM, members=_members(tokens, column))
    if word in {"VARCHAR", "VARCHARACTER"} or tokens.accept("VARYING"):
        return SqlType(Kind.VARCHAR, length=_needed_length(tokens, column, MAX_CHARACTERS))
    length = _length(tokens)
    if length is not None and length > MAX_CHAR:
        raise _too_long(column, MAX_CHAR)
    return SqlType(Kind.CHAR, length=1 if length is None else length)


def _members(tokens: Tokens, column: str) -> tuple[str, ...]:
    tokens.expect_symbol("(")
    members: list[str] = []
    while True:
        # MySQL takes blanks off the end of a member.
        members.append(tokens.string().rstrip(" "))
        if not tokens.accept_symbol(","):
            break
    tokens.expect_symbol(")")
    if len(members) > _MAX_MEMBERS:
        text = f"Too many strings for column {column} and SET"
        raise MySqlError(MyError.ER_TOO_BIG_ENUM, text)
    seen: set[str] = set()
    for member in members:
        if member.upper() in seen:
            raise MySqlError(
                MyError.ER_DUPLICATED_VALUE_IN_TYPE,
                f"Column '{column}' has duplicated value '{member}' in ENUM",
            )
        seen.add(member.upper())
    return tuple(members)
