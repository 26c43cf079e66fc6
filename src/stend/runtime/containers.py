"""The engines in Docker: `deploy/compose/compose.yaml`, started and stopped by its own program.

Each container publishes the port that the stand's own engine would listen on, with the same user
and password: whoever knows the one's address knows the other's.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stend.kit.languages import Text
from stend.runtime.addresses import DATABASE, LEARNER, addresses_of
from stend.runtime.assets import Assets, assets
from stend.runtime.refusals import RefusalError
from stend.runtime.settings import Settings
from stend.runtime.sources import environment

# Beside the process file; who finds it knows that there is something to stop.
MARK = "containers.json"
_WAIT_S = 180
_ASK_TIMEOUT_S = 20
# What a shell says of a command that it does not find.
_NOT_STARTED = 127
# Published there, whatever the stand listens on.
_LOOPBACK = "127.0.0.1"
_PROFILE = "core"
_USER = f"{LEARNER}:{LEARNER}"
# Told to Compose whatever a file .env beside its own says: the stand comes in with these.
PASSWORDS = {f"LAVKA_{engine}_PASSWORD": LEARNER for engine in ("POSTGRESQL", "MYSQL", "RABBITMQ")}


class ContainersError(RefusalError):
    """Docker is not there, or the engines did not start in it."""


@dataclass(frozen=True, slots=True)
class _Published:
    """One engine: its service in the compose file, and the variables that publish its ports."""

    service: str
    ports: Mapping[str, int]


def addresses_in_containers(settings: Settings) -> dict[str, str]:
    """Where the engines answer whose address is not set, by the names of the settings."""
    at = addresses_of(settings)
    # A replica set tells a name that only the containers know.
    mongodb = f"mongodb://{_LOOPBACK}:{at.mongodb_port}/{DATABASE}?directConnection=true"
    all_of_them = {
        "postgresql.url": (settings.postgresql.url, _url("postgresql", at.postgresql_port)),
        "mysql.url": (settings.mysql.url, _url("mysql", at.mysql_port)),
        "mongodb.url": (settings.mongodb.url, mongodb),
        "redis.url": (settings.redis.url, f"redis://{_LOOPBACK}:{at.redis_port}/0"),
        "amqp.url": (settings.amqp.url, f"amqp://{_USER}@{_LOOPBACK}:{at.amqp_port}/"),
        "amqp.management_url": (
            settings.amqp.url,
            f"http://{_LOOPBACK}:{at.amqp_management_port}",
        ),
        "kafka.url": (settings.kafka.url, f"{_LOOPBACK}:{at.kafka_ports[0].direct}"),
    }
    return {name: url for name, (given, url) in all_of_them.items() if not given}


def _url(scheme: str, port: int) -> str:
    return f"{scheme}://{_USER}@{_LOOPBACK}:{port}/{DATABASE}"


class Containers:
    """The engines of one stand in Docker.

    Args:
        settings: as given: an engine whose address is set is somebody else's.
        state: folder of the stand.
    """

    def __init__(self, settings: Settings, state: Path) -> None:
        self._settings = settings
        self._state = state

    @property
    def were_started(self) -> bool:
        return (self._state / MARK).exists()

    def start(self, *, fresh: bool) -> None:
        """Blocks until every engine answers; what Docker says goes to standard error.

        Args:
            fresh: forget what the engines hold, first.

        Raises:
            ContainersError
        """
        _ask_docker()
        services = [one.service for one in self._published()]
        if not services:
            raise ContainersError(
                Text(
                    ru="Адрес каждого движка задан, в контейнерах запускать нечего: "
                    "stend up --engines external.",
                    en="Every engine has an address, there is nothing to start in containers: "
                    "stend up --engines external.",
                )
            )
        if fresh:
            self._compose("down", "--volumes", "--timeout", "20")
        self._state.mkdir(parents=True, exist_ok=True)
        mark = json.dumps({"project": self._project, "services": services})
        (self._state / MARK).write_text(mark, encoding="utf-8")
        self._compose("up", "--detach", "--wait", "--wait-timeout", str(_WAIT_S), *services)

    def stop(self) -> None:
        """Blocks until they have stopped; what they hold stays. Without a start it does nothing.

        Raises:
            ContainersError
        """
        if not self.were_started:
            return
        self._compose("stop", "--timeout", "20")
        (self._state / MARK).unlink(missing_ok=True)

    def ports(self) -> dict[str, int]:
        """Where the engines are published on this machine, by the compose file's variables."""
        return {
            f"LAVKA_{name}_PORT": port
            for one in self._published()
            for name, port in one.ports.items()
        }

    @property
    def _project(self) -> str:
        return f"stend-{self._settings.stand.port_base}"

    def _published(self) -> list[_Published]:
        settings, at = self._settings, addresses_of(self._settings)
        amqp = {"AMQP": at.amqp_port, "AMQP_MANAGEMENT": at.amqp_management_port}
        candidates = (
            (settings.postgresql.url, _Published("postgresql", {"POSTGRESQL": at.postgresql_port})),
            (settings.mysql.url, _Published("mysql", {"MYSQL": at.mysql_port})),
            (settings.mongodb.url, _Published("mongodb", {"MONGODB": at.mongodb_port})),
            (settings.redis.url, _Published("redis", {"REDIS": at.redis_port})),
            (settings.amqp.url, _Published("rabbitmq", amqp)),
            (settings.kafka.url, _Published("kafka", {"KAFKA": at.kafka_ports[0].direct})),
        )
        return [published for url, published in candidates if not url]

    def _compose(self, *words: str) -> None:
        ports = {name: str(port) for name, port in self.ports().items()}
        command = [
            *("docker", "compose", "--project-name", self._project, "--profile", _PROFILE),
            *("--file", str(assets(Assets.DEPLOY) / "compose" / "compose.yaml")),
            *words,
        ]
        # Its progress is for the reader of the terminal; standard output may be somebody's JSON.
        code = _call(command, {**environment(), **ports, **PASSWORDS})
        if code:
            raise ContainersError(
                Text(
                    ru=f"docker compose {words[0]} закончился с кодом {code}: причина выше. "
                    "Журналы: docker compose --project-name "
                    f"{self._project} logs. Стенд со своими движками: stend up.",
                    en=f"docker compose {words[0]} ended with code {code}: the reason is above. "
                    "Logs: docker compose --project-name "
                    f"{self._project} logs. A stand with engines of its own: stend up.",
                )
            )


def _ask_docker() -> None:
    """
    Raises:
        ContainersError: there is no Docker, no compose in it, or nobody answers.
    """
    for command, missing in (
        (
            ["docker", "compose", "version"],
            Text(
                ru="Нет Docker с командой compose (нужен Docker Compose 2.20 или новее)",
                en="There is no Docker with the command compose (Docker Compose 2.20 or newer is "
                "needed)",
            ),
        ),
        (
            ["docker", "version", "--format", "{{.Server.Version}}"],
            Text(ru="Сервер Docker не отвечает", en="The server of Docker does not answer"),
        ),
    ):
        if said := _refusal(command):
            raise ContainersError(
                Text(
                    ru=f"{missing.ru}: {said}. Без Docker: stend up, движки тогда встроенные.",
                    en=f"{missing.en}: {said}. Without Docker: stend up, with embedded engines.",
                )
            )


def _refusal(command: Sequence[str]) -> str | None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_ASK_TIMEOUT_S, check=False
        )
    except OSError as error:
        return str(error.strerror)
    except subprocess.TimeoutExpired:
        return f"no answer within {_ASK_TIMEOUT_S} s"
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines()
    return lines[0] if lines else f"exit code {done.returncode}"


def _call(command: Sequence[str], variables: Mapping[str, str]) -> int:
    try:
        done = subprocess.run(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
        )
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 - as Docker's own
        return _NOT_STARTED
    return done.returncode
