"""Which messages a fault strikes: the first so many, every so manieth, with some probability."""

from collections.abc import Callable

from stend.kit.languages import Text
from stend.tap.disturb.actions import Disturbance
from stend.tap.disturb.kinds import Kind, Make, Parameter, Strikes

FIRST = Parameter(
    "first",
    0,
    0,
    1_000_000,
    Text(
        ru="только первые столько сообщений; 0 — без предела",
        en="the first so many messages only; 0 means all",
    ),
)
EVERY = Parameter(
    "every",
    1,
    1,
    1_000_000,
    Text(
        ru="каждое такое по счёту: 3 — каждое третье",
        en="each one of so many: 3 means every third",
    ),
)


class Choice:
    """Shared by all connections of a fault: what counts is the order in which messages came."""

    def __init__(self) -> None:
        self._seen = 0
        self._struck = 0

    def strikes(self, strikes: Strikes) -> bool:
        """Whether the next message is struck; counts it."""
        self._seen += 1
        first, every = int(strikes.numbers["first"]), int(strikes.numbers["every"])
        if (first and self._struck >= first) or self._seen % every or not strikes.is_due():
            return False
        self._struck += 1
        strikes.struck()
        return True


def counted(make: Callable[[Strikes, Choice], Disturbance]) -> Callable[[], Make]:
    """For kinds whose connections share their count."""

    def begin() -> Make:
        choice = Choice()
        return lambda strikes: make(strikes, choice)

    return begin


def message_kind(
    name: str,
    title: Text,
    text: Text,
    make: Callable[[Strikes, Choice], Disturbance],
    *protocols: str,
    parameters: tuple[Parameter, ...] = (),
) -> Kind:
    """A kind that strikes messages, chosen by their number and their probability.

    Args:
        parameters: its own, beside those of the choice.
    """
    chosen = (*parameters, FIRST, EVERY)
    return Kind(name, title, text, chosen, counted(make), protocols, per_message=True)
