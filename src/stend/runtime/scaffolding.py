"""Makes a project of a learner's own from one of the templates beside the source."""

import keyword
import os
import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from stend.kit.languages import Language, Text
from stend.runtime.assets import Assets, assets
from stend.runtime.refusals import RefusalError

# The one thing that differs between two projects of a kind.
PLACEHOLDER = "__PROJECT__"
_NAME = re.compile(r"[a-z](?:-?[a-z0-9]){1,39}")
# Files that Windows takes for devices, whatever their folder.
_DEVICES = frozenset({"con", "prn", "aux", "nul"})
# What every project has: its name beside the templates, and in the project.
_EVERYWHERE = {"gitignore": ".gitignore", "pytest.ini": "pytest.ini"}


class Kind(StrEnum):
    """What a project can be; each is a folder of `templates/`."""

    REST = "rest"
    JSONRPC = "jsonrpc"
    SOAP = "soap"
    GRAPHQL = "graphql"
    GRPC = "grpc"
    WEBSOCKET = "websocket"
    WEBHOOK = "webhook"
    RABBITMQ = "rabbitmq"
    KAFKA = "kafka"
    SAGA = "saga"
    DWH = "dwh"


SUMMARIES = {
    Kind.REST: Text(
        ru="REST: заказы, ключ идемпотентности, problem+json (FastAPI)",
        en="REST: orders, idempotency key, problem+json (FastAPI)",
    ),
    Kind.JSONRPC: Text(
        ru="JSON-RPC 2.0: баллы, пакеты и уведомления (Starlette)",
        en="JSON-RPC 2.0: points, batches and notifications (Starlette)",
    ),
    Kind.SOAP: Text(
        ru="SOAP 1.1: платежи по WSDL и XSD, fault с деталями (lxml, zeep)",
        en="SOAP 1.1: payments by WSDL and XSD, faults with details (lxml, zeep)",
    ),
    Kind.GRAPHQL: Text(
        ru="GraphQL: каталог без N+1, с пределом глубины (Strawberry)",
        en="GraphQL: a catalogue without N+1, with a bound on depth (Strawberry)",
    ),
    Kind.GRPC: Text(
        ru="gRPC: доставка, поток позиций, дедлайны, health (grpc.aio)",
        en="gRPC: delivery, a stream of positions, deadlines, health (grpc.aio)",
    ),
    Kind.WEBSOCKET: Text(
        ru="WebSocket: подписки, продолжение с места обрыва (websockets)",
        en="WebSocket: subscriptions that go on where they were cut (websockets)",
    ),
    Kind.WEBHOOK: Text(
        ru="Вебхуки с подписью: приёмник и отправитель (Standard Webhooks)",
        en="Signed webhooks: a receiver and a sender (Standard Webhooks)",
    ),
    Kind.RABBITMQ: Text(
        ru="RabbitMQ: рабочая очередь, повторы, очередь мёртвых (aio-pika)",
        en="RabbitMQ: a work queue, retries, dead letters (aio-pika)",
    ),
    Kind.KAFKA: Text(
        ru="Kafka: потребитель без повторной обработки (confluent-kafka)",
        en="Kafka: a consumer that does nothing twice (confluent-kafka)",
    ),
    Kind.SAGA: Text(
        ru="Сага: компенсации и outbox на SQLite, переживает kill -9",
        en="A saga: compensations and an outbox on SQLite, survives kill -9",
    ),
    Kind.DWH: Text(
        ru="Хранилище: инкрементальная загрузка, SCD2 (DuckDB, Parquet)",
        en="A warehouse: incremental loads, SCD2 (DuckDB, Parquet)",
    ),
}


class ScaffoldingError(RefusalError):
    """The project cannot be made; nothing was written."""


@dataclass(frozen=True, slots=True)
class Project:
    """
    Attributes:
        files: their names from the folder on, sorted.
    """

    kind: Kind
    name: str
    folder: Path
    files: tuple[str, ...]


def make_project(kind: Kind, folder: Path, language: Language, name: str | None = None) -> Project:
    """Lays the template there, all of it or nothing.

    Args:
        folder: need not exist; what stands in one is never touched.
        language: of the README; code and comments are in English.
        name: of the project; None for the name of the folder.

    Raises:
        ScaffoldingError: the name cannot be one, the folder is not empty or cannot be written to.
        AssetsMissingError: this installation has no templates.
    """
    place = folder.resolve()
    source = assets(Assets.TEMPLATES)
    contents = contents_of(source, kind, language)
    chosen = _checked_name(place.name if name is None else name, contents)
    made = {path: text.replace(PLACEHOLDER, chosen) for path, text in contents.items()}
    try:
        _refuse_what_is_there(place)
        _write(place, made)
    except OSError as error:
        raise _unwritable(place, error) from error
    return Project(kind, chosen, place, tuple(sorted(made)))


def contents_of(source: Path, kind: Kind, language: Language) -> dict[str, str]:
    """The text of every file of a project by its name there.

    Args:
        source: the folder of all templates.
    """
    made = {
        name: (source / kept_as).read_text(encoding="utf-8")
        for kept_as, name in _EVERYWHERE.items()
    }
    for path in sorted((source / kind).rglob("*")):
        name = path.relative_to(source / kind).as_posix()
        # Caches of whoever ran a template where it lies.
        if path.is_dir() or any(part.startswith((".", "__")) for part in name.split("/")):
            continue
        if not name.startswith("README."):
            made[name] = path.read_text(encoding="utf-8")
    readme = source / kind / f"README.{language.value}.md"
    made["README.md"] = readme.read_text(encoding="utf-8")
    return made


def _checked_name(name: str, contents: dict[str, str]) -> str:
    reserved = name in _DEVICES or re.fullmatch(r"(?:com|lpt)\d", name)
    taken = keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in _libraries(contents)
    if _NAME.fullmatch(name) and not reserved and not taken:
        return name
    raise ScaffoldingError(
        Text(
            ru=f"Имя проекта {name!r} не годится. Нужны от 2 до 40 строчных латинских букв, цифр и "
            "одиночных дефисов, первая — буква; не слово Python, не имя библиотеки проекта и не "
            "устройство Windows. Другое имя: --name my-service",
            en=f"The project cannot be named {name!r}. Expected: 2 to 40 lower-case Latin letters, "
            "digits and single hyphens, a letter first; no word of Python, no library of the "
            "project, no device of Windows. Another name: --name my-service",
        )
    )


def _libraries(contents: dict[str, str]) -> set[str]:
    texts = [text for name, text in contents.items() if name.startswith("requirements")]
    lines = [line for text in texts for line in text.splitlines() if "==" in line]
    return {line.partition("==")[0].partition("[")[0].lower() for line in lines}


def _refuse_what_is_there(place: Path) -> None:
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        return
    raise ScaffoldingError(
        Text(
            ru=f"{place} уже существует и не пуста, а файлы проекта ничего не перезаписывают. "
            "Назовите новую или пустую папку.",
            en=f"{place} is there and not empty, and a project overwrites nothing. "
            "Name a folder that is new or empty.",
        )
    )


def _write(place: Path, contents: dict[str, str]) -> None:
    """Into a draft first, so that a full disk leaves no half of a project."""
    # The folder itself stays the one that is there: a shell may stand in it.
    there = place.is_dir()
    if not there:
        place.parent.mkdir(parents=True, exist_ok=True)
    draft = (place if there else place.parent) / f".{place.name}.new-{os.getpid()}"
    draft.mkdir()
    try:
        for name, text in contents.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        if not there:
            draft.rename(place)
            return
        for one in draft.iterdir():
            one.rename(place / one.name)
        draft.rmdir()
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _unwritable(place: Path, error: OSError) -> ScaffoldingError:
    reason = error.strerror or str(error)
    return ScaffoldingError(
        Text(
            ru=f"Проект в {place} не создан: {reason}. Назовите папку, в которую можно писать.",
            en=f"No project was made in {place}: {reason}. Name a folder that can be written to.",
        )
    )
