"""`stend down`."""

from stend.cli.session import Session
from stend.cli.stand import say_not_running, target_of
from stend.cli.texts import T
from stend.runtime.containers import Containers
from stend.runtime.refusals import RefusalError


def down_command(session: Session, port_base: int | None) -> None:
    """Stopping what does not run is no failure: afterwards it does not run, as was asked."""
    from stend.runtime.control import stop

    target = target_of(session, port_base)
    containers = Containers(target.settings, target.state)
    did_run = stop(target.state)
    # Those of a stand that was killed, too.
    did_run |= containers.were_started
    stop_containers(session, containers)
    if did_run:
        session.say(T.STOPPED)
    else:
        say_not_running(session, target)


def stop_containers(session: Session, containers: Containers) -> None:
    """After the stand that uses them; where none were started, nothing happens."""
    try:
        containers.stop()
    except RefusalError as error:
        session.fail_with(error.text)
