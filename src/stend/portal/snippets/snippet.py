"""What every protocol's snippets are made of. Pure: values in, text out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stend.shop.orders.usecases import OperationInput


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses that a reader's own tools have to call.

    Attributes:
        http_url: `http://host:port`.
        grpc_target: `host:port`.
        amqp_url: `amqp://user:password@host:port/`.
        kafka_servers: `host:port,host:port`.
        kafka_security: what a client of librdkafka is told beside it.
        receiver_port: of this machine, where a webhook of his may be received.
    """

    http_url: str
    grpc_target: str
    amqp_url: str
    kafka_servers: str
    receiver_port: int
    kafka_security: Mapping[str, str] = field(default_factory=dict)

    @property
    def socket_url(self) -> str:
        """`ws://host:port`."""
        return self.http_url.replace("http", "ws", 1)


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be called, where and as whom.

    Attributes:
        authorization: whole value of the header Authorization, or None.
    """

    request: OperationInput
    places: Places
    authorization: str | None = None

    @property
    def operation(self) -> str:
        return type(self.request).__name__

    @property
    def headers(self) -> dict[str, str]:
        """Those of HTTP that name the caller."""
        return {} if self.authorization is None else {"Authorization": self.authorization}


@dataclass(frozen=True, slots=True)
class Snippet:
    """`protocol` is the one that the snippet speaks."""

    key: str
    title: str
    protocol: str
    code: str
