"""Calls the service by its five clients after each change, and compares with what was predicted."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from stend.course.case import Case
from stend.course.predictions import Choice, Choices, compare, predicted, run_after
from stend.kit.languages import Text

from .starter import lab

_NEW_NAMESPACE = "urn:example:check:v2"
_OPTIONAL = '<xs:element name="kpp" type="xs:string" minOccurs="0"/>'
_LAST = '<xs:element name="status" type="xs:string"/>'
_OGRN = "1027700132195"

_CLIENTS: Mapping[str, Text] = {
    "zeep-old": Text(ru="zeep по вчерашнему WSDL", en="zeep by yesterday's WSDL"),
    "zeep-new": Text(ru="zeep по новому WSDL", en="zeep by the new WSDL"),
    "strict": Text(ru="строгий", en="the strict one"),
    "local": Text(ru="по местным именам", en="by local names"),
    "text": Text(ru="по тексту", en="by the text"),
}

PREFIXES = Choices(
    "prefixes",
    Text(
        ru="Сервис обновил библиотеку, и она пишет другой префикс. Кто получит ответ?",
        en="The service has a new library, which writes another prefix. Who gets the answer?",
    ),
    _CLIENTS,
    why=Text(
        ru="Имя в XML — пара «пространство, местное имя»; префикс лишь сокращение.",
        en="A name in XML is a pair, namespace and local name; a prefix is only an abbreviation.",
    ),
    ideas={
        "text": Text(
            ru="Он ищет буквы <c:status>, а их больше нет: документ тот же, текст другой.",
            en="It looks for the letters <c:status>, and they are gone: the same document, another "
            "text.",
        ),
        "strict": Text(
            ru="Схема сверяет пары, префиксов она не видит.",
            en="A schema compares pairs and does not see prefixes.",
        ),
    },
)
NAMESPACE = Choices(
    "namespace",
    Text(
        ru="Пространство имён v1 стало v2, больше ничего. Кто получит ответ?",
        en="The namespace v1 became v2, and nothing else has changed. Who gets the answer?",
    ),
    _CLIENTS,
    why=Text(
        ru="Имена в запросе прежние, и новый сервис не узнаёт ни одного из них.",
        en="The names in the request are those of before, and the new service knows none of them.",
    ),
    ideas={
        "local": Text(
            ru="Прочитать ответ он смог бы, но до ответа дело не дойдёт: запрос-то с именем v1.",
            en="It could read the answer, and there will be none: its request has a name of v1.",
        ),
        "zeep-old": Text(
            ru="zeep прочёл WSDL вчера и шлёт имена, которые там были.",
            en="zeep read the WSDL yesterday and sends the names that were in it.",
        ),
        "zeep-new": Text(
            ru="Код зовёт Check(inn=…), а пространство имён zeep берёт из WSDL: менять нечего.",
            en="The code calls Check(inn=…), and zeep takes the namespace from the WSDL: there is "
            "nothing to change.",
        ),
    },
)
FAULT_CODE = Choice(
    "fault-code",
    Text(
        ru="С каким кодом Fault получат отказ те, кто прислал имена v1?",
        en="With which fault code are those refused that sent names of v1?",
    ),
    {
        one: Text(ru=one, en=one)
        for one in ("Client", "Server", "VersionMismatch", "MustUnderstand")
    },
    why=Text(
        ru="Сообщение не по контракту — виноват отправитель: Client (SOAP 1.1, 4.4.1).",
        en="The message is not by the contract: the sender's fault, Client (SOAP 1.1, 4.4.1).",
    ),
    ideas={
        "VersionMismatch": Text(
            ru="VersionMismatch — о версии конверта SOAP, а конверт прежний. О версии контракта "
            "SOAP не знает ничего.",
            en="VersionMismatch is about the version of the SOAP envelope, and that is the same. "
            "Of the version of a contract SOAP knows nothing.",
        ),
        "MustUnderstand": Text(
            ru="MustUnderstand — о заголовке, которого получатель не знает.",
            en="MustUnderstand is about a header that the receiver does not know.",
        ),
    },
)
REQUIRED = Choices(
    "required",
    Text(
        ru="Необязательный kpp стал обязательным. Кто получит ответ?",
        en="The optional kpp became required. Who gets the answer?",
    ),
    _CLIENTS,
    why=Text(
        ru="Ответ получит тот, кто слал kpp и раньше.",
        en="The one gets an answer that has always sent a kpp.",
    ),
    ideas={
        "zeep-new": Text(
            ru="Новый WSDL не придумает kpp: код зовёт Check(inn=…), и взять его неоткуда.",
            en="A new WSDL does not make a kpp up: the code calls Check(inn=…) and has none.",
        ),
        "strict": Text(
            ru="Он шлёт kpp всегда, а ответ не изменился: сверять есть с чем.",
            en="It always sends a kpp, and the answer has not changed: it still fits.",
        ),
    },
)
WHO_NOTICES = Choice(
    "who-notices",
    Text(
        ru="Кто остановит вызов без kpp у zeep, который прочёл новый WSDL?",
        en="Who stops the call without a kpp of the zeep that has read the new WSDL?",
    ),
    {
        "client": Text(ru="сам клиент, до отправки", en="the client itself, before it sends"),
        "server": Text(ru="сервис, ответом Fault", en="the service, by a Fault"),
        "reader": Text(ru="никто, пока не прочтут ответ", en="nobody, until the answer is read"),
    },
    why=Text(
        ru="zeep собирает сообщение по схеме и видит, что собрать его нельзя.",
        en="zeep builds the message by the schema, and sees that it cannot be built.",
    ),
)
ADDED = Choices(
    "added",
    Text(
        ru="В конце ответа появился необязательный ogrn в том же пространстве имён. Кто получит "
        "ответ?",
        en="An optional ogrn in the same namespace came to the end of the answer. Who gets the "
        "answer?",
    ),
    _CLIENTS,
    why=Text(
        ru="Прежняя схема закрыта: места под новый элемент в ней не оставили (xs:any).",
        en="The schema of before is closed: no room was left in it for a new element (xs:any).",
    ),
    ideas={
        "zeep-old": Text(
            ru="zeep по умолчанию строг: элемент, которого нет в его WSDL, — ошибка.",
            en="zeep is strict unless told otherwise: an element that its WSDL lacks is an error.",
        ),
        "strict": Text(
            ru="«Необязательный» — для того, кто пишет; прежней схеме он неизвестен вовсе.",
            en='"Optional" is for the writer; the schema of before does not know it at all.',
        ),
    },
)
QUESTIONS = (PREFIXES, NAMESPACE, FAULT_CODE, REQUIRED, WHO_NOTICES, ADDED)


@dataclass(frozen=True, slots=True)
class _Night:
    """What came of one change.

    Attributes:
        alive: clients that have got their answer.
        broken: who noticed it, and the words, by the others.
    """

    alive: frozenset[str]
    broken: Mapping[str, lab.Broken]


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def prefixes(case: Case) -> None:
    compare(case, PREFIXES, _nights(case)["prefixes"].alive)


def namespace(case: Case) -> None:
    night = _nights(case)["namespace"]
    compare(case, NAMESPACE, night.alive)
    told = etree.fromstring(night.broken["local"].told).findtext(".//faultcode") or ""
    compare(case, FAULT_CODE, told.partition(":")[2])


def required(case: Case) -> None:
    night = _nights(case)["required"]
    compare(case, REQUIRED, night.alive)
    compare(case, WHO_NOTICES, night.broken["zeep-new"].who)


def added(case: Case) -> None:
    compare(case, ADDED, _nights(case)["added"].alive)


def _nights(case: Case) -> Mapping[str, _Night]:
    return run_after(case, QUESTIONS, lambda _: _all_nights())


def _all_nights() -> Mapping[str, _Night]:
    if len(_night(lab.Change()).alive) != len(lab.CLIENTS):
        raise ValueError("not every client gets an answer before anything has changed")
    wsdl = lab.WSDL
    ogrn = '<xs:element name="ogrn" type="xs:string" minOccurs="0"/>'
    changes = {
        "prefixes": lab.Change(prefix="ns2"),
        "namespace": lab.Change(wsdl=wsdl.replace(lab.NAMESPACE, _NEW_NAMESPACE)),
        "required": lab.Change(
            wsdl=wsdl.replace(_OPTIONAL, _OPTIONAL.replace(' minOccurs="0"', ""))
        ),
        "added": lab.Change(
            wsdl=wsdl.replace(_LAST, _LAST + ogrn), more=f"<c:ogrn>{_OGRN}</c:ogrn>"
        ),
    }
    return {name: _night(change) for name, change in changes.items()}


def _night(change: lab.Change) -> _Night:
    service = lab.Service(change)
    alive: set[str] = set()
    broken: dict[str, lab.Broken] = {}
    for name, call in lab.CLIENTS.items():
        try:
            if call(service, change) == "active":
                alive.add(name)
        except lab.Broken as error:
            broken[name] = error
    return _Night(frozenset(alive), broken)
