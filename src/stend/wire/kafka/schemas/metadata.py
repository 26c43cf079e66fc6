"""Kafka's messages: what a cluster is and offers.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 3 MetadataRequest 0-13 flexible=9+
  topics [{}] null=1+
    topic_id uuid 10+
    name string null=10+
  allow_auto_topic_creation bool 4+ default=true
  include_cluster_authorized_operations bool 8-10
  include_topic_authorized_operations bool 8+

response 3 MetadataResponse 0-13 flexible=9+
  throttle_time_ms int32 3+
  brokers [{}]
    node_id int32
    host string
    port int32
    rack string? 1+ default=null
  cluster_id string? 2+ default=null
  controller_id int32 1+ default=-1
  topics [{}]
    error_code int16
    name string null=12+
    topic_id uuid 10+
    is_internal bool 1+
    partitions [{}]
      error_code int16
      partition_index int32
      leader_id int32
      leader_epoch int32 7+ default=-1
      replica_nodes [int32]
      isr_nodes [int32]
      offline_replicas [int32] 5+
    topic_authorized_operations int32 8+ default=-2147483648
  error_code int16 13+
  cluster_authorized_operations int32 8-10 default=-2147483648

request 18 ApiVersionsRequest 0-4 flexible=3+
  client_software_name string 3+
  client_software_version string 3+

response 18 ApiVersionsResponse 0-4 flexible=3+
  error_code int16
  api_keys [{}]
    api_key int16
    min_version int16
    max_version int16
  throttle_time_ms int32 1+
  supported_features [{}] 3+ tag=0
    name string
    min_version int16
    max_version int16
  finalized_features_epoch int64 3+ tag=1 default=-1
  finalized_features [{}] 3+ tag=2
    name string
    max_version_level int16
    min_version_level int16
  zk_migration_ready bool 3+ tag=3

request 60 DescribeClusterRequest 0-2 flexible=0+
  include_cluster_authorized_operations bool
  endpoint_type int8 1+ default=1
  include_fenced_brokers bool 2+

response 60 DescribeClusterResponse 0-2 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string? default=null
  endpoint_type int8 1+ default=1
  cluster_id string
  controller_id int32 default=-1
  brokers [{}]
    broker_id int32
    host string
    port int32
    rack string? default=null
    is_fenced bool 2+
  cluster_authorized_operations int32 default=-2147483648

request 71 GetTelemetrySubscriptionsRequest 0 flexible=0+
  client_instance_id uuid

response 71 GetTelemetrySubscriptionsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  client_instance_id uuid
  subscription_id int32
  accepted_compression_types [int8]
  push_interval_ms int32
  telemetry_max_bytes int32
  delta_temporality bool
  requested_metrics [string]

request 72 PushTelemetryRequest 0 flexible=0+
  client_instance_id uuid
  subscription_id int32
  terminating bool
  compression_type int8
  metrics bytes

response 72 PushTelemetryResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16

request 75 DescribeTopicPartitionsRequest 0 flexible=0+
  topics [{}]
    name string
  response_partition_limit int32 default=2000
  cursor {}? default=null
    topic_name string
    partition_index int32

response 75 DescribeTopicPartitionsResponse 0 flexible=0+
  throttle_time_ms int32
  topics [{}]
    error_code int16
    name string?
    topic_id uuid
    is_internal bool
    partitions [{}]
      error_code int16
      partition_index int32
      leader_id int32
      leader_epoch int32 default=-1
      replica_nodes [int32]
      isr_nodes [int32]
      eligible_leader_replicas [int32]? default=null
      last_known_elr [int32]? default=null
      offline_replicas [int32]
    topic_authorized_operations int32 default=-2147483648
  next_cursor {}? default=null
    topic_name string
    partition_index int32
"""
