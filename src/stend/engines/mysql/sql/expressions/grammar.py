"""ER_PARSE_ERROR for what the parser lets through."""

from stend.engines.mysql.errors import MyError, MySqlError


def syntax_error(near: str) -> MySqlError:
    """
    Args:
        near: the text at which MySQL's parser would stop.
    """
    return MySqlError(
        MyError.ER_PARSE_ERROR,
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL "
        f"server version for the right syntax to use near '{near}' at line 1",
    )
