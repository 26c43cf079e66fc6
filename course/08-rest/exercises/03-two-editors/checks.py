"""Runs both experiments of `lab.py`, and holds what was predicted against them."""

import importlib.util
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from stend.course.amounts import Unit
from stend.course.case import Case
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

_EXACTLY = Within(amount=0.001)
_EDITORS = 5
_TRIES = 3
_POLLS_EVERY_S = 10
_GIVES_UP_AFTER_S = 300

WITHOUT = Choice(
    "without-if-match",
    Text(
        ru="Что осталось в заказе после двух PUT без If-Match?",
        en="What is left in the order after two PUTs without If-Match?",
    ),
    {
        "both": Text(ru="обе правки", en="both changes"),
        "first": Text(ru="только первая", en="the first alone"),
        "last": Text(ru="только последняя", en="the last alone"),
        "none": Text(ru="ни одной", en="neither"),
    },
    why=Text(
        ru="PUT заменяет представление целиком (RFC 9110, 9.3.4), а второе снято до первой правки.",
        en="PUT replaces the whole representation (RFC 9110, 9.3.4), and the second one was read "
        "before the first change.",
    ),
    ideas={
        "both": Text(
            ru="Сервер ничего не сливает: PUT второго несёт заказ целиком, со старым комментарием.",
            en="A server merges nothing: the second PUT carries the whole order, the old comment "
            "with it.",
        ),
        "first": Text(
            ru="Без условия серверу нечем отличить устаревшую запись от свежей: он берёт любую.",
            en="Without a condition the server cannot tell a stale write from a fresh one: it "
            "takes any.",
        ),
    },
)
SECOND = Choice(
    "second-editor",
    Text(
        ru="Что получит второй, если оба шлют If-Match?",
        en="What does the second get when both send If-Match?",
    ),
    {one: Text(ru=one, en=one) for one in ("200", "404", "409", "412")},
    why=Text(
        ru="Условие If-Match не выполнено: 412 (RFC 9110, 13.1.1 и 15.5.13).",
        en="The condition of If-Match does not hold: 412 (RFC 9110, 13.1.1 and 15.5.13).",
    ),
    ideas={
        "409": Text(
            ru="409 — про правила самого ресурса; когда не сошлось условие запроса, ответ — 412.",
            en="409 is about the rules of the resource; where the request's condition fails, it "
            "is 412.",
        ),
        "200": Text(
            ru="If-Match — условие, а не подсказка: не сошлось — метод не выполняется.",
            en="If-Match is a condition and no hint: where it fails, the method is not performed.",
        ),
    },
)
FIVE = Amount(
    "five-editors",
    Text(
        ru="Сколько PUT уйдёт, пока пятеро сохранят свои правки?",
        en="How many PUTs are sent until five have saved their changes?",
    ),
    Unit.COUNT,
    least=0,
    most=1000,
    why=Text(
        ru="В каждом круге ETag сходится у одного, остальные читают заново: 5 + 4 + 3 + 2 + 1.",
        en="In every round the ETag holds for one, the others read again: 5 + 4 + 3 + 2 + 1.",
    ),
    ideas=(
        Idea(
            5,
            5,
            Text(
                ru="Четверо из пяти получат 412 и придут снова.",
                en="Four of the five get 412 and come again.",
            ),
        ),
        Idea(
            6,
            10,
            Text(
                ru="Одного повтора мало: во втором круге снова проходит только один из четырёх.",
                en="One repetition is not enough: of the four, again only one gets through.",
            ),
        ),
    ),
)
PROXY = Choice(
    "proxy-answers",
    Text(
        ru="Что получит клиент от прокси через 30 с?",
        en="What does the client get from the proxy after 30 s?",
    ),
    {
        "201": Text(ru="201", en="201"),
        "202": Text(ru="202", en="202"),
        "504": Text(ru="504", en="504"),
        "reset": Text(ru="разрыв соединения", en="a reset connection"),
    },
    why=Text(
        ru="Прокси не дождался сервиса и отвечает за себя: 504 (RFC 9110, 15.6.5).",
        en="The proxy has not got an answer in time and speaks for itself: 504 (RFC 9110, 15.6.5).",
    ),
    ideas={
        "202": Text(
            ru="202 может сказать только сервис, который принял работу; прокси о ней не знает.",
            en="Only a service that has accepted work can say 202; the proxy knows of none.",
        ),
    },
)
EXPORTS = Amount(
    "exports-made",
    Text(
        ru="Сколько выгрузок сделает сервис, если клиент попробует трижды?",
        en="How many exports does the service make when the client tries three times?",
    ),
    Unit.COUNT,
    least=0,
    most=1000,
    why=Text(
        ru="Каждый POST без ключа — новая работа, и каждая доходит до конца.",
        en="Every POST without a key is new work, and all of it is done to its end.",
    ),
    ideas=(
        Idea(
            0,
            0,
            Text(
                ru="504 ничего не отменяет: прокси перестал ждать, а сервис об этом не узнал.",
                en="A 504 cancels nothing: the proxy has stopped waiting, and the service was not "
                "told.",
            ),
        ),
        Idea(
            1,
            1,
            Text(
                ru="Без Idempotency-Key одинаковые POST — разные: узнать повтор не по чему.",
                en="Without an Idempotency-Key equal POSTs differ: nothing tells a repetition.",
            ),
        ),
    ),
)
WITH_KEY = Amount(
    "answer-with-key",
    Text(
        ru="Когда клиент, который повторяет с тем же ключом, получит выгрузку?",
        en="When does the client that repeats with the same key have its export?",
    ),
    Unit.SECONDS,
    least=0,
    most=3600,
    why=Text(
        ru="Повтор на 30-й секунде присоединяется к начатой работе, а она кончается на 45-й.",
        en="The repetition at 30 s joins the work that was begun, and that ends at 45 s.",
    ),
    ideas=(
        Idea(
            70,
            80,
            Text(
                ru="Повтор с тем же ключом не начинает работу заново: ждать осталось 15 с, не 45.",
                en="A repetition with the same key does not begin anew: 15 s are left, not 45.",
            ),
        ),
        Idea(
            0,
            30,
            Text(
                ru="Раньше 45 с выгрузки просто нет.", en="Before 45 s there is no export at all."
            ),
        ),
    ),
)
REMEDIES = Choices(
    "remedies",
    Text(
        ru="После чего выгрузка у клиента есть и сделана один раз?",
        en="With what does the client have its export, and it is made once?",
    ),
    {
        "longer-timeout": Text(ru="таймаут клиента 120 с", en="a client timeout of 120 s"),
        "more-retries": Text(ru="пять попыток", en="five tries"),
        "same-key": Text(ru="повторы с тем же ключом", en="retries with the same key"),
        "accepted": Text(ru="202 и опрос", en="202 and polling"),
    },
    why=Text(
        ru="Помогает то, что даёт узнать начатую работу: ключ или адрес её состояния.",
        en="What helps is what lets work be known again: a key, or the address of its state.",
    ),
    ideas={
        "longer-timeout": Text(
            ru="Соединение кончается на самом коротком таймауте пути, а это 30 с прокси.",
            en="The shortest timeout on the way ends it, and that is the proxy's 30 s.",
        ),
        "more-retries": Text(
            ru="Каждая попытка начинает новую выгрузку на 45 с, и ни одна не успевает за 30.",
            en="Every try begins a new export of 45 s, and none is ready within 30.",
        ),
        "same-key": Text(
            ru="С тем же ключом повтор дожидается начатой работы.",
            en="With the same key a repetition waits for the work that was begun.",
        ),
        "accepted": Text(
            ru="202 уходит сразу, а о готовности спрашивают по адресу из Location.",
            en="A 202 leaves at once, and the address in Location tells when it is ready.",
        ),
    },
)
QUESTIONS = (WITHOUT, SECOND, FIVE, PROXY, EXPORTS, WITH_KEY, REMEDIES)


@dataclass(frozen=True, slots=True)
class _Edits:
    left: str
    second_status: int
    puts: int


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of one way to ask for an export.

    Attributes:
        statuses: of the answers that the client got, in order.
        made: exports that the service has made in the end.
        had_at_s: when the client had its export; None for never.
    """

    statuses: Sequence[int]
    made: int
    had_at_s: float | None


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def lost_update(case: Case) -> None:
    compare(case, WITHOUT, _edits(case).left)


def second_editor(case: Case) -> None:
    compare(case, SECOND, str(_edits(case).second_status))


def five_editors(case: Case) -> None:
    compare(case, FIVE, _edits(case).puts, _EXACTLY)


def proxy_answers(case: Case) -> None:
    compare(case, PROXY, str(_exports(case)["no-key"].statuses[0]))


def exports_made(case: Case) -> None:
    compare(case, EXPORTS, _exports(case)["no-key"].made, _EXACTLY)


def answer_with_key(case: Case) -> None:
    had_at_s = _exports(case)["same-key"].had_at_s
    if had_at_s is None:
        raise ValueError("with the same key the client never had its export")
    compare(case, WITH_KEY, had_at_s, Within(share=0.05))


def remedies(case: Case) -> None:
    tried = _exports(case)
    good = {
        name
        for name in REMEDIES.options
        if tried[name].made == 1 and tried[name].had_at_s is not None
    }
    compare(case, REMEDIES, good)


# ---- two editors, and five ---------------------------------------------------------------------


def _edits(case: Case) -> _Edits:
    return run_after(case, QUESTIONS, _edit, "edits")


def _edit(_: Case) -> _Edits:
    lab = _lab()
    orders = lab.Orders(lab.Clock())
    with lab.served(lab.handler(orders)) as port:
        anna, boris = (_read(port) for _ in range(2))
        _put(port, {**anna[0], "comment": "leave it at the door"})
        _put(port, {**boris[0], "lines": 2})
        order, _ = _read(port)
        has_first, has_last = order["comment"] != "", order["lines"] == 2
        left = {(1, 1): "both", (1, 0): "first", (0, 1): "last", (0, 0): "none"}
        anna, boris = (_read(port) for _ in range(2))
        _put(port, {**anna[0], "comment": "ring twice"}, anna[1])
        second = _put(port, {**boris[0], "lines": 3}, boris[1])
    return _Edits(left[(has_first, has_last)], second, _puts_of(lab, _EDITORS))


def _puts_of(lab: Any, editors: int) -> int:
    """All of them read, then all of them write at once; whoever gets 412 comes again."""
    orders = lab.Orders(lab.Clock())
    with lab.served(lab.handler(orders)) as port, ThreadPoolExecutor(editors) as pool:
        while editors:
            everybody = threading.Barrier(editors)

            def edit(everybody: threading.Barrier = everybody) -> int:
                order, etag = _read(port)
                everybody.wait()
                return _put(port, {**order, "lines": order["lines"] + 1}, etag)

            statuses = [one.result() for one in [pool.submit(edit) for _ in range(editors)]]
            editors -= statuses.count(200)
    puts: int = orders.puts
    return puts


def _read(port: int) -> tuple[dict[str, Any], str]:
    _, headers, order = _asked(port, "GET", "/orders/1")
    return order, headers["ETag"]


def _put(port: int, order: Mapping[str, Any], if_match: str | None = None) -> int:
    headers = {"If-Match": if_match} if if_match else {}
    return _asked(port, "PUT", "/orders/1", headers, order)[0]


# ---- a proxy that cuts ---------------------------------------------------------------------------


def _exports(case: Case) -> Mapping[str, _Tried]:
    return run_after(case, QUESTIONS, _all_ways, "exports")


def _all_ways(_: Case) -> Mapping[str, _Tried]:
    lab = _lab()
    return {
        "no-key": _tried(lab, _TRIES, {}),
        "longer-timeout": _tried(lab, 1, {}),
        "more-retries": _tried(lab, 5, {}),
        "same-key": _tried(lab, 5, {"Idempotency-Key": "export-of-november"}),
        "accepted": _accepted(lab),
    }


def _tried(lab: Any, tries: int, headers: Mapping[str, str]) -> _Tried:
    """A client that asks again after every 504; its own timeout is longer than the proxy's."""
    clock = lab.Clock()
    orders = lab.Orders(clock)
    statuses: list[int] = []
    had_at_s = None
    with ExitStack() as opened:
        port = _behind_proxy(lab, opened, orders)
        pool = opened.enter_context(ThreadPoolExecutor(1))
        while len(statuses) < tries and 201 not in statuses:
            asked = pool.submit(_asked, port, "POST", "/exports", headers)
            # Only when the service waits for the work does the time go on.
            number = len(statuses) + 1
            clock.wait(lambda number=number: orders.waited >= number)
            statuses.append(_moved_until(clock, orders, asked)[0])
        if 201 in statuses:
            had_at_s = clock.now
        clock.move_to(_GIVES_UP_AFTER_S)
        made = orders.done
    return _Tried(statuses, made, had_at_s)


def _moved_until(clock: Any, orders: Any, asked: "Future[Any]") -> Any:
    """The answer; time goes on to whatever comes next: the end of the work, or the proxy's cut."""
    lab = _lab()
    cut_at = clock.now + lab.PROXY_CUTS_AFTER_S
    ends = [one.ends for one in orders.exports if clock.now < one.ends]
    # The export that this request waits for: the last one, as a key leads to the only one.
    clock.move_to(min(cut_at, ends[-1]))
    return asked.result(timeout=20)


def _accepted(lab: Any) -> _Tried:
    clock = lab.Clock()
    orders = lab.Orders(clock)
    had_at_s = None
    with ExitStack() as opened:
        port = _behind_proxy(lab, opened, orders)
        headers = {"Prefer": "respond-async"}
        status, told, _ = _asked(port, "POST", "/exports", headers)
        while had_at_s is None and clock.now < _GIVES_UP_AFTER_S:
            clock.move_to(clock.now + _POLLS_EVERY_S)
            if _asked(port, "GET", told["Location"])[2]["ready"]:
                had_at_s = clock.now
        clock.move_to(_GIVES_UP_AFTER_S)
        made = orders.done
    return _Tried([status], made, had_at_s)


def _behind_proxy(lab: Any, opened: ExitStack, orders: Any) -> int:
    service = opened.enter_context(lab.served(lab.handler(orders)))
    port: int = opened.enter_context(lab.served(lab.proxy(orders.clock, service)))
    # Whoever waits still is let go at the end.
    opened.callback(orders.clock.move_to, _GIVES_UP_AFTER_S)
    return port


def _asked(
    port: int,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: object = None,
) -> tuple[int, Mapping[str, str], Any]:
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    content = json.dumps(body or {}) if method != "GET" else None
    try:
        line.request(method, path, content, {**(headers or {}), "Connection": "close"})
        answer = line.getresponse()
        return answer.status, dict(answer.headers), json.loads(answer.read() or b"{}")
    finally:
        line.close()


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_two_editors_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
