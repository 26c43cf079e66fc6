"""Kafka's messages: what stands in records and in the metadata of members.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
data ConsumerProtocolAssignment 0-3
  assigned_partitions [{}]
    topic string
    partitions [int32]
  user_data bytes? default=null

data ConsumerProtocolSubscription 0-3
  topics [string]
  user_data bytes? default=null
  owned_partitions [{}] 1+
    topic string
    partitions [int32]
  generation_id int32 2+ default=-1
  rack_id string? 3+ default=null

data ControlRecordTypeSchema 0
  type int16

data DefaultPrincipalData 0 flexible=0+
  type string
  name string
  token_authenticated bool

data EndTxnMarker 0
  coordinator_epoch int32

data KRaftVersionRecord 0 flexible=0+
  version int16
  k_raft_version int16

data LeaderChangeMessage 0-1 flexible=0+
  version int16
  leader_id int32
  voters [{}]
    voter_id int32
    voter_directory_id uuid 1+
  granting_voters [{}]
    voter_id int32
    voter_directory_id uuid 1+

data SnapshotFooterRecord 0 flexible=0+
  version int16

data SnapshotHeaderRecord 0 flexible=0+
  version int16
  last_contained_log_timestamp int64

data VotersRecord 0 flexible=0+
  version int16
  voters [{}]
    voter_id int32
    voter_directory_id uuid
    endpoints [{}]
      name string
      host string
      port uint16
    k_raft_version_feature {}
      min_supported_version int16
      max_supported_version int16
"""
