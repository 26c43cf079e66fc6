"""WS-Security: who the sender is, as the header `wsse:Security` says it.

Source: OASIS Web Services Security, SOAP Message Security 1.1 and UsernameToken Profile 1.1.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from lxml import etree

from stend.chassis.soap.envelope import HeaderError
from stend.kit.clock import Clock, rfc3339
from stend.kit.errors import EdgeErrorCode, StendError

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
_PROFILE = f"{_OASIS}username-token-profile-1.0"
PASSWORD_TEXT = f"{_PROFILE}#PasswordText"
PASSWORD_DIGEST = f"{_PROFILE}#PasswordDigest"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
JWT = "urn:ietf:params:oauth:token-type:jwt"
SECURITY = f"{{{WSSE}}}Security"

_USERNAME_TOKEN = f"{{{WSSE}}}UsernameToken"
_BINARY_TOKEN = f"{{{WSSE}}}BinarySecurityToken"
_TIMESTAMP = f"{{{WSU}}}Timestamp"
_CREATED = f"{{{WSU}}}Created"
_EXPIRES = f"{{{WSU}}}Expires"
# The profile recommends at least five minutes (section 3.1); clocks of two companies differ.
FRESH_FOR = timedelta(minutes=5)
_CLOCKS_DIFFER_BY = timedelta(minutes=1)


class NonceCache:
    """Nonces that were used within the time in which they are fresh.

    Args:
        limit: how many at most. None is forgotten too early to make room, for that would let a
            recorded message in again: when it is full, the next token is refused.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._until: dict[bytes, datetime] = {}

    def take(self, nonce: bytes, until: datetime, now: datetime) -> bool:
        """Returns False when the nonce came before.

        Raises:
            StendError: OVERLOADED.
        """
        if self._until.get(nonce, now) > now:
            return False
        if len(self._until) >= self._limit:
            self._until = {known: end for known, end in self._until.items() if end > now}
        if len(self._until) >= self._limit:
            raise StendError(
                EdgeErrorCode.OVERLOADED,
                "More tokens came within a few minutes than this service remembers.",
                value=f"{self._limit} nonces",
                expected="fewer messages with a digest",
                next_step="Send the message again in a minute.",
            )
        self._until[nonce] = until
        return True


class UsernameTokens:
    """Checks UsernameTokens against known passwords.

    Args:
        passwords: of every user.
        nonces: how many of them are remembered.
    """

    def __init__(self, passwords: Mapping[str, str], clock: Clock, nonces: int) -> None:
        self._passwords = passwords
        self._clock = clock
        self._nonces = NonceCache(nonces)

    def user(self, security: etree._Element | None) -> str:
        """The name of the user whose token stands in this header.

        Raises:
            HeaderError: FailedAuthentication, InvalidSecurity, UnsupportedSecurityToken …
            StendError: OVERLOADED.
        """
        now = self._clock.now()
        token = _only_token(security, _USERNAME_TOKEN, now)
        if token is None:
            raise _failed("The message carries no UsernameToken.")
        name = (token.findtext(f"{{{WSSE}}}Username") or "").strip()
        password = token.find(f"{{{WSSE}}}Password")
        if password is None:
            raise _invalid("The UsernameToken has no Password.", None, "a Password")
        kind = password.get("Type", PASSWORD_TEXT)
        created = self._checked_created(token, now)
        known = self._passwords.get(name)
        if kind == PASSWORD_DIGEST:
            nonce = _nonce(token)
            if nonce is None or created is None:
                raise _invalid("A digest came without Nonce or Created.", None, "both of them")
            said = token.findtext(_CREATED) or ""
            self._check(_digest(nonce, said, known or ""), (password.text or "").strip(), known)
            # Only now: a stranger must not be able to fill the memory.
            if not self._nonces.take(nonce, created + FRESH_FOR, now):
                raise _failed("This token was used before.")
        elif kind == PASSWORD_TEXT:
            self._check(known or "", password.text or "", known)
        else:
            raise _refusal("UnsupportedAlgorithm", "The type of the Password is unknown.", kind)
        return name

    def _check(self, expected: str, given: str, known: str | None) -> None:
        is_equal = hmac.compare_digest(expected.encode(), given.encode())
        # After the comparison, so that an unknown name takes as long as a known one.
        if known is None or not is_equal:
            raise _failed("User and password do not belong together.")

    def _checked_created(self, token: etree._Element, now: datetime) -> datetime | None:
        said = token.findtext(_CREATED)
        if said is None:
            return None
        created = _moment(said)
        if not now - FRESH_FOR < created <= now + _CLOCKS_DIFFER_BY:
            raise _expired(said, now)
        return created


def bearer(security: etree._Element | None, now: datetime) -> str | None:
    """`Bearer eyJ…` from a BinarySecurityToken that carries a JWT; None where there is none.

    Raises:
        HeaderError: the header carries something else.
    """
    token = _only_token(security, _BINARY_TOKEN, now)
    if token is None:
        return None
    if token.get("ValueType") != JWT:
        kind = token.get("ValueType") or "no ValueType"
        raise _refusal("UnsupportedSecurityToken", "The token is of an unknown type.", kind)
    return f"Bearer {(token.text or '').strip()}"


def _only_token(security: etree._Element | None, kind: str, now: datetime) -> etree._Element | None:
    """The one token of the kind. A signature that nobody checks must not look checked."""
    if security is None:
        return None
    tokens = []
    for child in security:
        if child.tag == kind:
            tokens.append(child)
        elif child.tag == _TIMESTAMP:
            _check_timestamp(child, now)
        else:
            raise _refusal(
                "UnsupportedSecurityToken", "The header Security has an unknown part.", child.tag
            )
    if len(tokens) > 1:
        raise _invalid("The header Security has two tokens.", None, "one token")
    return tokens[0] if tokens else None


def _check_timestamp(timestamp: etree._Element, now: datetime) -> None:
    expires = timestamp.findtext(_EXPIRES)
    if expires is not None and _moment(expires) <= now:
        raise _expired(expires, now)


def _moment(said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        raise _invalid("A moment cannot be read.", said, "an xs:dateTime") from None
    if moment.tzinfo is None:
        raise _invalid("A moment has no time zone.", said, "an xs:dateTime in UTC, with Z")
    return moment


def _nonce(token: etree._Element) -> bytes | None:
    element = token.find(f"{{{WSSE}}}Nonce")
    if element is None:
        return None
    if element.get("EncodingType", BASE64) != BASE64:
        raise _refusal(
            "UnsupportedAlgorithm",
            "The Nonce is encoded in an unknown way.",
            element.get("EncodingType", ""),
        )
    try:
        return base64.b64decode((element.text or "").strip(), validate=True)
    except ValueError:
        raise _invalid("The Nonce is not base 64.", element.text, "base 64") from None


def _digest(nonce: bytes, created: str, password: str) -> str:
    """Base64(SHA-1(nonce + created + password)): section 3.1 leaves no choice of the hash."""
    raw = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return base64.b64encode(raw).decode()


def _failed(what: str) -> HeaderError:
    error = StendError(
        EdgeErrorCode.UNAUTHENTICATED,
        what,
        expected="a wsse:UsernameToken of a known user, its nonce fresh and never used before",
        next_step="Send the header wsse:Security with user and password.",
    )
    return HeaderError(error, "FailedAuthentication", WSSE, "wsse")


def _invalid(what: str, value: str | None, expected: str) -> HeaderError:
    error = StendError(
        EdgeErrorCode.UNAUTHENTICATED,
        what,
        value=value,
        expected=expected,
        next_step="Compare the header wsse:Security with the profile's example.",
    )
    return HeaderError(error, "InvalidSecurity", WSSE, "wsse")


def _refusal(name: str, what: str, value: str) -> HeaderError:
    error = StendError(
        EdgeErrorCode.UNAUTHENTICATED,
        what,
        value=value,
        expected="what the documentation of this service names",
        next_step="Leave it out or send another one.",
    )
    return HeaderError(error, name, WSSE, "wsse")


def _expired(said: str, now: datetime) -> HeaderError:
    error = StendError(
        EdgeErrorCode.UNAUTHENTICATED,
        "The message is too old, or it comes from the future.",
        value=said,
        expected=f"a moment within five minutes before {rfc3339(now)}",
        next_step="Set the clock, and make a new token for each message.",
    )
    return HeaderError(error, "MessageExpired", WSU, "wsu")
