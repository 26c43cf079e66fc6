"""Which stand a command is about, and whether it runs."""

from dataclasses import dataclass
from pathlib import Path

from stend.cli.session import Session
from stend.cli.texts import T
from stend.kit.json import JsonObject
from stend.runtime import process
from stend.runtime.addresses import state_of
from stend.runtime.process import RunningStand
from stend.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    settings: Settings
    state: Path

    @property
    def running(self) -> RunningStand | None:
        return process.find(self.state)


def target_of(session: Session, port_base: int | None) -> Target:
    settings = session.settings({"stand.port_base": port_base})
    return Target(settings, state_of(settings, session.root))


def say_not_running(session: Session, target: Target) -> None:
    session.complain(T.NOT_RUNNING, port_base=target.settings.stand.port_base)


def status_of(session: Session, target: Target) -> JsonObject | None:
    """What the stand says of itself; or None, when why there is nothing has been told."""
    from stend.runtime import control

    running = target.running
    if running is None:
        say_not_running(session, target)
        return None
    status = control.status_of(running)
    if status is None:
        at = f"{running.host}:{running.http_port}"
        session.complain(T.DOES_NOT_ANSWER, pid=running.pid, at=at)
    return status
