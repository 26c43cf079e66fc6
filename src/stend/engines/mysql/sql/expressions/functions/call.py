"""One call of a function, and the shapes that results have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stend.engines.mysql.sql.collations import combined, text_type
from stend.engines.mysql.sql.expressions.conversions import (
    to_bytes,
    to_date,
    to_datetime,
    to_double,
    to_integer,
    to_text,
)
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import BIGINT, DOUBLE, Coercibility, Typed
from stend.engines.mysql.tables.types import Kind, SqlType


@dataclass(frozen=True, slots=True)
class Call:
    """
    Attributes:
        name: in upper case.
    """

    name: str
    arguments: Sequence[Typed]
    facts: Facts

    @property
    def nullable(self) -> bool:
        return any(one.nullable for one in self.arguments)

    def __len__(self) -> int:
        return len(self.arguments)

    def __getitem__(self, index: int) -> Typed:
        return self.arguments[index]

    def text(self, index: int) -> str:
        return to_text(self.arguments[index], self.facts)

    def bytes_(self, index: int) -> str:
        return to_bytes(self.arguments[index], self.facts)

    def integer(self, index: int) -> str:
        return to_integer(self.arguments[index], self.facts)

    def double(self, index: int) -> str:
        return to_double(self.arguments[index], self.facts)

    def moment(self, index: int) -> str:
        return to_datetime(self.arguments[index], self.facts)

    def date(self, index: int) -> str:
        return to_date(self.arguments[index], self.facts)

    def gives_text(
        self, sql: str, parts: Sequence[Typed], *, length: int | None = None, nullable: bool = True
    ) -> Typed:
        """A text with the collation that `parts` have together."""
        _, coercibility = combined(parts)
        return Typed(sql, text_type(parts, length), nullable, coercibility=coercibility)


Builder = Callable[[Call], Typed]


@dataclass(frozen=True, slots=True)
class Function:
    """
    Attributes:
        most: arguments at most; None: as many as one likes.
    """

    least: int
    most: int | None
    build: Builder


def gives_integer(sql: str, *, nullable: bool = True) -> Typed:
    return Typed(sql, BIGINT, nullable, coercibility=Coercibility.NUMBER)


def gives_double(sql: str) -> Typed:
    return Typed(sql, DOUBLE, True, coercibility=Coercibility.NUMBER)


def gives_ascii(sql: str, length: int | None = None, *, nullable: bool = True) -> Typed:
    """A text that a function makes of what is no text."""
    type_ = SqlType(Kind.LONGTEXT if length is None else Kind.VARCHAR, length=length)
    return Typed(sql, type_, nullable, coercibility=Coercibility.LITERAL)
