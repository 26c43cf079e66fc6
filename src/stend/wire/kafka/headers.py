"""Headers of requests and responses.

Which version of a header stands before a message follows from the message: with tagged fields where
the message is flexible. The client's id has its old form in all of them (RequestHeader.json).
"""

from dataclasses import dataclass
from struct import Struct

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import UnknownMessageError, WireError
from stend.wire.kafka.varints import Malformed, more

_FIXED = Struct(">hhih")
_CORRELATION_ID = Struct(">i")
_EMPTY_TAGS = b"\0"


@dataclass(frozen=True, slots=True)
class RequestHeader:
    """
    Attributes:
        client_id: None when the client does not tell one.
        body_at: where the message begins in the frame.
    """

    api_key: int
    version: int
    correlation_id: int
    client_id: str | None
    body_at: int


def read_request_header(frame: bytes) -> RequestHeader:
    """
    Args:
        frame: without its length.

    Returns:
        Of a version that is not known, too: ApiVersions has to be answered all the same (KIP-511).
        `body_at` is then where the client's id ends.

    Raises:
        WireError: it is cut off, or no UTF-8.
    """
    if len(frame) < _FIXED.size:
        raise WireError(f"a request of {len(frame)} bytes has no header", at=0)
    api_key, version, correlation_id, size = _FIXED.unpack_from(frame)
    at = _FIXED.size
    client_id = None
    if size != -1:
        end = at + size
        if not at <= end <= len(frame):
            raise WireError(f"a string of {size} bytes", path="client_id", at=at - 2)
        try:
            client_id = str(frame[at:end], "utf-8")
        except UnicodeDecodeError:
            raise WireError("a string that is not UTF-8", path="client_id", at=at - 2) from None
        at = end
    if _is_flexible_request(api_key, version):
        at = skip_tags(frame, at)
    return RequestHeader(api_key, version, correlation_id, client_id, at)


def request_header(api_key: int, version: int, correlation_id: int, client_id: str | None) -> bytes:
    """
    Raises:
        UnknownMessageError: there is no such request.
    """
    raw = b"" if client_id is None else client_id.encode()
    size = -1 if client_id is None else len(raw)
    tags = _EMPTY_TAGS if codec.request(api_key, version).is_flexible else b""
    return _FIXED.pack(api_key, version, correlation_id, size) + raw + tags


def response_header(api_key: int, version: int, correlation_id: int) -> bytes:
    """
    Raises:
        UnknownMessageError: there is no such response.
    """
    return _CORRELATION_ID.pack(correlation_id) + response_tags(api_key, version)


def response_tags(api_key: int, version: int) -> bytes:
    """What follows the correlation id.

    Nothing for ApiVersions: its reader may not know yet what the broker speaks (KIP-511).
    """
    is_flexible = codec.response(api_key, version).is_flexible
    return _EMPTY_TAGS if is_flexible and api_key != ApiKey.API_VERSIONS else b""


def _is_flexible_request(api_key: int, version: int) -> bool:
    try:
        return codec.request(api_key, version).is_flexible
    except UnknownMessageError:
        return False


def skip_tags(data: bytes, at: int) -> int:
    """Where tagged fields end; headers have none that is known."""
    begin, before = at, -1
    try:
        count, at = _unsigned(data, at)
        for _ in range(count):
            tag, at = _unsigned(data, at)
            size, at = _unsigned(data, at)
            at += size
            if tag <= before or at > len(data):
                raise Malformed
            before = tag
    except (Malformed, IndexError):
        raise WireError("tagged fields that are cut off or out of order", at=begin) from None
    return at


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    return (first, at + 1) if first < 0x80 else more(data, first, at + 1)
