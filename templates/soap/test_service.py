"""The service in a process of its own, called with zeep, which knows only the WSDL, and raw XML."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from lxml import etree
from zeep import Client, Transport
from zeep.exceptions import Fault

HERE = Path(__file__).parent
BANK = "{urn:example:payments:v1}"
SCHEMA = etree.XMLSchema(etree.parse(HERE / "payments.xsd"))
CARD = "4000000000000001"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{header}'
    '<s:Body xmlns="urn:example:payments:v1">{body}</s:Body></s:Envelope>'
)
ASK = "<GetPayment><paymentId>p</paymentId></GetPayment>"
MUST = '<s:Header><t:Pay xmlns:t="urn:t" s:mustUnderstand="1"/></s:Header>'


@contextmanager
def started(folder: Path) -> Iterator[str]:
    environment = {**os.environ, "PORT": "0", "DATABASE": str(folder / "payments.db")}
    command = [sys.executable, str(HERE / "service.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            # uvicorn ends in order and then tells its parent which signal it was.
            assert process.wait(timeout=20) in {0, -signal.SIGTERM}


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as http:
        http.trust_env = False
        yield http


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with started(tmp_path_factory.mktemp("soap")) as url:
        yield url


@pytest.fixture(scope="module")
def bank(url: str, http: requests.Session) -> Client:
    transport = Transport(session=http, timeout=30, operation_timeout=30)
    return Client(f"{url}?wsdl", transport=transport)


def fault_of(http: requests.Session, url: str, body: str) -> str:
    answer = http.post(url, data=body.encode(), headers={"Content-Type": "text/xml"}, timeout=30)
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    return str(etree.fromstring(answer.content).findtext(".//faultcode"))


def refusal_of(caught: Fault) -> str:
    refusal = caught.detail[0]
    SCHEMA.assertValid(refusal)
    return str(refusal.findtext(f"{BANK}code"))


def test_the_wsdl_names_the_address_that_was_used(url: str, bank: Client) -> None:
    (service,) = bank.wsdl.services.values()
    assert service.ports["PaymentsSoap"].binding_options["address"] == url


def test_a_payment_is_authorised_and_read(bank: Client) -> None:
    made = bank.service.Authorise(paymentId="p-1", card=CARD, amount=Decimal("12.5"))
    assert (made.paymentId, made.amount) == ("p-1", Decimal("12.50"))
    assert bank.service.GetPayment(paymentId="p-1").amount == Decimal("12.50")


def test_a_repeat_answers_the_same(bank: Client) -> None:
    first, again = (
        bank.service.Authorise(paymentId="p-2", card=CARD, amount=Decimal(5)) for _ in range(2)
    )
    assert first == again


def test_an_id_is_for_one_payment_only(bank: Client) -> None:
    bank.service.Authorise(paymentId="p-3", card=CARD, amount=Decimal(5))
    with pytest.raises(Fault) as caught:
        bank.service.Authorise(paymentId="p-3", card=CARD, amount=Decimal(6))
    assert (caught.value.code, refusal_of(caught.value)) == ("soap:Client", "PaymentIdReused")


def test_a_declined_card_leaves_no_payment(bank: Client) -> None:
    with pytest.raises(Fault) as caught:
        bank.service.Authorise(paymentId="p-4", card="4000000000000002", amount=Decimal(5))
    assert (caught.value.code, refusal_of(caught.value)) == ("soap:Server", "CardDeclined")
    with pytest.raises(Fault) as caught:
        bank.service.GetPayment(paymentId="p-4")
    assert refusal_of(caught.value) == "PaymentNotFound"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("no xml", "soap:Client"),
        ('<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>', "soap:VersionMismatch"),
        (ENVELOPE.format(header="", body=""), "soap:Client"),
        (ENVELOPE.format(header="", body=ASK + ASK), "soap:Client"),
        (ENVELOPE.format(header="", body="<GetPayment/>"), "soap:Client"),
        (ENVELOPE.format(header=MUST, body=ASK), "soap:MustUnderstand"),
        (
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            + ENVELOPE.format(header="", body=ASK.replace("p<", "&e;<")),
            "soap:Client",
        ),
    ],
)
def test_what_the_contract_forbids_is_refused(
    http: requests.Session, url: str, body: str, code: str
) -> None:
    assert fault_of(http, url, body) == code


def test_a_body_without_end_is_refused(http: requests.Session, url: str) -> None:
    assert http.post(url, data=b" " * 1_000_001, timeout=30).status_code == 413


def test_every_operation_of_the_contract_is_served(http: requests.Session, url: str) -> None:
    wsdl = etree.parse(HERE / "payments.wsdl")
    examples = {
        "Authorise": f"<Authorise><paymentId>all</paymentId><card>{CARD}</card>"
        "<amount>1</amount></Authorise>",
        "GetPayment": "<GetPayment><paymentId>all</paymentId></GetPayment>",
    }
    for operation in wsdl.iterfind("{*}portType/{*}operation"):
        name = str(operation.get("name"))
        body = ENVELOPE.format(header="", body=examples[name])
        answer = http.post(url, data=body.encode(), timeout=30)
        assert answer.status_code == 200, name
        message = etree.fromstring(answer.content)[0][0]
        SCHEMA.assertValid(message)
        assert message.tag == f"{BANK}{name}Response"


def test_payments_outlive_the_process(tmp_path: Path, http: requests.Session) -> None:
    for _ in range(2):
        with started(tmp_path) as url:
            bank = Client(f"{url}?wsdl", transport=Transport(session=http, operation_timeout=30))
            bank.service.Authorise(paymentId="kept", card=CARD, amount=Decimal(5))
