"""The coordinator of groups as the broker uses it. Pure.

LIMITATIONS

- A classic member cannot join a group of the protocol of KIP-848 that has members, nor the other
  way round (Kafka 4 can convert such groups while they run). Once its group is empty it can.
- Patterns of topics (KIP-848) are part of what RE2/J reads; others are refused.
- Sessions are timed anew after a restart, as with Kafka.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from stend.engines.kafka.groups.administration import Administration
from stend.engines.kafka.groups.classic.group import ClassicGroup
from stend.engines.kafka.groups.commits import Commits
from stend.engines.kafka.groups.consumer_heartbeats import ConsumerHeartbeats
from stend.engines.kafka.groups.joins import Joins
from stend.engines.kafka.groups.offsets import Committed, Offsets, Partition, Put
from stend.engines.kafka.groups.outbox import Outbox
from stend.engines.kafka.groups.rebalances import Rebalances
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.groups.shard import Shard, Topics
from stend.engines.kafka.groups.syncs import Syncs
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields


class Groups:
    """
    After construction `restore` what was put, then `start`; only then come requests.

    Args:
        new_id: a fresh UUID as text.
        put: keeps a value, made of what JSON has, under a key; None removes it.
        after_sync: calls back when all that was put before is safe.
        topics: the id and the number of partitions of every topic that exists.
    """

    def __init__(
        self,
        settings: GroupSettings,
        new_id: Callable[[], str],
        put: Put,
        after_sync: Callable[[Callable[[], None]], None],
        topics: Topics,
    ) -> None:
        self._outbox = Outbox()
        self._after_sync = after_sync
        self._offsets = Offsets(put)
        self._shard = shard = Shard(settings, new_id, put, self._call_when_safe, topics)
        self._rebalances = Rebalances(shard)
        self._joins = Joins(shard, self._rebalances)
        self._syncs = Syncs(shard, self._rebalances)
        self._consumers = ConsumerHeartbeats(shard)
        self._commits = Commits(shard, self._offsets, self._rebalances)
        self._administration = Administration(shard, self._offsets)

    # What members send

    def join(self, request: Request) -> None:
        self._handle(self._joins.handle, request)

    def sync(self, request: Request) -> None:
        self._handle(self._syncs.sync, request)

    def heartbeat(self, request: Request) -> None:
        self._handle(self._syncs.heartbeat, request)

    def leave(self, request: Request) -> None:
        self._handle(self._syncs.leave, request)

    def consumer_heartbeat(self, request: Request) -> None:
        """Of the protocol of KIP-848."""
        self._handle(self._consumers.handle, request)

    # Offsets

    def commit(self, request: Request) -> None:
        self._handle(self._commits.commit, request)

    def commit_in_transaction(self, request: Request) -> None:
        """TxnOffsetCommit of a producer whose right to it was checked; holds until the end of its
        transaction."""
        self._handle(self._commits.commit_in_transaction, request)

    def end_transaction(self, producer_id: int, *, is_commit: bool) -> None:
        """Can be repeated."""
        self._offsets.end(producer_id, is_commit=is_commit)

    def fetch_offsets(self, request: Request) -> None:
        self._handle(self._commits.fetch, request)

    def delete_offsets(self, request: Request) -> None:
        self._handle(self._commits.delete, request)

    def topic_deleted(self, name: str) -> None:
        self._offsets.remove_topic(name)

    # Administration

    def describe(self, request: Request) -> None:
        self._handle(self._administration.describe, request)

    def describe_consumers(self, request: Request) -> None:
        """ConsumerGroupDescribe."""
        self._handle(self._administration.describe_consumers, request)

    def list(self, request: Request) -> None:
        self._handle(self._administration.list_all, request)

    def delete(self, request: Request) -> None:
        self._handle(self._administration.delete, request)

    # To look at

    def ids(self) -> Iterable[str]:
        return self._shard.groups.keys()

    def committed(self, group_id: str) -> Mapping[Partition, Committed]:
        """By topic and partition."""
        return self._offsets.of(group_id)

    # Time

    def tick(self, now_ms: int) -> None:
        with self._outbox.turn():
            self._shard.timers.run(now_ms)

    def next_moment_ms(self) -> int | None:
        """When `tick` is due at the latest."""
        return self._shard.timers.next_moment_ms()

    # After a restart

    def restore(self, key: str, value: Fields) -> None:
        kind, _, rest = key.partition("/")
        if kind == "group":
            self._shard.restore(rest, value)
        else:
            self._offsets.restore(key, value)

    def start(self, now_ms: int) -> None:
        """All is restored. Members have a whole session's time to be heard of."""
        self._shard.timers.now_ms = now_ms
        for group_id in self._offsets.group_ids():
            self._shard.groups.setdefault(group_id, ClassicGroup(group_id, now_ms))
        for group in self._shard.groups.values():
            if isinstance(group, ClassicGroup):
                self._rebalances.watch(group)
            else:
                self._consumers.watch(group)
        self._administration.watch_expiry()

    def _handle(self, handler: Callable[[Request], None], request: Request) -> None:
        with self._outbox.turn():
            self._shard.timers.now_ms = request.now_ms
            handler(replace(request, reply=partial(self._outbox.add, request.reply)))

    def _call_when_safe(self, done: Callable[[], None]) -> None:
        def call() -> None:
            with self._outbox.turn():
                done()

        self._after_sync(call)
