"""JWT access tokens (RFC 9068), verified by each service alone."""

import base64
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from stend.chassis.access import Caller, invalid_credential, parse_scopes
from stend.kit.clock import Clock
from stend.kit.errors import unavailable
from stend.kit.json import JsonObject

# Of the algorithms that the field uses, the one with the smallest tokens and the cheapest
# signature. Which one a token says it has decides nothing: RFC 8725, section 3.1.
ALGORITHM = "ES256"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the value of a header, RFC 9068, section 2.1
_LEEWAY_S = 30
_LARGEST_TOKEN = 4096
_REMEMBERED = 2048
_REMEMBERED_S = 3600.0
_REQUIRED_CLAIMS = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")

_FETCH_TIMEOUT_S = 2.0
_LARGEST_JWKS = 65_536
_MOST_KEYS = 16
_FRESH_S = 300.0
_TRUSTED_S = 3600.0
_SHORTEST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0

_log = logging.getLogger("stend.access")

KeyTable = Mapping[str, JsonObject]


def read_jwks(jwks: object) -> KeyTable:
    """The keys of a JWK set (RFC 7517, section 5) that may have signed a token, by `kid`.

    Keys for other algorithms and uses are left out, as section 5 demands.

    Raises:
        ValueError: not a JWK set, or one with too many keys.
    """
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
        raise ValueError(f"a JWK set has a list of at most {_MOST_KEYS} keys")
    found: dict[str, JsonObject] = {}
    for key in keys:
        if isinstance(key, dict) and _may_sign(key):
            # Only what verifies is kept, so that a private part that leaked is not carried on.
            found[key["kid"]] = {name: key[name] for name in ("kty", "crv", "x", "y")}
    return found


def _may_sign(key: Mapping[str, object]) -> bool:
    texts = all(isinstance(key.get(name), str) for name in ("kid", "x", "y"))
    ours = key.get("kty") == "EC" and key.get("crv") == "P-256"
    return texts and ours and key.get("use", "sig") == "sig" and key.get("alg", "ES256") == "ES256"


class TrustedKeys(Protocol):
    """Whose signature counts. A table never changes; what has changed is another table."""

    def table(self, now_s: float) -> KeyTable:
        """
        Raises:
            StendError: UNAVAILABLE, when no keys are known yet.
        """
        ...

    def after_miss(self, now_s: float) -> KeyTable:
        """The same when a token names a key that the table does not have: perhaps a new one."""
        ...


class GivenKeys:
    """Keys that somebody hands over.

    Args:
        jwks: a JWK set.

    Raises:
        ValueError: see `read_jwks`.
    """

    def __init__(self, jwks: JsonObject) -> None:
        self._table = read_jwks(jwks)

    def table(self, now_s: float) -> KeyTable:
        return self._table

    def after_miss(self, now_s: float) -> KeyTable:
        return self._table


class FetchedKeys:
    """Keys of a JWKS address, fetched when they are first needed and kept fresh while in use.

    `table` never waits: a thread fetches, the caller is told UNAVAILABLE once and comes back. Keys
    that could not be renewed for an hour are trusted no longer.

    Args:
        url: of the JWK set, `http://host:port/oauth/jwks`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._table: KeyTable | None = None
        self._fetched_s = float("-inf")
        self._next_try_s = float("-inf")
        self._wait_s = _SHORTEST_WAIT_S
        self._fetching: threading.Thread | None = None
        self._reason = "not fetched yet"

    def table(self, now_s: float) -> KeyTable:
        """See `TrustedKeys.table`.

        Raises:
            StendError: UNAVAILABLE.
        """
        if now_s - self._fetched_s >= _FRESH_S:
            self._begin(now_s)
        table = self._table
        if table is None or now_s - self._fetched_s >= _TRUSTED_S:
            raise unavailable("the issuer of tokens", f"{self._url}: {self._reason}")
        return table

    def after_miss(self, now_s: float) -> KeyTable:
        """See `TrustedKeys.after_miss`. A flood of unknown keys fetches once in a minute.

        Raises:
            StendError: UNAVAILABLE.
        """
        before = self.table(now_s)
        if self._begin(now_s):
            raise unavailable("the issuer of tokens", "its newest keys are being fetched")
        return before

    def fetch(self, now_s: float) -> None:
        """Fetches now, and waits for it: for the start of a service."""
        self._begin(now_s)
        if fetching := self._fetching:
            fetching.join(_FETCH_TIMEOUT_S * 2)

    def _begin(self, now_s: float) -> bool:
        """Whether the keys are being fetched from now on or already."""
        with self._lock:
            if self._fetching and self._fetching.is_alive():
                return True
            if now_s < self._next_try_s:
                return False
            self._fetching = threading.Thread(
                target=self._run, args=(now_s,), name="fetch-jwks", daemon=True
            )
            self._fetching.start()
            return True

    def _run(self, now_s: float) -> None:
        try:
            table = _fetch(self._url)
        except (OSError, ValueError) as error:
            self._reason = str(error) or type(error).__name__
            self._next_try_s = now_s + self._wait_s
            self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)
            _log.warning("the keys at %s stay as they are: %s", self._url, self._reason)
            return
        # The same keys are the same table, so that what was verified with them stays verified.
        self._table = self._table if self._table == table else table
        self._fetched_s = now_s
        self._next_try_s = now_s + _LONGEST_WAIT_S
        self._wait_s = _SHORTEST_WAIT_S


def _fetch(url: str) -> KeyTable:
    """
    Raises:
        OSError: no answer. ValueError: an answer that is no JWK set.
    """
    import httpx

    try:
        with httpx.stream("GET", url, timeout=_FETCH_TIMEOUT_S) as response:
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST_JWKS:
                    raise ValueError(f"a JWK set has at most {_LARGEST_JWKS} bytes")
    except httpx.HTTPError as error:
        raise OSError(str(error) or type(error).__name__) from error
    if response.status_code != httpx.codes.OK:
        raise ValueError(f"status {response.status_code}")
    return read_jwks(json.loads(body))


# ---- tokens ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TokenRules:
    """
    Attributes:
        issuer: of every token, exactly as it stands there.
        audience: one of those a token is meant for.
        leeway_s: between the clocks of the issuer and of this service.
    """

    issuer: str
    audience: str
    leeway_s: int = _LEEWAY_S


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    until_s: float


class TokenVerifier:
    """Verifies tokens and remembers the latest of them: a token that was seen costs microseconds.

    Args:
        remembered: so many tokens at most.
    """

    def __init__(
        self, keys: TrustedKeys, rules: TokenRules, clock: Clock, remembered: int = _REMEMBERED
    ) -> None:
        self._remembered = remembered
        self._keys = keys
        self._rules = rules
        self._clock = clock
        self._lock = threading.Lock()
        self._table: KeyTable | None = None
        self._known: OrderedDict[str, _Verified] = OrderedDict()

    def caller_of(self, token: str) -> Caller:
        """
        Raises:
            StendError: UNAUTHENTICATED; UNAVAILABLE where no keys are known yet.
        """
        now_s = self._clock.now().timestamp()
        table = self._keys.table(now_s)
        with self._lock:
            if table is not self._table:
                # A key may have been withdrawn, and with it all that it signed.
                self._known.clear()
                self._table = table
            if known := self._known.get(token):
                if now_s < known.until_s:
                    self._known.move_to_end(token)
                    return known.caller
                del self._known[token]
        verified = self._verify(token, table, now_s)
        with self._lock:
            if table is self._table:
                self._known[token] = verified
                if len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        return verified.caller

    def _verify(self, token: str, table: KeyTable, now_s: float) -> _Verified:
        if len(token) > _LARGEST_TOKEN:
            raise invalid_credential(
                "The token is too large.",
                f"at most {_LARGEST_TOKEN} characters",
                f"{len(token)} characters",
            )
        kid = _kid_of(_header_of(token))
        if kid not in table:
            table = self._keys.after_miss(now_s)
        if kid not in table:
            raise invalid_credential(
                "The token is signed with a key that its issuer does not publish.",
                "a kid of the issuer's JWK set",
                ascii(kid[:64]),
            )
        claims = _signed_claims(token, table[kid])
        self._check(claims, int(now_s))
        until_s = min(claims["exp"], now_s + _REMEMBERED_S) + self._rules.leeway_s
        return _Verified(_caller_of(claims), until_s)

    def _check(self, claims: dict[str, Any], now_s: int) -> None:
        from joserfc.errors import ExpiredTokenError, JoseError
        from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

        rules = self._rules
        options: dict[str, ClaimsOption] = {name: {"essential": True} for name in _REQUIRED_CLAIMS}
        options["iss"]["value"] = rules.issuer
        options["aud"]["value"] = rules.audience
        registry = JWTClaimsRegistry(now_s, rules.leeway_s, **options)
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise invalid_credential(
                "The token has expired.", "an exp in the future", f"exp {claims['exp']}"
            ) from None
        except JoseError as error:
            raise invalid_credential(
                f"The token's claims are not accepted: {error.description or error.error}.",
                f"iss {rules.issuer}, aud {rules.audience}, nbf and iat that have passed, and "
                + ", ".join(_REQUIRED_CLAIMS),
            ) from None


def _header_of(token: str) -> Mapping[str, object]:
    """Read before the signature is checked: all it decides is which of our keys checks it."""
    try:
        header = json.loads(_from_base64url(token.partition(".")[0]))
    except (ValueError, RecursionError):
        header = None
    if token.count(".") != 2 or not isinstance(header, dict):
        raise invalid_credential("The token is not a JWT.", "header.payload.signature")
    if header.get("alg") != ALGORITHM:
        # "none" and HS256 with the public key as the secret end here: RFC 8725, section 2.1.
        raise invalid_credential(
            "The token is signed by an algorithm that is not accepted.",
            f"alg {ALGORITHM}",
            f"alg {ascii(header.get('alg'))[:32]}",
        )
    typ = str(header.get("typ", "")).lower().removeprefix("application/")
    if typ != TOKEN_TYPE:
        raise invalid_credential(
            "The token is not an access token.", f"typ {TOKEN_TYPE}", f"typ {ascii(typ)[:32]}"
        )
    if "crit" in header:
        # RFC 7515, section 4.1.11: what is critical and not understood makes the token invalid.
        raise invalid_credential("The token has a critical header.", "no crit")
    return header


def _kid_of(header: Mapping[str, object]) -> str:
    # jwk, jku, x5c and x5u bring the sender's own key; only a kid of our table chooses one.
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise invalid_credential("The token does not name its key.", "a kid in its header")
    return kid


def _signed_claims(token: str, key: JsonObject) -> dict[str, Any]:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey
    from joserfc.jws import JWSRegistry
    from joserfc.jwt import decode

    registry = JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    try:
        return decode(
            token, ECKey.import_key({name: str(key[name]) for name in key}), registry=registry
        ).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise invalid_credential(
            "The token's signature is wrong.", "a token as its issuer signed it"
        ) from None


def _caller_of(claims: Mapping[str, Any]) -> Caller:
    scope = claims.get("scope")
    try:
        scopes = frozenset[str]() if scope is None else parse_scopes(scope)
    except (ValueError, AttributeError):
        raise invalid_credential(
            "The token's scope is malformed.", "scopes with one space between them"
        ) from None
    if not claims["sub"]:
        raise invalid_credential("The token names nobody.", "a sub")
    return Caller(claims["sub"], scopes)


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
