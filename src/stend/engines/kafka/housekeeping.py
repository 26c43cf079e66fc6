"""What goes on by itself in all logs: retention, compaction, files thrown away. Pure."""

from dataclasses import dataclass, field

from stend.engines.kafka.barrier import Barrier
from stend.engines.kafka.cluster import Cluster
from stend.engines.kafka.topics import Partition


@dataclass(slots=True)
class Housekeeping:
    """
    Attributes:
        interval_ms: between looks at all logs; Kafka's log.retention.check.interval.ms.
        problems: of logs in which nothing is kept in order any more, to be told.
    """

    cluster: Cluster
    barrier: Barrier
    interval_ms: int
    due_ms: int
    problems: list[str] = field(default_factory=list)
    # One at a time: a round of compaction holds the keys of its log in memory.
    _compacting: Partition | None = None
    _troubled: set[tuple[str, int]] = field(default_factory=set)

    def tick(self, now_ms: int) -> None:
        """Looks at all logs when that is due, else goes on with the one that is compacted."""
        if now_ms >= self.due_ms:
            self.due_ms = now_ms + self.interval_ms
            for partition in self.cluster.partitions():
                self._keep(partition, now_ms)
        elif self._compacting is not None:
            self._keep(self._compacting, now_ms)

    def next_moment_ms(self, now_ms: int) -> int:
        """At once while a log is compacted: in slices, so that requests come in between."""
        return self.due_ms if self._compacting is None else now_ms

    def forget(self, partition: Partition) -> None:
        """Its topic was deleted."""
        if self._compacting is partition:
            self._compacting = None

    def _keep(self, partition: Partition, now_ms: int) -> None:
        log = partition.log
        start = log.log_start_offset
        if log.keep_house(now_ms, may_begin_compaction=self._compacting is None):
            self.barrier.owes(partition)
        if log.log_start_offset != start:
            partition.wake(-1)
        if log.is_compacting:
            self._compacting = partition
        elif self._compacting is partition:
            self._compacting = None
        self._see_problem(partition)

    def _see_problem(self, partition: Partition) -> None:
        place = (partition.topic.name, partition.index)
        problem = partition.log.house_problem
        if problem and place not in self._troubled:
            self._troubled.add(place)
            self.problems.append(f"{place[0]}-{place[1]} is not kept in order: {problem}")
