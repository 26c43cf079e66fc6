"""Kafka's messages: topics, configurations and replicas.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 19 CreateTopicsRequest 2-7 flexible=5+
  topics [{}]
    name string
    num_partitions int32
    replication_factor int16
    assignments [{}]
      partition_index int32
      broker_ids [int32]
    configs [{}]
      name string
      value string?
  timeout_ms int32 default=60000
  validate_only bool

response 19 CreateTopicsResponse 2-7 flexible=5+
  throttle_time_ms int32
  topics [{}]
    name string
    topic_id uuid 7+
    error_code int16
    error_message string?
    topic_config_error_code int16 5+ tag=0
    num_partitions int32 5+ default=-1
    replication_factor int16 5+ default=-1
    configs [{}]? 5+
      name string
      value string?
      read_only bool
      config_source int8 default=-1
      is_sensitive bool

request 20 DeleteTopicsRequest 1-6 flexible=4+
  topics [{}] 6+
    name string? default=null
    topic_id uuid
  topic_names [string] 1-5
  timeout_ms int32

response 20 DeleteTopicsResponse 1-6 flexible=4+
  throttle_time_ms int32
  responses [{}]
    name string null=6+
    topic_id uuid 6+
    error_code int16
    error_message string? 5+ default=null

request 32 DescribeConfigsRequest 1-4 flexible=4+
  resources [{}]
    resource_type int8
    resource_name string
    configuration_keys [string]?
  include_synonyms bool
  include_documentation bool 3+

response 32 DescribeConfigsResponse 1-4 flexible=4+
  throttle_time_ms int32
  results [{}]
    error_code int16
    error_message string?
    resource_type int8
    resource_name string
    configs [{}]
      name string
      value string?
      read_only bool
      config_source int8 default=-1
      is_sensitive bool
      synonyms [{}]
        name string
        value string?
        source int8
      config_type int8 3+
      documentation string? 3+

request 33 AlterConfigsRequest 0-2 flexible=2+
  resources [{}]
    resource_type int8
    resource_name string
    configs [{}]
      name string
      value string?
  validate_only bool

response 33 AlterConfigsResponse 0-2 flexible=2+
  throttle_time_ms int32
  responses [{}]
    error_code int16
    error_message string?
    resource_type int8
    resource_name string

request 34 AlterReplicaLogDirsRequest 1-2 flexible=2+
  dirs [{}]
    path string
    topics [{}]
      name string
      partitions [int32]

response 34 AlterReplicaLogDirsResponse 1-2 flexible=2+
  throttle_time_ms int32
  results [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      error_code int16

request 35 DescribeLogDirsRequest 1-5 flexible=2+
  topics [{}]?
    topic string
    partitions [int32]

response 35 DescribeLogDirsResponse 1-5 flexible=2+
  throttle_time_ms int32
  error_code int16 3+
  results [{}]
    error_code int16
    log_dir string
    topics [{}]
      name string
      partitions [{}]
        partition_index int32
        partition_size int64
        offset_lag int64
        is_future_key bool
    total_bytes int64 4+ default=-1
    usable_bytes int64 4+ default=-1
    is_cordoned bool 5+

request 37 CreatePartitionsRequest 0-3 flexible=2+
  topics [{}]
    name string
    count int32
    assignments [{}]?
      broker_ids [int32]
  timeout_ms int32
  validate_only bool

response 37 CreatePartitionsResponse 0-3 flexible=2+
  throttle_time_ms int32
  results [{}]
    name string
    error_code int16
    error_message string? default=null

request 43 ElectLeadersRequest 0-2 flexible=2+
  election_type int8 1+
  topic_partitions [{}]?
    topic string
    partitions [int32]
  timeout_ms int32 default=60000

response 43 ElectLeadersResponse 0-2 flexible=2+
  throttle_time_ms int32
  error_code int16 1+
  replica_election_results [{}]
    topic string
    partition_result [{}]
      partition_id int32
      error_code int16
      error_message string?

request 44 IncrementalAlterConfigsRequest 0-1 flexible=1+
  resources [{}]
    resource_type int8
    resource_name string
    configs [{}]
      name string
      config_operation int8
      value string?
  validate_only bool

response 44 IncrementalAlterConfigsResponse 0-1 flexible=1+
  throttle_time_ms int32
  responses [{}]
    error_code int16
    error_message string?
    resource_type int8
    resource_name string

request 45 AlterPartitionReassignmentsRequest 0-1 flexible=0+
  timeout_ms int32 default=60000
  allow_replication_factor_change bool 1+ default=true
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      replicas [int32]? default=null

response 45 AlterPartitionReassignmentsResponse 0-1 flexible=0+
  throttle_time_ms int32
  allow_replication_factor_change bool 1+ default=true
  error_code int16
  error_message string?
  responses [{}]
    name string
    partitions [{}]
      partition_index int32
      error_code int16
      error_message string?

request 46 ListPartitionReassignmentsRequest 0 flexible=0+
  timeout_ms int32 default=60000
  topics [{}]? default=null
    name string
    partition_indexes [int32]

response 46 ListPartitionReassignmentsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?
  topics [{}]
    name string
    partitions [{}]
      partition_index int32
      replicas [int32]
      adding_replicas [int32]
      removing_replicas [int32]

request 74 ListConfigResourcesRequest 0-1 flexible=0+
  resource_types [int8] 1+

response 74 ListConfigResourcesResponse 0-1 flexible=0+
  throttle_time_ms int32
  error_code int16
  config_resources [{}]
    resource_name string
    resource_type int8 1+ default=16
"""
