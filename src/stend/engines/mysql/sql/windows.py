"""WINDOW: named windows."""

from collections.abc import Mapping

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.work import understood


def named_windows(node: exp.Select) -> Mapping[str, exp.Window]:
    """The windows that the query names, by name in lower case.

    Raises:
        MySqlError: ER_WINDOW_DUPLICATE_NAME.
    """
    found: dict[str, exp.Window] = {}
    for window in node.args.get("windows") or []:
        understood(window, "this", "partition_by", "order", "spec", "alias", "over", "first")
        name = window.this.name.lower()
        if name in found:
            raise MySqlError(
                MyError.ER_WINDOW_DUPLICATE_NAME,
                f"Window '{window.this.name}' is defined twice.",
            )
        found[name] = window
    return found
