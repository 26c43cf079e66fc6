"""Asks the learner's endpoint as zeep does, and with envelopes that no library would write."""

import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from lxml import etree

from stend.course.case import Case
from stend.kit.languages import Text

from .asking import (
    PATH,
    any_company,
    any_inn,
    any_version,
    client,
    expect,
    expect_company,
    expect_fault,
    expect_unknown,
    plain,
    post,
    post_raw,
    registered,
    send,
    told,
    try_zeep,
)
from .envelopes import (
    CP,
    NotSoapError,
    Version,
    check,
    doctypes,
    enveloped,
    parsed,
    register,
    spellings,
)

_MOST_BYTES = 1_000_000
_LETTERS = str.maketrans("23456789", "bcdefghi")


def wsdl(case: Case) -> None:
    answer = client(case).get(f"{PATH}?wsdl")
    try:
        root = parsed(answer.content)
    except NotSoapError:
        root = None
    if answer.status_code != 200 or root is None or etree.QName(root).localname != "definitions":
        case.fail(
            f"GET {PATH}?wsdl должен отдать WSDL: из него строят клиента.",
            f"GET {PATH}?wsdl has to give the WSDL: clients are built from it.",
            expected="200, <wsdl:definitions>",
            got=told(answer),
        )
    there = sorted({str(one.get("location")) for one in root.iterfind(".//{*}address")})
    if there != [f"{case.service()}{PATH}"]:
        case.fail(
            "Адреса в WSDL ведут не туда, где сервис отвечает: клиент уйдёт к чужой машине.",
            "The addresses in the WSDL are not where the service answers: a client goes elsewhere.",
            expected=f"{case.service()}{PATH}",
            got=there,
        )


def stock_client(case: Case) -> None:
    try_zeep(case, Version.SOAP_11)
    registered(case, Version.SOAP_11)


def both_versions(case: Case) -> None:
    try_zeep(case, Version.SOAP_12)
    for version in Version:
        registered(case, version)
    body = enveloped("soap", Version.SOAP_11, check(any_inn(case)))
    other = post_raw(case, body, {"Content-Type": "application/json"})
    if other.status_code != 415:
        case.fail(
            "Тело типа application/json должно получить 415.",
            "A body of application/json has to get a 415.",
            expected="415",
            got=told(other),
        )


def any_prefixes(case: Case) -> None:
    one, two = "a" + case.word(4), "b" + case.word(4)
    for version in Version:
        for number in range(len(spellings(version, one, two, "", "-"))):
            inn, name = any_inn(case), case.word()
            spelling = spellings(version, one, two, inn, name)[number]
            ru, en = f"Register {spelling.what.ru}", f"Register {spelling.what.en}"
            answer = post(case, spelling.body, version)
            expect(case, answer, version, "RegisterResponse", Text(ru=ru, en=en))
            expect_company(case, version, {"inn": inn, "name": name, "status": "active"})


def faults(case: Case) -> None:
    _unknown_version(case)
    for version in Version:
        inn = any_inn(case)
        answer = send(case, version, check(inn))
        fault = expect_fault(case, answer, version, "Sender", plain(f"Check({inn})"))
        detail = f"{{{CP}}}UnknownCounterparty"
        if fault.detail is None or fault.detail.findtext(f"{detail}/{{{CP}}}inn") != inn:
            case.fail(
                f"{version.shown}: в Fault нет UnknownCounterparty, который объявлен в WSDL: "
                "программе не на чем ветвиться.",
                f"{version.shown}: the Fault has no UnknownCounterparty, which the WSDL declares: "
                "a program has nothing to branch on.",
                expected=f"<UnknownCounterparty xmlns='{CP}'><inn>{inn}</inn>",
                got=told(answer),
            )
        broken = post(case, f"<soap:Envelope {case.word()}", version)
        expect_fault(case, broken, None, "Sender", plain("<soap:Envelope …"))


def _unknown_version(case: Case) -> None:
    unknown = enveloped("soap", f"urn:{case.word()}", check(any_inn(case)))
    answer = post(case, unknown, any_version(case), f"{CP}:Check")
    what = Text(ru="чужой конверт", en="a foreign envelope")
    expect_fault(case, answer, None, "VersionMismatch", what)


def refuses_what_is_invalid(case: Case) -> None:
    inn, name = any_inn(case), case.word()
    good = {"inn": inn, "name": name, "status": "active"}
    whole = register(good)
    unqualified = whole.replace("<cp:inn", "<inn").replace("</cp:inn", "</inn")
    bad: Sequence[tuple[str, str, str]] = (
        ("ИНН из 11 цифр", "an inn of 11 digits", register({**good, "inn": inn[:9] + "00"})),
        ("ИНН с буквой", "an inn with a letter", register({**good, "inn": inn[:-1] + "x"})),
        ("ИНН с пробелом", "an inn with a space", register({**good, "inn": f" {inn}"})),
        ("без ИНН", "without an inn", register({"name": name, "status": "active"})),
        ("пустое имя", "an empty name", register({**good, "name": ""})),
        ("имя из 201 буквы", "a name of 201 letters", register({**good, "name": "я" * 201})),
        ("чужой status", "another status", register({**good, "status": case.word()})),
        (
            "status раньше name",
            "status before name",
            register({"inn": inn, "status": "active", "name": name}),
        ),
        ("30 февраля", "30 February", register({**good, "founded": "2020-02-30"})),
        ("пустая дата", "an empty date", register({**good, "founded": ""})),
        (
            "лишний элемент",
            "an element too many",
            register({**good, case.word().translate(_LETTERS): "x"}),
        ),
        (
            "name дважды",
            "name twice",
            whole.replace("<cp:status>", "<cp:name>x</cp:name><cp:status>"),
        ),
        ("чужое пространство имён", "another namespace", whole.replace(CP, CP[:-1] + "2")),
        ("inn без пространства имён", "an inn without a namespace", unqualified),
        (
            "операции нет",
            "no such operation",
            whole.replace("cp:Register", "cp:Unregister"),
        ),
        ("два вызова в Body", "two calls in the Body", whole + whole),
        ("пустой Body", "an empty Body", ""),
    )
    for ru, en, body in bad:
        what, version = Text(ru=ru, en=en), any_version(case)
        answer = send(case, version, body)
        expect_fault(case, answer, version, "Sender", what)
        expect_unknown(case, inn, what)


def soap_action(case: Case) -> None:
    for version in Version:
        for action in (None, "", f"{CP}:Register"):
            body = enveloped("soap", version, register(any_company(case)))
            answer = post(case, body, version, action)
            expect(case, answer, version, "RegisterResponse", plain(f"action={action!r}"))
        company = any_company(case)
        for action in (f"{CP}:Check", f"urn:{case.word()}"):
            answer = post(case, enveloped("soap", version, register(company)), version, action)
            what = Text(
                ru=f"в теле Register, действие {action}",
                en=f"Register in the body, the action {action}",
            )
            expect_fault(case, answer, version, "Sender", what)
            expect_unknown(case, company["inn"], what)


def must_understand(case: Case) -> None:
    for version in Version:
        known = f'<t:Trace xmlns:t="urn:{case.word()}">{case.word()}</t:Trace>'
        for harmless in (known, known.replace("<t:Trace", '<t:Trace SOAP:mustUnderstand="0"')):
            answer = send(case, version, register(any_company(case)), harmless)
            what = Text(ru="необязательный заголовок", en="an optional header")
            expect(case, answer, version, "RegisterResponse", what)
        company = any_company(case)
        for word in ("1", "true") if version is Version.SOAP_12 else ("1",):
            what = plain(f'mustUnderstand="{word}"')
            answer = send(
                case,
                version,
                register(company),
                known.replace("<t:Trace", f"<t:Trace SOAP:{what.en}"),
            )
            expect_fault(case, answer, version, "MustUnderstand", what)
            expect_unknown(case, company["inn"], what)


def attacks(case: Case) -> None:
    secret = case.word(20)
    with _secret_file(secret) as path, _listening() as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}/{case.word()}.dtd"
        for doctype, name in doctypes(path, address):
            version = any_version(case)
            company = {**any_company(case), "name": name or case.word()}
            body = enveloped("soap", version, register(company, escaped=False))
            answer = post(case, doctype.body + body, version)
            if secret in answer.text:
                case.fail(
                    "Сервис прочитал файл со своего диска и отдал его: это XXE.",
                    "The service read a file of its own disk and gave it away: this is XXE.",
                    expected="Fault",
                    got=told(answer),
                )
            expect_fault(case, answer, None, "Sender", doctype.what)
            expect_unknown(case, company["inn"], doctype.what)
        if _was_called(door):
            case.fail(
                "Сервис пошёл в сеть за DTD, на которое сослался клиент.",
                "The service went to the network for a DTD that a client had pointed at.",
                expected="no connection",
                got=address,
            )
    _refuses_large(case)
    registered(case, any_version(case))


def _refuses_large(case: Case) -> None:
    company, version = any_company(case), any_version(case)
    body = enveloped("soap", version, register(company))
    large = f"{body}<!--{'x' * _MOST_BYTES}-->".encode()
    headers = {"Content-Type": version.media_type}
    # Who answers 413 before the body is there may close while it is still being sent.
    with suppress(httpx.HTTPError):
        answer = client(case).post(PATH, content=large, headers=headers)
        if answer.status_code != 413:
            case.fail(
                "Тело длиннее 1 МБ должно получить 413, ещё до разбора.",
                "A body of more than 1 MB has to get a 413, before it is parsed.",
                expected="413",
                got=told(answer),
            )
    expect_unknown(case, company["inn"], plain("1 MB"))


@contextmanager
def _secret_file(secret: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="stend-secret-") as folder:
        path = Path(folder) / "secret.txt"
        path.write_text(secret, encoding="utf-8")
        yield path.as_uri()


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.setblocking(False)
        yield door


def _was_called(door: socket.socket) -> bool:
    try:
        door.accept()[0].close()
    except BlockingIOError:
        return False
    return True
