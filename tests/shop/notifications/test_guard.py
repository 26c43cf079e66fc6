"""Where webhooks may not lead: a table of what attackers write, and of what names answer."""

from collections.abc import Sequence

import pytest

from stend.kit.errors import StendError
from stend.shop.notifications.clients.webhook.guard import AddressGuard, place_of

OPEN = frozenset({8005, 8006})
PUBLIC = "93.184.215.14"


def guard(*addresses: str) -> AddressGuard:
    async def resolve(host: str) -> Sequence[str]:
        if not addresses:
            raise OSError("Name or service not known")
        return addresses

    return AddressGuard(OPEN, resolve)


async def reason(url: str, *addresses: str) -> str:
    with pytest.raises(StendError) as refused:
        await guard(*addresses).destination(url)
    assert refused.value.code == "url-forbidden"
    assert refused.value.value
    return refused.value.value


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.com/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("//example.com/", "scheme"),
        ("example.com", "scheme"),
        ("http://", "no host"),
        ("http:///x", "no host"),
        ("http://:80/", "no host"),
        ("http://user@example.com/", "user names"),
        ("http://user:word@example.com/", "user names"),
        ("http://example.com@127.0.0.1/", "user names"),
        ("http://127.0.0.1\\@example.com/", "backslashes"),
        ("http://example.com /", "spaces"),
        ("http://example.com/\r\nHost: x", "control"),
        ("http://exa\tmple.com/", "control"),
        ("http://пример.рф/", "non-ASCII"),
        ("http://①②⑦.⓪.⓪.①/", "non-ASCII"),
        ("http://ⓔxample.com/", "non-ASCII"),
        ("http://example.com/#x", "fragment"),
        ("http://example.com:22/", "port 22"),
        ("http://example.com:25/", "port 25"),
        ("http://example.com:0/", "port 0"),
        ("http://example.com:99999/", "Port out of range"),
        ("http://example.com:x/", "Port could not be cast"),
        ("http://exa_mple.com/", "no host name"),
        ("http://-example.com/", "no host name"),
        ("http://example..com/", "no host name"),
        ("http://127.0.0.1%00.example.com/", "no host name"),
        ("http://%31%32%37.0.0.1/", "no host name"),
        ("http://" + "a" * 64 + ".com/", "no host name"),
        ("http://example.com/" + "x" * 2000, "longer than 2000"),
        ("http://[::1/", "Invalid IPv6 URL"),
        ("http://[::1%25lo]/", "zone"),
        ("http://[x]/", ""),
    ],
)
async def test_a_url_that_is_not_plain_is_refused(url: str, why: str) -> None:
    assert why in await reason(url, PUBLIC)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7F.1",
        "017700000001",
        "0177.0.0.1",
        "0177.0.0.01",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "127.0.0.01",
        "00127.0.0.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "8.8.8.08",
        "134744072",
        "example.0x7f",
        "example.1",
    ],
)
async def test_an_address_has_one_notation(host: str) -> None:
    assert "four decimal numbers" in await reason(f"http://{host}:8005/", PUBLIC)


FORBIDDEN = [
    ("0.0.0.0", "unspecified"),  # noqa: S104 - an address that is refused
    ("0.1.2.3", "not a public"),
    ("10.0.0.1", "not a public"),
    ("100.64.0.1", "not a public"),
    ("127.0.0.1", "this machine"),
    ("127.255.255.254", "this machine"),
    ("169.254.169.254", "link-local"),
    ("172.16.0.1", "not a public"),
    ("172.31.255.255", "not a public"),
    ("192.0.2.1", "not a public"),
    ("192.168.1.1", "not a public"),
    ("198.18.0.1", "not a public"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "not a public"),
    ("255.255.255.255", "not a public"),
    ("::", "unspecified"),
    ("::1", "this machine"),
    ("::127.0.0.1", "this machine"),
    ("::ffff:127.0.0.1", "this machine"),
    ("::ffff:7f00:1", "this machine"),
    ("::ffff:10.0.0.1", "not a public"),
    ("::ffff:169.254.169.254", "link-local"),
    ("64:ff9b::127.0.0.1", "this machine"),
    ("64:ff9b::a9fe:a9fe", "link-local"),
    ("64:ff9b:1::7f00:1", "not a public"),
    ("::ffff:0:127.0.0.1", "not a public"),
    ("5f00::1", "not a public"),
    ("4000::1", "not a public"),
    ("2002:7f00:1::", "this machine"),
    ("2002:a00:1::", "not a public"),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", "this machine"),
    ("fc00::1", "not a public"),
    ("fd12:3456::1", "not a public"),
    ("fe80::1", "link-local"),
    ("fec0::1", "not a public"),
    ("ff02::1", "multicast"),
    ("2001:db8::1", "not a public"),
]


@pytest.mark.parametrize(("address", "why"), FORBIDDEN)
async def test_a_literal_address_that_is_not_public_is_refused(address: str, why: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert why in await reason(f"http://{host}/")
    assert why in await reason(f"https://{host}/")


@pytest.mark.parametrize(("address", "why"), FORBIDDEN)
async def test_a_name_is_judged_by_each_of_its_addresses(address: str, why: str) -> None:
    assert why in await reason("https://innocent.example/", address)
    assert why in await reason("https://innocent.example/", PUBLIC, address)


async def test_a_name_without_an_address_is_refused() -> None:
    assert "no address" in await reason("https://nobody.example/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8005/hooks",
        "http://[::1]:8006/hooks",
        "http://localhost:8005/hooks?x=1",
        "http://LOCALHOST:8005/hooks",
    ],
)
async def test_a_receiver_on_an_open_port_of_this_machine_is_allowed(url: str) -> None:
    destination = await guard("127.0.0.1").destination(url)
    assert destination.address.is_loopback


@pytest.mark.parametrize("port", ["", ":8004", ":8007", ":5432", ":80"])
async def test_other_ports_of_this_machine_are_not(port: str) -> None:
    assert "is this machine" in await reason(f"http://localhost{port}/", "127.0.0.1")


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://example.com", 80),
        ("https://example.com/a?b=c", 443),
        ("https://EXAMPLE.com.:8443/", 8443),
        ("https://xn--e1afmkfd.xn--p1ai/", 443),
        (f"http://{PUBLIC}/", 80),
        ("http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", 80),
    ],
)
async def test_public_places_are_allowed_and_the_address_is_pinned(url: str, port: int) -> None:
    assert place_of(url).port == port
    destination = await guard(PUBLIC, "8.8.8.8").destination(url)
    literal = place_of(url).address
    assert str(destination.address) == (str(literal) if literal else PUBLIC)


async def test_localhost_is_really_resolved() -> None:
    destination = await AddressGuard(OPEN).destination("http://localhost:8005/")
    assert destination.address.is_loopback
