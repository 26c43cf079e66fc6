"""Messages of DNS, made by dnspython, as the decoder sees them."""

import struct
from collections.abc import Sequence

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from stend.kit.fields import every
from stend.wire.decoding import Direction, Role
from stend.wire.dns.decoder import DnsDecoder
from tests.wire.checking import (
    Heard,
    check,
    demand_survival,
    find,
)


def _query(name: str = "orders.lavka.example.", kind: str = "A") -> dns.message.QueryMessage:
    return dns.message.make_query(name, kind, id=4660)


def _response(*records: str, section: str = "answer") -> dns.message.Message:
    answer = dns.message.make_response(_query())
    for one in records:
        name, rest = one.split(" ", 1)
        _, _, kind, data = rest.split(" ", 3)
        getattr(answer, section).append(dns.rrset.from_text(name, 300, "IN", kind, data))
    return answer


def _tcp(message: dns.message.Message) -> bytes:
    wire = message.to_wire()
    return struct.pack(">H", len(wire)) + wire


def _heard(*messages: dns.message.Message | bytes) -> Heard:
    data = b"".join(one if isinstance(one, bytes) else _tcp(one) for one in messages)
    return check(DnsDecoder, [(Direction.TO_CLIENT, data)])


def test_a_query_and_its_response() -> None:
    answer = _response("orders.lavka.example. 300 IN A 127.0.0.1")
    talk = [(Direction.TO_SERVER, _tcp(_query())), (Direction.TO_CLIENT, _tcp(answer))]
    asked, answered = check(DnsDecoder, talk).units
    assert (asked.name, asked.role, asked.exchange) == ("QUERY", Role.REQUEST, "4660")
    assert asked.summary == "orders.lavka.example. A"
    assert (answered.role, answered.exchange, answered.is_last) == (Role.RESPONSE, "4660", True)
    assert answered.summary == "orders.lavka.example. A → ×1"
    assert answered.error is None
    assert answered.facts["QTYPE"] == "A"


@pytest.mark.parametrize(
    ("record", "values"),
    [
        ("A 10.0.0.1", {"ADDRESS": "10.0.0.1"}),
        ("AAAA 2001:db8::1", {"ADDRESS": "2001:db8::1"}),
        ("CNAME shop.example.", {"CNAME": "shop.example."}),
        ("NS ns1.lavka.example.", {"NSDNAME": "ns1.lavka.example."}),
        ("PTR a.example.", {"PTRDNAME": "a.example."}),
        ("MX 10 mail.example.", {"PREFERENCE": 10, "EXCHANGE": "mail.example."}),
        ('TXT "v=spf1 -all"', {"TXT-DATA": "v=spf1 -all"}),
        ("SRV 1 2 5432 db.example.", {"Priority": 1, "Port": 5432, "Target": "db.example."}),
        (
            "SOA ns.example. root.example. 7 3600 600 86400 60",
            {"MNAME": "ns.example.", "RNAME": "root.example.", "SERIAL": 7, "MINIMUM": 60},
        ),
    ],
)
def test_each_type_of_record(record: str, values: dict[str, object]) -> None:
    heard = _heard(_response(f"orders.lavka.example. 300 IN {record}"))
    tree = heard.tree(heard.units[0])
    assert find(tree, "answer").value == record.split(maxsplit=1)[0]
    assert find(tree, "answer", "TTL").value == 300
    assert {name: find(tree, "answer", "RDATA", name).value for name in values} == values


def test_a_pointer_stands_where_it_is_and_says_what_it_means() -> None:
    heard = _heard(_response("orders.lavka.example. 300 IN MX 10 mail.lavka.example."))
    tree = heard.tree(heard.units[0])
    name = find(tree, "answer", "NAME")
    assert name.value == "orders.lavka.example."
    assert [one.name for one in name.children] == ["pointer"]
    assert name.children[0].value == "→ 12: orders.lavka.example."
    exchange = find(tree, "EXCHANGE")
    assert exchange.value == "mail.lavka.example."
    assert [one.name for one in exchange.children] == ["label", "pointer"]


def test_a_type_that_is_not_described() -> None:
    heard = _heard(
        _response(
            'orders.lavka.example. 300 IN CAA 0 issue "ca.example"',
            "orders.lavka.example. 300 IN A 10.0.0.1",
        )
    )
    tree = heard.tree(heard.units[0])
    (why,) = [one.why_not for one in every(tree) if one.why_not]
    assert why.en == "type CAA is not described"
    # What follows is read all the same.
    assert find(tree, "ADDRESS").value == "10.0.0.1"


@pytest.mark.parametrize("code", [dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_an_error(code: dns.rcode.Rcode) -> None:
    answer = _response("example. 300 IN SOA a. b. 1 2 3 4 5", section="authority")
    answer.set_rcode(code)
    heard = _heard(answer)
    (unit,) = heard.units
    assert unit.error == code.name
    assert unit.summary.endswith(f"→ {code.name}")
    assert find(heard.tree(unit), "authority", "MINIMUM").value == 5


def test_flags_have_names() -> None:
    query = _query()
    query.flags |= dns.flags.AD
    heard = check(DnsDecoder, [(Direction.TO_SERVER, _tcp(query))])
    assert find(heard.tree(heard.units[0]), "flags").value == "RD, AD, QUERY, NOERROR"


def test_options_of_edns() -> None:
    query = _query()
    option = dns.edns.ECSOption("10.0.0.0", 8)
    query.use_edns(0, dns.flags.DO, 1232, options=[option])
    heard = check(DnsDecoder, [(Direction.TO_SERVER, _tcp(query))])
    tree = heard.tree(heard.units[0])
    assert find(tree, "additional").value == "OPT"
    assert find(tree, "requestor's UDP payload size").value == 1232
    said = "extended RCODE 0, EDNS version 0, DO"
    assert find(tree, "extended RCODE and flags").value == said
    assert find(tree, "OPTION-CODE").value == "EDNS Client Subnet (8)"


def test_a_query_of_a_newer_type_has_its_name() -> None:
    heard = _heard(_query(kind="HTTPS"))
    assert heard.units[0].summary == "orders.lavka.example. HTTPS"
    assert find(heard.tree(heard.units[0]), "QTYPE").value == "HTTPS"


def _message(body: bytes, counts: Sequence[int] = (1, 0, 0, 0)) -> bytes:
    data = struct.pack(">HHHHHH", 1, 0x8180, *counts) + body
    return struct.pack(">H", len(data)) + data


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xc0\x0c\0\1\0\1", "would go round"),
        (b"\x01a\xc0\x0e\0\1\0\1", "would go round"),
        (b"\xc0\xff\0\1\0\1", "would go round"),
        (b"\x3fabc", "does not fit"),
        (b"\x80abc", "the limit is 63"),
        ((b"\x3f" + b"a" * 63) * 5 + b"\0\0\1\0\1", "255"),
        (b"\x01a\0\0\1", "bytes"),
        (b"\x01a", "before its time"),
    ],
)
def test_a_name_that_is_none(body: bytes, reason: str) -> None:
    heard = _heard(_message(body), _query())
    reasons = [one.why_not.en for one in every(heard.tree(heard.units[0])) if one.why_not]
    assert reason in reasons[0]
    assert heard.units[1].summary == "orders.lavka.example. A"


def test_a_message_without_a_header_does_not_lose_the_next() -> None:
    heard = _heard(b"\0\x03abc", _query())
    assert [one.role for one in heard.units] == [Role.BROKEN, Role.REQUEST]


def test_more_records_than_the_header_counts() -> None:
    data = _response("orders.lavka.example. 300 IN A 10.0.0.1").to_wire()
    fewer = data[:6] + b"\0\0" + data[8:]
    heard = _heard(struct.pack(">H", len(fewer)) + fewer)
    assert any(one.why_not for one in every(heard.tree(heard.units[0])))


def test_damaged_bytes() -> None:
    records = (
        "orders.lavka.example. 300 IN MX 10 mail.lavka.example.",
        'orders.lavka.example. 300 IN TXT "abc"',
        "orders.lavka.example. 300 IN SOA ns.example. root.example. 7 3600 600 86400 60",
    )
    talk = [(Direction.TO_SERVER, _tcp(_query())), (Direction.TO_CLIENT, _tcp(_response(*records)))]
    demand_survival(DnsDecoder, talk, rounds=500)


def test_a_full_message_of_pointers() -> None:
    """Each of 5000 names leads over the one before it; the work for each has a bound."""
    body = b"\x01a\0\0\1\0\1"
    at = 12
    for _ in range(4000):
        body += struct.pack(">H", 0xC000 | at) + b"\0\1\0\1\0\0\0\0\0\0"
        at = min(12 + len(body) - 12, 0x3FFF)
    heard = _heard(_message(body, (1, 4000, 0, 0)))
    tree = heard.tree(heard.units[0])
    assert any(one.why_not for one in every(tree))
