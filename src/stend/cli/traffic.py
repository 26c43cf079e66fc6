"""`stend traffic`."""

import asyncio
import sys
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NoReturn

from stend.cli.session import Exit, Session
from stend.cli.traffic_texts import TrafficText as T

if TYPE_CHECKING:
    from stend.runtime.settings import Settings
    from stend.runtime.traffic import Moment, Traffic
    from stend.runtime.traffic_figures import Figures, Row
    from stend.runtime.traffic_profile import Profile

# What one Python process can send without being late itself.
MOST_RATE = 500.0
_COLUMNS = 80
_HEAD_EVERY_LINES = 20
_WIDTHS = (7, 6, 8, 11, 9, 8, 10, 10, 9)
_QUANTILES = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}


@dataclass(frozen=True, slots=True)
class TrafficOptions:
    """
    Attributes:
        duration_s: None: until Ctrl-C.
    """

    rate: float
    profile: "Profile"
    seed: int
    duration_s: float | None
    as_json: bool


def traffic_command(
    session: Session,
    port_base: int | None,
    rate: float,
    profile: str,
    seed: int,
    duration_s: float | None,
    as_json: bool,
) -> None:
    """Exit code 0 also when the shop answered with errors: they are what is measured."""
    from stend.runtime.authorizing import NoTokenError
    from stend.runtime.sources import quieten_grpc
    from stend.runtime.traffic_profile import Profile

    settings = session.settings({"stand.port_base": port_base})
    # Not written as two refusals: nan is on neither side.
    if not 0 < rate <= MOST_RATE:
        _fail(session, T.BAD_RATE, value=rate, most=f"{MOST_RATE:g}")
    if duration_s is not None and not duration_s > 0:
        _fail(session, T.BAD_DURATION, value=duration_s)
    if profile not in set(Profile):
        _fail(session, T.BAD_PROFILE, value=profile, known=", ".join(Profile))
    options = TrafficOptions(rate, Profile(profile), seed, duration_s, as_json)
    quieten_grpc()
    try:
        raise SystemExit(asyncio.run(_run(session, settings, options)))
    except NoTokenError as error:
        session.fail_with(error.text)
    except KeyboardInterrupt:
        raise SystemExit(Exit.OK) from None


def _fail(session: Session, text: T, **values: object) -> NoReturn:
    print(text(session.language, **values), file=sys.stderr)  # noqa: T201 - the output of a command
    raise SystemExit(Exit.FAILURE)


async def _run(session: Session, settings: "Settings", options: TrafficOptions) -> Exit:
    from stend.kit.errors import StendError
    from stend.runtime.addresses import addresses_of
    from stend.runtime.authorizing import renewed_clients
    from stend.runtime.doors import doors_of
    from stend.runtime.system import RandomIds
    from stend.runtime.traffic import Traffic, best_sellers, protocols_with_requests, seeded
    from stend.runtime.traffic_mix import schedule

    ids = RandomIds()
    async with renewed_clients(settings, doors_of(addresses_of(settings)), ids) as clients:
        protocols = protocols_with_requests(tuple(clients))
        arrivals = schedule(
            options.profile, options.rate, protocols, best_sellers(), seeded(options.seed)
        )
        traffic = Traffic(clients, protocols, arrivals, ids.ulid())
        progress = _Progress(session, options)
        try:
            await traffic.prepare()
            progress.begin(protocols)
            await traffic.run(options.duration_s, progress.show)
            _print_summary(session, options, traffic)
        except StendError as error:
            _fail(session, T.NOBODY_ANSWERS, reason=error.value)
    return Exit.OK


class _Progress:
    """A line a second; with --json it goes to stderr, so that stdout is one JSON text."""

    def __init__(self, session: Session, options: TrafficOptions) -> None:
        self._language = session.language
        self._options = options
        self._lines = 0

    def begin(self, protocols: tuple[str, ...]) -> None:
        options = self._options
        told = T.BEGINS(
            self._language,
            profile=options.profile.value,
            rate=f"{options.rate:g}",
            seed=options.seed,
            protocols=", ".join(protocols),
        )
        for line in wrap(told, _COLUMNS):
            self._print(line)

    def show(self, moment: "Moment") -> None:
        from stend.runtime.traffic_profile import Profile, hour_at, rate_at

        if self._lines % _HEAD_EVERY_LINES == 0:
            self._print(_aligned([head(self._language) for head in _HEADS]))
        self._lines += 1
        options, second = self._options, moment.second
        hour = hour_at(moment.at_s)
        is_day = options.profile is Profile.DAY
        p95_ms = second.latencies.quantile_ms(0.95)
        self._print(
            _aligned(
                [
                    f"{moment.at_s:.0f}",
                    f"{int(hour):02}:{int(hour % 1 * 60):02}" if is_day else "–",
                    f"{rate_at(options.profile, options.rate, moment.at_s):.1f}",
                    str(second.sent),
                    str(second.ok),
                    str(second.errors),
                    str(second.dropped),
                    str(moment.in_flight),
                    _milliseconds(p95_ms),
                ]
            )
        )

    def _print(self, line: str) -> None:
        stream = sys.stderr if self._options.as_json else sys.stdout
        print(line, file=stream, flush=True)


_HEADS = (T.AT, T.HOUR, T.PLANNED, T.SENT, T.OK, T.ERRORS, T.DROPPED, T.IN_FLIGHT, T.P95)


def _aligned(cells: list[str]) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, _WIDTHS, strict=True))


def _milliseconds(latency_ms: float | None) -> str:
    return (
        "–"
        if latency_ms is None
        else f"{latency_ms:.0f}"
        if latency_ms >= 10
        else f"{latency_ms:.1f}"
    )


def _print_summary(session: Session, options: TrafficOptions, traffic: "Traffic") -> None:
    figures, lasted_s = traffic.figures, traffic.lasted_s
    if options.as_json:
        session.print_json(_summary(options, figures, lasted_s))
        return
    _print_table(session, figures)
    _print_errors(figures)
    told = (
        T.SUMMARY(
            session.language,
            seconds=f"{lasted_s:.0f}",
            arrived=figures.arrived,
            dropped=figures.dropped,
            most=traffic.most_in_flight,
            unfinished=figures.unfinished,
        ),
        T.MEASURED(session.language, late=f"{figures.late_ms:.0f}"),
    )
    for text in told:
        for line in wrap(text, _COLUMNS):
            print(line)  # noqa: T201 - the output of a command


def _summary(options: TrafficOptions, figures: "Figures", lasted_s: float) -> dict[str, Any]:
    return {
        "profile": options.profile.value,
        "rate": options.rate,
        "seed": options.seed,
        "lasted_s": round(lasted_s, 3),
        "arrived": figures.arrived,
        "dropped": figures.dropped,
        "unfinished": figures.unfinished,
        "generator_late_ms": round(figures.late_ms, 3),
        "rows": [_row(row) for row in figures.rows()],
    }


def _row(row: "Row") -> dict[str, Any]:
    quantiles = {name: row.latencies.quantile_ms(share) for name, share in _QUANTILES.items()}
    return {
        "protocol": row.protocol,
        "operation": row.operation,
        "sent": row.sent,
        "ok": row.ok,
        "errors": dict(sorted(row.errors.items())),
        **{name: value and round(value, 3) for name, value in quantiles.items()},
    }


def _print_table(session: Session, figures: "Figures") -> None:
    from rich.table import Table

    from stend.cli.screen import console

    heads = (T.PROTOCOL, T.OPERATION, T.SENT, T.OK, T.ERRORS)
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(head(session.language), justify="left" if head in heads[:2] else "right")
    table.add_column(T.LATENCIES(session.language), justify="right", no_wrap=True)
    shown = ""
    for row in figures.rows():
        quantiles = (row.latencies.quantile_ms(share) for share in _QUANTILES.values())
        table.add_row(
            row.protocol if row.protocol != shown else "",
            row.operation,
            str(row.sent),
            str(row.ok),
            str(row.errors.total()),
            " / ".join(_milliseconds(value) for value in quantiles),
        )
        shown = row.protocol
    console().print()
    console().print(table)


def _print_errors(figures: "Figures") -> None:
    print()  # noqa: T201 - the output of a command
    for row in figures.rows():
        if row.errors:
            codes = ", ".join(f"{code} {count}" for code, count in row.errors.most_common())
            for line in wrap(f"{row.protocol} {row.operation}: {codes}", _COLUMNS):
                print(line)  # noqa: T201 - as above
