"""`stend compare OPERATION`."""

import asyncio
import sys
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NoReturn

from stend.cli.compare_texts import PAYLOADS
from stend.cli.compare_texts import CompareText as C
from stend.cli.session import Exit, Session
from stend.cli.texts import T

if TYPE_CHECKING:
    from stend.runtime.comparing import Row, Traffic
    from stend.runtime.settings import Settings
    from stend.shop.orders.usecases import Operation

# The relay keeps what it counts, and PlaceOrder places as many orders over each protocol.
MOST_TIMES = 1000
_COLUMNS = 80
_HEADS = (C.PROTOCOL, C.UP, C.DOWN, C.PAYLOAD, C.FRAMING, C.SET_UP, C.TRIPS, C.P50, C.P95)
_WIDTHS = (9, 7, 9, 9, 11, 9, 8, 9, 9)
_NOT_MEASURED = "–"


def compare_command(
    session: Session,
    operation: str,
    fields: list[str],
    times: int,
    port_base: int | None,
    as_json: bool,
) -> None:
    """Exit code 0: every protocol has done it; 1: the service refused; 2: anything else."""
    from stend.cli.call import parsed_fields
    from stend.runtime.authorizing import NoTokenError
    from stend.runtime.sources import quieten_grpc
    from stend.shop.orders.usecases import Operation

    settings = session.settings({"stand.port_base": port_base})
    comparable = [one for one in Operation if one is not Operation.TRACK_ORDER]
    if operation == Operation.TRACK_ORDER:
        _fail(session, C.IS_A_STREAM, name=operation, known=", ".join(comparable))
    if operation not in set(Operation):
        session.fail(T.NO_SUCH_OPERATION, name=operation, known=", ".join(comparable))
    if not 1 <= times <= MOST_TIMES:
        _fail(session, C.BAD_TIMES, value=times, most=MOST_TIMES)
    given = parsed_fields(session, fields)
    quieten_grpc()
    printer = _Printer(session, Operation(operation), times, as_json)
    try:
        raise SystemExit(asyncio.run(_compare(settings, printer, given)))
    except NoTokenError as error:
        session.fail_with(error.text)
    except KeyboardInterrupt:
        raise SystemExit(Exit.OK) from None


def _fail(session: Session, text: C, **values: object) -> NoReturn:
    print(text(session.language, **values), file=sys.stderr)  # noqa: T201 - the output of a command
    raise SystemExit(Exit.FAILURE)


async def _compare(settings: "Settings", printer: "_Printer", given: dict[str, str]) -> Exit:
    from stend.kit.errors import StendError
    from stend.runtime.addresses import addresses_of
    from stend.runtime.authorizing import authorization_of
    from stend.runtime.comparing import Comparison, Shop
    from stend.runtime.system import RandomIds

    addresses = addresses_of(settings)
    shop = Shop(addresses, RandomIds(), await authorization_of(settings, addresses))
    comparison = Comparison(shop, printer.operation, given, printer.times)
    try:
        async for row in comparison.rows():
            printer.show(row)
    except StendError as error:
        places = "".join(f"\n  {one.where}: {one.rule}" for one in error.violations)
        print(f"{error.code}: {error.detail}{places}", file=sys.stderr)  # noqa: T201 - the output
        return Exit.FAILURE
    printer.end()
    return printer.outcome


class _Printer:
    """A line per protocol as it is done; with --json one object at the end."""

    def __init__(self, session: Session, operation: "Operation", times: int, as_json: bool) -> None:
        self.operation = operation
        self.times = times
        self.outcome = Exit.OK
        self._session = session
        self._as_json = as_json
        self._rows: list[Row] = []

    def show(self, row: "Row") -> None:
        if not self._rows and not self._as_json:
            self._say(_aligned([head(self._session.language) for head in _HEADS]))
        self._rows.append(row)
        if row.error:
            refused = Exit.DOMAIN_ERROR if row.error.domain else Exit.FAILURE
            self.outcome = max(self.outcome, refused)
        if self._as_json:
            return
        self._say(_aligned([row.protocol, *_cells(row)]))
        if row.error:
            self._wrapped(f"{row.error.code}: {row.error.detail}", "    ")
        elif row.reason:
            self._wrapped(row.reason, "    ")

    def end(self) -> None:
        if self._as_json:
            self._session.print_json(self._result())
            return
        from stend.runtime.comparing import COUNTED_CALLS

        language = self._session.language
        self._say("")
        self._wrapped(C.COUNTED(language, counted=COUNTED_CALLS, times=self.times))
        self._wrapped(C.PAYLOAD_IS(language))
        for protocol, text in PAYLOADS.items():
            self._wrapped(f"{protocol:<9}  {text(language)}", "  ", 13)

    def _result(self) -> dict[str, Any]:
        from stend.runtime.comparing import COUNTED_CALLS

        return {
            "operation": self.operation.value,
            "times": self.times,
            "counted_calls": COUNTED_CALLS,
            "rows": [_row(row) for row in self._rows],
        }

    def _wrapped(self, text: str, indent: str = "", more: int = 0) -> None:
        after = " " * more or indent
        for line in wrap(text, _COLUMNS, initial_indent=indent, subsequent_indent=after):
            self._say(line)

    def _say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201 - the output of a command


def _aligned(cells: list[str]) -> str:
    first, *others = cells
    columns = (cell.rjust(width) for cell, width in zip(others, _WIDTHS[1:], strict=True))
    return first.ljust(_WIDTHS[0]) + "".join(columns)


def _cells(row: "Row") -> list[str]:
    traffic = row.traffic
    payload, framing = _split(traffic)
    bytes_ = (
        (traffic.up, traffic.down, payload, framing, traffic.set_up)
        if traffic
        else (None, None, None, None, None)
    )
    return [
        *(_NOT_MEASURED if value is None else f"{value:.0f}" for value in bytes_),
        _NOT_MEASURED if traffic is None else f"{traffic.round_trips:.1f}".removesuffix(".0"),
        *(_milliseconds(row.latency_ms(part)) for part in (0.50, 0.95)),
    ]


def _milliseconds(value: float | None) -> str:
    return _NOT_MEASURED if value is None else f"{value:.2f}"


def _split(traffic: "Traffic | None") -> tuple[float | None, float | None]:
    """Payload and framing, both ways together."""
    if traffic is None or traffic.payload_up is None or traffic.payload_down is None:
        return None, None
    payload = traffic.payload_up + traffic.payload_down
    return payload, traffic.up + traffic.down - payload


def _row(row: "Row") -> dict[str, Any]:
    error = row.error and {"code": row.error.code, "detail": row.error.detail}
    return {
        "protocol": row.protocol.value,
        "ok": row.error is None,
        **{name: None if value is None else round(value, 3) for name, value in _figures(row)},
        "reason": row.reason or None,
        "error": error,
    }


def _figures(row: "Row") -> list[tuple[str, float | None]]:
    traffic = row.traffic
    _, framing = _split(traffic)
    return [
        ("bytes_up", traffic.up if traffic else None),
        ("bytes_down", traffic.down if traffic else None),
        ("payload_bytes_up", traffic.payload_up if traffic else None),
        ("payload_bytes_down", traffic.payload_down if traffic else None),
        ("framing_bytes", framing),
        ("set_up_bytes", traffic.set_up if traffic else None),
        ("round_trips", traffic.round_trips if traffic else None),
        ("p50_ms", row.latency_ms(0.50)),
        ("p95_ms", row.latency_ms(0.95)),
    ]
