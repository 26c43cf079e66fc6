"""The brokers of a Kafka cluster: looked at, and those of the stand stopped and started.

Everything here is asked over Kafka's protocol, and blocks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.engines.kafka.asking import ask
from stend.runtime.parsers import host_and_port
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode

# Spoken by every Kafka since 2.8 and by the stand's.
_METADATA_VERSION = 12
_ALTER_VERSION = 1
_BROKER = 4
_SET = 0
# The config of the stand's brokers that stops one of them.
_STOPPED = "stend.broker.stopped"


class NoBrokerError(Exception):
    """None of those that were asked has answered, or not as a Kafka."""


class RefusedError(Exception):
    """The cluster says no.

    Attributes:
        code: Kafka's name of the error.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class BrokerView:
    """One broker.

    Attributes:
        address: `host:port`; None for one that does not run and whose address nobody tells.
        leads: partitions that it is the leader of.
        replicas: partitions of which it has a copy.
        out_of_sync: copies that lag behind: they are no part of the ISR.
    """

    id: int
    address: str | None
    running: bool
    leads: int
    replicas: int
    out_of_sync: int


@dataclass(frozen=True, slots=True)
class ClusterView:
    """
    Attributes:
        under_replicated: partitions with a copy that is not in sync.
        without_leader: partitions that nobody can write to or read from.
    """

    brokers: tuple[BrokerView, ...]
    partitions: int
    under_replicated: int
    without_leader: int


def look(
    servers: Sequence[str], known: Mapping[int, str], security: KafkaSecurity = PLAINTEXT
) -> ClusterView:
    """
    Args:
        servers: `host:port` of brokers to ask; the first that answers is believed.
        known: addresses of brokers that there are, by their ids, whether they run or not.

    Raises:
        NoBrokerError
    """
    wanted = {"topics": None, "allow_auto_topic_creation": False}
    told = _ask(servers, ApiKey.METADATA, _METADATA_VERSION, wanted, security)
    running = {one["node_id"]: f"{one['host']}:{one['port']}" for one in told["brokers"]}
    partitions = [one for topic in told["topics"] for one in topic["partitions"]]
    ids = {*known, *running, *(id_ for one in partitions for id_ in one["replica_nodes"])}
    addresses = {**known, **running}
    return ClusterView(
        brokers=tuple(
            _view(id_, addresses.get(id_), id_ in running, partitions) for id_ in sorted(ids)
        ),
        partitions=len(partitions),
        under_replicated=sum(1 for one in partitions if _lagging(one)),
        without_leader=sum(1 for one in partitions if one["leader_id"] not in running),
    )


def _view(
    id_: int, address: str | None, running: bool, partitions: Iterable[Mapping[str, Any]]
) -> BrokerView:
    copies = [one for one in partitions if id_ in one["replica_nodes"]]
    return BrokerView(
        id=id_,
        address=address,
        running=running,
        leads=sum(1 for one in copies if one["leader_id"] == id_),
        replicas=len(copies),
        out_of_sync=sum(1 for one in copies if id_ in _lagging(one)),
    )


def _lagging(partition: Mapping[str, Any]) -> set[int]:
    return {*partition["replica_nodes"]} - {*partition["isr_nodes"]}


def set_stopped(servers: Sequence[str], broker_id: int, *, stopped: bool) -> None:
    """Stops or starts one of the stand's brokers.

    Args:
        servers: asked in this order; a broker that is to be stopped should come last.

    Raises:
        NoBrokerError
        RefusedError: there is no such broker, or it is the last one that runs.
    """
    config = {"name": _STOPPED, "config_operation": _SET, "value": str(stopped).lower()}
    resource = {
        "resource_type": _BROKER,
        "resource_name": str(broker_id),
        "configs": [config],
    }
    told = _ask(
        servers,
        ApiKey.INCREMENTAL_ALTER_CONFIGS,
        _ALTER_VERSION,
        {"resources": [resource], "validate_only": False},
    )
    for answer in told["responses"]:
        if number := answer["error_code"]:
            raise RefusedError(_name_of(number), answer["error_message"] or "")


def _name_of(number: int) -> str:
    return next((code.name for code in ErrorCode if code == number), f"error {number}")


def _ask(
    servers: Sequence[str],
    api_key: ApiKey,
    version: int,
    fields: codec.Fields,
    security: KafkaSecurity = PLAINTEXT,
) -> codec.Fields:
    """The answer of the first broker that gives one."""
    silent = []
    for server in servers:
        host, port = host_and_port(server)
        try:
            return ask(host, port, api_key, version, fields, security)
        except OSError as error:
            silent.append(blame(server, error))
    raise NoBrokerError("; ".join(silent))


def blame(server: str, error: OSError) -> str:
    """The error with the server's address, which some of them name already."""
    said = str(error)
    return said if server in said else f"{server}: {said}"
