"""`stend up --engines docker`: what Docker is asked for, and what is said where it does not answer.

Docker itself is a program that writes down what it was told: what the stand does with it is what is
tested here, on a Redis that answers where the container would.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from stend.engines.redis.launcher import RedisConfig, RedisLauncher
from stend.runtime.addresses import addresses_of
from stend.runtime.rows import VARIABLES
from stend.runtime.settings import parse
from tests.conftest import LiveStand
from tests.waiting import until

PROGRAM = """\
#!/bin/sh
echo "$* at ${LAVKA_REDIS_PORT:-none}" >> %(calls)s
echo "${LAVKA_POSTGRESQL_PASSWORD:-none}" >> %(passwords)s
case "$*" in *%(failing)s*) echo "no space left on device" >&2; exit 17;; esac
"""


@dataclass(frozen=True)
class Docker:
    """The program `docker`, alone on the path."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": str(self.folder)}

    def install(self, failing: str = "nothing") -> None:
        program = self.folder / "docker"
        program.write_text(
            PROGRAM
            % {
                "calls": self.folder / "calls",
                "passwords": self.folder / "passwords",
                "failing": failing,
            }
        )
        program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """What it was told, without the file and the project."""
        lines = (self.folder / "calls").read_text().splitlines()
        return [line.rpartition("compose.yaml ")[2] for line in lines]


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Docker(folder)


def up(stand: LiveStand, docker: Docker, *words: str, **environment: str) -> tuple[int, str]:
    told = {**docker.environment, **environment}
    done = stand.command("up", "--no-browser", "--engines", "docker", *words, **told)
    return done.returncode, done.stderr


def test_without_docker_nothing_is_started(new_stand: LiveStand, docker: Docker) -> None:
    code, said = up(new_stand, docker)
    assert (code, "There is no Docker with the command compose" in said) == (2, True)
    assert "Without Docker: stend up" in said
    assert not new_stand.state.exists()


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        ("compose version", "There is no Docker with the command compose"),
        ("Server.Version", "The server of Docker does not answer"),
    ],
)
def test_what_docker_says_instead_of_an_answer_is_told(
    new_stand: LiveStand, docker: Docker, failing: str, told: str
) -> None:
    docker.install(failing=f'"{failing}"')
    code, said = up(new_stand, docker)
    assert (code, f"{told}" in said, "no space left on device" in said) == (2, True, True)
    assert not new_stand.state.exists()


@pytest.mark.parametrize("detached", [(), ("--detach",)], ids=["foreground", "background"])
def test_engines_that_do_not_start_are_stopped_again(
    new_stand: LiveStand, docker: Docker, detached: tuple[str, ...]
) -> None:
    docker.install(failing="--wait")
    code, said = up(new_stand, docker, *detached)
    assert (code, "docker compose up ended with code 17" in said) == (2, True)
    assert docker.calls[-1].startswith("stop --timeout 20")
    assert not (new_stand.state / "containers.json").exists()


def test_three_brokers_are_refused(new_stand: LiveStand, docker: Docker) -> None:
    code, said = up(new_stand, docker, STEND_KAFKA_BROKERS="3")
    assert (code, "there is one broker in containers" in said) == (2, True)


@pytest.fixture
def elsewhere(live_stand: LiveStand) -> Mapping[str, str]:
    """The variables of engines of another stand, Redis excepted."""
    at = addresses_of(parse({"stand.port_base": live_stand.port_base}, {}, {}))
    urls = {
        "postgresql.url": at.postgresql_url,
        "mysql.url": at.mysql_url,
        "mongodb.url": at.mongodb_url,
        "amqp.url": at.amqp_url,
        "kafka.url": at.kafka_servers[0],
    }
    return {VARIABLES[name]: url for name, url in urls.items()}


@pytest.fixture
def redis(new_stand: LiveStand, tmp_path: Path) -> Iterator[None]:
    """A server where the container would publish its own."""
    port = addresses_of(parse({"stand.port_base": new_stand.port_base}, {}, {})).redis_port
    launcher = RedisLauncher(
        RedisConfig(tmp_path / "redis", tmp_path / "redis.log", "127.0.0.1", port)
    )
    launcher.launch()

    def answers() -> bool:
        assert launcher.failure() is None
        try:
            return bool(launcher.probe())
        except OSError:
            return False

    until(answers)
    yield
    launcher.stop()


@pytest.mark.slow
@pytest.mark.usefixtures("redis")
def test_engines_without_an_address_are_containers_until_the_stand_is_down(
    new_stand: LiveStand, docker: Docker, elsewhere: Mapping[str, str]
) -> None:
    docker.install()
    port = new_stand.port_base + 13
    elsewhere = {**elsewhere, "LAVKA_POSTGRESQL_PASSWORD": "somebody-elses"}
    words = ("--detach", "--fresh", "--only", "identity")
    done = new_stand.command("up", "--engines", "docker", *words, **docker.environment, **elsewhere)
    assert done.returncode == 0, done.stderr
    assert docker.calls[2:] == [
        f"down --volumes --timeout 20 at {port}",
        f"up --detach --wait --wait-timeout 180 redis at {port}",
    ]
    # As the stand comes in, whatever the shell or a file of Compose says.
    assert (docker.folder / "passwords").read_text().split()[2:] == ["lavka", "lavka"]
    (own,) = [one for one in new_stand.status()["engines"] if one["name"] == "redis"]
    assert (own["label"], own["state"], own["url"]) == (
        "real",
        "ready",
        f"redis://127.0.0.1:{port}/0",
    )
    stopped = new_stand.command("down", **docker.environment)
    assert (stopped.returncode, stopped.stderr) == (0, "")
    assert docker.calls[4:] == [f"stop --timeout 20 at {port}"]
    new_stand.command("down", **docker.environment)
    assert len(docker.calls) == 5
