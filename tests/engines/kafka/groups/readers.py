"""Members of groups of the protocol of KIP-848, as clients are."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.world import Answer, World

GROUP = "readers"
Partition = tuple[UUID, int]


class Reader:
    """
    Attributes:
        told: what it is to have.
        owned: what it reads.
    """

    def __init__(
        self,
        world: World,
        name: str = "",
        *,
        topics: Sequence[str] | None = ("orders",),
        pattern: str | None = None,
        assignor: str | None = None,
        instance: str | None = None,
        rebalance_ms: int = 60_000,
        version: int = 1,
    ) -> None:
        self.world = world
        self.id = name
        self.topics = topics
        self.pattern = pattern
        self.assignor = assignor
        self.instance = instance
        self.rebalance_ms = rebalance_ms
        self.version = version
        self.epoch = 0
        self.told: frozenset[Partition] = frozenset()
        self.owned: frozenset[Partition] = frozenset()

    def ask(self, **fields: object) -> Answer:
        """A full request, unless the fields say otherwise; nothing is made of the answer."""
        asked: Fields = {
            "group_id": GROUP,
            "member_id": self.id,
            "member_epoch": self.epoch,
            "instance_id": self.instance,
            "rebalance_timeout_ms": self.rebalance_ms,
            "subscribed_topic_names": self.topics,
            "subscribed_topic_regex": self.pattern,
            "server_assignor": self.assignor,
            "topic_partitions": in_topics(self.owned),
        }
        key = ApiKey.CONSUMER_GROUP_HEARTBEAT
        return self.world.ask(key, self.version, **(asked | fields))

    def heartbeat(self, **fields: object) -> ErrorCode:
        """Says what it has; learns what it is to have."""
        answer = self.ask(**fields)
        if answer.code is ErrorCode.NONE:
            self.learn(answer)
        return answer.code

    def ping(self) -> ErrorCode:
        """With nothing new to say."""
        nothing = {"rebalance_timeout_ms": -1, "subscribed_topic_names": None}
        nothing |= {"subscribed_topic_regex": None, "server_assignor": None}
        return self.heartbeat(topic_partitions=None, **nothing)

    def learn(self, answer: Answer) -> None:
        self.id, self.epoch = answer["member_id"], answer["member_epoch"]
        if answer["assignment"] is not None:
            self.told = frozenset(
                (each["topic_id"], index)
                for each in answer["assignment"]["topic_partitions"]
                for index in each["partitions"]
            )

    def revoke(self) -> None:
        """Gives back what it is not to have."""
        self.owned &= self.told

    def take(self) -> None:
        """Reads what it is to have."""
        self.owned = self.told

    def go_on(self) -> ErrorCode:
        """All a client does between two heartbeats."""
        code = self.heartbeat()
        self.take()
        return code

    def leave(self, epoch: int = -1) -> ErrorCode:
        nothing = {"rebalance_timeout_ms": -1, "subscribed_topic_names": None}
        nothing |= {"subscribed_topic_regex": None, "server_assignor": None}
        return self.ask(member_epoch=epoch, topic_partitions=None, **nothing).code

    @property
    def indexes(self) -> list[int]:
        """What it reads, of a single topic."""
        return sorted(index for _, index in self.owned)


def settle(*readers: Reader) -> None:
    for _ in range(2 * len(readers) + 2):
        for reader in readers:
            assert reader.go_on() is ErrorCode.NONE


def in_topics(partitions: Iterable[Partition]) -> list[Fields]:
    indexes: dict[UUID, list[int]] = {}
    for topic, index in sorted(partitions):
        indexes.setdefault(topic, []).append(index)
    return [{"topic_id": topic, "partitions": found} for topic, found in indexes.items()]


def described(world: World, group: str = GROUP, **fields: object) -> Fields:
    asked: Fields = {"group_ids": [group], **fields}
    told: Fields = world.ask(ApiKey.CONSUMER_GROUP_DESCRIBE, 1, **asked)["groups"][0]
    return told
