"""What every request passes before the use case: access, deadline, metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prometheus_client import Counter, Histogram

from stend.chassis.access import Access, Caller
from stend.chassis.deadlines import within
from stend.chassis.metrics import REQUEST_SECONDS, REQUESTS
from stend.kit.errors import EdgeErrorCode, StendError

_ResultT = TypeVar("_ResultT")
_OK = "ok"
# Whoever asked has gone, or its own time is over: nobody is told anything, and nothing is wrong.
_CANCELLED = "cancelled"


class Intake:
    """The way into one service over one protocol.

    Args:
        service, protocol: as metrics name them.
        deadline_s: for one operation.
    """

    def __init__(self, service: str, protocol: str, access: Access, deadline_s: float) -> None:
        self.service = service
        self._labels = (service, protocol)
        self._access = access
        # Looked up by every request: the library's own look-up costs ten times one in a dict.
        self._counters: dict[tuple[str, str], Counter] = {}
        self._durations: dict[str, Histogram] = {}
        self.deadline_s = deadline_s

    async def perform(
        self,
        operation: str,
        scope: str,
        credential: str | None,
        work: Callable[[Caller], Awaitable[_ResultT]],
        deadline_s: float | None = None,
    ) -> _ResultT:
        """
        Args:
            scope, credential: see `Access.allow`.
            work: gets the caller, and is called only when he may do it.
            deadline_s: the caller's own, where the protocol carries one and it is shorter.

        Raises:
            StendError: of access, of the deadline, of the work.
        """
        started = time.perf_counter()
        code: str = EdgeErrorCode.INTERNAL
        try:
            caller = self._access.allow(scope, credential)
            result = await within(min(deadline_s or self.deadline_s, self.deadline_s), work(caller))
            code = _OK
        except StendError as error:
            code = error.code
            raise
        except asyncio.CancelledError:
            code = _CANCELLED
            raise
        else:
            return result
        finally:
            self._count(operation, code, time.perf_counter() - started)

    def open(self, operation: str, scope: str, credential: str | None) -> Caller:
        """The same for a stream, which has no deadline and no duration.

        Returns:
            The caller, for the work that follows.

        Raises:
            StendError: of access.
        """
        try:
            caller = self._access.allow(scope, credential)
        except StendError as error:
            self._counter(operation, error.code).inc()
            raise
        self._counter(operation, _OK).inc()
        return caller

    def _count(self, operation: str, code: str, seconds: float) -> None:
        self._counter(operation, code).inc()
        duration = self._durations.get(operation)
        if duration is None:
            duration = REQUEST_SECONDS.labels(*self._labels, operation)
            self._durations[operation] = duration
        duration.observe(seconds)

    def _counter(self, operation: str, code: str) -> Counter:
        counter = self._counters.get((operation, code))
        if counter is None:
            counter = REQUESTS.labels(*self._labels, operation, code)
            self._counters[operation, code] = counter
        return counter
