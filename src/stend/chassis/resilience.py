"""How one service calls another: retries with a budget, a circuit breaker, a bulkhead.

They are nested as in Nygard, "Release It!", chapter 5: every attempt waits for a place of the
bulkhead, then asks the breaker, then has a time limit of its own. A pause between two attempts
holds no place.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from stend.chassis.deadlines import within
from stend.chassis.metrics import CALLS
from stend.kit.errors import Blame, EdgeErrorCode, StendError, deadline_exceeded

_ResultT = TypeVar("_ResultT")
_OK = "ok"


class Meaning(Enum):
    """What an error tells about the peer."""

    # It works; asked again, it would say the same.
    ANSWER = "answer"
    # It may be better in a moment: worth a retry, and a mark against the peer.
    TRANSIENT = "transient"
    # A mark against the peer that no retry removes.
    BROKEN = "broken"


# Codes of a domain are missing: each of them is an answer.
MEANINGS: Mapping[StrEnum, Meaning] = {
    EdgeErrorCode.MALFORMED_MESSAGE: Meaning.ANSWER,
    EdgeErrorCode.INVALID_ARGUMENT: Meaning.ANSWER,
    EdgeErrorCode.MESSAGE_TOO_LARGE: Meaning.ANSWER,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: Meaning.ANSWER,
    EdgeErrorCode.NO_SUCH_OPERATION: Meaning.ANSWER,
    EdgeErrorCode.METHOD_NOT_ALLOWED: Meaning.ANSWER,
    EdgeErrorCode.UNAUTHENTICATED: Meaning.ANSWER,
    EdgeErrorCode.FORBIDDEN: Meaning.ANSWER,
    EdgeErrorCode.OVERLOADED: Meaning.TRANSIENT,
    # Every operation of the shop may be repeated, so one that may have happened is asked again.
    EdgeErrorCode.DEADLINE_EXCEEDED: Meaning.TRANSIENT,
    EdgeErrorCode.UNAVAILABLE: Meaning.TRANSIENT,
    EdgeErrorCode.INTERNAL: Meaning.BROKEN,
}
RETRYABLE = frozenset(code for code, meaning in MEANINGS.items() if meaning is Meaning.TRANSIENT)


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """
    Attributes:
        attempts: of one call, the first included.
        attempt_timeout_s: for one attempt; the call's deadline cuts it short.
        first_pause_s, longest_pause_s: the pause before retry n is drawn from 0 to
            first_pause_s * 2^(n-1), at most longest_pause_s ("full jitter": Brooker, "Exponential
            Backoff And Jitter", AWS Architecture Blog).
        retry_share: retries that each call allows, 0.1 for a tenth of extra load at most.
        retry_burst: retries that are saved up, so that a peer who is rarely called is retried too.
        window: outcomes that the breaker looks back on.
        least_outcomes: outcomes before it judges.
        failing_share: of them, from which it opens.
        open_s: from opening until one call may try.
        places: attempts at one time.
        queue: attempts that may wait for a place.
    """

    attempts: int = 4
    attempt_timeout_s: float = 2.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 2.0
    retry_share: float = 0.1
    retry_burst: int = 10
    window: int = 20
    least_outcomes: int = 5
    failing_share: float = 0.5
    open_s: float = 2.0
    places: int = 32
    queue: int = 128


class PeerGuard:
    """All calls of one service to one peer.

    Args:
        service, peer: as metrics name them.
        jitter: uniform in [0, 1).
    """

    def __init__(
        self, service: str, peer: str, policy: GuardPolicy, jitter: Callable[[], float]
    ) -> None:
        self._labels = (service, peer)
        self._policy = policy
        self._jitter = jitter
        self._budget = _RetryBudget(policy.retry_share, policy.retry_burst)
        self._breaker = CircuitBreaker(peer, policy)
        self._bulkhead = _Bulkhead(peer, policy.places, policy.queue)

    async def call(
        self,
        operation: str,
        work: Callable[[float], Awaitable[_ResultT]],
        deadline_s: float,
        retryable: Collection[StrEnum] = RETRYABLE,
    ) -> _ResultT:
        """
        Args:
            operation: as metrics name it.
            work: one attempt; it is given its time limit in seconds, to tell the peer. What it
                does must be safe to repeat unless `retryable` is empty.
            deadline_s: for all attempts and the pauses between them.
            retryable: codes of errors after which another attempt is made.

        Raises:
            StendError: of the last attempt; OVERLOADED and UNAVAILABLE also when no attempt was
                made because there is no place or the circuit is open; DEADLINE_EXCEEDED.
        """
        ends_at = _now() + deadline_s
        self._budget.earn()

        def pause(state: RetryCallState) -> float:
            most_s = self._policy.first_pause_s * 2.0 ** (state.attempt_number - 1)
            return self._jitter() * min(most_s, self._policy.longest_pause_s)

        def is_last(state: RetryCallState) -> bool:
            return (
                state.attempt_number >= self._policy.attempts
                or _now() + state.upcoming_sleep >= ends_at
                or not self._budget.spend()
            )

        def is_worth_it(error: BaseException) -> bool:
            return (
                isinstance(error, StendError)
                and not isinstance(error, _NotSentError)
                and error.code in retryable
            )

        async def attempt() -> _ResultT:
            return await self._attempt(operation, work, ends_at)

        retrying = AsyncRetrying(
            sleep=asyncio.sleep,
            retry=retry_if_exception(is_worth_it),
            wait=pause,
            stop=is_last,
            reraise=True,
        )
        return await retrying(attempt)

    async def _attempt(
        self, operation: str, work: Callable[[float], Awaitable[_ResultT]], ends_at: float
    ) -> _ResultT:
        code: str = EdgeErrorCode.INTERNAL
        try:
            async with self._bulkhead.place(ends_at):
                with self._breaker.trial():
                    timeout_s = min(self._policy.attempt_timeout_s, ends_at - _now())
                    if timeout_s <= 0:
                        raise deadline_exceeded(0)
                    result = await within(timeout_s, work(timeout_s))
        except StendError as error:
            code = error.code
            raise
        else:
            code = _OK
            return result
        finally:
            CALLS.labels(*self._labels, operation, code).inc()


class CircuitBreaker:
    """Stops asking a peer that fails, and lets one call at a time find out whether it is back.

    Not purgatory's: that reads the wall clock, counts a caller who went away as a failure of the
    peer, and lets everybody through at once when the time is up.
    """

    def __init__(self, peer: str, policy: GuardPolicy) -> None:
        self._peer = peer
        self._policy = policy
        self._failed: deque[bool] = deque(maxlen=policy.window)
        self._opened_at: float | None = None
        self._being_tried = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    @contextmanager
    def trial(self) -> Iterator[None]:
        """
        Raises:
            StendError: UNAVAILABLE while the circuit is open.
        """
        is_probe = self._admit()
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            # The caller went away: that tells nothing about the peer.
            raise
        except BaseException as error:
            self._record(failed=_is_failure(error), is_probe=is_probe)
            raise
        else:
            self._record(failed=False, is_probe=is_probe)
        finally:
            if is_probe:
                self._being_tried = False

    def _admit(self) -> bool:
        """Whether this call is the one that tries a circuit that was open long enough."""
        if self._opened_at is None:
            return False
        wait_s = self._opened_at + self._policy.open_s - _now()
        if wait_s > 0 or self._being_tried:
            raise _circuit_open(self._peer, max(wait_s, 0))
        self._being_tried = True
        return True

    def _record(self, *, failed: bool, is_probe: bool) -> None:
        if is_probe:
            self._opened_at = _now() if failed else None
            self._failed.clear()
        elif self._opened_at is None:
            self._failed.append(failed)
            if self._is_failing():
                self._opened_at = _now()

    def _is_failing(self) -> bool:
        outcomes, failures = len(self._failed), sum(self._failed)
        enough = outcomes >= self._policy.least_outcomes
        return enough and failures >= outcomes * self._policy.failing_share


class _RetryBudget:
    """A token bucket: each call earns a share of a retry (gRFC A6, Throttling Retry Attempts)."""

    def __init__(self, share: float, burst: int) -> None:
        self._share = share
        self._most = float(burst)
        self._tokens = float(burst)

    def earn(self) -> None:
        self._tokens = min(self._most, self._tokens + self._share)

    def spend(self) -> bool:
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class _Bulkhead:
    def __init__(self, peer: str, places: int, queue: int) -> None:
        self._peer = peer
        self._places = asyncio.Semaphore(places)
        self._queue = queue
        self._waiting = 0

    @asynccontextmanager
    async def place(self, ends_at: float) -> AsyncIterator[None]:
        """
        Raises:
            StendError: OVERLOADED when the queue is full, or no place was free in time.
        """
        if self._places.locked():
            await self._wait(ends_at)
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self, ends_at: float) -> None:
        if self._waiting >= self._queue:
            raise _overloaded(self._peer, f"{self._waiting} calls wait already")
        self._waiting += 1
        try:
            async with asyncio.timeout_at(ends_at):
                await self._places.acquire()
        except TimeoutError:
            raise _overloaded(self._peer, "no call ended before the deadline") from None
        finally:
            self._waiting -= 1


class _NotSentError(StendError):
    """The peer was not asked, so another attempt would only add to the crowd."""


def _overloaded(peer: str, reason: str) -> StendError:
    return _NotSentError(
        EdgeErrorCode.OVERLOADED,
        f"Too many calls to {peer} are under way.",
        value=reason,
        expected="a free place before the deadline",
        next_step="Retry in a second, with less at once.",
        blame=Blame.PEER,
    )


def _circuit_open(peer: str, wait_s: float) -> StendError:
    return _NotSentError(
        EdgeErrorCode.UNAVAILABLE,
        f"{peer} failed again and again and is not asked for now: the circuit is open.",
        value=f"next trial in {wait_s:.1f} s" if wait_s else "a trial is under way",
        expected=f"a working {peer}",
        next_step="Retry after that; `stend status` shows the state of every part.",
        blame=Blame.PEER,
    )


def _is_failure(error: BaseException) -> bool:
    if not isinstance(error, StendError):
        return True
    return MEANINGS.get(error.code, Meaning.ANSWER) is not Meaning.ANSWER


def _now() -> float:
    return asyncio.get_running_loop().time()
