"""What all parts of the coordinator share. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from stend.engines.kafka.groups.classic.group import ClassicGroup
from stend.engines.kafka.groups.classic.stored import stored
from stend.engines.kafka.groups.settings import GroupSettings
from stend.engines.kafka.groups.timers import Timers
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields

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
    groups: dict[str, ClassicGroup] = field(default_factory=dict)

    def answer_when_safe(self, request: Request, response: Fields) -> None:
        self.after_sync(lambda: request.reply(response))

    def keep(self, group: ClassicGroup, assignments: Mapping[str, bytes] | None = None) -> None:
        """What a restarted broker goes on with."""
        self.put(_key(group), stored(group, assignments or {}))

    def forget(self, group: ClassicGroup) -> None:
        del self.groups[group.id]
        self.put(_key(group), None)


def _key(group: ClassicGroup) -> str:
    return f"group/{group.id}"
