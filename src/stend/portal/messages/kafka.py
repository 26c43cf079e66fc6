"""Kafka as the portal asks it: over its own protocol, without a group and a client library.

Everything here blocks, for four seconds at most; callers use a thread.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from struct import Struct, unpack_from
from struct import error as StructError  # noqa: N812 - it is an exception, named as one
from uuid import UUID

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.asking import Fields, Line
from stend.portal.messages.logs import Extent, Group, Logs, Member, Reader, topic_of
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.errors import ErrorCode, WireError
from stend.wire.kafka.records import Record, batches, build_batch, records

# Versions that every Kafka since 3.0 and the stand's speak.
_METADATA, _LIST_OFFSETS, _COORDINATOR, _LIST, _DESCRIBE, _OFFSETS = 12, 7, 4, 4, 5, 8
_FETCH, _PRODUCE = 12, 9
_LATEST, _EARLIEST = -1, -2
MOST_TOPICS, MOST_GROUPS = 60, 40
# For everything that one method asks.
_WITHIN_S = 4.0
_FETCHED_BYTES = 1024 * 1024
_ACKS_ALL = -1
_PRODUCE_TIMEOUT_MS = 2000
_COUNT = Struct(">i")


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it lies in a log."""

    offset: int
    timestamp_ms: int
    record: Record

    @property
    def key(self) -> str:
        return (self.record.key or b"").decode("utf-8", "backslashreplace")

    @property
    def value(self) -> str:
        return (self.record.value or b"").decode("utf-8", "backslashreplace")


class Kafka:
    """Every method raises NoBrokerAnswerError.

    Args:
        servers: `host:port` of brokers to begin with.
    """

    def __init__(self, servers: Sequence[str], security: KafkaSecurity = PLAINTEXT) -> None:
        self._servers = servers
        self._security = security

    def look(self, readers: Sequence[Reader]) -> Logs:
        """All topics, groups, and where these are.

        Args:
            readers: of whom the brokers know nothing.
        """
        with Line(_WITHIN_S, self._security) as line:
            return _Cluster(self._servers, line).look(readers)

    def read(self, topic: str, partition: int, offset: int, most: int) -> list[Stored]:
        """Records from an offset on; a group has no part in it."""
        with Line(_WITHIN_S, self._security) as line:
            return _Cluster(self._servers, line).read(topic, partition, offset, most)

    def write(self, topic: str, partition: int, record: Record, now_ms: int) -> int:
        """
        Args:
            now_ms: the record's time, since 1970.

        Returns:
            The offset that the record has got, acknowledged by all replicas in sync.
        """
        with Line(_WITHIN_S, self._security) as line:
            return _Cluster(self._servers, line).write(topic, partition, record, now_ms)


class _Cluster:
    """What can be asked over one line."""

    def __init__(self, servers: Sequence[str], line: Line) -> None:
        self._servers = servers
        self._ask = line.ask

    def look(self, readers: Sequence[Reader]) -> Logs:
        told = self._metadata(None)
        topics = sorted(told["topics"], key=lambda one: (one["is_internal"], one["name"]))
        shown = [one for one in topics if not one["error_code"]][:MOST_TOPICS]
        brokers = _brokers(told)
        groups, left_off = self._groups(brokers, readers)
        extents = self._extents(shown, brokers)
        return Logs(
            tuple(
                topic_of(
                    one["name"],
                    one["is_internal"],
                    tuple(extents[one["name"], part["partition_index"]] for part in _parts(one)),
                    groups,
                )
                for one in shown
            ),
            groups,
            len(topics) - len(shown) + left_off,
        )

    def read(self, topic: str, partition: int, offset: int, most: int) -> list[Stored]:
        address = self._leader(topic, partition)
        place = {
            "partition": partition,
            "current_leader_epoch": -1,
            "fetch_offset": offset,
            "last_fetched_epoch": -1,
            "log_start_offset": -1,
            "partition_max_bytes": _FETCHED_BYTES,
        }
        wanted = {
            "replica_id": -1,
            "max_wait_ms": 0,
            "min_bytes": 0,
            "max_bytes": _FETCHED_BYTES,
            "isolation_level": 0,
            "session_id": 0,
            "session_epoch": -1,
            "topics": [{"topic": topic, "partitions": [place]}],
            "forgotten_topics_data": [],
            "rack_id": "",
        }
        told = self._ask(address, ApiKey.FETCH, _FETCH, wanted)
        found: list[Stored] = []
        for answer in (part for one in told["responses"] for part in one["partitions"]):
            _check(answer["error_code"])
            found += _stored(bytes(answer["records"] or b""), offset, most - len(found))
        return found

    def write(self, topic: str, partition: int, record: Record, now_ms: int) -> int:
        address = self._leader(topic, partition)
        batch = build_batch([record], base_timestamp=now_ms, max_timestamp=now_ms)
        wanted = {
            "transactional_id": None,
            "acks": _ACKS_ALL,
            "timeout_ms": _PRODUCE_TIMEOUT_MS,
            "topic_data": [
                {"name": topic, "partition_data": [{"index": partition, "records": batch}]}
            ],
        }
        told = self._ask(address, ApiKey.PRODUCE, _PRODUCE, wanted)
        (answer,) = (part for one in told["responses"] for part in one["partition_responses"])
        _check(answer["error_code"], answer["error_message"] or "")
        return int(answer["base_offset"])

    def _leader(self, topic: str, partition: int) -> str:
        told, brokers = self._topic(topic)
        for one in told["partitions"]:
            if one["partition_index"] == partition:
                if one["leader_id"] in brokers:
                    return brokers[one["leader_id"]]
                raise NoBrokerAnswerError("no_leader", f"{topic}[{partition}]")
        count = len(told["partitions"])
        raise NoBrokerAnswerError("no_partition", f"{topic}[{partition}], 0–{count - 1}")

    def _topic(self, topic: str) -> tuple[Fields, Mapping[int, str]]:
        told = self._metadata([{"topic_id": UUID(int=0), "name": topic}])
        (found,) = told["topics"]
        _check(found["error_code"], topic)
        return found, _brokers(told)

    def _metadata(self, topics: object) -> Fields:
        wanted = {
            "topics": topics,
            "allow_auto_topic_creation": False,
            "include_topic_authorized_operations": False,
        }
        silent: list[str] = []
        for server in self._servers:
            try:
                return self._ask(server, ApiKey.METADATA, _METADATA, wanted)
            except NoBrokerAnswerError as error:
                silent.append(error.detail)
        raise NoBrokerAnswerError("away", "; ".join(silent))

    def _extents(
        self, topics: Sequence[Fields], brokers: Mapping[int, str]
    ) -> dict[tuple[str, int], Extent]:
        ends: dict[tuple[str, int], dict[int, int]] = {}
        for leader, address in brokers.items():
            for end in (_EARLIEST, _LATEST):
                for name, number, offset in self._offsets(address, topics, leader, end):
                    ends.setdefault((name, number), {})[end] = offset
        found = {}
        for one in topics:
            for part in _parts(one):
                place = one["name"], part["partition_index"]
                offsets = ends.get(place, {})
                found[place] = Extent(
                    place[1], part["leader_id"], offsets.get(_EARLIEST), offsets.get(_LATEST)
                )
        return found

    def _offsets(
        self, address: str, topics: Sequence[Fields], leader: int, time_ms: int
    ) -> Iterable[tuple[str, int, int]]:
        wanted = [
            {"name": one["name"], "partitions": parts}
            for one in topics
            if (
                parts := [_at(part, time_ms) for part in _parts(one) if part["leader_id"] == leader]
            )
        ]
        if not wanted:
            return
        fields = {"replica_id": -1, "isolation_level": 0, "topics": wanted}
        told = self._ask(address, ApiKey.LIST_OFFSETS, _LIST_OFFSETS, fields)
        for one in told["topics"]:
            for part in one["partitions"]:
                if not part["error_code"]:
                    yield one["name"], part["partition_index"], part["offset"]

    def _groups(
        self, brokers: Mapping[int, str], readers: Sequence[Reader]
    ) -> tuple[tuple[Group, ...], int]:
        """Each broker knows those that it coordinates."""
        found = [Group(one.name, "", (), one.offsets, keeps_offsets=True) for one in readers]
        left_off = 0
        for address in brokers.values():
            told = self._ask(address, ApiKey.LIST_GROUPS, _LIST, {"states_filter": []})
            names = sorted(one["group_id"] for one in told["groups"])
            left_off += max(0, len(names) - MOST_GROUPS)
            found += self._described(address, names[:MOST_GROUPS])
        found.sort(key=lambda one: one.id)
        drawn = (replace(one, is_above=number % 2 == 0) for number, one in enumerate(found))
        return tuple(drawn), left_off

    def _described(self, address: str, names: Sequence[str]) -> list[Group]:
        if not names:
            return []
        asked = {"groups": list(names), "include_authorized_operations": False}
        described = self._ask(address, ApiKey.DESCRIBE_GROUPS, _DESCRIBE, asked)
        known = {one["group_id"]: one for one in described["groups"] if not one["error_code"]}
        wanted = {
            "groups": [{"group_id": name, "topics": None} for name in names],
            "require_stable": False,
        }
        told = self._ask(address, ApiKey.OFFSET_FETCH, _OFFSETS, wanted)
        return [_group(one, known.get(one["group_id"])) for one in told["groups"]]


def _at(part: Fields, time_ms: int) -> dict[str, int]:
    return {
        "partition_index": part["partition_index"],
        "current_leader_epoch": -1,
        "timestamp": time_ms,
    }


def _parts(topic: Fields) -> list[Fields]:
    return sorted(topic["partitions"], key=lambda one: int(one["partition_index"]))


def _brokers(told: Fields) -> dict[int, str]:
    return {one["node_id"]: f"{one['host']}:{one['port']}" for one in told["brokers"]}


def _group(told: Fields, described: Fields | None) -> Group:
    return Group(
        id=told["group_id"],
        state=described["group_state"] if described else "",
        members=tuple(_member(one) for one in described["members"]) if described else (),
        committed={
            (topic["name"], part["partition_index"]): part["committed_offset"]
            for topic in told["topics"]
            for part in topic["partitions"]
        },
    )


def _member(told: Fields) -> Member:
    return Member(
        id=told["member_id"],
        client=told["client_id"],
        host=told["client_host"].lstrip("/"),
        partitions=assigned(bytes(told["member_assignment"])),
    )


def assigned(data: bytes) -> tuple[tuple[str, int], ...]:
    """Of an assignment of the consumer protocol: version, topics with their partitions, user data.

    An assignment that is none is told as empty: its form belongs to the clients of the group.
    """
    found: list[tuple[str, int]] = []
    try:
        at = 2
        (topics,) = _COUNT.unpack_from(data, at)
        at += 4
        for _ in range(topics):
            (length,) = unpack_from(">h", data, at)
            name = data[at + 2 : at + 2 + length].decode()
            at += 2 + length
            (count,) = _COUNT.unpack_from(data, at)
            found += [(name, part) for part in unpack_from(f">{count}i", data, at + 4)]
            at += 4 + 4 * count
    except (StructError, UnicodeDecodeError):
        return ()
    return tuple(found)


def _stored(data: bytes, offset: int, most: int) -> list[Stored]:
    found: list[Stored] = []
    try:
        for header, at in batches(data, allow_partial=True):
            if header.is_control:
                continue
            for one in records(data, at, header, _FETCHED_BYTES * 4):
                place = header.base_offset + one.offset_delta
                # A batch comes whole, also when its middle was asked for.
                if place >= offset and len(found) < most:
                    moment = header.base_timestamp + one.timestamp_delta
                    found.append(Stored(place, moment, one))
    except WireError as error:
        raise NoBrokerAnswerError("strange", str(error)) from None
    return found


def _check(code: int, about: str = "") -> None:
    if code:
        name = next((one.name for one in ErrorCode if one == code), f"error {code}")
        raise NoBrokerAnswerError("refused", f"{name}{f': {about}' if about else ''}")
