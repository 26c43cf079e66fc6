"""Stops stock on the stand, takes the five journeys of a customer, and puts it back."""

from collections.abc import Mapping
from dataclasses import dataclass

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.errors import StandError
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
from stend.course.stand import Stand
from stend.course.traces import Trace
from stend.kit.languages import Text

_CATALOGUE = "/api/v1/catalog/products"
_COMMAND = "ReserveStock"
# Longer than all the journeys on a slow machine; it reverts even if this process is killed.
_AWAY_S = 120.0
# Shorter than the minute for which orders repeats a step.
_WITHIN_S = 45.0
_PAID = ("paid", "picking", "on_the_way", "delivered")

FAILS = Choices(
    "fails",
    Text(ru="Что не работает, пока склада нет?", en="What does not work while stock is away?"),
    {
        "browse": Text(ru="посмотреть товары", en="browsing products"),
        "place": Text(ru="разместить заказ", en="placing an order"),
        "receive": Text(ru="дождаться оплаты и сборки", en="getting it paid and picked"),
        "status": Text(ru="посмотреть состояние прежнего", en="seeing an earlier one's status"),
        "cancel": Text(ru="отменить новый", en="cancelling a new one"),
    },
    why=Text(
        ru="Не работает то, чему нужен ответ склада.",
        en="What needs an answer of stock does not work.",
    ),
    ideas={
        "browse": Text(
            ru="Каталог живёт на своей базе и склада не спрашивает.",
            en="The catalogue lives on a database of its own and does not ask stock.",
        ),
        "place": Text(
            ru="Заказ принимают раньше, чем спрашивают склад: команда уходит потом, через очередь.",
            en="An order is accepted before stock is asked: the command goes out later, through a "
            "queue.",
        ),
        "receive": Text(
            ru="Без ответа склада сага не делает второго шага: заказ не оплатят и не соберут.",
            en="Without stock's answer the saga does not take its second step: the order is "
            "neither paid nor picked.",
        ),
        "status": Text(
            ru="Состояние заказа лежит в базе заказов, склад для ответа не нужен.",
            en="The status of an order is in the database of orders; stock is not needed to tell "
            "it.",
        ),
        "cancel": Text(
            ru="Отмену записывают заказы, а складу о ней скажет сообщение, когда он вернётся.",
            en="Orders writes the cancellation down; a message tells stock when it is back.",
        ),
    },
)
ANSWER = Choice(
    "place-answer",
    Text(
        ru="Какой код получит POST /api/v1/orders?",
        en="Which status code does POST /api/v1/orders get?",
    ),
    {one: Text(ru=one, en=one) for one in ("201", "409", "503", "504")},
    why=Text(
        ru="Магазин записал заказ и ответил: склад на ответ не влияет.",
        en="The shop has written the order down and answered: stock has no part in the answer.",
    ),
    ideas={
        "409": Text(
            ru="409 сказал бы «товара нет», а этого никто пока не знает: склад молчит.",
            en="A 409 would say that there are no goods, and nobody knows that yet: stock is "
            "silent.",
        ),
        "503": Text(
            ru="Так ответил бы сервис, который ждёт склад в вызове. Заказы шлют ему сообщение.",
            en="So a service answers that calls stock and waits. Orders sends it a message.",
        ),
        "504": Text(
            ru="Ждать некого: ответ покупателю уходит раньше команды складу.",
            en="There is nobody to wait for: the customer is answered before the command is sent.",
        ),
    },
)
STATUS = Choice(
    "order-status",
    Text(ru="В каком статусе новый заказ?", en="Which status has the new order?"),
    {
        "placed": Text(ru="placed, принят", en="placed"),
        "reserved": Text(ru="reserved, товар отложен", en="reserved"),
        "cancelled": Text(ru="cancelled, отменён", en="cancelled"),
        "failed": Text(ru="failed, не вышло", en="failed"),
    },
    why=Text(
        ru="Первый шаг саги ещё не закончен, и заказ остаётся принятым.",
        en="The first step of the saga has not ended, and the order stays placed.",
    ),
    ideas={
        "failed": Text(
            ru="Молчание — не отказ. Пока ответа нет, исход неизвестен, и команду повторяют.",
            en="Silence is no refusal. Without an answer the outcome is unknown, and the command "
            "is repeated.",
        ),
    },
)
MONEY = Choice(
    "money",
    Text(ru="Что с деньгами за новый заказ?", en="What of the money for the new order?"),
    {
        "untouched": Text(ru="банк не спрашивали", en="the bank was not asked"),
        "authorised": Text(ru="придержаны", en="held"),
        "returned": Text(ru="придержаны и возвращены", en="held and given back"),
    },
    why=Text(
        ru="Банк — второй шаг саги, после склада: в истории заказа обращений к нему нет.",
        en="The bank is the second step of the saga, after stock: the story has no call of it.",
    ),
)
RETURN = Choice(
    "after-return",
    Text(ru="Что с заказом, когда склад вернулся?", en="What of the order when stock is back?"),
    {
        "goes-on": Text(ru="пошёл дальше сам", en="it went on by itself"),
        "stays": Text(ru="стоит", en="it stands still"),
        "is-lost": Text(ru="пропал", en="it is lost"),
    },
    why=Text(
        ru="Сообщения ждали в очереди: склад вернулся и взял их.",
        en="The messages waited in the queue: stock came back and took them.",
    ),
    ideas={
        "is-lost": Text(
            ru="Пропал бы вызов. Сообщение брокер хранит, пока его не возьмут.",
            en="A call would be lost. A message is kept by the broker until it is taken.",
        ),
    },
)
RESERVATIONS = Amount(
    "reservations",
    Text(ru="Сколько раз отложен товар?", en="How many times are goods set aside?"),
    Unit.COUNT,
    least=0,
    most=100,
    why=Text(
        ru="У всех повторов команды один номер, и склад узнаёт в них уже сделанное.",
        en="All repetitions of the command have one id, and stock knows in them what it has done.",
    ),
    ideas=(
        Idea(
            2,
            100,
            Text(
                ru="Повторов было несколько, а эффект один: номер команды тот же, и второй раз "
                "склад её не выполняет.",
                en="There were several repetitions and one effect: the id is the same, and stock "
                "does not perform it a second time.",
            ),
        ),
    ),
)
QUESTIONS = (FAILS, ANSWER, STATUS, MONEY, RETURN, RESERVATIONS)


@dataclass(frozen=True)
class Outcome:
    fails: frozenset[str]
    answer: str
    status: str
    money: str
    after: str
    reservations: int


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def fails(case: Case) -> None:
    compare(case, FAILS, _ran(case).fails)


def place_answer(case: Case) -> None:
    compare(case, ANSWER, _ran(case).answer)


def order_status(case: Case) -> None:
    compare(case, STATUS, _ran(case).status)


def money(case: Case) -> None:
    compare(case, MONEY, _ran(case).money)


def after_return(case: Case) -> None:
    compare(case, RETURN, _ran(case).after)


def reservations(case: Case) -> None:
    compare(case, RESERVATIONS, _ran(case).reservations, Within(amount=0.001))


def _ran(case: Case) -> Outcome:
    return run_after(case, QUESTIONS, _experiment)


@dataclass(frozen=True)
class _Away:
    """What was seen while stock was away."""

    works: Mapping[str, bool]
    answer: str
    order_id: str
    trace: Trace
    status: str


def _experiment(case: Case) -> Outcome:
    stand = case.stand
    customer = {"customer_id": f"cus_{case.word()}"}
    earlier = stand.place_order("rest", customer).order_id
    # Stock works, and orders knows it: after a run before this one its circuit may be open still.
    stand.wait_for_order(earlier, *_PAID, within_s=_WITHIN_S)
    with stand.without("stock", lasts_s=_AWAY_S):
        away = _without_stock(stand, customer, earlier)
        _check_still_away(stand)
    after, made = _with_stock_again(stand, away.order_id)
    return Outcome(
        fails=frozenset(name for name, works in away.works.items() if not works),
        answer=away.answer,
        status=away.status,
        money="authorised" if away.trace.between("orders", "payments") else "untouched",
        after=after,
        reservations=made,
    )


def _without_stock(stand: Stand, customer: Mapping[str, str], earlier: str) -> _Away:
    placed = stand.call("PlaceOrder", fields=customer)
    # The second command says that the first was not answered in its time.
    trace = stand.trace(placed.trace_id or placed.order_id, _is_repeated, within_s=_WITHIN_S)
    status = str(stand.order(placed.order_id)["status"])
    products = stand.http.get(_CATALOGUE, params={"limit": 1})
    read = stand.call("GetOrder", fields={"order_id": earlier})
    second = stand.call("PlaceOrder", fields=customer)
    cancelled = stand.call("CancelOrder", fields={"order_id": second.order_id})
    works = {
        "browse": products.is_success and bool(products.json()["items"]),
        "place": placed.ok,
        "receive": status in _PAID,
        "status": read.ok and bool(read.value["status"]),
        "cancel": cancelled.ok and stand.order(second.order_id)["status"] == "cancelled",
    }
    return _Away(works, placed.status.split()[0], placed.order_id, trace, status)


def _with_stock_again(stand: Stand, order_id: str) -> tuple[str, int]:
    """What became of the order, and how often goods were set aside for it.

    Raises:
        StandError: stock was away for longer than orders is patient, or the stand is too slow.
    """
    ended = ("failed", "cancelled")
    order = stand.wait_for_order(order_id, *_PAID, *ended, within_s=_WITHIN_S)
    if order["status"] in ended:
        told = f"{order_id}: {order['status']}, {order.get('reason')}"
        raise StandError(
            Text(
                ru=f"Опыт шёл дольше, чем терпят заказы, и ничего не говорит: {told}",
                en=f"The run took longer than orders is patient, and says nothing: {told}",
            )
        )
    trace = stand.trace(order_id, lambda one: bool(_set_aside(one)), within_s=_WITHIN_S)
    return "goes-on", _set_aside(trace)


def _is_repeated(trace: Trace) -> bool:
    sent = [one for one in trace.between("orders", "rabbitmq") if one.label == _COMMAND]
    return len(sent) > 1


def _set_aside(trace: Trace) -> int:
    rows = trace.between("stock", "postgresql")
    return sum(one.label == "INSERT stock.reservations" for one in rows)


def _check_still_away(stand: Stand) -> None:
    """
    Raises:
        StandError: somebody has cleared the fault meanwhile, so the run says nothing.
    """
    faults = stand.http.get("/stand/faults").raise_for_status().json()["faults"]
    if not any(one["source"] == "stock" and one["target"] == "rabbitmq" for one in faults):
        raise StandError(
            Text(
                ru="Сбой склада снят посреди опыта, и опыт ничего не говорит. Запустите ещё раз.",
                en="The fault of stock was cleared in the middle of the experiment, which says "
                "nothing then. Run it again.",
            )
        )
