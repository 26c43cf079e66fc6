"""WS-Security: passwords, digests, nonces and moments, each tried with the wrong one, too."""

import base64
import hashlib
from datetime import datetime, timedelta

import pytest
from lxml import etree

from stend.chassis.soap.envelope import HeaderError
from stend.chassis.soap.security import (
    FRESH_FOR,
    JWT,
    PASSWORD_DIGEST,
    PASSWORD_TEXT,
    SECURITY,
    WSSE,
    WSU,
    UsernameTokens,
    bearer,
)
from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, StendError
from tests.fakes.orders import MORNING, HandClock

SECRET = "s3cret"
USERS = {"orders": SECRET, "аудитор": "пароль"}


def security(*children: str) -> etree._Element:
    inside = "".join(children)
    text = f'<w:Security xmlns:w="{WSSE}" xmlns:u="{WSU}">{inside}</w:Security>'
    return etree.fromstring(text)


def text_token(user: str = "orders", password: str = SECRET, more: str = "") -> str:
    return (
        f"<w:UsernameToken><w:Username>{user}</w:Username>"
        f'<w:Password Type="{PASSWORD_TEXT}">{password}</w:Password>{more}</w:UsernameToken>'
    )


def digest_token(
    user: str = "orders",
    password: str = SECRET,
    nonce: bytes = b"one",
    created: datetime = MORNING,
    parts: str = "nonce created",
) -> str:
    said = rfc3339(created)
    digest = base64.b64encode(
        hashlib.sha1(nonce + said.encode() + password.encode(), usedforsecurity=False).digest()
    ).decode()
    return (
        f"<w:UsernameToken><w:Username>{user}</w:Username>"
        f'<w:Password Type="{PASSWORD_DIGEST}">{digest}</w:Password>'
        + (f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce>" if "nonce" in parts else "")
        + (f"<u:Created>{said}</u:Created>" if "created" in parts else "")
        + "</w:UsernameToken>"
    )


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def tokens(clock: HandClock) -> UsernameTokens:
    return UsernameTokens(USERS, clock, 3)


def refusal(tokens: UsernameTokens, header: etree._Element | None) -> tuple[str, str | None]:
    with pytest.raises(HeaderError) as caught:
        tokens.user(header)
    assert caught.value.code is EdgeErrorCode.UNAUTHENTICATED
    assert "s3cret" not in caught.value.detail
    return caught.value.name, caught.value.namespace


def test_the_header_is_that_of_the_specification() -> None:
    assert security().tag == SECURITY


@pytest.mark.parametrize("token", [text_token(), digest_token()])
def test_the_right_password_names_the_user(tokens: UsernameTokens, token: str) -> None:
    assert tokens.user(security(token)) == "orders"


def test_names_and_passwords_may_be_in_any_script(tokens: UsernameTokens) -> None:
    assert tokens.user(security(text_token("аудитор", "пароль"))) == "аудитор"
    assert tokens.user(security(digest_token("аудитор", "пароль"))) == "аудитор"


def test_a_password_without_a_type_is_a_text(tokens: UsernameTokens) -> None:
    token = text_token().replace(f' Type="{PASSWORD_TEXT}"', "")
    assert "Type" not in token
    assert tokens.user(security(token)) == "orders"


def test_the_example_of_the_profile_has_its_digest() -> None:
    # UsernameToken Profile, section 3.1, with the nonce and moment of its example.
    nonce, created = base64.b64decode("WScqanjCEAC4mQoBE07sAQ=="), "2003-07-16T01:24:32Z"
    moment = datetime.fromisoformat(created)
    tokens = UsernameTokens({"NNK": "pw"}, HandClock(moment), 3)
    token = digest_token("NNK", "pw", nonce, moment)
    assert created in token
    assert tokens.user(security(token)) == "NNK"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(text_token(password="wrong"), id="text"),
        pytest.param(text_token(password=""), id="empty-text"),
        pytest.param(text_token(user="nobody"), id="user"),
        pytest.param(text_token(user="nobody", password=""), id="nobody-without-password"),
        pytest.param(digest_token(password="wrong"), id="digest"),
        pytest.param(digest_token(user="nobody", password=""), id="nobody's-digest"),
        pytest.param("", id="no-token"),
    ],
)
def test_the_wrong_password_is_refused(tokens: UsernameTokens, token: str) -> None:
    assert refusal(tokens, security(token)) == ("FailedAuthentication", WSSE)


def test_a_message_without_the_header_is_refused(tokens: UsernameTokens) -> None:
    assert refusal(tokens, None) == ("FailedAuthentication", WSSE)


def test_a_digest_is_good_once(tokens: UsernameTokens) -> None:
    assert tokens.user(security(digest_token()))
    assert refusal(tokens, security(digest_token())) == ("FailedAuthentication", WSSE)
    assert tokens.user(security(digest_token(nonce=b"two")))


def test_a_changed_moment_breaks_the_digest(tokens: UsernameTokens) -> None:
    later = rfc3339(MORNING + timedelta(seconds=1))
    token = digest_token().replace(rfc3339(MORNING), later)
    assert refusal(tokens, security(token)) == ("FailedAuthentication", WSSE)


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_at_the_end_of_time_is_refused(tokens: UsernameTokens, said: str) -> None:
    token = text_token(more=f"<u:Created>{said}</u:Created>")
    assert refusal(tokens, security(token)) == ("MessageExpired", WSU)


@pytest.mark.parametrize("age", [FRESH_FOR, timedelta(hours=1), timedelta(minutes=-2)])
def test_a_stale_digest_and_one_from_the_future_are_refused(
    tokens: UsernameTokens, age: timedelta
) -> None:
    token = digest_token(created=MORNING - age)
    assert refusal(tokens, security(token)) == ("MessageExpired", WSU)


def test_a_nonce_is_remembered_for_as_long_as_it_is_fresh(
    tokens: UsernameTokens, clock: HandClock
) -> None:
    token = digest_token(created=MORNING + timedelta(seconds=30))
    assert tokens.user(security(token))
    clock.pass_by(FRESH_FOR + timedelta(seconds=29))
    assert refusal(tokens, security(token)) == ("FailedAuthentication", WSSE)
    clock.pass_by(timedelta(seconds=1))
    assert refusal(tokens, security(token)) == ("MessageExpired", WSU)


def test_memory_is_bounded_and_forgets_only_what_is_stale(
    tokens: UsernameTokens, clock: HandClock
) -> None:
    for nonce in (b"1", b"2", b"3"):
        assert tokens.user(security(digest_token(nonce=nonce)))
    with pytest.raises(StendError) as caught:
        tokens.user(security(digest_token(nonce=b"4")))
    assert caught.value.code is EdgeErrorCode.OVERLOADED
    clock.pass_by(FRESH_FOR)
    assert tokens.user(security(digest_token(nonce=b"4", created=clock.now())))


def test_a_stranger_does_not_fill_the_memory(tokens: UsernameTokens) -> None:
    for number in range(10):
        refusal(tokens, security(digest_token(password="wrong", nonce=bytes([number]))))
    assert tokens.user(security(digest_token()))


@pytest.mark.parametrize("parts", ["nonce", "created", ""])
def test_a_digest_needs_nonce_and_moment(tokens: UsernameTokens, parts: str) -> None:
    assert refusal(tokens, security(digest_token(parts=parts))) == ("InvalidSecurity", WSSE)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (text_token() + text_token(), "InvalidSecurity"),
        ("<w:UsernameToken><w:Username>orders</w:Username></w:UsernameToken>", "InvalidSecurity"),
        (text_token().replace(PASSWORD_TEXT, "urn:plain"), "UnsupportedAlgorithm"),
        (text_token() + '<d:Signature xmlns:d="urn:d"/>', "UnsupportedSecurityToken"),
        (
            digest_token().replace("<w:Nonce>", '<w:Nonce EncodingType="urn:hex">'),
            "UnsupportedAlgorithm",
        ),
        (digest_token().replace("<w:Nonce>", "<w:Nonce>?"), "InvalidSecurity"),
        (digest_token().replace("<w:Nonce>", "<w:Nonce>ж"), "InvalidSecurity"),
        (text_token(more="<u:Created/>"), "InvalidSecurity"),
        (text_token(more="<u:Created>yesterday</u:Created>"), "InvalidSecurity"),
        (text_token(more="<u:Created>2026-11-23T10:00:00</u:Created>"), "InvalidSecurity"),
    ],
)
def test_what_nobody_here_would_check_is_refused(
    tokens: UsernameTokens, header: str, name: str
) -> None:
    assert refusal(tokens, security(header)) == (name, WSSE)


def test_a_timestamp_is_kept(tokens: UsernameTokens) -> None:
    def stamped(expires: datetime) -> etree._Element:
        stamp = f"<u:Timestamp><u:Expires>{rfc3339(expires)}</u:Expires></u:Timestamp>"
        return security(stamp, text_token())

    assert tokens.user(stamped(MORNING + timedelta(seconds=1))) == "orders"
    assert refusal(tokens, stamped(MORNING)) == ("MessageExpired", WSU)


# ---- tokens of OAuth ---------------------------------------------------------------------------


def test_a_jwt_in_a_binary_token_is_a_bearer_token() -> None:
    token = f'<w:BinarySecurityToken ValueType="{JWT}"> eyJ.a.b </w:BinarySecurityToken>'
    assert bearer(security(token), MORNING) == "Bearer eyJ.a.b"
    assert bearer(security(), MORNING) is None
    assert bearer(None, MORNING) is None


@pytest.mark.parametrize(
    "token",
    [
        "<w:BinarySecurityToken>eyJ</w:BinarySecurityToken>",
        '<w:BinarySecurityToken ValueType="urn:x509">eyJ</w:BinarySecurityToken>',
        text_token(),
    ],
)
def test_another_token_is_refused(token: str) -> None:
    with pytest.raises(HeaderError) as caught:
        bearer(security(token), MORNING)
    assert caught.value.name == "UnsupportedSecurityToken"
