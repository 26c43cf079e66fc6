"""What stands inside the values of some headers: a status of gRPC, a text in percent codes."""

import binascii
from base64 import b64decode
from urllib.parse import unquote_to_bytes

from stend.kit.fields import Field, Inner, undecoded
from stend.kit.languages import Text
from stend.wire.content.cursor import Row, meanings
from stend.wire.content.protobuf import message_fields, status_type
from stend.wire.decoding import Undecodable

_MEANINGS = meanings(
    "gRPC over HTTP/2",
    {
        "text": Row(
            "§Status",
            "Сообщение об ошибке, как его написал сервер: в заголовке байты вне ASCII записаны "
            "через %XX.",
            "The message of the error as the server wrote it: in the header, bytes outside of "
            "ASCII are written as %XX.",
        ),
        "metadata": Row(
            "§Requests",
            "Двоичное значение метаданных: имена на `-bin` везут байты в base64.",
            "A binary value of metadata: names in `-bin` carry bytes in base64.",
        ),
    },
)
_BASE64 = Text(ru="раскодировано из base64", en="decoded from base64")
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
    try:
        # Padding may be left out (gRPC over HTTP/2, Binary-Header).
        data = b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data:
        return None
    if name == "grpc-status-details-bin":
        return Inner(_BASE64, data, _status(data))
    leaf = Field("metadata", "bytes", data, 0, len(data), _MEANINGS["metadata"])
    return Inner(_BASE64, data, (leaf,))


def _status(data: bytes) -> tuple[Field, ...]:
    try:
        return message_fields(data, 0, len(data), status_type())
    except Undecodable as error:
        return (undecoded(0, len(data), error.why),)
