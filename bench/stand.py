"""A stand and bare servers for measurements, in processes of their own, on free ports."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).parent.parent
_STARTED_WITHIN_S = 30
# HTTP, gRPC of orders and of delivery, PostgreSQL, MySQL, MongoDB, Redis, AMQP, Kafka, AMQP's
# management, NGINX; each has its tap 100 higher.
_LISTENING = (0, 1, 2, 10, 11, 12, 13, 14, 15, 18, 80, 443)
# Where webhooks are received, MySQL's storage, and what the taps of MongoDB and Kafka lead to.
_INNER = (5, 6, 7, 8, 9, 21, 22, 25, 31, 36, 131, 136, 161, 162, 163)
STAND_PORTS = (*_LISTENING, *_INNER, *(port + 100 for port in _LISTENING))


class Stand:
    """Driven through the command line, with a state folder of its own.

    Args:
        settings: as the environment names them, without STEND_.
    """

    def __init__(self, root: Path, port_base: int, **settings: str) -> None:
        self.root = root
        self.port_base = port_base
        self._settings = {f"STEND_{name}": value for name, value in settings.items()}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self._line(words), capture_output=True, text=True, env=self._environment(), check=False
        )
        if done.returncode:
            raise RuntimeError(f"stend {' '.join(words)}: {done.stdout}{done.stderr}")
        return done

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """The same, not waited for; its progress is left out, what it prints can be read."""
        return subprocess.Popen(
            self._line(words),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self._environment(),
        )

    @staticmethod
    def _line(words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "stend", *words]

    def _environment(self) -> dict[str, str]:
        # Settings of the shell would measure something else, servers of somebody else among them.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("STEND_")}
        return {
            **inherited,
            **self._settings,
            "STEND_ROOT": str(self.root),
            "STEND_PORT_BASE": str(self.port_base),
            "PYTHONPATH": str(PROJECT / "src"),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port_base}"

    def asked(self, path: str) -> Any:
        """What the stand answers to GET, as JSON."""
        # The address of a stand that was started here.
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    @property
    def state(self) -> Path:
        return self.root / ".stend" / str(self.port_base)

    @property
    def process(self) -> psutil.Process:
        facts = self.state / "stand.json"
        return psutil.Process(json.loads(facts.read_text())["pid"])

    @property
    def database_url(self) -> str:
        return f"postgresql://orders:orders@127.0.0.1:{self.port_base + 10}/lavka"

    @property
    def amqp_url(self) -> str:
        return f"amqp://lavka:lavka@127.0.0.1:{self.port_base + 14}/"

    @property
    def kafka_servers(self) -> str:
        return f"127.0.0.1:{self.port_base + 15}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_port_base() -> int:
    for base in range(30_000, 32_000, 200):
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for offset in STAND_PORTS:
                probe = probes.enter_context(socket.socket())
                # As servers do: connections of the stand before leave their port for a minute.
                if sys.platform != "win32":
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", base + offset))
            return base
    raise RuntimeError("no free block of ports between 30000 and 32000")


@contextlib.contextmanager
def server(module: str, *arguments: str) -> Iterator[tuple[int, psutil.Process]]:
    """Runs `python -m MODULE PORT ARGUMENTS` until the block ends; yields port and process."""
    port = free_port()
    command = [sys.executable, "-m", module, str(port), *arguments]
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT / 'src'}{os.pathsep}{PROJECT}"}
    child = subprocess.Popen(command, env=environment, cwd=PROJECT)
    try:
        _until_listening(port, child)
        yield port, psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait()


def _until_listening(port: int, child: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _STARTED_WITHIN_S
    while time.monotonic() < ends_at and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}: exit code {child.returncode}")
