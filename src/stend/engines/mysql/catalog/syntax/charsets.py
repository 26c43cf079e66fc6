"""CHARACTER SET and COLLATE, wherever they stand."""

from enum import Enum

from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError, not_supported

CHARSET = "utf8mb4"
DEFAULT_COLLATION = "utf8mb4_general_ci"
BIN_COLLATION = "utf8mb4_bin"
COLLATIONS = (DEFAULT_COLLATION, BIN_COLLATION)
# Of MySQL 8.4; what is none of them is unknown there too.
_OTHER = """
    armscii8 ascii big5 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr
    gb18030 gb2312 gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5
    latin7 macce macroman sjis swe7 tis620 ucs2 ujis utf16 utf16le utf32 utf8 utf8mb3
"""
_OTHER_CHARSETS = frozenset(_OTHER.split())


class Charset(Enum):
    """What was asked for: the collation of the texts, or no characters at all."""

    GENERAL_CI = DEFAULT_COLLATION
    BIN = BIN_COLLATION
    BINARY = "binary"


def read_charset(tokens: Tokens) -> Charset | None:
    """`CHARACTER SET x COLLATE y`, either alone, or BINARY; None where there is nothing of it."""
    charset = _read_charset_name(tokens)
    collation = _read_collation(tokens)
    if charset == "binary" or collation == "binary":
        return Charset.BINARY
    if collation is not None:
        return Charset(collation)
    if charset is None:
        return None
    return Charset.BIN if tokens.accept("BINARY") else Charset.GENERAL_CI


def _read_charset_name(tokens: Tokens) -> str | None:
    if not (tokens.accept("CHARACTER", "SET") or tokens.accept("CHARSET")):
        return None
    tokens.accept_symbol("=")
    return check_charset(name_or_string(tokens))


def _read_collation(tokens: Tokens) -> str | None:
    if not tokens.accept("COLLATE"):
        return None
    tokens.accept_symbol("=")
    return check_collation(name_or_string(tokens))


def name_or_string(tokens: Tokens) -> str:
    """A name that may stand in quotes of a string."""
    if tokens.is_string:
        return tokens.string()
    return tokens.any_name()


def check_charset(name: str) -> str:
    """Its name in lower case.

    Raises:
        MySqlError: unknown, or not utf8mb4.
    """
    lowered = name.lower()
    if lowered in _OTHER_CHARSETS:
        raise not_supported(f"The character set {lowered}")
    if lowered not in {CHARSET, "binary"}:
        raise MySqlError(MyError.ER_UNKNOWN_CHARACTER_SET, f"Unknown character set: '{name}'")
    return lowered


def check_collation(name: str) -> str:
    """Its name in lower case.

    Raises:
        MySqlError: ER_UNKNOWN_COLLATION.
    """
    lowered = name.lower()
    if lowered not in {*COLLATIONS, "binary"}:
        raise MySqlError(MyError.ER_UNKNOWN_COLLATION, f"Unknown collation: '{name}'")
    return lowered
