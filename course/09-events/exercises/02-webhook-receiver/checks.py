"""Sends signed webhooks as a sender of Standard Webhooks does, and as a network and a forger do."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from stend.course.case import Case

_TIMEOUT_S = 5.0
# Only a wrong receiver is waited for so long: a right one is read as soon as it is there.
_SETTLES_WITHIN_S, _SETTLES_AGAIN_S = 3.0, 0.5
_LOOK_EVERY_S = 0.005
_AT_ONCE = 30
_STATUSES = ("placed", "paid", "packed", "on_the_way", "delivered")
# A minute away from the five of the promise, so no slow machine moves a message over the edge.
_FRESH_S, _STALE_S = 240, 360


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One delivery of a message: a repetition has the same id, and a time and a signature anew."""

    message_id: str
    timestamp: str
    body: bytes
    signature: str

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "webhook-id": self.message_id,
            "webhook-timestamp": self.timestamp,
            "webhook-signature": self.signature,
            "Content-Type": "application/json",
        }


class _Source:
    """The shop that knows the truth. It can be silent, fail, and answer late."""

    def __init__(self) -> None:
        self.truth: dict[str, dict[str, Any]] = {}
        self.speaks = threading.Event()
        self.speaks.set()
        self.failures: list[str] = []
        self.asked = threading.Semaphore(0)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "_Source":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.speaks.set()
        self._server.shutdown()
        self._server.socket.close()


def _handler(source: _Source) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # What is answered is what was true when it was asked, however late the answer is.
            state = dict(source.truth.get(self.path.removeprefix("/orders/"), {}))
            failure = source.failures.pop(0) if source.failures else None
            source.asked.release()
            source.speaks.wait(_TIMEOUT_S * 2)
            if failure == "broken":
                self.close_connection = True
                return
            body = json.dumps(state).encode()
            self.send_response(503 if failure else 200 if state else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


def receives(case: Case) -> None:
    order, status = _order(case), case.dice.choice(_STATUSES)
    _taken(case, _signed(case, _status_of(order, 1, status)), "order.status")
    _expect_state(case, order, (1, status, 0))
    points = case.dice.randint(1, 500)
    _taken(case, _signed(case, _points_of(order, points)), "points.earned")
    _expect_state(case, order, (1, status, points))
    _source(case).truth[order] = {"order_id": order, "version": 2, "status": "cancelled"}
    _taken(case, _signed(case, _changed(order)), "order.changed")
    _expect_state(case, order, (2, "cancelled", points))
    unknown, _ = _asked(case, case.word())
    ru, en = "О заказе не было ни одного события", "No event has told of the order"
    _expect_status(case, unknown, 404, ru, en)


def signature(case: Case) -> None:
    order = _order(case)
    genuine = _signed(case, _points_of(order, 10))
    for ru, en, forged in _forged(case, genuine, order):
        _refused(case, forged, ru, en, order)
    # What was refused has not come: the real message may follow.
    _taken(case, genuine, "points.earned")
    ru = "После подделок пришло настоящее сообщение с тем же webhook-id."
    en = "After forgeries the real message came, with the same webhook-id."
    _expect_state(case, order, (0, None, 10), ru, en)


def raw_bytes(case: Case) -> None:
    order = _order(case)
    odd = json.dumps({"data": {"points": 5, "order_id": order}, "note": "Ёжик №5"}, indent=3)
    text = odd.replace("{", '{ "type" :  "points.earned" ,', 1) + "\n"
    _taken(case, _signed_bytes(case, text.encode(), case.word()), "points.earned")
    escaped = json.dumps({**_points_of(order, 5), "note": "Ёжик"}, ensure_ascii=True)
    _taken(case, _signed_bytes(case, escaped.encode(), case.word()), "points.earned")
    for points, before, after in ((7, "{0} ", ""), (8, "v1a,{1} ", " {0}")):
        attempt = _signed(case, _points_of(order, points))
        other = _signature(b"the key before", attempt.message_id, attempt.timestamp, attempt.body)
        several = (before + attempt.signature + after).format(other, case.word(40))
        _taken(case, replace(attempt, signature=several), "points.earned")
    _expect_state(case, order, (0, None, 25))


def stale(case: Case) -> None:
    order = _order(case)
    points = _points_of(order, 10)
    for shift_s in (-_STALE_S, -7200, -7 * 86_400, _STALE_S, 86_400):
        ru = f"подпись верна, а времени сообщению {-shift_s} с"
        en = f"the signature is right, and the message is {-shift_s} s old"
        _refused(case, _signed(case, points, shift_s=shift_s), ru, en, order)
    for word in ("", "yesterday", "-1", "1e9", "nan"):
        bad = _signed_bytes(case, json.dumps(points).encode(), case.word(), word)
        ru = f"подпись верна, а webhook-timestamp — «{word}»"
        en = f'the signature is right, and webhook-timestamp is "{word}"'
        _refused(case, bad, ru, en, order)
    for number, shift_s in ((11, -_FRESH_S), (12, _FRESH_S)):
        fresh = _signed(case, _points_of(order, number), shift_s=shift_s)
        _taken(case, fresh, f"{-shift_s} s")
    _expect_state(case, order, (0, None, 23))


def duplicates(case: Case) -> None:
    order = _order(case)
    body, once = _points_of(order, 10), case.word()
    for shift_s in (-90, -30, 0):
        _taken(case, _signed(case, body, once, shift_s), "points.earned")
    ru = "Одно сообщение доставлено трижды, каждый раз с новым временем и новой подписью."
    en = "One message was delivered three times, each with a new time and a new signature."
    _expect_state(case, order, (0, None, 10), ru, en)
    _taken(case, _signed(case, body), "points.earned")
    ru = "Пришли два разных сообщения с одинаковым телом: это два события."
    en = "Two different messages came with equal bodies: these are two events."
    _expect_state(case, order, (0, None, 20), ru, en)
    together = _signed(case, body)
    _at_once(lambda: _send(case, together))
    _taken(case, _signed(case, _points_of(order, 1)), "points.earned")
    ru = f"Одно сообщение пришло {_AT_ONCE} раз одновременно."
    en = f"One message came {_AT_ONCE} times at once."
    _expect_state(case, order, (0, None, 31), ru, en)


def order(case: Case) -> None:
    mine, other = _order(case), _order(case)
    _taken(case, _signed(case, _status_of(other, 9, "cancelled")), "order.status")
    for version in (3, 5, 4, 2, 1):
        attempt = _signed(case, _status_of(mine, version, _STATUSES[version - 1]))
        _taken(case, attempt, "order.status")
    ru = "События одного заказа пришли как 3, 5, 4, 2, 1."
    en = "The events of one order came as 3, 5, 4, 2, 1."
    _expect_state(case, mine, (5, "delivered", 0), ru, en)
    _expect_state(case, other, (9, "cancelled", 0))


def answers_first(case: Case) -> None:
    source, orders = _source(case), [_order(case) for _ in range(20)]
    for one in orders:
        source.truth[one] = {"order_id": one, "version": 1, "status": "placed"}
    source.speaks.clear()
    try:
        for one in orders:
            _taken(case, _signed(case, _changed(one)), "order.changed")
        _taken(case, _signed(case, _points_of(orders[0], 1)), "points.earned")
    finally:
        source.speaks.set()
    ru = "Магазин заговорил снова, а ответ 2xx уже дан: повторять отправитель не станет."
    en = "The shop speaks again, and the 2xx has been given: the sender will not repeat."
    for one in orders:
        _expect_state(case, one, (1, "placed", int(one == orders[0])), ru, en)


def late_read(case: Case) -> None:
    source, mine = _source(case), _order(case)
    source.truth[mine] = {"order_id": mine, "version": 2, "status": "paid"}
    source.asked = threading.Semaphore(0)
    source.speaks.clear()
    try:
        _taken(case, _signed(case, _changed(mine)), "order.changed")
        source.asked.acquire(timeout=_SETTLES_WITHIN_S)
        _taken(case, _signed(case, _status_of(mine, 3, "packed")), "order.status")
    finally:
        source.speaks.set()
    # Each of these is asked for after the late answer, and takes as many steps as it did.
    for _ in range(5):
        behind = _order(case)
        source.truth[behind] = {"order_id": behind, "version": 1, "status": "placed"}
        _taken(case, _signed(case, _changed(behind)), "order.changed")
        _expect_state(case, behind, (1, "placed", 0))
    ru = "Ответ магазина с версией 2 пришёл, когда событие с версией 3 уже было применено."
    en = "The shop's answer with version 2 came when the event with version 3 was applied already."
    _expect_state(case, mine, (3, "packed", 0), ru, en)


def source_fails(case: Case) -> None:
    source = _source(case)
    for failure, ru, en in (
        ("503", "ответил 503", "answered 503"),
        ("broken", "оборвал соединение", "broke the connection"),
    ):
        mine = _order(case)
        source.truth[mine] = {"order_id": mine, "version": 1, "status": "placed"}
        source.failures = [failure]
        _taken(case, _signed(case, _changed(mine)), "order.changed")
        said_ru = f"На первый GET /orders/… магазин {ru}, а 2xx на вебхук уже дан."
        said_en = f"To the first GET /orders/… the shop {en}, and the webhook has had its 2xx."
        _expect_state(case, mine, (1, "placed", 0), said_ru, said_en)


def strangers(case: Case) -> None:
    mine = _order(case)
    unknown = {**_points_of(mine, 3), "type": f"order.{case.word()}"}
    _taken(case, _signed(case, unknown), unknown["type"])
    data = {"order_id": mine, "points": 4, case.word(): None}
    more = {"type": "points.earned", "data": data, case.word(): [1]}
    _taken(case, _signed(case, more), "points.earned")
    for body in (b"{", b"", b"[]", b'"points.earned"'):
        answer = _send(case, _signed_bytes(case, body, case.word()))
        ru, en = "Подписано, но не объект JSON", "It is signed, and no JSON object"
        _expect_status(case, answer, 400, ru, en, repr(body))
    _expect_state(case, mine, (0, None, 4))


def schedule(case: Case) -> None:
    source = _source(case)
    wanted: dict[str, list[Any]] = {_order(case): [0, None, 0] for _ in range(6)}
    attempts: list[_Attempt] = []
    for one, state in wanted.items():
        attempts += _history(case, source, one, state)
    case.dice.shuffle(attempts)
    # Points of the beginning come once more at the end.
    attempts += [one for one in attempts[:30] if b"points.earned" in one.body][:10]
    half = len(attempts) // 2
    for attempt in attempts[:half]:
        _send(case, attempt)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: _send(case, one), attempts[half:]))
    ru = f"{len(attempts)} доставок с повторами, перестановками и подделками закончились."
    en = f"{len(attempts)} deliveries, some repeated, reordered and forged, are over."
    for one, (version, status, points) in wanted.items():
        _expect_state(case, one, (version, status, points), ru, en)


def _history(case: Case, source: _Source, order: str, state: list[Any]) -> Iterator[_Attempt]:
    """What is sent about one order; `state` becomes what has to be known at the end."""
    last = case.dice.randint(3, 5)
    source.truth[order] = {"order_id": order, "version": last, "status": _STATUSES[last - 1]}
    bodies = [_status_of(order, number, _STATUSES[number - 1]) for number in range(1, last)]
    bodies.append(_changed(order))
    earned = [case.dice.randint(1, 50) for _ in range(3)]
    bodies += [_points_of(order, points) for points in earned]
    for body in bodies:
        message_id = case.word()
        for _ in range(case.dice.randint(1, 3)):
            yield _signed(case, body, message_id, -case.dice.randint(0, _FRESH_S))
    forged = _signed(case, _points_of(order, 1000))
    yield replace(forged, body=forged.body + b" ")
    yield _signed(case, _status_of(order, 9, "cancelled"), shift_s=-_STALE_S)
    state[:] = last, _STATUSES[last - 1], sum(earned)


# ---- messages ------------------------------------------------------------------------------------


def _order(case: Case) -> str:
    return f"ord_{case.word()}"


def _status_of(order: str, version: int, status: str) -> dict[str, Any]:
    data = {"order_id": order, "version": version, "status": status}
    return {"type": "order.status", "data": data}


def _points_of(order: str, points: int) -> dict[str, Any]:
    return {"type": "points.earned", "data": {"order_id": order, "points": points}}


def _changed(order: str) -> dict[str, Any]:
    return {"type": "order.changed", "data": {"order_id": order}}


def _signed(
    case: Case, body: Mapping[str, Any], message_id: str | None = None, shift_s: int = 0
) -> _Attempt:
    content = json.dumps(body, ensure_ascii=False).encode()
    return _signed_bytes(case, content, message_id or f"msg_{case.word()}", _moment(shift_s))


def _signed_bytes(
    case: Case, body: bytes, message_id: str, timestamp: str | None = None
) -> _Attempt:
    moment = _moment(0) if timestamp is None else timestamp
    return _Attempt(message_id, moment, body, _signature(_key(case), message_id, moment, body))


def _moment(shift_s: int) -> str:
    # The receiver holds it against the clock of the system, and there is no other.
    return str(int(time.time()) + shift_s)  # noqa: TID251


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _forged(case: Case, genuine: _Attempt, order: str) -> Sequence[tuple[str, str, _Attempt]]:
    changed = partial(replace, genuine)
    other = json.dumps(_points_of(order, 9999)).encode()
    strange = _signature(case.word().encode(), genuine.message_id, genuine.timestamp, genuine.body)
    older = str(int(genuine.timestamp) - 1)
    right = genuine.signature.removeprefix("v1,")
    return (
        ("подпись чужим ключом", "signed with another key", changed(signature=strange)),
        ("тело подменено", "the body was replaced", changed(body=other)),
        ("к телу добавлен пробел", "a space was added", changed(body=genuine.body + b" ")),
        ("подменён webhook-id", "webhook-id was replaced", changed(message_id=case.word())),
        ("подменён webhook-timestamp", "webhook-timestamp was replaced", changed(timestamp=older)),
        ("подписи нет", "there is no signature", changed(signature="")),
        ("подпись оборвана", "the signature is cut", changed(signature=genuine.signature[:-6])),
        ("у подписи другая версия", "another version", changed(signature=f"v2,{right}")),
        ("подпись не ASCII", "the signature is no ASCII", changed(signature="v1,þáíéó")),
    )


def _key(case: Case) -> bytes:
    return case.once("key", lambda: case.word(24).encode())


# ---- the wire ------------------------------------------------------------------------------------


def _client(case: Case) -> httpx.Client:
    return case.once("client", lambda: case.opened(_opened(case)))


def _opened(case: Case) -> httpx.Client:
    secret = "whsec_" + base64.b64encode(_key(case)).decode()
    given = {"WEBHOOK_SECRET": secret, "SOURCE_URL": _source(case).url}
    # A connection each: one that is kept may be closed by the other side just when it is used.
    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=0)
    url = case.service(given)
    return httpx.Client(base_url=url, timeout=_TIMEOUT_S, trust_env=False, limits=limits)


def _source(case: Case) -> _Source:
    return case.once("source", lambda: case.opened(_Source()))


def _send(case: Case, attempt: _Attempt) -> httpx.Response:
    headers = {name.encode(): value.encode("latin-1") for name, value in attempt.headers.items()}
    post = partial(_client(case).post, "/webhooks", content=attempt.body, headers=headers)
    return _answered(case, post, _shown(attempt))


def _asked(case: Case, order: str) -> tuple[httpx.Response, Any]:
    """The answer, and what it says of the order; None where it says nothing."""
    path = f"/orders/{order}"
    answer = _answered(case, partial(_client(case).get, path), f"GET {path} HTTP/1.1")
    with contextlib.suppress(ValueError):
        return answer, answer.json() if answer.status_code == httpx.codes.OK else None
    return answer, None


def _answered(case: Case, ask: Callable[[], httpx.Response], sent: str) -> httpx.Response:
    try:
        return ask()
    except httpx.TransportError as error:
        case.check_alive()
        is_silent = not _source(case).speaks.is_set()
        ru = "Магазин молчит, и приёмник молчит вместе с ним: сначала ответ, потом вопросы."
        en = "The shop is silent, and so is the receiver: first the answer, then the questions."
        case.fail(
            ru if is_silent else "Приёмник ничего не ответил.",
            en if is_silent else "The receiver has not answered.",
            expected="HTTP/1.1 …",
            got=f"{sent}\n\n{type(error).__name__}: {error}",
        )


def _taken(case: Case, attempt: _Attempt, what: str) -> None:
    answer = _send(case, attempt)
    if not answer.is_success:
        case.fail(
            f"Настоящий вебхук ({what}) получил {answer.status_code}, и отправитель будет его "
            "повторять.",
            f"A genuine webhook ({what}) got {answer.status_code}, and its sender will repeat it.",
            expected="2xx",
            got=f"{_shown(attempt)}\n\n{_told(answer)}",
        )


def _refused(case: Case, attempt: _Attempt, ru: str, en: str, order: str) -> None:
    answer = _send(case, attempt)
    told, known = _asked(case, order)
    ru_told, en_told = f"Такой вебхук — не от магазина: {ru}", f"It is not from the shop: {en}"
    _expect_status(case, answer, 401, ru_told, en_told, _shown(attempt))
    if isinstance(known, dict) and known.get("points"):
        case.fail(
            f"Вебхук получил 401 ({ru}) и всё-таки применён.",
            f"A webhook got a 401 ({en}) and was applied all the same.",
            expected='"points": 0',
            got=_told(told),
        )


def _expect_status(
    case: Case, answer: httpx.Response, status: int, ru: str, en: str, sent: str = ""
) -> None:
    if answer.status_code != status:
        case.fail(
            f"{ru}. Обещан ответ {status}, а пришёл {answer.status_code}.",
            f"{en}. The promise is a {status}, and the answer is {answer.status_code}.",
            expected=str(status),
            got=f"{sent}\n\n{_told(answer)}".strip(),
        )


def _expect_state(
    case: Case, order: str, state: tuple[int, str | None, int], ru: str = "", en: str = ""
) -> None:
    version, status, points = state
    wanted = {"order_id": order, "version": version, "status": status, "points": points}
    answer, got = _settled(case, order, wanted)
    if got != wanted:
        case.once("misses", list[str]).append(order)
        case.fail(
            f"{ru} Состояние заказа у приёмника — не то, что у магазина.".strip(),
            f"{en} The order as the receiver knows it is not what the shop says.".strip(),
            expected=wanted,
            got=got or _told(answer),
        )


def _settled(case: Case, order: str, wanted: Mapping[str, Any]) -> tuple[httpx.Response, Any]:
    # What has not come once is not waited for so long again: the verdict is there already.
    misses = case.once("misses", list[str])
    ends = time.monotonic() + (_SETTLES_AGAIN_S if misses else _SETTLES_WITHIN_S)
    while True:
        answer, got = _asked(case, order)
        # Points only grow: more than wanted will never become right.
        points = got.get("points") if isinstance(got, dict) else None
        is_too_much = isinstance(points, int) and points > wanted["points"]
        if got == wanted or is_too_much or time.monotonic() > ends:
            return answer, got
        threading.Event().wait(_LOOK_EVERY_S)


def _at_once(send: Callable[[], object]) -> None:
    gate = threading.Barrier(_AT_ONCE)

    def one(_: int) -> None:
        gate.wait(_TIMEOUT_S)
        send()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(one, range(_AT_ONCE)))


def _shown(attempt: _Attempt) -> str:
    lines = [f"{name}: {value}" for name, value in attempt.headers.items()]
    body = attempt.body.decode("utf-8", "replace")
    return "\n".join(["POST /webhooks HTTP/1.1", *lines, "", body])


def _told(answer: httpx.Response) -> str:
    return f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\n\n{answer.text}"
