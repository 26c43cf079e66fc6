"""What there is: brokers, topics and who leads them (Metadata, DescribeCluster)."""

from uuid import UUID

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.topics import NO_LEADER, Partition, Topic, check_name
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_ASKED_FOR_ALL_IS_EMPTY = 0
# In 10 and 11 the field is there, but an unknown topic could not be answered.
_NAMES_TOPICS_BY_ID = 12
_NO_ID = UUID(int=0)
# As bits, what Kafka without an authorizer tells: everything (AclOperation, Utils.to32BitField).
_TOPIC_OPERATIONS = sum(1 << code for code in (3, 4, 5, 6, 7, 8, 10, 11))
_CLUSTER_OPERATIONS = sum(1 << code for code in (5, 7, 8, 9, 10, 11, 12))
_NOT_ASKED = -(2**31)
_BROKERS, _CONTROLLERS = 1, 2


def metadata(state: State, request: Request) -> None:
    fields = request.fields
    asked = fields["topics"]
    tells_operations = fields.get("include_topic_authorized_operations", False)
    if asked is None or (not asked and request.version == _ASKED_FOR_ALL_IS_EMPTY):
        topics = [_topic(state, one, tells_operations) for one in state.cluster.topics.values()]
    else:
        may_create = fields.get("allow_auto_topic_creation", True)
        topics = [_asked(state, request, one, may_create, tells_operations) for one in asked]
    tells_cluster = fields.get("include_cluster_authorized_operations", False)
    reply: Fields = {
        "brokers": _brokers(state, request, "node_id"),
        "cluster_id": state.cluster_id,
        "controller_id": state.brokers.controller_id,
        "topics": topics,
        "cluster_authorized_operations": _CLUSTER_OPERATIONS if tells_cluster else _NOT_ASKED,
    }
    # A topic that was made for this request is safe when its name is told.
    state.barrier.after(lambda: request.reply(reply))


def describe_cluster(state: State, request: Request) -> None:
    fields = request.fields
    endpoint_type = fields.get("endpoint_type", _BROKERS)
    reply: Fields = {
        "error_code": ErrorCode.NONE,
        "endpoint_type": endpoint_type,
        "cluster_id": state.cluster_id,
        "controller_id": state.brokers.controller_id,
        "brokers": _brokers(state, request, "broker_id"),
    }
    if endpoint_type == _CONTROLLERS:
        reply["error_code"] = ErrorCode.MISMATCHED_ENDPOINT_TYPE
        reply["error_message"] = "The request was sent to an endpoint of brokers."
        reply["brokers"] = []
    elif endpoint_type != _BROKERS:
        reply["error_code"] = ErrorCode.UNSUPPORTED_ENDPOINT_TYPE
        reply["brokers"] = []
    if fields["include_cluster_authorized_operations"]:
        reply["cluster_authorized_operations"] = _CLUSTER_OPERATIONS
    request.reply(reply)


def describe_topic_partitions(state: State, request: Request) -> None:
    """Partition by partition with a limit and a cursor (KIP-966)."""
    fields = request.fields
    names = sorted({one["name"] for one in fields["topics"]} or set(state.cluster.topics))
    room = max(1, fields["response_partition_limit"])
    cursor = fields["cursor"]
    first = 0
    if cursor:
        names = [name for name in names if name >= cursor["topic_name"]]
        if names and names[0] == cursor["topic_name"]:
            first = max(0, cursor["partition_index"])
    topics: list[Fields] = []
    next_cursor = None
    for name in names:
        if room <= 0:
            next_cursor = {"topic_name": name, "partition_index": first}
            break
        topic = state.cluster.topics.get(name)
        answer = _topic(state, topic, True) if topic else _unknown(name)
        all_partitions = answer["partitions"]
        answer["partitions"] = all_partitions[first : first + room]
        topics.append(answer)
        room -= len(answer["partitions"])
        if first + len(answer["partitions"]) < len(all_partitions):
            next_cursor = {
                "topic_name": name,
                "partition_index": first + len(answer["partitions"]),
            }
            break
        first = 0
    request.reply({"topics": topics, "next_cursor": next_cursor})


def auto_create(state: State, name: str, now_ms: int) -> Topic:
    """The topic that a client asked for and that does not exist.

    Raises:
        BrokerError: its name is not allowed, or there is no room.
    """
    check_name(name)
    defaults = state.defaults
    cluster = state.cluster
    cluster.check_collision(name)
    cluster.check_room(defaults.partitions)
    factor = min(defaults.replication_factor, len(state.brokers.alive_ids()))
    assignment = cluster.assign(defaults.partitions, factor, first=len(cluster.topics))
    return cluster.create(name, assignment, {}, now_ms)


def _asked(
    state: State, request: Request, asked: Fields, may_create: bool, tells_operations: bool
) -> Fields:
    name, topic_id = asked["name"], asked.get("topic_id", _NO_ID)
    if topic_id != _NO_ID:
        if request.version < _NAMES_TOPICS_BY_ID:
            raise BrokerError(ErrorCode.UNSUPPORTED_VERSION, "an id in place of a topic's name")
        topic = state.cluster.by_id.get(topic_id)
        if topic is None:
            return {
                "error_code": ErrorCode.UNKNOWN_TOPIC_ID,
                "name": None,
                "topic_id": topic_id,
                "partitions": [],
            }
        return _topic(state, topic, tells_operations)
    if name is None:
        raise BrokerError(ErrorCode.INVALID_REQUEST, "a topic has neither a name nor an id")
    topic = state.cluster.topics.get(name)
    try:
        if topic is None:
            check_name(name)
            if not (may_create and state.defaults.auto_create_topics):
                raise BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            topic = auto_create(state, name, request.now_ms)
    except BrokerError as error:
        return _unknown(name, error.code)
    return _topic(state, topic, tells_operations)


def _unknown(name: str, code: ErrorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) -> Fields:
    return {"error_code": code, "name": name, "partitions": []}


def _topic(state: State, topic: Topic, tells_operations: bool) -> Fields:
    return {
        "error_code": ErrorCode.NONE,
        "name": topic.name,
        "topic_id": topic.id,
        "is_internal": False,
        "partitions": [_partition(state, one) for one in topic.partitions],
        "topic_authorized_operations": _TOPIC_OPERATIONS if tells_operations else _NOT_ASKED,
    }


def _partition(state: State, partition: Partition) -> Fields:
    is_led = partition.leader != NO_LEADER
    return {
        "error_code": ErrorCode.NONE if is_led else ErrorCode.LEADER_NOT_AVAILABLE,
        "partition_index": partition.index,
        "leader_id": partition.leader,
        "leader_epoch": partition.leader_epoch,
        "replica_nodes": partition.replicas,
        "isr_nodes": partition.isr,
        "offline_replicas": [one for one in partition.replicas if not state.brokers.is_alive(one)],
    }


def _brokers(state: State, request: Request, id_key: str) -> list[Fields]:
    return [
        {
            id_key: broker.id,
            "host": state.brokers.advertised_host,
            "port": state.brokers.port_of(broker.id, request.listener),
        }
        for broker in state.brokers.alive()
    ]
