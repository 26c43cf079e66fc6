"""Bytes that stand in a lesson, taken apart by a decoder of the stand, as an exchange is."""

from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module

from stend.course.texts.live import Bytes, Side
from stend.kit.languages import Language
from stend.portal.units.heads import UnitHead
from stend.portal.units.rows import hex_lines, packed, shown, tree_of
from stend.portal.wires import Wire, wire_of
from stend.wire.decoding import Direction, Role, StreamDecoder, Unit

# Where a decoder is called otherwise than what is spoken.
_SPOKEN = {"mongo": "mongodb", "resp": "redis"}
_KEY_LENGTH = 16
_PLAIN = {"http1": "HTTP/1.1", "http2": "HTTP/2", "dns": "DNS", "tls": "TLS"}


@dataclass(frozen=True, slots=True)
class Octets:
    """
    Attributes:
        units: what the decoder has cut the bytes into; they tile them.
    """

    codec: str
    data: bytes
    units: tuple[Unit, ...]

    @property
    def wire(self) -> Wire:
        if self.codec in _PLAIN:
            return Wire("plain", _PLAIN[self.codec], None)
        return wire_of(_SPOKEN.get(self.codec, self.codec))

    @property
    def key(self) -> str:
        """The same for the same bytes."""
        return sha256(self.codec.encode() + b"\0" + self.data).hexdigest()[:_KEY_LENGTH]

    def packed(self, number: int, language: Language) -> bytes:
        """The tree of a unit as `static/wire-unit.js` reads it.

        Args:
            number: from 1.
        """
        unit = self.units[number - 1]
        data = self.bytes_of(unit)
        return packed(tree_of(unit.protocol, data, unit.fields(data)), language)

    def bytes_of(self, unit: Unit) -> bytes:
        return self.data[unit.start : unit.end]

    def heads(self) -> list[UnitHead]:
        return [_head(one, number) for number, one in enumerate(self.units, 1)]

    def written(self, number: int) -> dict[str, object]:
        """A unit as a page without scripts shows it.

        Args:
            number: from 1.
        """
        unit = self.units[number - 1]
        data = self.bytes_of(unit)
        return {
            "is_kept": True,
            "is_large": False,
            "fields": unit.fields(data),
            "lines": list(hex_lines(data, len(data))),
            "size": len(data),
            "shown": shown,
            "bytes_written": len(data),
        }


def octets_of(block: Bytes) -> Octets:
    direction = Direction.TO_SERVER if block.side is Side.REQUEST else Direction.TO_CLIENT
    return Octets(block.codec, block.octets, _units(block.codec, block.octets, direction))


def octets_of_either(codec: str, data: bytes) -> Octets:
    """Where nobody tells their side, they are what they can be read as, a request first."""
    asked, told = (_units(codec, data, direction) for direction in Direction)
    return Octets(codec, data, told if _broken(told) < _broken(asked) else asked)


def _units(codec: str, data: bytes, direction: Direction) -> tuple[Unit, ...]:
    decoder = _decoder(codec)
    return (*decoder.feed(direction, data), *decoder.end(direction))


def _decoder(codec: str) -> StreamDecoder:
    module = import_module(f"stend.wire.{codec}.decoder")
    made = (
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, StreamDecoder)
        if one.__module__ == module.__name__
    )
    return next(made)()


def _broken(units: tuple[Unit, ...]) -> int:
    return sum(one.end - one.start for one in units if one.role is Role.BROKEN)


def _head(unit: Unit, number: int) -> UnitHead:
    return UnitHead(
        exchange="",
        number=number,
        name=unit.name,
        summary=unit.summary,
        is_up=unit.direction is Direction.TO_SERVER,
        after_ms=0.0,
        size=unit.end - unit.start,
        error=unit.error,
        is_broken=unit.role is Role.BROKEN,
        is_kept=True,
    )
