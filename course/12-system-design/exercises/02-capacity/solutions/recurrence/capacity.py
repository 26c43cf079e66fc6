"""The arithmetic of capacity. Times are in seconds, rates are per second."""

import math
from collections.abc import Sequence


def in_system(arrivals_per_s: float, time_s: float) -> float:
    """Little's law: how many requests are inside."""
    _check_rate(arrivals_per_s)
    _check_time(time_s)
    return arrivals_per_s * time_s


def utilisation(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """The utilisation law: the share of its time that a server is busy; above 1 it cannot cope."""
    _check_rate(arrivals_per_s)
    _check_time(service_s)
    _check_servers(servers)
    return arrivals_per_s * service_s / servers


def mm1_time(arrivals_per_s: float, service_s: float) -> float:
    """M/M/1: the mean time in the system, waiting and service together."""
    busy = utilisation(arrivals_per_s, service_s, 1)
    _check_steady(busy)
    return service_s / (1 - busy)


def mm1_percentile(arrivals_per_s: float, service_s: float, share: float) -> float:
    """M/M/1: the time within which this share of the requests (0.95 is p95) is done."""
    if not 0 <= share < 1:
        raise ValueError(f"a share from 0 up to but not 1 is wanted, not {share}")
    # The time in the system of an M/M/1 is exponential.
    return -mm1_time(arrivals_per_s, service_s) * math.log1p(-share)


def erlang_b(servers: int, offered: float) -> float:
    """The probability that a request is turned away where there is no queue."""
    _check_servers(servers)
    _check_rate(offered)
    # B(0) = 1 and B(n) = a B(n-1) / (n + a B(n-1)): no factorials, so nothing overflows.
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """The probability that a request has to wait where there is one queue for all servers."""
    blocked = erlang_b(servers, offered)
    busy = offered / servers
    _check_steady(busy)
    return blocked / (1 - busy * (1 - blocked))


def mmc_time(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """M/M/c: the mean time in the system."""
    busy = utilisation(arrivals_per_s, service_s, servers)
    _check_steady(busy)
    waits = erlang_c(servers, arrivals_per_s * service_s)
    return service_s + waits * service_s / (servers * (1 - busy))


def servers_for(arrivals_per_s: float, service_s: float, most_s: float) -> int:
    """The least number of servers with which the mean time in the system is at most `most_s`."""
    utilisation(arrivals_per_s, service_s, 1)
    if not service_s < most_s < math.inf:
        raise ValueError(f"no number of servers makes {service_s} s of work last {most_s} s")
    servers = math.floor(arrivals_per_s * service_s) + 1
    while mmc_time(arrivals_per_s, service_s, servers) > most_s:
        servers += 1
    return servers


def series(parts: Sequence[float]) -> float:
    """The availability where every part is needed."""
    _check_parts(parts)
    return math.prod(parts)


def parallel(parts: Sequence[float]) -> float:
    """The availability where any one part is enough."""
    _check_parts(parts)
    return 1 - math.prod(1 - one for one in parts)


def _check_rate(rate: float) -> None:
    if not 0 <= rate < math.inf:
        raise ValueError(f"a rate from 0 is wanted, not {rate}")


def _check_time(seconds: float) -> None:
    if not 0 < seconds < math.inf:
        raise ValueError(f"a time above 0 is wanted, not {seconds}")


def _check_servers(servers: int) -> None:
    if servers < 1 or servers % 1:
        raise ValueError(f"a whole number of servers from 1 is wanted, not {servers}")


def _check_steady(busy: float) -> None:
    if busy >= 1:
        raise ValueError(f"at a utilisation of {busy} the queue grows for ever")


def _check_parts(parts: Sequence[float]) -> None:
    if not parts or not all(0 <= one <= 1 for one in parts):
        raise ValueError(f"availabilities from 0 to 1 are wanted, not {parts}")
