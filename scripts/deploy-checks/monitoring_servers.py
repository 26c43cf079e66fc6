"""A Prometheus, exporters, and the real engines that they read, for as long as a check lasts."""

import contextlib
import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from tools import ROOT, CheckError, found, free_ports, run

CONFIGURATION = ROOT / "deploy" / "prometheus" / "prometheus.yml"
_REAL_ENGINES = ROOT / "scripts" / "real-engines" / "real-engines"
_ENGINES = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka")
# As in deploy/compose: what the user of the shop may read.
_STATUS_ONLY = (
    "--no-collect.slave_status",
    "--no-collect.info_schema.innodb_cmp",
    "--no-collect.info_schema.innodb_cmpmem",
    "--no-collect.info_schema.query_response_time",
)
# A check has no quarter of a minute for each sample.
_EVERY = "1s"
_READY_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.1
_ANSWER_WITHIN_S = 10.0
_STOP_WITHIN_S = 10.0


@contextlib.contextmanager
def real_engines(home: Path) -> Iterator[Mapping[str, str]]:
    """The real servers, and what a stand finds them by in its environment.

    Raises:
        CheckError: one is not installed, or did not start.
    """
    chosen = ("--home", str(home), *_ENGINES)
    try:
        run([_REAL_ENGINES, "start", *chosen])
        lines = (home / "env").read_text("utf-8").splitlines()
        words = (shlex.split(line)[1] for line in lines)
        yield dict(word.split("=", 1) for word in words)
    finally:
        run([_REAL_ENGINES, "stop", *chosen])


@contextlib.contextmanager
def exporters(addresses: Mapping[str, str], folder: Path) -> Iterator[Mapping[str, str]]:
    """What tells Prometheus of databases; the address of each, by its job.

    Raises:
        CheckError: not installed, or it ended at once.
    """
    ports = free_ports(3)
    postgresql, mysql, redis = (f"127.0.0.1:{port}" for port in ports)
    mysql_at = urlsplit(addresses["STEND_MYSQL_URL"])
    account = f"{mysql_at.username}:{mysql_at.password}"
    postgresql_url = f"{addresses['STEND_POSTGRESQL_URL']}?sslmode=disable"
    with contextlib.ExitStack() as running:
        for command, environment in (
            (
                ["prometheus-postgres-exporter", "--web.listen-address", postgresql],
                {"DATA_SOURCE_NAME": postgresql_url},
            ),
            (
                ["prometheus-mysqld-exporter", "--web.listen-address", mysql, *_STATUS_ONLY],
                {"DATA_SOURCE_NAME": f"{account}@({mysql_at.hostname}:{mysql_at.port})/"},
            ),
            (
                ["prometheus-redis-exporter", "--web.listen-address", redis],
                {"REDIS_ADDR": addresses["STEND_REDIS_URL"]},
            ),
        ):
            running.enter_context(process(command, folder, environment))
        for address in (postgresql, mysql, redis):
            until_answered(f"http://{address}/metrics")
        yield {"postgresql": postgresql, "mysql": mysql, "redis": redis}


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs."""

    url: str

    def data(self, expression: str) -> bool:
        """Whether the expression gives a number; NaN is none: 0 / 0 is drawn as nothing.

        Raises:
            CheckError: Prometheus refuses it, or does not answer.
        """
        answer = self._get("/api/v1/query", {"query": expression})
        result = answer["data"]
        values = (one["value"][1] for one in result["result"])
        return any(value != "NaN" for value in values)

    def troubles(self) -> list[str]:
        """Targets that are not up, rules that failed."""
        targets = self._get("/api/v1/targets", {"state": "active"})["data"]["activeTargets"]
        groups = self._get("/api/v1/rules", {})["data"]["groups"]
        down = [
            f"{one['scrapeUrl']}: {one['lastError']}" for one in targets if one["health"] != "up"
        ]
        failed = [
            f"{rule['name']}: {rule.get('lastError')}"
            for group in groups
            for rule in group["rules"]
            if rule["health"] != "ok"
        ]
        return down + failed

    def _get(self, path: str, parameters: Mapping[str, str]) -> Any:
        answer = httpx.get(self.url + path, params=parameters, timeout=30, trust_env=False)
        if not answer.is_success:
            raise CheckError(f"Prometheus says to {parameters}: {answer.text}")
        return answer.json()


@contextlib.contextmanager
def prometheus(at: Mapping[str, Sequence[str]], folder: Path) -> Iterator[Prometheus]:
    """A Prometheus with the configuration of the containers, at other addresses.

    Args:
        at: the addresses of each job; every job of the configuration has to be there.

    Raises:
        CheckError: it is not installed, or does not start.
    """
    (port,) = free_ports(1)
    own = f"127.0.0.1:{port}"
    configuration = yaml.safe_load(CONFIGURATION.read_text("utf-8"))
    configuration["global"] = {"scrape_interval": _EVERY, "evaluation_interval": _EVERY}
    configuration["rule_files"] = [
        str(CONFIGURATION.parent / pattern) for pattern in configuration["rule_files"]
    ]
    for job in configuration["scrape_configs"]:
        addresses = [own] if job["job_name"] == "prometheus" else at[job["job_name"]]
        job["static_configs"] = [{"targets": list(addresses)}]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    command = [
        "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={own}",
        "--log.level=warn",
    ]
    with process(command, folder, {}):
        until_answered(f"http://{own}/-/ready")
        yield Prometheus(f"http://{own}")


@contextlib.contextmanager
def process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs until the block ends; it writes to a log in the folder.

    Raises:
        CheckError: it is not installed.
    """
    name = Path(command[0]).name
    with (folder / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            [found(command[0]), *command[1:]],
            stdout=log,
            stderr=log,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def until_answered(url: str) -> None:
    """
    Raises:
        CheckError: there is no answer in time.
    """
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            answer = httpx.get(url, timeout=_ANSWER_WITHIN_S, trust_env=False)
            said = f"{answer.status_code} {answer.reason_phrase}"
            if answer.is_success:
                return
        except httpx.TransportError as error:
            said = str(error)
        if time.monotonic() > deadline:
            raise CheckError(f"{url} does not answer: {said}")
        time.sleep(_LOOK_EVERY_S)
