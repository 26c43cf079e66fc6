"""Topics on brokers: made, changed, deleted, led by somebody; all survives a restart. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from stend.engines.kafka.barrier import Barrier
from stend.engines.kafka.brokers import Brokers
from stend.engines.kafka.configs import log_config
from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.journal import Journal
from stend.engines.kafka.log.partition_log import PartitionLog
from stend.engines.kafka.topics import NO_LEADER, Partition, Topic, folder_name
from stend.engines.kafka.volume import Volume
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

# Each has open files; Kafka has no such bound, a laptop has.
MAX_PARTITIONS = 1000
_TOPIC = "topic/"
_DELETED = ".deleted"


class MissingLogError(Exception):
    """The journal tells of a partition whose folder is not there."""


@dataclass(slots=True)
class Cluster:
    """
    Attributes:
        volume: holds one folder per partition.
        new_uuid: makes topic ids, never zero.
    """

    brokers: Brokers
    journal: Journal
    barrier: Barrier
    volume: Volume
    new_uuid: Callable[[], UUID]
    topics: dict[str, Topic] = field(default_factory=dict)
    by_id: dict[UUID, Topic] = field(default_factory=dict)
    _listing: dict[str, tuple[UUID, int]] = field(default_factory=dict)

    def open(self, *, is_clean: bool, now_ms: int) -> None:
        """Reads all logs; folders of topics that were deleted go.

        Args:
            is_clean: the broker was stopped, not killed: the logs end where they say.

        Raises:
            MissingLogError: a folder is gone.
        """
        folders = set(self.volume.folders())
        for name, kept in self.journal.under(_TOPIC):
            topic = Topic(name, UUID(kept["id"]), dict(kept["configs"]))
            config = log_config(topic.configs)
            for index, known in enumerate(kept["partitions"]):
                folder = folder_name(name, index)
                if folder not in folders:
                    raise MissingLogError(
                        f"the log of partition {folder} is missing: restore it, or erase all data"
                    )
                folders.discard(folder)
                log = PartitionLog.open(
                    self.volume.folder(folder), config, is_clean=is_clean, now_ms=now_ms
                )
                topic.partitions.append(_read_partition(topic, index, log, known))
            self._enter(topic)
        for folder in folders:
            self.volume.remove_folder(folder)
        for topic in self.topics.values():
            for partition in topic.partitions:
                self._settle(partition)

    def close(self) -> None:
        for partition in self.partitions():
            partition.log.close()

    def partitions(self) -> Iterator[Partition]:
        for topic in self.topics.values():
            yield from topic.partitions

    def partition(self, topic: str, index: int) -> Partition | None:
        found = self.topics.get(topic)
        if found is None or not 0 <= index < len(found.partitions):
            return None
        return found.partitions[index]

    def led_partition(self, topic: str, index: int, broker_id: int) -> Partition:
        """The partition, when this broker leads it.

        Raises:
            BrokerError: UNKNOWN_TOPIC_OR_PARTITION or NOT_LEADER_OR_FOLLOWER.
        """
        partition = self.partition(topic, index)
        if partition is None:
            raise BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        if partition.leader != broker_id:
            raise BrokerError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
        return partition

    def assign(self, count: int, replication_factor: int, first: int = 0) -> list[list[int]]:
        """Leaders spread over the brokers that are alive, replicas on those that follow.

        Raises:
            BrokerError: INVALID_REPLICATION_FACTOR.
        """
        ids = self.brokers.alive_ids()
        if not 1 <= replication_factor <= len(ids):
            raise BrokerError(
                ErrorCode.INVALID_REPLICATION_FACTOR,
                f"Unable to replicate the partition {replication_factor} time(s): "
                f"{len(ids)} broker(s) are registered and alive.",
            )
        return [
            [ids[(first + index + step) % len(ids)] for step in range(replication_factor)]
            for index in range(count)
        ]

    def listing(self) -> dict[str, tuple[UUID, int]]:
        """The id and the number of partitions of every topic; not to be changed."""
        return self._listing

    def check_collision(self, name: str) -> None:
        """Names of metrics have `_` for `.`: two topics must not differ in that alone.

        Raises:
            BrokerError: INVALID_TOPIC_EXCEPTION, as Kafka's controller has it.
        """
        plain = name.replace(".", "_")
        for known in self.topics:
            if known != name and known.replace(".", "_") == plain:
                raise BrokerError(
                    ErrorCode.INVALID_TOPIC_EXCEPTION,
                    f"Topic '{name}' collides with existing topic: {known}",
                )

    def check_room(self, more: int) -> None:
        """
        Raises:
            BrokerError: INVALID_PARTITIONS, there are too many already.
        """
        count = sum(len(topic.partitions) for topic in self.topics.values())
        if count + more > MAX_PARTITIONS:
            raise BrokerError(
                ErrorCode.INVALID_PARTITIONS,
                f"This broker keeps at most {MAX_PARTITIONS} partitions; it has {count}.",
            )

    def create(
        self, name: str, assignment: list[list[int]], configs: dict[str, str], now_ms: int
    ) -> Topic:
        """Makes a topic of checked parts; it is safe after the next sync."""
        topic = Topic(name, self.new_uuid(), configs)
        self._grow(topic, assignment, now_ms)
        self._enter(topic)
        return topic

    def add_partitions(self, topic: Topic, assignment: list[list[int]], now_ms: int) -> None:
        self._grow(topic, assignment, now_ms)
        self._enter(topic)

    def delete(self, topic: Topic) -> None:
        """The topic is gone at once; its files follow."""
        del self.topics[topic.name]
        del self.by_id[topic.id]
        del self._listing[topic.name]
        self.journal.put(_TOPIC + topic.name, None)
        for partition in topic.partitions:
            self.barrier.forget(partition)
            partition.wake(-1)
            partition.log.discard()
            # The name may be taken again before the files are gone, and they go only once it is
            # safe that the topic is no more.
            folder = folder_name(topic.name, partition.index)
            # Without the topic's name, which alone may be as long as a file's name can be.
            deleted = f"{topic.id.hex}-{partition.index}{_DELETED}"
            self.volume.rename_folder(folder, deleted)
            self.barrier.after(partial(self.volume.remove_folder, deleted))

    def set_configs(self, topic: Topic, configs: dict[str, str]) -> None:
        topic.configs = configs
        config = log_config(configs)
        for partition in topic.partitions:
            partition.log.config = config
        self.save(topic)

    def stop_broker(self, broker_id: int) -> None:
        """What it led is led by others of the ISR; it is out of sync from now on.

        Raises:
            BrokerError: it is the last one.
        """
        if self.brokers.alive_ids() == [broker_id]:
            raise BrokerError(
                ErrorCode.INVALID_REQUEST,
                f"Broker {broker_id} is the last one that is alive; the stand is stopped instead.",
            )
        self.brokers.known[broker_id].is_stopped = True
        self._settle_all()

    def start_broker(self, broker_id: int) -> None:
        """Its replicas are in sync at once: they are the same log."""
        self.brokers.known[broker_id].is_stopped = False
        self._settle_all()

    def elect_preferred(self, partition: Partition) -> None:
        """
        Raises:
            BrokerError: ELECTION_NOT_NEEDED or PREFERRED_LEADER_NOT_AVAILABLE.
        """
        preferred = partition.replicas[0]
        if partition.leader == preferred:
            raise BrokerError(ErrorCode.ELECTION_NOT_NEEDED)
        if preferred not in partition.isr or not self.brokers.is_alive(preferred):
            raise BrokerError(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE)
        self._lead(partition, preferred)
        self.save(partition.topic)

    def save(self, topic: Topic) -> None:
        kept: Fields = {
            "id": topic.id.hex,
            "configs": dict(topic.configs),
            "partitions": [
                {
                    "replicas": partition.replicas,
                    "isr": list(partition.isr),
                    "leader": partition.leader,
                    "leader_epoch": partition.leader_epoch,
                    "epochs": [list(one) for one in partition.epochs],
                }
                for partition in topic.partitions
            ],
        }
        self.journal.put(_TOPIC + topic.name, kept)

    def _enter(self, topic: Topic) -> None:
        self.topics[topic.name] = topic
        self.by_id[topic.id] = topic
        self._listing[topic.name] = (topic.id, len(topic.partitions))

    def _grow(self, topic: Topic, assignment: list[list[int]], now_ms: int) -> None:
        config = log_config(topic.configs)
        for replicas in assignment:
            index = len(topic.partitions)
            folder = self.volume.folder(folder_name(topic.name, index))
            log = PartitionLog.open(folder, config, is_clean=True, now_ms=now_ms)
            isr = [one for one in replicas if self.brokers.is_alive(one)]
            leader = isr[0] if isr else NO_LEADER
            partition = Partition(topic, index, log, replicas, isr or replicas[:1], leader)
            partition.epochs = [(0, 0)]
            topic.partitions.append(partition)
        # The folders are there before the journal tells of them.
        self.volume.sync()
        self.save(topic)

    def _settle_all(self) -> None:
        for topic in self.topics.values():
            changes = [self._settle(partition) for partition in topic.partitions]
            if any(changes):
                self.save(topic)

    def _settle(self, partition: Partition) -> bool:
        """Makes leader and ISR fit the brokers that are alive; whether something changed."""
        before = (partition.leader, list(partition.isr))
        alive = [one for one in partition.replicas if self.brokers.is_alive(one)]
        if not set(alive) & set(partition.isr):
            # The last of the ISR stays in it: nobody else has everything (KIP-966 aside).
            if partition.leader != NO_LEADER:
                partition.isr = [partition.leader]
                self._lead(partition, NO_LEADER)
        else:
            leader = partition.leader
            if leader not in alive:
                leader = next(one for one in partition.replicas if one in alive)
                if leader not in partition.isr:
                    leader = next(one for one in partition.isr if one in alive)
            partition.isr = alive
            if leader != partition.leader:
                self._lead(partition, leader)
        changed = before != (partition.leader, partition.isr)
        if changed:
            partition.wake(-1)
        return changed

    def _lead(self, partition: Partition, leader: int) -> None:
        partition.leader = leader
        partition.leader_epoch += 1
        end = partition.log.log_end_offset
        if partition.epochs and partition.epochs[-1][1] == end:
            # Nothing was written in that epoch.
            partition.epochs.pop()
        start = partition.log.log_start_offset
        while len(partition.epochs) > 1 and partition.epochs[1][1] <= start:
            del partition.epochs[0]
        partition.epochs.append((partition.leader_epoch, end))


def _read_partition(topic: Topic, index: int, log: PartitionLog, known: Fields) -> Partition:
    return Partition(
        topic,
        index,
        log,
        list(known["replicas"]),
        list(known["isr"]),
        known["leader"],
        known["leader_epoch"],
        [(epoch, offset) for epoch, offset in known["epochs"]],
    )
