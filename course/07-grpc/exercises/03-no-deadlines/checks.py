"""Lets calls pile up with and without deadlines, and old code read new bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.formats import protobuf
from stend.course.predictions import (
    Amount,
    Choice,
    Choices,
    Idea,
    Within,
    compare,
    predicted,
    run_after,
)
from stend.kit.languages import Text

from .starter import lab

_STARTER = Path(__file__).parent / "starter"
_EXACTLY, _ABOUT = Within(amount=0.001), Within(share=0.05)
_PER_SECOND, _TAKES_S, _DEADLINE_S, _AFTER_S = 20, 30, 2, 120
_ANSWERS = {
    "answered": Text(ru="ответ", en="an answer"),
    "waits": Text(ru="ничего: вызов ждёт", en="nothing: the call waits"),
}

REACHED = Amount(
    "reached",
    Text(
        ru="Сколько из двадцати вызовов дойдёт до карт?",
        en="How many of the twenty calls come to the maps?",
    ),
    Unit.COUNT,
    least=0,
    most=1000,
    why=Text(
        ru="Мест восемь, и каждое занято вызовом, который ждёт карт. Остальные стоят в очереди.",
        en="There are eight places, each taken by a call that waits for the maps. The others "
        "stand in the queue.",
    ),
    ideas=(
        Idea(
            20,
            20,
            Text(
                ru="Чтобы позвать карты, нужно место в сервисе, а их восемь.",
                en="To call the maps a place in the service is needed, and there are eight.",
            ),
        ),
        Idea(
            0,
            1,
            Text(
                ru="Вызовы идут одновременно, пока есть места.",
                en="Calls run at the same time, as long as there are places.",
            ),
        ),
    ),
)
WITHOUT = Choice(
    "price-without",
    Text(
        ru="Сроков нет ни у кого. Что получит GetPrice, который карт не зовёт?",
        en="Nobody has a deadline. What does GetPrice get, which calls no maps?",
    ),
    _ANSWERS,
    why=Text(
        ru="Все места заняты теми, кто ждёт карт: здоровый вызов стоит за ними в той же очереди.",
        en="All places are taken by those who wait for the maps: the healthy call stands behind "
        "them, in the same queue.",
    ),
)
CLIENT_ONLY = Choice(
    "price-client-only",
    Text(
        ru="Срок есть у клиентов, а сервис зовёт карты без срока. Клиенты ушли. Что получит "
        "GetPrice?",
        en="The clients have deadlines, the service calls the maps without. The clients have "
        "left. What does GetPrice get?",
    ),
    _ANSWERS,
    why=Text(
        ru="Клиент ушёл, а сервис всё ждёт карт: ответа никто не прочтёт, но место занято. Срок "
        "нужно передать дальше.",
        en="The client has left and the service still waits for the maps: nobody will read the "
        "answer, but the place is taken. A deadline has to be passed on.",
    ),
)
PASSED_ON = Choice(
    "price-passed-on",
    Text(
        ru="Сервис передаёт картам остаток срока. Что получит GetPrice?",
        en="The service passes on what is left of the deadline. What does GetPrice get?",
    ),
    _ANSWERS,
    why=Text(
        ru="Вместе со сроком клиента кончается и вызов карт: места свободны, хотя карты так и не "
        "ответили.",
        en="The call of the maps ends with the client's deadline: the places are free, though the "
        "maps have not answered at all.",
    ),
)
PILED_UP = Amount(
    "piled-up",
    Text(
        ru="Сколько вызовов ждёт одновременно, если сроков нет?",
        en="How many calls wait at the same time if there are no deadlines?",
    ),
    Unit.COUNT,
    least=0,
    most=1e9,
    why=Text(
        ru="По закону Литтла в системе 20 в секунду × 30 секунд.",
        en="By Little's law there are 20 a second × 30 seconds in the system.",
    ),
    ideas=(
        Idea(
            10,
            30,
            Text(
                ru="Столько приходит за секунду; а каждый остаётся на тридцать.",
                en="So many come in a second; and each stays for thirty.",
            ),
        ),
        Idea(
            2000,
            3000,
            Text(
                ru="Столько пришло за две минуты, но первые уже ушли: они ждали по 30 секунд.",
                en="So many have come in two minutes, but the first have left: they waited for "
                "30 seconds.",
            ),
        ),
    ),
)
PILED_UP_DEADLINE = Amount(
    "piled-up-deadline",
    Text(
        ru="Сколько вызовов ждёт одновременно со сроком 2 с?",
        en="How many calls wait at the same time with a deadline of 2 s?",
    ),
    Unit.COUNT,
    least=0,
    most=1e9,
    why=Text(
        ru="Никто не ждёт дольше срока: 20 в секунду × 2 секунды. Карты медленны по-прежнему.",
        en="Nobody waits longer than the deadline: 20 a second × 2 seconds. The maps are as slow "
        "as before.",
    ),
    ideas=(
        Idea(
            0,
            5,
            Text(
                ru="Срок не возвращает ответ раньше: две секунды каждый всё-таки ждёт.",
                en="A deadline brings no answer sooner: each still waits for two seconds.",
            ),
        ),
    ),
)
OLD_READS = Choice(
    "old-reads",
    Text(
        ru="Новый сервер пишет штраф под прежним номером чаевых, тип тот же. Что прочтёт старый "
        "клиент?",
        en="The new server writes a fine under the former number of the tips, of the same type. "
        "What does the old client read?",
    ),
    {
        "zero": Text(ru="ноль чаевых", en="no tips"),
        "error": Text(ru="ошибку", en="an error"),
        "fine-as-tips": Text(ru="штраф как чаевые", en="the fine as tips"),
    },
    why=Text(
        ru="По проводу едет номер 3 и число. Имени там нет, и для старого клиента это чаевые.",
        en="A number 3 and a value travel on the wire. There is no name, and for the old client "
        "these are tips.",
    ),
    ideas={
        "error": Text(
            ru="Ошибки не будет: байты безупречны. Это и есть худшая поломка.",
            en="There is no error: the bytes are flawless. That is the worst kind of break.",
        ),
    },
)
RETYPED = Choice(
    "retyped-reads",
    Text(
        ru="А если под тем же номером теперь строка?",
        en="And if a text is under the same number now?",
    ),
    {
        "zero": Text(ru="ноль чаевых", en="no tips"),
        "error": Text(ru="ошибку", en="an error"),
        "letters-as-number": Text(ru="буквы как число", en="the letters as a number"),
    },
    why=Text(
        ru="Тип провода у строки другой (2, а не 0): старый клиент откладывает её как незнакомое "
        "поле, и чаевых у него просто нет.",
        en="The wire type of a text differs (2, not 0): the old client puts it aside as an unknown "
        "field, and has no tips at all.",
    ),
    ideas={
        "error": Text(
            ru="Поле чужого типа провода — незнакомое, а незнакомые поля не ошибка.",
            en="A field of another wire type is unknown, and unknown fields are no error.",
        ),
    },
)
WHO = Choices(
    "who-notices",
    Text(
        ru="Кто заметит, что номер заняли снова?",
        en="Who notices that the number was taken again?",
    ),
    {
        "protoc": Text(ru="protoc, без reserved", en="protoc, without reserved"),
        "protoc-reserved": Text(ru="protoc, с reserved", en="protoc, with reserved"),
        "parser": Text(ru="разбор сообщения у клиента", en="the client's parsing of a message"),
        "status": Text(ru="код состояния вызова", en="the status of the call"),
    },
    why=Text(
        ru="Файл без reserved ничего не помнит об убранном поле, а байты и код безупречны.",
        en="A file without reserved remembers nothing of the field that went, and bytes and "
        "status are flawless.",
    ),
    ideas={
        "protoc": Text(
            ru="protoc видит один файл, нынешний: прежнего ему никто не показал.",
            en="protoc sees one file, that of today: nobody has shown it the former.",
        ),
        "protoc-reserved": Text(
            ru="reserved для того и пишут: компилятор откажет.",
            en="That is what reserved is written for: the compiler refuses.",
        ),
        "parser": Text(
            ru="Разбирать нечего: число на месте числа.",
            en="There is nothing to notice: a number stands where a number was.",
        ),
        "status": Text(
            ru="Вызов удался: OK.",
            en="The call has succeeded: OK.",
        ),
    },
)
QUESTIONS = (
    REACHED,
    WITHOUT,
    CLIENT_ONLY,
    PASSED_ON,
    PILED_UP,
    PILED_UP_DEADLINE,
    OLD_READS,
    RETYPED,
    WHO,
)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the old client has read, and who has said anything."""

    reused: str
    retyped: str
    noticed: frozenset[str]


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def reached(case: Case) -> None:
    compare(case, REACHED, _piled(case, clients=False, service=False).reached, _EXACTLY)


def price_without(case: Case) -> None:
    compare(case, WITHOUT, _told(_piled(case, clients=False, service=False)))


def price_client_only(case: Case) -> None:
    compare(case, CLIENT_ONLY, _told(_piled(case, clients=True, service=False)))


def price_passed_on(case: Case) -> None:
    compare(case, PASSED_ON, _told(_piled(case, clients=True, service=True)))


def piled_up(case: Case) -> None:
    compare(case, PILED_UP, _waiting(case, None), _ABOUT)


def piled_up_deadline(case: Case) -> None:
    compare(case, PILED_UP_DEADLINE, _waiting(case, _DEADLINE_S), _ABOUT)


def old_reads(case: Case) -> None:
    compare(case, OLD_READS, _old_client(case).reused)


def retyped_reads(case: Case) -> None:
    compare(case, RETYPED, _old_client(case).retyped)


def who_notices(case: Case) -> None:
    compare(case, WHO, _old_client(case).noticed)


def _piled(case: Case, *, clients: bool, service: bool) -> Any:
    def pile_up(_: Case) -> Any:
        return lab.pile_up(clients_have_deadline=clients, service_passes_on=service)

    return run_after(case, QUESTIONS, pile_up, f"pile {clients} {service}")


def _told(piled: Any) -> str:
    return "answered" if piled.has_price else "waits"


def _waiting(case: Case, deadline_s: float | None) -> int:
    def wait(_: Case) -> int:
        waiting: int = lab.waiting(_PER_SECOND, _TAKES_S, deadline_s, _AFTER_S)
        return waiting

    return run_after(case, QUESTIONS, wait, f"waiting {deadline_s}")


def _old_client(case: Case) -> _Read:
    return run_after(case, QUESTIONS, _read_by_the_old, "old client")


def _read_by_the_old(case: Case) -> _Read:
    contract = protobuf.read(_text("couriers.proto"), "couriers.proto")
    reserved = protobuf.read(_text("reserved.proto"), "reserved.proto")
    fine = case.dice.randint(10_000, 90_000)
    noticed = set()
    if contract.problems():
        noticed.add("protoc")
    if reserved.problems():
        noticed.add("protoc-reserved")
    reused = _called(contract, "Reused", noticed, fine_minor=fine)
    retyped = _called(contract, "Retyped", noticed, district=case.word())
    told = {None: "error", 0: "zero", fine: "fine-as-tips"}
    again = {None: "error", 0: "zero"}
    return _Read(told[reused], again.get(retyped, "letters-as-number"), frozenset(noticed))


def _called(contract: Any, name: str, noticed: set[str], **fields: Any) -> int | None:
    """The tips that the old client reads; None where it cannot."""
    answer = type(contract.new(name))(courier_id="c7", orders=3, **fields).SerializeToString()
    try:
        message, code = lab.called(answer, type(contract.new("Before")).FromString)
    except DecodeError:
        noticed.add("parser")
        return None
    if code.name != "OK":
        noticed.add("status")
    return int(message.tips_minor)


def _text(name: str) -> str:
    return (_STARTER / name).read_text(encoding="utf-8")
