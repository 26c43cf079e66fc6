"""The faults that are set: where, which, for how long. They revert by themselves."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.errors import EdgeErrorCode, StendError
from stend.tap.disturb.actions import Disturbance
from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.kinds import Kind, Make, Numbers, Strikes
from stend.tap.recording import Connection, Place
from stend.wire.decoding import StreamDecoder

ANYWHERE = "*"
DURATION_LIMIT_S = 3600.0
_SEED_LIMIT = 2**31
_NOTHING: Mapping[str, Disturbance | None] = MappingProxyType({})
# As many as a person can watch; more is a mistake of a script.
FAULTS_LIMIT = 32


@dataclass(frozen=True, slots=True)
class Edge:
    """Between whom a fault strikes; `*` stands for anybody."""

    source: str
    target: str

    def holds(self, place: Place) -> bool:
        return self.holds_between(place.source, place.target)

    def holds_between(self, source: str, target: str) -> bool:
        return self.source in (ANYWHERE, source) and self.target in (ANYWHERE, target)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fault as somebody asks for it.

    Attributes:
        numbers: parameters that differ from the kind's defaults.
        probability: of a connection or of a message, as the kind has it.
        seed: None lets the stand choose one, and tell it.
        duration_s: after which it reverts.
    """

    kind: str
    edge: Edge
    numbers: Numbers = field(default_factory=dict)
    probability: float = 1.0
    seed: int | None = None
    duration_s: float = 60.0


@dataclass(slots=True)
class Fault:
    """A fault that is set.

    Attributes:
        struck: how often so far.
    """

    id: str
    kind: Kind
    edge: Edge
    numbers: Numbers
    probability: float
    seed: int
    set_at: datetime
    ends_at: datetime
    struck: int = 0


class Faults:
    """
    Args:
        places: where taps stand; a fault on an edge that is none of them is refused.
        seeded: makes a generator from a seed.
        fork: makes a decoder that has read a connection up to now.
        catch_up: reads a little of what passed at some places; whether all of it is read. So a
            fault that has to know what was said before stops nobody while it finds out.

    Attributes:
        on_change: told whenever a fault is set or ends; open connections are to be disturbed anew.
    """

    def __init__(
        self,
        places: Callable[[], Iterable[Place]],
        seeded: Callable[[int], Chance],
        clock: Clock,
        chance: Chance,
        fork: Callable[[Connection], StreamDecoder],
        catch_up: Callable[[Callable[[Place], bool]], bool],
    ) -> None:
        self._places = places
        self._seeded = seeded
        self._clock = clock
        self._chance = chance
        self._fork = fork
        self._catch_up = catch_up
        self._count = 0
        self._active: dict[str, tuple[Fault, Make, Chance]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.on_change: list[Callable[[], None]] = []

    def active(self) -> tuple[Fault, ...]:
        return tuple(fault for fault, _, _ in self._active.values())

    def set(self, wanted: Wanted) -> Fault:
        """
        Raises:
            StendError: no such kind, edge or parameter, or a number out of its bounds.
        """
        kind = _kind_of(wanted)
        self._check(wanted, kind)
        self._count += 1
        seed = wanted.seed
        if seed is None:
            seed = int(self._chance.random() * _SEED_LIMIT)
        now = self._clock.now()
        fault = Fault(
            f"f{self._count}",
            kind,
            wanted.edge,
            {one.name: one.default for one in kind.parameters} | dict(wanted.numbers),
            wanted.probability,
            seed,
            now,
            now + timedelta(seconds=wanted.duration_s),
        )
        self._active[fault.id] = (fault, kind.begin(), self._seeded(seed))
        loop = asyncio.get_running_loop()
        self._timers[fault.id] = loop.call_later(wanted.duration_s, self.clear, fault.id)
        self._tell_of(fault)
        return fault

    def clear(self, fault_id: str) -> bool:
        """Reverts one. False where it is not set, or not any more."""
        if self._active.pop(fault_id, None) is None:
            return False
        self._timers.pop(fault_id).cancel()
        self._tell()
        return True

    def clear_all(self) -> int:
        found = [fault.id for fault in self.active()]
        for one in found:
            self.clear(one)
        return len(found)

    def chain_for(
        self, connection: Connection, decided: Mapping[str, Disturbance | None] = _NOTHING
    ) -> dict[str, Disturbance | None]:
        """What disturbs a connection, by fault, in the order in which they were set.

        Args:
            decided: what was told of this connection before; that stays as long as its fault.

        Returns:
            None for a fault that spares this connection.
        """
        place = connection.place
        found: dict[str, Disturbance | None] = {}
        for fault, make, chance in self._active.values():
            if fault.id in decided:
                found[fault.id] = decided[fault.id]
            elif fault.edge.holds(place) and fault.kind.speaks(place.protocol):
                is_struck = fault.kind.per_message or chance.random() < fault.probability
                strikes = self._strikes(fault, chance, connection)
                found[fault.id] = make(strikes) if is_struck else None
        return found

    def _strikes(self, fault: Fault, chance: Chance, connection: Connection) -> Strikes:
        fork = partial(self._fork, connection)
        return Strikes(fault.numbers, chance, fault.probability, _counting(fault), fork)

    def _tell_of(self, fault: Fault) -> None:
        """Tells of a new fault, as soon as it would not take long to read what was said before."""

        def is_meant(place: Place) -> bool:
            return fault.edge.holds(place) and fault.kind.speaks(place.protocol)

        if not fault.kind.protocols or self._catch_up(is_meant):
            self._tell()
        elif fault.id in self._active:
            asyncio.get_running_loop().call_soon(self._tell_of, fault)

    def _tell(self) -> None:
        for tell in self.on_change:
            tell()

    def _check(self, wanted: Wanted, kind: Kind) -> None:
        if len(self._active) >= FAULTS_LIMIT:
            raise _refused(
                f"{len(self._active)} faults are set already.",
                None,
                f"at most {FAULTS_LIMIT} at once",
                "Clear some of them first.",
            )
        _check_numbers(wanted, kind)
        places = list(self._places())
        there = [place for place in places if wanted.edge.holds(place)]
        if not there:
            known = ", ".join(sorted(f"{one.source}:{one.target}" for one in places))
            raise _refused(
                "No tap stands on this edge.",
                f"{wanted.edge.source}:{wanted.edge.target}",
                f"one of {known}, or * on either side",
                "See them with `stend tap list`.",
            )
        if kind.protocols and not any(kind.speaks(place.protocol) for place in there):
            spoken = ", ".join(sorted({place.protocol for place in there}))
            raise _refused(
                f"The fault {kind.name} has no meaning on this edge, which speaks {spoken}.",
                f"{wanted.edge.source}:{wanted.edge.target}",
                f"an edge that speaks {' or '.join(kind.protocols)}",
                "See all kinds with `stend fault kinds`.",
            )


def _kind_of(wanted: Wanted) -> Kind:
    kind = KINDS.get(wanted.kind)
    if kind is None:
        raise _refused(
            "There is no such kind of fault.",
            wanted.kind,
            f"one of {', '.join(KINDS)}",
            "See what each does with `stend fault kinds`.",
        )
    return kind


def _check_numbers(wanted: Wanted, kind: Kind) -> None:
    known = {one.name: one for one in kind.parameters}
    for name, value in wanted.numbers.items():
        one = known.get(name)
        if one is None:
            raise _refused(
                f"The fault {kind.name} has no such parameter.",
                name,
                f"one of {', '.join(known)}" if known else "no parameter at all",
                "See them with `stend fault kinds`.",
            )
        if not one.least <= value <= one.most:
            raise _refused(
                f"{name} is out of its bounds.", f"{value:g}", f"{one.least:g} to {one.most:g}", ""
            )
    if not 0 < wanted.probability <= 1:
        raise _refused(
            "A probability is out of its bounds.",
            f"{wanted.probability:g}",
            "more than 0, at most 1",
            "",
        )
    if not 0 < wanted.duration_s <= DURATION_LIMIT_S:
        raise _refused(
            "A duration is out of its bounds.",
            f"{wanted.duration_s:g} s",
            f"more than 0, at most {DURATION_LIMIT_S:g} s",
            "",
        )


def _refused(what: str, value: str | None, expected: str, next_step: str) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT, what, value=value, expected=expected, next_step=next_step
    )


def _counting(fault: Fault) -> Callable[[], None]:
    def struck() -> None:
        fault.struck += 1

    return struck
