"""The commands `stend tap …` and `stend fault …`, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from stend.cli.fault_texts import FaultText
from stend.cli.options import CONTEXT, argument, option
from stend.cli.session import Session
from stend.cli.tap_texts import TapText
from stend.cli.texts import T


def add_tap(app: typer.Typer, session: Session) -> None:
    tap = typer.Typer(
        help=TapText.TAP(session.language), no_args_is_help=True, context_settings=CONTEXT
    )
    app.add_typer(tap, name="tap")
    _add_lists(tap, session)
    _add_one(tap, session)
    _add_files(tap, session)


def add_fault(app: typer.Typer, session: Session) -> None:
    fault = typer.Typer(
        help=FaultText.FAULT(session.language), no_args_is_help=True, context_settings=CONTEXT
    )
    app.add_typer(fault, name="fault")
    _add_setting(fault, session)
    _add_looking(fault, session)


def _add_lists(tap: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    port_base_option = option(session, T.PORT_BASE, "--port-base")
    on_option = option(session, TapText.ON, "--on")
    protocol_option = option(session, TapText.PROTOCOL, "--protocol")
    trace_option = option(session, TapText.TRACE, "--trace")
    errors_option = option(session, TapText.ERRORS, "--errors")
    background_option = option(session, TapText.BACKGROUND, "--background")

    @tap.command(name="list", help=TapText.LIST(session.language))
    def list_(
        exchanges: Annotated[bool, option(session, TapText.EXCHANGES, "--exchanges")] = False,
        on: Annotated[str | None, on_option] = None,
        protocol: Annotated[str | None, protocol_option] = None,
        trace: Annotated[str | None, trace_option] = None,
        errors: Annotated[bool, errors_option] = False,
        background: Annotated[bool, background_option] = False,
        limit: Annotated[int, option(session, TapText.LIMIT, "--limit")] = 20,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.tap import Filters, exchanges_command, list_command

        filters = Filters(on, protocol, trace, errors, background)
        if exchanges or filters != Filters(None, None, None, errors=False, background=False):
            exchanges_command(session, filters, limit, port_base, as_json)
        else:
            list_command(session, port_base, as_json)

    @tap.command(help=TapText.WATCH(session.language))
    def follow(
        on: Annotated[str | None, on_option] = None,
        protocol: Annotated[str | None, protocol_option] = None,
        trace: Annotated[str | None, trace_option] = None,
        errors: Annotated[bool, errors_option] = False,
        background: Annotated[bool, background_option] = False,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.tap import Filters, follow_command

        filters = Filters(on, protocol, trace, errors, background)
        follow_command(session, filters, port_base, as_json)


def _add_one(tap: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    port_base_option = option(session, T.PORT_BASE, "--port-base")

    @tap.command(help=TapText.SHOW(session.language))
    def show(
        exchange: Annotated[str, argument(session, TapText.ID, metavar="ID")],
        bytes_too: Annotated[bool, option(session, TapText.BYTES, "--bytes")] = False,
        no_meanings: Annotated[bool, option(session, TapText.NO_MEANINGS, "--no-meanings")] = False,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.exchange import show_command

        show_command(
            session, exchange, port_base, as_json, bytes_too=bytes_too, meanings=not no_meanings
        )

    @tap.command(help=TapText.CLEAR(session.language))
    def clear(
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.tap import clear_command

        clear_command(session, port_base, as_json)


def _add_files(tap: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    port_base_option = option(session, T.PORT_BASE, "--port-base")

    @tap.command(help=TapText.EXPORT(session.language))
    def export(
        file: Annotated[Path, argument(session, TapText.FILE)],
        format_: Annotated[str | None, option(session, TapText.FORMAT, "--format")] = None,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.tap import export_command

        export_command(session, file, format_, port_base, as_json)

    @tap.command(help=TapText.VERIFY(session.language))
    def verify(
        file: Annotated[Path | None, argument(session, TapText.SESSION_FILE)] = None,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.verify import verify_command

        verify_command(session, file, port_base, as_json)


def _add_setting(fault: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    port_base_option = option(session, T.PORT_BASE, "--port-base")

    @fault.command(name="set", help=FaultText.SET(session.language))
    def set_(
        kind: Annotated[str, argument(session, FaultText.KIND)],
        on: Annotated[str, option(session, FaultText.ON, "--on")],
        numbers: Annotated[list[str] | None, argument(session, FaultText.NUMBERS)] = None,
        probability: Annotated[
            float, option(session, FaultText.PROBABILITY, "--probability")
        ] = 1.0,
        seed: Annotated[int | None, option(session, FaultText.SEED, "--seed")] = None,
        duration: Annotated[float, option(session, FaultText.FOR, "--for")] = 60.0,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.fault import Asked, set_command

        asked = Asked(kind, on, numbers or [], probability, seed, duration)
        set_command(session, asked, port_base, as_json)

    @fault.command(help=FaultText.CLEAR(session.language))
    def clear(
        ids: Annotated[list[str] | None, argument(session, FaultText.IDS)] = None,
        all_of_them: Annotated[bool, option(session, FaultText.ALL, "--all")] = False,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.fault import clear_command

        clear_command(session, ids or [], all_of_them, port_base, as_json)


def _add_looking(fault: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")
    port_base_option = option(session, T.PORT_BASE, "--port-base")

    @fault.command(help=FaultText.KINDS(session.language))
    def kinds(
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.fault import kinds_command

        kinds_command(session, port_base, as_json)

    @fault.command(name="list", help=FaultText.LIST(session.language))
    def list_(
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.fault import list_command

        list_command(session, port_base, as_json)
