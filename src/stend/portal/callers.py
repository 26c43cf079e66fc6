"""Who calls in the playground: anybody, a caller of the demo, or who has a token of his own."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.languages import Text
from stend.shop.orders.api.reply import OrdersClient

ANONYMOUS = ""
CUSTOM = "custom"
# RFC 9110, section 11.4: a scheme, a space, a token68. Nothing else fits into every protocol.
_CREDENTIAL = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ +[A-Za-z0-9._~+/-]+=*")
_MOST_CHARACTERS = 8192


class Credential(Protocol):
    """What a reader may try: see `DemoCredential` of the token service."""

    @property
    def subject(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def may(self) -> Text: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def credential(self) -> str: ...


class Lender(Protocol):
    """Gives the clients of `orders` as whoever wants to call."""

    @property
    def protocols(self) -> tuple[str, ...]:
        """Those that have a client, in the order to be shown."""
        ...

    def lend(
        self, protocol: str, authorization: str | None
    ) -> AbstractAsyncContextManager[OrdersClient]:
        """
        Args:
            authorization: whole value of the header Authorization; each protocol carries it in
                its own way.
        """
        ...


# None of them where no demo is, or where the token service does not run.
Credentials = Callable[[], Sequence[Credential]]


def authorization_of(who: str, token: str, known: Mapping[str, Credential]) -> str | None:
    """
    Args:
        who: ANONYMOUS, CUSTOM or the subject of a known credential.
        token: of a CUSTOM caller.

    Raises:
        StendError: INVALID_ARGUMENT, when nobody is called that or the token cannot be sent.
    """
    if who == ANONYMOUS:
        return None
    if who in known:
        return known[who].credential
    if who != CUSTOM:
        raise StendError(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The token service knows no such caller.",
            value=who,
            expected=", ".join(known) or "a token of your own: there are no demo callers now",
            next_step="Choose another caller.",
        )
    return _own(token.strip())


def _own(token: str) -> str:
    if len(token) > _MOST_CHARACTERS or not _CREDENTIAL.fullmatch(token):
        raise StendError(
            EdgeErrorCode.INVALID_ARGUMENT,
            "This is no value of the header Authorization.",
            value=None if token else "nothing",
            expected="a scheme, a space and the token, as in Bearer eyJ...",
            next_step="Paste the whole value, or choose another caller.",
        )
    return token
