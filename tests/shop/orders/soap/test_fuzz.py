"""Broken messages by the hundred: each is answered with SOAP, and none with a bug of ours."""

import random

import httpx
from lxml import etree

from stend.chassis.access import OpenAccess
from stend.chassis.intake import Intake
from stend.chassis.soap.envelope import SoapVersion
from stend.shop.orders.api.soap.server import PATH, create_app
from stend.shop.orders.api.soap.translate import NAMESPACE as NS
from tests.fakes.orders import HandClock, memory_shop

ROUNDS = 400
ORDER = (
    "<customer_id>cus_1</customer_id><lines><line><sku>MILK-001</sku><quantity>1</quantity>"
    "</line></lines><address><city>М</city><street>Л</street><house>7</house></address>"
    "<slot><starts_at>2026-11-24T10:00:00Z</starts_at><ends_at>2026-11-24T11:00:00Z</ends_at>"
    "</slot><idempotency_key>12345678</idempotency_key>"
)
SEEDS = tuple(
    (version, operation, inside)
    for version in SoapVersion
    for operation, inside in (
        ("GetOrder", "<order_id>ord_00000000000000000000000000</order_id>"),
        ("ListOrders", "<status>placed</status><limit>2</limit>"),
        ("PlaceOrder", ORDER),
    )
)
# What parsers stumble over.
SPLINTERS = (
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?x?>",
    b"&#0;",
    b"&#xFFFF;",
    b"&x;",
    b"&lt;",
    b"<",
    b">",
    b'"',
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b' xmlns="urn:x"',
    b' xmlns:s="urn:x"',
    b' s:mustUnderstand="1"',
    b' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"',
    b"9" * 40,
    b"-",
    b"24:00:00",
    b" \t\r\n",
    "é\u0301😀".encode(),
)


def broken(chance: random.Random, raw: bytes) -> bytes:
    for _ in range(chance.randint(1, 3)):
        begin = chance.randrange(len(raw) + 1)
        end = min(len(raw), begin + chance.choice((0, 1, 2, 9, 40)))
        middle = chance.choice((b"", chance.choice(SPLINTERS), raw[begin:end] * 2))
        raw = raw[:begin] + middle + raw[end:]
    return raw


async def test_a_broken_message_is_answered_and_never_a_bug() -> None:
    intake = Intake("orders", "soap", OpenAccess(), deadline_s=5)
    app = create_app(memory_shop().orders.on_behalf_of, 65_536, intake, HandClock())
    chance = random.Random(20261127)
    statuses = set()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for _ in range(ROUNDS):
            version, operation, inside = chance.choice(SEEDS)
            raw = (
                f'<s:Envelope xmlns:s="{version.namespace}"><s:Header/><s:Body>'
                f'<{operation} xmlns="{NS}">{inside}</{operation}></s:Body></s:Envelope>'
            ).encode()
            response = await client.post(
                PATH,
                content=broken(chance, raw),
                headers={"Content-Type": version.media_type, "SOAPAction": f"{NS}:{operation}"},
            )
            root = etree.fromstring(response.content)
            assert root.tag == version.name_of("Envelope")
            assert root.findtext(f".//{{{NS}}}code") != "internal", response.request.content
            statuses.add(response.status_code)
    assert statuses == {200, 400, 500}
