"""What the launcher tells the process of the server: a file of JSON in its home."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MongoSettings:
    """
    Attributes:
        home: folder of the data.
        host: where the listeners are bound.
        port: of the first listener, which tells clients to connect to it.
        port_behind_tap: of the second one, which tells them `tap_port`; None where there is no
            tap.
        tap_port: where the tap listens that leads to `port_behind_tap`.
        advertised_host: what clients are told to connect to.
        memory_limit_bytes: how much of documents and indexes is kept.
    """

    home: Path
    host: str
    port: int
    port_behind_tap: int | None
    tap_port: int | None
    advertised_host: str
    memory_limit_bytes: int


def write_settings(path: Path, settings: MongoSettings) -> None:
    facts = {**asdict(settings), "home": str(settings.home)}
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def read_settings(path: Path) -> MongoSettings:
    facts = json.loads(path.read_text(encoding="utf-8"))
    return MongoSettings(**{**facts, "home": Path(facts["home"])})
