"""What every decoder of a connection has to hold: fed whole or byte by byte it says the same."""

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from stend.kit.fields import UNDECODED, Field, account, every
from stend.wire.decoding import Direction, Half, StreamDecoder, Unit

# What was said, in its order.
Talk = Sequence[tuple[Direction, bytes]]
Make = Callable[[], StreamDecoder]

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@dataclass
class Heard:
    """What a decoder made of a talk.

    Attributes:
        streams: all bytes of each direction.
    """

    units: list[Unit] = field(default_factory=list)
    streams: dict[Direction, bytes] = field(
        default_factory=lambda: {Direction.TO_SERVER: b"", Direction.TO_CLIENT: b""}
    )

    def of(self, direction: Direction) -> list[Unit]:
        return [one for one in self.units if one.direction is direction]

    def data(self, unit: Unit) -> bytes:
        return self.streams[unit.direction][unit.start : unit.end]

    def tree(self, unit: Unit) -> tuple[Field, ...]:
        return unit.fields(self.data(unit))


def hear(
    decoder: StreamDecoder, talk: Talk, piece: int | None = None, *, ends: bool = True
) -> Heard:
    """Feeds a talk in pieces of `piece` bytes, whole without it, and ends both streams."""
    heard = Heard()
    for direction, data in talk:
        heard.streams[direction] += data
        size = piece or max(len(data), 1)
        for at in range(0, len(data), size):
            heard.units += decoder.feed(direction, data[at : at + size])
    if ends:
        for direction in Direction:
            heard.units += decoder.end(direction)
    return heard


def check(make: Make, talk: Talk) -> Heard:
    """The units of a talk, after all that holds for every decoder was demanded of them.

    Cut the same however the bytes come, no byte in two units or in none, none in two leaves or in
    none, every field with its meaning in both languages and a source, a tree the same when it is
    read again.
    """
    whole = hear(make(), talk)
    demand_tiling(whole)
    for piece in (1, 7):
        parts = hear(make(), talk, piece)
        for direction in Direction:
            assert [told(whole, one) for one in whole.of(direction)] == [
                told(parts, one) for one in parts.of(direction)
            ]
    for unit in whole.units:
        tree = whole.tree(unit)
        demand_accounting(tree, len(whole.data(unit)))
        demand_meanings(tree)
        assert whole.tree(unit) == tree
    return whole


def told(heard: Heard, unit: Unit) -> tuple[object, ...]:
    """All that a unit says; two that say the same are equal."""
    return (
        unit.protocol,
        unit.name,
        unit.start,
        unit.end,
        unit.role,
        unit.exchange,
        unit.is_last,
        unit.summary,
        unit.error,
        unit.context,
        dict(unit.facts),
        heard.tree(unit),
    )


def demand_tiling(heard: Heard) -> None:
    """Each unit begins where the one before in its direction ends, up to the end of all."""
    for direction in Direction:
        reached = 0
        for unit in heard.of(direction):
            assert unit.start == reached, f"{unit.name} begins at {unit.start}, not at {reached}"
            reached = unit.end
        assert reached == len(heard.streams[direction])


def demand_accounting(tree: Iterable[Field], size: int) -> None:
    """The leaves tile the bytes, and those of each `inner` tile its own."""
    tree = tuple(tree)
    account(tree, 0, size)
    for one in every(tree):
        if one.children:
            assert (one.start, one.end) == (one.children[0].start, one.children[-1].end), one.name
        if one.inner is not None:
            account(one.inner.fields, 0, len(one.inner.data))


def demand_meanings(tree: Iterable[Field]) -> None:
    """Every field says in both languages what it is for, and where that is written."""
    for one in every(tree):
        texts = [one.meaning.text]
        if one.meaning is UNDECODED:
            assert one.why_not is not None
            texts.append(one.why_not)
        else:
            assert one.meaning.source, one.name
        if one.inner is not None:
            texts.append(one.inner.how)
        for text in texts:
            assert _CYRILLIC.search(text.ru), one.name
            assert text.en, one.name
            assert not _CYRILLIC.search(text.en), one.name


def demand_survival(make: Make, talk: Talk, *, rounds: int, seed: int = 1) -> None:
    """Damaged bytes give units and trees that tile, never an error."""
    chance = random.Random(seed)
    for _ in range(rounds):
        damaged = [(direction, _damage(data, chance)) for direction, data in talk]
        heard = hear(make(), damaged, chance.choice((None, 1, 13, 100)))
        demand_tiling(heard)
        for unit in heard.units:
            demand_accounting(heard.tree(unit), unit.end - unit.start)


def cuts_of(decoder: StreamDecoder, talk: Talk) -> int:
    """How often a decoder looks for a unit while a talk comes byte by byte."""
    calls = 0
    cut = decoder._cut

    def counted(half: Half) -> Unit | None:
        nonlocal calls
        calls += 1
        return cut(half)

    decoder._cut = counted  # type: ignore[method-assign]
    hear(decoder, talk, 1)
    return calls


def _damage(data: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randrange(4)):
        if not damaged:
            break
        at = chance.randrange(len(damaged))
        match chance.randrange(4):
            case 0:
                damaged[at] = chance.randrange(256)
            case 1:
                del damaged[at : at + chance.randrange(1, 20)]
            case 2:
                damaged[at:at] = chance.randbytes(chance.randrange(1, 6))
            case _:
                damaged[at:at] = damaged[at : at + chance.randrange(1, 40)]
    return bytes(damaged)


def find(tree: Iterable[Field], *path: str) -> Field:
    """The first field of that name, then the first of the next name inside it, and so on.

    Raises:
        LookupError: there is none.
    """
    inside = tuple(tree)
    found: Field | None = None
    for name in path:
        found = next((one for one in every(inside) if one.name == name), None)
        if found is None:
            raise LookupError(f"{name} of {path} is not in {[one.name for one in every(inside)]}")
        inside = found.children + (found.inner.fields if found.inner else ())
    if found is None:
        raise LookupError("no name was given")
    return found
