"""Fixtures for tests that need a real, running stand."""

import contextlib
import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stend.runtime import control, process
from stend.runtime.settings import Settings, parse
from tests import real_servers
from tests.folders import open_folder
from tests.waiting import until

PROJECT = Path(__file__).parent.parent
# HTTP, gRPC of orders and of delivery, PostgreSQL, MySQL, MongoDB, Redis, AMQP, Kafka, AMQP's
# management, NGINX; each has its tap 100 higher.
LISTENING = (0, 1, 2, 10, 11, 12, 13, 14, 15, 18, 80, 443)
# MySQL's storage, and what the taps of MongoDB and Kafka lead to.
# And where webhooks are received.
_INNER = (5, 6, 7, 8, 9, 21, 22, 25, 31, 36, 131, 136, 161, 162, 163)
STAND_PORTS = (*LISTENING, *_INNER, *(port + 100 for port in LISTENING))
# Of two more brokers of Kafka.
MORE_BROKERS = (16, 17, 26, 27, 32, 33, 37, 38, 116, 117, 132, 133, 137, 138)
_BLOCKS = 60
# No two offsets of a stand differ by a multiple of it, so blocks may be interleaved.
_BLOCK_STEP = 200
_COMMAND_TIMEOUT_S = 90
# Each takes twelve seconds or more, the longest is first. Begun last, one of them would keep
# one process busy when the others have nothing left to do.
_LONGEST = (
    "browser/test_course.py",
    "runtime/test_trace_bytes.py",
    "guarantees/test_engine_outages.py",
    "browser/test_bytes.py",
    "guarantees/test_starting.py",
    "browser/test_portal.py",
    "shop/test_whole_shop.py",
    "docs/test_snippets.py",
    "course/test_judging_apis.py",
    "course/test_judging_systems.py",
    "templates/test_templates.py",
    "course/test_snippets.py",
    "runtime/test_traces.py",
    "runtime/test_classroom.py",
    "browser/test_faults.py",
    "browser/test_story.py",
    "cli/test_authorized.py",
    "browser/test_messages.py",
    "cli/test_tap.py",
    "guarantees/test_dead_engine.py",
    "bootstrap/test_first_run.py",
    "cli/test_traffic.py",
    "bootstrap/test_interrupted.py",
    "cli/test_commands.py",
    "guarantees/test_saga_crashes.py",
    "browser/test_numbers.py",
    "guarantees/test_crashes.py",
    "cli/test_compare.py",
    "bootstrap/test_failures.py",
    "cli/test_help.py",
    "bootstrap/test_uv.py",
    "shop/orders/test_scenarios.py",
    "runtime/test_services.py",
    "cli/test_kafka.py",
    "guarantees/test_stopping.py",
    "engines/suite/kafka/test_transactions.py",
    "shop/orders/test_schemathesis.py",
    "engines/suite/kafka/test_retention.py",
    "wire/test_captures.py",
    "shop/orders/saga/test_saga_runner.py",
    "architecture/test_size.py",
    "browser/test_contracts.py",
    "edges/test_amqp_fuzz.py",
    "engines/suite/kafka/test_groups.py",
    "bootstrap/test_folders.py",
    "engines/test_external.py",
    "chassis/test_kafka.py",
    "chassis/test_amqp.py",
    "shop/loyalty/test_jsonrpc.py",
    "engines/suite/kafka/test_members.py",
    "wire/amqp/test_recorded.py",
    "shop/analytics/test_consuming.py",
    "guarantees/test_kafka_crashes.py",
    "shop/test_cancelled_statements.py",
    "cli/test_story.py",
    "engines/suite/mysql/test_functions.py",
    "guarantees/test_mysql_crashes.py",
)


@dataclass(frozen=True, slots=True)
class LiveStand:
    """A stand of its own folder and port block, driven through the command line.

    Attributes:
        servers: real ones of its own, as variables of the environment; without, it runs its engines
            itself.
    """

    root: Path
    port_base: int
    servers: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port_base}"

    @property
    def grpc_target(self) -> str:
        return f"127.0.0.1:{self.port_base + 1}"

    @property
    def state(self) -> Path:
        return self.root / ".stend" / str(self.port_base)

    def command(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs `stend WORDS` for this stand; never raises on an exit code."""
        return subprocess.run(
            [sys.executable, "-m", "stend", *words],
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT_S,
            env=self.environment(**environment),
            check=False,
        )

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "STEND_ROOT": str(self.root),
            "STEND_PORT_BASE": str(self.port_base),
            "STEND_LANG": "en",
            "PYTHONPATH": str(PROJECT / "src"),
        }
        return {**real_servers.without_addresses(), **self.servers, **own, **more}

    def settings(self) -> Settings:
        """As the stand has them."""
        return parse({"stand.port_base": self.port_base}, self.servers, {})

    def up(self, *words: str, **environment: str) -> None:
        """As `up --detach` does it, `down` and `status` likewise: to start the command for it
        takes half a second each time.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        console = self.state / process.CONSOLE_LOG
        with console.open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "stend", "up", "--no-browser", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self.environment(**environment),
            )
        # So that it is gone when it has ended, and no zombie.
        threading.Thread(target=child.wait, daemon=True).start()
        until(lambda: child.returncode is not None or self.is_ready(child.pid), _COMMAND_TIMEOUT_S)
        assert child.returncode is None, console.read_text(encoding="utf-8")

    def down(self) -> None:
        control.stop(self.state)

    def is_ready(self, pid: int | None = None) -> bool:
        """
        Args:
            pid: of the process that shall be the stand; None for any.
        """
        running = process.find(self.state)
        if running is None or pid not in {None, running.pid}:
            return False
        status = control.status_of(running)
        return status is not None and bool(status["ready"])

    def status(self) -> dict[str, Any]:
        running = process.find(self.state)
        assert running is not None, "the stand does not run"
        status: dict[str, Any] | None = control.status_of(running)
        assert status is not None, "the stand does not answer"
        return status

    def pid(self) -> int:
        """Of the stand's own process."""
        running = process.find(self.state)
        assert running is not None, "the stand does not run"
        return running.pid


def free_port_base(but: int | None = None) -> int:
    """The first of a block whose every port is free right now.

    Args:
        but: the first of one that somebody has chosen and does not listen on yet.
    """
    # Each test process begins elsewhere, and far enough from the next one: two of them must not
    # look at one block at once.
    for block in range(_BLOCKS):
        base = 18_000 + (os.getpid() * 7 + block) % _BLOCKS * _BLOCK_STEP
        ports = (base + offset for offset in (*STAND_PORTS, *MORE_BROKERS))
        if base != but and all(_is_free(port) for port in ports):
            return base
    raise AssertionError("no free block of ports between 18000 and 30000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of the stand before leave their port for a minute.
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def stand_of_its_own(servers: Mapping[str, str] | None = None) -> Iterator[LiveStand]:
    """A stand that is not started yet; whatever runs of it is ended, its folder removed.

    Args:
        servers: as in `LiveStand`.
    """
    with open_folder() as folder:
        stand = LiveStand(folder, free_port_base(), servers or {})
        try:
            yield stand
        finally:
            stand.down()


@pytest.fixture
def new_stand() -> Iterator[LiveStand]:
    """A stand for one test, not started yet; whatever runs of it is ended afterwards."""
    with stand_of_its_own() as stand:
        yield stand


@pytest.fixture(scope="session")
def live_stand() -> Iterator[LiveStand]:
    """One running stand for all tests that leave it as it is; no saga moves its orders on."""
    with stand_of_its_own() as stand:
        stand.up(STEND_ORDERS_SAGAS="0")
        yield stand


@pytest.fixture(scope="module")
def servers(pytestconfig: pytest.Config) -> Iterator[Mapping[str, str]]:
    """Real servers for the one shop of a module, as `--engines external` wants it."""
    if not real_servers.is_external(pytestconfig):
        yield {}
        return
    with real_servers.own_places() as own:
        yield own


@pytest.fixture(scope="session")
def stand_url(live_stand: LiveStand) -> str:
    return live_stand.url


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are made, and none of them is garbage, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first; the others stay in their order."""
    places = {PROJECT / "tests" / name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=["embedded", "external"],
        default="embedded",
        help="what the behaviour suite runs against: the stand's own engines, or real servers",
    )
