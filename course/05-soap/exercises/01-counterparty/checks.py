"""Reads the WSDL that the learner wrote, judges documents by its schema, and calls it by zeep."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import requests as http
import zeep
from lxml import etree
from zeep.transports import Transport

from stend.course.case import Case
from stend.course.formats import wsdl
from stend.course.formats.checks import check_compatible, check_strength, check_valid, opened
from stend.course.formats.wsdl import SoapOperation, Wsdl
from stend.course.formats.xsd import XS

from .documents import (
    EXT,
    NS,
    Rows,
    Sides,
    asked,
    digits,
    document,
    foreign,
    found,
    inn,
    many,
    many_results,
    requests,
    responses,
)

_V1, _V2 = "counterparty.wsdl", "v2.wsdl"
_OPERATIONS = ("CheckCounterparty", "CheckMany")
_VERSIONS = {
    "1.1": ("http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/soap/envelope/"),
    "1.2": ("http://schemas.xmlsoap.org/wsdl/soap12/", "http://www.w3.org/2003/05/soap-envelope"),
}
_BINARY = ("double", "float")


# ---- version 1 ---------------------------------------------------------------------------------


def valid(case: Case) -> None:
    check_valid(case, _v1(case))


def operations(case: Case) -> None:
    for name in _OPERATIONS:
        for soap in _VERSIONS:
            _check_wrapped(case, _operation(case, _v1(case), name, soap))
    _check_literal(case, _v1(case))


def namespaces(case: Case) -> None:
    for schema in _v1(case).types.schemas:
        if schema.get("elementFormDefault") != "qualified":
            case.fail(
                'У схемы нет elementFormDefault="qualified": вложенные элементы окажутся вне '
                "пространства имён, и половина клиентов пошлёт их не так.",
                'The schema has no elementFormDefault="qualified": its inner elements are in no '
                "namespace, and half of the clients will send them otherwise.",
                expected='elementFormDefault="qualified"',
                got=schema.get("elementFormDefault"),
                where=f"{_V1}:{schema.sourceline}",
            )


def decimal_types(case: Case) -> None:
    for schema in _v1(case).types.schemas:
        for one in schema.iter(f"{{{XS}}}*"):
            for told in (one.get("type"), one.get("base")):
                prefix, _, local = (told or "").rpartition(":")
                if local in _BINARY and one.nsmap.get(prefix or None) == XS:
                    case.fail(
                        f"Тип {told}: двоичная дробь не умеет 0,10, а ещё принимает NaN и 5E-1. "
                        "Нужен xs:decimal.",
                        f"The type {told}: a binary fraction has no 0.10, and takes NaN and 5E-1, "
                        "too. You need xs:decimal.",
                        expected="xs:decimal",
                        got=told,
                        where=f"{_V1}:{one.sourceline}",
                    )


def faults(case: Case) -> None:
    for soap in _VERSIONS:
        _check_fault(case, _v1(case), _operation(case, _v1(case), "CheckCounterparty", soap))
    row: Rows = [("inn", inn(case))]
    name = "UnknownCounterparty"
    bad = [document(case, name, []), document(case, name, [("inn", digits(case, 9))])]
    _judge_element(case, _v1(case), name, Sides([document(case, name, row)], bad))


def request_schema(case: Case) -> None:
    sides = requests(case)
    check_strength(case, _v1(case), "CheckCounterparty request", sides.good, sides.bad)
    good, bad = [many(case, 1), many(case, 100)], [many(case, 0), many(case, 101)]
    check_strength(case, _v1(case), "CheckMany request", good, bad)


def response_schema(case: Case) -> None:
    for name, sides in (("CheckCounterparty", responses(case)), ("CheckMany", many_results(case))):
        check_strength(case, _v1(case), f"{name} response", sides.good, sides.bad)


def stock_client(case: Case) -> None:
    for soap, (_, envelope) in _VERSIONS.items():
        operation = _operation(case, _v1(case), "CheckCounterparty", soap)
        rows, told = dict(asked(case)), found(case)
        fake = _Bank(envelope, document(case, "CheckCounterpartyResponse", told))
        try:
            client = zeep.Client(BytesIO(etree.tostring(_v1(case).root)), transport=fake)
            service = client.create_service(f"{{{NS}}}{operation.binding}", operation.address)
            as_of = date.fromisoformat(str(rows["asOf"]))
            answer = service.CheckCounterparty(inn=rows["inn"], kpp=rows["kpp"], asOf=as_of)
        except (zeep.exceptions.Error, TypeError, ValueError, AttributeError) as error:
            case.fail(
                f"zeep не смог вызвать CheckCounterparty по SOAP {soap}: {error}",
                f"zeep could not call CheckCounterparty over SOAP {soap}: {error}",
                expected="CheckCounterparty(inn=…, kpp=…, asOf=…)",
                got=repr(error),
                where=operation.where,
            )
        _check_read(case, soap, fake, rows, told, answer)


# ---- version 2 ---------------------------------------------------------------------------------


def valid_v2(case: Case) -> None:
    check_valid(case, _v2(case))


def compatible(case: Case) -> None:
    v1, v2 = _v1(case), _v2(case)
    sides, least = responses(case), found(case)
    name = "CheckCounterpartyResponse"
    ogrn = ("ogrn", digits(case, 13))
    # What v2 may send: the new member in a namespace of its own, or at any place in the old one.
    sent = [*sides.good, document(case, name, least, foreign(case, *ogrn, EXT))]
    places = range(1, len(least) + 1)
    sent += [document(case, name, [*least[:at], ogrn, *least[at:]]) for at in places]
    taken = {"CheckCounterparty": requests(case).good, "CheckMany": [many(case, 1), many(case, 9)]}
    given = {"CheckCounterparty": sent, "CheckMany": many_results(case).good}
    check_compatible(case, wsdl.breaking(v1, v2, requests=taken, responses=given))
    for before in v1.operations():
        after = _operation(case, v2, before.name, before.soap)
        if (before.action, before.faults) != (after.action, after.faults):
            case.fail(
                f"{before.name}: действие или отказы в v2 другие, а прежние клиенты построены по "
                "старым.",
                f"{before.name}: its action or faults are others in v2, and the clients of before "
                "were built from the old ones.",
                expected=[before.action, *before.faults],
                got=[after.action, *after.faults],
                where=after.where,
            )


def granted(case: Case) -> None:
    v2 = _v2(case)
    _judge(case, v2, 1, "CheckCounterparty request", _with_reason(case))
    name, told = "CheckCounterpartyResponse", found(case)
    ogrn = {
        length: document(case, name, told, foreign(case, "ogrn", digits(case, length), EXT))
        for length in (13, 14, 15)
    }
    _judge(case, v2, 2, "CheckCounterparty response", Sides([ogrn[13], ogrn[15]], [ogrn[14]]))
    _judge(case, v2, 3, "CheckMany request", Sides([many(case, 500)], [many(case, 501)]))
    for soap in _VERSIONS:
        operation = _operation(case, v2, "Watch", soap)
        _check_wrapped(case, operation)
        _check_fault(case, v2, operation)
    wrong: Sequence[Rows] = ([], [("inn", digits(case, 9))])
    good = [document(case, "Watch", [("inn", inn(case))])]
    sides = Sides(good, [document(case, "Watch", one) for one in wrong])
    _judge(case, v2, 4, "Watch request", sides)
    name, row = "WatchResponse", ("watchId", case.word())
    good = [document(case, name, [row]), document(case, name, [row], foreign(case, "till", "x"))]
    _judge(case, v2, 4, "Watch response", Sides(good, [document(case, name, [])]))


# ---- the contract ------------------------------------------------------------------------------


def _v1(case: Case) -> Wsdl:
    return opened(case, _V1, wsdl.read)


def _v2(case: Case) -> Wsdl:
    return opened(case, _V2, wsdl.read)


def _operation(case: Case, contract: Wsdl, name: str, soap: str) -> SoapOperation:
    there = [one for one in contract.operations() if one.address]
    wanted = next((one for one in there if (one.name, one.soap) == (name, soap)), None)
    if wanted is None:
        case.fail(
            f"В {contract.file} нет операции {name} по SOAP {soap} с адресом.",
            f"{contract.file} has no operation {name} over SOAP {soap} with an address.",
            expected=f"{name}, SOAP {soap}",
            got=[f"{one.name}, SOAP {one.soap or '?'}, {one.address}" for one in there],
            where=f"{contract.file}:1",
        )
    return wanted


def _check_wrapped(case: Case, operation: SoapOperation) -> None:
    name = operation.name
    wanted = (f"{{{NS}}}{name}", f"{{{NS}}}{name}Response", "document")
    if (operation.request, operation.response, operation.style) != wanted:
        case.fail(
            f"{name} по SOAP {operation.soap} — не document/literal wrapped: элемент запроса "
            f"называется {name}, ответа — {name}Response, оба из {NS}.",
            f"{name} over SOAP {operation.soap} is not document/literal wrapped: the element of "
            f"the request is {name}, of the response {name}Response, both of {NS}.",
            expected=wanted,
            got=(operation.request, operation.response, operation.style),
            where=operation.where,
        )
    if not operation.action.strip():
        case.fail(
            f"У {name} по SOAP {operation.soap} нет soapAction.",
            f"{name} over SOAP {operation.soap} has no soapAction.",
            expected=f"{NS}:{name}",
            where=operation.where,
        )


def _check_literal(case: Case, contract: Wsdl) -> None:
    for namespace, _ in _VERSIONS.values():
        for word in ("body", "fault"):
            for one in contract.root.iter(f"{{{namespace}}}{word}"):
                if one.get("use") != "literal":
                    case.fail(
                        'Кодирование не literal: use="encoded" запретил WS-I Basic Profile.',
                        'The use is not literal: the WS-I Basic Profile forbids use="encoded".',
                        expected='use="literal"',
                        got=one.get("use"),
                        where=f"{contract.file}:{one.sourceline}",
                    )


def _check_fault(case: Case, contract: Wsdl, operation: SoapOperation) -> None:
    declared = any(one.name == f"{{{NS}}}UnknownCounterparty" for one in contract.types.messages())
    if not operation.faults or not declared:
        case.fail(
            f"{operation.name} по SOAP {operation.soap} не объявляет отказа UnknownCounterparty: "
            "клиент получит «что-то пошло не так».",
            f"{operation.name} over SOAP {operation.soap} does not declare the fault "
            'UnknownCounterparty: a client gets "something went wrong".',
            expected="wsdl:fault, xs:element UnknownCounterparty",
            got=list(operation.faults),
            where=operation.where,
        )


def _judge_element(case: Case, contract: Wsdl, name: str, sides: Sides) -> None:
    for text, is_good in (
        *((one, True) for one in sides.good),
        *((one, False) for one in sides.bad),
    ):
        verdict = contract.types.judge(f"{{{NS}}}{name}", text)
        if verdict.accepted is not is_good:
            ru, en = ("не принимает", "refuses") if is_good else ("принимает", "takes")
            case.fail(f"{name}: схема {ru} это.", f"{name}: the schema {en} this.", got=text)


def _judge(case: Case, contract: Wsdl, number: int, where: str, sides: Sides) -> None:
    _operation(case, contract, where.partition(" ")[0], "1.1")
    for text, is_good in (
        *((one, True) for one in sides.good),
        *((one, False) for one in sides.bad),
    ):
        verdict = contract.judge(where, text)
        if verdict.accepted is is_good:
            continue
        ru, en = ("не принимает", "refuses") if is_good else ("принимает", "takes")
        why = verdict.reason
        case.fail(
            f"Просьба {number} не выполнена: {where} {ru} это. {why.ru if why else ''}".strip(),
            f"Wish {number} is not granted: {where} {en} this. {why.en if why else ''}".strip(),
            got=text[:1500],
        )


def _with_reason(case: Case) -> Sides:
    name, rows = "CheckCounterparty", asked(case)
    good, bad = (
        [document(case, name, [*rows, ("reason", case.word(length))]) for length in lengths]
        for lengths in ((1, 200), (201,))
    )
    return Sides([document(case, name, rows), *good], bad)


# ---- zeep ----------------------------------------------------------------------------------------


class _Bank(Transport):
    """Answers every call with one document, and keeps what was sent: no network at all."""

    def __init__(self, envelope: str, document: str) -> None:
        super().__init__()
        self.sent: Any = None
        self._answer = f'<e:Envelope xmlns:e="{envelope}"><e:Body>{document}</e:Body></e:Envelope>'

    def load(self, url: str) -> bytes:
        raise ValueError(f"{url} is outside of the file and is not read")

    def post_xml(self, address: str, envelope: Any, headers: Any) -> http.Response:
        self.sent = envelope
        answer = http.Response()
        answer.status_code = 200
        answer.headers["Content-Type"] = "text/xml; charset=utf-8"
        answer.encoding = "utf-8"
        answer._content = self._answer.encode()  # noqa: SLF001 - requests has no other way
        return answer


def _check_read(case: Case, soap: str, fake: _Bank, rows: Any, told: Rows, answer: Any) -> None:
    sent = {name: fake.sent.findtext(f".//{{{NS}}}{name}") for name in rows}
    if sent != rows:
        case.fail(
            f"zeep по SOAP {soap} послал не то, что просили.",
            f"zeep over SOAP {soap} did not send what was asked for.",
            expected=rows,
            got=etree.tostring(fake.sent, encoding="unicode"),
        )
    wanted = _plain(told)
    read = {
        "inn": answer.inn,
        "name": answer.name,
        "status": answer.status,
        "risk": answer.risk,
        "shares": [one.share for one in answer.owner],
        "debt": answer.debt.amount,
    }
    if read != wanted:
        case.fail(
            f"zeep по SOAP {soap} прочитал в ответе не то, что в нём было.",
            f"zeep over SOAP {soap} read in the answer what was not in it.",
            expected={name: str(value) for name, value in wanted.items()},
            got={name: str(value) for name, value in read.items()},
        )


def _plain(told: Rows) -> dict[str, object]:
    values: Any = dict(told)
    return {
        **{name: values[name] for name in ("inn", "name", "status")},
        "risk": Decimal(values["risk"]),
        "shares": [Decimal(dict(row)["share"]) for name, row in told if name == "owner"],  # type: ignore[arg-type]
        "debt": Decimal(dict(values["debt"])["amount"]),
    }
