"""What the launcher tells the process of the broker: a file of JSON in its home."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AmqpUser:
    """`tags` as in RabbitMQ: `administrator`, `management`, …"""

    name: str
    password: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """
    Attributes:
        home: folder of the journal.
        users: are there after every start, with the rights to everything in `/`.
        memory_limit_bytes: of messages; above it publishers wait.
        names: in the header Host that the management answers to, beside its own.
    """

    home: Path
    host: str
    port: int
    management_port: int
    users: tuple[AmqpUser, ...]
    memory_limit_bytes: int
    names: tuple[str, ...] = ()


def write_config(path: Path, config: BrokerConfig) -> None:
    """Only the owner may read it: there are passwords in it."""
    facts = {**asdict(config), "home": str(config.home)}
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def read_config(path: Path) -> BrokerConfig:
    facts = json.loads(path.read_text(encoding="utf-8"))
    users = tuple(
        AmqpUser(one["name"], one["password"], tuple(one["tags"])) for one in facts["users"]
    )
    made = {"home": Path(facts["home"]), "users": users, "names": tuple(facts["names"])}
    return BrokerConfig(**{**facts, **made})
