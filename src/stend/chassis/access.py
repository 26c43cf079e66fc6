"""Who calls, and what he may do: asked by every protocol's server before it does anything."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from stend.kit.errors import EdgeErrorCode, StendError

REALM = "lavka"
CUSTOMER_ID_PREFIX = "cus_"
# RFC 6749, section 3.3: visible ASCII without the quote and the backslash.
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
# RFC 9110, section 11.4: a scheme, one or more spaces, a token68.
_CREDENTIAL = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([A-Za-z0-9._~+/-]+=*)")
_API_KEY = re.compile(r"([a-z][a-z0-9-]{0,31})\.([A-Za-z0-9_-]{16,128})")
_LARGEST_CREDENTIAL = 8192
# RFC 6750, section 3: what error_description may hold.
_NOT_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Attributes:
        subject: `cus_…` of a customer, the name of a service or of a partner; `anonymous`.
        scopes: what he may do, such as `orders:write`.
    """

    subject: str
    scopes: frozenset[str]

    @property
    def customer_id(self) -> str | None:
        """Whose data alone he may touch; None for who acts for anybody.

        Scopes tell which operations, this tells which data. Clients and partners act for anybody:
        their names have no underscore.
        """
        return self.subject if self.subject.startswith(CUSTOMER_ID_PREFIX) else None


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


# What a customer of the shop may do: with his own token, or as the demo caller without one.
CUSTOMER_SCOPES = frozenset(
    {
        "catalog:read",
        "delivery:read",
        "loyalty:read",
        "notifications:read",
        "notifications:write",
        "orders:read",
        "orders:write",
    }
)
DEMO_CALLER = Caller("demo", CUSTOMER_SCOPES)


def parse_scopes(text: str) -> frozenset[str]:
    """A list of scopes with one space between them (RFC 6749, section 3.3).

    Raises:
        ValueError: empty, a character that no scope has, or more than one space.
    """
    scopes = text.split(" ")
    for scope in scopes:
        if not _SCOPE.fullmatch(scope):
            raise ValueError(f"not a scope: {scope!r}")
    return frozenset(scopes)


def write_scopes(scopes: Iterable[str]) -> str:
    """The same list again, in the order of the alphabet."""
    return " ".join(sorted(scopes))


# ---- refusals ----------------------------------------------------------------------------------


class Refusal(Enum):
    """Why access was refused; the values are the error codes of RFC 6750, section 3.1."""

    NO_CREDENTIAL = ""
    INVALID_CREDENTIAL = "invalid_token"
    SCOPE_MISSING = "insufficient_scope"


class AccessRefusedError(StendError):
    """UNAUTHENTICATED or FORBIDDEN, with what a challenge to the caller has to say.

    Args:
        refusal: decides the code.
        what, value, expected, next_step: see `StendError`. `value` never holds a secret.
        scope: what the operation needs, where it is that which was missing.
    """

    def __init__(
        self,
        refusal: Refusal,
        what: str,
        *,
        value: str | None = None,
        expected: str,
        next_step: str,
        scope: str | None = None,
    ) -> None:
        forbidden = refusal is Refusal.SCOPE_MISSING
        code = EdgeErrorCode.FORBIDDEN if forbidden else EdgeErrorCode.UNAUTHENTICATED
        super().__init__(code, what, value=value, expected=expected, next_step=next_step)
        self.refusal = refusal
        self.scope = scope


def invalid_credential(what: str, expected: str, value: str | None = None) -> AccessRefusedError:
    """For a credential that was given and proves nothing."""
    return AccessRefusedError(
        Refusal.INVALID_CREDENTIAL,
        what,
        value=value,
        expected=expected,
        next_step="POST /oauth/token issues a fresh token.",
    )


def check_own(owner: str | None, customer_id: str) -> None:
    """Where the caller names a customer, and so learns nothing from the refusal.

    Args:
        owner: `Caller.customer_id`.

    Raises:
        StendError: FORBIDDEN, when the caller is another customer.
    """
    if owner not in {None, customer_id}:
        raise not_for_customers("A customer may do this for himself only.", customer_id, owner)


def not_for_customers(
    what: str, value: str | None = None, expected: str | None = None
) -> StendError:
    """FORBIDDEN for a customer whose scopes would do.

    Args:
        what, value, expected: see `StendError`; without `expected` no customer may do it at all.
    """
    return StendError(
        EdgeErrorCode.FORBIDDEN,
        what,
        value=value,
        expected=expected or "a token of a client of the shop",
        next_step="A client with client credentials acts for any customer.",
    )


def www_authenticate(error: StendError) -> str | None:
    """The header WWW-Authenticate for a refusal of access (RFC 6750, section 3), or None.

    Nothing but the realm stands in it where no credential came at all (section 3.1).
    """
    if error.code not in {EdgeErrorCode.UNAUTHENTICATED, EdgeErrorCode.FORBIDDEN}:
        return None
    parts = [f'realm="{REALM}"']
    if isinstance(error, AccessRefusedError) and error.refusal is not Refusal.NO_CREDENTIAL:
        parts.append(f'error="{error.refusal.value}"')
        parts.append(f'error_description="{_NOT_IN_DESCRIPTION.sub(" ", error.what)}"')
        if error.scope:
            parts.append(f'scope="{error.scope}"')
    return "Bearer " + ", ".join(parts)


# ---- keys of partners --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of a partner as it is kept: the secret itself is known to the partner only.

    Attributes:
        secret_sha256: a fast hash is enough: the secret is random, not a word that can be guessed.
    """

    subject: str
    scopes: frozenset[str]
    secret_sha256: bytes


def hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


# Compared with where there is nothing to compare with, so that an unknown name takes as long.
_NO_SECRET = hash_secret("")


def is_secret(secret: str, secret_sha256: bytes | None) -> bool:
    """Compares in a time that tells nothing; None stands for an unknown owner."""
    same = hmac.compare_digest(hash_secret(secret), secret_sha256 or _NO_SECRET)
    return same and secret_sha256 is not None


class ApiKeys:
    """
    Args:
        keys: by the prefix that stands before the dot and is no secret.
    """

    def __init__(self, keys: Mapping[str, ApiKey]) -> None:
        self._keys = dict(keys)

    def caller_of(self, text: str) -> Caller:
        """
        Args:
            text: `<prefix>.<secret>`.

        Raises:
            AccessRefusedError: malformed, unknown or wrong; which of the last two is not told.
        """
        match = _API_KEY.fullmatch(text)
        if not match:
            raise invalid_credential("The API key is malformed.", "ApiKey <prefix>.<secret>")
        prefix, secret = match.groups()
        key = self._keys.get(prefix)
        right = is_secret(secret, key.secret_sha256 if key else None)
        if key is None or not right:
            raise invalid_credential(
                "The API key is not valid.", "a key that this shop has issued", f"{prefix}.…"
            )
        return Caller(key.subject, key.scopes)


# ---- access by token or key --------------------------------------------------------------------


class Verifier(Protocol):
    def caller_of(self, token: str) -> Caller:
        """
        Raises:
            StendError: UNAUTHENTICATED, or UNAVAILABLE where the keys are not known yet.
        """
        ...


class JwtAccess:
    """Access by `Bearer` (RFC 6750) and by `ApiKey`.

    Args:
        verifier: of bearer tokens.
        keys: of partners.
        required: whether a call must carry a credential. Without one it may otherwise do what
            `demo` may; a credential that is given is always verified.
        demo: who such a call is.
    """

    def __init__(
        self, verifier: Verifier, keys: ApiKeys, required: bool, demo: Caller = DEMO_CALLER
    ) -> None:
        self._verifier = verifier
        self._keys = keys
        self._required = required
        self._demo = demo

    def allow(self, scope: str, credential: str | None) -> Caller:
        """See `Access.allow`.

        Raises:
            StendError: UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE.
        """
        if credential is None:
            if self._required or scope not in self._demo.scopes:
                raise _no_credential(scope)
            return self._demo
        caller = self._caller(credential)
        if scope not in caller.scopes:
            raise _scope_missing(scope, caller)
        return caller

    def _caller(self, credential: str) -> Caller:
        short = len(credential) <= _LARGEST_CREDENTIAL
        match = _CREDENTIAL.fullmatch(credential) if short else None
        if not match:
            raise invalid_credential(
                "The credential is malformed.",
                f"a scheme, a space and a token, at most {_LARGEST_CREDENTIAL} characters together",
            )
        scheme, text = match.groups()
        # RFC 9110, section 11.1: schemes do not tell upper case from lower case.
        match scheme.lower():
            case "bearer":
                return self._verifier.caller_of(text)
            case "apikey":
                return self._keys.caller_of(text)
        raise invalid_credential(
            "The scheme of the credential is not known here.", "Bearer or ApiKey", scheme[:32]
        )


def _no_credential(scope: str) -> AccessRefusedError:
    return AccessRefusedError(
        Refusal.NO_CREDENTIAL,
        f"The call carries no credential, and what it asks for needs the scope {scope}.",
        expected="Authorization: Bearer <token>, or ApiKey <prefix>.<secret>",
        next_step=f"POST /oauth/token with scope={scope} issues a token.",
        scope=scope,
    )


def _scope_missing(scope: str, caller: Caller) -> AccessRefusedError:
    return AccessRefusedError(
        Refusal.SCOPE_MISSING,
        f"{caller.subject} may not do this: the scope {scope} is missing.",
        value=write_scopes(caller.scopes) or "no scope",
        expected=scope,
        next_step=f"POST /oauth/token with scope={scope}, as a client that may have it.",
        scope=scope,
    )
