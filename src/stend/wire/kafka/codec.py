"""Messages of Kafka's protocol: bytes to fields and back.

For each message and version two functions are made when they are first needed, and kept. Fields
are a dict by Kafka's names in snake case; structures are dicts, arrays lists, error codes and
milliseconds integers, `uuid` a UUID (zero stays zero), `bytes` and `records` bytes or None.
"""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from stend.wire.kafka import decoding, encoding, schema
from stend.wire.kafka.errors import UnknownMessageError, WireError
from stend.wire.kafka.explaining import check_fields, strangers
from stend.wire.kafka.schema import Message, versions
from stend.wire.kafka.walking import walk

__all__ = [
    "Codec",
    "Fields",
    "UnknownMessageError",
    "WireError",
    "data",
    "request",
    "response",
    "versions",
]

Fields = dict[str, Any]


class Codec:
    """One message in one version.

    Attributes:
        name: Kafka's, as `FetchRequest`.
        is_flexible: with varints and tagged fields (KIP-482); it decides about the header too.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        self.name = message.name
        self.version = message.version
        self.is_flexible = message.is_flexible

    def __repr__(self) -> str:
        return f"<Codec {self.name} version {self.version}>"

    def decode(self, data: bytes, at: int = 0) -> tuple[Fields, int]:
        """The fields that this version has, and where they end. Unknown tagged fields are skipped.

        Raises:
            WireError: the bytes are no such message. No length is believed that what is left does
                not hold.
        """
        try:
            return self._decode(data, at)
        except decoding.FAILURES:
            # The slow way tells where. That it finds nothing wrong would be a bug, never seen.
            walk(self.message, data, at)
            raise WireError(f"no {self.name} of version {self.version}", at=at) from None

    def encode(self, fields: Fields) -> bytes:
        """
        Args:
            fields: absent ones get Kafka's defaults; those that this version lacks are ignored.

        Raises:
            WireError: a value is of a wrong type or does not fit, or null where it must not be.
        """
        return b"".join(self.encode_parts(fields))

    def encode_parts(self, fields: Fields) -> list[bytes]:
        """The same in pieces, so that records need not be copied."""
        try:
            return self._encode(fields)
        except encoding.FAILURES as error:
            check_fields(self.message, fields)
            raise WireError(f"no {self.name} of version {self.version}: {error}") from None

    def strangers(self, fields: Fields) -> list[str]:
        """Paths of fields that this message has in no version: misspelt ones, which are ignored."""
        return list(strangers(self.message.names, fields))

    @cached_property
    def _decode(self) -> Callable[[bytes, int], tuple[Fields, int]]:
        return decoding.decoder(self.message)

    @cached_property
    def _encode(self) -> Callable[[Fields], list[bytes]]:
        return encoding.encoder(self.message)


@cache
def request(api_key: int, version: int) -> Codec:
    """
    Raises:
        UnknownMessageError: there is none with this key, or not in this version.
    """
    return Codec(schema.request(api_key, version))


@cache
def response(api_key: int, version: int) -> Codec:
    """
    Raises:
        UnknownMessageError: there is none with this key, or not in this version.
    """
    return Codec(schema.response(api_key, version))


@cache
def data(name: str, version: int) -> Codec:
    """A structure that stands in a field, a header or a record: `ConsumerProtocolSubscription`.

    Raises:
        UnknownMessageError: there is none of this name, or not in this version.
    """
    return Codec(schema.data_message(name, version))
