"""All that the broker knows, put together. Pure: time is told, names are made by a callable."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from stend.engines.kafka.barrier import Barrier
from stend.engines.kafka.brokers import Brokers
from stend.engines.kafka.cluster import Cluster
from stend.engines.kafka.groups.groups import Groups
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.groups.timers import Timers
from stend.engines.kafka.housekeeping import Housekeeping
from stend.engines.kafka.journal import Journal
from stend.engines.kafka.topics import Topic
from stend.engines.kafka.transactions.coordinator import Transactions
from stend.engines.kafka.volume import Volume

_LOGS = "logs"
_CLEAN = "clean"
_GROUPS = "coordinator/"
_CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Defaults:
    """
    Attributes:
        partitions: of a topic that does not say how many.
        replication_factor: the same for replicas.
        auto_create_topics: whether asking for an unknown topic may make it.
        house_interval_ms: between looks for what is old enough to go or to be compacted.
    """

    partitions: int = 1
    replication_factor: int = 1
    auto_create_topics: bool = True
    house_interval_ms: int = 1000


class State:
    """
    Attributes:
        unread_bytes: of answers that clients have not read yet, told by the server.

    Args:
        volume: the broker's folder, of which it is the only user.
        new_uuid: makes ids of topics, members and the cluster.

    Raises:
        DamagedJournalError, MissingLogError, WireError: what is kept cannot be trusted.
    """

    def __init__(
        self,
        brokers: Brokers,
        volume: Volume,
        defaults: Defaults,
        groups: GroupSettings,
        new_uuid: Callable[[], UUID],
        now_ms: int,
    ) -> None:
        self.unread_bytes = 0
        self.brokers = brokers
        self.defaults = defaults
        self.group_settings = groups
        self.barrier = Barrier()
        self.timers = Timers()
        self.timers.now_ms = now_ms
        self._volume = volume
        self.journal = Journal(volume, self.barrier)
        self.cluster_id = self._read_cluster_id(new_uuid)
        self.cluster = Cluster(brokers, self.journal, self.barrier, volume.folder(_LOGS), new_uuid)
        is_clean = _CLEAN in volume.names()
        self.cluster.open(is_clean=is_clean, now_ms=now_ms)
        if is_clean:
            volume.remove(_CLEAN)
            volume.sync()
        self.groups = Groups(
            groups,
            new_id=lambda: str(new_uuid()),
            put=self._keep_group,
            after_sync=self.barrier.after,
            topics=self.cluster.listing,
        )
        for key, value in self.journal.under(_GROUPS):
            self.groups.restore(key, value)
        self.groups.start(now_ms)
        self.transactions = Transactions(
            self.cluster,
            self.journal,
            self.barrier,
            lambda producer_id, is_commit: self.groups.end_transaction(
                producer_id, is_commit=is_commit
            ),
        )
        self.transactions.recover(now_ms)
        self.housekeeping = Housekeeping(
            self.cluster,
            self.barrier,
            defaults.house_interval_ms,
            now_ms + defaults.house_interval_ms,
        )

    def tick(self, now_ms: int) -> None:
        """Does what is due."""
        self.timers.run(now_ms)
        self.groups.tick(now_ms)
        self.transactions.tick(now_ms)
        self.housekeeping.tick(now_ms)

    def next_moment_ms(self, now_ms: int) -> int:
        """When `tick` is due."""
        parts = (self.timers, self.groups, self.transactions)
        moments = [part.next_moment_ms() for part in parts]
        house = self.housekeeping.next_moment_ms(now_ms)
        return min([house, *(one for one in moments if one is not None)])

    def delete(self, topic: Topic) -> None:
        """The topic, and what groups and transactions have of it."""
        for partition in topic.partitions:
            self.housekeeping.forget(partition)
        self.cluster.delete(topic)
        self.transactions.topic_deleted(topic.name)
        self.groups.topic_deleted(topic.name)

    def close(self) -> None:
        """Everything to the disk, and a mark that it is whole."""
        self.journal.close()
        self.cluster.close()
        self._volume.write(_CLEAN, b"")

    def _keep_group(self, key: str, value: dict[str, object] | None) -> None:
        self.journal.put(_GROUPS + key, value)

    def _read_cluster_id(self, new_uuid: Callable[[], UUID]) -> str:
        kept = self.journal.values.get(_CLUSTER)
        if kept is None:
            # As Kafka writes ids: 16 bytes in base 64.
            kept = {"id": urlsafe_b64encode(new_uuid().bytes).decode().rstrip("=")}
            self.journal.put(_CLUSTER, kept)
        return str(kept["id"])
