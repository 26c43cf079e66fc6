"""Calls the learner's `capacity.py`, and computes the same anew with fifty decimal digits."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

from stend.course.case import Case
from stend.course.sandbox.calls import RaisedError

_MODULE = "capacity"
_DIGITS = 50
_TOLERANCE = Decimal("1e-9")
_LAWS_TIMES = 15
_NAN, _INFINITY = math.nan, math.inf


# ---- the checks --------------------------------------------------------------------------------


def little(case: Case) -> None:
    for arrivals in (0.0, *(_rate(case, 1, 900) for _ in range(5))):
        _compare(case, "in_system", arrivals, _time(case))


def utilisation(case: Case) -> None:
    for servers in (1, *(case.dice.randint(2, 64) for _ in range(5))):
        _compare(case, "utilisation", _rate(case, 1, 900), _time(case), servers)
    # More than a server can do is a figure too, and the one that has to be seen.
    _compare(case, "utilisation", 300.0, 0.02, 4)


def mm1(case: Case) -> None:
    for busy in (0.0, 0.5, 0.95, *(case.dice.randint(1, 990) / 1000 for _ in range(5))):
        service = _time(case)
        _compare(case, "mm1_time", busy / service, service)


def percentile(case: Case) -> None:
    for share in (0.0, 0.5, 0.95, 0.99, case.dice.randint(1, 999) / 1000):
        service = _time(case)
        arrivals = case.dice.randint(1, 990) / 1000 / service
        _compare(case, "mm1_percentile", arrivals, service, share)


def erlang_b(case: Case) -> None:
    for servers in (1, 2, *(case.dice.randint(3, 60) for _ in range(6))):
        # Where there is no queue more may come than the servers can do.
        for offered in (0.0, _rate(case, 1, 2 * servers)):
            _compare(case, "erlang_b", servers, offered)


def erlang_c(case: Case) -> None:
    for servers in (1, 2, *(case.dice.randint(3, 60) for _ in range(6))):
        for busy in (0, case.dice.randint(750, 979), case.dice.randint(980, 999)):
            _compare(case, "erlang_c", servers, servers * busy / 1000)


def mmc_time(case: Case) -> None:
    for servers in (1, 2, *(case.dice.randint(3, 60) for _ in range(6))):
        service = _time(case)
        busy = case.dice.randint(600, 990) / 1000
        _compare(case, "mmc_time", servers * busy / service, service, servers)


def servers_for(case: Case) -> None:
    for _ in range(6):
        arrivals, service = _work(case, case.dice.randint(1, 30))
        least = math.floor(arrivals * service) + 1
        most = _between_two(arrivals, service, least + case.dice.randint(0, 3))
        _expect_servers(case, arrivals, service, most)


def availability(case: Case) -> None:
    for length in (1, 2, 5, case.dice.randint(6, 12)):
        parts = [case.dice.randint(5000, 9999) / 10_000 for _ in range(length)]
        for name in ("series", "parallel"):
            _compare(case, name, parts)
    for name in ("series", "parallel"):
        _compare(case, name, [0.99, 0.0])
        _compare(case, name, [0.99, 1.0])


def large_and_small(case: Case) -> None:
    for servers, share in ((171, 95), (1500, 99), (5000, 101), (20_000, 98)):
        # Never as much as the servers can do: that is no ordinary case.
        offered = (servers - case.dice.randint(0, 9)) * share / 100
        _compare(case, "erlang_b", servers, offered)
        if share < 100:
            _compare(case, "erlang_c", servers, offered)
            _compare(case, "mmc_time", offered / 0.25, 0.25, servers)
    # One in ten to the tenth is a probability like any other.
    for servers in (30, 60, 100):
        offered = servers * case.dice.randint(20, 35) / 100
        _compare(case, "erlang_b", servers, offered)
        _compare(case, "erlang_c", servers, offered)


def laws(case: Case) -> None:
    for _ in range(_LAWS_TIMES):
        for law in (_more_servers, _one_server, _one_pool, _both_laws, _parts, _enough):
            law(case)


def refuses(case: Case) -> None:
    below, above = -case.dice.randint(1, 99), 1 + case.dice.randint(1, 9) / 10
    for name, *arguments in (
        ("in_system", below, 0.1),
        ("in_system", 10, _NAN),
        ("utilisation", 10, 0, 2),
        ("utilisation", 10, -0.1, 2),
        ("utilisation", 10, 0.1, 0),
        ("utilisation", 10, 0.1, 2.5),
        ("mm1_time", 128, 0.0078125),
        ("mm1_time", 100 * above, 0.01),
        ("mm1_time", below, 0.01),
        ("mm1_percentile", 100 * above, 0.01, 0.95),
        ("mm1_percentile", 10, 0.01, 1),
        ("mm1_percentile", 10, 0.01, above),
        ("mm1_percentile", 10, 0.01, below),
        ("mm1_percentile", 10, 0.01, 95),
        ("erlang_b", 0, 1),
        ("erlang_b", below, 1),
        ("erlang_b", 3, below),
        ("erlang_b", 3, _NAN),
        ("erlang_c", 4, 4),
        ("erlang_c", 4, 4 * above),
        ("erlang_c", 0, 0.5),
        ("erlang_c", 3, below),
        ("mmc_time", 40, 0.125, 5),
        ("mmc_time", 400, 0.125, 5),
        ("mmc_time", _INFINITY, 0.125, 5),
        ("mmc_time", 4, 0.125, 0),
        ("servers_for", 40, 0.125, 0.125),
        ("servers_for", 40, 0.125, 0.1),
        ("servers_for", 40, 0.125, _NAN),
        ("servers_for", below, 0.125, 1),
        ("series", []),
        ("parallel", []),
        ("series", [0.9, above]),
        ("parallel", [0.9, above]),
        ("parallel", [below, 0.9]),
        ("series", [99.9, 99.5]),
        ("series", [0.9, _NAN]),
    ):
        _expect_refusal(case, name, *arguments)


# ---- what holds for any numbers ------------------------------------------------------------------


def _more_servers(case: Case) -> None:
    """One server more turns fewer away, and whoever may wait does so more often than he is lost."""
    servers = case.dice.randint(1, 300)
    offered = servers * case.dice.randint(500, 990) / 1000
    fewer, more = (_asked(case, "erlang_b", one, offered) for one in (servers, servers + 1))
    waits = _asked(case, "erlang_c", servers, offered)
    told = f"B({servers}) = {fewer}, B({servers + 1}) = {more}, C({servers}) = {waits}"
    if not 0 < more < fewer < 1 or not fewer <= waits <= 1:
        case.fail(
            f"Так быть не может при нагрузке {offered:g}: с каждым сервером отказов меньше, а "
            "ждёт не меньше, чем получило бы отказ.",
            f"This cannot be at an offered load of {offered:g}: every server makes fewer lost, "
            "and no fewer wait than would be lost.",
            expected=f"B({servers + 1}) < B({servers}) ≤ C({servers}) ≤ 1",
            got=told,
        )


def _one_server(case: Case) -> None:
    """M/M/c with one server is M/M/1."""
    service, busy = _time(case), case.dice.randint(1, 990) / 1000
    arrivals = busy / service
    alone = _asked(case, "mm1_time", arrivals, service)
    one = _asked(case, "mmc_time", arrivals, service, 1)
    _same(case, "mm1_time", alone, f"mmc_time({arrivals}, {service}, 1)", one)
    mean = _asked(case, "mm1_percentile", arrivals, service, 1 - math.exp(-1))
    _same(case, "mm1_time", alone, f"mm1_percentile({arrivals}, {service}, 1 - 1/e)", mean)


def _one_pool(case: Case) -> None:
    """One queue for all is faster than a queue for each half."""
    servers, service = case.dice.randint(1, 80), _time(case)
    arrivals = servers * case.dice.randint(500, 990) / 1000 / service
    half = _asked(case, "mmc_time", arrivals, service, servers)
    whole = _asked(case, "mmc_time", 2 * arrivals, service, 2 * servers)
    if not service <= whole < half:
        case.fail(
            "Вдвое больше серверов и запросов с одной очередью — быстрее, а у вас нет.",
            "Twice the servers and requests with one queue are faster; yours are not.",
            expected=f"{service} ≤ mmc_time({2 * arrivals}, {service}, {2 * servers}) < {half}",
            got=repr(whole),
        )


def _both_laws(case: Case) -> None:
    """By Little the same number is inside as by the probabilities."""
    servers, service = case.dice.randint(1, 200), _time(case)
    arrivals = servers * case.dice.randint(300, 990) / 1000 / service
    busy = _asked(case, "utilisation", arrivals, service, servers)
    waits = _asked(case, "erlang_c", servers, busy * servers)
    inside = _asked(
        case, "in_system", arrivals, _asked(case, "mmc_time", arrivals, service, servers)
    )
    by_states = busy * servers + waits * busy / (1 - busy)
    _same(case, "L = λW", inside, "a + Cρ/(1 - ρ)", by_states)


def _parts(case: Case) -> None:
    """Parts may be taken together in any order; what fails in parallel works in series."""
    parts = [case.dice.randint(1, 9999) / 10_000 for _ in range(case.dice.randint(2, 9))]
    at = case.dice.randint(1, len(parts) - 1)
    for name in ("series", "parallel"):
        halves = [_asked(case, name, one) for one in (parts[:at], parts[at:])]
        case.dice.shuffle(parts)
        whole = _asked(case, name, parts)
        _same(case, f"{name}({parts})", whole, f"{name}({halves})", _asked(case, name, halves))
    failures = 1 - _asked(case, "series", [1 - one for one in parts])
    _same(case, f"parallel({parts})", whole, "1 - series(1 - …)", failures)


def _enough(case: Case) -> None:
    arrivals, service = _work(case, case.dice.randint(20, 400))
    least = math.floor(arrivals * service) + 1
    most = _between_two(arrivals, service, least + case.dice.randint(0, 15))
    _expect_servers(case, arrivals, service, most)


# ---- calling -------------------------------------------------------------------------------------


def _asked(case: Case, name: str, *arguments: Any) -> float:
    try:
        answer = case.module(_MODULE).call(name, *arguments)
    except RaisedError as error:
        case.fail(
            f"{_call(name, arguments)} — обычный случай, а функция отказалась: "
            f"{error.kind}: {error}",
            f"{_call(name, arguments)} is an ordinary case, and the function raised "
            f"{error.kind}: {error}",
            got=error.traceback,
        )
    is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
    if not is_number or not math.isfinite(float(answer)):  # type: ignore[arg-type]  # a number
        case.fail(
            f"{_call(name, arguments)} вернула не число.",
            f"{_call(name, arguments)} returned no number.",
            got=repr(answer),
        )
    return float(answer)  # type: ignore[arg-type]  # a number


def _compare(case: Case, name: str, *arguments: Any) -> None:
    got = _asked(case, name, *arguments)
    with localcontext(prec=_DIGITS):
        wanted = _REFERENCES[name](*arguments)
        is_right = abs(Decimal(got) - wanted) <= _TOLERANCE * abs(wanted)
    if not is_right:
        case.fail(
            f"{_call(name, arguments)}: ответ расходится с эталоном больше чем на 1e-9 его самого.",
            f"{_call(name, arguments)}: the answer is further from the reference than 1e-9 of it.",
            expected=f"{wanted:.15g}",
            got=repr(got),
        )


def _same(case: Case, one: str, first: float, other: str, second: float) -> None:
    if not math.isclose(first, second, rel_tol=1e-8, abs_tol=1e-12):
        case.fail(
            f"{one} и {other} — одно и то же число, а вышли разные.",
            f"{one} and {other} are the same number, and yours differ.",
            expected=repr(first),
            got=repr(second),
        )


def _expect_servers(case: Case, arrivals: float, service: float, most: float) -> None:
    got = _asked(case, "servers_for", arrivals, service, most)
    with localcontext(prec=_DIGITS):
        wanted = _least_servers(arrivals, service, most)
        times = {one: _mmc_time(arrivals, service, one) for one in (wanted, wanted + 1)}
    if got != wanted:
        case.fail(
            f"{_call('servers_for', (arrivals, service, most))}: серверов нужно {wanted}.",
            f"{_call('servers_for', (arrivals, service, most))}: it takes {wanted} servers.",
            expected=f"{wanted}: {times[wanted]:.6g} s ≤ {most:.6g} s",
            got=f"{got:g}",
        )


def _expect_refusal(case: Case, name: str, *arguments: Any) -> None:
    told = _call(name, arguments)
    try:
        answer = case.module(_MODULE).call(name, *arguments)
    except RaisedError as error:
        if error.kind == "ValueError":
            return
        case.fail(
            f"{told}: функция упала с {error.kind}, а обещан ValueError с объяснением.",
            f"{told}: the function fell with {error.kind}; a ValueError that explains is promised.",
            expected="ValueError",
            got=error.traceback,
        )
    case.fail(
        f"{told} — бессмыслица, а функция вернула ответ. Обещан ValueError.",
        f"{told} makes no sense, and the function answered. A ValueError is promised.",
        expected="ValueError",
        got=repr(answer),
    )


def _call(name: str, arguments: Sequence[Any]) -> str:
    return f"{name}({', '.join(map(repr, arguments))})"


# ---- numbers -------------------------------------------------------------------------------------


def _rate(case: Case, low: int, high: int) -> float:
    return case.dice.randint(low * 10, high * 10) / 10


def _time(case: Case) -> float:
    return case.dice.randint(1, 500) / 1000


def _work(case: Case, offered: int) -> tuple[float, float]:
    """Arrivals, and the time of one, with about so much work; never a whole number of servers."""
    service = _time(case)
    return (offered + case.dice.randint(100, 900) / 1000) / service, service


def _between_two(arrivals: float, service: float, servers: int) -> float:
    """A time that so many servers keep and one fewer does not, far enough from both."""
    with localcontext(prec=_DIGITS):
        kept = _mmc_time(arrivals, service, servers)
        if servers - 1 <= Decimal(arrivals) * Decimal(service):
            return float(kept * 2)
        return float((kept * _mmc_time(arrivals, service, servers - 1)).sqrt())


# ---- the reference: the sums of the definitions, with fifty digits ------------------------------


def _states(servers: int, offered: Decimal) -> tuple[Decimal, Decimal]:
    """The weight of the state with all servers busy, and of all with a free one."""
    weight, below = Decimal(1), Decimal(0)
    for number in range(1, servers + 1):
        below += weight
        weight = weight * offered / number
    return weight, below


def _erlang_b(servers: int, offered: float) -> Decimal:
    full, below = _states(servers, Decimal(offered))
    return full / (below + full)


def _erlang_c(servers: int, offered: float | Decimal) -> Decimal:
    load = Decimal(offered)
    full, below = _states(servers, load)
    waiting = full * servers / (servers - load)
    return waiting / (below + waiting)


def _mmc_time(arrivals: float, service: float, servers: int) -> Decimal:
    load = Decimal(arrivals) * Decimal(service)
    return Decimal(service) * (1 + _erlang_c(servers, load) / (servers - load))


def _least_servers(arrivals: float, service: float, most: float) -> int:
    servers = math.floor(Decimal(arrivals) * Decimal(service)) + 1
    while _mmc_time(arrivals, service, servers) > Decimal(most):
        servers += 1
    return servers


def _mm1_time(arrivals: float, service: float) -> Decimal:
    return Decimal(service) / (1 - Decimal(arrivals) * Decimal(service))


def _percentile(arrivals: float, service: float, share: float) -> Decimal:
    return -_mm1_time(arrivals, service) * (1 - Decimal(share)).ln()


def _series(parts: Sequence[float]) -> Decimal:
    return math.prod((Decimal(one) for one in parts), start=Decimal(1))


def _parallel(parts: Sequence[float]) -> Decimal:
    return 1 - math.prod((1 - Decimal(one) for one in parts), start=Decimal(1))


_REFERENCES: Mapping[str, Callable[..., Decimal]] = {
    "in_system": lambda arrivals, time: Decimal(arrivals) * Decimal(time),
    "utilisation": lambda arrivals, time, servers: Decimal(arrivals) * Decimal(time) / servers,
    "mm1_time": _mm1_time,
    "mm1_percentile": _percentile,
    "erlang_b": _erlang_b,
    "erlang_c": _erlang_c,
    "mmc_time": _mmc_time,
    "series": _series,
    "parallel": _parallel,
}
