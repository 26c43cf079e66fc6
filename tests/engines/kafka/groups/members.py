"""Members of classic groups, as clients are."""

from collections.abc import Mapping, Sequence

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.world import Answer, World, subscription

GROUP = "readers"


class Member:
    """
    Attributes:
        id, generation, leader: as the last answer to its JoinGroup said.
    """

    def __init__(
        self,
        world: World,
        client: str = "app",
        *,
        instance: str | None = None,
        topics: Sequence[str] = ("orders",),
        protocols: Sequence[str] = ("range",),
        version: int = 9,
        group: str = GROUP,
        session_ms: int = 10_000,
        rebalance_ms: int = 60_000,
    ) -> None:
        self.world = world
        self.client = client
        self.instance = instance
        self.protocols = [(name, subscription(*topics)) for name in protocols]
        self.version = version
        self.group = group
        self.session_ms = session_ms
        self.rebalance_ms = rebalance_ms
        self.id = ""
        self.generation = -1
        self.leader = ""

    # One request each

    def ask_to_join(self, **fields: object) -> Answer:
        asked: Fields = {
            "group_id": self.group,
            "member_id": self.id,
            "group_instance_id": self.instance,
            "session_timeout_ms": self.session_ms,
            "rebalance_timeout_ms": self.rebalance_ms,
            "protocol_type": "consumer",
            "protocols": [{"name": name, "metadata": said} for name, said in self.protocols],
        }
        return self._ask(ApiKey.JOIN_GROUP, self.version, asked | fields)

    def sync(self, assignments: Mapping[str, bytes] | None = None, **fields: object) -> Answer:
        asked: Fields = {
            "group_id": self.group,
            "generation_id": self.generation,
            "member_id": self.id,
            "group_instance_id": self.instance,
            "protocol_type": "consumer",
            "protocol_name": self.protocols[0][0],
            "assignments": [
                {"member_id": member_id, "assignment": assignment}
                for member_id, assignment in (assignments or {}).items()
            ],
        }
        return self._ask(ApiKey.SYNC_GROUP, min(self.version, 5), asked | fields)

    def heartbeat(self, **fields: object) -> ErrorCode:
        asked: Fields = {
            "group_id": self.group,
            "generation_id": self.generation,
            "member_id": self.id,
            "group_instance_id": self.instance,
        }
        return self._ask(ApiKey.HEARTBEAT, 4, asked | fields).code

    def leave(self) -> ErrorCode:
        member = {"member_id": self.id, "group_instance_id": self.instance}
        asked: Fields = {"group_id": self.group, "members": [member]}
        answer = self._ask(ApiKey.LEAVE_GROUP, 5, asked)
        assert answer.code is ErrorCode.NONE
        return next(code for code in ErrorCode if code == answer["members"][0]["error_code"])

    # What a client makes of them

    def join(self) -> Answer:
        """With the detour over MEMBER_ID_REQUIRED; `joined` is to follow when it is answered."""
        answer = self.ask_to_join()
        if answer.is_there and answer.code is ErrorCode.MEMBER_ID_REQUIRED:
            self.id = answer["member_id"]
            answer = self.ask_to_join()
        return answer

    def joined(self, answer: Answer) -> None:
        assert answer.code is ErrorCode.NONE
        self.id = answer["member_id"]
        self.generation = answer["generation_id"]
        self.leader = answer["leader"]

    @property
    def is_leader(self) -> bool:
        return self.id == self.leader

    def _ask(self, key: ApiKey, version: int, fields: Fields) -> Answer:
        return self.world.ask(key, version, client=self.client, **fields)


def join_all(*members: Member) -> None:
    """All of them, in one generation."""
    answers = [member.join() for member in members]
    for member in members:
        # Those that are in the group already learn of the rebalance from their heartbeat.
        member.world.sleep(0)
    for member, answer in zip(members, answers, strict=True):
        member.joined(answer)
    assert len({(member.generation, member.leader) for member in members}) == 1


def settle(*members: Member) -> None:
    """A stable group of these members, the assignment of each is its id."""
    join_all(*members)
    assignments = {member.id: member.id.encode() for member in members}
    leader = next(member for member in members if member.is_leader)
    waiting = [(each, each.sync()) for each in members if each is not leader]
    waiting.append((leader, leader.sync(assignments)))
    for member, answer in waiting:
        assert answer.code is ErrorCode.NONE
        assert answer["assignment"] == member.id.encode()


def state(world: World, group: str = GROUP) -> str:
    described = world.ask(ApiKey.DESCRIBE_GROUPS, 5, groups=[group])
    return str(described["groups"][0]["group_state"])


def member_ids(world: World, group: str = GROUP) -> list[str]:
    described = world.ask(ApiKey.DESCRIBE_GROUPS, 5, groups=[group])
    return [member["member_id"] for member in described["groups"][0]["members"]]
