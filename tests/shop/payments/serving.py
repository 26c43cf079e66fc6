"""A service in a thread with a loop of its own, so that clients of any kind may block."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

_START_S = 20


class Startable(Protocol):
    @property
    def http(self) -> Mapping[str, ASGIApp]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def serving(make: Callable[[], Startable]) -> Iterator[str]:
    """The address of the running service: `http://127.0.0.1:port`."""
    # socket.create_server leaves the protocol out, and asyncio sets TCP_NODELAY only with it:
    # without it each answer waits 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    started = threading.Event()
    failures: list[BaseException] = []
    servers: list[_Server] = []

    async def run() -> None:
        service = make()
        config = uvicorn.Config(
            _by_prefix(service.http), lifespan="off", log_config=None, access_log=False
        )
        server = _Server(config)
        servers.append(server)
        try:
            await service.start()
            started.set()
            await server.serve(sockets=[listening])
        finally:
            await service.stop()

    def in_thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=in_thread)
    thread.start()
    try:
        assert started.wait(_START_S)
        assert not failures, failures
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(_START_S)
        listening.close()


def _by_prefix(apps: Mapping[str, ASGIApp]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for prefix, inner in apps.items():
            if scope["path"].startswith(prefix):
                await inner(scope, receive, send)

    return app
