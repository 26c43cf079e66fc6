"""Kafka's messages: fetching and offsets in logs.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 1 FetchRequest 4-18 flexible=12+
  cluster_id string? 12+ tag=0 default=null
  replica_state {} 15+ tag=1
    replica_id int32 default=-1
    replica_epoch int64 default=-1
  replica_id int32 4-14 default=-1
  max_wait_ms int32
  min_bytes int32
  max_bytes int32 default=2147483647
  isolation_level int8
  session_id int32 7+
  session_epoch int32 7+ default=-1
  topics [{}]
    topic_id uuid 13+
    topic string 4-12
    partitions [{}]
      partition int32
      current_leader_epoch int32 9+ default=-1
      fetch_offset int64
      last_fetched_epoch int32 12+ default=-1
      log_start_offset int64 5+ default=-1
      partition_max_bytes int32
      replica_directory_id uuid 17+ tag=0
      high_watermark int64 18+ tag=1 default=9223372036854775807
  forgotten_topics_data [{}] 7+
    topic_id uuid 13+
    topic string 7-12
    partitions [int32]
  rack_id string 11+

response 1 FetchResponse 4-18 flexible=12+
  throttle_time_ms int32
  error_code int16 7+
  session_id int32 7+
  responses [{}]
    topic_id uuid 13+
    topic string 4-12
    partitions [{}]
      partition_index int32
      error_code int16
      high_watermark int64
      last_stable_offset int64 default=-1
      log_start_offset int64 5+ default=-1
      diverging_epoch {} 12+ tag=0
        epoch int32 default=-1
        end_offset int64 default=-1
      current_leader {} 12+ tag=1
        leader_id int32 default=-1
        leader_epoch int32 default=-1
      snapshot_id {} 12+ tag=2
        end_offset int64 default=-1
        epoch int32 default=-1
      aborted_transactions [{}]?
        producer_id int64
        first_offset int64
      preferred_read_replica int32 11+ default=-1
      records records?
  node_endpoints [{}] 16+ tag=0
    node_id int32
    host string
    port int32
    rack string? default=null

request 2 ListOffsetsRequest 1-11 flexible=6+
  replica_id int32
  isolation_level int8 2+
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      current_leader_epoch int32 4+ default=-1
      timestamp int64
  timeout_ms int32 10+

response 2 ListOffsetsResponse 1-11 flexible=6+
  throttle_time_ms int32 2+
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      error_code int16
      timestamp int64 default=-1
      offset int64 default=-1
      leader_epoch int32 4+ default=-1

request 21 DeleteRecordsRequest 0-2 flexible=2+
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      offset int64
  timeout_ms int32

response 21 DeleteRecordsResponse 0-2 flexible=2+
  throttle_time_ms int32
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      low_watermark int64
      error_code int16

request 23 OffsetForLeaderEpochRequest 2-4 flexible=4+
  replica_id int32 3+ default=-2
  topics [{}]
    topic string
    partitions [{}]
      partition int32
      current_leader_epoch int32 default=-1
      leader_epoch int32

response 23 OffsetForLeaderEpochResponse 2-4 flexible=4+
  throttle_time_ms int32
  topics [{}]
    topic string
    partitions [{}]
      error_code int16
      partition int32
      leader_epoch int32 default=-1
      end_offset int64 default=-1
"""
