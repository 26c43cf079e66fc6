"""A statement of MySQL becomes one of PostgreSQL."""

from collections.abc import Sequence

from sqlglot import exp

from stend.engines.mysql.catalog.model import Catalog
from stend.engines.mysql.sql.facts import Facts, Value
from stend.engines.mysql.sql.lexing import too_deep
from stend.engines.mysql.sql.parsing import Statement
from stend.engines.mysql.sql.selecting import select_query
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.work import Env, Work


def translate(
    statement: Statement, catalog: Catalog, facts: Facts, parameters: Sequence[Value] = ()
) -> Translated:
    """
    Args:
        parameters: for the `?` of the statement, as many as it has.

    Raises:
        MySqlError: as MySQL raises it, or a refusal.
    """
    work = Work(catalog, facts, statement.text, tuple(parameters))
    try:
        return _query(statement.node, work)
    except RecursionError:
        raise too_deep() from None


def _query(node: exp.Expression, work: Work) -> Translated:
    selected = select_query(node, Env(work), None)
    return Translated(
        StatementKind.SELECT,
        selected.sql,
        columns=tuple(output.definition for output in selected.outputs),
        reads=frozenset(work.reads),
        is_locking=work.is_locking,
    )
