"""What the service needs from outside: a warehouse, marts over it, the progress of its consumer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stend.shop.analytics.domain import (
    Freshness,
    Lag,
    MartName,
    MartTable,
    OrderFact,
    Partition,
    RejectedRecord,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit brings.

    Attributes:
        positions: the next offset to be read of every partition that was read.
    """

    facts: Sequence[OrderFact]
    rejected: Sequence[RejectedRecord]
    positions: Mapping[Partition, int]


class Warehouse(Protocol):
    """Facts together with the offsets they were read up to: one commit changes both or neither."""

    def freshness(self) -> Freshness: ...

    def position(self, partition: Partition) -> int:
        """The next offset to be read; 0 of a partition that was never read."""
        ...

    def follow_topic(self, topic: str, topic_id: str) -> None:
        """Takes the topic for another one when its id is another than at the last commit.

        The positions of a topic that was deleted and made again begin at 0 anew.
        """
        ...

    def restart(self, partition: Partition) -> None:
        """Has the partition read again from its beginning: its position is lost."""
        ...

    def append(self, batch: Batch) -> None:
        """Commits a batch; records below the positions are there already and are left out.

        Raises:
            OSError: nothing was committed.
        """
        ...

    def compact(self) -> None:
        """Merges the small files of each day that has many.

        Raises:
            OSError: nothing was changed.
        """
        ...


class Marts(Protocol):
    async def read(self, name: MartName, sequence: int) -> MartTable:
        """The mart over the files of this commit or of a later one.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        ...


class Progress(Protocol):
    def lag(self) -> Lag: ...
