"""The shop as compose runs it: nine services, each a process of its own, on shared engines."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
from tools import CheckError, stand

from stend.runtime.rows import SERVICES

HOST = "127.0.0.1"
# A block of a stand has the engines; the services are above it, ten ports each: HTTP, gRPC of
# orders, gRPC of delivery, and those of receivers of webhooks.
ENGINES = 20_000
_FIRST = ENGINES + 600
_PORTS_OF_EACH = 10
_READY_WITHIN_S = 180.0


def base_of(service: str) -> int:
    """Where it listens; the container's 8000."""
    return _FIRST + _PORTS_OF_EACH * SERVICES.index(service)


def addresses(*, by_name: bool) -> dict[str, str]:
    """The variables of gateway.env, with the ports of these processes.

    Args:
        by_name: as in compose; otherwise there is nothing to look up.
    """
    http = ("orders", "catalog", "payments", "loyalty", "notifications", "analytics", "identity")
    places = {f"{name.upper()}_HTTP": (name, base_of(name)) for name in http}
    places["ORDERS_GRPC"] = ("orders", base_of("orders") + 1)
    places["DELIVERY_GRPC"] = ("delivery", base_of("delivery") + 2)
    return {
        variable: f"{name if by_name else HOST}:{port}" for variable, (name, port) in places.items()
    }


@contextlib.contextmanager
def shop_in_pieces(state: Path) -> Iterator[None]:
    """All nine are ready.

    Raises:
        CheckError: the engines or a service did not start.
    """
    # There is no stand without a service; nobody is told of this one.
    with contextlib.ExitStack() as running:
        running.enter_context(stand(ENGINES, "--only", "identity", "--no-tap", state=state))
        served = {name: _serve(name, state, running) for name in SERVICES}
        deadline = time.monotonic() + _READY_WITHIN_S
        with httpx.Client(trust_env=False, timeout=2) as client:
            while waited_for := [name for name in SERVICES if not _is_ready(client, name)]:
                name = next((one for one in waited_for if served[one].poll() is not None), None)
                if name or time.monotonic() > deadline:
                    late = name or waited_for[0]
                    raise CheckError(f"stend serve {late}:\n{_said(state, late)}")
                time.sleep(0.1)
        yield


def _serve(name: str, state: Path, running: contextlib.ExitStack) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "stend", "serve", name, "--port-base", str(base_of(name))]
    with (state / f"{name}.txt").open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **_environment(state)}
        )
    running.callback(process.wait, 20)
    running.callback(process.terminate)
    return process


def _is_ready(client: httpx.Client, name: str) -> bool:
    try:
        return client.get(f"http://{HOST}:{base_of(name)}/stand/ready").status_code == 200
    except httpx.HTTPError:
        return False


def _said(state: Path, name: str) -> str:
    return (state / f"{name}.txt").read_text(encoding="utf-8")


def _environment(state: Path) -> Mapping[str, str]:
    """As compose.yaml tells the containers."""
    at = {name: f"http://{HOST}:{base_of(name)}" for name in SERVICES}
    return {
        "STEND_LANG": "en",
        "STEND_STATE_DIR": str(state),
        "STEND_POSTGRESQL_URL": f"postgresql://lavka:lavka@{HOST}:{ENGINES + 10}/lavka",
        "STEND_MYSQL_URL": f"mysql://lavka:lavka@{HOST}:{ENGINES + 11}/lavka",
        "STEND_MONGODB_URL": f"mongodb://{HOST}:{ENGINES + 12}/lavka",
        "STEND_REDIS_URL": f"redis://{HOST}:{ENGINES + 13}/0",
        "STEND_AMQP_URL": f"amqp://lavka:lavka@{HOST}:{ENGINES + 14}/",
        "STEND_KAFKA_URL": f"{HOST}:{ENGINES + 15}",
        "STEND_AUTH_URL": at["identity"],
        "STEND_PAYMENTS_URL": f"{at['payments']}/soap/bank",
        "STEND_LOYALTY_URL": f"{at['loyalty']}/rpc/loyalty",
        "STEND_DELIVERY_GRPC_TARGET": f"{HOST}:{base_of('delivery') + 2}",
        # Couriers that are at the door in no time.
        "STEND_DELIVERY_TIME_SCALE": "2000",
    }
