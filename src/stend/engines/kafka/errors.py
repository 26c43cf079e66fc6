"""How a request fails: one of Kafka's error codes and, where the protocol has room, a sentence."""

from stend.wire.kafka.errors import ErrorCode


class BrokerError(Exception):
    """Answered to the client with its code.

    Args:
        code: of Kafka's protocol.
        message: what happened, with the value; Kafka's own text of the code when left out.
    """

    def __init__(self, code: ErrorCode, message: str | None = None) -> None:
        super().__init__(message or code.message)
        self.code = code
        self.message = message
