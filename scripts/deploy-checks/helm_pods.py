"""The containers of the chart, started here with the very environment that it gives them."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from helm_objects import Pod, environment_of, pods_of
from tools import CheckError, run, stand

from stend.runtime.addresses import addresses_of
from stend.runtime.rows import SERVICES
from stend.runtime.settings import parse

_READY_WITHIN_S = 120
_LOOK_EVERY_S = 0.2
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# HTTP, gRPC of orders and of delivery.
_PORTS_OF_EACH = 3
# A stand without taps, and the services among its ports.
_BLOCK = 444
# What a service has in its pod for itself is a block of ports of its own here.
_OWN_PORTS = {"http": 0, 8001: 1, 8002: 2}

Render = Callable[[dict[str, str]], list[Any]]


@dataclass(frozen=True, slots=True)
class Running:
    """A service of the chart as a process.

    Attributes:
        container: of its pod.
        base: where its ports are, which begin at 8000 in the pod.
    """

    name: str
    container: Any
    base: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")[-2000:]


def check(render: Render, folder: Path, chart: Path) -> str:
    """Migrates, serves all nine, asks their probes, and places an order as `helm test` does.

    Args:
        render: makes the objects for engines at given addresses.
        folder: for state and logs; empty.

    Raises:
        CheckError: something did not start, is not ready, or the order did not get to the door.
    """
    base = _free_block()
    # An engine is what is needed of it; its one service is in nobody's way.
    with stand(base, "--no-tap", "--only", "identity", state=folder / "stand"):
        objects = render(_urls(base))
        pods = {pod.labels["app.kubernetes.io/component"]: pod for pod in pods_of(objects)}
        _migrate(pods["migrations"], objects, folder)
        first = base + _PORTS_OF_EACH * 20
        bases = {name: first + _PORTS_OF_EACH * place for place, name in enumerate(SERVICES)}
        with contextlib.ExitStack() as ending:
            served = [
                ending.enter_context(_served(pods[name], name, objects, bases, folder))
                for name in ("identity", *(one for one in SERVICES if one != "identity"))
            ]
            for one in served:
                _until_ready(one)
            command = [sys.executable, str(chart / "files" / "place_order.py")]
            partner = {"PARTNER_KEYS": "partner:a-long-random-text"}
            orders = f"http://127.0.0.1:{bases['orders']}"
            run([*command, orders], environment=partner)
    return f"{len(served)} pods run as rendered, and an order got to the door"


def _urls(base: int) -> dict[str, str]:
    at = addresses_of(parse({"stand.port_base": base}, {}, {}))
    return {
        "postgresql": at.postgresql_url,
        "mysql": at.mysql_url,
        "mongodb": at.mongodb_url,
        "redis": at.redis_url,
        "rabbitmq": at.amqp_url,
        "kafka": ",".join(at.kafka_servers),
    }


def _free_block() -> int:
    """The first of a block whose every port is free right now."""
    for base in range(20_000, 30_000, 500):
        if all(_is_free(base + offset) for offset in range(_BLOCK)):
            return base
    raise CheckError("no free block of ports between 20000 and 30000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of the one before leave their port for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _migrate(pod: Pod, objects: Sequence[Any], folder: Path) -> None:
    (container,) = pod.spec["containers"]
    environment = _environment(environment_of(container, objects), folder / "migrations")
    done = subprocess.run(
        [sys.executable, "-m", "stend", *container["args"]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CheckError(f"{pod.name}: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def _served(
    pod: Pod, name: str, objects: Sequence[Any], bases: Mapping[str, int], folder: Path
) -> Iterator[Running]:
    (container,) = pod.spec["containers"]
    given = environment_of(container, objects)
    here = {variable: _moved(value, bases) for variable, value in given.items()}
    environment = _environment(here, folder / name)
    environment["STEND_PORT_BASE"] = str(bases[name])
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "stend", *container["args"]]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield Running(name, container, bases[name], process, log)
    finally:
        process.terminate()
        if process.wait(30):
            raise CheckError(f"{name} ended with code {process.returncode}")


def _environment(given: Mapping[str, str], state: Path) -> dict[str, str]:
    """What the container has, where its state may be written, and nothing of this shell's."""
    state.mkdir()
    machine = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**machine, **given, "STEND_ROOT": str(state)}


def _moved(value: str, bases: Mapping[str, int]) -> str:
    """The address of a Service, where it is here."""

    def place(found: re.Match[str]) -> str:
        return f"127.0.0.1:{bases[found[1]] + int(found[2]) - 8000}"

    return re.sub(r"\blavka-stend-([a-z]+):(\d+)", place, value)


def _until_ready(running: Running) -> None:
    until_s = time.monotonic() + _READY_WITHIN_S
    for name in _PROBES:
        while (failure := _failure(running, running.container[name])) is not None:
            if running.process.poll() is not None or time.monotonic() > until_s:
                raise CheckError(f"{running.name}, {name}: {failure}\n{running.said()}")
            time.sleep(_LOOK_EVERY_S)


def _failure(running: Running, probe: Any) -> str | None:
    """As kubelet sees it."""
    if "grpc" in probe:
        port = running.base + _OWN_PORTS[probe["grpc"]["port"]]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            try:
                # The stub is made when it runs, so mypy does not know its methods.
                stub: Any = health_pb2_grpc.HealthStub(channel)
                told = stub.Check(health_pb2.HealthCheckRequest(), timeout=probe["timeoutSeconds"])
            except grpc.RpcError as error:
                return str(error)
        return None if told.status == health_pb2.HealthCheckResponse.SERVING else str(told)
    wanted = probe["httpGet"]
    headers = {one["name"]: one["value"] for one in wanted["httpHeaders"]}
    connection = http.client.HTTPConnection(
        "127.0.0.1", running.base + _OWN_PORTS[wanted["port"]], timeout=probe["timeoutSeconds"]
    )
    try:
        connection.request("GET", wanted["path"], headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except OSError as error:
        return str(error)
    finally:
        connection.close()
    return None if answer.status < http.client.BAD_REQUEST else f"{answer.status} {body!r}"
