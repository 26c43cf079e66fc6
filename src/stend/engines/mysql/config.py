"""What the launcher tells the process of the server: a file of JSON in its home."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may connect; an empty password needs no proof."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class MysqlSettings:
    """
    Attributes:
        home: folder of the settings.
        users: who may connect.
        databases: made when they are missing.
        dsn: connection string of the PostgreSQL that keeps the tables.
    """

    home: Path
    host: str
    port: int
    users: tuple[User, ...]
    databases: tuple[str, ...]
    dsn: str


def write_settings(path: Path, settings: MysqlSettings) -> None:
    facts = {**asdict(settings), "home": str(settings.home)}
    # It holds passwords.
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def read_settings(path: Path) -> MysqlSettings:
    facts = json.loads(path.read_text(encoding="utf-8"))
    return MysqlSettings(
        home=Path(facts["home"]),
        host=facts["host"],
        port=facts["port"],
        users=tuple(User(**one) for one in facts["users"]),
        databases=tuple(facts["databases"]),
        dsn=facts["dsn"],
    )
