"""The figures of `docs/performance.md`, from `docs/performance.json`; its words are by hand.

The page has marks, `<!-- figures NAME -->` to `<!-- end -->`: what is between them is made here.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from performance_budgets import budgets

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = "performance.md"
Facts = Mapping[str, Any]
Kept = Mapping[str, Facts]

_BLOCK = re.compile(r"(<!-- figures ([\w-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_NOT_YET = "Not measured yet.\n"
_MB = 1_000_000
# As the servers are called in the figures and on the page.
_NAMES = {
    "stend": "stend",
    "rabbitmq": "RabbitMQ",
    "kafka": "Kafka",
    "mariadb": "MariaDB",
    "ferretdb": "FerretDB",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL, with its PostgreSQL",
    "mongodb": "MongoDB",
    "redis": "Redis",
    "nginx": "NGINX",
    "rest": "REST",
    "jsonrpc": "JSON-RPC",
    "soap": "SOAP",
    "graphql": "GraphQL",
    "grpc": "gRPC",
    "websocket": "WebSocket",
    "amqp": "RabbitMQ",
    "mcp": "MCP",
}


class PageError(Exception):
    """A mark of the page names figures that nobody makes."""


def performance() -> str:
    """The text of the page as it would be now.

    Raises:
        PageError: a mark has a name that is not known.
    """
    kept: Kept = json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))
    text = (DOCS / PAGE).read_text(encoding="utf-8")

    def made(mark: re.Match[str]) -> str:
        if mark[2] not in _BLOCKS:
            raise PageError(f"docs/{PAGE}: there are no figures {mark[2]!r}")
        return f"{mark[1]}\n{''.join(_block(mark[2], kept))}\n{mark[3]}"

    return _BLOCK.sub(made, text)


def _block(name: str, kept: Kept) -> Iterator[str]:
    bench, make = _BLOCKS[name]
    if bench is None:
        yield from make(kept)
    elif bench in kept:
        yield from make(kept[bench]["result"])
        yield f"\nMeasured on {kept[bench]['made']}.\n"
    else:
        yield _NOT_YET


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    titles = list(heads)
    yield f"| {' | '.join(titles)} |\n"
    yield f"|{'---|' * len(titles)}\n"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |\n"


def _share(ratio: float) -> str:
    # Nobody reads 137500 %.
    return f"{ratio:.0%}".replace("%", " %") if ratio < 4 else f"{ratio:.0f} times"


def _per_s(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 100 else f"{rate:g}"


def _size(size_bytes: float | None) -> str:
    return "not seen" if size_bytes is None else f"{size_bytes / _MB:.0f} MB"


def _name(of: str) -> str:
    return _NAMES.get(of, of)


# ---- what on -----------------------------------------------------------------------------------


def _machines(kept: Kept) -> Iterator[str]:
    """One line for each machine and day; the benches that share it stand together."""
    groups: dict[str, list[str]] = {}
    for bench, about in kept.items():
        groups.setdefault(f"{about['made']}: {_machine(about['machine'])}", []).append(bench)
    for words, benches in sorted(groups.items(), reverse=True):
        names = ", ".join(f"`{bench}`" for bench in benches)
        yield f"- {words}. {names}.\n"


def _machine(facts: Facts) -> str:
    told = [
        f"{facts['cores']} cores of {facts['cpu']}",
        f"{facts['memory_bytes'] / 2**30:.0f} GB",
        facts["os"],
        facts["python"],
        *(f"{name} {version}" for name, version in facts.get("wheels", {}).items() if version),
    ]
    if facts.get("commit"):
        told.append(f"stend {facts['stend']} at {facts['commit']}")
    if facts.get("load_average") is not None:
        told.append(f"load average before it {facts['load_average']}")
    return ", ".join(told)


# ---- start, memory, commands -------------------------------------------------------------------


def _start(result: Facts) -> Iterator[str]:
    rows = [
        ("whole stand, until everything is ready", result["cold_s"], result["warm_s"]),
        ("engines alone, summed", result["engines_cold_s"], result["engines_warm_s"]),
        *((_engine(name), one["cold_s"], one["warm_s"]) for name, one in result["engines"].items()),
        ("budget, at most", result["goal_cold_s"], result["goal_warm_s"]),
    ]
    cells = ((title, f"{cold:.2f} s", f"{warm:.2f} s") for title, cold, warm in rows)
    yield from _table(("", "Cold", "Warm"), cells)
    yield f"\n`stend down` took {result['down_s']:.2f} s.\n"


def _engine(name: str) -> str:
    ours = {"rabbitmq": "AMQP broker", "kafka": "Kafka broker"}
    return ours.get(name, _name(name))


def _memory(result: Facts) -> Iterator[str]:
    sizes = result["pss_bytes"]
    rows = [
        ("the stand's process", sizes["stand"]),
        *((_engine(name), one["pss_bytes"]) for name, one in result["engines"].items()),
        ("together", sizes["total"]),
        ("budget, at most", result["goal_pss_bytes"]),
    ]
    yield from _table(("", "PSS"), ((title, _size(size)) for title, size in rows))


def _cli(result: Facts) -> Iterator[str]:
    rows = [(f"`{title}`", one["s"]) for title, one in result["commands"].items()]
    rows.append(("budget, at most", result["goal_s"]))
    yield from _table(("", "Time"), ((title, f"{seconds:.2f} s") for title, seconds in rows))


def _check(result: Facts) -> Iterator[str]:
    names = (("first line", "first_line"), ("verdict", "verdict"))
    waits = (
        (
            title,
            *(f"{result[name][one]:.0f} ms" for one in ("p50_ms", "p95_ms", "most_ms")),
            f"{result[f'goal_{name}_ms']:.0f} ms",
        )
        for title, name in names
    )
    yield from _table(("", "p50", "p95", "most", "budget, p95 at most"), waits)
    yield "\n"
    rows = (
        (f"{number} `{one['id']}`", f"{one['starter_s']:.2f} s", f"{one['right_s']:.2f} s")
        for number, one in result["exercises"].items()
    )
    yield from _table(("Exercise", "its starter", "a right solution"), rows)


def _first(result: Facts) -> Iterator[str]:
    rows = [
        (name, f"{one['environment_s']:.1f} s", f"{one['ready_s']:.1f} s")
        for name, one in result["installers"].items()
    ]
    rows.append(("budget, at most", "", f"{result['goal_s']:.0f} s"))
    yield from _table(("Installed by", "Environment there", "Everything ready"), rows)
    if "uv" not in result["installers"]:
        yield "\nuv was not installed: pip was measured alone.\n"


# ---- beside other servers ----------------------------------------------------------------------


def _rates(result: Facts, servers: Facts, figure: str, unit: str, other: str) -> Iterator[str]:
    names = list(servers)
    beside = len(names) > 1
    rows = (
        [title, *(_per_s(row[one][figure]) for one in names)]
        + ([_share(row["ratio"])] if beside else [])
        for title, row in result["works"].items()
    )
    yield from _table([unit, *map(_name, names), *([""] if beside else [])], rows)
    sizes = ", ".join(f"{_name(one)} {_size(servers[one]['pss_bytes'])}" for one in names)
    versions = ", ".join(f"{_name(one)} {servers[one]['version']}" for one in names)
    yield f"\nVersions: {versions}. Memory after it: {sizes}.\n"
    if not beside:
        yield f"\n{other} was not there: the stand's was measured alone.\n"


def _amqp(result: Facts) -> Iterator[str]:
    unit = "Messages per second"
    yield from _rates(result, result["brokers"], "messages_per_s", unit, "RabbitMQ")


def _kafka(result: Facts) -> Iterator[str]:
    unit = "Messages per second"
    yield from _rates(result, result["brokers"], "messages_per_s", unit, "Kafka")


def _kafka_waits(result: Facts) -> Iterator[str]:
    rows = [
        (
            f"{size}, {_name(server)}",
            *(f"{waits[one]:.3f}" for one in ("p50_ms", "p95_ms", "p99_ms")),
        )
        for size, row in result["latency"].items()
        for server, waits in row.items()
        if server != "goal_met"
    ]
    yield from _table(("Milliseconds", "p50", "p95", "p99"), rows)
    idle = [
        f"{_name(name)} {broker['idle_cpu']:.1%}".replace("%", " %")
        for name, broker in result["brokers"].items()
        if broker["idle_cpu"] is not None
    ]
    yield f"\nWith three members of a group waiting for messages, of a core: {', '.join(idle)}.\n"


def _mysql(result: Facts) -> Iterator[str]:
    yield from _rates(result, result["servers"], "per_s", "Per second", "MariaDB")


def _documents(result: Facts) -> Iterator[str]:
    yield from _rates(result, result["servers"], "per_s", "Per second", "FerretDB")
    flat = ", ".join(f"{name} {_share(ratio)}" for name, ratio in result["flatness"].items())
    yield f"\n100 000 documents against 1000, on ours: {flat}.\n"


# ---- the shop, the tap, the portal -------------------------------------------------------------


def _protocols(result: Facts) -> Iterator[str]:
    heads = ("", "req/s", "bare, req/s", "", "CPU per request, µs", "bare, µs", "", "budget")
    rows = (
        (
            "Kafka" if name == "kafka" else _name(name),
            row["stend"]["requests_per_s"],
            row["bare"]["requests_per_s"],
            _share(row["ratio_to_bare"]),
            row["stend"]["server_cpu_us"],
            row["bare"]["server_cpu_us"],
            _share(row["cpu_ratio_to_bare"]),
            "met" if row["goal_met"] else "missed",
        )
        for name, row in result["protocols"].items()
    )
    yield from _table(heads, rows)


def _outbox(result: Facts) -> Iterator[str]:
    rows = [
        (title, result[name]["rows_per_s"], result[name]["cpu_us"])
        for name, title in (("relay", "relay"), ("raw", "raw producer"))
    ]
    rows.append(("relay, of the raw producer", _share(result["ratio"]), ""))
    yield from _table(("", "rows/s", "CPU per row, µs"), rows)


def _tap(result: Facts) -> Iterator[str]:
    ways = {name: row for name, row in result["ways"].items() if name != "direct"}
    rows = (
        (name, row["added_p50_us"], row["added_p99_us"], row["per_core"])
        for name, row in ways.items()
    )
    yield from _table(("", "added p50, µs", "added p99, µs", "requests/s for each core"), rows)
    if missing := [name for name in ("toxiproxy", "mitmproxy") if name not in ways]:
        yield f"\nNot installed there, so not measured: {', '.join(missing)}.\n"


def _screen(result: Facts) -> Iterator[str]:
    titles = {"in_document": "row in the document", "drawn": "row drawn", "marked": "one's own"}
    figures = ("p50_ms", "p95_ms", "p99_ms", "most_ms")
    rows = (
        (title, *(f"{result[name][one]:.0f}" for one in figures))
        for name, title in titles.items()
        if name in result
    )
    yield from _table(("Milliseconds", "p50", "p95", "p99", "most"), rows)
    page = result["page"]
    yield (
        f"\nAt {result['rate']:.0f} exchanges a second; of the last {page['checked']}, "
        f"{page['never_shown']} had no row and {page['left_off']} were left off by the page.\n"
    )


def _soak(result: Facts) -> Iterator[str]:
    rows = [
        (
            name,
            f"{row['first']:.1f}",
            f"{row['last']:.1f}",
            f"{row['per_hour']:.1f} ± {row['error_per_hour']:.1f}",
            f"{row['bound_per_hour']:.1f}" if "flat" in row else "not judged",
        )
        for name, row in {**result["memory_mb"], "disk": result["disk_mb"]}.items()
    ]
    heads = ("", "first, MB", "last, MB", "rises in an hour, MB", "may rise, MB")
    yield from _table(heads, rows)
    orders, requests = result["orders"], result["requests"]
    failed = sum(requests["errors"].values())
    refused = sum(requests["refusals"].values())
    yield (
        f"\n{result['minutes']:.0f} minutes, {requests['arrived']} customers, {orders['ok']} orders"
        f" accepted, {orders['lost']} lost; {failed} requests with an error, {refused} refused by"
        " the shop's rules.\n"
    )
    parts = sorted(result["disk_parts_mb"].items(), key=lambda part: -part[1])
    told = ", ".join(f"{name} {size:.0f}" for name, size in parts if size >= 1)
    yield f"\nOn the disk in the end, MB: {told}.\n"


_BLOCKS: Mapping[str, tuple[str | None, Callable[[Any], Iterable[str]]]] = {
    "machine": (None, _machines),
    "budgets": (None, budgets),
    "cli": ("cli", _cli),
    "check": ("check", _check),
    "first": ("first", _first),
    "start": ("start", _start),
    "memory": ("start", _memory),
    "amqp": ("amqp", _amqp),
    "kafka": ("kafka", _kafka),
    "kafka-waits": ("kafka", _kafka_waits),
    "mysql": ("mysql", _mysql),
    "documents": ("documents", _documents),
    "protocols": ("protocols", _protocols),
    "outbox": ("outbox", _outbox),
    "tap": ("tap", _tap),
    "screen": ("screen", _screen),
    "soak": ("soak", _soak),
}
