"""The catalogue in PostgreSQL: tables of the schema `my`, which is there already."""

from collections.abc import Iterable

from stend.engines.mysql.catalog.model import Catalog

# Run at every start, in this order, in one transaction.
CREATE: tuple[str, ...] = ()
# Rows of three texts, for `read`.
READ = "SELECT database, name, definition FROM my.catalogue"


def read(rows: Iterable[tuple[str, str | None, str | None]]) -> Catalog:
    """The catalogue from the rows of READ."""
    raise NotImplementedError


def changes(before: Catalog, after: Catalog) -> tuple[str, ...]:
    """What makes one catalogue of another; `ddl.plan` has it in its statements already."""
    raise NotImplementedError
