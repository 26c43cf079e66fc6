"""Requests of the protocol in the shortest form that a check can say them in."""

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kafka.protocol.consumer import (
    FetchRequest,
    HeartbeatRequest,
    JoinGroupRequest,
    LeaveGroupRequest,
    ListOffsetsRequest,
    OffsetCommitRequest,
    OffsetFetchRequest,
    SyncGroupRequest,
)
from kafka.protocol.producer import (
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    ProduceRequest,
    TxnOffsetCommitRequest,
)
from kafka.record.default_records import DefaultRecordBatchBuilder

from tests.engines.suite.kafka.wire import Wire

_BATCH_BYTES = 1 << 20
_TIMEOUT_MS = 5_000
NO_ID = uuid.UUID(int=0)


class ProducerId(NamedTuple):
    number: int = -1
    epoch: int = -1


NOBODY = ProducerId()


# ---- records --------------------------------------------------------------------------------


def batch(
    *values: bytes,
    key: bytes | None = None,
    producer: ProducerId = NOBODY,
    sequence: int = -1,
    is_transactional: bool = False,
) -> bytes:
    """A record batch of now."""
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional, producer.number, producer.epoch, sequence, _BATCH_BYTES
    )
    now_ms = int(time.time() * 1000)
    for number, value in enumerate(values):
        builder.append(number, now_ms, key, value, [])
    return bytes(builder.build())


def produce(
    wire: Wire,
    topic: str,
    records: bytes | None,
    *,
    partition: int = 0,
    acks: int = -1,
    transactional_id: str | None = None,
) -> Any:
    """The answer about that partition."""
    topics = ProduceRequest.TopicProduceData
    places = [topics.PartitionProduceData(index=partition, records=records)]
    told = wire.ask(
        ProduceRequest,
        9,
        transactional_id=transactional_id,
        acks=acks,
        timeout_ms=_TIMEOUT_MS,
        topic_data=[topics(name=topic, partition_data=places)],
    )
    return told.responses[0].partition_responses[0]


def fetch(
    wire: Wire,
    topic: str,
    *,
    topic_id: uuid.UUID | None = None,
    partition: int = 0,
    offset: int = 0,
    version: int = 12,
    session: tuple[int, int] = (0, -1),
    max_wait_ms: int = 0,
    min_bytes: int = 0,
    max_bytes: int = 1 << 20,
    isolation: int = 0,
    leader_epoch: int = -1,
) -> Any:
    """
    Args:
        session: its id and epoch; by default there is none.
    """
    topics = FetchRequest.FetchTopic
    place = topics.FetchPartition(
        partition=partition,
        current_leader_epoch=leader_epoch,
        fetch_offset=offset,
        last_fetched_epoch=-1,
        log_start_offset=-1,
        partition_max_bytes=max_bytes,
    )
    return wire.ask(
        FetchRequest,
        version,
        replica_id=-1,
        max_wait_ms=max_wait_ms,
        min_bytes=min_bytes,
        max_bytes=max_bytes,
        isolation_level=isolation,
        session_id=session[0],
        session_epoch=session[1],
        topics=[topics(topic=topic, topic_id=topic_id or NO_ID, partitions=[place])],
        forgotten_topics_data=[],
        rack_id="",
    )


def fetched(answer: Any) -> Any:
    """What a fetch says about its one partition."""
    return answer.responses[0].partitions[0]


def is_led(wire: Wire, topic: str, partitions: int) -> bool:
    """Whether each partition has a leader that works already."""
    topics = ListOffsetsRequest.ListOffsetsTopic
    places = [
        topics.ListOffsetsPartition(partition_index=n, current_leader_epoch=-1, timestamp=-1)
        for n in range(partitions)
    ]
    asked = [topics(name=topic, partitions=places)]
    told = wire.ask(ListOffsetsRequest, 5, replica_id=-1, isolation_level=0, topics=asked)
    return all(one.error_code == 0 for one in told.topics[0].partitions)


# ---- groups ---------------------------------------------------------------------------------


class GroupWire:
    """A group as one of its members talks to it.

    Args:
        instance: group.instance.id of a static member.
    """

    def __init__(self, wire: Wire, group: str, instance: str | None = None) -> None:
        self._wire = wire
        self._who = {"group_id": group, "group_instance_id": instance}

    def send_join(
        self,
        member: str = "",
        *,
        version: int = 5,
        protocols: Mapping[str, bytes] | None = None,
        kind: str = "consumer",
        session_timeout_ms: int = 6_000,
        rebalance_timeout_ms: int = 6_000,
    ) -> None:
        protocol = JoinGroupRequest.JoinGroupRequestProtocol
        offered = {"range": b"mine"} if protocols is None else protocols
        self._wire.send(
            JoinGroupRequest,
            version,
            **self._who,
            session_timeout_ms=session_timeout_ms,
            rebalance_timeout_ms=rebalance_timeout_ms,
            member_id=member,
            protocol_type=kind,
            protocols=[protocol(name=name, metadata=told) for name, told in offered.items()],
            reason=None,
        )

    def joined(self, version: int = 5) -> Any:
        """The answer to `send_join`."""
        return self._wire.answer(JoinGroupRequest, version)

    def join(self, member: str = "", *, version: int = 5, **how: Any) -> Any:
        self.send_join(member, version=version, **how)
        return self.joined(version)

    def become_member(self) -> tuple[int, str]:
        """Alone in the group, with its assignment: generation and member id."""
        member = self.join().member_id
        generation = self.join(member).generation_id
        assert self.sync(generation, member, {member: b"all"}).error_code == 0
        return generation, member

    def sync(
        self, generation: int, member: str, assignments: Mapping[str, bytes] | None = None
    ) -> Any:
        one = SyncGroupRequest.SyncGroupRequestAssignment
        return self._wire.ask(
            SyncGroupRequest,
            3,
            **self._who,
            generation_id=generation,
            member_id=member,
            protocol_type="consumer",
            protocol_name="range",
            assignments=[
                one(member_id=name, assignment=share) for name, share in (assignments or {}).items()
            ],
        )

    def heartbeat(self, generation: int, member: str) -> int:
        """The error code."""
        told = self._wire.ask(
            HeartbeatRequest, 3, **self._who, generation_id=generation, member_id=member
        )
        return int(told.error_code)

    def leave(self, member: str) -> int:
        """The error code of that member."""
        one = LeaveGroupRequest.MemberIdentity
        told = self._wire.ask(
            LeaveGroupRequest,
            3,
            group_id=self._who["group_id"],
            members=[one(member_id=member, group_instance_id=self._who["group_instance_id"])],
        )
        assert told.error_code == 0
        return int(told.members[0].error_code)

    def commit(self, generation: int, member: str, topic: str, offset: int = 1) -> int:
        """The error code of partition 0."""
        topics = OffsetCommitRequest.OffsetCommitRequestTopic
        place = topics.OffsetCommitRequestPartition(
            partition_index=0,
            committed_offset=offset,
            committed_leader_epoch=-1,
            committed_metadata="",
        )
        told = self._wire.ask(
            OffsetCommitRequest,
            7,
            **self._who,
            generation_id_or_member_epoch=generation,
            member_id=member,
            retention_time_ms=-1,
            topics=[topics(name=topic, partitions=[place])],
        )
        return int(told.topics[0].partitions[0].error_code)

    def committed(self, topic: str, *, require_stable: bool = False) -> tuple[int, int]:
        """Error code and offset of partition 0."""
        topics = OffsetFetchRequest.OffsetFetchRequestTopic
        told = self._wire.ask(
            OffsetFetchRequest,
            7,
            group_id=self._who["group_id"],
            topics=[topics(name=topic, partition_indexes=[0])],
            require_stable=require_stable,
        )
        place = told.topics[0].partitions[0]
        return int(place.error_code), int(place.committed_offset)


# ---- transactions ---------------------------------------------------------------------------


class TransactionWire:
    """What a transactional producer asks, with any identity that a check wants to try."""

    def __init__(self, wire: Wire, transactional_id: str) -> None:
        self._wire = wire
        self._id = transactional_id

    def init(self, producer: ProducerId = NOBODY, timeout_ms: int = 60_000) -> Any:
        return init(self._wire, self._id, producer, timeout_ms)

    def begin(self) -> ProducerId:
        told = self.init()
        assert told.error_code == 0
        return ProducerId(told.producer_id, told.producer_epoch)

    def add(
        self, producer: ProducerId, topics: Mapping[str, Sequence[int]], version: int = 3
    ) -> dict[tuple[str, int], int]:
        """The error code of each partition."""
        topic = AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
        told = self._wire.ask(
            AddPartitionsToTxnRequest,
            version,
            v3_and_below_transactional_id=self._id,
            v3_and_below_producer_id=producer.number,
            v3_and_below_producer_epoch=producer.epoch,
            v3_and_below_topics=[
                topic(name=name, partitions=list(numbers)) for name, numbers in topics.items()
            ],
        )
        return {
            (one.name, place.partition_index): place.partition_error_code
            for one in told.results_by_topic_v3_and_below
            for place in one.results_by_partition
        }

    def produce(
        self,
        producer: ProducerId,
        topic: str,
        value: bytes,
        sequence: int,
        *,
        partition: int = 0,
        is_transactional: bool = True,
    ) -> int:
        """The error code."""
        records = batch(
            value, producer=producer, sequence=sequence, is_transactional=is_transactional
        )
        told = produce(self._wire, topic, records, partition=partition, transactional_id=self._id)
        return int(told.error_code)

    def end(self, producer: ProducerId, *, is_commit: bool = True, version: int = 3) -> int:
        """The error code."""
        told = self._wire.ask(
            EndTxnRequest,
            version,
            transactional_id=self._id,
            producer_id=producer.number,
            producer_epoch=producer.epoch,
            committed=is_commit,
        )
        return int(told.error_code)

    def commit_offset(
        self,
        producer: ProducerId,
        group: str,
        topic: str,
        *,
        generation: int = -1,
        member: str = "",
    ) -> int:
        """The error code of partition 0; offset 4 is what it commits."""
        topics = TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
        place = topics.TxnOffsetCommitRequestPartition(
            partition_index=0,
            committed_offset=4,
            committed_leader_epoch=-1,
            committed_metadata="",
        )
        told = self._wire.ask(
            TxnOffsetCommitRequest,
            3,
            transactional_id=self._id,
            group_id=group,
            producer_id=producer.number,
            producer_epoch=producer.epoch,
            generation_id=generation,
            member_id=member,
            group_instance_id=None,
            topics=[topics(name=topic, partitions=[place])],
        )
        return int(told.topics[0].partitions[0].error_code)


def init(
    wire: Wire,
    transactional_id: str | None,
    producer: ProducerId = NOBODY,
    timeout_ms: int = 60_000,
) -> Any:
    """InitProducerId."""
    return wire.ask(
        InitProducerIdRequest,
        4,
        transactional_id=transactional_id,
        transaction_timeout_ms=timeout_ms,
        producer_id=producer.number,
        producer_epoch=producer.epoch,
    )
