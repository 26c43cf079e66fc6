"""How many traces begin by themselves: a token bucket, as in Jaeger's rate limiting sampler."""

from collections.abc import Callable


class RateLimit:
    """
    Args:
        per_second: traces on average; 0 lets none begin.
        burst: of them that may begin at once.
        now_s: a clock that only goes forward.
    """

    def __init__(self, per_second: float, burst: int, now_s: Callable[[], float]) -> None:
        self._per_second = per_second
        self._most = float(burst)
        self._tokens = float(burst) if per_second else 0.0
        self._now_s = now_s
        self._filled_at_s = now_s()

    def admits(self) -> bool:
        now_s = self._now_s()
        tokens = self._tokens + (now_s - self._filled_at_s) * self._per_second
        self._filled_at_s = now_s
        if tokens > self._most:
            tokens = self._most
        if tokens < 1:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1
        return True
