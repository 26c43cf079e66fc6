"""DNS (RFC 1035): messages of a TCP connection."""

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
            return _unit(half.take(size), half.direction, half.start)
        except Undecodable as error:
            # Where the next message begins is known all the same.
            return self._broken(half, size, error.why)


def _unit(data: bytes, direction: Direction, start: int) -> Unit:
    told = digest_of(data, _LENGTH)
    failed = told.is_response and told.rcode != "NOERROR"
    return Unit(
        protocol=_PROTOCOL,
        name=f"{told.opcode} response" if told.is_response else told.opcode,
        direction=direction,
        start=start,
        end=start + len(data),
        role=Role.RESPONSE if told.is_response else Role.REQUEST,
        read=partial(read_message, _LENGTH),
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
