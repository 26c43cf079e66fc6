"""What kinds of faults are made of: a name, parameters with bounds, and what it does to bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stend.kit.chance import Chance
from stend.kit.languages import Text
from stend.tap.disturb.actions import Disturbance
from stend.wire.decoding import StreamDecoder

Numbers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a fault is set with.

    Attributes:
        name: with its unit: `latency_ms`, `after_bytes`.
    """

    name: str
    default: float
    least: float
    most: float
    text: Text


@dataclass(frozen=True, slots=True)
class Strikes:
    """What a fault on one connection works with.

    Attributes:
        chance: seeded; the same seed and the same traffic give the same faults.
        probability: of one strike, where a kind strikes message by message.
        struck: to be called whenever it has struck.
        decoder: makes a decoder that has read the connection up to now.
    """

    numbers: Numbers
    chance: Chance
    probability: float
    struck: Callable[[], None]
    decoder: Callable[[], StreamDecoder]

    def is_due(self) -> bool:
        """Whether the next message is struck."""
        return self.probability >= 1 or self.chance.random() < self.probability


# One connection's disturbance. What all connections of a fault share, such as a count of messages,
# is what the outer function keeps.
Make = Callable[[Strikes], Disturbance]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    Attributes:
        protocols: where it has a meaning; none means on all, as it knows of bytes only.
        per_message: its probability is that of a message, otherwise that of a connection.
        begin: makes what makes the disturbance of each connection.
    """

    name: str
    title: Text
    text: Text
    parameters: tuple[Parameter, ...]
    begin: Callable[[], Make]
    protocols: tuple[str, ...] = ()
    per_message: bool = False

    def speaks(self, protocol: str) -> bool:
        """Whether it has a meaning there."""
        return not self.protocols or protocol in self.protocols


def stateless(make: Make) -> Callable[[], Make]:
    """For kinds whose connections share nothing."""
    return lambda: make
