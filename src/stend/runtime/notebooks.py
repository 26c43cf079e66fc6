"""Where the parts of the running stand are found: what a notebook asks first."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from html import escape
from typing import Any

from stend.kit.languages import Text
from stend.runtime import control
from stend.runtime.addresses import TAP_OFFSET, state_of
from stend.runtime.process import RunningStand, find
from stend.runtime.refusals import RefusalError
from stend.runtime.sources import load_settings, root


class NoStandToAskError(RefusalError):
    """None runs, or it is not ready."""

    def __init__(self, port_base: int) -> None:
        super().__init__(
            Text(
                ru=f"Стенд на портах от {port_base} не работает или ещё не готов. "
                "Запустите в терминале ./stend up и выполните ячейку ещё раз.",
                en=f"No stand runs on the ports from {port_base}, or it is not ready yet. "
                "Start ./stend up in a terminal, and run the cell again.",
            )
        )

    def __str__(self) -> str:
        return f"{self.text.ru} / {self.text.en}"


@dataclass(frozen=True, slots=True)
class StandAddresses:
    """Every one leads through a tap, where there is one: the portal shows what passes there.

    Attributes:
        portal: of the pages.
        shop: of the REST API and all else that is HTTP.
        kafka: as in `bootstrap.servers`.
    """

    portal: str
    shop: str
    postgresql: str
    mysql: str
    mongodb: str
    redis: str
    rabbitmq: str
    kafka: str

    def __str__(self) -> str:
        return "\n".join(f"{name:<11} {address}" for name, address in self._rows())

    def _repr_html_(self) -> str:
        """What a cell of a notebook shows."""
        rows = (
            f"<tr><th>{name}</th><td><code>{escape(address)}</code></td></tr>"
            for name, address in self._rows()
        )
        return f"<table>{''.join(rows)}</table>"

    def _rows(self) -> tuple[tuple[str, str], ...]:
        names = (one.name for one in fields(self))
        return tuple(zip(names, astuple(self), strict=True))


def running_addresses(port_base: int | None = None) -> StandAddresses:
    """
    Args:
        port_base: of the stand; None for the one of the settings.

    Raises:
        NoStandToAskError: none runs there, or it is not ready.
        SettingsError: a setting is wrong.
    """
    settings = load_settings({} if port_base is None else {"stand.port_base": port_base})
    running = find(state_of(settings, root()))
    status = control.status_of(running) if running else None
    if running is None or status is None or not status["ready"]:
        raise NoStandToAskError(settings.stand.port_base)
    tap = TAP_OFFSET if settings.stand.tap else 0
    return StandAddresses(
        portal=_at(running, 0),
        shop=_at(running, tap),
        **{name: _engine(status, name) for name in _ENGINES},
    )


_ENGINES = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka")


def _at(running: RunningStand, offset: int) -> str:
    return f"http://{running.host}:{running.http_port + offset}"


def _engine(status: Mapping[str, Any], name: str) -> str:
    found = next(one for one in status["engines"] if one["name"] == name)
    return str(found["tapped_url"] or found["url"])
