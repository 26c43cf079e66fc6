"""`stend serve SERVICE`."""

import sys

from stend.cli.session import Exit, Session
from stend.cli.texts import T


def serve_command(session: Session, service: str, port_base: int | None) -> None:
    from stend.runtime.ports import PortTakenError
    from stend.runtime.run import AlreadyRunningError, Plan, run
    from stend.runtime.settings import SERVICES

    if service not in SERVICES:
        session.fail(T.NO_SUCH_SERVICE, name=service, known=", ".join(SERVICES))
    settings = session.settings(
        {"stand.port_base": port_base, "stand.only": service, "stand.tap": False}
    )
    base = settings.stand.port_base
    session.say(T.REST_AT, url=f"http://{settings.stand.host}:{base}")
    session.say(T.GRPC_AT, url=f"{settings.stand.host}:{base + 1}")
    try:
        run(Plan(settings, session.root, alone=service))
    except (PortTakenError, AlreadyRunningError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the message is the output
        raise SystemExit(Exit.FAILURE) from None
