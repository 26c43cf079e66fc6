"""The socket and the server of an HTTP port."""

import contextlib
import socket
import sys
from collections.abc import Iterator

import uvicorn

# Longer than the streams' own patience: whoever comes back earlier reads why he was cut.
_UNTAKEN_S = 30.0


def listening_at(host: str, port: int, untaken_s: float = _UNTAKEN_S) -> socket.socket:
    """
    Args:
        untaken_s: a connection whose peer takes nothing of what waits for it for so long is ended.
            Who never reads is cut by every stream, but a socket closes only when all is taken: it
            would stay for as long as the peer. Linux alone can be told so.
    """
    listening = socket.create_server((host, port), backlog=2048)
    if sys.platform == "linux":
        # Connections inherit it. It counts for a window that is closed, too (tcp(7)).
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(untaken_s * 1000))
    return listening


class HttpServer(uvicorn.Server):
    """Ends when it is told to, not by a signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Whoever runs it handles signals: the HTTP server is one of the things that stop.
        yield
