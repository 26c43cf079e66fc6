"""Asks the running stand for a command, and ends the command where there is no answer."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from stend.cli.fault_texts import FaultText
from stend.cli.session import Exit, Session
from stend.cli.stand import say_not_running, target_of
from stend.cli.tap_texts import TapText
from stend.runtime.asking import NoAnswerError, RefusedError, StandApi


def api_of(session: Session, port_base: int | None) -> StandApi:
    """Of the stand that runs; exit code 2 where none does."""
    target = target_of(session, port_base)
    running = target.running
    if running is None:
        say_not_running(session, target)
        raise SystemExit(Exit.FAILURE)
    return StandApi(running)


@contextmanager
def asking(session: Session) -> Iterator[None]:
    """Exit code 1: the stand refuses; 2: it does not answer."""
    try:
        yield
    except RefusedError as error:
        complain(session, TapText.REFUSES, reason=error)
        raise SystemExit(Exit.DOMAIN_ERROR) from None
    except NoAnswerError as error:
        fail(session, TapText.NO_ANSWER, reason=error)


def complain(session: Session, text: TapText | FaultText, **values: object) -> None:
    print(text(session.language, **values), file=sys.stderr)  # noqa: T201 - the output of a command


def fail(session: Session, text: TapText | FaultText, **values: object) -> NoReturn:
    complain(session, text, **values)
    raise SystemExit(Exit.FAILURE)


def edge_of(session: Session, given: str) -> tuple[str, str]:
    """Of SOURCE:TARGET; ends the command when it is none."""
    source, colon, target = given.partition(":")
    if not (source and colon and target) or ":" in target:
        fail(session, TapText.BAD_EDGE, value=given)
    return source, target
