"""Where the workers find the brokers and the other services, and how far they go."""

from dataclasses import dataclass
from datetime import timedelta

from stend.chassis.client_tokens import Client
from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """
    Attributes:
        at_once: sagas that are worked on at the same time; 0 where another process runs them.
        patience: how long a step is tried before the order fails; what undoes a step is tried for
            ever.
    """

    at_once: int
    patience: timedelta


@dataclass(frozen=True, slots=True)
class PeerAddresses:
    """
    Attributes:
        payments_url: of the SOAP endpoint.
        bank_user: name and password, as the bank knows this service.
        loyalty_url: of the JSON-RPC endpoint.
        delivery_target: `host:port` of its gRPC.
        client: who this service is for the token service, whose tokens the others check.
    """

    payments_url: str
    bank_user: tuple[str, str]
    loyalty_url: str
    delivery_target: str
    client: Client


@dataclass(frozen=True, slots=True)
class WorkersConfig:
    """
    Attributes:
        holder: the name under which this process holds sagas, the same after a restart.
        call_deadline_s: for one call of another service with all its retries.
        reconcile_every: from one run of the reconciliation to the next; it runs where sagas do.
    """

    database_url: str
    amqp_url: str
    kafka_servers: tuple[str, ...]
    peers: PeerAddresses
    holder: str
    saga: RunnerLimits
    call_deadline_s: float
    reconcile_every: timedelta
    kafka_security: KafkaSecurity = PLAINTEXT
