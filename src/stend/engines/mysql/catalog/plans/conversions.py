"""MODIFY and CHANGE: values of one type as values of another, as ALTER TABLE converts them."""

from stend.engines.mysql.sql.expressions.assigning import assigned
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import Typed
from stend.engines.mysql.tables.layout import pg_type
from stend.engines.mysql.tables.model import Column


def conversion(name: str, old: Column, new: Column, facts: Facts) -> str:
    """What of a column's value is stored in the column as it is to be.

    Args:
        name: the column, as PostgreSQL names it.

    Raises:
        MySqlError: a refusal: values of the one type are not converted to the other.
    """
    given = Typed(name, old.type, nullable=old.nullable, is_column=True)
    return f"CAST({assigned(given, new, facts)} AS {pg_type(new.type)})"
