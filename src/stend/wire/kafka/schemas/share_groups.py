"""Kafka's messages: share groups.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 76 ShareGroupHeartbeatRequest 1 flexible=1+
  group_id string
  member_id string
  member_epoch int32
  rack_id string? default=null
  subscribed_topic_names [string]? default=null

response 76 ShareGroupHeartbeatResponse 1 flexible=1+
  throttle_time_ms int32
  error_code int16
  error_message string? default=null
  member_id string? default=null
  member_epoch int32
  heartbeat_interval_ms int32
  assignment {}? default=null
    topic_partitions [{}]
      topic_id uuid
      partitions [int32]

request 77 ShareGroupDescribeRequest 1 flexible=1+
  group_ids [string]
  include_authorized_operations bool

response 77 ShareGroupDescribeResponse 1 flexible=1+
  throttle_time_ms int32
  groups [{}]
    error_code int16
    error_message string? default=null
    group_id string
    group_state string
    group_epoch int32
    assignment_epoch int32
    assignor_name string
    members [{}]
      member_id string
      rack_id string? default=null
      member_epoch int32
      client_id string
      client_host string
      subscribed_topic_names [string]
      assignment {}
        topic_partitions [{}]
          topic_id uuid
          topic_name string
          partitions [int32]
    authorized_operations int32 default=-2147483648

request 78 ShareFetchRequest 1-2 flexible=1+
  group_id string? default=null
  member_id string?
  share_session_epoch int32
  max_wait_ms int32
  min_bytes int32
  max_bytes int32 default=2147483647
  max_records int32
  batch_size int32
  share_acquire_mode int8 2+
  is_renew_ack bool 2+
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition_index int32
      acknowledgement_batches [{}]
        first_offset int64
        last_offset int64
        acknowledge_types [int8]
  forgotten_topics_data [{}]
    topic_id uuid
    partitions [int32]

response 78 ShareFetchResponse 1-2 flexible=1+
  throttle_time_ms int32
  error_code int16
  error_message string? default=null
  acquisition_lock_timeout_ms int32
  responses [{}]
    topic_id uuid
    partitions [{}]
      partition_index int32
      error_code int16
      error_message string? default=null
      acknowledge_error_code int16
      acknowledge_error_message string? default=null
      current_leader {}
        leader_id int32
        leader_epoch int32
      records records
      acquired_records [{}]
        first_offset int64
        last_offset int64
        delivery_count int16
  node_endpoints [{}]
    node_id int32
    host string
    port int32
    rack string? default=null

request 79 ShareAcknowledgeRequest 1-2 flexible=1+
  group_id string? default=null
  member_id string?
  share_session_epoch int32
  is_renew_ack bool 2+
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition_index int32
      acknowledgement_batches [{}]
        first_offset int64
        last_offset int64
        acknowledge_types [int8]

response 79 ShareAcknowledgeResponse 1-2 flexible=1+
  throttle_time_ms int32
  error_code int16
  error_message string? default=null
  acquisition_lock_timeout_ms int32 2+
  responses [{}]
    topic_id uuid
    partitions [{}]
      partition_index int32
      error_code int16
      error_message string? default=null
      current_leader {}
        leader_id int32
        leader_epoch int32
  node_endpoints [{}]
    node_id int32
    host string
    port int32
    rack string? default=null

request 83 InitializeShareGroupStateRequest 0 flexible=0+
  group_id string
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      state_epoch int32
      start_offset int64

response 83 InitializeShareGroupStateResponse 0 flexible=0+
  results [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      error_code int16
      error_message string? default=null

request 84 ReadShareGroupStateRequest 0 flexible=0+
  group_id string
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      leader_epoch int32

response 84 ReadShareGroupStateResponse 0 flexible=0+
  results [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      error_code int16
      error_message string? default=null
      state_epoch int32
      start_offset int64
      state_batches [{}]
        first_offset int64
        last_offset int64
        delivery_state int8
        delivery_count int16

request 85 WriteShareGroupStateRequest 0-1 flexible=0+
  group_id string
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      state_epoch int32
      leader_epoch int32
      start_offset int64
      delivery_complete_count int32 1+ default=-1
      state_batches [{}]
        first_offset int64
        last_offset int64
        delivery_state int8
        delivery_count int16

response 85 WriteShareGroupStateResponse 0-1 flexible=0+
  results [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      error_code int16
      error_message string? default=null

request 86 DeleteShareGroupStateRequest 0 flexible=0+
  group_id string
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition int32

response 86 DeleteShareGroupStateResponse 0 flexible=0+
  results [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      error_code int16
      error_message string? default=null

request 87 ReadShareGroupStateSummaryRequest 0-1 flexible=0+
  group_id string
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      leader_epoch int32

response 87 ReadShareGroupStateSummaryResponse 0-1 flexible=0+
  results [{}]
    topic_id uuid
    partitions [{}]
      partition int32
      error_code int16
      error_message string? default=null
      state_epoch int32
      leader_epoch int32
      start_offset int64
      delivery_complete_count int32 1+ default=-1

request 90 DescribeShareGroupOffsetsRequest 0-1 flexible=0+
  groups [{}]
    group_id string
    topics [{}]?
      topic_name string
      partitions [int32]

response 90 DescribeShareGroupOffsetsResponse 0-1 flexible=0+
  throttle_time_ms int32
  groups [{}]
    group_id string
    topics [{}]
      topic_name string
      topic_id uuid
      partitions [{}]
        partition_index int32
        start_offset int64
        leader_epoch int32
        lag int64 1+ default=-1
        error_code int16
        error_message string? default=null
    error_code int16
    error_message string? default=null

request 91 AlterShareGroupOffsetsRequest 0 flexible=0+
  group_id string
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      start_offset int64

response 91 AlterShareGroupOffsetsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string? default=null
  responses [{}]
    topic_name string
    topic_id uuid
    partitions [{}]
      partition_index int32
      error_code int16
      error_message string? default=null

request 92 DeleteShareGroupOffsetsRequest 0 flexible=0+
  group_id string
  topics [{}]
    topic_name string

response 92 DeleteShareGroupOffsetsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string? default=null
  responses [{}]
    topic_name string
    topic_id uuid
    error_code int16
    error_message string? default=null
"""
