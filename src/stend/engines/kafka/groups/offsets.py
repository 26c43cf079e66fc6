"""What groups have read: committed offsets, and those that wait for the end of a transaction. Pure.

Every commit is numbered. The newest one counts, also when an older one becomes valid later because
it was part of a transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from stend.wire.kafka.codec import Fields

Partition = tuple[str, int]
Put = Callable[[str, Fields | None], None]


@dataclass(frozen=True, slots=True)
class Committed:
    """
    Attributes:
        leader_epoch: of the last message that was read; -1 when not told.
        expires_at_ms: when the client itself said how long to keep it (OffsetCommit up to v4).
        number: grows with every commit.
    """

    offset: int
    leader_epoch: int
    metadata: str
    committed_at_ms: int
    expires_at_ms: int | None
    number: int


class Offsets:
    """Keeps all it is told by `put`: under `offset/` and `pending/`, topic, partition, group."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._committed: dict[str, dict[Partition, Committed]] = {}
        self._pending: dict[int, dict[str, dict[Partition, Committed]]] = {}
        # The producers whose transactions hold offsets of a group.
        self._open: dict[str, set[int]] = {}
        self._last_number = 0

    # To read

    def of(self, group_id: str) -> Mapping[Partition, Committed]:
        return self._committed.get(group_id, {})

    def group_ids(self) -> Iterable[str]:
        return self._committed.keys() | self._open.keys()

    def has_open_transactions(self, group_id: str) -> bool:
        return group_id in self._open

    def is_pending(self, group_id: str, partition: Partition) -> bool:
        return any(
            partition in self._pending[producer_id][group_id]
            for producer_id in self._open.get(group_id, ())
        )

    # To write

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def commit(self, group_id: str, partition: Partition, committed: Committed) -> None:
        self._committed.setdefault(group_id, {})[partition] = committed
        self._put(_offset_key(group_id, partition), _stored(committed))

    def pend(
        self, producer_id: int, group_id: str, partition: Partition, committed: Committed
    ) -> None:
        """Until `end` of this producer's transaction."""
        self._add_pending(producer_id, group_id, partition, committed)
        self._put(_pending_key(producer_id, group_id, partition), _stored(committed))

    def end(self, producer_id: int, *, is_commit: bool) -> None:
        for group_id, pending in self._pending.pop(producer_id, {}).items():
            self._close(producer_id, group_id)
            for partition, committed in pending.items():
                if is_commit and self._is_newest(group_id, partition, committed):
                    self.commit(group_id, partition, committed)
                self._put(_pending_key(producer_id, group_id, partition), None)

    def remove(self, group_id: str, partition: Partition) -> None:
        """Also what transactions have of it."""
        committed = self._committed.get(group_id, {})
        if committed.pop(partition, None) is not None:
            self._put(_offset_key(group_id, partition), None)
            if not committed:
                del self._committed[group_id]
        for producer_id in self._open.get(group_id, ()):
            if self._pending[producer_id][group_id].pop(partition, None) is not None:
                self._put(_pending_key(producer_id, group_id, partition), None)

    def remove_group(self, group_id: str) -> None:
        for partition in self._partitions(group_id):
            self.remove(group_id, partition)
        for producer_id in list(self._open.get(group_id, ())):
            self._close(producer_id, group_id)
            del self._pending[producer_id][group_id]

    def remove_topic(self, topic: str) -> None:
        for group_id in list(self.group_ids()):
            for partition in self._partitions(group_id):
                if partition[0] == topic:
                    self.remove(group_id, partition)

    def restore(self, key: str, value: Fields) -> None:
        kind, _, rest = key.partition("/")
        if kind == "offset":
            topic, partition, group_id = rest.split("/", 2)
            committed = self._committed.setdefault(group_id, {})
            committed[topic, int(partition)] = self._restored(value)
        else:
            producer_id, topic, partition, group_id = rest.split("/", 3)
            place = (topic, int(partition))
            self._add_pending(int(producer_id), group_id, place, self._restored(value))

    def _restored(self, value: Fields) -> Committed:
        committed = Committed(**value)
        self._last_number = max(self._last_number, committed.number)
        return committed

    def _add_pending(
        self, producer_id: int, group_id: str, partition: Partition, committed: Committed
    ) -> None:
        groups = self._pending.setdefault(producer_id, {})
        groups.setdefault(group_id, {})[partition] = committed
        self._open.setdefault(group_id, set()).add(producer_id)

    def _close(self, producer_id: int, group_id: str) -> None:
        self._open[group_id].discard(producer_id)
        if not self._open[group_id]:
            del self._open[group_id]

    def _is_newest(self, group_id: str, partition: Partition, committed: Committed) -> bool:
        known = self.of(group_id).get(partition)
        return known is None or known.number < committed.number

    def _partitions(self, group_id: str) -> set[Partition]:
        partitions = set(self.of(group_id))
        for producer_id in self._open.get(group_id, ()):
            partitions |= self._pending[producer_id][group_id].keys()
        return partitions


# Names of topics have no slash, names of groups may: they come last.
def _offset_key(group_id: str, partition: Partition) -> str:
    return f"offset/{partition[0]}/{partition[1]}/{group_id}"


def _pending_key(producer_id: int, group_id: str, partition: Partition) -> str:
    return f"pending/{producer_id}/{partition[0]}/{partition[1]}/{group_id}"


def _stored(committed: Committed) -> Fields:
    return {
        "offset": committed.offset,
        "leader_epoch": committed.leader_epoch,
        "metadata": committed.metadata,
        "committed_at_ms": committed.committed_at_ms,
        "expires_at_ms": committed.expires_at_ms,
        "number": committed.number,
    }
