"""Data of records by their type."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address

from stend.wire.content.cursor import Cursor
from stend.wire.decoding import Undecodable
from stend.wire.dns import codes
from stend.wire.dns.names import read_name

_Data = Callable[[Cursor, int], None]


def read_data(kind: int, base: int, at: Cursor) -> None:
    """RDATA of a record of this type.

    Args:
        base: where the message begins: pointers count from there.

    Raises:
        Undecodable: the type is not described, or the data are not what it says.
    """
    reader = _READERS.get(kind)
    if reader is None:
        raise Undecodable(
            f"тип {codes.type_name(kind)} здесь не описан",
            f"type {codes.type_name(kind)} is not described",
            at.at,
        )
    reader(at, base)


def _address(at: Cursor, base: int) -> None:
    del base
    text = str(IPv4Address(at.peek(4, "ADDRESS")))
    at.octets("ADDRESS", 4, "IPv4 address", text)


def _address6(at: Cursor, base: int) -> None:
    del base
    text = str(IPv6Address(at.peek(16, "ADDRESS")))
    at.octets("ADDRESS", 16, "IPv6 address", text, key="ADDRESS6")


def _one_name(name: str) -> _Data:
    def read(at: Cursor, base: int) -> None:
        read_name(at, name, base)

    return read


def _mail(at: Cursor, base: int) -> None:
    at.number("PREFERENCE", 2)
    read_name(at, "EXCHANGE", base)


def _text(at: Cursor, base: int) -> None:
    del base
    while at.rest:
        size = 1 + at.peek(1, "TXT-DATA")[0]
        text = at.peek(size, "TXT-DATA")[1:].decode("utf-8", "backslashreplace")
        at.octets("TXT-DATA", size, "character-string", text)


def _authority(at: Cursor, base: int) -> None:
    read_name(at, "MNAME", base)
    read_name(at, "RNAME", base)
    for name in ("SERIAL", "REFRESH", "RETRY", "EXPIRE", "MINIMUM"):
        at.number(name, 4)


def _service(at: Cursor, base: int) -> None:
    for name in ("Priority", "Weight", "Port"):
        at.number(name, 2)
    read_name(at, "Target", base)


def _options(at: Cursor, base: int) -> None:
    del base
    while at.rest:
        size = int.from_bytes(at.peek(4, "option")[2:], "big")
        at.group("option", 4 + size, _option)


def _option(at: Cursor) -> None:
    at.number("OPTION-CODE", 2, lambda code: f"{codes.OPTIONS.get(code, 'unknown')} ({code})")
    at.number("OPTION-LENGTH", 2)
    if at.rest:
        at.octets("OPTION-DATA", at.rest)


_READERS: Mapping[int, _Data] = {
    codes.A: _address,
    codes.NS: _one_name("NSDNAME"),
    codes.CNAME: _one_name("CNAME"),
    codes.SOA: _authority,
    codes.PTR: _one_name("PTRDNAME"),
    codes.MX: _mail,
    codes.TXT: _text,
    codes.AAAA: _address6,
    codes.SRV: _service,
    codes.OPT: _options,
}
