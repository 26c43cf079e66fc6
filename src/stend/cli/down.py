"""`stend down`."""

from stend.cli.session import Session
from stend.cli.stand import say_not_running, target_of
from stend.cli.texts import T


def down_command(session: Session, port_base: int | None) -> None:
    """Stopping what does not run is no failure: afterwards it does not run, as was asked."""
    from stend.runtime.control import stop

    target = target_of(session, port_base)
    if stop(target.state):
        session.say(T.STOPPED)
    else:
        say_not_running(session, target)
