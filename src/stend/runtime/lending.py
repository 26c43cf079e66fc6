"""What the portal calls `orders` with: clients and credentials of whoever its reader is."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

from stend.chassis.lazy import imported
from stend.chassis.service import Service
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.runtime.addresses import Addresses
from stend.runtime.calling import OrdersClients
from stend.shop.identity.service import DemoCredential, IdentityService
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.api.reply import OrdersClient

# Each caller's receiver of webhooks holds one of five ports.
_MOST_CALLERS = 4
# Far less than a token is valid: whoever copies one from a page shall have the time to use it.
_FRESH = timedelta(minutes=10)


class LentClients:
    """Clients by caller and protocol. Those of a caller who has not called for long are closed.

    Args:
        ids: see `OrdersClients`.
    """

    def __init__(self, addresses: Addresses, ids: Ids) -> None:
        self._make = partial(OrdersClients, addresses, ids)
        # Who called last stands last.
        self._made: dict[str | None, OrdersClients] = {}
        self._calls: Counter[str | None] = Counter()

    @property
    def protocols(self) -> tuple[str, ...]:
        return tuple(Protocol)

    @asynccontextmanager
    async def lend(self, protocol: str, authorization: str | None) -> AsyncIterator[OrdersClient]:
        """A client that stays open as long as it is lent."""
        # The library of a protocol may take a second to import.
        await imported(f"stend.shop.orders.api.{protocol}.client")
        clients = self._made.pop(authorization, None) or self._make(authorization)
        self._made[authorization] = clients
        self._calls[authorization] += 1
        try:
            yield clients[protocol]
        finally:
            self._calls[authorization] -= 1
            await self._close_idle()

    async def close(self) -> None:
        for clients in self._made.values():
            await clients.close()

    async def _close_idle(self) -> None:
        idle = [one for one in self._made if not self._calls[one]]
        for authorization in idle[: max(len(self._made) - _MOST_CALLERS, 0)]:
            del self._calls[authorization]
            await self._made.pop(authorization).close()


class DemoCredentials:
    """Those of the token service in this process, the same for a while: a caller keeps his clients.

    None where there is no such service, where it is no demo, or where its keys cannot be read.
    """

    def __init__(self, services: Mapping[str, Service], clock: Clock) -> None:
        self._services = services
        self._clock = clock
        self._issued: tuple[DemoCredential, ...] = ()
        self._issued_at: datetime | None = None

    def __call__(self) -> tuple[DemoCredential, ...]:
        now = self._clock.now()
        if self._issued_at is None or now - self._issued_at > _FRESH:
            self._issued = self._fresh()
            self._issued_at = now if self._issued else None
        return self._issued

    def _fresh(self) -> tuple[DemoCredential, ...]:
        service = self._services.get("identity")
        if not isinstance(service, IdentityService):
            return ()
        try:
            return service.demo_credentials()
        except StendError:
            # The map tells why: the part has failed.
            return ()
