"""Kafka's messages: producing and transactions.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 0 ProduceRequest 3-13 flexible=9+
  transactional_id string? default=null
  acks int16
  timeout_ms int32
  topic_data [{}]
    topic_id uuid 13+
    name string 3-12
    partition_data [{}]
      index int32
      records records?

response 0 ProduceResponse 3-13 flexible=9+
  responses [{}]
    topic_id uuid 13+
    name string 3-12
    partition_responses [{}]
      index int32
      error_code int16
      base_offset int64
      log_append_time_ms int64 default=-1
      log_start_offset int64 5+ default=-1
      record_errors [{}] 8+
        batch_index int32
        batch_index_error_message string? default=null
      error_message string? 8+ default=null
      current_leader {} 10+ tag=0
        leader_id int32 default=-1
        leader_epoch int32 default=-1
  throttle_time_ms int32
  node_endpoints [{}] 10+ tag=0
    node_id int32
    host string
    port int32
    rack string? default=null

request 22 InitProducerIdRequest 0-6 flexible=2+
  transactional_id string?
  transaction_timeout_ms int32
  producer_id int64 3+ default=-1
  producer_epoch int16 3+ default=-1
  enable2_pc bool 6+
  keep_prepared_txn bool 6+

response 22 InitProducerIdResponse 0-6 flexible=2+
  throttle_time_ms int32
  error_code int16
  producer_id int64 default=-1
  producer_epoch int16
  ongoing_txn_producer_id int64 6+ default=-1
  ongoing_txn_producer_epoch int16 6+ default=-1

request 24 AddPartitionsToTxnRequest 0-5 flexible=3+
  transactions [{}] 4+
    transactional_id string
    producer_id int64
    producer_epoch int16
    verify_only bool
    topics [{}]
      name string
      partitions [int32]
  v3_and_below_transactional_id string 0-3
  v3_and_below_producer_id int64 0-3
  v3_and_below_producer_epoch int16 0-3
  v3_and_below_topics [{}] 0-3
    name string
    partitions [int32]

response 24 AddPartitionsToTxnResponse 0-5 flexible=3+
  throttle_time_ms int32
  error_code int16 4+
  results_by_transaction [{}] 4+
    transactional_id string
    topic_results [{}]
      name string
      results_by_partition [{}]
        partition_index int32
        partition_error_code int16
  results_by_topic_v3_and_below [{}] 0-3
    name string
    results_by_partition [{}]
      partition_index int32
      partition_error_code int16

request 25 AddOffsetsToTxnRequest 0-4 flexible=3+
  transactional_id string
  producer_id int64
  producer_epoch int16
  group_id string

response 25 AddOffsetsToTxnResponse 0-4 flexible=3+
  throttle_time_ms int32
  error_code int16

request 26 EndTxnRequest 0-5 flexible=3+
  transactional_id string
  producer_id int64
  producer_epoch int16
  committed bool

response 26 EndTxnResponse 0-5 flexible=3+
  throttle_time_ms int32
  error_code int16
  producer_id int64 5+ default=-1
  producer_epoch int16 5+ default=-1

request 27 WriteTxnMarkersRequest 1-2 flexible=1+
  markers [{}]
    producer_id int64
    producer_epoch int16
    transaction_result bool
    topics [{}]
      name string
      partition_indexes [int32]
    coordinator_epoch int32
    transaction_version int8 2+

response 27 WriteTxnMarkersResponse 1-2 flexible=1+
  markers [{}]
    producer_id int64
    topics [{}]
      name string
      partitions [{}]
        partition_index int32
        error_code int16

request 28 TxnOffsetCommitRequest 0-5 flexible=3+
  transactional_id string
  group_id string
  producer_id int64
  producer_epoch int16
  generation_id int32 3+ default=-1
  member_id string 3+
  group_instance_id string? 3+ default=null
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      committed_offset int64
      committed_leader_epoch int32 2+ default=-1
      committed_metadata string?

response 28 TxnOffsetCommitResponse 0-5 flexible=3+
  throttle_time_ms int32
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      error_code int16

request 61 DescribeProducersRequest 0 flexible=0+
  topics [{}]
    name string
    partition_indexes [int32]

response 61 DescribeProducersResponse 0 flexible=0+
  throttle_time_ms int32
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      error_code int16
      error_message string? default=null
      active_producers [{}]
        producer_id int64
        producer_epoch int32
        last_sequence int32 default=-1
        last_timestamp int64 default=-1
        coordinator_epoch int32
        current_txn_start_offset int64 default=-1

request 65 DescribeTransactionsRequest 0 flexible=0+
  transactional_ids [string]

response 65 DescribeTransactionsResponse 0 flexible=0+
  throttle_time_ms int32
  transaction_states [{}]
    error_code int16
    transactional_id string
    transaction_state string
    transaction_timeout_ms int32
    transaction_start_time_ms int64
    producer_id int64
    producer_epoch int16
    topics [{}]
      topic string
      partitions [int32]

request 66 ListTransactionsRequest 0-2 flexible=0+
  state_filters [string]
  producer_id_filters [int64]
  duration_filter int64 1+ default=-1
  transactional_id_pattern string? 2+ default=null

response 66 ListTransactionsResponse 0-2 flexible=0+
  throttle_time_ms int32
  error_code int16
  unknown_state_filters [string]
  transaction_states [{}]
    transactional_id string
    producer_id int64
    transaction_state string
"""
