"""Whoever asks the stand to stop and whoever is connected: in three seconds nothing is left."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stend.shop.orders.usecases import TrackOrder
from tests.conftest import STAND_PORTS, LiveStand
from tests.guarantees.processes import processes_of
from tests.guarantees.traffic import both_clients
from tests.shop.orders.examples import a_request
from tests.waiting import until

pytestmark = pytest.mark.slow
_STOPS_WITHIN_S = 3.0


@contextlib.contextmanager
def in_foreground(stand: LiveStand) -> Iterator[subprocess.Popen[bytes]]:
    """`stend up` as a terminal runs it: in a process group of its own, which gets the Ctrl-C."""
    with _terminal(stand).open("wb") as terminal:
        child = subprocess.Popen(
            [sys.executable, "-m", "stend", "up", "--no-browser"],
            env=stand.environment(),
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(stand.is_ready)
        yield child
    finally:
        child.kill()
        child.wait()


def _terminal(stand: LiveStand) -> Path:
    return stand.root / "terminal.txt"


def _down(stand: LiveStand, _: subprocess.Popen[bytes]) -> None:
    assert stand.command("down").returncode == 0


def _sigterm(_: LiveStand, child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGTERM)


def _ctrl_c(_: LiveStand, child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGINT)


@contextlib.asynccontextmanager
async def everybody_connected(stand: LiveStand) -> AsyncIterator[None]:
    """A stream over each protocol, and clients who connect to every port and say nothing."""
    base = stand.port_base
    silent = [one for offset in STAND_PORTS if (one := _connected(base + offset))]
    # More than half of them: the protocols, most engines, and the taps of both.
    assert len(silent) > len(STAND_PORTS) / 2
    half_said = socket.create_connection(("127.0.0.1", base))
    half_said.sendall(
        b"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    )
    async with both_clients(stand) as clients:
        order = (await clients[0].place_order(a_request())).value.order
        streams = [client.track_order(TrackOrder(order.order_id)) for client in clients]
        for stream in streams:
            await anext(stream)
        yield
        for stream in streams:
            await stream.aclose()
    for client in [*silent, half_said]:
        client.close()


def _connected(port: int) -> socket.socket | None:
    """None where nobody listens: a receiver of webhooks, a gateway that is not installed."""
    try:
        return socket.create_connection(("127.0.0.1", port))
    except ConnectionRefusedError:
        return None


@pytest.mark.parametrize("stop", [_down, _sigterm, _ctrl_c], ids=["down", "sigterm", "ctrl-c"])
async def test_a_stop_with_everybody_connected_leaves_nothing_within_three_seconds(
    new_stand: LiveStand, stop: Callable[[LiveStand, subprocess.Popen[bytes]], None]
) -> None:
    with in_foreground(new_stand) as child:
        async with everybody_connected(new_stand):
            running = processes_of(new_stand)
            assert len(running) > 2
            started = time.monotonic()
            await asyncio.to_thread(stop, new_stand, child)
            psutil.wait_procs(running, timeout=10)
            took_s = time.monotonic() - started
        assert processes_of(new_stand) == []
        assert took_s < _STOPS_WITHIN_S
        assert child.wait() == 0
        assert not (new_stand.state / "stand.json").exists()
    assert "Traceback" not in _terminal(new_stand).read_text(encoding="utf-8")


def test_down_without_a_stand_says_so_and_is_no_failure(new_stand: LiveStand) -> None:
    done = new_stand.command("down")
    assert done.returncode == 0
    assert "not running" in done.stderr
