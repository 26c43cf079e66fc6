"""Sends envelopes to the learner's endpoint and says in words what is wrong with the answers."""

import logging
from collections.abc import Mapping
from typing import Any

import httpx
import requests
import zeep
from lxml import etree
from zeep.exceptions import Error
from zeep.exceptions import Fault as ZeepFault
from zeep.plugins import HistoryPlugin
from zeep.transports import Transport

from stend.course.case import Case
from stend.kit.languages import Text

from .envelopes import (
    CP,
    Fault,
    NotSoapError,
    Version,
    check,
    content_of,
    enveloped,
    fault_of,
    parsed,
    register,
)

TIMEOUT_S = 10.0
PATH = "/counterparty"
_STATUSES = ("active", "liquidating", "liquidated")


# ---- what is sent --------------------------------------------------------------------------------


def any_version(case: Case) -> Version:
    return case.dice.choice(tuple(Version))


def any_inn(case: Case) -> str:
    digits = case.dice.choice((10, 12))
    return str(case.dice.randint(1, 9)) + "".join(case.dice.choices("0123456789", k=digits - 1))


def any_company(case: Case) -> dict[str, str]:
    name = f"ООО «{case.word(6)}»"
    return {"inn": any_inn(case), "name": name, "status": case.dice.choice(_STATUSES)}


def client(case: Case) -> httpx.Client:
    def opened() -> httpx.Client:
        made = httpx.Client(base_url=case.service(), timeout=TIMEOUT_S, trust_env=False)
        return case.opened(made)

    return case.once("client", opened)


def send(case: Case, version: Version, body: str, header: str = "") -> httpx.Response:
    """As a stock client does: with the action of the operation."""
    prefix = case.dice.choice(("soap", "soapenv", "SOAP-ENV", "env"))
    operation = body.removeprefix("<cp:").split(" ")[0] if body else "Check"
    return post(case, enveloped(prefix, version, body, header), version, f"{CP}:{operation}")


def post(
    case: Case, text: str, version: Version, action: str | None = f"{CP}:Register"
) -> httpx.Response:
    """None: nothing is said of an action."""
    headers = {"Content-Type": f"{version.media_type}; charset=utf-8"}
    if action is not None and version is Version.SOAP_11:
        headers["SOAPAction"] = f'"{action}"'
    elif action:
        headers["Content-Type"] += f'; action="{action}"'
    return post_raw(case, text, headers)


def post_raw(case: Case, text: str, headers: Mapping[str, str]) -> httpx.Response:
    try:
        return client(case).post(PATH, content=text.encode(), headers=headers)
    except httpx.HTTPError as error:
        case.check_alive()
        case.fail(
            "Сервис не ответил: соединение оборвалось или ответа нет слишком долго.",
            "The service did not answer: the connection broke, or it took too long.",
            expected="HTTP/1.1 …",
            got=f"{text[:600]}\n\n{error!r}",
        )


# ---- what is wanted of the answers ---------------------------------------------------------------


def expect(case: Case, answer: httpx.Response, version: Version, name: str, what: Text) -> None:
    """An answer of the operation, in the version of the request.

    Args:
        name: of the element in the Body.
        what: was asked.
    """
    found = None if answer.status_code != 200 else _content(case, answer, what)
    if found is None or found[1].tag != f"{{{CP}}}{name}":
        case.fail(
            f"{what.ru}: верный вызов по {version.shown} не получил {name}.",
            f"{what.en}: a right call over {version.shown} did not get {name}.",
            expected=f"200, {name}",
            got=told(answer),
        )
    _check_version(case, answer, version, found[0], what)


def expect_fault(
    case: Case, answer: httpx.Response, version: Version | None, code: str, what: Text
) -> Fault:
    """
    Args:
        version: of the request; None where the answer may be of either.
        code: its local name.
    """
    found = _content(case, answer, what)
    if etree.QName(found[1]).localname != "Fault":
        case.fail(
            f"{what.ru}: вызов выполнен, а должен получить Fault.",
            f"{what.en}: the call was performed and should get a Fault.",
            expected=f"Fault, {code}",
            got=told(answer),
        )
    _check_version(case, answer, version or found[0], found[0], what)
    try:
        fault = fault_of(*found)
    except NotSoapError as wrong:
        case.fail(f"{what.ru}: {wrong.ru}.", f"{what.en}: {wrong.en}.", got=told(answer))
    wanted = found[0].sender if code == "Sender" else code
    status = 400 if found[0] is Version.SOAP_12 and code == "Sender" else 500
    if (fault.code, answer.status_code) != (wanted, status):
        case.fail(
            f"{what.ru}: Fault с кодом {fault.code} и состоянием {answer.status_code}, "
            f"а по {found[0].shown} нужен {wanted} и {status}.",
            f"{what.en}: a Fault with the code {fault.code} and the status {answer.status_code}; "
            f"in {found[0].shown} it has to be {wanted} and {status}.",
            expected=f"{status}, {wanted}",
            got=told(answer),
        )
    return fault


def expect_company(case: Case, version: Version, fields: Mapping[str, str]) -> None:
    answer = send(case, version, check(fields["inn"]))
    expect(case, answer, version, "CheckResponse", plain("Check"))
    found = parsed(answer.content).find(f".//{{{CP}}}CheckResponse")
    there = {name: found.findtext(f"{{{CP}}}{name}") for name in fields}
    if there != fields:
        case.fail(
            "Check отдал не то, что записал Register.",
            "Check gave what Register had not written.",
            expected=dict(fields),
            got=there,
        )


def expect_unknown(case: Case, inn: str, what: Text) -> None:
    """What was refused has not been performed."""
    answer = send(case, any_version(case), check(inn))
    if answer.status_code == 200:
        case.fail(
            f"{what.ru}: сервис отказал, а контрагента всё-таки записал.",
            f"{what.en}: the service refused, and wrote the counterparty down all the same.",
            expected="UnknownCounterparty",
            got=told(answer),
        )


def registered(case: Case, version: Version) -> None:
    company = any_company(case)
    answer = send(case, version, register(company))
    expect(case, answer, version, "RegisterResponse", plain("Register"))
    expect_company(case, version, company)


def plain(text: str) -> Text:
    """What is called so in either language."""
    return Text(ru=text, en=text)


def told(answer: httpx.Response) -> str:
    """The answer as it was on the wire."""
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", answer.text])


def _content(case: Case, answer: httpx.Response, what: Text) -> tuple[Version, etree._Element]:
    try:
        return content_of(answer.content)
    except NotSoapError as wrong:
        case.fail(f"{what.ru}: {wrong.ru}.", f"{what.en}: {wrong.en}.", got=told(answer))


def _check_version(
    case: Case, answer: httpx.Response, wanted: Version, found: Version, what: Text
) -> None:
    media_type = answer.headers.get("Content-Type", "").split(";")[0].strip()
    if found is not wanted or media_type != wanted.media_type:
        case.fail(
            f"{what.ru}: на {wanted.shown} ответили конвертом {found.shown} как {media_type}.",
            f"{what.en}: {wanted.shown} was answered with an envelope of {found.shown} "
            f"as {media_type}.",
            expected=f"{wanted.media_type}, {wanted.value[0]}",
            got=told(answer),
        )


# ---- zeep ----------------------------------------------------------------------------------------


def try_zeep(case: Case, version: Version) -> None:
    service = case.once("zeep", lambda: _zeep(case))
    port = service.bind("CounterpartyService", "Soap11" if version is Version.SOAP_11 else "Soap12")
    company = {**any_company(case), "name": f'{case.word()} <&> "{case.word()}" ]]>'}
    inn = company["inn"]
    try:
        port.Register(**company)
        port.Register(**company, founded="2001-07-14")
        told = port.Register(**company)
        found = port.Check(inn=inn)
    except ZeepFault as fault:
        case.fail(
            f"zeep по {version.shown} получил отказ на верный вызов: {fault.message}",
            f"zeep over {version.shown} was refused a right call: {fault.message}",
            expected="CheckResponse",
            got=_last(service, fault),
        )
    except (Error, OSError, ValueError, TypeError) as error:
        case.check_alive()
        case.fail(
            f"zeep по {version.shown} не понял ответа: {error}",
            f"zeep over {version.shown} did not understand the answer: {error}",
            expected="RegisterResponse, CheckResponse",
            got=_last(service, error),
        )
    wanted = {**company, "founded": None, "revision": 3}
    there = {name: getattr(found, name, None) for name in wanted}
    if there != wanted or told.revision != 3:
        case.fail(
            f"zeep по {version.shown} прочитал в CheckResponse не то, что было записано.",
            f"zeep over {version.shown} read in CheckResponse what had not been registered.",
            expected=wanted,
            got=there,
        )


def _zeep(case: Case) -> Any:
    # It warns of what the checks tell in words.
    logging.getLogger("zeep").setLevel(logging.CRITICAL)
    session = requests.Session()
    session.trust_env = False
    case.opened(session)
    transport = Transport(session=session, timeout=TIMEOUT_S, operation_timeout=TIMEOUT_S)
    history = HistoryPlugin()
    address = f"{case.service()}{PATH}?wsdl"
    try:
        made = zeep.Client(address, transport=transport, plugins=[history])
    except (Error, etree.XMLSyntaxError, OSError) as error:
        case.fail(
            f"zeep не построил клиента по WSDL: {error}",
            f"zeep could not build a client from the WSDL: {error}",
            expected="CounterpartyService",
            got=repr(error),
        )
    made.course_history = history
    return made


def _last(service: Any, error: Exception) -> str:
    try:
        return etree.tostring(service.course_history.last_received["envelope"], encoding="unicode")
    except (IndexError, KeyError, TypeError):
        return repr(error)
