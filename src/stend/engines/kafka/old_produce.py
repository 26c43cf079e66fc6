"""Produce of before 2017 (versions 0 to 2), which is told of and refused. Pure.

Kafka 4 does the same: some librdkafkas want to be told of these versions (KAFKA-18659), nobody
should use them. Kafka's schemas have them no more, so the few fields are read here.
"""

from struct import Struct, error, pack

from stend.wire.kafka.errors import ErrorCode

_ACKS_AND_TIMEOUT = Struct(">hi")
_SHORT = Struct(">h")
_INT = Struct(">i")
_PARTITION = Struct(">ii")
_TELLS_TIMES = 2
_TELLS_THROTTLE = 1


def refuse_old_produce(frame: bytes, at: int, version: int) -> bytes | None:
    """The body of an answer with UNSUPPORTED_VERSION for every partition.

    Returns:
        None when it is no such request, or when no answer is wanted (acks=0).
    """
    try:
        acks, _ = _ACKS_AND_TIMEOUT.unpack_from(frame, at)
        at += _ACKS_AND_TIMEOUT.size
        answer = bytearray(frame[at : at + _INT.size])
        (topics,) = _INT.unpack_from(frame, at)
        at += _INT.size
        for _ in range(topics):
            start = at
            (size,) = _SHORT.unpack_from(frame, at)
            if size < 0:
                return None
            at += _SHORT.size + size + _INT.size
            (partitions,) = _INT.unpack_from(frame, at - _INT.size)
            answer += frame[start:at]
            for _ in range(partitions):
                index, size = _PARTITION.unpack_from(frame, at)
                if size < 0:
                    return None
                at += _PARTITION.size + size
                answer += pack(">ihq", index, ErrorCode.UNSUPPORTED_VERSION, -1)
                if version >= _TELLS_TIMES:
                    answer += pack(">q", -1)
    except error:
        return None
    if at != len(frame) or not acks:
        return None
    return bytes(answer) + (_INT.pack(0) if version >= _TELLS_THROTTLE else b"")
