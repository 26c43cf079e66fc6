"""The bank over SOAP 1.1 and 1.2, called by stock zeep."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import xmlschema
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from stend.chassis.soap.contract import Contract
from stend.chassis.soap.envelope import SoapVersion
from stend.shop.payments.api.soap.server import PACKAGE
from stend.shop.payments.domain import PaymentErrorCode
from tests.fakes.orders import MORNING
from tests.shop.payments.bank import (
    NS,
    bank,
    bank_of,
    envelope,
    error_code,
    fresh_ref,
    headers_for,
    http,
    post,
    request,
    told,
)

CUSTOMER = "cus_1"
every_version = pytest.mark.parametrize("version", SoapVersion, ids=lambda one: one.value[0])


@pytest.fixture(params=SoapVersion, ids=lambda one: one.value[0])
def service(request: pytest.FixtureRequest, bank_url: str) -> Any:
    return bank(bank_url, request.param)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(zeep.exceptions.Fault) as caught:
        call()
    return error_code(caught.value)


def balances(service: Any) -> dict[str, int]:
    return {one["account"]: one["amount_minor"] for one in service.GetBalances()}


def moved(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


# ---- the life of a payment ---------------------------------------------------------------------


def test_a_payment_is_held_taken_and_given_back(service: Any) -> None:
    ref, start = fresh_ref(), balances(service)
    held = service.Authorise(ref, CUSTOMER, 5000, "RUB")
    assert held["status"] == "authorised"
    assert moved(start, balances(service)) == {"cards": -5000, "holds": 5000}
    taken = service.Capture(ref)
    assert (taken["status"], taken["authorisation_id"]) == ("captured", held["authorisation_id"])
    assert moved(start, balances(service)) == {"cards": -5000, "merchant": 5000}
    back = service.Refund(ref, 1200)
    assert (back["status"], back["refunded_minor"]) == ("refunded", 1200)
    assert moved(start, balances(service)) == {"cards": -3800, "merchant": 3800}
    assert service.GetPayment(ref) == back
    assert back["opened_at"] == back["updated_at"] == MORNING


def test_a_hold_is_let_go(service: Any) -> None:
    ref, start = fresh_ref(), balances(service)
    service.Authorise(ref, CUSTOMER, 5000, "RUB")
    assert service.Void(ref)["status"] == "voided"
    assert moved(start, balances(service)) == {}


def test_every_command_may_be_repeated(service: Any) -> None:
    ref, start = fresh_ref(), balances(service)
    for name, more in (("Authorise", (CUSTOMER, 5000, "RUB")), ("Capture", ()), ("Refund", ())):
        assert service[name](ref, *more) == service[name](ref, *more)
    assert moved(start, balances(service)) == {}


def test_a_void_that_came_first_keeps_a_late_authorise_out(service: Any) -> None:
    ref, start = fresh_ref(), balances(service)
    tombstone = service.Void(ref)
    assert (tombstone["status"], tombstone["customer_id"], tombstone["amount_minor"]) == (
        "voided",
        None,
        0,
    )
    assert service.Void(ref) == tombstone
    code = refused(lambda: service.Authorise(ref, CUSTOMER, 5000, "RUB"))
    assert code == PaymentErrorCode.PAYMENT_STATE_FORBIDDEN
    assert moved(start, balances(service)) == {}


# ---- refusals ----------------------------------------------------------------------------------


def test_a_decline_is_a_fault_and_is_remembered(service: Any) -> None:
    for customer, minor in (("cus_9Declined", 1), (CUSTOMER, 10_000_001)):
        ref = fresh_ref()
        for _ in range(2):
            code = refused(lambda: service.Authorise(ref, customer, minor, "RUB"))  # noqa: B023
            assert code == PaymentErrorCode.PAYMENT_DECLINED
        assert service.GetPayment(ref)["status"] == "declined"
        assert service.Void(ref)["status"] == "declined"


def test_every_error_of_the_domain_can_be_brought_about(service: Any) -> None:
    ref = fresh_ref()
    service.Authorise(ref, CUSTOMER, 5000, "RUB")
    got = {
        refused(lambda: service.Authorise(ref, CUSTOMER, 5001, "RUB")),
        refused(lambda: service.Authorise(fresh_ref(), "cus_Declined", 1, "RUB")),
        refused(lambda: service.Refund(ref)),
        refused(lambda: service.Capture(fresh_ref())),
        refused(lambda: service.GetPayment(fresh_ref())),
    }
    service.Capture(ref)
    got.add(refused(lambda: service.Refund(ref, 5001)))
    assert got == set(PaymentErrorCode)


@pytest.mark.parametrize(
    ("members", "where"),
    [
        (("?", CUSTOMER, 1, "RUB"), "/payment_ref"),
        (("r", "", 1, "RUB"), "/customer_id"),
        (("r", CUSTOMER, 0, "RUB"), "/amount_minor"),
        (("r", CUSTOMER, -5, "RUB"), "/amount_minor"),
        (("r", CUSTOMER, 10**12 + 1, "RUB"), "/amount_minor"),
        (("r", CUSTOMER, 1, "USD"), "/currency"),
    ],
)
def test_the_schema_refuses_and_names_the_place(
    bank_url: str, members: tuple[str, str, int, str], where: str
) -> None:
    with pytest.raises(zeep.exceptions.Fault) as caught:
        bank(bank_url, SoapVersion.SOAP_11).Authorise(*members)
    assert error_code(caught.value) == "invalid-argument"
    assert caught.value.detail.findtext(f".//{{{NS}}}where") == where


@every_version
def test_a_user_without_the_right_is_refused(bank_url: str, version: SoapVersion) -> None:
    auditor = bank_of(bank_url, version, UsernameToken("auditor", "пароль"))
    assert auditor.GetBalances()
    assert refused(lambda: auditor.Void(fresh_ref())) == "forbidden"


@pytest.mark.parametrize(
    "wsse",
    [
        UsernameToken("orders", "wrong"),
        UsernameToken("nobody", "orders"),
        UsernameToken("orders", "wrong", use_digest=True, created=MORNING, zulu_timestamp=True),
    ],
)
def test_the_wrong_password_is_refused_in_the_words_of_ws_security(
    bank_url: str, wsse: UsernameToken
) -> None:
    with pytest.raises(zeep.exceptions.Fault) as caught:
        bank_of(bank_url, SoapVersion.SOAP_11, wsse).GetBalances()
    assert caught.value.code == "wsse:FailedAuthentication"
    assert caught.value.detail is None
    with pytest.raises(zeep.exceptions.Fault) as caught:
        bank_of(bank_url, SoapVersion.SOAP_12, wsse).GetBalances()
    assert caught.value.subcodes[0].localname == "FailedAuthentication"


def test_a_recorded_message_is_refused(bank_url: str) -> None:
    client = zeep.Client(f"{bank_url}?wsdl", port_name="BankSoap11")
    message = client.create_message(client.service, "GetBalances")
    token = UsernameToken("orders", "orders", use_digest=True, created=MORNING, zulu_timestamp=True)
    signed, _ = token.apply(message, {})
    raw = etree.tostring(signed)
    assert post(bank_url, raw, headers_for("GetBalances")).status_code == 200
    again = told(post(bank_url, raw, headers_for("GetBalances")))
    assert again == (500, "wsse:FailedAuthentication", "unauthenticated")


# ---- the statement -----------------------------------------------------------------------------


def test_the_statement_has_every_payment_once(service: Any) -> None:
    refs = sorted(f"zz_{fresh_ref()}" for _ in range(5))
    for ref in refs:
        service.Authorise(ref, CUSTOMER, 100, "RUB")
    listed: list[str] = []
    after = "zz_"
    while True:
        page = service.ListPayments(after=after, limit=2)
        items = page["payments"]["payment"]
        assert 0 < len(items) <= 2
        listed += [one["payment_ref"] for one in items]
        after = page["next_after"]
        if after is None:
            break
        assert after == listed[-1]
    assert listed == sorted(set(listed))
    first = service.ListPayments(limit=1)
    assert first["next_after"] == first["payments"]["payment"][0]["payment_ref"] < "zz_"
    assert set(refs) <= set(listed)


# ---- at the same time --------------------------------------------------------------------------


def test_one_reference_at_once_is_one_authorisation(bank_url: str) -> None:
    ref = fresh_ref()
    raw = envelope(
        request(
            "Authorise", payment_ref=ref, customer_id=CUSTOMER, amount_minor=700, currency="RUB"
        )
    )
    before = balances(bank(bank_url, SoapVersion.SOAP_11))
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: post(bank_url, raw, headers_for("Authorise")), range(24)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    after = balances(bank(bank_url, SoapVersion.SOAP_11))
    assert moved(before, after) == {"cards": -700, "holds": 700}


def test_of_capture_and_void_at_once_one_wins(bank_url: str) -> None:
    service = bank(bank_url, SoapVersion.SOAP_11)
    before = balances(service)
    for _ in range(4):
        ref = fresh_ref()
        service.Authorise(ref, CUSTOMER, 700, "RUB")

        def act(operation: str) -> httpx.Response:
            raw = envelope(request(operation, payment_ref=ref))  # noqa: B023
            return post(bank_url, raw, headers_for(operation))

        with ThreadPoolExecutor(2) as pool:
            codes = [answer.status_code for answer in pool.map(act, ("Capture", "Void"))]
        assert sorted(codes) == [200, 500]
    after = balances(service)
    assert after["holds"] == before["holds"]
    assert sum(after.values()) == 0


# ---- the contract ------------------------------------------------------------------------------


def test_both_bindings_have_every_operation_with_one_action() -> None:
    contract = Contract(PACKAGE, "bank.wsdl", "bank.xsd")
    assert {one.name: one.action for one in contract.operations.values()} == {
        name: f"{NS}:{name}"
        for name in (
            "Authorise",
            "Capture",
            "Void",
            "Refund",
            "GetPayment",
            "ListPayments",
            "GetBalances",
        )
    }


@every_version
def test_every_answer_and_every_fault_is_valid_for_a_second_validator(
    bank_url: str, version: SoapVersion
) -> None:
    xsd = http().get(f"{bank_url}?xsd=bank.xsd").text
    schema = xmlschema.XMLSchema(xsd)
    ref = fresh_ref()
    members = {"payment_ref": ref}
    sent = (
        request("Authorise", **members, customer_id=CUSTOMER, amount_minor=5, currency="RUB"),
        request("Capture", **members),
        request("Void", **members),
        request("Refund", **members),
        request("Refund", payment_ref="?"),
        request("GetPayment", **members),
        request("Void", payment_ref=fresh_ref()),
        request("Capture", payment_ref=fresh_ref()),
        request("ListPayments", limit=3),
        request("GetBalances"),
    )
    for message in sent:
        operation = message[1:].partition(" ")[0]
        raw = envelope(message, version=version)
        root = etree.fromstring(post(bank_url, raw, headers_for(operation, version)).content)
        answers = list(root.iter("{*}error", "{*}" + operation + "Response"))
        assert len(answers) == 1, etree.tostring(root)
        schema.validate(answers[0])
