"""A member of a consumer group: what it asked for, what it has, what it is to give back. Pure."""

from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

Partition = tuple[UUID, int]


class MemberState(Enum):
    """Between what it has and what it is to have."""

    STABLE = "stable"
    # It is to give partitions back before it can have the others.
    UNREVOKED = "unrevoked"
    # Others are still to give back what it is to have.
    UNRELEASED = "unreleased"


@dataclass(slots=True)
class ConsumerMember:
    """
    Attributes:
        topics: names it subscribes to.
        pattern: a regular expression of topics, empty for none.
        assignor: that it prefers, if any.
        epoch: of the assignment it has; -2 for a static member that is away.
        assigned: what it may read.
        revoking: what it was told to give back and has not yet.
    """

    id: str
    instance_id: str | None = None
    rack_id: str | None = None
    client_id: str = ""
    client_host: str = ""
    rebalance_timeout_ms: int = -1
    topics: frozenset[str] = frozenset()
    pattern: str = ""
    assignor: str | None = None
    epoch: int = 0
    previous_epoch: int = 0
    state: MemberState = MemberState.STABLE
    assigned: frozenset[Partition] = field(default_factory=frozenset)
    revoking: frozenset[Partition] = field(default_factory=frozenset)

    @property
    def held(self) -> frozenset[Partition]:
        """Nobody else may have these."""
        return self.assigned | self.revoking

    @property
    def progress(self) -> tuple[object, ...]:
        """To see whether it has moved."""
        return self.epoch, self.state, self.assigned, self.revoking

    def is_reconciled_to(self, epoch: int) -> bool:
        return self.state is MemberState.STABLE and self.epoch == epoch

    def move_to(self, epoch: int) -> None:
        self.previous_epoch, self.epoch = self.epoch, epoch
