"""How much a learner's program may take."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Attributes:
        wall_s: from the start of the program to its end.
        memory_bytes: of all its processes together, as they are in memory.
        processes: how many of them at a time.
        output_bytes: of what it prints, in all.
        file_bytes: of one file that it writes.
    """

    wall_s: float = 20.0
    memory_bytes: int = 512 * _MIB
    processes: int = 16
    output_bytes: int = _MIB
    file_bytes: int = 64 * _MIB

    @property
    def address_space_bytes(self) -> int:
        """Threads and shared libraries are in it too: it stops one huge request at once."""
        return self.memory_bytes * 4
