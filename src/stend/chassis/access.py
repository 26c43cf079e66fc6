"""Who calls, and what he may do: asked by every protocol's server before it does anything."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Attributes:
        subject: `cus_…` of a customer, the name of a service or of a partner; `anonymous`.
        scopes: what he may do, such as `orders:write`.
    """

    subject: str
    scopes: frozenset[str]


class Access(Protocol):
    def allow(self, scope: str, credential: str | None) -> Caller:
        """The caller, when he may do what needs this scope.

        Args:
            scope: `orders:read`, `orders:write`, `payments:write` …
            credential: what the protocol carried, as in the header Authorization
                (RFC 9110, section 11.6.2): `Bearer eyJ…` or `ApiKey …`; None where it had none.

        Raises:
            StendError: UNAUTHENTICATED (no or no valid credential), FORBIDDEN (scope missing).
        """
        ...


class OpenAccess:
    """Everybody may do everything: for a service that stands behind somebody else's gate."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        return Caller("anonymous", frozenset({scope}))
