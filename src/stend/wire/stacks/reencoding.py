"""Decodes a message and encodes it again: what was understood gives the same bytes.

Only where there is an encoder. Documents of BSON come out the same as long as no name stands twice
in one, which every driver keeps to; records of Kafka stay the bytes that they are, and what stands
behind a message of Kafka, as librdkafka leaves it there, stays behind it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from struct import Struct

from bson import BSON
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.son import SON

from stend.wire.amqp.content import decode_content_header, encode_content_header
from stend.wire.amqp.frames import FRAME, PROTOCOL_HEADER, FrameType, frame
from stend.wire.amqp.methods import decode_method, encode_method
from stend.wire.decoding import Role, Unit
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.headers import read_request_header, request_header, response_header
from stend.wire.kafka.values import api_name
from stend.wire.mongo.frames import HEADER_BYTES, OpCode, framed, read_header
from stend.wire.mongo.messages import KIND_BODY, KIND_SEQUENCE, read_msg

_SIZE = Struct(">i")
_LITTLE_SIZE = Struct("<i")
_FLAGS = Struct("<I")
# Dates before the year 1 and after 9999 stay milliseconds; names stay in their order.
_OPTIONS: CodecOptions[SON[str, object]] = CodecOptions(
    document_class=SON, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)


def encoded_again(unit: Unit, data: bytes) -> bytes | None:
    """The bytes of a unit, decoded and encoded; None where nothing here encodes it.

    Raises:
        Exception: what the codec of the protocol raises. It was decoded before: a bug of one.
    """
    again = _ENCODERS.get(unit.protocol)
    return None if again is None or unit.role is Role.BROKEN else again(unit, data)


def _amqp(_unit: Unit, data: bytes) -> bytes | None:
    if data.startswith(PROTOCOL_HEADER):
        return PROTOCOL_HEADER
    kind, channel, size = FRAME.unpack_from(data)
    payload = data[FRAME.size : FRAME.size + size]
    if kind == FrameType.METHOD:
        method = decode_method(payload)
        arguments = {name: getattr(method, name) for name in type(method).__slots__}
        return encode_method(channel, type(method), **arguments)
    if kind == FrameType.HEADER:
        header = decode_content_header(payload)
        payload = encode_content_header(header.body_size, header.properties)
    return frame(kind, channel, payload)


def _kafka(unit: Unit, data: bytes) -> bytes | None:
    key = _api_keys().get(unit.facts.get("api", ""))
    if key is None:
        return None
    content = data[_SIZE.size :]
    if unit.role is Role.RESPONSE:
        made = _kafka_response(key, int(unit.facts["version"]), content)
    else:
        made = _kafka_request(content)
    return _SIZE.pack(len(made)) + made


def _kafka_request(content: bytes) -> bytes:
    header = read_request_header(content)
    message = codec.request(header.api_key, header.version)
    fields, end = message.decode(content, header.body_at)
    head = request_header(header.api_key, header.version, header.correlation_id, header.client_id)
    return head + message.encode(fields) + content[end:]


def _kafka_response(key: int, version: int, content: bytes) -> bytes:
    (number,) = _SIZE.unpack_from(content)
    head = response_header(key, version, number)
    message = codec.response(key, version)
    fields, end = message.decode(content, len(head))
    return head + message.encode(fields) + content[end:]


@cache
def _api_keys() -> Mapping[str, int]:
    return {api_name(key): key for key in ApiKey}


def _mongo(_unit: Unit, data: bytes) -> bytes | None:
    header = read_header(data)
    if header.op_code != OpCode.OP_MSG:
        return None
    message = read_msg(data)
    parts = [_FLAGS.pack(message.flags)]
    body = bytes((KIND_BODY,)) + _document(message.body)
    sequences = [_sequence(*one) for one in message.sequences]
    # Which of them came first is not kept: drivers differ.
    is_first = data[HEADER_BYTES + _FLAGS.size] == KIND_BODY
    parts += [body, *sequences] if is_first else [*sequences, body]
    return framed(OpCode.OP_MSG, header.request_id, header.response_to, *parts)


def _sequence(name: str, documents: tuple[bytes, ...]) -> bytes:
    inside = name.encode() + b"\0" + b"".join(map(_document, documents))
    return bytes((KIND_SEQUENCE,)) + _LITTLE_SIZE.pack(_LITTLE_SIZE.size + len(inside)) + inside


def _document(raw: bytes) -> bytes:
    return bytes(BSON.encode(BSON(raw).decode(_OPTIONS), codec_options=_OPTIONS))


_ENCODERS: Mapping[str, Callable[[Unit, bytes], bytes | None]] = {
    "amqp": _amqp,
    "kafka": _kafka,
    "mongodb": _mongo,
}
