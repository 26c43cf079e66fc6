"""Extensions of the hello messages (RFC 8446 §4.2 and the specifications that it names)."""

from collections.abc import Callable, Mapping
from functools import partial

from stend.kit.fields import Value
from stend.wire.content.cursor import Cursor
from stend.wire.tls import codes
from stend.wire.tls.meanings import MEANINGS

_Read = Callable[[Cursor], None]


def read_extensions(at: Cursor, *, is_client: bool) -> None:
    """The list of extensions with its length.

    Raises:
        Undecodable: its length does not fit.
    """
    at.vector("extensions", 2, partial(_each, is_client))


def host_of(data: bytes) -> str:
    """The host that a `server_name` extension asks for; empty where there is none."""
    size = int.from_bytes(data[3:5], "big")
    name = data[5 : 5 + size]
    is_name = len(data) >= 5 and data[2] == 0 and len(name) == size
    return name.decode("ascii", "backslashreplace") if is_name else ""


def protocols_of(data: bytes) -> list[str]:
    """The protocols of an ALPN extension, in its order."""
    found: list[str] = []
    at = 2
    while at < len(data):
        found.append(data[at + 1 : at + 1 + data[at]].decode("ascii", "backslashreplace"))
        at += 1 + data[at]
    return found


def numbers(name: str, size: int, shown: Callable[[int], Value], kind: str, at: Cursor) -> None:
    """Numbers of `size` octets up to the end, each as `[0]`, `[1]`, …

    Raises:
        Undecodable: octets are left over.
    """
    position = 0
    while at.rest:
        at.number(f"[{position}]", size, shown, kind, key=name)
        position += 1


def _each(is_client: bool, at: Cursor) -> None:
    while at.rest:
        head = at.peek(4, "extension")
        number = int.from_bytes(head[:2], "big")
        known = "GREASE" if codes.is_grease(number) else codes.EXTENSIONS.get(number)
        name = known or f"extension {number}"
        key = name if name in MEANINGS else "extension"
        size = 4 + int.from_bytes(head[2:], "big")
        at.group(name, size, partial(_extension, number, is_client), key=key)


def _extension(number: int, is_client: bool, at: Cursor) -> None:
    at.number("extension_type", 2, lambda one: codes.named(codes.EXTENSIONS, one))
    at.number("length", 2, key="extension length")
    readers = _OF_CLIENT if is_client else _OF_SERVER
    if at.rest:
        at.finish(readers.get(number, _opaque))


def _opaque(at: Cursor) -> None:
    at.octets("extension_data", at.rest)


def _server_name(at: Cursor) -> None:
    def names(inside: Cursor) -> None:
        while inside.rest:
            inside.number("name_type", 1, lambda one: f"{'host_name' if not one else '?'} ({one})")
            inside.vector("HostName", 2, partial(_text, "host_name"))

    at.vector("server_name_list", 2, names)


def _text(name: str, at: Cursor) -> None:
    if at.rest:
        text = at.peek(at.rest, name).decode("ascii", "backslashreplace")
        at.octets(name, at.rest, "opaque", text)


def _protocols(at: Cursor) -> None:
    def names(inside: Cursor) -> None:
        while inside.rest:
            inside.vector("ProtocolName", 1, partial(_text, "protocol_name"))

    at.vector("protocol_name_list", 2, names)


def _list(name: str, prefix: int, size: int, names: dict[int, str], kind: str, at: Cursor) -> None:
    shown = partial(codes.named if size == 2 else codes.of_octet, names)
    at.vector(name, prefix, partial(numbers, kind, size, shown, kind))


def _one(name: str, size: int, names: dict[int, str], at: Cursor) -> None:
    at.number(name, size, partial(codes.named if size == 2 else codes.of_octet, names))


def _key_shares(at: Cursor) -> None:
    def shares(inside: Cursor) -> None:
        while inside.rest:
            size = 4 + int.from_bytes(inside.peek(4, "KeyShareEntry")[2:], "big")
            inside.group("KeyShareEntry", size, _key_share)

    at.vector("client_shares", 2, shares)


def _key_share(at: Cursor) -> None:
    at.number("group", 2, partial(codes.named, codes.GROUPS))
    # A HelloRetryRequest names the group alone.
    if at.rest:
        at.vector("key_exchange", 2, partial(_bytes, "key_exchange data"))


def _bytes(key: str, at: Cursor) -> None:
    if at.rest:
        at.octets("opaque", at.rest, key=key)


def _status_request(at: Cursor) -> None:
    at.number("status_type", 1, lambda one: f"{'ocsp' if one == 1 else '?'} ({one})")
    at.vector("responder_id_list", 2, partial(_bytes, "responder_id_list"))
    at.vector("request_extensions", 2, partial(_bytes, "request_extensions"))


def _pre_shared_keys(at: Cursor) -> None:
    def identities(inside: Cursor) -> None:
        while inside.rest:
            inside.vector("identity", 2, partial(_bytes, "identity"))
            inside.number("obfuscated_ticket_age", 4)

    def binders(inside: Cursor) -> None:
        while inside.rest:
            inside.vector("PskBinderEntry", 1, partial(_bytes, "PskBinderEntry"))

    at.vector("identities", 2, identities)
    at.vector("binders", 2, binders)


def _renegotiated(at: Cursor) -> None:
    at.vector("renegotiated_connection", 1, partial(_bytes, "renegotiated_connection"))


def _cookie(at: Cursor) -> None:
    at.vector("cookie data", 2, partial(_bytes, "cookie data"))


def _number(name: str, at: Cursor) -> None:
    at.number(name, 2)


_GROUPS = partial(_list, "named_group_list", 2, 2, codes.GROUPS, "NamedGroup")
_SCHEMES = partial(
    _list, "supported_signature_algorithms", 2, 2, codes.SIGNATURES, "SignatureScheme"
)
_POINTS = partial(_list, "ec_point_format_list", 1, 1, codes.POINT_FORMATS, "ECPointFormat")

_BOTH: Mapping[int, _Read] = {
    10: _GROUPS,
    11: _POINTS,
    13: _SCHEMES,
    16: _protocols,
    28: partial(_number, "RecordSizeLimit"),
    44: _cookie,
    50: _SCHEMES,
    0xFF01: _renegotiated,
}
_OF_CLIENT: Mapping[int, _Read] = {
    **_BOTH,
    0: _server_name,
    5: _status_request,
    27: partial(_list, "algorithms", 1, 2, codes.CERTIFICATE_COMPRESSIONS, "CompressionAlgorithm"),
    41: _pre_shared_keys,
    43: partial(_list, "versions", 1, 2, codes.VERSIONS, "ProtocolVersion"),
    45: partial(_list, "ke_modes", 1, 1, codes.PSK_MODES, "PskKeyExchangeMode"),
    51: _key_shares,
}
_OF_SERVER: Mapping[int, _Read] = {
    **_BOTH,
    41: partial(_number, "selected_identity"),
    43: partial(_one, "selected_version", 2, codes.VERSIONS),
    51: _key_share,
}
