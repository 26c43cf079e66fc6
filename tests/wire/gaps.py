"""What a decoder makes of a connection whose beginning nobody has any more."""

from stend.wire.decoding import Direction, Unit
from tests.wire.checking import Make, Talk, demand_accounting


def behind_gap(make: Make, talk: Talk, gone: int, heard: int = 0) -> list[Unit]:
    """The units of a talk, of which so many chunks are gone, behind those that were still heard.

    A gap is told of when the next chunk of its direction comes, as whoever reads a recording does.
    """
    decoder = make()
    sizes = dict.fromkeys(Direction, 0)
    reached = dict.fromkeys(Direction, 0)
    found: list[Unit] = []
    for place, (direction, data) in enumerate(talk):
        begin = sizes[direction]
        sizes[direction] += len(data)
        if heard <= place < heard + gone:
            continue
        if reached[direction] < begin:
            found += decoder.skip(direction, begin - reached[direction])
        reached[direction] = sizes[direction]
        units = decoder.feed(direction, data)
        for unit in units:
            if unit.start >= begin:
                piece = data[unit.start - begin : unit.end - begin]
                demand_accounting(unit.fields(piece), unit.end - unit.start)
        found += units
    return found
