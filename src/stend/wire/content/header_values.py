"""What stands inside the values of some headers: a status of gRPC, a text in percent codes."""

import binascii
from base64 import b64decode
from urllib.parse import unquote_to_bytes

from stend.kit.fields import Field, Inner
from stend.kit.languages import Text
from stend.wire.content.protobuf import message_fields, status_type
from stend.wire.content.words import said

_MEANINGS = {
    "text": said(
        "gRPC over HTTP/2 §Status",
        "Сообщение об ошибке, как его написал сервер: в заголовке байты вне ASCII записаны "
        "через %XX.",
        "The message of the error as the server wrote it: in the header, bytes outside of "
        "ASCII are written as %XX.",
    ),
    "metadata": said(
        "gRPC over HTTP/2 §Requests",
        "Двоичное значение метаданных: что в нём, знает приложение.",
        "A binary value of metadata: the application knows what is in it.",
    ),
}
_BASE64 = Text(ru="раскодировано из base64", en="decoded from base64")
_RAW = Text(
    ru="байты без base64: нулевой октет впереди говорит об этом",
    en="the bytes without base64, as the zero octet in front of them says",
)
_PERCENT = Text(ru="раскодировано из %XX", en="decoded from %XX")


def value_inner(name: str, value: bytes) -> Inner | None:
    """The bytes that a header's value stands for, where it is more than its text."""
    if name == "grpc-message" and b"%" in value:
        data = unquote_to_bytes(value)
        text = data.decode("utf-8", "replace")
        field = Field("text", "percent-encoded", text, 0, len(data), _MEANINGS["text"])
        return Inner(_PERCENT, data, (field,))
    if name.endswith("-bin"):
        return _binary(name, value)
    return None


def _binary(name: str, value: bytes) -> Inner | None:
    if value[:1] == b"\0":
        # Both sides had said GRPC_ALLOW_TRUE_BINARY_METADATA in their SETTINGS.
        how, data = _RAW, value[1:]
    else:
        try:
            # Padding may be left out (gRPC over HTTP/2, Binary-Header).
            how, data = _BASE64, b64decode(value + b"=" * (-len(value) % 4), validate=True)
        except (binascii.Error, ValueError):
            return None
    if not data:
        return None
    if name == "grpc-status-details-bin":
        return Inner(how, data, message_fields(data, 0, len(data), status_type()))
    leaf = Field("metadata", "bytes", data, 0, len(data), _MEANINGS["metadata"])
    return Inner(how, data, (leaf,))
