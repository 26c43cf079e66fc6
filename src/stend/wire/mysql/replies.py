"""What a server answers: OK, ERR, EOF, definitions of columns, rows, prepared statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stend.wire.mysql.numbers import EOF, ERR, OK, Collation
from stend.wire.mysql.source import sized, varied

_NULL = b"\xfb"
_FIXED_LENGTH = b"\x0c"
# The first two bits of the bitmap of a binary row are not used.
_BITMAP_OFFSET = 2


def ok(
    *,
    status: int,
    affected_rows: int = 0,
    last_insert_id: int = 0,
    warnings: int = 0,
    info: str = "",
    ends_rows: bool = False,
) -> bytes:
    """
    Args:
        ends_rows: in the place of EOF behind rows (CLIENT_DEPRECATE_EOF).
    """
    return b"".join(
        (
            bytes([EOF if ends_rows else OK]),
            varied(affected_rows),
            varied(last_insert_id),
            status.to_bytes(2, "little"),
            min(warnings, 0xFFFF).to_bytes(2, "little"),
            sized(info.encode()) if info else b"",
        )
    )


def err(number: int, sql_state: str, message: str) -> bytes:
    return b"".join(
        (
            bytes([ERR]),
            number.to_bytes(2, "little"),
            b"#" + sql_state.encode(),
            # The bound of MySQL's own messages.
            message.encode(errors="replace")[:512],
        )
    )


def early_err(number: int, message: str) -> bytes:
    """Before the client has said what it can do: without the SQLSTATE."""
    return bytes([ERR]) + number.to_bytes(2, "little") + message.encode()


def eof(*, status: int, warnings: int = 0) -> bytes:
    return bytes([EOF]) + min(warnings, 0xFFFF).to_bytes(2, "little") + status.to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """
    Attributes:
        name: as the statement names it; `source_name`: of the column that it comes from.
        length: the most characters or bytes that it shows.
        decimals: digits behind the point; 31 where nothing bounds them.
    """

    name: str
    type: int
    database: str = ""
    table: str = ""
    source_table: str = ""
    source_name: str = ""
    collation: int = Collation.BINARY
    length: int = 0
    flags: int = 0
    decimals: int = 0

    def encode(self) -> bytes:
        names = (
            "def",
            self.database,
            self.table,
            self.source_table,
            self.name,
            self.source_name,
        )
        return b"".join(
            (
                # A name may be the text of a string of bytes.
                *(sized(one.encode(errors="replace")) for one in names),
                _FIXED_LENGTH,
                self.collation.to_bytes(2, "little"),
                min(self.length, 0xFFFFFFFF).to_bytes(4, "little"),
                bytes([self.type]),
                self.flags.to_bytes(2, "little"),
                bytes([self.decimals]),
                b"\0\0",
            )
        )


def text_row(values: Iterable[bytes | None]) -> bytes:
    return b"".join([_NULL if one is None else sized(one) for one in values])


def binary_row(values: Sequence[bytes | None]) -> bytes:
    """
    Args:
        values: each in the binary form of its type.
    """
    bitmap = bytearray((len(values) + 7 + _BITMAP_OFFSET) // 8)
    for index, one in enumerate(values):
        if one is None:
            at = index + _BITMAP_OFFSET
            bitmap[at // 8] |= 1 << at % 8
    return b"\0" + bytes(bitmap) + b"".join([one for one in values if one is not None])


def prepared(statement_id: int, columns: int, parameters: int) -> bytes:
    return b"".join(
        (
            bytes([OK]),
            statement_id.to_bytes(4, "little"),
            columns.to_bytes(2, "little"),
            parameters.to_bytes(2, "little"),
            # A byte of no use, and no warnings.
            b"\0\0\0",
        )
    )
