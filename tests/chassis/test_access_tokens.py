"""Tokens: what is accepted, what an attacker sends, what is remembered."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from stend.chassis.access import write_scopes
from stend.chassis.tokens import GivenKeys, KeyTable, TokenRules, TokenVerifier, read_jwks
from stend.kit.errors import EdgeErrorCode, StendError
from tests.fakes.orders import MORNING, HandClock

ISSUER = "http://127.0.0.1:8000"
AUDIENCE = "urn:lavka:shop"
NOW_S = int(MORNING.timestamp())
KEY = ECKey.generate_key("P-256", private=True)
OTHER_KEY = ECKey.generate_key("P-256", private=True)
RSA_KEY = RSAKey.generate_key(2048, private=True)
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "one"}
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "cus_1",
    "client_id": "demo",
    "jti": "1",
    "iat": NOW_S,
    "exp": NOW_S + 600,
    "scope": "orders:read",
}
ALL_ALGORITHMS = ["ES256", "HS256", "RS256", "none"]

Change = Mapping[str, Any]


def jwks_of(**keys: ECKey) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "kid": kid} for kid, key in keys.items()]}


def signed(claims: Change | None = None, header: Change | None = None, key: ECKey = KEY) -> str:
    """A good token, but for the changes; None takes a member away."""
    registry = jws.JWSRegistry(algorithms=ALL_ALGORITHMS, strict_check_header=False)
    return jwt.encode(changed(HEADER, header), changed(CLAIMS, claims), key, registry=registry)


def changed(members: Change, changes: Change | None) -> dict[str, Any]:
    whole = {**members, **(changes or {})}
    return {name: value for name, value in whole.items() if value is not None}


def by_hand(header: object, claims: object, signature: bytes = b"x" * 64) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def verifier(clock: HandClock) -> TokenVerifier:
    return TokenVerifier(GivenKeys(jwks_of(one=KEY)), TokenRules(ISSUER, AUDIENCE), clock)


def refused(verifier: TokenVerifier, token: str) -> StendError:
    with pytest.raises(StendError) as caught:
        verifier.caller_of(token)
    assert caught.value.code is EdgeErrorCode.UNAUTHENTICATED
    # Whatever came must leave again in any protocol.
    caught.value.detail.encode()
    return caught.value


def test_good_token(verifier: TokenVerifier) -> None:
    caller = verifier.caller_of(signed())
    assert caller.subject == "cus_1"
    assert caller.scopes == {"orders:read"}


@given(st.sets(st.sampled_from(["orders:read", "orders:write", "a", "b:c"]), min_size=1))
def test_scopes_of_a_token_are_those_that_were_signed(scopes: set[str]) -> None:
    verifier = TokenVerifier(GivenKeys(jwks_of(one=KEY)), TokenRules(ISSUER, AUDIENCE), HandClock())
    assert verifier.caller_of(signed({"scope": write_scopes(scopes)})).scopes == scopes


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [AUDIENCE, "urn:other"]},
        {"nbf": NOW_S},
        {"nbf": NOW_S + 29},
        {"iat": NOW_S + 29},
        {"exp": NOW_S - 29},
        {"exp": NOW_S + 0.5},
        {"exp": 10**400},
        {"unknown": {"any": "thing"}},
    ],
    ids=str,
)
def test_accepted_claims(verifier: TokenVerifier, claims: Change) -> None:
    assert verifier.caller_of(signed(claims)).subject == "cus_1"


def test_token_without_scope_may_nothing(verifier: TokenVerifier) -> None:
    assert verifier.caller_of(signed({"scope": None})).scopes == set()


@pytest.mark.parametrize(
    "claims",
    [
        *({name: None} for name in CLAIMS if name != "scope"),
        {"iss": ISSUER + "/"},
        {"iss": ISSUER.upper()},
        {"iss": [ISSUER]},
        {"aud": "urn:other"},
        {"aud": []},
        {"aud": [["urn:lavka:shop"]]},
        {"aud": {AUDIENCE: 1}},
        {"exp": NOW_S - 30},
        {"exp": str(NOW_S + 600)},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": NOW_S + 31},
        {"nbf": "now"},
        {"iat": NOW_S + 31},
        {"sub": ""},
        {"sub": 7},
        {"scope": ["orders:read"]},
        {"scope": "orders:read  orders:write"},
        {"scope": ""},
    ],
    ids=str,
)
def test_refused_claims(verifier: TokenVerifier, claims: Change) -> None:
    refused(verifier, signed(claims))


def test_expired_token_is_told_as_expired(verifier: TokenVerifier, clock: HandClock) -> None:
    token = signed()
    verifier.caller_of(token)
    clock.pass_by(timedelta(seconds=629))
    verifier.caller_of(token)
    clock.pass_by(timedelta(seconds=1))
    assert "expired" in refused(verifier, token).what


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": "HS256"}, "algorithm"),
        ({"alg": ["ES256"]}, "algorithm"),
        ({"alg": "\ud800"}, "algorithm"),
        ({"typ": "JWT"}, "access token"),
        ({"typ": None}, "access token"),
        ({"kid": None}, "name its key"),
        ({"kid": 1}, "name its key"),
        ({"kid": "two"}, "does not publish"),
        ({"kid": "\ud800"}, "does not publish"),
        ({"crit": ["exp"]}, "critical"),
        ({"b64": False, "crit": ["b64"]}, "critical"),
        ({}, "signature"),
    ],
    ids=str,
)
def test_refused_headers(verifier: TokenVerifier, header: Change, why: str) -> None:
    assert why in refused(verifier, by_hand(changed(HEADER, header), CLAIMS)).what


def test_unsigned_token_is_refused(verifier: TokenVerifier) -> None:
    refused(verifier, by_hand(changed(HEADER, {"alg": "none"}), CLAIMS, b""))
    refused(verifier, by_hand(HEADER, CLAIMS, b""))


def test_public_key_as_a_shared_secret_is_refused(verifier: TokenVerifier) -> None:
    # By hand: the library refuses to make such a token.
    for secret in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        body = by_hand({**HEADER, "alg": "HS256"}, CLAIMS, b"").rstrip(".")
        mac = hmac.digest(secret, body.encode(), "sha256")
        token = f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        assert "algorithm" in refused(verifier, token).what


def test_other_asymmetric_algorithm_is_refused(verifier: TokenVerifier) -> None:
    registry = jws.JWSRegistry(algorithms=ALL_ALGORITHMS)
    token = jwt.encode({**HEADER, "alg": "RS256"}, dict(CLAIMS), RSA_KEY, registry=registry)
    assert "algorithm" in refused(verifier, token).what


@pytest.mark.parametrize(
    "own",
    [
        {"jwk": OTHER_KEY.as_dict(private=False)},
        {"jku": "http://127.0.0.1:9/jwks"},
        {"x5u": "http://127.0.0.1:9/cert"},
    ],
    ids=lambda own: next(iter(own)),
)
def test_key_that_the_sender_brings_along_counts_for_nothing(
    verifier: TokenVerifier, own: Change
) -> None:
    assert "signature" in refused(verifier, signed(header=own, key=OTHER_KEY)).what
    refused(verifier, signed(header={**own, "kid": "other"}, key=OTHER_KEY))
    # And does no harm where the signature is right.
    assert verifier.caller_of(signed(header=own)).subject == "cus_1"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda head, body, sign: (
            f"{head}.{by_hand({}, {**CLAIMS, 'sub': 'cus_2'}).split('.')[1]}.{sign}"
        ),
        lambda head, body, sign: f"{head}.{body}.{sign[::-1]}",
        lambda head, body, sign: f"{head}.{body}.",
        lambda head, body, sign: f"{head}.{body}",
        lambda head, body, sign: f"{head}.{body}.{sign}.{sign}",
        lambda head, body, sign: f"{head}..{sign}",
        lambda head, body, sign: f"{head}.{body}.{sign}\n",
        lambda head, body, sign: f"!{head}.{body}.{sign}",
        lambda head, body, sign: "..",
        lambda head, body, sign: "",
    ],
)
def test_tampered_token_is_refused(
    verifier: TokenVerifier, tamper: Callable[[str, str, str], str]
) -> None:
    token = signed()
    verifier.caller_of(token)
    refused(verifier, tamper(*token.split(".")))


@pytest.mark.parametrize(
    "token",
    [
        by_hand([], {}),
        by_hand(None, {}),
        base64.urlsafe_b64encode(b"[" * 2000).decode().rstrip("=") + ".e30.x",
        base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("=") + ".e30.x",
        signed({"padding": "x" * 4096}),
    ],
    ids=["list", "null", "deep", "no text", "huge"],
)
def test_nonsense_is_refused(verifier: TokenVerifier, token: str) -> None:
    refused(verifier, token)


@given(st.text(max_size=60))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    clock = HandClock()
    verifier = TokenVerifier(GivenKeys(jwks_of(one=KEY)), TokenRules(ISSUER, AUDIENCE), clock)
    refused(verifier, text)


class ChangingKeys:
    """Keys as their issuer changes them; `asked` counts how often somebody asked for newer ones."""

    def __init__(self, table: KeyTable) -> None:
        self.now = table
        self.newer: KeyTable | None = None
        self.asked = 0

    def table(self, now_s: float) -> KeyTable:
        return self.now

    def after_miss(self, now_s: float) -> KeyTable:
        self.asked += 1
        self.now = self.newer or self.now
        return self.now


def test_unknown_kid_asks_for_newer_keys(clock: HandClock) -> None:
    keys = ChangingKeys(read_jwks(jwks_of(one=KEY)))
    verifier = TokenVerifier(keys, TokenRules(ISSUER, AUDIENCE), clock)
    fresh = signed(header={"kid": "two"}, key=OTHER_KEY)
    refused(verifier, fresh)
    keys.newer = read_jwks(jwks_of(one=KEY, two=OTHER_KEY))
    assert verifier.caller_of(fresh).subject == "cus_1"
    assert verifier.caller_of(fresh).subject == "cus_1"
    assert keys.asked == 2


def test_token_of_a_withdrawn_key_is_forgotten(clock: HandClock) -> None:
    keys = ChangingKeys(read_jwks(jwks_of(one=KEY)))
    verifier = TokenVerifier(keys, TokenRules(ISSUER, AUDIENCE), clock)
    token = signed()
    verifier.caller_of(token)
    keys.now = read_jwks(jwks_of(two=OTHER_KEY))
    assert "does not publish" in refused(verifier, token).what
    # Nor does another key of the same name stand for it.
    keys.now = read_jwks(jwks_of(one=OTHER_KEY))
    assert "signature" in refused(verifier, token).what


def test_what_is_remembered_is_bounded(clock: HandClock) -> None:
    keys = GivenKeys(jwks_of(one=KEY))
    verifier = TokenVerifier(keys, TokenRules(ISSUER, AUDIENCE), clock, remembered=3)
    tokens = [signed({"jti": str(number)}) for number in range(5)]
    for token in (*tokens[:3], tokens[0], *tokens[3:]):
        verifier.caller_of(token)
    # The one that was used again stays longer than those that were not.
    assert list(verifier._known) == [tokens[0], *tokens[3:]]


@pytest.mark.parametrize(
    "jwks",
    [None, [], {}, {"keys": {}}, {"keys": [{}] * 17}],
)
def test_what_is_no_jwk_set_is_refused(jwks: object) -> None:
    with pytest.raises(ValueError, match="JWK set"):
        read_jwks(jwks)


def test_keys_for_other_uses_are_left_out() -> None:
    public = KEY.as_dict(private=False)
    jwks = {
        "keys": [
            {**public, "kid": "encrypts", "use": "enc"},
            {**public, "kid": "other algorithm", "alg": "ES384"},
            {**RSA_KEY.as_dict(private=False), "kid": "rsa"},
            public,
            "no key",
            {**KEY.as_dict(private=True), "kid": "good"},
        ]
    }
    table = read_jwks(jwks)
    assert list(table) == ["good"]
    assert set(table["good"]) == {"kty", "crv", "x", "y"}
