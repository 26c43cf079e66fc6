"""Numbers of the protocol with the names that they stand for."""

from enum import IntFlag

from stend.wire.mysql.numbers import Capability, ColumnFlag, ColumnType, Command, Status

# The commonest; there are hundreds.
_COLLATIONS = {
    8: "latin1_swedish_ci",
    11: "ascii_general_ci",
    28: "gbk_chinese_ci",
    33: "utf8mb3_general_ci",
    45: "utf8mb4_general_ci",
    46: "utf8mb4_bin",
    47: "latin1_bin",
    51: "cp1251_general_ci",
    63: "binary",
    83: "utf8mb3_bin",
    192: "utf8mb3_unicode_ci",
    224: "utf8mb4_unicode_ci",
    246: "utf8mb4_unicode_520_ci",
    255: "utf8mb4_0900_ai_ci",
    309: "utf8mb4_0900_bin",
}
_CURSORS = {0: "NO_CURSOR", 1: "READ_ONLY", 2: "FOR_UPDATE", 4: "SCROLLABLE"}


def collation(number: int) -> str | int:
    return f"{number} {_COLLATIONS[number]}" if number in _COLLATIONS else number


def capabilities(number: int) -> str:
    return _flags(number, Capability, 8)


def capabilities_above(number: int) -> str:
    """The upper half, which stands apart."""
    return _flags(number << 16, Capability, 8)


def status(number: int) -> str:
    return _flags(number, Status, 4)


def column_flags(number: int) -> str:
    return _flags(number, ColumnFlag, 4)


def cursor(number: int) -> str | int:
    return f"{number} {_CURSORS[number]}" if number in _CURSORS else number


def column_type(number: int) -> str:
    """`MYSQL_TYPE_LONG`."""
    try:
        return f"MYSQL_TYPE_{ColumnType(number).name}"
    except ValueError:
        return f"type {number:#04x}"


def command(number: int) -> str:
    """`COM_QUERY`."""
    try:
        return f"COM_{Command(number).name}"
    except ValueError:
        return f"command {number:#04x}"


def _flags(number: int, names: type[IntFlag], digits: int) -> str:
    known = {int(one): one.name for one in names}
    found = [known.get(1 << bit, f"bit {bit}") for bit in range(32) if number >> bit & 1]
    return f"{number:#0{digits + 2}x} {', '.join(map(str, found))}".strip()
