"""All kinds of faults there are, by name."""

from collections.abc import Mapping

from stend.tap.disturb.amqp_closing import AMQP_CHANNEL_CLOSE, AMQP_CONNECTION_CLOSE
from stend.tap.disturb.amqp_publishing import AMQP_DUPLICATE, AMQP_NACK, AMQP_REORDER
from stend.tap.disturb.bandwidth import BANDWIDTH
from stend.tap.disturb.cutting import CUT, REFUSE, RESET
from stend.tap.disturb.graphql_error import GRAPHQL_ERROR
from stend.tap.disturb.grpc_status import GRPC_STATUS
from stend.tap.disturb.http_status import HTTP_STATUS
from stend.tap.disturb.jsonrpc_error import JSONRPC_ERROR
from stend.tap.disturb.kafka_errors import (
    KAFKA_NOT_COORDINATOR,
    KAFKA_NOT_LEADER,
    KAFKA_TIMED_OUT,
)
from stend.tap.disturb.kinds import Kind
from stend.tap.disturb.latency import JITTER, LATENCY
from stend.tap.disturb.mongo_errors import MONGO_NOT_PRIMARY, MONGO_WRITE_CONFLICT
from stend.tap.disturb.mysql_errors import (
    MYSQL_DEADLOCK,
    MYSQL_LOCK_WAIT_TIMEOUT,
    MYSQL_TOO_MANY_CONNECTIONS,
)
from stend.tap.disturb.redis_errors import REDIS_LOADING, REDIS_OUT_OF_MEMORY, REDIS_READONLY
from stend.tap.disturb.silence import BLACK_HOLE
from stend.tap.disturb.slicing import SLICER
from stend.tap.disturb.soap_fault import SOAP_FAULT
from stend.tap.disturb.sql_errors import (
    SQL_DEADLOCK,
    SQL_SERIALIZATION_FAILURE,
    SQL_TOO_MANY_CONNECTIONS,
)
from stend.tap.disturb.websocket_close import WEBSOCKET_CLOSE

_BYTES = (LATENCY, JITTER, BANDWIDTH, SLICER, CUT, RESET, REFUSE, BLACK_HOLE)
_HTTP = (HTTP_STATUS, JSONRPC_ERROR, SOAP_FAULT, GRAPHQL_ERROR, WEBSOCKET_CLOSE)
_GRPC = (GRPC_STATUS,)
_BROKERS = (
    *(AMQP_NACK, AMQP_DUPLICATE, AMQP_REORDER, AMQP_CHANNEL_CLOSE, AMQP_CONNECTION_CLOSE),
    *(KAFKA_NOT_LEADER, KAFKA_TIMED_OUT, KAFKA_NOT_COORDINATOR),
)
_STORES = (
    *(SQL_DEADLOCK, SQL_SERIALIZATION_FAILURE, SQL_TOO_MANY_CONNECTIONS),
    *(MYSQL_DEADLOCK, MYSQL_LOCK_WAIT_TIMEOUT, MYSQL_TOO_MANY_CONNECTIONS),
    *(MONGO_WRITE_CONFLICT, MONGO_NOT_PRIMARY),
    *(REDIS_LOADING, REDIS_READONLY, REDIS_OUT_OF_MEMORY),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (*_BYTES, *_HTTP, *_GRPC, *_BROKERS, *_STORES)
}
