"""What a list shows of frames and of field blocks, and which of them are errors."""

from typing import NamedTuple
from urllib.parse import unquote

from stend.wire.content.grpc import STATUS_CODES
from stend.wire.http2 import codes
from stend.wire.http2.frames import HEADER_SIZE, Header

_SHOWN_SETTINGS = 3


class Told(NamedTuple):
    """What the fields of a block say of their unit."""

    name: str
    summary: str
    error: str | None
    facts: dict[str, str]


def tell(fields: dict[str, str]) -> Told:
    """A request by its method and path, a response by its status, trailers by what they say."""
    facts = {
        name: fields[key]
        for name, key in (("status", ":status"), ("grpc_status", "grpc-status"))
        if key in fields
    }
    error = _error(fields)
    if ":method" in fields:
        target = fields.get(":path", fields.get(":authority", ""))
        name = f"{fields[':method']} {target}"
        return Told(name, fields.get(":authority", ""), error, facts)
    shown = [fields.get(":status", "")]
    if "grpc-status" in fields:
        shown.append(f"grpc-status {grpc_status(fields['grpc-status'])}")
    elif ":status" in fields:
        shown.append(fields.get("content-type", ""))
    elif fields:
        shown.append("trailers")
    return Told("", " ".join(one for one in shown if one), error, facts)


def grpc_status(code: str) -> str:
    """`NOT_FOUND` for 5; the code itself where it has no name."""
    number = int(code) if code.isdecimal() and code.isascii() and len(code) <= 2 else -1
    return STATUS_CODES[number] if 0 <= number < len(STATUS_CODES) else code


def line(header: Header, payload: bytes) -> str:
    """One line on a frame without data and without fields."""
    if header.type in (codes.SETTINGS, codes.PING) and header.has(codes.ACK):
        return "ACK"
    if header.type == codes.SETTINGS:
        return _settings(payload)
    if header.type == codes.WINDOW_UPDATE:
        return f"+{_number(payload, 0) & 0x7FFFFFFF}"
    if header.type == codes.RST_STREAM:
        return codes.error_name(_number(payload, 0))
    if header.type == codes.GOAWAY:
        last = _number(payload, 0) & 0x7FFFFFFF
        return f"{codes.error_name(_number(payload, 4))}, last stream {last}"
    return f"{len(payload)} B" if payload else ""


def failure(header: Header, payload: bytes) -> str | None:
    """The error code of a frame that closes a stream or the connection because of an error."""
    at = {codes.RST_STREAM: 0, codes.GOAWAY: 4}.get(header.type)
    if at is None or len(payload) < at + 4 or not _number(payload, at):
        return None
    return codes.error_name(_number(payload, at))


def promised(header: Header, data: bytes) -> int:
    """The stream that a PUSH_PROMISE frame announces; 0 where it does not stand."""
    at = HEADER_SIZE + (1 if header.has(codes.PADDED) else 0)
    return _number(data, at) & 0x7FFFFFFF


def _settings(payload: bytes) -> str:
    shown = [
        f"{_short(int.from_bytes(payload[at : at + 2], 'big'))}={_number(payload, at + 2)}"
        for at in range(0, min(len(payload), 6 * _SHOWN_SETTINGS) - 5, 6)
    ]
    more = ", …" if len(payload) > 6 * _SHOWN_SETTINGS else ""
    return ", ".join(shown) + more


def _short(number: int) -> str:
    return codes.setting_name(number).removeprefix("SETTINGS_")


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _error(fields: dict[str, str]) -> str | None:
    code = fields.get("grpc-status", "0")
    if code != "0":
        message = unquote(fields.get("grpc-message", ""))
        return f"{grpc_status(code)}: {message}" if message else grpc_status(code)
    status = fields.get(":status", "")
    return status if status[:1] in ("4", "5") else None
