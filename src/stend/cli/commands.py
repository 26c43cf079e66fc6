"""The commands and their options."""

from pathlib import Path
from typing import Annotated

import typer
from typer.models import CommandInfo

from stend import __version__
from stend.cli.certificates_texts import CertificatesText
from stend.cli.compare_texts import CompareText, payload_help
from stend.cli.course_commands import add_course
from stend.cli.new_texts import NewText
from stend.cli.open_texts import OpenText
from stend.cli.options import CONTEXT, argument, option
from stend.cli.session import Session
from stend.cli.story_texts import StoryText
from stend.cli.tap_commands import add_fault, add_tap
from stend.cli.texts import T
from stend.cli.traffic_texts import TrafficText


def make_app(session: Session, wanted: str | None = None) -> typer.Typer:
    """All commands, with help in the session's language.

    Args:
        wanted: the first word that was typed; if it is a command, the others are left out.
    """
    app = typer.Typer(
        help=T.APP(session.language),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT,
    )

    @app.callback()
    def stend(
        lang: Annotated[str | None, option(session, T.LANG, "--lang")] = None,
        version: Annotated[
            bool, option(session, T.VERSION, "--version", callback=_version, is_eager=True)
        ] = False,
    ) -> None:
        # The language was read before the commands were made; here it only has its line of help.
        del lang, version

    _add_life(app, session)
    _add_use(app, session)
    _add_open(app, session)
    _add_kafka(app, session)
    add_tap(app, session)
    add_fault(app, session)
    add_course(app, session)
    _add_new(app, session)
    _add_checks(app, session)
    _add_certificates(app, session)
    _leave_out_others(app, wanted)
    return app


def _leave_out_others(app: typer.Typer, wanted: str | None) -> None:
    """Typer reads the signature of every command that it holds, which takes a while for thirty."""
    commands = [one for one in app.registered_commands if _name_of(one) == wanted]
    groups = [one for one in app.registered_groups if one.name == wanted]
    if commands or groups:
        app.registered_commands, app.registered_groups = commands, groups


def _name_of(command: CommandInfo) -> str | None:
    return command.name or (command.callback and command.callback.__name__)


def _version(asked: bool) -> None:
    if asked:
        print(f"stend {__version__}")  # noqa: T201 - this is what was asked for
        raise typer.Exit


def _add_life(app: typer.Typer, session: Session) -> None:
    port_base_option = option(session, T.PORT_BASE, "--port-base")

    @app.command(help=T.UP(session.language))
    def up(
        detach: Annotated[bool, option(session, T.DETACH, "--detach")] = False,
        port_base: Annotated[int | None, port_base_option] = None,
        engines: Annotated[str | None, option(session, T.ENGINES, "--engines")] = None,
        only: Annotated[list[str] | None, option(session, T.ONLY, "--only")] = None,
        no_tap: Annotated[bool, option(session, T.NO_TAP, "--no-tap")] = False,
        no_browser: Annotated[bool, option(session, T.NO_BROWSER, "--no-browser")] = False,
        fresh: Annotated[bool, option(session, T.FRESH, "--fresh")] = False,
    ) -> None:
        from stend.cli.up import UpOptions, up_command

        given = {
            "stand.port_base": port_base,
            "stand.engines": engines,
            "stand.only": ",".join(only) if only else None,
            "stand.tap": False if no_tap else None,
        }
        up_command(session, given, UpOptions(detach, not no_browser, fresh))

    @app.command(help=T.DOWN(session.language))
    def down(port_base: Annotated[int | None, port_base_option] = None) -> None:
        from stend.cli.down import down_command

        down_command(session, port_base)

    @app.command(help=T.SERVE(session.language))
    def serve(
        service: Annotated[str, argument(session, T.SERVICE)],
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.serve import serve_command

        serve_command(session, service, port_base)

    @app.command(help=T.MIGRATE(session.language))
    def migrate(
        services: Annotated[list[str] | None, argument(session, T.MIGRATED_SERVICES)] = None,
        wait: Annotated[float, option(session, T.MIGRATION_WAIT, "--wait")] = 0.0,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.migrate import migrate_command

        migrate_command(session, services or [], wait, port_base, as_json)


def _add_use(app: typer.Typer, session: Session) -> None:
    port_base_option = option(session, T.PORT_BASE, "--port-base")
    json_option = option(session, T.JSON, "--json")

    @app.command(help=T.STATUS(session.language))
    def status(
        as_json: Annotated[bool, json_option] = False,
        limits: Annotated[bool, option(session, T.SHOW_LIMITS, "--limits")] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.status import status_command

        status_command(session, port_base, as_json, limits)

    @app.command(help=T.CALL(session.language))
    def call(
        operation: Annotated[str, argument(session, T.OPERATION)],
        over: Annotated[str, option(session, T.OVER, "--over")],
        fields: Annotated[list[str] | None, argument(session, T.FIELDS)] = None,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.call import call_command

        call_command(session, operation, over, fields or [], port_base, as_json)

    @app.command(help=StoryText.STORY(session.language))
    def story(
        trace: Annotated[str | None, argument(session, StoryText.TRACE)] = None,
        form: Annotated[str, option(session, StoryText.FORMAT, "--format")] = "text",
        view: Annotated[str, option(session, StoryText.VIEW, "--view")] = "stores",
        limit: Annotated[int, option(session, StoryText.LIMIT, "--limit")] = 20,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.story import stories_command, story_command

        if trace is None:
            stories_command(session, limit, port_base, as_json)
        else:
            story_command(session, trace, form, view, port_base, as_json)

    @app.command(help=T.LOGS(session.language))
    def logs(
        part: Annotated[str | None, argument(session, T.PART)] = None,
        follow: Annotated[bool, option(session, T.FOLLOW, "--follow", "-f")] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.logs import logs_command

        logs_command(session, part, follow, port_base)

    _add_measuring(app, session)


def _add_measuring(app: typer.Typer, session: Session) -> None:
    port_base_option = option(session, T.PORT_BASE, "--port-base")
    json_option = option(session, T.JSON, "--json")
    language = session.language

    @app.command(help=CompareText.COMPARE(language), epilog=payload_help(language))
    def compare(
        operation: Annotated[str, argument(session, CompareText.OPERATION)],
        fields: Annotated[list[str] | None, argument(session, CompareText.FIELDS)] = None,
        times: Annotated[int, option(session, CompareText.TIMES, "--times")] = 20,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.compare import compare_command

        compare_command(session, operation, fields or [], times, port_base, as_json)

    @app.command(help=TrafficText.TRAFFIC(language))
    def traffic(
        rate: Annotated[float, option(session, TrafficText.RATE, "--rate")] = 5.0,
        profile: Annotated[str, option(session, TrafficText.PROFILE, "--profile")] = "day",
        seed: Annotated[int, option(session, TrafficText.SEED, "--seed")] = 1,
        duration: Annotated[
            float | None, option(session, TrafficText.DURATION, "--duration")
        ] = None,
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.traffic import traffic_command

        traffic_command(session, port_base, rate, profile, seed, duration, as_json)


def _add_kafka(app: typer.Typer, session: Session) -> None:
    port_base_option = option(session, T.PORT_BASE, "--port-base")
    json_option = option(session, T.JSON, "--json")
    kafka = typer.Typer(
        help=T.KAFKA(session.language),
        no_args_is_help=True,
        context_settings=CONTEXT,
    )
    app.add_typer(kafka, name="kafka")

    @kafka.command(help=T.KAFKA_BROKERS(session.language))
    def brokers(
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.kafka import brokers_command

        brokers_command(session, port_base, as_json)

    @kafka.command(help=T.KAFKA_STOP(session.language))
    def stop(
        broker: Annotated[int, argument(session, T.BROKER_ID)],
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.kafka import change_command

        change_command(session, broker, port_base, as_json, stopped=True)

    @kafka.command(help=T.KAFKA_START(session.language))
    def start(
        broker: Annotated[int, argument(session, T.BROKER_ID)],
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, port_base_option] = None,
    ) -> None:
        from stend.cli.kafka import change_command

        change_command(session, broker, port_base, as_json, stopped=False)


def _add_checks(app: typer.Typer, session: Session) -> None:
    json_option = option(session, T.JSON, "--json")

    @app.command(help=T.DOCTOR(session.language))
    def doctor(
        as_json: Annotated[bool, json_option] = False,
        port_base: Annotated[int | None, option(session, T.PORT_BASE, "--port-base")] = None,
    ) -> None:
        from stend.cli.doctor import doctor_command

        doctor_command(session, port_base, as_json)

    @app.command(
        help=T.TEST(session.language),
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def test(
        arguments: Annotated[list[str] | None, argument(session, T.PYTEST_ARGUMENTS)] = None,
        engines: Annotated[str | None, option(session, T.TEST_ENGINES, "--engines")] = None,
    ) -> None:
        from stend.cli.test import test_command

        test_command(session, engines, arguments or [])

    @app.command(help=T.PARITY(session.language))
    def parity(as_json: Annotated[bool, json_option] = False) -> None:
        from stend.cli.parity import parity_command

        parity_command(session, as_json)

    @app.command(help=T.BENCH(session.language))
    def bench(
        names: Annotated[list[str] | None, argument(session, T.BENCH_NAME)] = None,
        minutes: Annotated[float | None, option(session, T.BENCH_MINUTES, "--minutes")] = None,
        write: Annotated[bool, option(session, T.BENCH_WRITE, "--write")] = False,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        from stend.cli.bench import bench_command

        bench_command(session, names or [], minutes, as_json, write)


def _add_open(app: typer.Typer, session: Session) -> None:
    @app.command(name="open", help=OpenText.OPEN(session.language))
    def open_(
        file: Annotated[Path, argument(session, OpenText.FILE)],
        port: Annotated[int, option(session, OpenText.PORT, "--port")] = 0,
        no_browser: Annotated[bool, option(session, OpenText.NO_BROWSER, "--no-browser")] = False,
        as_json: Annotated[bool, option(session, OpenText.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.open import open_command

        open_command(session, file, port, not no_browser, as_json)


def _add_new(app: typer.Typer, session: Session) -> None:
    @app.command(help=NewText.NEW(session.language))
    def new(
        kind: Annotated[str | None, argument(session, NewText.KIND)] = None,
        folder: Annotated[Path | None, argument(session, NewText.DIR, metavar="DIR")] = None,
        name: Annotated[str | None, option(session, NewText.NAME, "--name")] = None,
        language: Annotated[
            str | None, option(session, NewText.README_LANGUAGE, "--language")
        ] = None,
        all_kinds: Annotated[bool, option(session, NewText.LIST, "--list")] = False,
        as_json: Annotated[bool, option(session, T.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.new import list_command, new_command

        if all_kinds:
            list_command(session, as_json)
        else:
            new_command(session, kind, folder, name, language, as_json)


def _add_certificates(app: typer.Typer, session: Session) -> None:
    @app.command(help=CertificatesText.CERTIFICATES(session.language))
    def certificates(
        folder: Annotated[Path, argument(session, CertificatesText.FOLDER)],
        name: Annotated[list[str] | None, option(session, CertificatesText.NAME, "--name")] = None,
        as_json: Annotated[bool, option(session, CertificatesText.JSON, "--json")] = False,
    ) -> None:
        from stend.cli.certificates import certificates_command

        certificates_command(session, folder, name or [], as_json)
