"""Files with the state of all producers at an offset. Pure.

The first part is Kafka's own format (version 1 of ProducerStateManager's snapshots), which has one
batch of each producer. All that are kept of it follow, so that after a restart a producer may still
send any of its last five again; Kafka's tools do not look there.
"""

from collections import deque
from collections.abc import Iterable
from struct import Struct, error

from crc32c import crc32c

from stend.engines.kafka.log.producers import KEPT_BATCHES, Producer, Sent

_VERSION = 1
_HEAD = Struct(">hI")
_COUNT = Struct(">i")
# Producer id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, first
# offset of the open transaction (-1: none).
_ENTRY = Struct(">qhiqiqiq")
_SENT = Struct(">iqiq")


class DamagedSnapshotError(Exception):
    """The file is not as it was written: an older one has to do."""


def encode(producers: Iterable[Producer]) -> bytes:
    states = list(producers)
    parts = [_COUNT.pack(len(states)), *map(_entry, states)]
    for state in states:
        parts.append(_COUNT.pack(len(state.batches)))
        parts += (_SENT.pack(*sent) for sent in state.batches)
    body = b"".join(parts)
    return _HEAD.pack(_VERSION, crc32c(body)) + body


def decode(data: bytes) -> list[Producer]:
    """
    Raises:
        DamagedSnapshotError: its checksum does not fit, or it is none.
    """
    try:
        version, checksum = _HEAD.unpack_from(data)
        if version != _VERSION or crc32c(data[_HEAD.size :]) != checksum:
            raise DamagedSnapshotError("the checksum does not fit")
        return _states(data)
    except error as problem:
        raise DamagedSnapshotError(str(problem)) from None


def _entry(state: Producer) -> bytes:
    last = state.batches[-1] if state.batches else Sent(-1, -1, 0, state.last_timestamp)
    first = state.first_open_offset
    return _ENTRY.pack(
        state.producer_id,
        state.epoch,
        last.last_sequence,
        last.last_offset,
        last.offset_delta,
        state.last_timestamp,
        state.coordinator_epoch,
        -1 if first is None else first,
    )


def _states(data: bytes) -> list[Producer]:
    (count,) = _COUNT.unpack_from(data, _HEAD.size)
    at = _HEAD.size + _COUNT.size
    states: list[Producer] = []
    for _ in range(count):
        number, epoch, sequence, offset, delta, timestamp, coordinator, first = _ENTRY.unpack_from(
            data, at
        )
        at += _ENTRY.size
        batches = [Sent(sequence, offset, delta, timestamp)] if offset >= 0 else []
        states.append(
            Producer(
                number,
                epoch,
                coordinator,
                timestamp,
                first if first >= 0 else None,
                deque(batches, KEPT_BATCHES),
            )
        )
    # Kafka's own files end here.
    for state in states if at < len(data) else ():
        (kept,) = _COUNT.unpack_from(data, at)
        at += _COUNT.size
        state.batches.clear()
        for _ in range(kept):
            state.batches.append(Sent(*_SENT.unpack_from(data, at)))
            at += _SENT.size
    return states
