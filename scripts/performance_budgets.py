"""Every budget of the stand beside the figure that was measured for it, the missed ones too."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """
    Attributes:
        bench: where its figure comes from; None where nothing of that is built yet.
        beside: the baseline.
        judge: the figure in words, and whether it is within the budget; None where there was no
            baseline to hold it against.
    """

    what: str
    budget: str
    beside: str
    bench: str | None = None
    judge: Callable[[Facts], tuple[str, bool | None]] | None = None


def budgets(kept: Mapping[str, Facts]) -> Iterator[str]:
    """The table, with a line for each budget."""
    yield "| What | Budget | Beside | Measured | |\n|---|---|---|---|---|\n"
    for one in BUDGETS:
        figure, verdict = _measured(one, kept)
        yield f"| {one.what} | {one.budget} | {one.beside} | {figure} | {verdict} |\n"


def _measured(one: Budget, kept: Mapping[str, Facts]) -> tuple[str, str]:
    if one.bench is None or one.judge is None:
        return "does not exist yet", "–"
    if one.bench not in kept:
        return "not measured yet", "–"
    figure, is_met = one.judge(kept[one.bench]["result"])
    return figure, {True: "met", False: "**missed**", None: "nothing beside it"}[is_met]


def _least(rows: Mapping[str, Facts], ratio: str) -> tuple[str, float]:
    name = min(rows, key=lambda one: float(rows[one][ratio]))
    return name, rows[name][ratio]


def _percent(ratio: float) -> str:
    return f"{ratio:.0%}".replace("%", " %")


def _cold(result: Facts) -> tuple[str, bool]:
    return (
        f"{result['cold_s']:.2f} s, engines {result['engines_cold_s']:.2f} s",
        result["cold_s"] <= result["goal_cold_s"],
    )


def _warm(result: Facts) -> tuple[str, bool]:
    return (
        f"{result['warm_s']:.2f} s, engines {result['engines_warm_s']:.2f} s",
        result["warm_s"] <= result["goal_warm_s"],
    )


def _memory(result: Facts) -> tuple[str, bool]:
    total = result["pss_bytes"]["total"]
    return f"{total / _MB:.0f} MB", total <= result["goal_pss_bytes"]


def _first(result: Facts) -> tuple[str, bool]:
    told = ", ".join(
        f"{row['ready_s']:.0f} s by {name}" for name, row in result["installers"].items()
    )
    return told, result["goal_met"]


def _protocols(result: Facts) -> tuple[str, bool]:
    rows = result["protocols"]
    ratios = [row["ratio_to_bare"] for row in rows.values()]
    met = sum(row["goal_met"] for row in rows.values())
    told = f"{_percent(min(ratios))} to {_percent(max(ratios))}; {met} of {len(rows)} met it"
    return told, met == len(rows)


def _added(result: Facts) -> tuple[str, bool]:
    ways = {name: row for name, row in result["ways"].items() if name != "direct"}
    told = ", ".join(f"{name} {row['added_p50_us']} µs" for name, row in ways.items())
    return told, ways["tap"]["added_p50_us"] <= result["goal_added_p50_us"]


def _per_core(result: Facts) -> tuple[str, bool]:
    ways = {name: row for name, row in result["ways"].items() if name != "direct"}
    told = ", ".join(f"{name} {row['per_core']}" for name, row in ways.items())
    return told, ways["tap"]["per_core"] >= result["goal_per_core"]


def _works(result: Facts) -> tuple[str, bool | None]:
    beside = {name: row for name, row in result["works"].items() if "ratio" in row}
    if not beside:
        return "measured alone: the real one was not there", None
    name, ratio = _least(beside, "ratio")
    is_met = ratio >= result["goal_ratio"]
    return f"{_percent(ratio)} at the least ({name})", is_met


def _outbox(result: Facts) -> tuple[str, bool]:
    return f"{_percent(result['ratio'])} of the raw producer", result["goal_met"]


def _commands(result: Facts) -> tuple[str, bool]:
    judged = {name: row for name, row in result["commands"].items() if "stend" in name}
    slowest = max(judged, key=lambda one: float(judged[one]["s"]))
    seconds = judged[slowest]["s"]
    return f"{seconds:.2f} s at the most (`{slowest}`)", seconds <= result["goal_s"]


def _check(result: Facts) -> tuple[str, bool]:
    verdict, first = result["verdict"]["p95_ms"], result["first_line"]["p95_ms"]
    return f"{verdict / 1000:.2f} s, first line {first / 1000:.2f} s", result["goal_met"]


def _screen(result: Facts) -> tuple[str, bool]:
    return f"{result['drawn']['p95_ms']:.0f} ms", result["goal_met"]


def _soak(result: Facts) -> tuple[str, bool]:
    rise = result["memory_mb"]["stand"]
    told = f"{rise['per_hour']:.1f} MB an hour of {rise['bound_per_hour']:.1f}"
    errors = sum(result["requests"]["errors"].values())
    told += f", {errors} errors, {result['orders']['lost']} orders lost"
    return told, result["goal_met"]


BUDGETS = (
    Budget("`stend up`, cold", "≤ 5 s", "the engines alone, summed", "start", _cold),
    Budget("`stend up`, warm", "≤ 2 s", "the engines alone, summed", "start", _warm),
    Budget("memory of the whole stand, PSS", "≤ 400 MB", "–", "start", _memory),
    Budget("first `./stend up`, packages in the cache", "≤ 60 s", "–", "first", _first),
    Budget(
        "GetOrder over each protocol",
        "≥ 80 %",
        "the bare framework, the same SQL",
        "protocols",
        _protocols,
    ),
    Budget(
        "tap with capture: added p50", "≤ 50 µs", "directly; toxiproxy, mitmproxy", "tap", _added
    ),
    Budget("tap with capture: requests/s, one core", "≥ 20 000", "the same", "tap", _per_core),
    Budget("AMQP broker", "≥ 100 %", "RabbitMQ", "amqp", _works),
    Budget("Kafka broker, no message lost", "≥ 25 %", "Kafka", "kafka", _works),
    Budget("outbox relay", "≥ 50 %", "a raw confluent-kafka producer", "outbox", _outbox),
    Budget("`stend --help`, `stend status`", "≤ 0.3 s", "`python -c pass`", "cli", _commands),
    Budget("from the wire to the screen, p95", "≤ 200 ms", "–", "screen", _screen),
    Budget("an hour of traffic", "nothing grows, no error, no order lost", "–", "soak", _soak),
    Budget("`stend check N`", "p95 ≤ 2 s, first line ≤ 0.1 s", "–", "check", _check),
    Budget(
        "contract lint or diff, 50 operations", "≤ 0.1 s warm", "spectral, vacuum, oasdiff, buf"
    ),
    Budget("simulator, events/s", "≥ 10 times", "SimPy, Ciw"),
)
