"""Every setting is one row: name, type, default, help. The rows make the tree and the docs.

Sources, the first wins: command line, environment, stend.toml, default. All errors are reported
at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from stend.kit.languages import Text
from stend.runtime import parsers

SERVICES = ("orders",)


class EngineMode(StrEnum):
    EMBEDDED = "embedded"
    EXTERNAL = "external"


# Read by the bootstrap and by the command line before there are settings.
_OTHER_VARIABLES = frozenset({"STEND_ROOT", "STEND_LANG"})


class SettingsError(Exception):
    """One line per wrong setting: where it stands, its value, what was expected."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__("\n".join(problem.en for problem in problems))
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
        parse: from text or a TOML value; raises ExpectedError with what was expected.
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


ROWS: tuple[Row, ...] = (
    Row(
        "stand.host",
        "127.0.0.1",
        parsers.text,
        Text(
            ru="Адрес, на котором слушают все части стенда.",
            en="The address that every part of the stand listens on.",
        ),
    ),
    Row(
        "stand.port_base",
        "8000",
        parsers.integer(1024, 65_000),
        Text(
            ru="Первый порт блока: HTTP — он сам, gRPC — +1, PostgreSQL — +10, отводы — ещё +100.",
            en="First port of the block: HTTP is it, gRPC +1, PostgreSQL +10, taps another +100.",
        ),
    ),
    Row(
        "stand.state_dir",
        ".stend",
        parsers.path,
        Text(
            ru="Папка состояния: данные движков, журналы, файл процесса.",
            en="Folder of the state: engines' data, logs, the process file.",
        ),
    ),
    Row(
        "stand.engines",
        "embedded",
        parsers.one_of(EngineMode),
        Text(
            ru="Кто отвечает на адресах движков: embedded — из пакетов, external — ваши серверы.",
            en="Who answers at the engines' addresses: embedded from wheels, or your own servers.",
        ),
    ),
    Row(
        "stand.only",
        "",
        parsers.names_among(SERVICES),
        Text(
            ru="Какие сервисы запускать, через запятую; пусто — все.",
            en="Which services to start, separated by commas; empty means all.",
        ),
    ),
    Row(
        "stand.tap",
        "true",
        parsers.switch,
        Text(
            ru="Открыть отвод: второй порт у каждого адреса, больше на 100.",
            en="Open the tap: a second port at every address, higher by 100.",
        ),
    ),
    Row(
        "stand.allowed_hosts",
        "127.0.0.1,localhost,[::1]",
        parsers.names,
        Text(
            ru="Имена в заголовке Host, на которые отвечает HTTP-порт (защита от DNS rebinding).",
            en="Names in the Host header that the HTTP port answers to (against DNS rebinding).",
        ),
    ),
    Row(
        "postgresql.url",
        "",
        parsers.postgresql_url,
        Text(
            ru="Адрес внешнего PostgreSQL; нужен при engines = external.",
            en="Address of the external PostgreSQL; needed when engines = external.",
        ),
    ),
    Row(
        "orders.database_url",
        "",
        parsers.postgresql_url,
        Text(
            ru="База сервиса orders; пусто — PostgreSQL стенда.",
            en="Database of the service orders; empty means the stand's PostgreSQL.",
        ),
    ),
    Row(
        "orders.rest_url",
        "",
        parsers.http_url,
        Text(
            ru="Где клиенты ищут REST сервиса orders; пусто — HTTP-порт стенда.",
            en="Where clients look for the REST of orders; empty means the stand's HTTP port.",
        ),
    ),
    Row(
        "orders.grpc_target",
        "",
        parsers.target,
        Text(
            ru="Где клиенты ищут gRPC сервиса orders; пусто — gRPC-порт стенда.",
            en="Where clients look for the gRPC of orders; empty means the stand's gRPC port.",
        ),
    ),
    Row(
        "orders.pool_size",
        "8",
        parsers.integer(1, 50),
        Text(
            ru="Соединений с базой на чтение и столько же на запись.",
            en="Connections to the database for reads, and as many again for writes.",
        ),
    ),
    Row(
        "orders.deadline_s",
        "5",
        parsers.seconds(0.05, 60),
        Text(
            ru="Сколько секунд даётся одной операции.",
            en="Seconds that one operation may take.",
        ),
    ),
    Row(
        "orders.body_limit_bytes",
        "1048576",
        parsers.integer(1024, 64 * 1024 * 1024),
        Text(
            ru="Наибольший размер тела запроса или сообщения gRPC, байт.",
            en="Largest request body or gRPC message, bytes.",
        ),
    ),
    Row(
        "orders.heartbeat_s",
        "5",
        parsers.seconds(0.05, 60),
        Text(
            ru="Как часто в молчащий поток SSE уходит комментарий.",
            en="How often a silent SSE stream sends a comment.",
        ),
    ),
    Row(
        "orders.stream_s",
        "300",
        parsers.seconds(0.1, 86_400),
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
    problems = [*_unknown_keys(file), *_unknown_variables(environment)]
    values: dict[str, Any] = {}
    for row in ROWS:
        source, raw = _raw(row, command_line, environment, file)
        try:
            values[row.name] = row.parse(raw)
        except parsers.ExpectedError as error:
            problems.append(_not_expected(source, raw, error.expected))
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
) -> tuple[Text, Any]:
    section, key = row.name.split(".")
    if command_line.get(row.name) is not None:
        return _place("командная строка", "command line", row.name), command_line[row.name]
    if row.variable in environment:
        return _place("окружение", "environment", row.variable), environment[row.variable]
    table = file.get(section)
    if isinstance(table, Mapping) and key in table:
        return _place("stend.toml", "stend.toml", row.name), table[key]
    return _place("умолчание", "default", row.name), row.default


def _place(ru: str, en: str, name: str) -> Text:
    return Text(ru=f"{ru}, {name}", en=f"{en}, {name}")


def _not_expected(place: Text, raw: object, expected: Text) -> Text:
    return Text(
        ru=f"{place.ru}: {raw!r}, а ожидается {expected.ru}",
        en=f"{place.en}: {raw!r} is not {expected.en}",
    )


def _unknown_keys(file: Mapping[str, Any]) -> list[Text]:
    known = {row.name for row in ROWS}
    problems = []
    for section, table in file.items():
        if not isinstance(table, Mapping):
            problems.append(
                Text(
                    ru=f"stend.toml, {section}: ожидается [раздел] с ключами под ним",
                    en=f"stend.toml, {section}: expected a [section] with keys below it",
                )
            )
            continue
        names = (f"{section}.{key}" for key in table)
        problems += [_no_such("stend.toml", name) for name in names if name not in known]
    return problems


def _unknown_variables(environment: Mapping[str, str]) -> list[Text]:
    # A misspelt variable that is ignored would start another stand than the one that was meant.
    known = {row.variable for row in ROWS} | _OTHER_VARIABLES
    given = sorted(name for name in environment if name.startswith("STEND_"))
    return [_no_such("environment", name) for name in given if name not in known]


def _no_such(source: str, name: str) -> Text:
    russian = "окружение" if source == "environment" else source
    return Text(
        ru=f"{russian}, {name}: такой настройки нет; все перечислены в docs/settings.ru.md",
        en=f"{source}, {name}: no such setting; docs/settings.md lists them all",
    )


def _missing_for_external(values: Mapping[str, Any]) -> list[Text]:
    if values["postgresql.url"]:
        return []
    example = "STEND_POSTGRESQL_URL=postgresql://user:password@127.0.0.1:5432/lavka"
    return [
        Text(
            ru="postgresql.url не задан: при engines = external нужен адрес вашего сервера, "
            f"например {example}",
            en="postgresql.url is missing: engines = external needs the address of your server, "
            f"for example {example}",
        )
    ]


def _section(section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    prefix = f"{section}."
    return {name.removeprefix(prefix): v for name, v in values.items() if name.startswith(prefix)}
