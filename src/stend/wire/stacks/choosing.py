"""Which decoder reads a connection, by the name of what is spoken on it."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from stend.wire.content.grpc import Descriptors
from stend.wire.decoding import StreamDecoder
from stend.wire.stacks.plain import PlainDecoder

# Of whichever version: a client that speaks HTTP/1.1 to a port of gRPC shall see what it did.
_HTTP = ("stend.wire.stacks.http", "HttpStack")
_HTTP2 = ("stend.wire.http2.decoder", "Http2Decoder")
# Module and class: imported when the first connection of that protocol is read.
_DECODERS: Mapping[str, tuple[str, str]] = {
    "amqp": ("stend.wire.amqp.decoder", "AmqpDecoder"),
    "dns": ("stend.wire.dns.decoder", "DnsDecoder"),
    "grpc": _HTTP,
    "http": _HTTP,
    "http2": _HTTP2,
    "kafka": ("stend.wire.kafka.decoder", "KafkaDecoder"),
    "mongodb": ("stend.wire.mongo.decoder", "MongoDecoder"),
    "mysql": ("stend.wire.mysql.decoder", "MysqlDecoder"),
    "postgresql": ("stend.wire.postgresql.decoder", "PostgresqlDecoder"),
    "redis": ("stend.wire.resp.decoder", "RespDecoder"),
    "tls": ("stend.wire.tls.decoder", "TlsDecoder"),
}


def decoder_for(protocol: str, descriptors: Descriptors | None = None) -> StreamDecoder:
    """A decoder of a connection from its beginning; of an unknown protocol, one that says so.

    Args:
        descriptors: what the methods of gRPC take and give, by their path.
    """
    known = _DECODERS.get(protocol)
    if known is None:
        return PlainDecoder(protocol)
    module, name = known
    make = getattr(import_module(module), name)
    made = make(descriptors=descriptors) if known in (_HTTP, _HTTP2) else make()
    return cast(StreamDecoder, made)
