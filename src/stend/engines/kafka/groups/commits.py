"""OffsetCommit, TxnOffsetCommit, OffsetFetch and OffsetDelete. Pure."""

from collections.abc import Callable, Iterable, Mapping

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.classic.group import ClassicGroup, State
from stend.engines.kafka.groups.consumer.group import ConsumerGroup
from stend.engines.kafka.groups.offsets import Committed, Offsets, Partition
from stend.engines.kafka.groups.rebalances import Rebalances
from stend.engines.kafka.groups.shard import Group, Shard
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_FIRST_COMMIT_THAT_KNOWS_EPOCHS = 9
_FIRST_FETCH_OF_MANY = 8
_NO_OFFSET = -1
_NO_EPOCH = -1
_NO_GENERATION = -1
_KEPT_AS_LONG_AS_CONFIGURED = -1


class Commits:
    def __init__(self, shard: Shard, offsets: Offsets, rebalances: Rebalances) -> None:
        self._shard = shard
        self._offsets = offsets
        self._rebalances = rebalances

    # To commit

    def commit(self, request: Request) -> None:
        def store(group_id: str, partition: Partition, fields: Fields) -> None:
            committed = self._committed(fields, request.fields.get("retention_time_ms", -1))
            self._offsets.commit(group_id, partition, committed)

        self._commit(request, self._check_commit, store)

    def commit_in_transaction(self, request: Request) -> None:
        producer_id: int = request.fields["producer_id"]

        def store(group_id: str, partition: Partition, fields: Fields) -> None:
            committed = self._committed(fields, _KEPT_AS_LONG_AS_CONFIGURED)
            self._offsets.pend(producer_id, group_id, partition, committed)

        self._commit(request, self._check_commit_in_transaction, store)

    def _commit(
        self,
        request: Request,
        check: Callable[[Request], None],
        store: Callable[[str, Partition, Fields], None],
    ) -> None:
        fields = request.fields
        refused = self._refusal(request, check)

        def commit_one(topic: str, partition: Fields) -> ErrorCode:
            place = (topic, partition["partition_index"])
            if not self._exists(place):
                return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            if refused is not None:
                return refused
            metadata = partition["committed_metadata"] or ""
            if len(metadata) > self._shard.settings.offset_metadata_max_bytes:
                return ErrorCode.OFFSET_METADATA_TOO_LARGE
            store(fields["group_id"], place, partition)
            return ErrorCode.NONE

        response = {"topics": _for_each(fields["topics"], commit_one)}
        self._shard.answer_when_safe(request, response)

    def _refusal(self, request: Request, check: Callable[[Request], None]) -> ErrorCode | None:
        """As with Kafka nobody is asked when there is nothing to commit to."""
        if not any(map(self._exists, _places(request.fields["topics"]))):
            return None
        try:
            check(request)
        except BrokerError as error:
            return error.code
        return None

    def _check_commit(self, request: Request) -> None:
        fields = request.fields
        group = self._shard.groups.get(fields["group_id"])
        knows_epochs = request.version >= _FIRST_COMMIT_THAT_KNOWS_EPOCHS
        generation: int = fields["generation_id_or_member_epoch"]
        if group is None:
            if generation >= 0:
                unknown = ErrorCode.GROUP_ID_NOT_FOUND
                raise BrokerError(unknown if knows_epochs else ErrorCode.ILLEGAL_GENERATION)
            group = self._simple_group(fields["group_id"])
        member_id, instance_id = fields["member_id"], fields.get("group_instance_id")
        if not knows_epochs and isinstance(group, ConsumerGroup) and member_id in group.members:
            raise BrokerError(ErrorCode.UNSUPPORTED_VERSION)
        group.check_commit(member_id, instance_id, generation, is_transactional=False)
        if isinstance(group, ClassicGroup):
            self._note_sign_of_life(group, member_id)

    def _check_commit_in_transaction(self, request: Request) -> None:
        fields = request.fields
        if not fields["group_id"]:
            raise BrokerError(ErrorCode.INVALID_GROUP_ID)
        # Before v3 (KIP-447) only the producer is known, and not for which member it commits.
        generation: int = fields.get("generation_id", _NO_GENERATION)
        group = self._shard.groups.get(fields["group_id"])
        if group is None:
            if generation >= 0:
                raise BrokerError(ErrorCode.ILLEGAL_GENERATION)
            group = self._simple_group(fields["group_id"])
        member_id, instance_id = fields.get("member_id", ""), fields.get("group_instance_id")
        try:
            group.check_commit(member_id, instance_id, generation, is_transactional=True)
        except BrokerError as error:
            # Clients know no other code for it here.
            is_stale = error.code is ErrorCode.STALE_MEMBER_EPOCH
            raise BrokerError(ErrorCode.ILLEGAL_GENERATION) if is_stale else error from None

    def _simple_group(self, group_id: str) -> ClassicGroup:
        """For a consumer that keeps offsets here and divides no partitions."""
        group = ClassicGroup(group_id, self._shard.timers.now_ms)
        self._shard.groups[group_id] = group
        return group

    def _note_sign_of_life(self, group: ClassicGroup, member_id: str) -> None:
        member = group.members.get(member_id)
        if member and group.state in (State.STABLE, State.PREPARING_REBALANCE):
            self._rebalances.await_heartbeat(group, member)

    def _committed(self, fields: Fields, retention_ms: int) -> Committed:
        now_ms = self._shard.timers.now_ms
        is_usual = retention_ms == _KEPT_AS_LONG_AS_CONFIGURED
        return Committed(
            offset=fields["committed_offset"],
            leader_epoch=fields.get("committed_leader_epoch", _NO_EPOCH),
            metadata=fields["committed_metadata"] or "",
            committed_at_ms=now_ms,
            expires_at_ms=None if is_usual else now_ms + retention_ms,
            number=self._offsets.next_number(),
        )

    # To fetch

    def fetch(self, request: Request) -> None:
        fields = request.fields
        is_stable_only: bool = fields.get("require_stable", False)
        of_many = request.version >= _FIRST_FETCH_OF_MANY
        asked = fields["groups"] if of_many else [fields]
        groups = [self._fetched(each, is_stable_only=is_stable_only) for each in asked]
        # What is told must not be lost afterwards.
        self._shard.answer_when_safe(request, {"groups": groups} if of_many else groups[0])

    def _fetched(self, asked: Fields, *, is_stable_only: bool) -> Fields:
        group_id: str = asked["group_id"]
        group = self._shard.groups.get(group_id)
        response: Fields = {"group_id": group_id, "error_code": ErrorCode.NONE, "topics": []}
        try:
            if group is not None:
                group.check_fetch(asked.get("member_id"), asked.get("member_epoch", _NO_EPOCH))
        except BrokerError as error:
            return response | {"error_code": error.code}
        known = self._offsets.of(group_id)
        topics = _topics_of(known) if asked["topics"] is None else asked["topics"]
        for topic in topics:
            partitions = []
            for index in topic["partition_indexes"]:
                place = (topic["name"], index)
                is_unstable = is_stable_only and self._offsets.is_pending(group_id, place)
                partitions.append(
                    _unstable(index) if is_unstable else _told(index, known.get(place))
                )
            response["topics"].append({"name": topic["name"], "partitions": partitions})
        return response

    # To delete

    def delete(self, request: Request) -> None:
        fields = request.fields
        topics = self._shard.topics()
        group = self._shard.groups.get(fields["group_id"])
        try:
            if any(each["name"] in topics for each in fields["topics"]):
                _check_delete(fields["group_id"], group)
        except BrokerError as error:
            request.reply({"error_code": error.code, "topics": []})
            return

        def delete_one(topic: str, partition: Fields) -> ErrorCode:
            if topic not in topics or group is None:
                return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            if group.is_subscribed_to(topic):
                return ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
            self._offsets.remove(group.id, (topic, partition["partition_index"]))
            return ErrorCode.NONE

        results = _for_each(fields["topics"], delete_one)
        response = {"error_code": ErrorCode.NONE, "topics": results}
        self._shard.answer_when_safe(request, response)

    def _exists(self, place: Partition) -> bool:
        topic = self._shard.topics().get(place[0])
        return topic is not None and 0 <= place[1] < topic[1]


def _check_delete(group_id: str, group: Group | None) -> None:
    if not group_id:
        raise BrokerError(ErrorCode.INVALID_GROUP_ID)
    if group is None:
        raise BrokerError(ErrorCode.GROUP_ID_NOT_FOUND)
    group.check_delete_offsets()


def _places(topics: Iterable[Fields]) -> Iterable[Partition]:
    return (
        (topic["name"], partition["partition_index"])
        for topic in topics
        for partition in topic["partitions"]
    )


def _for_each(topics: Iterable[Fields], result: Callable[[str, Fields], ErrorCode]) -> list[Fields]:
    """The code of each partition, in the shape that these responses share."""
    return [
        {
            "name": topic["name"],
            "partitions": [
                {
                    "partition_index": partition["partition_index"],
                    "error_code": result(topic["name"], partition),
                }
                for partition in topic["partitions"]
            ],
        }
        for topic in topics
    ]


def _topics_of(known: Mapping[Partition, Committed]) -> list[Fields]:
    indexes: dict[str, list[int]] = {}
    for topic, index in known:
        indexes.setdefault(topic, []).append(index)
    return [{"name": topic, "partition_indexes": found} for topic, found in indexes.items()]


def _told(index: int, committed: Committed | None) -> Fields:
    return {
        "partition_index": index,
        "committed_offset": committed.offset if committed else _NO_OFFSET,
        "committed_leader_epoch": committed.leader_epoch if committed else _NO_EPOCH,
        "metadata": committed.metadata if committed else "",
        "error_code": ErrorCode.NONE,
    }


def _unstable(index: int) -> Fields:
    """KIP-447: a transaction is still to decide what this is."""
    return _told(index, None) | {"error_code": ErrorCode.UNSTABLE_OFFSET_COMMIT}
