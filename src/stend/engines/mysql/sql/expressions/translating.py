"""An expression of MySQL, as sqlglot parses it, becomes one of PostgreSQL."""

from sqlglot import exp

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.scope import Scope
from stend.engines.mysql.sql.typed import Typed


def translate_expression(node: exp.Expression, scope: Scope) -> Typed:
    """
    Args:
        node: parsed from tokens that went through `calls.with_marked_calls`.

    Raises:
        MySqlError: what MySQL raises, or a refusal of what this server does not do.
    """
    raise not_supported(type(node).__name__)
