"""What every handler gets: a decoded request and the way back."""

from collections.abc import Callable
from dataclasses import dataclass

from stend.wire.kafka.codec import Fields


@dataclass(slots=True)
class Request:
    """
    Attributes:
        fields: the body, by the names of Kafka's schemas.
        client_id: as the client calls itself; empty when it does not.
        client_host: its address, as groups show it: `/127.0.0.1`.
        broker_id: which of the brokers was asked.
        listener: by which of the broker's listeners; the addresses in the answer go with it.
        now_ms: when it came.
        reply: to be called once, now or later; does nothing when the client has gone.
    """

    api_key: int
    version: int
    fields: Fields
    client_id: str
    client_host: str
    broker_id: int
    now_ms: int
    reply: Callable[[Fields], None]
    listener: int = 0
