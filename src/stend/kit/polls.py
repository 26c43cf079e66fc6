"""What a service says again and again by the clock, so that whoever looks on can pass over it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Polls:
    """Statements of SQL and commands of Redis, each as it begins on the wire, in single spaces.

    Attributes:
        readings: that are nothing but polls, whatever they find.
        takings: that take work where there is some: polls only while they find none.
    """

    readings: tuple[str, ...] = ()
    takings: tuple[str, ...] = ()


def together(several: Iterable[Polls]) -> Polls:
    readings: list[str] = []
    takings: list[str] = []
    for one in several:
        readings += one.readings
        takings += one.takings
    return Polls(tuple(readings), tuple(takings))
