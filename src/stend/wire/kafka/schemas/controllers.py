"""Kafka's messages: brokers and controllers among themselves.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 52 VoteRequest 0-2 flexible=0+
  cluster_id string? default=null
  voter_id int32 1+ default=-1
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      replica_epoch int32
      replica_id int32
      replica_directory_id uuid 1+
      voter_directory_id uuid 1+
      last_offset_epoch int32
      last_offset int64
      pre_vote bool 2+

response 52 VoteResponse 0-2 flexible=0+
  error_code int16
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      error_code int16
      leader_id int32
      leader_epoch int32
      vote_granted bool
  node_endpoints [{}] 1+ tag=0
    node_id int32
    host string
    port uint16

request 53 BeginQuorumEpochRequest 0-1 flexible=1+
  cluster_id string? default=null
  voter_id int32 1+ default=-1
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      voter_directory_id uuid 1+
      leader_id int32
      leader_epoch int32
  leader_endpoints [{}] 1+
    name string
    host string
    port uint16

response 53 BeginQuorumEpochResponse 0-1 flexible=1+
  error_code int16
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      error_code int16
      leader_id int32
      leader_epoch int32
  node_endpoints [{}] 1+ tag=0
    node_id int32
    host string
    port uint16

request 54 EndQuorumEpochRequest 0-1 flexible=1+
  cluster_id string? default=null
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      leader_id int32
      leader_epoch int32
      preferred_candidates [{}] 1+
        candidate_id int32
        candidate_directory_id uuid
      preferred_successors [int32] 0
  leader_endpoints [{}] 1+
    name string
    host string
    port uint16

response 54 EndQuorumEpochResponse 0-1 flexible=1+
  error_code int16
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      error_code int16
      leader_id int32
      leader_epoch int32
  node_endpoints [{}] 1+ tag=0
    node_id int32
    host string
    port uint16

request 55 DescribeQuorumRequest 0-2 flexible=0+
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32

response 55 DescribeQuorumResponse 0-2 flexible=0+
  error_code int16
  error_message string? 2+
  topics [{}]
    topic_name string
    partitions [{}]
      partition_index int32
      error_code int16
      error_message string? 2+
      leader_id int32
      leader_epoch int32
      high_watermark int64
      current_voters [{}]
        replica_id int32
        replica_directory_id uuid 2+
        log_end_offset int64
        last_fetch_timestamp int64 1+ default=-1
        last_caught_up_timestamp int64 1+ default=-1
      observers [{}]
        replica_id int32
        replica_directory_id uuid 2+
        log_end_offset int64
        last_fetch_timestamp int64 1+ default=-1
        last_caught_up_timestamp int64 1+ default=-1
  nodes [{}] 2+
    node_id int32
    listeners [{}]
      name string
      host string
      port uint16

request 56 AlterPartitionRequest 2-3 flexible=2+
  broker_id int32
  broker_epoch int64 default=-1
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition_index int32
      leader_epoch int32
      new_isr_with_epochs [{}] 3+
        broker_id int32
        broker_epoch int64 default=-1
      new_isr [int32] 2
      leader_recovery_state int8
      partition_epoch int32

response 56 AlterPartitionResponse 2-3 flexible=2+
  throttle_time_ms int32
  error_code int16
  topics [{}]
    topic_id uuid
    partitions [{}]
      partition_index int32
      error_code int16
      leader_id int32
      leader_epoch int32
      isr [int32]
      leader_recovery_state int8
      partition_epoch int32

request 57 UpdateFeaturesRequest 0-2 flexible=0+
  timeout_ms int32 default=60000
  feature_updates [{}]
    feature string
    max_version_level int16
    upgrade_type int8 1+ default=1
    allow_downgrade bool 0
  validate_only bool 1+

response 57 UpdateFeaturesResponse 0-2 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?
  results [{}] 0-1
    feature string
    error_code int16
    error_message string?

request 58 EnvelopeRequest 0 flexible=0+
  request_data bytes
  request_principal bytes?
  client_host_address bytes

response 58 EnvelopeResponse 0 flexible=0+
  response_data bytes? default=null
  error_code int16

request 59 FetchSnapshotRequest 0-1 flexible=0+
  cluster_id string? tag=0 default=null
  replica_id int32 default=-1
  max_bytes int32 default=2147483647
  topics [{}]
    name string
    partitions [{}]
      partition int32
      current_leader_epoch int32
      snapshot_id {}
        end_offset int64
        epoch int32
      position int64
      replica_directory_id uuid 1+ tag=0

response 59 FetchSnapshotResponse 0-1 flexible=0+
  throttle_time_ms int32
  error_code int16
  topics [{}]
    name string
    partitions [{}]
      index int32
      error_code int16
      snapshot_id {}
        end_offset int64
        epoch int32
      current_leader {} tag=0
        leader_id int32
        leader_epoch int32
      size int64
      position int64
      unaligned_records records
  node_endpoints [{}] 1+ tag=0
    node_id int32
    host string
    port uint16

request 62 BrokerRegistrationRequest 0-4 flexible=0+
  broker_id int32
  cluster_id string
  incarnation_id uuid
  listeners [{}]
    name string
    host string
    port uint16
    security_protocol int16
  features [{}]
    name string
    min_supported_version int16
    max_supported_version int16
  rack string?
  is_migrating_zk_broker bool 1+
  log_dirs [uuid] 2+
  previous_broker_epoch int64 3+ default=-1

response 62 BrokerRegistrationResponse 0-4 flexible=0+
  throttle_time_ms int32
  error_code int16
  broker_epoch int64 default=-1

request 63 BrokerHeartbeatRequest 0-2 flexible=0+
  broker_id int32
  broker_epoch int64 default=-1
  current_metadata_offset int64
  want_fence bool
  want_shut_down bool
  offline_log_dirs [uuid] 1+ tag=0
  cordoned_log_dirs [uuid]? 2+ tag=1 default=null

response 63 BrokerHeartbeatResponse 0-2 flexible=0+
  throttle_time_ms int32
  error_code int16
  is_caught_up bool
  is_fenced bool default=true
  should_shut_down bool

request 64 UnregisterBrokerRequest 0 flexible=0+
  broker_id int32

response 64 UnregisterBrokerResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?

request 67 AllocateProducerIdsRequest 0 flexible=0+
  broker_id int32
  broker_epoch int64 default=-1

response 67 AllocateProducerIdsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  producer_id_start int64
  producer_id_len int32

request 70 ControllerRegistrationRequest 0 flexible=0+
  controller_id int32
  incarnation_id uuid
  zk_migration_ready bool
  listeners [{}]
    name string
    host string
    port uint16
    security_protocol int16
  features [{}]
    name string
    min_supported_version int16
    max_supported_version int16

response 70 ControllerRegistrationResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?

request 73 AssignReplicasToDirsRequest 0 flexible=0+
  broker_id int32
  broker_epoch int64 default=-1
  directories [{}]
    id uuid
    topics [{}]
      topic_id uuid
      partitions [{}]
        partition_index int32

response 73 AssignReplicasToDirsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  directories [{}]
    id uuid
    topics [{}]
      topic_id uuid
      partitions [{}]
        partition_index int32
        error_code int16

request 80 AddRaftVoterRequest 0-1 flexible=0+
  cluster_id string?
  timeout_ms int32
  voter_id int32
  voter_directory_id uuid
  listeners [{}]
    name string
    host string
    port uint16
  ack_when_committed bool 1+ default=true

response 80 AddRaftVoterResponse 0-1 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?

request 81 RemoveRaftVoterRequest 0 flexible=0+
  cluster_id string?
  voter_id int32
  voter_directory_id uuid

response 81 RemoveRaftVoterResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?

request 82 UpdateRaftVoterRequest 0 flexible=0+
  cluster_id string?
  current_leader_epoch int32
  voter_id int32
  voter_directory_id uuid
  listeners [{}]
    name string
    host string
    port uint16
  k_raft_version_feature {}
    min_supported_version int16
    max_supported_version int16

response 82 UpdateRaftVoterResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  current_leader {} tag=0
    leader_id int32 default=-1
    leader_epoch int32 default=-1
    host string
    port int32
"""
