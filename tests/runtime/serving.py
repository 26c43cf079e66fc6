"""Every service of the shop served alone: a process and ports of its own, the engines shared."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from stend.runtime.rows import ROWS, SERVICES
from tests.conftest import PROJECT, free_port_base
from tests.guarantees.shop.engines import Engines, engines_alone
from tests.waiting import until

# Offsets of a block that no stand uses, not even that of another block: HTTP, gRPC of orders and of
# delivery for each.
_FIRST_OFFSET = 50
_PORTS_OF_EACH = 3
_READY_WITHIN_S = 120
SECRET_OF = {name: f"{name}-secret-of-this-test" for name in ("orders", "traffic", "readonly")}
_READY = "Stop it with Ctrl-C"


@dataclass(frozen=True, slots=True)
class Served:
    """
    Attributes:
        printed: the file with what `stend serve` said.
    """

    name: str
    port_base: int
    process: "subprocess.Popen[bytes]"
    printed: Path
    state: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port_base}"

    def said(self) -> str:
        return self.printed.read_text(encoding="utf-8")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said()
        return _READY in self.said()


@dataclass(frozen=True, slots=True)
class Shop:
    """
    Attributes:
        settings: of every process, its port base excepted.
    """

    engines: Engines
    settings: Mapping[str, Any]
    services: Mapping[str, Served]

    def token(self, client_id: str) -> str:
        """The value of the header Authorization."""
        answer = httpx.post(
            f"{self.services['identity'].url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, SECRET_OF[client_id]),
            trust_env=False,
        )
        return f"Bearer {answer.json()['access_token']}"

    def serve(self, name: str, port_base: int) -> Served:
        root = self.engines.root
        printed = root / f"{name}-{port_base}.txt"
        with printed.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "stend", "serve", name, "--port-base", str(port_base)],
                stdout=output,
                stderr=output,
                env=self.environment(),
            )
        return Served(name, port_base, process, printed, root / ".stend" / str(port_base))

    def environment(self) -> dict[str, str]:
        variables = {row.name: row.variable for row in ROWS}
        wanted = {variables[name]: str(value) for name, value in self.settings.items()}
        own = {
            "STEND_ROOT": str(self.engines.root),
            "STEND_LANG": "en",
            "PYTHONPATH": str(PROJECT / "src"),
        }
        return {**os.environ, **wanted, **own}


@contextlib.contextmanager
def shop_in_pieces() -> Iterator[Shop]:
    """All nine are ready, and nobody gets in without a token."""
    with engines_alone() as engines, contextlib.ExitStack() as running:
        first = free_port_base() + _FIRST_OFFSET
        bases = {name: first + _PORTS_OF_EACH * place for place, name in enumerate(SERVICES)}
        services: dict[str, Served] = {}
        shop = Shop(engines, _settings(engines, bases), services)
        # Who comes later finds the keys of the tokens when it starts.
        for names in (("identity",), tuple(name for name in SERVICES if name != "identity")):
            for name in names:
                services[name] = shop.serve(name, bases[name])
                running.callback(end, services[name])
            for name in names:
                until(services[name].is_ready, _READY_WITHIN_S)
        yield shop


def end(served: Served) -> None:
    if served.process.poll() is None:
        served.process.terminate()
    served.process.wait(20)


def _settings(engines: Engines, bases: Mapping[str, int]) -> dict[str, Any]:
    at = {name: f"127.0.0.1:{base}" for name, base in bases.items()}
    engines_settings = dict(engines.settings)
    del engines_settings["stand.port_base"], engines_settings["stand.tap"]
    return {
        **engines_settings,
        "auth.url": f"http://{at['identity']}",
        "auth.required": True,
        "auth.client_secrets": ",".join(
            f"{name}:{secret}" for name, secret in SECRET_OF.items() if name != "orders"
        ),
        "orders.client_secret": SECRET_OF["orders"],
        "orders.rest_url": f"http://{at['orders']}",
        "orders.grpc_target": f"127.0.0.1:{bases['orders'] + 1}",
        "payments.url": f"http://{at['payments']}/soap/bank",
        "loyalty.url": f"http://{at['loyalty']}/rpc/loyalty",
        "delivery.grpc_target": f"127.0.0.1:{bases['delivery'] + 2}",
        "notifications.url": f"http://{at['notifications']}",
    }
