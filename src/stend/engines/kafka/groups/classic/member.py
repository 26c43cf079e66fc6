"""A member of a classic group and the replies it waits for. Pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

Reply = Callable[[Fields], None]
# In order of preference: the name of each protocol (assignor) and what the member says under it.
Protocols = list[tuple[str, bytes]]


@dataclass(slots=True)
class Member:
    """
    Attributes:
        instance_id: `group.instance.id` of a static member (KIP-345).
        is_new: it has not yet got the answer to its first JoinGroup, so it knows no member id and
            sends no heartbeats.
        join_reply, sync_reply: how to answer the request that it waits in.
    """

    id: str
    instance_id: str | None
    client_id: str
    client_host: str
    rebalance_timeout_ms: int
    session_timeout_ms: int
    protocols: Protocols
    assignment: bytes = b""
    is_new: bool = False
    join_reply: Reply | None = None
    sync_reply: Reply | None = None

    @property
    def is_awaiting_join(self) -> bool:
        return self.join_reply is not None

    @property
    def needs_heartbeat(self) -> bool:
        """Whoever waits for our answer cannot send one; a new member is not waited for for ever."""
        return self.is_new or (self.join_reply is None and self.sync_reply is None)

    def metadata(self, protocol: str | None) -> bytes:
        return dict(self.protocols)[protocol] if protocol is not None else b""

    def vote(self, candidates: Collection[str]) -> str:
        return next(name for name, _ in self.protocols if name in candidates)

    def await_join(self, reply: Reply) -> None:
        """A second JoinGroup comes from another connection: the first one is given up."""
        self.answer_join(failed_join(ErrorCode.REBALANCE_IN_PROGRESS, self.id))
        self.join_reply = reply

    def await_sync(self, reply: Reply) -> None:
        self.answer_sync({"error_code": ErrorCode.REBALANCE_IN_PROGRESS})
        self.sync_reply = reply

    def answer_join(self, response: Fields) -> None:
        reply, self.join_reply = self.join_reply, None
        if reply is not None:
            reply(response)

    def answer_sync(self, response: Fields) -> bool:
        """Whether it waited for that."""
        reply, self.sync_reply = self.sync_reply, None
        if reply is None:
            return False
        reply(response)
        return True


def failed_join(code: ErrorCode, member_id: str) -> Fields:
    return {
        "error_code": code,
        "generation_id": -1,
        "protocol_type": None,
        "protocol_name": "",
        "leader": "",
        "skip_assignment": False,
        "member_id": member_id,
        "members": [],
    }
