"""`stend up`."""

import gc
import importlib
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from stend.cli.down import stop_containers
from stend.cli.session import Exit, Session
from stend.cli.texts import T
from stend.portal.stand import StandView
from stend.runtime import process
from stend.runtime.addresses import addresses_of, state_of
from stend.runtime.rows import EngineMode
from stend.runtime.settings import Settings

_NOTHING_FOUND: Mapping[str, str] = MappingProxyType({})
_FOR_THE_START = frozenset({"--engines", "--only", "--no-tap", "--fresh"})


@dataclass(frozen=True, slots=True)
class UpOptions:
    detach: bool
    browser: bool
    fresh: bool


def up_command(session: Session, given: Mapping[str, Any], options: UpOptions) -> None:
    settings = session.settings(given)
    url = addresses_of(settings).http_url
    if process.find(state_of(settings, session.root)):
        # These decide how a stand is started; saying "it runs" would be as if they were obeyed.
        if late := [word for word in _arguments(given, options) if word in _FOR_THE_START]:
            session.fail(T.ALREADY_OTHERWISE, url=url, options=", ".join(late))
        session.say(T.ALREADY, url=url)
        return
    if settings.stand.engines is EngineMode.DOCKER:
        _up_in_containers(session, settings, given, options)
    else:
        _up(session, settings, given, options)


def _up_in_containers(
    session: Session, settings: Settings, given: Mapping[str, Any], options: UpOptions
) -> None:
    from stend.runtime.containers import Containers, addresses_in_containers
    from stend.runtime.refusals import RefusalError

    state = state_of(settings, session.root)
    containers = Containers(settings, state)
    found = addresses_in_containers(settings)
    # From here on it is a stand with engines of somebody else.
    given = {**given, "stand.engines": EngineMode.EXTERNAL}
    try:
        # Here and not in the stand: who waits for images to arrive shall see how far they are.
        containers.start(fresh=options.fresh)
        _up(session, session.settings({**given, **found}), given, options, found)
    except RefusalError as error:
        session.fail_with(error.text)
    finally:
        if process.find(state) is None:
            stop_containers(session, containers)


def _up(
    session: Session,
    settings: Settings,
    given: Mapping[str, Any],
    options: UpOptions,
    found: Mapping[str, str] = _NOTHING_FOUND,
) -> None:
    """
    Args:
        found: settings that a stand in the background is told beside the options.
    """
    if options.detach:
        _in_background(session, settings, given, options, found)
    else:
        _in_foreground(session, settings, options)


def _in_background(
    session: Session,
    settings: Settings,
    given: Mapping[str, Any],
    options: UpOptions,
    found: Mapping[str, str],
) -> None:
    from stend.runtime.control import (
        DidNotStartError,
        NotReadyInTimeError,
        start_in_background,
    )

    started_at = time.monotonic()
    state = state_of(settings, session.root)
    # What shows the result takes a tenth of a second to import: the stand starts meanwhile.
    threading.Thread(target=importlib.import_module, args=("stend.cli.screen",)).start()
    try:
        status = start_in_background(_arguments(given, options), state, found)
    except DidNotStartError as error:
        print(error.output.strip(), file=sys.stderr)  # noqa: T201 - the child's own words
        session.fail(T.DID_NOT_START, log=state / process.CONSOLE_LOG)
    except NotReadyInTimeError as error:
        if error.status:
            _print_parts(session, error.status)
        session.fail(T.NOT_READY_IN_TIME, seconds=time.monotonic() - started_at)
    _print_parts(session, status)
    _say_ready(session, settings, time.monotonic() - started_at)
    session.say(T.DOWN_HINT)
    _open_browser(settings, options)


def _print_parts(session: Session, status: Mapping[str, Any]) -> None:
    from stend.cli.screen import print_parts

    print_parts(session, status)


def _arguments(given: Mapping[str, Any], options: UpOptions) -> list[str]:
    arguments = ["up", "--no-browser"]
    names = {
        "stand.port_base": "--port-base",
        "stand.engines": "--engines",
        "stand.only": "--only",
    }
    for setting, option in names.items():
        if given[setting] is not None:
            arguments += [option, str(given[setting])]
    if given["stand.tap"] is False:
        arguments.append("--no-tap")
    if options.fresh:
        arguments.append("--fresh")
    return arguments


def _in_foreground(session: Session, settings: Settings, options: UpOptions) -> None:
    # Hundreds of thousands of objects are about to be made, and next to none of them is garbage:
    # looking for it would take a fifth of the start. The stand collects again when it is ready.
    gc.disable()
    from stend.cli.follow import Follower
    from stend.runtime.refusals import RefusalError
    from stend.runtime.run import Plan, run

    def ready(seconds: float, view: StandView) -> None:
        _print_parts(session, asdict(view))
        _say_ready(session, settings, seconds)
        session.say(T.STOP_HINT)
        _open_browser(settings, options)

    follower = Follower(session, ready)
    try:
        run(Plan(settings, session.root, fresh=options.fresh, on_change=follower.show))
    except RefusalError as error:
        print(error.text[session.language], file=sys.stderr)  # noqa: T201 - the output
        raise SystemExit(Exit.FAILURE) from None
    session.say(T.STOPPED)


def _say_ready(session: Session, settings: Settings, seconds: float) -> None:
    addresses = addresses_of(settings)
    session.say(T.READY, seconds=seconds)
    session.say(T.PORTAL, url=addresses.http_url)
    session.say(T.REST_AT, url=f"{addresses.http_url}/docs")
    session.say(T.GRPC_AT, url=f"{addresses.name}:{addresses.grpc_port}")


def _open_browser(settings: Settings, options: UpOptions) -> None:
    # Only for a person at a terminal: a script wants no window.
    if options.browser and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(addresses_of(settings).http_url)
