"""Counts what of a recording is understood: every byte has a name, or a reason why it has none.

Everything is decoded anew, so that the count depends on nothing but the bytes. What does not tile,
and what does not come out the same when it is encoded again, is a bug of a decoder, and named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stend.kit.fields import Field, account, every, leaves
from stend.kit.json import JsonObject, JsonValue
from stend.kit.languages import Text
from stend.tap.reading import Reading
from stend.tap.recording import Connection
from stend.wire.decoding import Direction, Unit
from stend.wire.stacks.reencoding import encoded_again

# More of one protocol tell nothing new.
_TOLD_LIMIT = 20


@dataclass(slots=True)
class Row:
    """One protocol.

    Attributes:
        named, undecoded: bytes of the wire, the latter by the reason.
        inner, inner_undecoded: the same of what stands in them transformed: inflated, unmasked.
        errors: trees that do not tile their bytes and the like, each with the id of its exchange.
        re_encoded: units that an encoder was tried on.
        differences: those that did not come out the same.
    """

    protocol: str
    connections: int = 0
    units: int = 0
    exchanges: int = 0
    named: int = 0
    undecoded: Counter[Text] = field(default_factory=Counter)
    inner: int = 0
    inner_undecoded: Counter[Text] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    errors_count: int = 0
    re_encoded: int = 0
    re_encoded_equal: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return self.named + self.undecoded.total()

    @property
    def share(self) -> float:
        """Of the bytes that have a name; 1 where there are none."""
        return self.named / self.bytes if self.bytes else 1.0

    @property
    def is_whole(self) -> bool:
        return (
            not self.undecoded
            and not self.inner_undecoded
            and not self.errors_count
            and self.re_encoded == self.re_encoded_equal
        )


@dataclass(slots=True)
class Report:
    """
    Attributes:
        rows: by protocol.
        cut_off_connections, cut_off_bytes: whose beginning the ring had let go. Whoever reads them
            now cannot know what was said before, so they are counted here and nowhere else.
        unfinished_bytes: of messages that had not come whole when the recording was taken.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    cut_off_connections: int = 0
    cut_off_bytes: int = 0
    unfinished_bytes: int = 0

    @property
    def is_whole(self) -> bool:
        return all(row.is_whole for row in self.rows.values())

    def row(self, protocol: str) -> Row:
        return self.rows.setdefault(protocol, Row(protocol))


def to_json(report: Report) -> JsonObject:
    rows: list[JsonValue] = [_row(row) for row in report.rows.values()]
    return {
        "is_whole": report.is_whole,
        "protocols": rows,
        "cut_off_connections": report.cut_off_connections,
        "cut_off_bytes": report.cut_off_bytes,
        "unfinished_bytes": report.unfinished_bytes,
    }


def _row(row: Row) -> JsonObject:
    return {
        "protocol": row.protocol,
        "connections": row.connections,
        "units": row.units,
        "exchanges": row.exchanges,
        "bytes": row.bytes,
        "named_bytes": row.named,
        "share": row.share,
        "undecoded": _counts(row.undecoded),
        "inner_bytes": row.inner,
        "inner_undecoded": _counts(row.inner_undecoded),
        "errors": list(row.errors),
        "errors_count": row.errors_count,
        "re_encoded": row.re_encoded,
        "re_encoded_equal": row.re_encoded_equal,
        "differences": list(row.differences),
    }


def _counts(reasons: Counter[Text]) -> list[JsonValue]:
    return [{"bytes": count, "ru": text.ru, "en": text.en} for text, count in reasons.most_common()]


def account_all(reading: Reading) -> Report:
    """The report on everything that the ring of the reading's recording holds."""
    report = Report()
    for connection in reading.recording.connections.values():
        if connection.to_server.first or connection.to_client.first:
            report.cut_off_connections += bool(connection.kept_bytes)
            report.cut_off_bytes += connection.kept_bytes
        else:
            _Count(report, connection).take(reading.units(connection))
    return report


class _Count:
    """One connection."""

    def __init__(self, report: Report, connection: Connection) -> None:
        self._report = report
        self._connection = connection
        self._reached = dict.fromkeys(Direction, 0)
        self._protocols: set[str] = set()
        self._exchanges: set[str] = set()

    def take(self, units: Iterator[tuple[str, Unit]]) -> None:
        last = f"c{self._connection.number}"
        try:
            for exchange, unit in units:
                last = exchange
                self._unit(exchange, unit)
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            self._error(self._report.row(self._connection.place.protocol), last, error)
        for direction in Direction:
            stream = self._connection.stream(direction)
            left = stream.total - self._reached[direction]
            if left and stream.ended_ns is not None:
                row = self._report.row(self._connection.place.protocol)
                self._error(row, last, f"{left} bytes {direction} are in no unit")
            else:
                self._report.unfinished_bytes += left

    def _unit(self, exchange: str, unit: Unit) -> None:
        row = self._report.row(unit.protocol)
        row.units += 1
        if unit.protocol not in self._protocols:
            self._protocols.add(unit.protocol)
            row.connections += 1
        if exchange not in self._exchanges:
            self._exchanges.add(exchange)
            row.exchanges += 1
        if unit.start != self._reached[unit.direction]:
            told = f"{unit.name} begins at {unit.start}, not at {self._reached[unit.direction]}"
            self._error(row, exchange, told)
        self._reached[unit.direction] = unit.end
        data = self._connection.stream(unit.direction).bytes_between(unit.start, unit.end)
        if data is None:
            self._error(row, exchange, f"{unit.name} ends at {unit.end}, behind all bytes")
            return
        self._fields(row, exchange, unit, data)
        self._again(row, exchange, unit, data)

    def _fields(self, row: Row, exchange: str, unit: Unit, data: bytes) -> None:
        try:
            tree = unit.fields(data)
            account(tree, 0, len(data))
            inner = [one.inner for one in every(tree) if one.inner]
            for one in inner:
                account(one.fields, 0, len(one.data))
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            self._error(row, exchange, f"{unit.name}: {type(error).__name__}: {error}")
            row.undecoded[_NO_TREE] += len(data)
            return
        lost = _reasons(tree)
        row.undecoded += lost
        row.named += len(data) - lost.total()
        for one in inner:
            row.inner += len(one.data)
            row.inner_undecoded += _reasons(one.fields)

    def _again(self, row: Row, exchange: str, unit: Unit, data: bytes) -> None:
        try:
            made = encoded_again(unit, data)
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            row.re_encoded += 1
            _told(row.differences, f"{exchange} {unit.name}: {type(error).__name__}: {error}")
            return
        if made is None:
            return
        row.re_encoded += 1
        if made == data:
            row.re_encoded_equal += 1
        else:
            at = _first_difference(made, data)
            told = f"byte {at} of {len(data)}: {data[at : at + 8].hex()} became"
            told += f" {made[at : at + 8].hex() or 'nothing'}"
            _told(row.differences, f"{exchange} {unit.name}, {told}")

    @staticmethod
    def _error(row: Row, exchange: str, what: object) -> None:
        row.errors_count += 1
        _told(row.errors, f"{exchange} {what}")


_NO_TREE = Text(
    ru="декодер сделал дерево с ошибкой: это ошибка stend",
    en="the decoder made a wrong tree: a bug of stend",
)


def _reasons(tree: Iterable[Field]) -> Counter[Text]:
    """Why bytes of a tree have no name, and how many; those of `inner` are not of its bytes."""
    found = Counter[Text]()
    for leaf in leaves(tree):
        if leaf.why_not is not None:
            found[leaf.why_not] += leaf.end - leaf.start
    return found


def _first_difference(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _told(lines: list[str], line: str) -> None:
    if len(lines) < _TOLD_LIMIT:
        lines.append(line[:300])
