"""One ASGI application behind a real socket."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import uvicorn
from starlette.types import ASGIApp


@contextlib.asynccontextmanager
async def served(app: ASGIApp, send_buffer_bytes: int | None = None) -> AsyncIterator[str]:
    """Its base URL, while it runs.

    Args:
        send_buffer_bytes: of the kernel for each connection, so that a test can fill it.
    """
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        if send_buffer_bytes:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
        # Not `serve()`: its loop looks ten times a second whether it shall stop.
        await server.startup(sockets=[listening])
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await server.shutdown(sockets=[listening])


async def narrow_socket(address: str) -> socket.socket:
    """A connection to `host:port` of which little is under way, so that who does not read is felt.

    The server's buffer has to be small, too.
    """
    host, _, port = address.partition(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, (host, int(port)))
    return narrow


def http_client() -> httpx.AsyncClient:
    """Without the certificates of the world, which take longer to load than most tests."""
    return httpx.AsyncClient(trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
