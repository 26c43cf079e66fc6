"""What the parts of a definition say."""

from dataclasses import dataclass
from enum import Enum, auto

from stend.engines.mysql.tables.types import SqlType


class DefaultKind(Enum):
    NULL = auto()
    LITERAL = auto()
    NOW = auto()
    EXPRESSION = auto()


@dataclass(frozen=True, slots=True)
class DefaultSpec:
    """
    Attributes:
        text: the value of a string, a number as it was written, an expression without its
            parentheses, the digits after the second of CURRENT_TIMESTAMP.
        is_number: a literal without quotes.
    """

    kind: DefaultKind
    text: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """
    Attributes:
        name: None where the server names it.
        column: beside which it stands, or None.
    """

    name: str | None
    expression: str
    enforced: bool = True
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """
    Attributes:
        nullable: None where nothing is said.
        on_update: the digits of ON UPDATE CURRENT_TIMESTAMP, or None.
        generated: its expression, or None.
        is_stored: of a generated column.
        has_collation: it was said, and the table's does not count.
    """

    name: str
    type: SqlType
    nullable: bool | None = None
    default: DefaultSpec | None = None
    on_update: str | None = None
    auto_increment: bool = False
    comment: str = ""
    generated: str | None = None
    is_stored: bool = False
    is_primary: bool = False
    is_unique: bool = False
    checks: tuple[CheckSpec, ...] = ()
    has_collation: bool = False


@dataclass(frozen=True, slots=True)
class KeyPart:
    column: str
    prefix: int | None = None
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class KeySpec:
    """
    Attributes:
        name: None where the server names it.
    """

    name: str | None
    parts: tuple[KeyPart, ...]
    is_primary: bool = False
    is_unique: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class NameSpec:
    """A table's name, with its database or without."""

    database: str | None
    table: str


@dataclass(frozen=True, slots=True)
class ForeignKeySpec:
    name: str | None
    index_name: str | None
    columns: tuple[str, ...]
    target: NameSpec
    target_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"


@dataclass(frozen=True, slots=True)
class Options:
    """Of a table; None where nothing is said."""

    engine: str | None = None
    comment: str | None = None
    auto_increment: int | None = None
    collation: str | None = None


Element = ColumnSpec | KeySpec | ForeignKeySpec | CheckSpec


@dataclass(frozen=True, slots=True)
class Position:
    """Where a column comes to stand: behind another, or first."""

    after: str | None = None


@dataclass(frozen=True, slots=True)
class AddColumn:
    column: ColumnSpec
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """MODIFY and CHANGE: the column `name` becomes `column`."""

    name: str
    column: ColumnSpec
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class RenameColumn:
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class DropColumn:
    name: str


@dataclass(frozen=True, slots=True)
class SetDefault:
    """ALTER COLUMN: None drops the default."""

    name: str
    default: DefaultSpec | None


@dataclass(frozen=True, slots=True)
class AddElement:
    element: KeySpec | ForeignKeySpec | CheckSpec


@dataclass(frozen=True, slots=True)
class DropKey:
    name: str


@dataclass(frozen=True, slots=True)
class RenameKey:
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class DropForeignKey:
    name: str


@dataclass(frozen=True, slots=True)
class DropCheck:
    name: str


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """Of whatever kind the constraint of that name is."""

    name: str


@dataclass(frozen=True, slots=True)
class EnforceCheck:
    name: str
    enforced: bool


@dataclass(frozen=True, slots=True)
class RenameTable:
    name: NameSpec


@dataclass(frozen=True, slots=True)
class SetOptions:
    options: Options


@dataclass(frozen=True, slots=True)
class ConvertTexts:
    """CONVERT TO CHARACTER SET: of every text of the table."""

    collation: str


Action = (
    AddColumn
    | ChangeColumn
    | RenameColumn
    | DropColumn
    | SetDefault
    | AddElement
    | DropKey
    | RenameKey
    | DropForeignKey
    | DropCheck
    | DropConstraint
    | EnforceCheck
    | RenameTable
    | SetOptions
    | ConvertTexts
)
