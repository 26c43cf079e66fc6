"""Runs the learner's client against a front door of the stand that can lose answers."""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stend.course.case import Case
from stend.course.sandbox.script import Finished
from stend.course.stand import Stand, StandTimeoutError
from stend.course.traces import Trace

_FILE = "place.py"
_PATH = "/api/v1/orders"
_MOST_TRIES = 5
# Who asks more often than this is told to stop, so that the check ends.
_MOST_ASKED = 12
# Far beyond the two seconds that are promised: a slow machine is no mistake.
_SILENT_S = 9.0
# The saga rests between its steps, and takes them when the stand finds the time.
_STORY_WITHIN_S = 30.0
_TRACE = re.compile(r"[0-9a-f]{32}")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_PASSED_ON = ("content-type", "idempotency-key", "traceparent", "tracestate")
_SKUS = [f"{kind}-{number:03}" for kind in ("GROC", "DRNK", "MILK") for number in range(1, 6)]
_HOPS = (
    ("client", "orders", None),
    ("rabbitmq", "stock", "amqp"),
    ("orders", "payments", "soap"),
    ("orders", "loyalty", "jsonrpc"),
    ("orders", "delivery", "grpc"),
    ("kafka", "analytics", "kafka"),
)


class Step(Enum):
    """What the door does with a request that the shop is to have."""

    FORWARD = "the answer comes back"
    LOSE = "the answer is lost, the connection is closed"
    SILENT = "nothing comes back"


@dataclass(frozen=True)
class Answer:
    """What the door says by itself; the shop hears of nothing."""

    status: int
    code: str

    @property
    def body(self) -> bytes:
        told = {"title": "No", "status": self.status, "code": self.code, "detail": "No."}
        return json.dumps(told).encode()


@dataclass(frozen=True)
class Asked:
    """A request, and the order that the shop has made of it."""

    target: str
    headers: Mapping[str, str]
    body: bytes
    order_id: str | None


@dataclass
class Seen:
    """What has come to the door.

    Attributes:
        was_outwaited: it was silent, and has ended the silence itself.
    """

    asked: list[Asked]
    was_outwaited: bool = False


@dataclass(frozen=True)
class Run:
    finished: Finished
    asked: Sequence[Asked]
    was_outwaited: bool

    @property
    def told(self) -> str:
        return f"exit code {self.finished.code}, stdout: {self.finished.text[:300]!r}"


@dataclass(frozen=True)
class Printed:
    order_id: str
    trace_id: str


def places(case: Case) -> None:
    order = _order(case)
    run = _run(case, order, Step.FORWARD)
    run.finished.succeeded()
    printed = _printed(case, run)
    _sent_as_is(case, order, run)
    if printed.order_id != run.asked[-1].order_id:
        case.fail(
            "Напечатан не тот order_id, который был в ответе магазина.",
            "The printed order_id is not the one in the shop's answer.",
            expected=run.asked[-1].order_id,
            got=printed.order_id,
        )


def repeats(case: Case) -> None:
    run = _unlucky(case)
    if len(run.asked) == 1:
        case.fail(
            "Ответ на первую попытку потерялся, и программа сдалась. Заказ между тем мог "
            "появиться: надо повторить.",
            "The answer to the first try was lost, and the program gave up. The order may be there "
            "all the same: it has to ask again.",
            expected="3 requests",
            got=f"1 request, {run.told}\n{run.finished.stderr[-300:]}",
        )
    if len(run.asked) == 2:
        case.fail(
            "На 503 программа не повторила запрос, а 503 — это «не сейчас».",
            'The program did not repeat the request after a 503, and a 503 says "not now".',
            expected="3 requests",
            got=f"2 requests, {run.told}\n{run.finished.stderr[-300:]}",
        )
    run.finished.succeeded()
    _printed(case, run)


def one_order(case: Case) -> None:
    run, order = _unlucky(case), _twice(case)
    printed = _printed(case, run)
    keys = {one.headers.get("idempotency-key", "–") for one in run.asked}
    if len(keys) > 1:
        case.fail(
            "У каждой попытки свой Idempotency-Key: магазин принял повтор за новый заказ.",
            "Every try has an Idempotency-Key of its own: the shop took a repetition for a new "
            "order.",
            expected="one key for all tries",
            got=sorted(keys),
        )
    if printed.order_id != run.asked[0].order_id:
        case.fail(
            "Первая попытка заказ создала, а напечатан номер другого.",
            "The first try made an order, and the id of another one is printed.",
            expected=run.asked[0].order_id,
            got=printed.order_id,
        )
    again = _run(case, order, Step.FORWARD)
    if _printed(case, again).order_id == printed.order_id:
        case.fail(
            "Программу запустили дважды с одинаковым заказом, а магазин увидел один: ключ не "
            "новый для каждого запуска. Купить молоко два дня подряд — не повтор.",
            "The program was run twice with equal orders, and the shop has seen one: the key is "
            "not new in each run. To buy milk on two days is no repetition.",
            expected="two orders",
            got=printed.order_id,
        )
    made = _orders_of(case, order) - case.once("before", frozenset[str])
    if len(made) != 2:
        case.fail(
            f"Запусков было два, а заказов у покупателя прибавилось {len(made)}.",
            f"There were two runs, and the customer has {len(made)} orders more.",
            expected="2",
            got=sorted(made),
        )


def refusal(case: Case) -> None:
    for status in (409, 422):
        code = case.word()
        run = _run(case, _order(case), Answer(status, code))
        if len(run.asked) > 1:
            case.fail(
                f"Магазин отказал ({status}), а программа спросила ещё раз: от повтора отказ не "
                "станет согласием.",
                f"The shop refused ({status}), and the program asked again: no repetition turns a "
                "refusal into a yes.",
                expected="1 request",
                got=f"{len(run.asked)} requests",
            )
        _ended_badly(case, run, f"ответа {status}", f"the answer {status}")
        if code not in run.finished.stderr:
            case.fail(
                f"Магазин отказал с code={code}, а в stderr его нет: почему нет заказа, никто не "
                "узнает.",
                f"The shop refused with code={code}, and stderr does not have it: nobody learns "
                "why there is no order.",
                expected=code,
                got=run.finished.stderr[-300:] or "(empty)",
            )


def gives_up(case: Case) -> None:
    run = _run(case, _order(case), Answer(503, "unavailable"))
    if not 2 <= len(run.asked) <= _MOST_TRIES:
        asked = f"{len(run.asked)}+" if len(run.asked) > _MOST_ASKED else str(len(run.asked))
        case.fail(
            f"Магазин на всё отвечал 503. Попыток было {asked}, а обещано от двух до "
            f"{_MOST_TRIES}.",
            f"The shop answered everything with a 503. There were {asked} tries; promised are two "
            f"to {_MOST_TRIES}.",
            expected=f"2 … {_MOST_TRIES}",
            got=asked,
        )
    _ended_badly(case, run, "одних только 503", "nothing but 503")


def traced(case: Case) -> None:
    run = _unlucky(case)
    printed = _printed(case, run)
    for one in run.asked:
        _check_traceparent(case, one.headers.get("traceparent"), printed.trace_id)
    stand = _stand(case)
    try:
        trace = stand.trace(printed.order_id, until=_is_whole, within_s=_STORY_WITHIN_S)
    except StandTimeoutError as late:
        if late.trace is None or late.trace.trace_id == printed.trace_id:
            raise
        trace = late.trace
    if trace.trace_id != printed.trace_id:
        case.fail(
            "По напечатанному номеру истории заказа нет: он прошёл под другой трассой.",
            "The printed id leads to no story of the order: it went under another trace.",
            expected=trace.trace_id,
            got=printed.trace_id,
        )


def patience(case: Case) -> None:
    run = _run(case, _order(case), Step.SILENT, Step.FORWARD)
    if run.was_outwaited:
        case.fail(
            f"Магазин принял запрос и молчал {_SILENT_S:g} секунд, а программа всё ждала: у "
            "попытки нет таймаута.",
            f"The shop took the request and was silent for {_SILENT_S:g} seconds, and the program "
            "went on waiting: its try has no timeout.",
            expected="2 s",
            got=f"> {_SILENT_S:g} s",
        )
    run.finished.succeeded()


def _order(case: Case) -> dict[str, Any]:
    skus = list(_SKUS)
    case.dice.shuffle(skus)
    lines = [
        {"sku": sku, "quantity": case.dice.randint(1, 3)} for sku in skus[: case.dice.randint(1, 3)]
    ]
    house = str(case.dice.randint(1, 99))
    address = {"city": "Москва", "street": f"улица {case.word()}", "house": house}
    return {"customer_id": f"cus_{case.word()}", "lines": lines, "address": address}


def _twice(case: Case) -> dict[str, Any]:
    """An order that is placed in two runs."""
    return case.once("order", lambda: _order(case))


def _unlucky(case: Case) -> Run:
    """The first answer is lost on its way, the second is a 503, the third arrives."""
    steps = (Step.LOSE, Answer(503, "unavailable"), Step.FORWARD)
    case.once("before", lambda: _orders_of(case, _twice(case)))
    return case.once("unlucky", lambda: _run(case, _twice(case), *steps))


def _orders_of(case: Case, order: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the customer's orders, the newest hundred."""
    query = {"customer_id": order["customer_id"], "limit": 100}
    page = _stand(case).http.get(_PATH, params=query).raise_for_status().json()
    return frozenset(one["order_id"] for one in page["items"])


def _run(case: Case, order: Mapping[str, Any], *steps: Step | Answer) -> Run:
    """One run of the program; the last step is taken again for whoever goes on asking."""
    with _door(_stand(case), steps) as (url, seen):
        stdin = json.dumps(order, ensure_ascii=False).encode()
        finished = case.script(_FILE, stdin=stdin, environment={"STEND_URL": url})
    if not seen.asked:
        finished.succeeded()
        case.fail(
            "Программа закончилась, а в магазин так и не обратилась.",
            "The program has ended and has not asked the shop for anything.",
            expected=f"POST $STEND_URL{_PATH}",
            got=f"stdout: {finished.text[:300]!r}",
        )
    return Run(finished, tuple(seen.asked), seen.was_outwaited)


def _stand(case: Case) -> Stand:
    return case.stand


@contextmanager
def _door(stand: Stand, steps: Sequence[Step | Answer]) -> Iterator[tuple[str, Seen]]:
    """An address of the shop. Yields it, and what comes there."""
    seen = Seen([])
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            step = steps[min(len(seen.asked), len(steps) - 1)]
            if len(seen.asked) >= _MOST_ASKED:
                step = Answer(409, "asked-too-often")
            status, answer = self.performed(step, headers, body)
            order_id = json.loads(answer).get("order_id") if status == 201 else None
            seen.asked.append(Asked(self.path, headers, body, order_id))
            if step is Step.SILENT:
                seen.was_outwaited = not closing.wait(_SILENT_S)
            if step in (Step.SILENT, Step.LOSE):
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def performed(
            self, step: Step | Answer, headers: Mapping[str, str], body: bytes
        ) -> tuple[int, bytes]:
            if isinstance(step, Answer):
                return step.status, step.body
            passed = {name: headers[name] for name in _PASSED_ON if name in headers}
            told = stand.http.post(self.path, content=body, headers=passed)
            return told.status_code, told.content

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Nothing: what was asked is kept."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", seen
        finally:
            closing.set()
            server.shutdown()


def _printed(case: Case, run: Run) -> Printed:
    """The line of JSON, and nothing else."""
    promised = '{"order_id": "ord_…", "trace_id": "…"}'
    lines = run.finished.text.strip().splitlines()
    try:
        told = json.loads(lines[0]) if len(lines) == 1 else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or set(told) != {"order_id", "trace_id"}:
        case.fail(
            "В stdout должна быть одна строка JSON с полями order_id и trace_id и больше ничего.",
            "Stdout has to be one line of JSON with the members order_id and trace_id, and nothing "
            "else.",
            expected=promised,
            got=run.finished.text[:600] or "(empty)",
        )
    trace = told["trace_id"]
    if not isinstance(trace, str) or not _TRACE.fullmatch(trace):
        case.fail(
            "trace_id — это 32 шестнадцатеричные цифры в нижнем регистре, а не заголовок целиком.",
            "A trace_id is 32 hexadecimal digits in lower case, and not the whole header.",
            expected="4bf92f3577b34da6a3ce929d0e0e4736",
            got=trace,
        )
    return Printed(str(told["order_id"]), trace)


def _sent_as_is(case: Case, order: Mapping[str, Any], run: Run) -> None:
    try:
        sent = json.loads(run.asked[-1].body)
    except ValueError:
        sent = None
    last = run.asked[-1]
    if sent != order or last.target != _PATH:
        case.fail(
            "В магазин ушёл не тот заказ, который был в stdin.",
            "The order that went to the shop is not the one on stdin.",
            expected=order,
            got=f"POST {last.target}\n{last.body[:600].decode('utf-8', 'replace')}",
        )


def _ended_badly(case: Case, run: Run, ru: str, en: str) -> None:
    if run.finished.code == 0 or run.finished.text.strip():
        case.fail(
            f"После {ru} заказа нет, значит stdout пуст, а код выхода не 0: по нему судит тот, кто "
            "программу запустил.",
            f"After {en} there is no order, so stdout is empty and the exit code is not 0: whoever "
            "has started the program goes by it.",
            expected="stdout: '', exit code not 0",
            got=run.told,
        )


def _check_traceparent(case: Case, header: str | None, printed: str) -> None:
    found = _TRACEPARENT.fullmatch(header or "")
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        case.fail(
            "В запросе нет заголовка traceparent, каким его описывает W3C Trace Context.",
            "The request has no traceparent header as W3C Trace Context tells it.",
            expected="traceparent: 00-<32 hex digits>-<16 hex digits>-01",
            got=f"traceparent: {header}",
        )
    if not int(found[3], 16) & 1:
        case.fail(
            "Флаг 00 в traceparent просит не записывать эту трассу: нужно 01.",
            "The flags 00 in traceparent ask for the trace not to be recorded: 01 is needed.",
            expected=f"00-{found[1]}-{found[2]}-01",
            got=header,
        )
    if found[1] != printed:
        case.fail(
            "Попытка ушла с другим номером трассы, чем напечатан: одна работа — одна трасса.",
            "A try went out with another trace id than is printed: one piece of work, one trace.",
            expected=printed,
            got=found[1],
        )


def _is_whole(trace: Trace) -> bool:
    """Every service has taken its part, over the protocol that is its own."""
    return all(
        any(protocol in {None, one.protocol} for one in trace.between(source, target))
        for source, target, protocol in _HOPS
    )
