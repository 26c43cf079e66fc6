"""Kafka's messages: classic groups and committed offsets.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 8 OffsetCommitRequest 2-10 flexible=8+
  group_id string
  generation_id_or_member_epoch int32 default=-1
  member_id string
  group_instance_id string? 7+ default=null
  retention_time_ms int64 2-4 default=-1
  topics [{}]
    topic_id uuid 10+
    name string 2-9
    partitions [{}]
      partition_index int32
      committed_offset int64
      committed_leader_epoch int32 6+ default=-1
      committed_metadata string?

response 8 OffsetCommitResponse 2-10 flexible=8+
  throttle_time_ms int32 3+
  topics [{}]
    topic_id uuid 10+
    name string 2-9
    partitions [{}]
      partition_index int32
      error_code int16

request 9 OffsetFetchRequest 1-10 flexible=6+
  groups [{}] 8+
    group_id string
    member_id string? 9+ default=null
    member_epoch int32 9+ default=-1
    topics [{}]?
      topic_id uuid 10+
      name string 8-9
      partition_indexes [int32]
  group_id string 1-7
  topics [{}] 1-7 null=2-7
    name string
    partition_indexes [int32]
  require_stable bool 7+

response 9 OffsetFetchResponse 1-10 flexible=6+
  throttle_time_ms int32 3+
  groups [{}] 8+
    group_id string
    topics [{}]
      topic_id uuid 10+
      name string 8-9
      partitions [{}]
        partition_index int32
        committed_offset int64
        committed_leader_epoch int32 default=-1
        metadata string?
        error_code int16
    error_code int16
  topics [{}] 1-7
    name string
    partitions [{}]
      partition_index int32
      committed_offset int64
      committed_leader_epoch int32 5-7 default=-1
      metadata string?
      error_code int16
  error_code int16 2-7

request 10 FindCoordinatorRequest 0-6 flexible=3+
  key string 0-3
  key_type int8 1+
  coordinator_keys [string] 4+

response 10 FindCoordinatorResponse 0-6 flexible=3+
  throttle_time_ms int32 1+
  coordinators [{}] 4+
    key string
    node_id int32
    host string
    port int32
    error_code int16
    error_message string?
  error_code int16 0-3
  error_message string? 1-3
  node_id int32 0-3
  host string 0-3
  port int32 0-3

request 11 JoinGroupRequest 0-9 flexible=6+
  group_id string
  session_timeout_ms int32
  rebalance_timeout_ms int32 1+ default=-1
  member_id string
  group_instance_id string? 5+ default=null
  protocol_type string
  protocols [{}]
    name string
    metadata bytes
  reason string? 8+ default=null

response 11 JoinGroupResponse 0-9 flexible=6+
  throttle_time_ms int32 2+
  error_code int16
  generation_id int32 default=-1
  protocol_type string? 7+ default=null
  protocol_name string null=7+
  leader string
  skip_assignment bool 9+
  member_id string
  members [{}]
    member_id string
    group_instance_id string? 5+ default=null
    metadata bytes

request 12 HeartbeatRequest 0-4 flexible=4+
  group_id string
  generation_id int32
  member_id string
  group_instance_id string? 3+ default=null

response 12 HeartbeatResponse 0-4 flexible=4+
  throttle_time_ms int32 1+
  error_code int16

request 13 LeaveGroupRequest 0-5 flexible=4+
  group_id string
  members [{}] 3+
    member_id string
    group_instance_id string? default=null
    reason string? 5+ default=null
  member_id string 0-2

response 13 LeaveGroupResponse 0-5 flexible=4+
  throttle_time_ms int32 1+
  error_code int16
  members [{}] 3+
    member_id string
    group_instance_id string?
    error_code int16

request 14 SyncGroupRequest 0-5 flexible=4+
  group_id string
  generation_id int32
  member_id string
  group_instance_id string? 3+ default=null
  protocol_type string? 5+ default=null
  protocol_name string? 5+ default=null
  assignments [{}]
    member_id string
    assignment bytes

response 14 SyncGroupResponse 0-5 flexible=4+
  throttle_time_ms int32 1+
  error_code int16
  protocol_type string? 5+ default=null
  protocol_name string? 5+ default=null
  assignment bytes

request 15 DescribeGroupsRequest 0-6 flexible=5+
  groups [string]
  include_authorized_operations bool 3+

response 15 DescribeGroupsResponse 0-6 flexible=5+
  throttle_time_ms int32 1+
  groups [{}]
    error_code int16
    error_message string? 6+ default=null
    group_id string
    group_state string
    protocol_type string
    protocol_data string
    members [{}]
      member_id string
      group_instance_id string? 4+ default=null
      client_id string
      client_host string
      member_metadata bytes
      member_assignment bytes
    authorized_operations int32 3+ default=-2147483648

request 16 ListGroupsRequest 0-5 flexible=3+
  states_filter [string] 4+
  types_filter [string] 5+

response 16 ListGroupsResponse 0-5 flexible=3+
  throttle_time_ms int32 1+
  error_code int16
  groups [{}]
    group_id string
    protocol_type string
    group_state string 4+
    group_type string 5+

request 42 DeleteGroupsRequest 0-2 flexible=2+
  groups_names [string]

response 42 DeleteGroupsResponse 0-2 flexible=2+
  throttle_time_ms int32
  results [{}]
    group_id string
    error_code int16

request 47 OffsetDeleteRequest 0
  group_id string
  topics [{}]
    name string
    partitions [{}]
      partition_index int32

response 47 OffsetDeleteResponse 0
  error_code int16
  throttle_time_ms int32
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      error_code int16
"""
