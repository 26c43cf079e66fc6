"""One request to any Kafka server over a plain socket: how a launcher sees whether it answers."""

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.wire.kafka import codec
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.frames import FrameReader, frame
from stend.wire.kafka.headers import request_header, response_tags

_TIMEOUT_S = 2.0
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CORRELATION_BYTES = 4
_CLIENT_ID = "stend"


def ask(
    host: str,
    port: int,
    api_key: int,
    version: int,
    fields: Fields,
    security: KafkaSecurity = PLAINTEXT,
) -> Fields:
    """
    Returns:
        The body of the answer.

    Raises:
        OSError: nobody answers there, what answers is no Kafka, or it lets nobody in.
    """
    header = request_header(api_key, version, 1, _CLIENT_ID)
    body = codec.request(api_key, version).encode(fields)
    reader = FrameReader(_MAX_ANSWER_BYTES)
    with security.connected(host, port, _TIMEOUT_S) as connection:
        connection.sendall(frame(header, body))
        try:
            while data := connection.recv(65_536):
                for answer in reader.feed(data):
                    at = _CORRELATION_BYTES + len(response_tags(api_key, version))
                    return codec.response(api_key, version).decode(answer, at)[0]
        except WireError as error:
            raise ConnectionError(f"{host}:{port} is no Kafka server: {error}") from error
    raise ConnectionError(f"{host}:{port} closed the connection without an answer")
