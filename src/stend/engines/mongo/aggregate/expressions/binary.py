"""Binary data as text: base64, hexadecimal, UTF-8 and the form of UUIDs."""

import base64
import binascii
import uuid
from typing import Any

from bson import Binary

from stend.engines.mongo.errors import MongoError, conversion_failure

_UUID_SUBTYPE = 4


def _needs_format(source: str, target: str) -> MongoError:
    return MongoError(
        4341115, f"Format must be speficied when converting from '{source}' to '{target}'"
    )


def bytes_of_text(text: str, written: str | None, subtype: int) -> Any:
    """The binary data that a text stands for.

    Raises:
        MongoError: ConversionFailure when the text is not of the format.
    """
    if written is None:
        raise _needs_format("string", "binData")
    try:
        data = _decoded(text, written, subtype)
    except (ValueError, binascii.Error) as error:
        raise conversion_failure(
            f"Failed to parse BinData '{text}' in $convert with no onError value: {error}"
        ) from None
    return data if subtype == 0 else Binary(data, subtype)


def _decoded(text: str, written: str, subtype: int) -> bytes:
    if (written == "uuid") != (subtype == _UUID_SUBTYPE):
        raise ValueError("Only the 'uuid' format is allowed with the UUID subtype")
    if written == "base64":
        return base64.b64decode(text, validate=True)
    if written == "base64url":
        if set(text) & set("+/"):
            raise ValueError("not a string of base64url")
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    if written == "hex":
        if any(letter.isspace() for letter in text):
            raise ValueError("not a string of hexadecimal digits")
        return bytes.fromhex(text)
    if written == "utf8":
        return text.encode()
    if written == "uuid":
        return _uuid(text)
    raise ValueError(f"Invalid format '{written}'")


def _uuid(text: str) -> bytes:
    found = uuid.UUID(text)
    if str(found) != text.lower():
        raise ValueError(f"Invalid UUID string: {text}")
    return found.bytes


def text_of_bytes(value: bytes, written: str | None) -> str:
    """Binary data as text.

    Raises:
        MongoError: ConversionFailure when the data has no such text.
    """
    if written is None:
        raise _needs_format("binData", "string")
    data = bytes(value)
    subtype = value.subtype if isinstance(value, Binary) else 0
    is_uuid = subtype == _UUID_SUBTYPE and len(data) == 16
    if written in ("auto", "uuid") and is_uuid:
        return str(uuid.UUID(bytes=data))
    if written in ("auto", "base64"):
        return base64.b64encode(data).decode()
    if written == "base64url":
        return base64.urlsafe_b64encode(data).decode().rstrip("=")
    if written == "hex":
        return data.hex().upper()
    if written == "utf8":
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise conversion_failure("BinData does not represent a valid UTF-8 string") from None
    raise conversion_failure("BinData does not represent a valid UUID")
