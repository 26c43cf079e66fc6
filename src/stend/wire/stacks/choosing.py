"""Which decoder reads a connection, by the name of what is spoken on it."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from stend.wire.decoding import StreamDecoder
from stend.wire.stacks.plain import PlainDecoder

# Module and class: imported when the first connection of that protocol is read.
_DECODERS: Mapping[str, tuple[str, str]] = {
    "amqp": ("stend.wire.amqp.decoder", "AmqpDecoder"),
    "kafka": ("stend.wire.kafka.decoder", "KafkaDecoder"),
    "mongodb": ("stend.wire.mongo.decoder", "MongoDecoder"),
    "postgresql": ("stend.wire.postgresql.decoder", "PostgresqlDecoder"),
}


def decoder_for(protocol: str) -> StreamDecoder:
    """A decoder of a connection from its beginning; of an unknown protocol, one that says so."""
    known = _DECODERS.get(protocol)
    if known is None:
        return PlainDecoder(protocol)
    module, name = known
    return cast(StreamDecoder, getattr(import_module(module), name)())
