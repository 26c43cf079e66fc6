"""Settings of the stand as a whole: where it listens, what it starts, who is let in."""

from enum import StrEnum

from stend.kit.languages import Text
from stend.runtime import parsers
from stend.runtime.rows.row import Row

SERVICES = (
    "orders",
    "catalog",
    "stock",
    "payments",
    "loyalty",
    "delivery",
    "notifications",
    "analytics",
    # Infrastructure beside the eight: it issues the tokens that all of them check.
    "identity",
)


class EngineMode(StrEnum):
    EMBEDDED = "embedded"
    EXTERNAL = "external"
    DOCKER = "docker"


STAND_ROWS: tuple[Row, ...] = (
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
        parsers.integer(1024, 64_900),
        Text(
            ru="Первый порт блока: HTTP — он сам, gRPC — +1, движки — от +10 до +443; отвод "
            "каждого из них ещё на 100 выше.",
            en="First port of the block: HTTP is it, gRPC +1, engines from +10 to +443; the tap "
            "of each another 100 higher.",
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
            ru="embedded — движки стенда, кроме тех, чей адрес задан: это ваши серверы. external — "
            "все движки ваши, и адрес каждого должен быть задан. docker — настоящие движки в "
            "контейнерах, на тех же портах.",
            en="embedded: engines of the stand, except for those whose address is set, which are "
            "yours. external: all of them are yours, and every address must be set. docker: real "
            "engines in containers, on the same ports.",
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
            ru="Открыть отвод: второй порт у каждого адреса, больше на 100, и отводы между "
            "сервисами и движками. Без него сервисы ходят друг к другу напрямую.",
            en="Open the tap: a second port at every address, higher by 100, and taps between "
            "services and engines. Without it services go to each other directly.",
        ),
    ),
    Row(
        "tap.ring_mb",
        "64",
        parsers.integer(1, 4096),
        Text(
            ru="Кольцо записи в МиБ: прошедшие байты и всё, что отвод о них помнит (около 2,4 КБ "
            "на каждую порцию). Забытое сосчитано.",
            en="Ring of the recording in MiB: the bytes that passed, and all that the tap keeps "
            "about them (about 2.4 KB for each chunk). What it lets go is counted.",
        ),
    ),
    Row(
        "stand.allowed_hosts",
        "127.0.0.1,localhost,[::1]",
        parsers.names,
        Text(
            ru="Имена в заголовке Host, на которые отвечает HTTP-порт (защита от DNS rebinding); "
            "stand.host среди них всегда.",
            en="Names in the Host header that the HTTP port answers to (against DNS rebinding); "
            "stand.host is always among them.",
        ),
    ),
)
