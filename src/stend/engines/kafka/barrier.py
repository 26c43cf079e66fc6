"""What waits for the disk: replies that promise something are sent once it is safe there. Pure.

All that was written when a round begins is synced in that round, once for all who wait (a group
commit): the server takes a round, syncs its files in another thread and gives it back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from stend.engines.kafka.log.partition_log import Unsynced
from stend.engines.kafka.topics import Partition
from stend.engines.kafka.volume import Syncable


@dataclass(slots=True)
class Round:
    """
    Attributes:
        files: to be synced, in this order.
        partitions: whose readers may see what was written; with the bytes ever appended by then.
        waiting: called after that.
    """

    files: list[Syncable] = field(default_factory=list)
    partitions: list[tuple[Partition, Unsynced, int]] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def sync(self) -> OSError | None:
        """Waits for the disk, in whichever thread; why what was written is not safe, if so."""
        try:
            for file in self.files:
                file.sync()
        except OSError as error:
            return error
        return None

    def finish(self) -> None:
        """All files were synced."""
        for partition, unsynced, appended_bytes in self.partitions:
            partition.synced(unsynced, appended_bytes)
        for done in self.waiting:
            done()


class Barrier:
    """Collects what is to be synced and who waits for it."""

    def __init__(self) -> None:
        self._partitions: dict[int, Partition] = {}
        self._files: dict[int, Syncable] = {}
        self._waiting: list[Callable[[], None]] = []

    def owes(self, partition: Partition) -> None:
        """Its log was written to."""
        self._partitions[id(partition)] = partition

    def owes_file(self, file: Syncable) -> None:
        self._files[id(file)] = file

    def forget(self, partition: Partition) -> None:
        """Its topic was deleted: there is nothing to make safe any more."""
        self._partitions.pop(id(partition), None)

    def after(self, done: Callable[[], None]) -> None:
        """Calls back when everything written up to now is safe."""
        self._waiting.append(done)

    @property
    def is_due(self) -> bool:
        return bool(self._waiting or self._partitions or self._files)

    def begin(self) -> Round:
        """The logs come before other files: the journal tells about what is in them."""
        taken = Round(waiting=self._waiting)
        for partition in self._partitions.values():
            unsynced = partition.log.sync_files()
            taken.files += unsynced.files
            taken.partitions.append((partition, unsynced, partition.appended_bytes))
        taken.files += self._files.values()
        self._partitions, self._files, self._waiting = {}, {}, []
        return taken
