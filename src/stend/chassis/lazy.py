"""Frameworks that are imported when somebody first asks for them."""

import asyncio
import threading
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

# Frameworks import one another's modules: two threads that import at once may see half of one.
_importing = threading.Lock()
_imported: dict[str, ModuleType] = {}


class LazyApp:
    """Imports a protocol's framework with the first request and not with the stand.

    Args:
        make: imports the framework and builds the application; it runs in a thread, once. One that
            failed is tried again with the next request.
    """

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._making: asyncio.Task[ASGIApp] | None = None
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = await self._first()
        await self._app(scope, receive, send)

    async def _first(self) -> ASGIApp:
        if self._making is None or has_failed(self._making):
            self._making = asyncio.create_task(asyncio.to_thread(self._made))
        # A caller who goes away must not take the application from those who wait for it, too.
        return await asyncio.shield(self._making)

    def _made(self) -> ASGIApp:
        with _importing:
            return self._make()


async def imported(name: str) -> ModuleType:
    """The module of that name; its first import happens in a thread."""
    if name not in _imported:
        _imported[name] = await asyncio.to_thread(_import, name)
    return _imported[name]


def _import(name: str) -> ModuleType:
    with _importing:
        return import_module(name)


def has_failed(task: "asyncio.Task[Any]") -> bool:
    """Whether it ended without a result."""
    return task.done() and (task.cancelled() or task.exception() is not None)
