"""Who has an account at the bank's gate, and what he may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from stend.chassis.access import Caller
from stend.kit.errors import EdgeErrorCode, StendError


@dataclass(frozen=True, slots=True)
class BankUser:
    """
    Attributes:
        scopes: some of `payments:read` and `payments:write`.
    """

    name: str
    password: str
    scopes: frozenset[str]


class BankAccess:
    """The bank is another company: it knows users of its own and no tokens of the shop."""

    def __init__(self, users: Sequence[BankUser]) -> None:
        self._scopes = {user.name: user.scopes for user in users}

    def allow(self, scope: str, credential: str | None) -> Caller:
        """
        Args:
            credential: name of a user who has shown his password.

        Raises:
            StendError: FORBIDDEN.
        """
        scopes = self._scopes.get(credential or "", frozenset())
        if scope not in scopes:
            raise StendError(
                EdgeErrorCode.FORBIDDEN,
                f"The user may not do what needs {scope}.",
                value=credential,
                expected=scope,
                next_step="Ask the bank for this right, or use another user.",
            )
        return Caller(credential or "", scopes)
