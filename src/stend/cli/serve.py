"""`stend serve SERVICE`."""

import gc
import sys

from stend.cli.session import Exit, Session
from stend.cli.texts import T
from stend.portal.stand import StandView


def serve_command(session: Session, service: str, port_base: int | None) -> None:
    # As in `stend up`: next to nothing of what a start makes is garbage.
    gc.disable()
    from stend.cli.follow import Follower
    from stend.runtime.refusals import RefusalError
    from stend.runtime.rows import SERVICES
    from stend.runtime.run import Plan, run

    if service not in SERVICES:
        session.fail(T.NO_SUCH_SERVICE, name=service, known=", ".join(SERVICES))
    settings = session.settings(
        {"stand.port_base": port_base, "stand.only": service, "stand.tap": False}
    )

    def ready(seconds: float, view: StandView) -> None:
        session.say(T.SERVES, seconds=seconds, name=service)
        for endpoint in view.services[0].endpoints:
            session.say(T.ANSWERS_AT, protocol=endpoint.protocol, url=endpoint.url)
        session.say(T.STOP_HINT)

    try:
        run(Plan(settings, session.root, alone=service, on_change=Follower(session, ready).show))
    except RefusalError as error:
        print(error.text[session.language], file=sys.stderr)  # noqa: T201 - the output
        raise SystemExit(Exit.FAILURE) from None
