"""The arithmetic of capacity, through logarithms of probabilities."""

from collections.abc import Sequence
from math import ceil, exp, inf, isfinite, lgamma, log, log1p


def in_system(arrivals_per_s: float, time_s: float) -> float:
    """Little's law."""
    return _at_least_0(arrivals_per_s) * _above_0(time_s)


def utilisation(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """The utilisation law."""
    return in_system(arrivals_per_s, service_s) / _count(servers)


def mm1_time(arrivals_per_s: float, service_s: float) -> float:
    """1 / (mu - lambda)."""
    if utilisation(arrivals_per_s, service_s, 1) >= 1:
        raise ValueError("more comes than one server can do")
    return 1 / (1 / service_s - arrivals_per_s)


def mm1_percentile(arrivals_per_s: float, service_s: float, share: float) -> float:
    """Of an exponential distribution."""
    mean = mm1_time(arrivals_per_s, service_s)
    if not 0 <= share < 1:
        raise ValueError(f"{share} is no share below 1")
    return mean * log(1 / (1 - share)) if share else 0.0


def erlang_b(servers: int, offered: float) -> float:
    """P(all busy) of an M/M/c/c."""
    states = _states(_count(servers), _at_least_0(offered))
    return exp(states[-1] - _log_sum(states))


def erlang_c(servers: int, offered: float) -> float:
    """P(wait) of an M/M/c."""
    if _at_least_0(offered) >= _count(servers):
        raise ValueError(f"{offered} of work is too much for {servers} servers")
    *others, full = _states(servers, offered)
    # All states in which everybody is busy, the queue however long.
    waiting = full - log1p(-offered / servers)
    return exp(waiting - _log_sum([*others, waiting]))


def mmc_time(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """W = S + C / (c mu - lambda)."""
    offered = in_system(arrivals_per_s, service_s)
    return service_s + erlang_c(servers, offered) / (servers / service_s - arrivals_per_s)


def servers_for(arrivals_per_s: float, service_s: float, most_s: float) -> int:
    """By doubling and halving: more servers are never slower."""
    offered = in_system(arrivals_per_s, service_s)
    if not _above_0(most_s) > service_s:
        raise ValueError(f"{most_s} s is not more than the work itself")

    def is_enough(servers: int) -> bool:
        return servers > offered and mmc_time(arrivals_per_s, service_s, servers) <= most_s

    high = max(1, ceil(offered))
    while not is_enough(high):
        high *= 2
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def series(parts: Sequence[float]) -> float:
    """All of them."""
    whole = 1.0
    for one in _availabilities(parts):
        whole *= one
    return whole


def parallel(parts: Sequence[float]) -> float:
    """Not none of them."""
    return 1 - series([1 - one for one in _availabilities(parts)])


def _states(servers: int, offered: float) -> list[float]:
    """Logarithms of a^k / k!."""
    if offered == 0:
        return [0.0, *[-inf] * servers]
    return [number * log(offered) - lgamma(number + 1) for number in range(servers + 1)]


def _log_sum(logs: Sequence[float]) -> float:
    most = max(logs)
    return most + log(sum(exp(one - most) for one in logs))


def _at_least_0(value: float) -> float:
    if not isfinite(value) or value < 0:
        raise ValueError(f"{value} is no rate")
    return value


def _above_0(value: float) -> float:
    if not isfinite(value) or value <= 0:
        raise ValueError(f"{value} is no time")
    return value


def _count(servers: int) -> int:
    if servers != int(servers) or servers < 1:
        raise ValueError(f"{servers} is no number of servers")
    return int(servers)


def _availabilities(parts: Sequence[float]) -> Sequence[float]:
    if len(parts) == 0 or any(not 0.0 <= one <= 1.0 for one in parts):
        raise ValueError(f"{parts} are no availabilities")
    return parts
