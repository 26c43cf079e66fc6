"""Stands between a client and a server and keeps what both said, in its order."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from stend.wire.decoding import Direction
from tests.engines.servers import HOST

_PIECE = 64 * 1024


class Recording:
    """
    Attributes:
        port: where clients connect.
        talks: of each connection, in the order in which they came.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.talks: list[list[tuple[Direction, bytes]]] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """Takes no more connections, and waits until those that are there have ended."""
        # Closing alone would not wake who waits for a connection.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            talk: list[tuple[Direction, bytes]] = []
            self.talks.append(talk)
            thread = threading.Thread(target=self._forward, args=(client, talk), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _forward(self, client: socket.socket, talk: list[tuple[Direction, bytes]]) -> None:
        server = socket.create_connection((HOST, self._target_port))
        ways = {client: (Direction.TO_SERVER, server), server: (Direction.TO_CLIENT, client)}
        with client, server, selectors.DefaultSelector() as selector:
            for one in ways:
                selector.register(one, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select():
                    source = client if key.fileobj is client else server
                    direction, sink = ways[source]
                    data = self._received(source)
                    if data:
                        talk.append((direction, data))
                        sink.sendall(data)
                    else:
                        selector.unregister(source)
                        with contextlib.suppress(OSError):
                            sink.shutdown(socket.SHUT_WR)

    @staticmethod
    def _received(source: socket.socket) -> bytes:
        try:
            return source.recv(_PIECE)
        except ConnectionError:
            return b""


@contextlib.contextmanager
def recorded(target_port: int) -> Iterator[Recording]:
    """Records until the end of the block; clients close their connections inside it."""
    recording = Recording(target_port)
    try:
        yield recording
    finally:
        recording.stop()
