"""Which connection a span's bytes went over, where a library tells it cheaply."""

import socket
from collections.abc import Mapping

from stend.chassis.tracing.spans import Attribute


def ports_of_descriptor(descriptor: int) -> Mapping[str, Attribute]:
    """Of an open TCP socket that belongs to somebody else; empty for any other."""
    borrowed = socket.socket(fileno=descriptor)
    try:
        return ports_of(borrowed.getsockname(), borrowed.getpeername())
    except OSError:
        return {}
    finally:
        # It is not ours to close.
        borrowed.detach()


def ports_of(local: object, peer: object) -> Mapping[str, Attribute]:
    """
    Args:
        local, peer: addresses as the socket module tells them.
    """
    if not (isinstance(local, tuple) and isinstance(peer, tuple)):
        return {}
    return {
        "network.local.port": int(local[1]),
        "network.peer.address": str(peer[0]),
        "network.peer.port": int(peer[1]),
    }
