"""Who may do what: credentials, scopes, keys of partners, and what a refusal tells."""

import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.chassis.access import (
    CUSTOMER_SCOPES,
    DEMO_CALLER,
    AccessRefusedError,
    ApiKey,
    ApiKeys,
    Caller,
    JwtAccess,
    OpenAccess,
    hash_secret,
    invalid_credential,
    parse_scopes,
    write_scopes,
    www_authenticate,
)
from stend.kit.errors import EdgeErrorCode, StendError, internal

SECRET = "0123456789abcdef"
KEYS = ApiKeys({"shop-1": ApiKey("shop-1", frozenset({"orders:read"}), hash_secret(SECRET))})
SCOPE_LETTERS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
SCOPES = st.sets(st.text(SCOPE_LETTERS, min_size=1, max_size=12), min_size=1, max_size=8)


class KnownTokens:
    """A verifier that knows its tokens by heart."""

    def __init__(self, **scopes: set[str]) -> None:
        self._scopes = scopes

    def caller_of(self, token: str) -> Caller:
        if token not in self._scopes:
            raise invalid_credential("The token's signature is wrong.", "another one")
        return Caller(token, frozenset(self._scopes[token]))


def access_of(required: bool = True, **scopes: set[str]) -> JwtAccess:
    return JwtAccess(KnownTokens(**scopes), KEYS, required)


def refusal(asked: JwtAccess, scope: str, credential: str | None) -> StendError:
    with pytest.raises(AccessRefusedError) as caught:
        asked.allow(scope, credential)
    return caught.value


def test_token_gives_its_scopes_and_no_others() -> None:
    asked = access_of(anna={"orders:read"})
    assert asked.allow("orders:read", "Bearer anna") == Caller("anna", frozenset({"orders:read"}))
    error = refusal(asked, "orders:write", "Bearer anna")
    assert error.code is EdgeErrorCode.FORBIDDEN
    assert "orders:write" in error.what
    assert error.value == "orders:read"


@given(SCOPES, st.text(SCOPE_LETTERS, min_size=1, max_size=12))
def test_a_scope_is_allowed_exactly_when_the_token_has_it(scopes: set[str], wanted: str) -> None:
    asked = access_of(anna=scopes)
    for scope in (*scopes, wanted):
        if scope in scopes:
            assert asked.allow(scope, "Bearer anna").scopes == scopes
        else:
            assert refusal(asked, scope, "Bearer anna").code is EdgeErrorCode.FORBIDDEN


@given(SCOPES)
def test_scopes_are_read_as_they_are_written(scopes: set[str]) -> None:
    assert parse_scopes(write_scopes(scopes)) == scopes


@given(st.text(max_size=40))
def test_scopes_are_read_or_refused(text: str) -> None:
    try:
        scopes = parse_scopes(text)
    except ValueError:
        assert text == "" or re.search(r'[^!-~]|["\\]|  |^ | $', text)
    else:
        assert set(text.split(" ")) == scopes


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_case_of_the_scheme_does_not_matter(scheme: str) -> None:
    assert access_of(anna={"a"}).allow("a", f"{scheme}  anna").subject == "anna"


@pytest.mark.parametrize(
    "credential",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "anna",
        "Bearer an na",
        "Bearer anna,Bearer ivan",
        " Bearer anna",
        "Bearer anna\n",
        "Basic YW5uYTphbm5h",
        "Bearer анна",
        "Bearer " + "a" * 10_000,
        "Bearer ivan",
        "ApiKey",
        "ApiKey shop-1",
        f"ApiKey shop-1.{SECRET}x",
        f"ApiKey shop-2.{SECRET}",
        f"ApiKey SHOP-1.{SECRET}",
        "ApiKey shop-1.",
        "ApiKey .x",
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_what_is_no_credential_is_refused_even_where_none_is_required(
    required: bool, credential: str
) -> None:
    error = refusal(access_of(required, anna={"orders:read"}), "orders:read", credential)
    assert error.code is EdgeErrorCode.UNAUTHENTICATED
    assert error.expected
    assert SECRET not in error.detail
    challenge = www_authenticate(error)
    assert challenge is not None
    assert 'error="invalid_token"' in challenge


def test_call_without_credential_is_refused_where_one_is_required() -> None:
    error = refusal(access_of(), "orders:read", None)
    assert error.code is EdgeErrorCode.UNAUTHENTICATED
    # RFC 6750, section 3.1: no error code where no credential came.
    assert www_authenticate(error) == 'Bearer realm="lavka"'


def test_call_without_credential_is_the_demo_caller_where_none_is_required() -> None:
    asked = access_of(required=False)
    for scope in CUSTOMER_SCOPES:
        assert asked.allow(scope, None) == DEMO_CALLER
    error = refusal(asked, "payments:write", None)
    assert error.code is EdgeErrorCode.UNAUTHENTICATED
    assert "payments:write" in error.detail


def test_given_token_is_not_raised_to_the_demo_caller() -> None:
    error = refusal(access_of(False, anna={"catalog:read"}), "orders:read", "Bearer anna")
    assert error.code is EdgeErrorCode.FORBIDDEN


def test_api_key() -> None:
    asked = access_of()
    caller = asked.allow("orders:read", f"ApiKey shop-1.{SECRET}")
    assert caller == Caller("shop-1", frozenset({"orders:read"}))
    error = refusal(asked, "orders:write", f"ApiKey shop-1.{SECRET}")
    assert error.code is EdgeErrorCode.FORBIDDEN


@pytest.mark.parametrize("prefix", ["shop-1", "shop-2"])
def test_secrets_are_compared_in_constant_time_whether_the_key_is_known_or_not(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def seen(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", seen)
    refusal(access_of(), "orders:read", f"ApiKey {prefix}.wrong-wrong-wrong")
    assert [len(one) == len(other) == 32 for one, other in compared] == [True]


def test_unknown_and_wrong_key_are_told_alike() -> None:
    wrong = refusal(access_of(), "a", "ApiKey shop-1.wrong-wrong-wrong")
    unknown = refusal(access_of(), "a", "ApiKey shop-1x.wrong-wrong-wrong")
    assert wrong.what == unknown.what


def test_challenge_names_the_missing_scope() -> None:
    error = refusal(access_of(anna={"orders:read"}), "orders:write", "Bearer anna")
    assert www_authenticate(error) == (
        'Bearer realm="lavka", error="insufficient_scope", error_description="anna may not do '
        'this: the scope orders:write is missing.", scope="orders:write"'
    )


def test_description_of_a_challenge_cannot_end_its_quotes() -> None:
    challenge = www_authenticate(invalid_credential('a "b" \\ я\r\nX: y', "other"))
    assert challenge == (
        'Bearer realm="lavka", error="invalid_token", error_description="a  b       X: y"'
    )


def test_other_errors_have_no_challenge() -> None:
    assert www_authenticate(internal()) is None
    plain = StendError(EdgeErrorCode.UNAUTHENTICATED, "Who?")
    assert www_authenticate(plain) == 'Bearer realm="lavka"'


def test_open_access_allows_everything() -> None:
    assert OpenAccess().allow("any:thing", "nonsense").scopes == {"any:thing"}
