"""What a stock client sees of each kind of fault with its default parameters.

Written as `library: what it reports`; the tests run each of these clients and compare.
"""

from collections.abc import Mapping

SEEN: Mapping[str, str] = {
    "latency": "httpx: 200",
    "jitter": "httpx: 200",
    "bandwidth": "httpx: 200",
    "slicer": "httpx: 200",
    "cut": "httpx: RemoteProtocolError",
    "reset": "httpx: NetworkError",
    "refuse": "httpx: NetworkError",
    "black_hole": "httpx: ReadTimeout",
    "http_status": "httpx: 503",
    "jsonrpc_error": "httpx: 200, error -32603",
    "soap_fault": "zeep: Fault soap:Server",
    "graphql_error": "httpx: 200, errors INTERNAL_SERVER_ERROR",
    "websocket_close": "websockets: ConnectionClosedError 1011",
    "grpc_status": "grpc.aio: AioRpcError UNAVAILABLE",
    "amqp_nack": "aio-pika: DeliveryError Basic.Nack",
    "amqp_duplicate": "aio-pika: messages a, a",
    "amqp_reorder": "aio-pika: messages b, a",
    "amqp_channel_close": "aio-pika: ChannelPreconditionFailed",
    "amqp_connection_close": "pika: ConnectionClosedByBroker 320",
    "kafka_not_leader": "kafka-python: NotLeaderForPartitionError",
    "kafka_timed_out": "confluent-kafka: REQUEST_TIMED_OUT",
    "kafka_not_coordinator": "confluent-kafka: NOT_COORDINATOR",
    "sql_deadlock": "psycopg: DeadlockDetected 40P01",
    "sql_serialization_failure": "psycopg: SerializationFailure 40001",
    "sql_too_many_connections": "psycopg: OperationalError",
    "mysql_deadlock": "pymysql: OperationalError 1213",
    "mysql_lock_wait_timeout": "pymysql: OperationalError 1205",
    "mysql_too_many_connections": "pymysql: OperationalError 1040",
    "mongo_write_conflict": "pymongo: OperationFailure 112",
    "mongo_not_primary": "pymongo: NotPrimaryError 10107",
    "redis_loading": "redis-py: BusyLoadingError",
    "redis_readonly": "redis-py: ReadOnlyError",
    "redis_out_of_memory": "redis-py: OutOfMemoryError",
}
