"""An application that is made when somebody first asks for it."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class LazyApp:
    """Imports a protocol's framework with the first request and not with the stand.

    Args:
        make: imports the framework and builds the application; it runs in a thread, once.
    """

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._making: asyncio.Task[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        # A caller who goes away must not take the application from those who wait for it, too.
        app = await asyncio.shield(self._making)
        await app(scope, receive, send)
