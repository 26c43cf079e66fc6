"""What the launcher tells the process of the broker: a file of JSON in its home."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stend.engines.kafka.brokers import Listener


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """
    Attributes:
        home: folder of the journal and the logs.
        host: where all listeners are bound.
        advertised_host: what clients are told to connect to.
        brokers: the listeners of brokers 1, 2, …; a client that came by the second listener of one
            is told the second listeners of all.
        rebalance_delay_ms: how long the first members of a group wait for others.
        default_partitions: of a topic that does not say how many.
        auto_create_topics: whether asking for an unknown topic makes it.
    """

    home: Path
    host: str
    advertised_host: str
    brokers: tuple[tuple[Listener, ...], ...]
    rebalance_delay_ms: int
    default_partitions: int
    auto_create_topics: bool


def write_settings(path: Path, settings: KafkaSettings) -> None:
    facts = {**asdict(settings), "home": str(settings.home)}
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def read_settings(path: Path) -> KafkaSettings:
    facts = json.loads(path.read_text(encoding="utf-8"))
    brokers = tuple(tuple(Listener(**one) for one in broker) for broker in facts["brokers"])
    return KafkaSettings(**{**facts, "home": Path(facts["home"]), "brokers": brokers})
