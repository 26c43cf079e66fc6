"""The operations of the token service: issue a token, publish the keys, change them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from stend.chassis.access import CUSTOMER_SCOPES, is_secret, parse_scopes, write_scopes
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.kit.json import JsonObject
from stend.shop.identity.domain import CLIENTS, GrantType, IdentityErrorCode
from stend.shop.identity.ports import SigningKeys

_CUSTOMER_ID = re.compile(r"cus_[0-9A-Za-z]{1,32}")
_DEMO_CLIENT_ID = "demo"
# A service whose clock is late still accepts a token that has just expired.
_CLOCKS_APART_S = 60


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """RFC 6749, section 4.4.2. `scope` is None where none in particular is asked for."""

    client_id: str
    secret: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class DemoGrant:
    """A token of any customer, without a password: demo stands only."""

    user: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    access_token: str
    expires_in_s: int
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class IssuingRules:
    """
    Attributes:
        issuer, audience: as they stand in every token.
        token_ttl_s: how long a token is valid.
        demo: whether the demo grant exists.
    """

    issuer: str
    audience: str
    token_ttl_s: int
    demo: bool


class Identity:
    """
    Args:
        secrets_sha256: of the clients that may authenticate, by client id.
    """

    def __init__(
        self,
        keys: SigningKeys,
        rules: IssuingRules,
        secrets_sha256: Mapping[str, bytes],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._keys = keys
        self._rules = rules
        self._secrets = dict(secrets_sha256)
        self._clock = clock
        self._ids = ids

    def issue_token(self, grant: ClientGrant | DemoGrant) -> IssuedToken:
        """
        Raises:
            StendError: INVALID_CLIENT, INVALID_SCOPE, INVALID_GRANT, UNSUPPORTED_GRANT_TYPE.
        """
        if isinstance(grant, DemoGrant):
            return self._for_customer(grant)
        # The client is told of a scope that it may not have only when it has proved who it is.
        client = CLIENTS.get(grant.client_id)
        right = is_secret(grant.secret, self._secrets.get(grant.client_id))
        if client is None or not right:
            raise StendError(
                IdentityErrorCode.INVALID_CLIENT,
                "The client is not known, or its secret is not this one.",
                value=ascii(grant.client_id[:64]),
                expected="a client id of the shop with its secret",
                next_step="The README of the service identity lists the clients of a demo stand.",
            )
        scopes = _granted(grant.scope, client.scopes)
        return self._issued(client.client_id, client.client_id, scopes)

    def published_keys(self) -> JsonObject:
        """The JWK set that verifies the tokens."""
        return self._keys.published()

    def rotate_keys(self) -> str:
        """The `kid` of the key that signs from now on; former tokens stay valid."""
        return self._keys.rotate(self._rules.token_ttl_s + _CLOCKS_APART_S)

    def _for_customer(self, grant: DemoGrant) -> IssuedToken:
        if not self._rules.demo:
            raise StendError(
                IdentityErrorCode.UNSUPPORTED_GRANT_TYPE,
                "This is no demo stand: nobody gets a token without a secret.",
                value=GrantType.DEMO,
                expected=GrantType.CLIENT_CREDENTIALS,
                next_step="Authenticate as a client.",
            )
        if not _CUSTOMER_ID.fullmatch(grant.user):
            raise StendError(
                IdentityErrorCode.INVALID_GRANT,
                "The user is no customer of the shop.",
                value=ascii(grant.user[:64]),
                expected="cus_ and up to 32 letters and digits",
                next_step="Take any such id: a demo stand asks for no password.",
            )
        scopes = _granted(grant.scope, CUSTOMER_SCOPES)
        return self._issued(grant.user, _DEMO_CLIENT_ID, scopes)

    def _issued(self, subject: str, client_id: str, scopes: frozenset[str]) -> IssuedToken:
        now_s = int(self._clock.now().timestamp())
        ttl_s = self._rules.token_ttl_s
        # RFC 9068, section 2.2.
        token = self._keys.sign(
            {
                "iss": self._rules.issuer,
                "exp": now_s + ttl_s,
                "aud": self._rules.audience,
                "sub": subject,
                "client_id": client_id,
                "iat": now_s,
                "jti": self._ids.ulid(),
                "scope": write_scopes(scopes),
            }
        )
        return IssuedToken(token, ttl_s, scopes)


def _granted(asked: str | None, allowed: frozenset[str]) -> frozenset[str]:
    """All that is asked for, or nothing: a token that can less than asked for fails far from here.

    Raises:
        StendError: INVALID_SCOPE.
    """
    if asked is None:
        return allowed
    try:
        scopes = parse_scopes(asked)
    except ValueError:
        raise _invalid_scope(ascii(asked[:64]), allowed) from None
    if excess := scopes - allowed:
        raise _invalid_scope(write_scopes(excess)[:200], allowed)
    return scopes


def _invalid_scope(value: str, allowed: frozenset[str]) -> StendError:
    return StendError(
        IdentityErrorCode.INVALID_SCOPE,
        "The scope is unknown, malformed, or not one that this client may have.",
        value=value,
        expected=f"some of {write_scopes(allowed)}, with one space between them",
        next_step="Ask for less, or leave scope out to get all of these.",
    )
