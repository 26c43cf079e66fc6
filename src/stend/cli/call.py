"""`stend call OPERATION --over PROTOCOL`."""

import asyncio
import json
from typing import Any

from stend.cli.session import Exit, Session
from stend.cli.texts import T
from stend.kit.errors import StendError, Violation
from stend.runtime.addresses import addresses_of
from stend.runtime.authorizing import NoTokenError, authorization_of
from stend.runtime.calling import OrdersClients, Result, call, completed, result_to_json
from stend.runtime.doors import doors_of
from stend.runtime.settings import Settings
from stend.runtime.sources import quieten_grpc
from stend.runtime.system import RandomIds
from stend.runtime.tracing import traced_call
from stend.shop.orders.api.forms import rest_form
from stend.shop.orders.api.protocols import protocols_of
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.usecases import Operation


def call_command(
    session: Session,
    operation: str,
    over: str,
    fields: list[str],
    port_base: int | None,
    as_json: bool,
) -> None:
    """Exit code 0: done; 1: the service refused; 2: anything else."""
    settings = session.settings({"stand.port_base": port_base})
    if operation not in set(Operation):
        session.fail(T.NO_SUCH_OPERATION, name=operation, known=", ".join(Operation))
    known = protocols_of(Operation(operation))
    if over not in known:
        session.fail(T.NO_SUCH_PROTOCOL, name=over, known=", ".join(known))
    # A .proto marks no field as required, so what is needed comes from the reference contract.
    form = rest_form(Operation(operation))
    given = completed(form, parsed_fields(session, fields), RandomIds())
    quieten_grpc()
    printer = _Printer(session, operation, over, as_json)
    try:
        raise SystemExit(asyncio.run(_call(settings, printer, given)))
    except NoTokenError as error:
        session.fail_with(error.text)
    except KeyboardInterrupt:
        raise SystemExit(Exit.OK) from None


def parsed_fields(session: Session, fields: list[str]) -> dict[str, str]:
    """Of NAME=VALUE; ends the command when one is not."""
    pairs = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not (name and equals):
            session.fail(T.BAD_FIELD, field=field)
        pairs[name] = value
    return pairs


async def _call(settings: Settings, printer: "_Printer", fields: dict[str, str]) -> Exit:
    addresses = addresses_of(settings)
    authorization = await authorization_of(settings, addresses)
    clients = OrdersClients(doors_of(addresses), RandomIds(), authorization)
    client = clients[printer.protocol]
    outcome = Exit.OK
    name = f"call {printer.operation} --over {printer.protocol}"
    try:
        async with traced_call(name, addresses.http_url) as trace_id:
            printer.trace_id = trace_id
            async for reply in call(client, Operation(printer.operation), fields):
                outcome = printer.show(reply)
    except StendError as error:
        printer.show_error(error.code, error.detail, error.violations)
        outcome = Exit.FAILURE
    finally:
        await clients.close()
    return outcome


class _Printer:
    def __init__(self, session: Session, operation: str, protocol: str, as_json: bool) -> None:
        self.operation = operation
        self.protocol = protocol
        self._session = session
        self._as_json = as_json
        self.trace_id = ""

    def show(self, reply: Reply[Result]) -> Exit:
        if error := reply.error:
            self.show_error(error.code, error.detail, error.violations, reply.duration_ms)
            return Exit.DOMAIN_ERROR if error.domain else Exit.FAILURE
        result = result_to_json(reply.value)
        if self._as_json:
            self._print_json(ok=True, duration_ms=reply.duration_ms, result=result)
        else:
            took = f"{reply.status}  {reply.duration_ms:.1f} ms  trace {self.trace_id}"
            print(took)  # noqa: T201 - the output
            print(json.dumps(result, ensure_ascii=False, indent=2))  # noqa: T201 - the output
        return Exit.OK

    def show_error(
        self,
        code: str,
        detail: str,
        violations: tuple[Violation, ...],
        duration_ms: float | None = None,
    ) -> None:
        if self._as_json:
            told = [{"where": one.where, "rule": one.rule} for one in violations]
            error = {"code": code, "detail": detail, "violations": told}
            self._print_json(ok=False, duration_ms=duration_ms, error=error)
        else:
            print(f"{code}: {detail}")  # noqa: T201 - the output

    def _print_json(self, *, ok: bool, duration_ms: float | None, **more: Any) -> None:
        rounded = None if duration_ms is None else round(duration_ms, 3)
        answer = {"operation": self.operation, "protocol": self.protocol, "ok": ok}
        answer |= {**more, "duration_ms": rounded, "trace_id": self.trace_id}
        # A stream prints one object a line, so that a pipe can read it as it comes.
        indent = None if self.operation == Operation.TRACK_ORDER else 2
        print(json.dumps(answer, ensure_ascii=False, indent=indent), flush=True)  # noqa: T201
