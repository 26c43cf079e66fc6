"""Payments over SOAP 1.1, as payments.wsdl says it. `python service.py` serves until SIGTERM."""

import logging
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from enum import Enum
from pathlib import Path

import uvicorn
from lxml import etree
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).parent
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BANK = "urn:example:payments:v1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY,
    card_end TEXT NOT NULL,
    amount TEXT NOT NULL
)
"""
# A stand-in for the bank's answer, so that a refusal can be tried.
DECLINED_CARD = "4000000000000002"
MAX_BODY_BYTES = 1_000_000
DATABASE_TIMEOUT_S = 5
STOP_TIMEOUT_S = 10
log = logging.getLogger(__name__)


class Fault(Enum):
    """Every error that this service answers with: the faultcode of section 4.4.1, what it says.

    Client: repeat it changed. Server: what is wrong is not in the message.
    """

    VERSION_MISMATCH = ("VersionMismatch", "Expected an envelope of SOAP 1.1")
    MUST_UNDERSTAND = ("MustUnderstand", "A header that must be understood is not known")
    INVALID = ("Client", "The message is not as the contract says")
    INTERNAL = ("Server", "The service has failed; repeat with the same paymentId")
    CARD_DECLINED = ("Server", "CardDeclined")
    PAYMENT_ID_REUSED = ("Client", "PaymentIdReused")
    PAYMENT_NOT_FOUND = ("Client", "PaymentNotFound")


# Only what the body was understood for may have a detail, and the schema knows these codes.
REFUSALS = {Fault.CARD_DECLINED, Fault.PAYMENT_ID_REUSED, Fault.PAYMENT_NOT_FOUND}


class FaultError(Exception):
    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault
        self.reason = reason


class Payments:
    """The payments in SQLite. A connection per call, as calls come from many threads."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._transaction() as db:
            db.execute(SCHEMA)

    def authorise(self, payment_id: str, card: str, amount: Decimal) -> Decimal:
        # The whole number of a card is not for keeping.
        wanted = (card[-4:], f"{amount:.2f}")
        # IMMEDIATE: of two calls with one id the second waits here and finds the first's row.
        with self._transaction("IMMEDIATE") as db:
            known = db.execute(
                "SELECT card_end, amount FROM payments WHERE id = ?", (payment_id,)
            ).fetchone()
            if known is not None and known != wanted:
                raise FaultError(Fault.PAYMENT_ID_REUSED, f"{payment_id} is another payment")
            if known is None:
                if card == DECLINED_CARD:
                    raise FaultError(Fault.CARD_DECLINED, f"card ending in {card[-4:]}")
                db.execute("INSERT INTO payments VALUES (?, ?, ?)", (payment_id, *wanted))
        return amount

    def get(self, payment_id: str) -> Decimal:
        with self._transaction() as db:
            row = db.execute("SELECT amount FROM payments WHERE id = ?", (payment_id,)).fetchone()
        if row is None:
            raise FaultError(Fault.PAYMENT_NOT_FOUND, f"no payment {payment_id}")
        return Decimal(row[0])

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        # None: sqlite3 begins no transaction by itself.
        connection = sqlite3.connect(self._path, timeout=DATABASE_TIMEOUT_S, isolation_level=None)
        with closing(connection), connection:
            connection.execute(f"BEGIN {kind}")
            yield connection


class Server:
    """SOAP by itself: an envelope in, an envelope out, nothing of HTTP."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments
        self._schema = etree.XMLSchema(etree.parse(HERE / "payments.xsd"))

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """The status of HTTP and the envelope."""
        try:
            return 200, _envelope(self._call(self._message_in(body)))
        except FaultError as error:
            return 500, _envelope(_fault(error))
        except Exception:
            log.exception("a call has failed")
            return 500, _envelope(_fault(FaultError(Fault.INTERNAL, "see the log")))

    def _message_in(self, body: bytes) -> etree._Element:
        envelope = _parse(body)
        if envelope.tag != f"{{{SOAP}}}Envelope":
            raise FaultError(Fault.VERSION_MISMATCH, f"the root is {envelope.tag}")
        for header in envelope.iterfind(f"{{{SOAP}}}Header/*[@{{{SOAP}}}mustUnderstand='1']"):
            raise FaultError(Fault.MUST_UNDERSTAND, str(header.tag))
        messages = envelope.findall(f"{{{SOAP}}}Body/*")
        if len(messages) != 1:
            raise FaultError(Fault.INVALID, f"one element in the Body, not {len(messages)}")
        try:
            self._schema.assertValid(messages[0])
        except etree.DocumentInvalid as error:
            raise FaultError(Fault.INVALID, str(error)) from error
        return messages[0]

    def _call(self, message: etree._Element) -> etree._Element:
        fields = {etree.QName(field).localname: field.text or "" for field in message}
        name = etree.QName(message).localname
        payment_id = fields.get("paymentId", "")
        if name == "Authorise":
            amount = Decimal(fields["amount"].strip())
            amount = self._payments.authorise(payment_id, fields["card"], amount)
        elif name == "GetPayment":
            amount = self._payments.get(payment_id)
        else:
            raise FaultError(Fault.INVALID, f"{name} is no request")
        return _element(f"{name}Response", paymentId=payment_id, amount=f"{amount:.2f}")


def _parse(body: bytes) -> etree._Element:
    # No entities, no network, no DTD: section 3 forbids them, and attackers like them.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise FaultError(Fault.INVALID, str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise FaultError(Fault.INVALID, "a document type declaration is not allowed")
    return root


def _element(name: str, **fields: str) -> etree._Element:
    made = etree.Element(f"{{{BANK}}}{name}", nsmap={"pay": BANK})
    for field, text in fields.items():
        etree.SubElement(made, f"{{{BANK}}}{field}").text = text
    return made


def _fault(error: FaultError) -> etree._Element:
    code, words = error.fault.value
    # Its children have no namespace: section 4.4.
    made = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(made, "faultcode").text = f"soap:{code}"
    etree.SubElement(made, "faultstring").text = f"{words}: {error.reason}"
    if error.fault in REFUSALS:
        detail = etree.SubElement(made, "detail")
        detail.append(_element("Refusal", code=words, reason=error.reason))
    return made


def _envelope(message: etree._Element) -> bytes:
    made = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(made, f"{{{SOAP}}}Body").append(message)
    return etree.tostring(made, xml_declaration=True, encoding="utf-8")


def make_app(server: Server) -> Starlette:
    async def call(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY_BYTES:
                return Response(f"at most {MAX_BODY_BYTES} bytes", 413)
        status, envelope = await run_in_threadpool(server.answer, bytes(body))
        return Response(envelope, status, media_type="text/xml; charset=utf-8")

    def contract(request: Request) -> Response:
        # GET /payments?wsdl, and payments.xsd beside it, where the WSDL looks for it.
        name = "payments.xsd" if request.url.path.endswith(".xsd") else "payments.wsdl"
        text = (HERE / name).read_text(encoding="utf-8")
        here = str(request.url.replace(query=""))
        text = text.replace("http://127.0.0.1:8092/payments", here)
        return Response(text, media_type="text/xml; charset=utf-8")

    return Starlette(
        routes=[
            Route("/payments", call, methods=["POST"]),
            Route("/payments", contract),
            Route("/payments.xsd", contract),
        ]
    )


def main() -> None:
    app = make_app(Server(Payments(os.environ.get("DATABASE", "payments.db"))))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8092"))
    listening = socket.create_server((host, port))
    print(f"listening on http://{host}:{listening.getsockname()[1]}/payments", flush=True)
    # On SIGTERM uvicorn takes no more requests and lets those that run come to their end.
    config = uvicorn.Config(app, timeout_graceful_shutdown=STOP_TIMEOUT_S)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
