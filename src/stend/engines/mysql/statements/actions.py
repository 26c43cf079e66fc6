"""The kinds of statements, as far as they differ in what the connection does for them."""

from dataclasses import dataclass
from enum import Enum, auto

from stend.engines.mysql.sql.facts import Value


@dataclass(frozen=True, slots=True)
class Begin:
    """
    Attributes:
        is_read_only: as it says; None: as the session has it.
        with_snapshot: the snapshot is taken at once.
    """

    is_read_only: bool | None = None
    with_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Finish:
    """COMMIT and ROLLBACK.

    Attributes:
        chain: begins the next transaction at once.
        release: ends the connection.
    """

    is_commit: bool
    chain: bool = False
    release: bool = False


class SavepointAction(Enum):
    SET = auto()
    ROLLBACK = auto()
    RELEASE = auto()


@dataclass(frozen=True, slots=True)
class Savepoint:
    action: SavepointAction
    name: str


@dataclass(frozen=True, slots=True)
class Use:
    database: str


@dataclass(frozen=True, slots=True)
class Kill:
    """KILL: of a connection, or of what it does now."""

    connection_id: int
    is_query: bool


class Scope(Enum):
    SESSION = auto()
    GLOBAL = auto()
    USER = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A name for a value: ON, utf8mb4, READ-COMMITTED without quotes; DEFAULT."""

    text: str


@dataclass(frozen=True, slots=True)
class Computed:
    """The text of an expression that has to be evaluated."""

    sql: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One of SET."""

    scope: Scope
    name: str
    value: Value | Word | Computed


@dataclass(frozen=True, slots=True)
class Names:
    """SET NAMES and SET CHARACTER SET; None: DEFAULT."""

    charset: str | None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class Characteristics:
    """SET TRANSACTION.

    Attributes:
        scope: None: of the next transaction only.
        isolation: as transaction_isolation names it.
    """

    scope: Scope | None
    isolation: str | None = None
    is_read_only: bool | None = None


@dataclass(frozen=True, slots=True)
class SetAll:
    """SET: all of it or nothing."""

    items: tuple[Assignment | Names | Characteristics, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Succeeds, and does nothing."""


class Text(Enum):
    """Statements that others read."""

    QUERY = auto()
    SHOW = auto()
    DEFINE = auto()


Action = Begin | Finish | Savepoint | Use | Kill | SetAll | Nothing | Text
