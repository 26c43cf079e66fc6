"""What each command of MongoDB takes, as its client sees it.

MongoDB's protocol has no measure that all servers of it share: a real one, the embedded one and
FerretDB answer serverStatus differently. The client's own watch is the same before each of them.
"""

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from stend.chassis.metrics import MONGODB_COMMAND_SECONDS

_MICROSECONDS = 1_000_000


class CommandFigures(CommandListener):
    """
    Args:
        service: as metrics name it.
    """

    def __init__(self, service: str) -> None:
        self._service = service

    def started(self, event: CommandStartedEvent) -> None:
        """What has no end yet has no figures."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._observe(event.command_name, "ok", event.duration_micros)

    def failed(self, event: CommandFailedEvent) -> None:
        self._observe(event.command_name, "failed", event.duration_micros)

    def _observe(self, command: str, outcome: str, micros: int) -> None:
        labels = (self._service, command, outcome)
        MONGODB_COMMAND_SECONDS.labels(*labels).observe(micros / _MICROSECONDS)
