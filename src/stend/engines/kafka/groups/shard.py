"""What all parts of the coordinator share. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from stend.engines.kafka.groups.classic import stored as classic
from stend.engines.kafka.groups.classic.group import ClassicGroup
from stend.engines.kafka.groups.consumer import stored as consumer
from stend.engines.kafka.groups.consumer.group import ConsumerGroup
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.groups.timers import Timers
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields

Group = ClassicGroup | ConsumerGroup
# What exists: the id and the number of partitions of every topic.
Topics = Callable[[], Mapping[str, tuple[UUID, int]]]


@dataclass(slots=True)
class Shard:
    """
    Attributes:
        new_id: a fresh UUID as text.
        put: keeps a value of JSON's kinds under a key; None removes it.
        after_sync: calls back when all that was put before is safe.
    """

    settings: GroupSettings
    new_id: Callable[[], str]
    put: Callable[[str, Fields | None], None]
    after_sync: Callable[[Callable[[], None]], None]
    topics: Topics
    timers: Timers = field(default_factory=Timers)
    groups: dict[str, Group] = field(default_factory=dict)

    def answer_when_safe(self, request: Request, response: Fields) -> None:
        self.after_sync(lambda: request.reply(response))

    def classic(self, group_id: str) -> ClassicGroup | None:
        group = self.groups.get(group_id)
        return group if isinstance(group, ClassicGroup) else None

    def keep(self, group: Group, assignments: Mapping[str, bytes] | None = None) -> None:
        """What a restarted broker goes on with.

        Args:
            assignments: of the members of a classic group.
        """
        if isinstance(group, ClassicGroup):
            value = classic.stored(group, assignments or {})
        else:
            value = consumer.stored(group)
        self.put(_key(group), value)

    def restore(self, group_id: str, value: Fields) -> None:
        is_classic = value["type"] == ClassicGroup.kind
        module = classic if is_classic else consumer
        self.groups[group_id] = module.restored(group_id, value)

    def forget(self, group: Group) -> None:
        del self.groups[group.id]
        self.put(_key(group), None)


def _key(group: Group) -> str:
    return f"group/{group.id}"
