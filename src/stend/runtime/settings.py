"""Every setting is one row: name, type, default, help. The rows make the tree and the docs.

Sources, the first wins: command line, environment, stend.toml, default. All errors are reported
at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stend.kit.languages import Text

SERVICES = ("orders",)


class EngineMode(StrEnum):
    EMBEDDED = "embedded"
    EXTERNAL = "external"


class SettingsError(Exception):
    """One line per wrong setting: where it stands, its value, what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class StandSettings:
    host: str
    port_base: int
    state_dir: Path
    engines: EngineMode
    only: tuple[str, ...]
    tap: bool
    allowed_hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostgresqlSettings:
    url: str


@dataclass(frozen=True, slots=True)
class OrdersSettings:
    database_url: str
    rest_url: str
    grpc_target: str
    pool_size: int
    deadline_s: float
    body_limit_bytes: int
    heartbeat_s: float
    stream_s: float


@dataclass(frozen=True, slots=True)
class Settings:
    stand: StandSettings
    postgresql: PostgresqlSettings
    orders: OrdersSettings


@dataclass(frozen=True, slots=True)
class Row:
    """One setting.

    Attributes:
        name: `section.key`, as in stend.toml; the environment has it as STEND_SECTION_KEY.
        default: as text, as a person would write it.
        parse: from text or a TOML value; raises ValueError with what was expected.
    """

    name: str
    default: str
    parse: Callable[[Any], Any]
    help: Text

    @property
    def variable(self) -> str:
        # The stand's own settings need no section: STEND_PORT_BASE reads better.
        path = self.name.removeprefix("stand.")
        return "STEND_" + path.replace(".", "_").upper()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _integer(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        expected = f"a whole number from {low} to {high}"
        try:
            number = value if isinstance(value, int) else int(_text(value))
        except ValueError:
            raise ValueError(expected) from None
        if isinstance(value, bool) or not low <= number <= high:
            raise ValueError(expected)
        return number

    return parse


def _seconds(low: float, high: float) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        expected = f"seconds from {low:g} to {high:g}"
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(expected) from None
        if not low <= number <= high:
            raise ValueError(expected)
        return number

    return parse


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise ValueError("true or false")
    return words[value.lower()]


def _mode(value: Any) -> EngineMode:
    try:
        return EngineMode(value)
    except ValueError:
        raise ValueError("embedded or external") from None


def _names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ValueError("names, separated by commas")
    return tuple(part.strip() for part in parts if part.strip())


def _services(value: Any) -> tuple[str, ...]:
    names = _names(value)
    if unknown := sorted(set(names) - set(SERVICES)):
        raise ValueError(f"services among: {', '.join(SERVICES)}; unknown: {', '.join(unknown)}")
    return names


def _path(value: Any) -> Path:
    return Path(_text(value)).expanduser()


def _postgresql_url(value: Any) -> str:
    url = urlsplit(_text(value))
    if value and (url.scheme != "postgresql" or not url.hostname or len(url.path) <= 1):
        raise ValueError("postgresql://user:password@host:port/database")
    return str(value)


def _http_url(value: Any) -> str:
    url = urlsplit(_text(value))
    if value and (url.scheme not in {"http", "https"} or not url.hostname):
        raise ValueError("http://host:port")
    return str(value).rstrip("/")


def _target(value: Any) -> str:
    host, _, port = _text(value).rpartition(":")
    if value and not (host and port.isdecimal()):
        raise ValueError("host:port")
    return str(value)


ROWS: tuple[Row, ...] = (
    Row(
        "stand.host",
        "127.0.0.1",
        _text,
        Text(
            ru="Адрес, на котором слушают все части стенда.",
            en="The address that every part of the stand listens on.",
        ),
    ),
    Row(
        "stand.port_base",
        "8000",
        _integer(1024, 65_000),
        Text(
            ru="Первый порт блока: HTTP — он сам, gRPC — +1, PostgreSQL — +10, отводы — ещё +100.",
            en="First port of the block: HTTP is it, gRPC +1, PostgreSQL +10, taps another +100.",
        ),
    ),
    Row(
        "stand.state_dir",
        ".stend",
        _path,
        Text(
            ru="Папка состояния: данные движков, журналы, файл процесса.",
            en="Folder of the state: engines' data, logs, the process file.",
        ),
    ),
    Row(
        "stand.engines",
        "embedded",
        _mode,
        Text(
            ru="Кто отвечает на адресах движков: embedded — из пакетов, external — ваши серверы.",
            en="Who answers at the engines' addresses: embedded from wheels, or your own servers.",
        ),
    ),
    Row(
        "stand.only",
        "",
        _services,
        Text(
            ru="Какие сервисы запускать, через запятую; пусто — все.",
            en="Which services to start, separated by commas; empty means all.",
        ),
    ),
    Row(
        "stand.tap",
        "true",
        _switch,
        Text(
            ru="Открыть отвод: второй порт у каждого адреса, больше на 100.",
            en="Open the tap: a second port at every address, higher by 100.",
        ),
    ),
    Row(
        "stand.allowed_hosts",
        "127.0.0.1,localhost,[::1]",
        _names,
        Text(
            ru="Имена в заголовке Host, на которые отвечает HTTP-порт (защита от DNS rebinding).",
            en="Names in the Host header that the HTTP port answers to (against DNS rebinding).",
        ),
    ),
    Row(
        "postgresql.url",
        "",
        _postgresql_url,
        Text(
            ru="Адрес внешнего PostgreSQL; нужен при engines = external.",
            en="Address of the external PostgreSQL; needed when engines = external.",
        ),
    ),
    Row(
        "orders.database_url",
        "",
        _postgresql_url,
        Text(
            ru="База сервиса orders; пусто — PostgreSQL стенда.",
            en="Database of the service orders; empty means the stand's PostgreSQL.",
        ),
    ),
    Row(
        "orders.rest_url",
        "",
        _http_url,
        Text(
            ru="Где клиенты ищут REST сервиса orders; пусто — HTTP-порт стенда.",
            en="Where clients look for the REST of orders; empty means the stand's HTTP port.",
        ),
    ),
    Row(
        "orders.grpc_target",
        "",
        _target,
        Text(
            ru="Где клиенты ищут gRPC сервиса orders; пусто — gRPC-порт стенда.",
            en="Where clients look for the gRPC of orders; empty means the stand's gRPC port.",
        ),
    ),
    Row(
        "orders.pool_size",
        "8",
        _integer(1, 50),
        Text(
            ru="Соединений с базой на чтение и столько же на запись.",
            en="Connections to the database for reads, and as many again for writes.",
        ),
    ),
    Row(
        "orders.deadline_s",
        "5",
        _seconds(0.05, 60),
        Text(
            ru="Сколько секунд даётся одной операции.",
            en="Seconds that one operation may take.",
        ),
    ),
    Row(
        "orders.body_limit_bytes",
        "1048576",
        _integer(1024, 64 * 1024 * 1024),
        Text(
            ru="Наибольший размер тела запроса или сообщения gRPC, байт.",
            en="Largest request body or gRPC message, bytes.",
        ),
    ),
    Row(
        "orders.heartbeat_s",
        "5",
        _seconds(0.05, 60),
        Text(
            ru="Как часто в молчащий поток SSE уходит комментарий.",
            en="How often a silent SSE stream sends a comment.",
        ),
    ),
    Row(
        "orders.stream_s",
        "300",
        _seconds(0.1, 86_400),
        Text(
            ru="Через сколько секунд сервер закрывает поток SSE; клиент вернётся сам.",
            en="After how many seconds the server closes an SSE stream; the client comes back.",
        ),
    ),
)


def parse(
    command_line: Mapping[str, Any], environment: Mapping[str, str], file: Mapping[str, Any]
) -> Settings:
    """The frozen tree.

    Args:
        command_line: by row name, only what was given.
        environment: the whole environment.
        file: the parsed stend.toml, sections as tables.

    Raises:
        SettingsError: with every wrong value, unknown key and unknown STEND_ variable.
    """
    problems = _unknown_keys(file)
    values: dict[str, Any] = {}
    for row in ROWS:
        source, raw = _raw(row, command_line, environment, file)
        try:
            values[row.name] = row.parse(raw)
        except ValueError as error:
            problems.append(f"{source}: {raw!r} is not {error}")
    if not problems and values["stand.engines"] is EngineMode.EXTERNAL:
        problems += _missing_for_external(values)
    if problems:
        raise SettingsError(problems)
    return Settings(
        StandSettings(**_section("stand", values)),
        PostgresqlSettings(**_section("postgresql", values)),
        OrdersSettings(**_section("orders", values)),
    )


def _raw(
    row: Row,
    command_line: Mapping[str, Any],
    environment: Mapping[str, str],
    file: Mapping[str, Any],
) -> tuple[str, Any]:
    section, key = row.name.split(".")
    if command_line.get(row.name) is not None:
        return f"command line, {row.name}", command_line[row.name]
    if row.variable in environment:
        return f"environment, {row.variable}", environment[row.variable]
    table = file.get(section)
    if isinstance(table, Mapping) and key in table:
        return f"stend.toml, {row.name}", table[key]
    return f"default, {row.name}", row.default


def _unknown_keys(file: Mapping[str, Any]) -> list[str]:
    known = {row.name for row in ROWS}
    problems = []
    for section, table in file.items():
        if not isinstance(table, Mapping):
            problems.append(f"stend.toml, {section}: expected a [section] with keys below it")
            continue
        problems += [
            f"stend.toml, {section}.{key}: no such setting; docs/settings.md lists them all"
            for key in table
            if f"{section}.{key}" not in known
        ]
    return problems


def _missing_for_external(values: Mapping[str, Any]) -> list[str]:
    if values["postgresql.url"]:
        return []
    example = "STEND_POSTGRESQL_URL=postgresql://user:password@127.0.0.1:5432/lavka"
    problem = "postgresql.url is missing: engines = external needs the address of your server"
    return [f"{problem}, for example {example}"]


def _section(section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    prefix = f"{section}."
    return {name.removeprefix(prefix): v for name, v in values.items() if name.startswith(prefix)}
