"""`stend bench`."""

from collections.abc import Mapping, Sequence
from typing import Any

from stend.cli.measuring import FIGURES, keep, make_page, measured
from stend.cli.session import Exit, Session
from stend.cli.texts import T
from stend.kit.languages import Language
from stend.portal.numbers import size
from stend.runtime.system import SystemClock

# Those that do not need a real server beside them come first.
_BENCHES = (
    "cli",
    "check",
    "first",
    "start",
    "protocols",
    "outbox",
    "tap",
    "screen",
    "amqp",
    "kafka",
    "documents",
    "mysql",
)
# Only by name: it takes as long as it is told.
_SOAK = "soak"


def bench_command(
    session: Session, names: Sequence[str], minutes: float | None, as_json: bool, write: bool
) -> None:
    """Exit code 1 when a goal is missed, 2 when a bench failed: the others' figures are told."""
    repository = session.repository("bench")
    known = (*_BENCHES, _SOAK)
    if unknown := [name for name in names if name not in known]:
        session.fail(T.NO_SUCH_BENCH, name=", ".join(unknown), known=", ".join(known))
    if minutes is not None and list(names) != [_SOAK]:
        session.fail(T.MINUTES_OF_SOAK)
    words = () if minutes is None else (f"{minutes:g}",)
    document = measured(repository, names or _BENCHES, words, SystemClock().now())
    if as_json:
        session.print_json(document)
    else:
        for result in document["benches"].values():
            _print(session, result)
    if write:
        if failed := keep(repository, document):
            session.complain(T.BENCHES_AS_THEY_WERE, names=", ".join(failed), file=FIGURES)
        session.complain(T.BENCHES_WRITTEN, file=FIGURES)
        if not make_page(repository):
            raise SystemExit(Exit.FAILURE)
    raise SystemExit(_exit_code(document["benches"]))


def _exit_code(results: Mapping[str, Mapping[str, Any]]) -> Exit:
    if any("failed" in result for result in results.values()):
        return Exit.FAILURE
    return Exit.OK if all(map(_met, results.values())) else Exit.DOMAIN_ERROR


def _met(result: Mapping[str, Any]) -> bool:
    if "protocols" in result:
        return all(row["goal_met"] for row in result["protocols"].values())
    # Null where there was no baseline to hold it against: nothing is missed then.
    return result["goal_met"] is not False


def _print(session: Session, result: dict[str, Any]) -> None:
    if "failed" in result:
        session.say(T.BENCH_FAILED, bench=result["bench"], reason=result["failed"])
        return
    printers = {
        "cli": _print_cli,
        "check": _print_check,
        "first": _print_first,
        "start": _print_start,
        "protocols": _print_protocols,
        "outbox": _print_outbox,
        "amqp": _print_amqp,
        "kafka": _print_kafka,
        "documents": _print_databases,
        "mysql": _print_databases,
        "tap": _print_tap,
        "screen": _print_screen,
        _SOAK: _print_soak,
    }
    printers[result["bench"]](session, result)


def _print_cli(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    table = Table("", "s", box=None, pad_edge=False)
    for title, row in result["commands"].items():
        table.add_row(title, f"{row['s']:.3f}")
    table.add_row(T.GOAL(session.language), f"{result['goal_s']:.3f}")
    console().print(table)


def _print_check(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language = session.language
    heads = ("p50", "p95", T.MOST(language), T.GOAL_P95(language))
    table = Table("ms", *heads, box=None, pad_edge=False)
    for name, title in (("first_line", T.FIRST_LINE), ("verdict", T.VERDICT)):
        row, goal = result[name], result[f"goal_{name}_ms"]
        figures = (row["p50_ms"], row["p95_ms"], row["most_ms"], goal)
        table.add_row(title(language), *(f"{one:.0f}" for one in figures))
    console().print(table)


def _print_first(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language = session.language
    heads = ("s", T.ENVIRONMENT_MADE(language), T.WHOLE_STAND(language))
    table = Table(*heads, box=None, pad_edge=False)
    for installer, row in result["installers"].items():
        table.add_row(installer, f"{row['environment_s']:.1f}", f"{row['ready_s']:.1f}")
    table.add_row(T.GOAL(language), "", f"{result['goal_s']:.0f}")
    console().print(table)


def _print_start(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language = session.language
    heads = ("", T.COLD(language), T.WARM(language), T.MEMORY(language))
    table = Table(*heads, box=None, pad_edge=False)
    memory = result["pss_bytes"]
    rows = (
        (T.WHOLE_STAND, "", memory["total"]),
        (T.ENGINES_ALONE, "engines_", memory["engines"]),
        (T.GOAL, "goal_", result["goal_pss_bytes"]),
    )
    for title, prefix, size_bytes in rows:
        seconds = {kind: result[f"{prefix}{kind}_s"] for kind in ("cold", "warm")}
        table.add_row(title(language), *_start_cells(language, seconds, size_bytes))
    for name, engine in result["engines"].items():
        seconds = {kind: engine[f"{kind}_s"] for kind in ("cold", "warm")}
        table.add_row(name, *_start_cells(language, seconds, engine["pss_bytes"]))
    console().print(table)


def _start_cells(language: Language, seconds: dict[str, float], size_bytes: int) -> tuple[str, ...]:
    return (f"{seconds['cold']:.2f} s", f"{seconds['warm']:.2f} s", size(size_bytes, language))


def _print_protocols(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    table = Table("", "", "req/s", "p50, ms", "p99, ms", "CPU, µs", box=None)
    for protocol, row in result["protocols"].items():
        for server in ("stend", "bare", "constant"):
            # A constant answer only where a server gives one.
            if server in row:
                cells = [str(value) for value in row[server].values()]
                table.add_row(protocol if server == "stend" else "", server, *cells)
        ratio, cpu_ratio = row["ratio_to_bare"], row["cpu_ratio_to_bare"]
        cells = [f"{ratio:.0%}", "", "", f"{cpu_ratio:.0%}"]
        table.add_row("", T.RATIO(session.language), *cells)
    console().print(table)


def _print_outbox(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    table = Table("outbox → Kafka", "rows/s", "CPU, µs", box=None, pad_edge=False)
    for name, title in (("relay", "stend"), ("raw", "confluent-kafka")):
        table.add_row(title, *(str(value) for value in result[name].values()))
    table.add_row("", f"{result['ratio']:.0%}")
    console().print(table)


def _print_amqp(session: Session, result: dict[str, Any]) -> None:
    _print_rates(session, result)
    if result["goal_met"] is None:
        session.say(T.NOTHING_BESIDE, product="RabbitMQ", bench="amqp")


def _print_rates(session: Session, result: dict[str, Any]) -> None:
    """What two brokers of one kind have done, or one alone."""
    from rich.table import Table

    from stend.cli.screen import console

    brokers = tuple(result["brokers"])
    heads = ("msg/s", *brokers, "" if len(brokers) == 1 else T.TO_REAL(session.language))
    table = Table(*heads, box=None, pad_edge=False)
    for name, row in result["works"].items():
        rates = [str(row[broker]["messages_per_s"]) for broker in brokers]
        table.add_row(name, *rates, f"{row['ratio']:.0%}" if "ratio" in row else "")
    console().print(table)


def _print_kafka(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language, brokers = session.language, result["brokers"]
    _print_rates(session, result)
    waits = Table(T.ONE_BY_ONE(language), "", "p50", "p95", "p99", box=None, pad_edge=False)
    for size_told, row in result["latency"].items():
        for broker, delays in row.items():
            if broker != "goal_met":
                figures = [f"{value:.3f}" for value in delays.values()]
                waits.add_row(size_told if broker == "stend" else "", broker, *figures)
    takes = Table("", T.MEMORY(language), T.IDLE_CPU(language), box=None, pad_edge=False)
    for broker, facts in brokers.items():
        pss, idle = facts["pss_bytes"], facts["idle_cpu"]
        takes.add_row(
            broker,
            "–" if pss is None else size(pss, language),
            "–" if idle is None else f"{idle:.1%}",
        )
    for table in (waits, takes):
        console().print()
        console().print(table)
    if result["goal_met"] is None:
        session.say(T.NOTHING_BESIDE, product="Kafka", bench="kafka")


def _print_databases(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language, servers = session.language, result["servers"]
    heads = ("1/s", *servers, "" if len(servers) == 1 else T.TO_REAL(language))
    table = Table(*heads, box=None, pad_edge=False)
    for name, row in result["works"].items():
        rates = [str(row[server]["per_s"]) for server in servers]
        table.add_row(name, *rates, f"{row['ratio']:.0%}" if "ratio" in row else "")
    taken = [facts["pss_bytes"] for facts in servers.values()]
    cells = ["–" if pss is None else size(pss, language) for pss in taken]
    table.add_row(T.MEMORY(language), *cells, "")
    console().print(table)
    if len(servers) == 1:
        products = {"documents": "FerretDB", "mysql": "MariaDB"}
        bench = result["bench"]
        session.say(T.NOTHING_BESIDE, product=products[bench], bench=bench)


def _print_tap(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    heads = ("", "p50, µs", "p99, µs", "+p50", "+p99", "req/s", "CPU, µs", "1/s per core")
    table = Table(*heads, box=None, pad_edge=False)
    for name, row in result["ways"].items():
        cells = ["–" if value is None else str(value) for value in row.values()]
        table.add_row(name, *cells)
    console().print(table)


def _print_soak(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language, orders = session.language, result["orders"]
    heads = (T.AFTER_WARM_UP, T.AT_THE_END, T.AN_HOUR, T.GOAL)
    table = Table("MB", *(one(language) for one in heads), box=None, pad_edge=False)
    for unit in ("memory_mb", "nodes", "disk_mb"):
        rows = {unit.removesuffix("_mb"): result[unit]} if unit == "disk_mb" else result[unit]
        for name, row in rows.items():
            rise = f"{row['per_hour']:+.1f} ± {row['error_per_hour']:.1f}"
            # Redis keeps what happened in memory, buffers fill: nothing is wrong with that.
            bound = f"{row['bound_per_hour']:.1f}" if "flat" in row else "–"
            title = T.NODES(language, page=name) if unit == "nodes" else name
            table.add_row(title, f"{row['first']:.1f}", f"{row['last']:.1f}", rise, bound)
    console().print(table)
    session.say(T.SOAK_ORDERS, accepted=orders["ok"], known=orders["known"], lost=orders["lost"])
    found = {**result["requests"]["errors"], **orders.get("findings", {})}
    for what, count in found.items():
        console().print(f"{what} {count}")


def _print_screen(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language, page, ring = session.language, result["page"], result["ring"]
    table = Table("ms", "p50", "p95", "p99", T.MOST(language), "", box=None, pad_edge=False)
    for name, title in (("in_document", T.IN_DOCUMENT), ("drawn", T.DRAWN), ("marked", T.MARKED)):
        row = result[name]
        figures = [f"{row[figure]:g}" for figure in ("p50_ms", "p95_ms", "p99_ms", "most_ms")]
        table.add_row(title(language), *figures, str(row["count"]))
    console().print(table)
    session.say(T.SCREEN_RATE, rate=f"{result['rate']:g}", goal=f"{result['goal_rate']:g}")
    session.say(
        T.SCREEN_LEFT,
        checked=page["checked"],
        never=page["never_shown"],
        left_off=page["left_off"],
        let_go=ring["let_go_exchanges"],
    )
