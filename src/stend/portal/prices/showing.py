"""What the templates of the price list and of the panes ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from stend.portal.prices.pricing import Path
from stend.portal.prices.running import Run
from stend.portal.units.heads import Head, UnitHead, head_of, unit_heads
from stend.portal.units.writing import written
from stend.portal.wire import Wire
from stend.tap.reading import Seen

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Pane:
    """
    Attributes:
        units: of the exchange of the request, then of that of the reply.
        chosen: what is shown first: the largest that came back.
        unit: of it, what a page without scripts shows.
        more: how many units passed beside these on the same connections.
    """

    head: Head
    units: list[UnitHead]
    chosen: UnitHead
    unit: dict[str, object]
    reply: str | None
    more: int


class Prices:
    """
    Args:
        url: that the clients of the playground call, for its host.
    """

    def __init__(self, runs: Sequence[Run], wire: Wire, url: str) -> None:
        self._wire = wire
        self.runs: Mapping[str, Run] = {one.draft.protocol: one for one in runs}
        self.is_on = wire.is_on
        self.host = urlsplit(url).hostname or ""
        self.is_number = _is_number(self.host)
        priced = [one.price for one in runs if one.price]
        self.most_bytes = max((max(one.up.total, one.down.total) for one in priced), default=0)
        self.longest = max((one.path.total for one in priced), default=0.0)

    @staticmethod
    def parts(path: Path) -> list[tuple[str, float]]:
        """A path in pieces that follow each other, in milliseconds."""
        own = path.request_begins if path.opened is None else path.opened
        marks = [0.0, own, path.request_begins, path.request_ends]
        marks += [path.total if path.reply_begins is None else path.reply_begins, path.total]
        names = ("own", "open", "ask", "wait", "tell")
        pieces = zip(names, marks, marks[1:], strict=False)
        return [(name, end - begin) for name, begin, end in pieces if end > begin]

    def pane(self, run: Run) -> Pane:
        found = run.found
        if found is None:
            raise ValueError("nothing was found of this call")
        exchanges = [found.request, *([found.reply] if found.reply else [])]
        units = [one for seen in exchanges for one in unit_heads(seen)]
        chosen = max((one for one in units if not one.is_up), key=_size, default=units[0])
        seen = _owner(exchanges, chosen)
        shown = {(one.exchange, one.number) for one in units}
        return Pane(
            head=head_of(self._wire.reading, found.request),
            units=units,
            chosen=chosen,
            unit=written(self._wire.reading, seen, chosen.number),
            reply=found.reply.id if found.reply else None,
            more=max(len(found.pieces) - len(shown), 0),
        )


def share(part: float, whole: float) -> int:
    """Per cent of the scale of a column; what is there at all has a mark."""
    if part <= 0 or whole <= 0:
        return 0
    return max(round(part / whole * _WHOLE), 1)


def _size(unit: UnitHead) -> int:
    return unit.size


def _owner(exchanges: Sequence[Seen], unit: UnitHead) -> Seen:
    return next(one for one in exchanges if one.id == unit.exchange)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
