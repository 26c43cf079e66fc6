"""A broker of Kafka that answers each request with what the test has told it to."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import read_request_header, response_header

Answers = Mapping[ApiKey, codec.Fields | bytes | None]
_MAX_BYTES = 1024 * 1024


class FakeBroker:
    """
    Args:
        answers: fields of the response; bytes are sent as they are, and None closes the connection.
    """

    def __init__(self, server: socket.socket, answers: Answers) -> None:
        self._server = server
        self._answers = answers
        self.asked: list[codec.Fields] = []

    @property
    def address(self) -> str:
        host, port = self._server.getsockname()
        return f"{host}:{port}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        reader = FrameReader(_MAX_BYTES)
        while data := connection.recv(_MAX_BYTES):
            for request in reader.feed(data):
                header = read_request_header(request)
                key, version = ApiKey(header.api_key), header.version
                asked, _ = codec.request(key, version).decode(request, header.body_at)
                self.asked.append(asked)
                answer = self._answers[key]
                if answer is None:
                    return
                if not isinstance(answer, bytes):
                    head = response_header(key, version, header.correlation_id)
                    answer = frame(head, codec.response(key, version).encode(answer))
                connection.sendall(answer)


@contextmanager
def fake_broker(answers: Answers) -> Iterator[FakeBroker]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker = FakeBroker(server, answers)
        serving = threading.Thread(target=broker.serve)
        serving.start()
        try:
            yield broker
        finally:
            # A thread that waits in accept() is woken by this and not by close().
            server.shutdown(socket.SHUT_RDWR)
            serving.join()
