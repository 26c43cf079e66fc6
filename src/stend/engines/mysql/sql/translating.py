"""A statement of MySQL becomes one of PostgreSQL."""

from collections.abc import Sequence

from sqlglot import exp

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.deleting import delete
from stend.engines.mysql.sql.facts import Facts, Value
from stend.engines.mysql.sql.inserting import insert
from stend.engines.mysql.sql.lexing import too_deep
from stend.engines.mysql.sql.parsing import Statement
from stend.engines.mysql.sql.selecting import select_query
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.updating import update
from stend.engines.mysql.sql.work import Env, Work
from stend.engines.mysql.tables.model import Catalog


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
        return _translated(statement, work)
    except RecursionError:
        raise too_deep() from None


def _translated(statement: Statement, work: Work) -> Translated:
    node, env = statement.node, Env(work)
    if isinstance(node, exp.Insert):
        return insert(node, env, is_replace=statement.is_replace, is_ignore=statement.is_ignore)
    if statement.is_ignore:
        raise not_supported(f"{node.key.upper()} IGNORE")
    if isinstance(node, exp.Update):
        return update(node, env)
    if isinstance(node, exp.Delete):
        return delete(node, env)
    return _query(node, work)


def _query(node: exp.Expression, work: Work) -> Translated:
    work.root = node
    selected = select_query(node, Env(work), None)
    return Translated(
        StatementKind.SELECT,
        selected.sql,
        columns=tuple(output.definition for output in selected.outputs),
        reads=frozenset(work.reads),
        is_locking=work.is_locking,
    )
