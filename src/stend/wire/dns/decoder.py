"""DNS (RFC 1035): messages of a TCP connection, or of datagrams."""

from functools import partial

from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.dns.messages import Digest, digest_of, read_message

_LENGTH = 2
_PROTOCOL = "dns"


class DnsDecoder(StreamDecoder):
    """Messages of one TCP connection, each behind two octets with its length (§4.2.2)."""

    protocol = _PROTOCOL

    def _cut(self, half: Half) -> Unit | None:
        if half.rest < _LENGTH:
            half.wanted = _LENGTH
            return None
        size = _LENGTH + int.from_bytes(half.take(_LENGTH), "big")
        if half.rest < size:
            half.wanted = size
            return None
        try:
            return _unit(half.take(size), half.direction, half.start, _LENGTH)
        except Undecodable as error:
            # Where the next message begins is known all the same.
            return self._broken(half, size, error.why)


def datagram(direction: Direction, data: bytes, start: int = 0) -> Unit:
    """One UDP datagram.

    Args:
        start: offset of its first byte among all of its direction.

    Raises:
        Undecodable: it is too short for a message.
    """
    return _unit(data, direction, start, 0)


def _unit(data: bytes, direction: Direction, start: int, base: int) -> Unit:
    told = digest_of(data, base)
    failed = told.is_response and told.rcode != "NOERROR"
    return Unit(
        protocol=_PROTOCOL,
        name=f"{told.opcode} response" if told.is_response else told.opcode,
        direction=direction,
        start=start,
        end=start + len(data),
        role=Role.RESPONSE if told.is_response else Role.REQUEST,
        read=partial(read_message, base),
        exchange=str(told.id),
        is_last=True,
        summary=_summary(told),
        error=told.rcode if failed else None,
        facts={
            "ID": str(told.id),
            "QNAME": told.qname,
            "QTYPE": told.qtype,
            **({"RCODE": told.rcode} if told.is_response else {}),
        },
    )


def _summary(told: Digest) -> str:
    if not told.is_response:
        return told.question
    outcome = told.rcode if told.rcode != "NOERROR" else f"×{told.answers}"
    return f"{told.question} → {outcome}".strip()
