"""The arithmetic of capacity. Times are in seconds, rates are per second."""

from collections.abc import Sequence


def in_system(arrivals_per_s: float, time_s: float) -> float:
    """Little's law: how many requests are inside."""
    raise NotImplementedError


def utilisation(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """The utilisation law: the share of its time that a server is busy; above 1 it cannot cope."""
    raise NotImplementedError


def mm1_time(arrivals_per_s: float, service_s: float) -> float:
    """M/M/1: the mean time in the system, waiting and service together."""
    raise NotImplementedError


def mm1_percentile(arrivals_per_s: float, service_s: float, share: float) -> float:
    """M/M/1: the time within which this share of the requests (0.95 is p95) is done."""
    raise NotImplementedError


def erlang_b(servers: int, offered: float) -> float:
    """The probability that a request is turned away where there is no queue."""
    raise NotImplementedError


def erlang_c(servers: int, offered: float) -> float:
    """The probability that a request has to wait where there is one queue for all servers."""
    raise NotImplementedError


def mmc_time(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """M/M/c: the mean time in the system."""
    raise NotImplementedError


def servers_for(arrivals_per_s: float, service_s: float, most_s: float) -> int:
    """The least number of servers with which the mean time in the system is at most `most_s`."""
    raise NotImplementedError


def series(parts: Sequence[float]) -> float:
    """The availability where every part is needed."""
    raise NotImplementedError


def parallel(parts: Sequence[float]) -> float:
    """The availability where any one part is enough."""
    raise NotImplementedError
