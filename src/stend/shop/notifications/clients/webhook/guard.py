"""Where a webhook may lead to: server-side request forgery (SSRF) is refused here.

Whoever registers a webhook makes this service send requests from inside of the company. So the
URL must lead to a public address; it is checked at the registration and again before each attempt,
and the attempt connects to the very address that was checked: a name whose answer changes between
the two (DNS rebinding) gains nothing.
Sources: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet"; RFC 6890 and the IANA
registries of special-purpose addresses, which `ipaddress` knows.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from stend.kit.errors import StendError
from stend.shop.notifications.domain import NotificationErrorCode

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Awaitable[Sequence[str]]]

_SCHEMES = {"http": 80, "https": 443}
_MAX_URL_CHARACTERS = 2000
# Below 1024 stand the services of operating systems: SSH, SMTP, databases' admin ports.
_FIRST_USER_PORT = 1024
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?"
)
# A last label like these makes the whole host an IPv4 number (URL Standard, "ends in a number").
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# RFC 6052: the last 32 bits are an IPv4 address, and a gateway leads to it.
_NAT64 = IPv6Network("64:ff9b::/96")
# RFC 4291, section 2.4, and the IANA registry: of all IPv6, this is what is given out. `ipaddress`
# calls what is reserved global, such as 64:ff9b:1::/48 (RFC 8215), which may lead to any IPv4.
_GIVEN_OUT = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Place:
    """Scheme, host and port of a URL that is well-formed.

    Attributes:
        host: a name in lower case, or an address as `ipaddress` writes it.
        address: of a host that is an address; None for a name.
    """

    scheme: str
    host: str
    port: int
    address: Address | None


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL with the one address that a connection for it may be made to."""

    url: str
    place: Place
    address: Address


class AddressGuard:
    """
    Args:
        allowed_loopback_ports: of this machine, for receivers that learners run; empty outside
            of a teaching stand.
        resolve: a name to the texts of its addresses.
    """

    def __init__(
        self, allowed_loopback_ports: frozenset[int], resolve: Resolve | None = None
    ) -> None:
        self._allowed_loopback_ports = allowed_loopback_ports
        self._resolve = resolve or resolve_name

    async def check(self, url: str) -> None:
        await self.destination(url)

    async def destination(self, url: str) -> Destination:
        """
        Raises:
            StendError: URL_FORBIDDEN; also when one of several addresses is forbidden, as nobody
                knows which of them would be taken.
        """
        place = place_of(url)
        addresses = await self._addresses(url, place)
        for address in addresses:
            if reason := why_forbidden(address, place.port, self._allowed_loopback_ports):
                raise _forbidden(url, f"{address} {reason}")
        return Destination(url, place, addresses[0])

    async def _addresses(self, url: str, place: Place) -> Sequence[Address]:
        if place.address is not None:
            return [place.address]
        try:
            found = await self._resolve(place.host)
        except OSError as error:
            raise _forbidden(url, f"the name {place.host} has no address: {error}") from None
        if not found:
            raise _forbidden(url, f"the name {place.host} has no address")
        return [ip_address(text.partition("%")[0]) for text in found]


async def resolve_name(host: str) -> Sequence[str]:
    """
    Raises:
        OSError: there is no such name, or no resolver answers.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def place_of(url: str) -> Place:
    """What a URL leads to, when it is written in the one way that is allowed.

    Parsers disagree about everything else (spaces, backslashes, octal and hexadecimal addresses),
    and an attack lives in what they disagree about. So it is refused and never repaired.

    Raises:
        StendError: URL_FORBIDDEN.
    """
    if len(url) > _MAX_URL_CHARACTERS:
        raise _forbidden(url[:100] + "…", f"longer than {_MAX_URL_CHARACTERS} characters")
    if not _VISIBLE_ASCII.fullmatch(url) or "\\" in url:
        raise _forbidden(url, "spaces, backslashes, control and non-ASCII characters are refused")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise _forbidden(url, str(error)) from None
    if parts.scheme not in _SCHEMES:
        raise _forbidden(url, f"the scheme {parts.scheme!r} is not http or https")
    if "@" in parts.netloc:
        raise _forbidden(url, "user names and passwords do not belong into a URL")
    if "#" in url:
        raise _forbidden(url, "a fragment is never sent")
    if not host:
        raise _forbidden(url, "it has no host")
    port = _SCHEMES[parts.scheme] if port is None else port
    if port < _FIRST_USER_PORT and port not in _SCHEMES.values():
        raise _forbidden(url, f"port {port} is below {_FIRST_USER_PORT} and not 80 or 443")
    address = _literal(url, host, in_brackets="[" in parts.netloc)
    return Place(parts.scheme, str(address) if address else host, port, address)


def why_forbidden(
    address: Address, port: int, allowed_loopback_ports: frozenset[int]
) -> str | None:
    """None when a connection may be made there."""
    inner = _inside(address)
    if inner.is_loopback:
        if port in allowed_loopback_ports:
            return None
        allowed = ", ".join(map(str, sorted(allowed_loopback_ports))) or "none"
        return f"is this machine, and port {port} is not open to webhooks (open: {allowed})"
    if inner.is_multicast:
        return "is a multicast address"
    if inner.is_link_local:
        return "is link-local, where clouds keep their metadata"
    if inner.is_unspecified:
        return "is the unspecified address"
    if not inner.is_global or (isinstance(inner, IPv6Address) and inner not in _GIVEN_OUT):
        return "is not a public address"
    return None


def _inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 address only wraps."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _literal(url: str, host: str, *, in_brackets: bool) -> Address | None:
    if in_brackets:
        if "%" in host:
            raise _forbidden(url, "a zone of an IPv6 address means something on one machine only")
        return _address(url, host)
    if not _HOST_NAME.fullmatch(host):
        raise _forbidden(url, f"{host!r} is no host name")
    if _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        return _address(url, host)
    return None


def _address(url: str, host: str) -> Address:
    try:
        return ip_address(host)
    except ValueError:
        # 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 are 127.0.0.1 to some, and names to others.
        rule = "an address is written as four decimal numbers, or as IPv6 in brackets"
        raise _forbidden(url, f"{host!r}: {rule}") from None


def _forbidden(url: str, reason: str) -> StendError:
    return StendError(
        NotificationErrorCode.URL_FORBIDDEN,
        "No webhook may be sent to this URL.",
        value=f"{url}: {reason}",
        expected="an http or https URL whose host has public addresses only",
        next_step="Use a public host; a receiver on this machine listens on one of the open ports.",
    )
