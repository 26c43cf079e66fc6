"""Messages of DNS as trees (RFC 1035 §4)."""

from functools import partial
from typing import NamedTuple

from stend.kit.fields import Field, Value
from stend.wire.content.cursor import Cursor, read_all
from stend.wire.decoding import Undecodable
from stend.wire.dns import codes
from stend.wire.dns.meanings import MEANINGS
from stend.wire.dns.names import name_at, read_name
from stend.wire.dns.records import read_data

HEADER_SIZE = 12
_FLAGS = (
    (0x8000, "QR"),
    (0x0400, "AA"),
    (0x0200, "TC"),
    (0x0100, "RD"),
    (0x0080, "RA"),
    (0x0020, "AD"),
    (0x0010, "CD"),
)
_SECTIONS = ("answer", "authority", "additional")


class Digest(NamedTuple):
    """What a list shows of a message, read without its records.

    Attributes:
        question: `example.org. A`; empty where there is none.
        answers: how many records answer.
    """

    id: int
    is_response: bool
    opcode: str
    rcode: str
    question: str
    qname: str
    qtype: str
    answers: int


def read_message(base: int, data: bytes) -> tuple[Field, ...]:
    """The tree of one message that begins at `base`, behind its length where it has one."""

    def whole(at: Cursor) -> None:
        if base:
            at.number("length", base, key="tcp length")
        at.group("header", HEADER_SIZE, _header)
        counts = [
            int.from_bytes(data[base + place : base + place + 2], "big") for place in (4, 6, 8, 10)
        ]
        for _ in range(counts[0]):
            _question(at, base)
        for section, count in zip(_SECTIONS, counts[1:], strict=True):
            for _ in range(count):
                _record(at, base, section)

    return read_all(data, MEANINGS, whole)


def digest_of(data: bytes, base: int = 0) -> Digest:
    """
    Raises:
        Undecodable: it is too short for a message.
    """
    if len(data) < base + HEADER_SIZE:
        raise Undecodable(
            f"сообщение короче заголовка в {HEADER_SIZE} октетов",
            f"the message is shorter than its header of {HEADER_SIZE} octets",
        )
    number, flags, questions, answers = (
        int.from_bytes(data[base + place : base + place + 2], "big") for place in (0, 2, 4, 6)
    )
    qname, qtype = _asked(data, base) if questions else ("", "")
    return Digest(
        number,
        bool(flags & 0x8000),
        codes.OPCODES.get(flags >> 11 & 15, f"OPCODE{flags >> 11 & 15}"),
        codes.rcode_name(flags & 15),
        f"{qname} {qtype}".strip(),
        qname,
        qtype,
        answers,
    )


def _asked(data: bytes, base: int) -> tuple[str, str]:
    try:
        name = name_at(data, base + HEADER_SIZE, len(data), base)
    except Undecodable:
        return "", ""
    kind = data[name.end : name.end + 2]
    return name.text, codes.type_name(int.from_bytes(kind, "big")) if len(kind) == 2 else ""


def _header(at: Cursor) -> None:
    at.number("ID", 2)
    at.number("flags", 2, _flags, "QR OPCODE AA TC RD RA Z AD CD RCODE")
    for name in ("QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT"):
        at.number(name, 2)


def _flags(number: int) -> Value:
    opcode = number >> 11 & 15
    shown = [name for bit, name in _FLAGS if number & bit]
    if number & 0x40:
        shown.append("Z")
    shown.append(codes.OPCODES.get(opcode, f"OPCODE{opcode}"))
    shown.append(codes.rcode_name(number & 15))
    return ", ".join(shown)


def _question(at: Cursor, base: int) -> None:
    end = name_at(at.data, at.at, at.end, base).end + 4
    at.group("question", end - at.at, partial(_question_fields, base))


def _question_fields(base: int, at: Cursor) -> None:
    read_name(at, "QNAME", base)
    at.number("QTYPE", 2, codes.type_name)
    at.number("QCLASS", 2, codes.class_name)


def _record(at: Cursor, base: int, section: str) -> None:
    name_end = name_at(at.data, at.at, at.end, base).end
    fixed = at.peek(name_end - at.at + 10, section)[-10:]
    size = name_end - at.at + 10 + int.from_bytes(fixed[8:], "big")
    kind = int.from_bytes(fixed[:2], "big")
    at.group(section, size, partial(_record_fields, kind, base), value=codes.type_name(kind))


def _record_fields(kind: int, base: int, at: Cursor) -> None:
    read_name(at, "NAME", base)
    at.number("TYPE", 2, codes.type_name)
    if kind == codes.OPT:
        at.number("requestor's UDP payload size", 2)
        at.number("extended RCODE and flags", 4, _extended)
    else:
        at.number("CLASS", 2, codes.class_name)
        at.number("TTL", 4)
    size = at.number("RDLENGTH", 2)
    if size:
        at.group("RDATA", size, partial(read_data, kind, base))


def _extended(number: int) -> Value:
    flags = ", DO" if number & 0x8000 else ""
    return f"extended RCODE {number >> 24}, EDNS version {number >> 16 & 0xFF}{flags}"
