"""Randomness as an argument, so that tests and lessons can repeat what happened."""

from typing import Protocol


class Chance(Protocol):
    def random(self) -> float:
        """From 0.0 up to, and without, 1.0; `random.Random` is one."""
        ...
