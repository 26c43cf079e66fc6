"""Which requests are answered, in which versions, by whom; and ApiVersions, which tells it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stend.engines.kafka.handlers import (
    brokers,
    configs,
    fetch,
    groups,
    metadata,
    offsets,
    produce,
    topics,
    transactions,
)
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

Handler = Callable[[State, Request], None]


@dataclass(frozen=True, slots=True)
class Api:
    """
    Attributes:
        told_from: the lowest version that ApiVersions tells, when it is not the lowest served.
    """

    handle: Handler
    lowest: int
    highest: int
    told_from: int | None = None


# Versions of clients of 2018 and later, up to those that need nothing this broker lacks: above
# Produce 11, AddPartitionsToTxn 3 and EndTxn 4 is transaction version 2 (KIP-890), above Fetch 16
# are fetches of followers, above OffsetCommit and OffsetFetch 9 are topic ids.
# A librdkafka of before 2.8 that is not told of Produce 0 sends what it should compress as it is
# (KAFKA-18659).
SERVED: Mapping[int, Api] = {
    ApiKey.PRODUCE: Api(produce.produce, 3, 11, told_from=0),
    ApiKey.FETCH: Api(fetch.fetch, 4, 16),
    ApiKey.LIST_OFFSETS: Api(offsets.list_offsets, 1, 10),
    ApiKey.METADATA: Api(metadata.metadata, 0, 13),
    ApiKey.OFFSET_COMMIT: Api(groups.commit_offsets, 2, 9),
    ApiKey.OFFSET_FETCH: Api(groups.fetch_offsets, 1, 9),
    ApiKey.FIND_COORDINATOR: Api(groups.find_coordinator, 0, 6),
    ApiKey.JOIN_GROUP: Api(groups.join_group, 0, 9),
    ApiKey.HEARTBEAT: Api(groups.heartbeat, 0, 4),
    ApiKey.LEAVE_GROUP: Api(groups.leave_group, 0, 5),
    ApiKey.SYNC_GROUP: Api(groups.sync_group, 0, 5),
    ApiKey.DESCRIBE_GROUPS: Api(groups.describe_groups, 0, 6),
    ApiKey.LIST_GROUPS: Api(groups.list_groups, 0, 5),
    ApiKey.CREATE_TOPICS: Api(topics.create_topics, 2, 7),
    ApiKey.DELETE_TOPICS: Api(topics.delete_topics, 1, 6),
    ApiKey.DELETE_RECORDS: Api(offsets.delete_records, 0, 2),
    ApiKey.INIT_PRODUCER_ID: Api(transactions.init_producer_id, 0, 5),
    ApiKey.OFFSET_FOR_LEADER_EPOCH: Api(offsets.offset_for_leader_epoch, 2, 4),
    ApiKey.ADD_PARTITIONS_TO_TXN: Api(transactions.add_partitions, 0, 3),
    ApiKey.ADD_OFFSETS_TO_TXN: Api(transactions.add_offsets, 0, 4),
    ApiKey.END_TXN: Api(transactions.end_transaction, 0, 4),
    ApiKey.TXN_OFFSET_COMMIT: Api(transactions.commit_offsets, 0, 4),
    ApiKey.DESCRIBE_CONFIGS: Api(configs.describe_configs, 1, 4),
    ApiKey.ALTER_CONFIGS: Api(configs.alter_configs, 0, 2),
    ApiKey.DESCRIBE_LOG_DIRS: Api(brokers.describe_log_dirs, 1, 4),
    ApiKey.CREATE_PARTITIONS: Api(topics.create_partitions, 0, 3),
    ApiKey.DELETE_GROUPS: Api(groups.delete_groups, 0, 2),
    ApiKey.ELECT_LEADERS: Api(brokers.elect_leaders, 0, 2),
    ApiKey.INCREMENTAL_ALTER_CONFIGS: Api(configs.incremental_alter_configs, 0, 1),
    ApiKey.OFFSET_DELETE: Api(groups.delete_offsets, 0, 0),
    ApiKey.DESCRIBE_CLUSTER: Api(metadata.describe_cluster, 0, 2),
    ApiKey.DESCRIBE_PRODUCERS: Api(transactions.describe_producers, 0, 0),
    ApiKey.CONSUMER_GROUP_HEARTBEAT: Api(groups.consumer_heartbeat, 0, 1),
    ApiKey.CONSUMER_GROUP_DESCRIBE: Api(groups.describe_consumer_groups, 0, 1),
    ApiKey.DESCRIBE_TRANSACTIONS: Api(transactions.describe_transactions, 0, 0),
    ApiKey.LIST_TRANSACTIONS: Api(transactions.list_transactions, 0, 1),
    ApiKey.DESCRIBE_TOPIC_PARTITIONS: Api(metadata.describe_topic_partitions, 0, 0),
}
API_VERSIONS_HIGHEST = 4
# KIP-511: what a client may call its software and its version.
_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?")
UNNAMED_CLIENT: Fields = {"error_code": ErrorCode.INVALID_REQUEST, "api_keys": []}


def names_itself(fields: Fields) -> bool:
    """Whether a client's names for itself are allowed; older versions tell none."""
    names = ("client_software_name", "client_software_version")
    return all(_SOFTWARE.fullmatch(fields[name]) for name in names if name in fields)


def api_versions(code: ErrorCode = ErrorCode.NONE) -> Fields:
    """The answer to ApiVersions, the same for everybody (KIP-511)."""
    told = {
        key: (api.lowest if api.told_from is None else api.told_from, api.highest)
        for key, api in SERVED.items()
    }
    told[ApiKey.API_VERSIONS] = (0, API_VERSIONS_HIGHEST)
    keys = [
        {"api_key": key, "min_version": lowest, "max_version": highest}
        for key, (lowest, highest) in sorted(told.items())
    ]
    return {"error_code": code, "api_keys": keys}
