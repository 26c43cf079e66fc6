"""The taps as the portal sees them: what they record, and the faults that are set on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stend.kit.json import JsonObject
from stend.tap.faults import Faults
from stend.tap.following import Changes
from stend.tap.reading import Reading
from stend.tap.recording import Place


@dataclass(frozen=True, slots=True)
class TapView:
    """One tap, and how many connections go through it now."""

    place: Place
    port: int
    open: int


@dataclass(frozen=True, slots=True)
class Wire:
    """
    Attributes:
        taps: none when the tap is switched off.
    """

    reading: Reading
    changes: Changes
    faults: Faults
    taps: Callable[[], Sequence[TapView]]

    @property
    def is_on(self) -> bool:
        return bool(self.taps())

    def ring(self) -> JsonObject:
        """The figures of the recording: how large it may get, and what it has let go."""
        figures = self.reading.recording.figures()
        return {**figures._asdict(), "let_go_exchanges": self.reading.let_go}
