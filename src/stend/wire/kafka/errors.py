"""Error codes of Kafka's protocol, and the one error that decoding raises."""

from enum import IntEnum
from typing import Self


class WireError(Exception):
    """The bytes are no such message, or the fields cannot become one.

    Attributes:
        text: what was expected and what is there.
        path: the field, as `topics[0].partitions[2].index`; empty for the message as a whole.
        at: offset in the bytes that were given; -1 when fields are encoded.
    """

    def __init__(self, text: str, *, path: str = "", at: int = -1) -> None:
        where = f"byte {at}" if at >= 0 else ""
        place = ", ".join(one for one in (path, where) if one)
        super().__init__(f"{place}: {text}" if place else text)
        self.text = text
        self.path = path
        self.at = at


class UnknownMessageError(WireError):
    """The table has no such message, or not in this version."""


class TooManyError(WireError):
    """The bytes may be right; they are more than anybody would look at."""


class ErrorCode(IntEnum):
    """
    Attributes:
        is_retriable: whether the same request may succeed later.
        message: one sentence about what it means.
    """

    is_retriable: bool
    message: str

    def __new__(cls, code: int, message: str, is_retriable: bool = False) -> Self:
        made = int.__new__(cls, code)
        made._value_ = code
        made.message = message
        made.is_retriable = is_retriable
        return made

    UNKNOWN_SERVER_ERROR = -1, "The server failed while it processed the request."
    NONE = 0, "No error."
    OFFSET_OUT_OF_RANGE = 1, "The requested offset is not within the range of offsets of this log."
    CORRUPT_MESSAGE = (
        2,
        "The record batch is damaged: wrong CRC, wrong size, or a null key in a compacted topic.",
        True,
    )
    UNKNOWN_TOPIC_OR_PARTITION = 3, "This broker has no such topic or partition.", True
    INVALID_FETCH_SIZE = 4, "The requested fetch size is invalid."
    LEADER_NOT_AVAILABLE = (
        5,
        "The partition has no leader at the moment: one is being elected.",
        True,
    )
    NOT_LEADER_OR_FOLLOWER = (
        6,
        "This broker is not the leader, or not a replica, of the partition.",
        True,
    )
    REQUEST_TIMED_OUT = 7, "The request timed out.", True
    BROKER_NOT_AVAILABLE = 8, "The broker is not available."
    REPLICA_NOT_AVAILABLE = 9, "The replica is not available for the requested partition.", True
    MESSAGE_TOO_LARGE = 10, "The request has a message larger than the broker accepts."
    STALE_CONTROLLER_EPOCH = 11, "The controller has moved to another broker."
    OFFSET_METADATA_TOO_LARGE = 12, "The metadata of the committed offset is too long."
    NETWORK_EXCEPTION = 13, "The broker closed the connection before it answered.", True
    COORDINATOR_LOAD_IN_PROGRESS = 14, "The coordinator is loading and cannot answer yet.", True
    COORDINATOR_NOT_AVAILABLE = 15, "The coordinator is not available.", True
    NOT_COORDINATOR = 16, "This broker is not the coordinator that was asked for.", True
    INVALID_TOPIC_EXCEPTION = 17, "The operation is not possible on a topic of this name."
    RECORD_LIST_TOO_LARGE = 18, "The record batch is larger than a segment of the log may be."
    NOT_ENOUGH_REPLICAS = 19, "There are fewer in-sync replicas than required.", True
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = (
        20,
        "The records were written, but to fewer in-sync replicas than required.",
        True,
    )
    INVALID_REQUIRED_ACKS = 21, "The value of acks must be 0, 1 or -1."
    ILLEGAL_GENERATION = 22, "The generation is not the group's current one."
    INCONSISTENT_GROUP_PROTOCOL = (
        23,
        "The member's protocols do not fit the protocols of the group.",
    )
    INVALID_GROUP_ID = 24, "The group id is invalid."
    UNKNOWN_MEMBER_ID = 25, "The coordinator does not know this member."
    INVALID_SESSION_TIMEOUT = (
        26,
        "The session timeout is outside of the range that the broker allows.",
    )
    REBALANCE_IN_PROGRESS = 27, "The group is rebalancing: the member has to join again."
    INVALID_COMMIT_OFFSET_SIZE = 28, "The size of the committed offset is invalid."
    TOPIC_AUTHORIZATION_FAILED = 29, "No permission for this topic."
    GROUP_AUTHORIZATION_FAILED = 30, "No permission for this group."
    CLUSTER_AUTHORIZATION_FAILED = 31, "No permission for this operation on the cluster."
    INVALID_TIMESTAMP = 32, "The timestamp of the record is out of the accepted range."
    UNSUPPORTED_SASL_MECHANISM = 33, "The broker does not offer this SASL mechanism."
    ILLEGAL_SASL_STATE = 34, "The request does not fit the state of the SASL handshake."
    UNSUPPORTED_VERSION = 35, "The broker does not support this version of the API."
    TOPIC_ALREADY_EXISTS = 36, "A topic of this name already exists."
    INVALID_PARTITIONS = 37, "The number of partitions is invalid."
    INVALID_REPLICATION_FACTOR = (
        38,
        "The replication factor is below 1 or above the number of brokers.",
    )
    INVALID_REPLICA_ASSIGNMENT = 39, "The assignment of replicas is invalid."
    INVALID_CONFIG = 40, "The configuration is invalid."
    NOT_CONTROLLER = 41, "This broker is not the controller of the cluster.", True
    INVALID_REQUEST = 42, "The request is malformed, or meant for another broker."
    UNSUPPORTED_FOR_MESSAGE_FORMAT = (
        43,
        "The message format of the broker does not support the request.",
    )
    POLICY_VIOLATION = 44, "The request does not satisfy the policy of the cluster."
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45, "The sequence number is not the next one of this producer."
    DUPLICATE_SEQUENCE_NUMBER = 46, "The sequence number was already written."
    INVALID_PRODUCER_EPOCH = 47, "The producer's epoch is older than the current one."
    INVALID_TXN_STATE = 48, "The operation is not possible in this state of the transaction."
    INVALID_PRODUCER_ID_MAPPING = (
        49,
        "The producer id is not the one that belongs to the transactional id.",
    )
    INVALID_TRANSACTION_TIMEOUT = 50, "The transaction timeout is larger than the broker allows."
    CONCURRENT_TRANSACTIONS = (
        51,
        "Another operation on the same transaction is still going on.",
        True,
    )
    TRANSACTION_COORDINATOR_FENCED = (
        52,
        "The transaction coordinator that sent the marker is no longer the current one.",
    )
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53, "No permission for this transactional id."
    SECURITY_DISABLED = 54, "Security features are switched off."
    OPERATION_NOT_ATTEMPTED = 55, "The broker did not attempt this operation."
    KAFKA_STORAGE_ERROR = 56, "The disk failed when the log was accessed.", True
    LOG_DIR_NOT_FOUND = 57, "The broker has no such log directory."
    SASL_AUTHENTICATION_FAILED = 58, "SASL authentication failed."
    UNKNOWN_PRODUCER_ID = (
        59,
        "The broker knows nothing of this producer id: its records may have been deleted.",
    )
    REASSIGNMENT_IN_PROGRESS = 60, "A reassignment of the partition is in progress."
    DELEGATION_TOKEN_AUTH_DISABLED = 61, "Delegation tokens are switched off."
    DELEGATION_TOKEN_NOT_FOUND = 62, "The server has no such delegation token."
    DELEGATION_TOKEN_OWNER_MISMATCH = (
        63,
        "The principal is not the owner or a renewer of the token.",
    )
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = (
        64,
        "Delegation tokens cannot be requested over this connection.",
    )
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65, "No permission for delegation tokens."
    DELEGATION_TOKEN_EXPIRED = 66, "The delegation token has expired."
    INVALID_PRINCIPAL_TYPE = 67, "The type of the principal is not supported."
    NON_EMPTY_GROUP = 68, "The group is not empty."
    GROUP_ID_NOT_FOUND = 69, "The group id does not exist."
    FETCH_SESSION_ID_NOT_FOUND = 70, "The fetch session was not found.", True
    INVALID_FETCH_SESSION_EPOCH = 71, "The epoch of the fetch session is invalid.", True
    LISTENER_NOT_FOUND = 72, "The leader has no listener like the one the request came by.", True
    TOPIC_DELETION_DISABLED = 73, "Deletion of topics is switched off."
    FENCED_LEADER_EPOCH = 74, "The leader epoch of the request is older than the broker's.", True
    UNKNOWN_LEADER_EPOCH = 75, "The leader epoch of the request is newer than the broker's.", True
    UNSUPPORTED_COMPRESSION_TYPE = (
        76,
        "The client does not support the compression of the partition.",
    )
    STALE_BROKER_EPOCH = 77, "The broker's epoch has changed."
    OFFSET_NOT_AVAILABLE = (
        78,
        "The offset is not known for sure yet: a leader was elected a moment ago.",
        True,
    )
    MEMBER_ID_REQUIRED = 79, "The member has to join again with the member id that it was given."
    PREFERRED_LEADER_NOT_AVAILABLE = 80, "The preferred leader is not available.", True
    GROUP_MAX_SIZE_REACHED = 81, "The group has as many members as it may have."
    FENCED_INSTANCE_ID = 82, "Another member has joined with the same group.instance.id."
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83, "No replica is available that may become leader.", True
    ELECTION_NOT_NEEDED = 84, "The partition needs no election.", True
    NO_REASSIGNMENT_IN_PROGRESS = 85, "No reassignment of the partition is in progress."
    GROUP_SUBSCRIBED_TO_TOPIC = 86, "The group consumes this topic: its offsets cannot be deleted."
    INVALID_RECORD = 87, "The broker refused the record."
    UNSTABLE_OFFSET_COMMIT = 88, "There are offsets of transactions that have not ended.", True
    THROTTLING_QUOTA_EXCEEDED = 89, "The quota is exceeded.", True
    PRODUCER_FENCED = 90, "A newer producer with the same transactional id has taken over."
    RESOURCE_NOT_FOUND = 91, "The resource does not exist."
    DUPLICATE_RESOURCE = 92, "The request names the same resource twice."
    UNACCEPTABLE_CREDENTIAL = 93, "The credential is not acceptable."
    INCONSISTENT_VOTER_SET = 94, "The sender or the receiver is not one of the expected voters."
    INVALID_UPDATE_VERSION = 95, "The version of the update is invalid."
    FEATURE_UPDATE_FAILED = 96, "The features could not be updated."
    PRINCIPAL_DESERIALIZATION_FAILURE = 97, "The principal of a forwarded request cannot be read."
    SNAPSHOT_NOT_FOUND = 98, "The snapshot was not found."
    POSITION_OUT_OF_RANGE = 99, "The position is not within the snapshot."
    UNKNOWN_TOPIC_ID = 100, "This broker has no topic with this id.", True
    DUPLICATE_BROKER_REGISTRATION = 101, "The broker id is already in use."
    BROKER_ID_NOT_REGISTERED = 102, "The broker id is not registered."
    INCONSISTENT_TOPIC_ID = 103, "The topic id of the log is not the one of the request.", True
    INCONSISTENT_CLUSTER_ID = 104, "The cluster id of the request is not this cluster's."
    TRANSACTIONAL_ID_NOT_FOUND = 105, "The transactional id does not exist."
    FETCH_SESSION_TOPIC_ID_ERROR = (
        106,
        "The fetch session uses topic ids in one place and names in another.",
        True,
    )
    INELIGIBLE_REPLICA = 107, "The new ISR has a replica that may not be in it."
    NEW_LEADER_ELECTED = 108, "The partition was changed, and has a new leader."
    OFFSET_MOVED_TO_TIERED_STORAGE = 109, "The offset has moved to tiered storage."
    FENCED_MEMBER_EPOCH = (
        110,
        "The member's epoch is fenced: it has to give up its partitions and join again.",
    )
    UNRELEASED_INSTANCE_ID = 111, "Another member of the group still uses this instance id."
    UNSUPPORTED_ASSIGNOR = 112, "The group does not support this assignor."
    STALE_MEMBER_EPOCH = (
        113,
        "The member's epoch is stale: the next heartbeat brings the current one.",
    )
    MISMATCHED_ENDPOINT_TYPE = 114, "The request was sent to an endpoint of another type."
    UNSUPPORTED_ENDPOINT_TYPE = 115, "Endpoints of this type are not supported."
    UNKNOWN_CONTROLLER_ID = 116, "There is no controller with this id."
    UNKNOWN_SUBSCRIPTION_ID = 117, "The telemetry subscription is unknown or out of date."
    TELEMETRY_TOO_LARGE = 118, "The telemetry is larger than the broker accepts."
    INVALID_REGISTRATION = 119, "The registration of the broker is invalid."
    TRANSACTION_ABORTABLE = (
        120,
        "The transaction failed: the client may abort it and go on with the same transactional id.",
    )
    INVALID_RECORD_STATE = 121, "The state of the record is invalid: it cannot be acknowledged."
    SHARE_SESSION_NOT_FOUND = 122, "The share session was not found.", True
    INVALID_SHARE_SESSION_EPOCH = 123, "The epoch of the share session is invalid.", True
    FENCED_STATE_EPOCH = 124, "The epoch of the share group's state is not the coordinator's."
    INVALID_VOTER_KEY = 125, "The key of the voter is not the one of the receiving replica."
    DUPLICATE_VOTER = 126, "The voter is already in the set of voters."
    VOTER_NOT_FOUND = 127, "The voter is not in the set of voters."
    INVALID_REGULAR_EXPRESSION = 128, "The regular expression is not valid."
    REBOOTSTRAP_REQUIRED = (
        129,
        "The client's metadata is stale: it has to start from its bootstrap servers again.",
    )
    STREAMS_INVALID_TOPOLOGY = 130, "The topology is invalid."
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131, "The epoch of the topology is invalid."
    STREAMS_TOPOLOGY_FENCED = 132, "The epoch of the topology is out of date."
    SHARE_SESSION_LIMIT_REACHED = 133, "There are as many share sessions as there may be.", True
