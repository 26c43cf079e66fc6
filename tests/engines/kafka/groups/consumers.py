"""Consumers that do what the clients of Kafka do, one step at a time."""

import json
from enum import Enum

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.groups.members import GROUP, Member
from tests.engines.kafka.groups.world import CODES, TOPICS, Answer, World

Place = tuple[str, int]
PLACES: tuple[Place, ...] = tuple(
    (topic, index) for topic, (_, count) in TOPICS.items() for index in range(count)
)


class At(Enum):
    JOINING = "joining"
    SYNCING = "syncing"
    STABLE = "stable"
    OVER = "over"


class Consumer:
    """
    Attributes:
        places: the partitions it reads.
        commits: what it asked for and what came of it so far.
    """

    def __init__(self, world: World, *, instance: str | None, version: int, sticky: bool) -> None:
        protocols = ("sticky", "range") if sticky else ("range",)
        self.member = Member(
            world,
            instance=instance,
            version=version,
            protocols=protocols,
            session_ms=10_000,
            rebalance_ms=15_000,
        )
        self.world = world
        self.at = At.JOINING
        self.places: tuple[Place, ...] = ()
        self.asked: list[Answer] = []
        self.waits_for = self._join()

    def step(self) -> bool:
        """Goes on if it can; whether it did."""
        if self.at is At.STABLE or self.at is At.OVER or not self.waits_for.is_there:
            return False
        if self.waits_for.code is not ErrorCode.NONE:
            self._recover(self.waits_for.code)
        elif self.at is At.JOINING:
            self._sync()
        else:
            self.at = At.STABLE
            assigned = json.loads(self.waits_for["assignment"] or b"[]")
            self.places = tuple((topic, index) for topic, index in assigned)
        return True

    def heartbeat(self) -> None:
        """While it waits for the group it sends none, as clients do."""
        if self.at is At.STABLE:
            code = self.member.heartbeat()
            if code is not ErrorCode.NONE:
                self._recover(code)

    def leave(self) -> None:
        if self.at is not At.OVER and self.member.id:
            self.member.leave()
        self.die()

    def die(self) -> None:
        self.at = At.OVER
        self.places = ()

    def lose_connection(self) -> None:
        """The broker was restarted: whatever it waited for is asked again."""
        if self.at in (At.JOINING, At.SYNCING):
            self._rejoin()

    def commit(self, place: Place, offset: int) -> Answer:
        partition = {"partition_index": place[1], "committed_offset": offset}
        return self.world.ask(
            ApiKey.OFFSET_COMMIT,
            8,
            group_id=GROUP,
            member_id=self.member.id,
            group_instance_id=self.member.instance,
            generation_id_or_member_epoch=self.member.generation,
            topics=[{"name": place[0], "partitions": [partition]}],
        )

    def _sync(self) -> None:
        answer = self.waits_for
        self.member.joined(answer)
        self.at = At.SYNCING
        assignments = None
        if self.member.is_leader and not answer.fields.get("skip_assignment", False):
            assignments = divide([each["member_id"] for each in answer["members"]])
        self._wait_for(self.member.sync(assignments, protocol_name=answer["protocol_name"]))

    def _recover(self, code: ErrorCode) -> None:
        if code is ErrorCode.FENCED_INSTANCE_ID:
            self.die()
            return
        if code is ErrorCode.UNKNOWN_MEMBER_ID:
            self.member.id = ""
        elif code is ErrorCode.MEMBER_ID_REQUIRED:
            self.member.id = self.waits_for["member_id"]
        else:
            assert code in (ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.ILLEGAL_GENERATION), code
        self._rejoin()

    def _rejoin(self) -> None:
        self.at = At.JOINING
        self.places = ()
        self._wait_for(self._join())

    def _join(self) -> Answer:
        return self.member.ask_to_join()

    def _wait_for(self, answer: Answer) -> None:
        self.waits_for = answer
        self.asked.append(answer)


def divide(member_ids: list[str]) -> dict[str, bytes]:
    """Every partition to somebody, in turn."""
    members = sorted(member_ids)
    return {
        member_id: json.dumps(PLACES[number :: len(members)]).encode()
        for number, member_id in enumerate(members)
    }


def code_of(answer: Answer) -> ErrorCode:
    """Of a commit of one partition."""
    return CODES[answer["topics"][0]["partitions"][0]["error_code"]]
