"""A bare SOAP server: Starlette and lxml, no schema and no WS-*.

python -m bench.bare_soap PORT DATABASE_URL
"""

import sys
from typing import Any

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.bare_row import Reader, serve, starlette

ORDERS = "urn:lavka:orders:v1"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_ITEMS = {"lines": "line"}


def make_app(reader: Reader) -> Starlette:
    async def call(request: Request) -> Response:
        envelope = etree.fromstring(await request.body())
        order_id = envelope.findtext(
            f"{{{ENVELOPE}}}Body/{{{ORDERS}}}GetOrder/{{{ORDERS}}}order_id"
        )
        if order_id is None:
            return Response(status_code=500)
        order = await reader.order(order_id)
        answer = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE, "o": ORDERS})
        body = etree.SubElement(answer, f"{{{ENVELOPE}}}Body")
        add(etree.SubElement(body, f"{{{ORDERS}}}GetOrderResponse"), "order", order)
        text = etree.tostring(answer, xml_declaration=True, encoding="utf-8")
        return Response(text, media_type="text/xml; charset=utf-8")

    return starlette(reader, Route("/soap/orders", call, methods=["POST"]))


def add(parent: Any, name: str, value: Any) -> None:
    element = etree.SubElement(parent, f"{{{ORDERS}}}{name}")
    if isinstance(value, dict):
        for member, inner in value.items():
            add(element, member, inner)
    elif isinstance(value, list):
        for item in value:
            add(element, _ITEMS[name], item)
    else:
        element.text = str(value)


if __name__ == "__main__":
    port, url = sys.argv[1:]
    serve(make_app(Reader(url)), int(port))
