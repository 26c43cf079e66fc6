"""SHOW and DESCRIBE, as SELECTs that PostgreSQL answers: so LIKE and WHERE mean what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stend.engines.mysql.catalog.ddl import Note
from stend.engines.mysql.catalog.model import Catalog
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.sql.translated import Translated
from stend.engines.mysql.variables import Variables


@dataclass(frozen=True, slots=True)
class Process:
    """A line of SHOW PROCESSLIST."""

    id: int
    user: str
    host: str
    database: str | None
    command: str
    seconds: int
    state: str = ""
    info: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What SHOW tells of beside the catalogue and the variables.

    Attributes:
        notes: warnings of the statement before.
        status: counters for SHOW STATUS, by name.
    """

    notes: Sequence[Note] = ()
    processes: Sequence[Process] = ()
    status: Mapping[str, str] = field(default_factory=dict)


def is_show(source: Source) -> bool:
    """Whether `show` answers a statement: SHOW, or DESCRIBE, DESC and EXPLAIN of a table."""
    raise NotImplementedError


def show(
    source: Source, catalog: Catalog, facts: Facts, variables: Variables, around: Surroundings
) -> Translated:
    """
    Args:
        source: of one statement.

    Returns:
        A SELECT; `reads` is empty.

    Raises:
        MySqlError: as MySQL raises it.
    """
    raise NotImplementedError
