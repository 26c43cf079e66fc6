"""Kafka's messages: authentication, access and quotas.

Made by scripts/kafka-schemas from kio 0.6.5; do not edit. The definitions are Apache Kafka's
(Copyright The Apache Software Foundation) as kio (Copyright Aiven Ltd) carries them, both under the
Apache License 2.0, merged and abridged: see LICENSE and NOTICE.txt in the folder `schemas`.

`stend.wire.kafka.schema` tells how to read them.
"""

MESSAGES = """\
request 17 SaslHandshakeRequest 0-1
  mechanism string

response 17 SaslHandshakeResponse 0-1
  error_code int16
  mechanisms [string]

request 29 DescribeAclsRequest 1-3 flexible=2+
  resource_type_filter int8
  resource_name_filter string?
  pattern_type_filter int8 default=3
  principal_filter string?
  host_filter string?
  operation int8
  permission_type int8

response 29 DescribeAclsResponse 1-3 flexible=2+
  throttle_time_ms int32
  error_code int16
  error_message string?
  resources [{}]
    resource_type int8
    resource_name string
    pattern_type int8 default=3
    acls [{}]
      principal string
      host string
      operation int8
      permission_type int8

request 30 CreateAclsRequest 1-3 flexible=2+
  creations [{}]
    resource_type int8
    resource_name string
    resource_pattern_type int8 default=3
    principal string
    host string
    operation int8
    permission_type int8

response 30 CreateAclsResponse 1-3 flexible=2+
  throttle_time_ms int32
  results [{}]
    error_code int16
    error_message string?

request 31 DeleteAclsRequest 1-3 flexible=2+
  filters [{}]
    resource_type_filter int8
    resource_name_filter string?
    pattern_type_filter int8 default=3
    principal_filter string?
    host_filter string?
    operation int8
    permission_type int8

response 31 DeleteAclsResponse 1-3 flexible=2+
  throttle_time_ms int32
  filter_results [{}]
    error_code int16
    error_message string?
    matching_acls [{}]
      error_code int16
      error_message string?
      resource_type int8
      resource_name string
      pattern_type int8 default=3
      principal string
      host string
      operation int8
      permission_type int8

request 36 SaslAuthenticateRequest 0-2 flexible=2+
  auth_bytes bytes

response 36 SaslAuthenticateResponse 0-2 flexible=2+
  error_code int16
  error_message string?
  auth_bytes bytes
  session_lifetime_ms int64 1+

request 38 CreateDelegationTokenRequest 1-3 flexible=2+
  owner_principal_type string? 3+
  owner_principal_name string? 3+
  renewers [{}]
    principal_type string
    principal_name string
  max_lifetime_ms int64

response 38 CreateDelegationTokenResponse 1-3 flexible=2+
  error_code int16
  principal_type string
  principal_name string
  token_requester_principal_type string 3+
  token_requester_principal_name string 3+
  issue_timestamp_ms int64
  expiry_timestamp_ms int64
  max_timestamp_ms int64
  token_id string
  hmac bytes
  throttle_time_ms int32

request 39 RenewDelegationTokenRequest 1-2 flexible=2+
  hmac bytes
  renew_period_ms int64

response 39 RenewDelegationTokenResponse 1-2 flexible=2+
  error_code int16
  expiry_timestamp_ms int64
  throttle_time_ms int32

request 40 ExpireDelegationTokenRequest 1-2 flexible=2+
  hmac bytes
  expiry_time_period_ms int64

response 40 ExpireDelegationTokenResponse 1-2 flexible=2+
  error_code int16
  expiry_timestamp_ms int64
  throttle_time_ms int32

request 41 DescribeDelegationTokenRequest 1-3 flexible=2+
  owners [{}]?
    principal_type string
    principal_name string

response 41 DescribeDelegationTokenResponse 1-3 flexible=2+
  error_code int16
  tokens [{}]
    principal_type string
    principal_name string
    token_requester_principal_type string 3+
    token_requester_principal_name string 3+
    issue_timestamp int64
    expiry_timestamp int64
    max_timestamp int64
    token_id string
    hmac bytes
    renewers [{}]
      principal_type string
      principal_name string
  throttle_time_ms int32

request 48 DescribeClientQuotasRequest 0-1 flexible=1+
  components [{}]
    entity_type string
    match_type int8
    match string?
  strict bool

response 48 DescribeClientQuotasResponse 0-1 flexible=1+
  throttle_time_ms int32
  error_code int16
  error_message string?
  entries [{}]?
    entity [{}]
      entity_type string
      entity_name string?
    values [{}]
      key string
      value float64

request 49 AlterClientQuotasRequest 0-1 flexible=1+
  entries [{}]
    entity [{}]
      entity_type string
      entity_name string?
    ops [{}]
      key string
      value float64
      remove bool
  validate_only bool

response 49 AlterClientQuotasResponse 0-1 flexible=1+
  throttle_time_ms int32
  entries [{}]
    error_code int16
    error_message string?
    entity [{}]
      entity_type string
      entity_name string?

request 50 DescribeUserScramCredentialsRequest 0 flexible=0+
  users [{}]?
    name string

response 50 DescribeUserScramCredentialsResponse 0 flexible=0+
  throttle_time_ms int32
  error_code int16
  error_message string?
  results [{}]
    user string
    error_code int16
    error_message string?
    credential_infos [{}]
      mechanism int8
      iterations int32

request 51 AlterUserScramCredentialsRequest 0 flexible=0+
  deletions [{}]
    name string
    mechanism int8
  upsertions [{}]
    name string
    mechanism int8
    iterations int32
    salt bytes
    salted_password bytes

response 51 AlterUserScramCredentialsResponse 0 flexible=0+
  throttle_time_ms int32
  results [{}]
    user string
    error_code int16
    error_message string?
"""
