"""System variables: their values, which may be set and to what."""

from dataclasses import dataclass

from stend.engines.mysql.sql.facts import Value


@dataclass(frozen=True, slots=True)
class Default:
    """SET x = DEFAULT."""


class Variables:
    """
    The variables of a session over those of the server.

    Args:
        server: the server's; None makes the server's own.
    """

    def __init__(self, server: "Variables | None" = None) -> None:
        raise NotImplementedError

    def get(self, name: str, *, is_global: bool = False) -> Value:
        """
        Raises:
            MySqlError: there is no such variable, or it is a session's only.
        """
        raise NotImplementedError

    def set(self, name: str, value: Value | Default, *, is_global: bool = False) -> None:
        """
        Raises:
            MySqlError: unknown, read-only, of the other scope, of a wrong type, or a value that
                would change what statements mean.
        """
        raise NotImplementedError

    def all(self, *, is_global: bool = False) -> dict[str, Value]:
        """Every variable that the scope has, by name in lower case, for `Facts` and SHOW."""
        raise NotImplementedError
