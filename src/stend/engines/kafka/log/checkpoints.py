"""Two small files beside the segments: where the log begins, and how far it is compacted. Pure.

Kafka has files of these names for all partitions of a disk; here each log keeps its own, so that
its folder is all there is of it.
"""

from typing import NamedTuple

from stend.engines.kafka.log import names
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.volume import Volume

_VERSION = "0"


class Cleaned(NamedTuple):
    """
    Attributes:
        first_dirty_offset: records below were compacted.
        gaps_below: offsets below may be missing; above, each batch begins where one ended. Written
            before the first gap is made.
    """

    first_dirty_offset: int = 0
    gaps_below: int = 0


def read_log_start(volume: Volume) -> int:
    return _read(volume, names.LOG_START, 1)[0]


def write_log_start(volume: Volume, offset: int) -> None:
    _write(volume, names.LOG_START, offset)


def read_cleaned(volume: Volume) -> Cleaned:
    return Cleaned(*_read(volume, names.CLEANER, 2))


def write_cleaned(volume: Volume, cleaned: Cleaned) -> None:
    _write(volume, names.CLEANER, *cleaned)


def _write(volume: Volume, name: str, *offsets: int) -> None:
    lines = [_VERSION, *map(str, offsets)]
    volume.write(name, "".join(f"{line}\n" for line in lines).encode())


def _read(volume: Volume, name: str, count: int) -> list[int]:
    try:
        data = volume.read(name)
    except FileNotFoundError:
        return [0] * count
    version, *lines = data.split(b"\n")
    # int() takes more than what is written: signs, underscores, other digits.
    is_whole = len(lines) == count + 1 and lines[-1] == b"" and version == _VERSION.encode()
    if not is_whole or not all(len(line) < 20 and line.isdigit() for line in lines[:-1]):
        raise DamagedLogError(name, 0, f"{data[:60]!r} is not what was written")
    return [int(line) for line in lines[:-1]]
